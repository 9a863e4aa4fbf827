"""Makes mentions of what Meta brought: parcels in order, one that cannot be read never in the way of the next."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from domain.clock import Clock
from domain.errors import PermanentError, RetryableError
from domain.mentions import IncomingMention
from domain.ports import Inbox
from domain.webhooks import KeptParcel
from listener import wire
from listener.channels.graph.nodes import Taken, read_moment

log = structlog.get_logger(__name__)

LONGEST_WAIT = timedelta(hours=1)
"""A parcel about which Meta cannot be asked holds up the next ones for so long."""
ACCOUNT_WIDE = frozenset({"token_refused", "rate_limited", "bad_address"})

ReadChange = Callable[[object, datetime], Taken]


@dataclass(frozen=True, kw_only=True)
class Unpacked:
    """What some parcels come to. ``last`` is the number of the last one taken; 0: none."""

    mentions: tuple[IncomingMention, ...] = ()
    gone: tuple[str, ...] = ()
    last: int = 0
    more: bool = False
    gap: str = ""


class Unpacker:
    """Reads the parcels of one account."""

    def __init__(
        self, inbox: Inbox, *, limit: int, clock: Clock, read_change: ReadChange, read_message: ReadChange
    ) -> None:
        self._inbox = inbox
        self._limit = limit
        self._clock = clock
        self._read_change = read_change
        self._read_message = read_message

    def unpack(self, after: int) -> Unpacked:
        """Return what the parcels behind ``after`` say. Raises where Meta must be asked about the first of them and cannot be."""
        parcels = self._inbox.read(after, limit=self._limit)
        mentions: dict[str, IncomingMention] = {}
        gone: dict[str, None] = {}
        last, failed = 0, 0
        for parcel in parcels:
            try:
                taken = self._read(parcel)
            except RetryableError:
                if not last:
                    raise
                return Unpacked(
                    mentions=tuple(mentions.values()), gone=tuple(gone), last=last, more=True, gap=_tell(failed)
                )
            last = parcel.number
            if taken is None:
                failed += 1
            elif taken.removed:
                mentions.pop(taken.removed, None)
                gone[taken.removed] = None
            elif taken.mention is not None:
                gone.pop(taken.mention.external_id, None)  # what came last is so
                mentions[taken.mention.external_id] = taken.mention
        return Unpacked(
            mentions=tuple(mentions.values()),
            gone=tuple(gone),
            last=last,
            more=len(parcels) >= self._limit,
            gap=_tell(failed),
        )

    def _read(self, parcel: KeptParcel) -> Taken | None:
        """Return what a parcel says; None when it cannot be read."""
        try:
            body: object = json.loads(parcel.text)
        except (ValueError, RecursionError):
            body = None
        change, message = wire.part(body, "change"), wire.part(body, "message")
        if not isinstance(change, dict) and not isinstance(message, dict):
            _note(parcel, "not_readable")
            return None
        moment = read_moment(body, "time") or parcel.received_at
        try:
            if isinstance(change, dict):
                return self._read_change(change, moment)
            return self._read_message(message, moment)
        except PermanentError as error:
            if error.code in ACCOUNT_WIDE:
                raise
            # Deleted before we could ask: nothing was missed.
            if error.code == "gone":
                return Taken()
            _note(parcel, error.code)
            return None
        except RetryableError as error:
            if error.code in ACCOUNT_WIDE or self._clock.now() - parcel.received_at < LONGEST_WAIT:
                raise
            _note(parcel, error.code)
            return None


def _note(parcel: KeptParcel, code: str) -> None:
    log.warning("parcel_passed_over", parcel=parcel.number, code=code)


def _tell(failed: int) -> str:
    return f"{failed} events that Meta sent could not be read" if failed else ""
