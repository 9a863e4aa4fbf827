"""A webhook event as LINE describes it: where it came from, and what of it is for us."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from listener import wire


class EventKind(StrEnum):
    """Events that are kept; all others (join, leave, postback, and what is yet to come) are passed over."""

    MESSAGE = "message"
    UNSEND = "unsend"
    FOLLOW = "follow"
    UNFOLLOW = "unfollow"


class SourceKind(StrEnum):
    """Where people write."""

    USER = "user"
    GROUP = "group"
    ROOM = "room"
    """A chat of several people without a name."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """A chat, and who wrote in it."""

    kind: SourceKind
    chat_id: str
    """Whom a message is sent to: the person, the group or the room."""
    user_id: str
    """Empty where the person has not agreed that accounts learn it (old PC-only accounts)."""


@dataclass(frozen=True, kw_only=True)
class Event:
    """One event that we keep. ``body`` is all of it."""

    kind: EventKind
    source: Source
    occurred_at: datetime
    body: object


def read_event(text: str) -> Event | None:
    """Return the event in a parcel; None when it cannot be read."""
    try:
        body: object = json.loads(text)
    except (ValueError, RecursionError):
        return None
    kind, source = wire.text(body, "type"), _read_source(wire.part(body, "source"))
    occurred_at = _read_moment(wire.whole(body, "timestamp"))
    if kind not in set(EventKind) or source is None or occurred_at is None:
        return None
    return Event(kind=EventKind(kind), source=source, occurred_at=occurred_at, body=body)


def unsent_ids(events: Iterable[Event]) -> set[str]:
    """Return the messages that their authors took back."""
    found = {wire.text(event.body, "unsend", "messageId") for event in events if event.kind is EventKind.UNSEND}
    return found - {""}


def _read_source(value: object) -> Source | None:
    kind, user_id = wire.text(value, "type"), wire.text(value, "userId")
    if kind not in set(SourceKind):
        return None
    chat_id = user_id if kind == SourceKind.USER else wire.text(value, f"{kind}Id")
    # Ids go into addresses: one that no address holds would stop the poll, and all that waits behind it.
    is_sound = all(one.isascii() and one.isprintable() for one in (chat_id, user_id))
    return Source(kind=SourceKind(kind), chat_id=chat_id, user_id=user_id) if chat_id and is_sound else None


def _read_moment(milliseconds: int | None) -> datetime | None:
    try:
        return None if milliseconds is None else datetime.fromtimestamp(milliseconds / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None
