"""One page of a poll: the next parcels of the inbox, in the order in which they came. No network."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

import structlog

from domain.mentions import IncomingMention, Page
from domain.ports import Inbox
from domain.webhooks import KeptParcel
from listener.channels.webhook.reading import read_message
from listener.channels.webhook.receiving import read_event
from listener.channels.webhook.schema import Event, MessageDeleted

log = structlog.get_logger(__name__)

VERSION: Final = 1
CURSOR_LOST: Final = "the cursor was not readable; every event not read yet was read again"
PARCELS_AT_ONCE: Final = 500


@dataclass(frozen=True, kw_only=True)
class _Read:
    mentions: tuple[IncomingMention, ...]
    gone: tuple[str, ...]
    unreadable: int


def poll(inbox: Inbox, cursor: str | None, *, page_size: int, own_ids: Collection[str] = ()) -> Page:
    """Return the next page; what one of ``own_ids`` wrote is ours. An event that cannot be read is passed over, with a word in ``gap``."""
    place = 0 if cursor is None else _read_cursor(cursor)
    after = place or 0
    found = list(inbox.read(after, limit=page_size + 1))
    taken = found[:page_size]
    read = _read_parcels(taken, own_ids=own_ids)
    last = taken[-1].number if taken else after
    gaps = [CURSOR_LOST] if place is None else []
    if read.unreadable:
        gaps.append(f"{read.unreadable} events could not be read")
    return Page(
        mentions=read.mentions,
        gone=read.gone,
        cursor=json.dumps({"v": VERSION, "parcel": last}),
        more=len(found) > len(taken),
        requests=0,
        gap="; ".join(gaps),
        parcels_read=last if taken else 0,
    )


def deleted_since(inbox: Inbox) -> frozenset[str]:
    """Return ids of messages whose deletion has come and that no poll has read yet."""
    deleted: set[str] = set()
    after = 0
    while found := list(inbox.read(after, limit=PARCELS_AT_ONCE)):
        deleted.update(_read_parcels(found).gone)
        after = found[-1].number
    return frozenset(deleted)


def _read_parcels(parcels: list[KeptParcel], *, own_ids: Collection[str] = ()) -> _Read:
    mentions: list[IncomingMention] = []
    gone: dict[str, None] = {}
    unreadable = 0
    for parcel in parcels:
        event = _read_event(parcel)
        if event is None:
            unreadable += 1
        elif isinstance(event, MessageDeleted):
            gone[event.message.id] = None
        else:
            mentions.append(read_message(event.message, own_ids=own_ids))
    # What is gone by the end of the page is not even stored for a moment; ids are not used again.
    kept = tuple(mention for mention in mentions if mention.external_id not in gone)
    return _Read(mentions=kept, gone=tuple(gone), unreadable=unreadable)


def _read_event(parcel: KeptParcel) -> Event | None:
    try:
        return read_event(parcel.text)
    except ValueError:
        log.warning("parcel_unreadable", number=parcel.number)
        return None


def _read_cursor(cursor: str) -> int | None:
    try:
        read = json.loads(cursor)
    except (ValueError, RecursionError):
        return None
    place = read.get("parcel") if isinstance(read, dict) and read.get("v") == VERSION else None
    return place if isinstance(place, int) and not isinstance(place, bool) and place >= 0 else None
