"""Where a poll stands. Reddit lists newest first, a thousand entries at most: we walk back until what we already know.

For each listing the cursor keeps a *mark*: the newest moment seen and fingerprints of the newest entries. Fingerprints, not one
last id: ``before`` of an entry deleted since would list nothing, for ever. A walk in progress keeps the id to go on ``after``,
so that a poll cut between two pages goes on where it stopped.
"""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from listener.channels.reddit import wire
from listener.source_cursor import SourceCursor, read_cursor

REMEMBERED = 200
"""Fingerprints kept for each listing; twice the largest page."""
FINGERPRINT = 8
"""Characters; a collision (2^-48) would hide one entry from this poll."""
OVERLAP = timedelta(minutes=10)
"""Walked again behind the newest known moment while that is little: a spam filter lets entries through late."""
LEAST_OVERLAP = timedelta(minutes=2)
"""Always walked again, as far as Reddit lists it."""
REREAD = 50
"""Known entries walked again at least, as far as ``OVERLAP``."""


def fingerprint(name: str, text: str) -> str:
    """Return a short form of an entry. It changes with the text: an edited entry is taken for new, and so comes again."""
    told = f"{name}\n{text}".encode("utf-8", "replace")
    return urlsafe_b64encode(hashlib.sha256(told).digest())[:FINGERPRINT].decode()


@dataclass(frozen=True, kw_only=True)
class Mark:
    """What is known of one listing."""

    high: datetime
    """Newest moment seen."""
    floor: datetime
    """Where the very first poll stopped; older entries are never taken."""
    seen: tuple[str, ...] = ()
    """Fingerprints, newest first."""

    @property
    def horizon(self) -> datetime:
        """Walking stops at entries older than this."""
        return self.high - OVERLAP


@dataclass(frozen=True, kw_only=True)
class Walk:
    """A walk from the newest entry back, between two pages."""

    after: str
    pages: int
    entries: int
    high: datetime | None
    seen: tuple[str, ...]
    again: int = 0
    """Of the entries: no newer than what was known."""
    low: datetime | None = None
    """Oldest moment seen."""
    vanished: str = ""
    """The entry that nothing was listed after, so that the walk began anew; a second time it is the end."""


@dataclass(frozen=True, kw_only=True)
class Hole:
    """A time of which a listing had dropped entries before we came."""

    begin: datetime
    end: datetime


@dataclass(frozen=True, kw_only=True)
class Filling:
    """Threads of a hole that wait to be read again."""

    after: str = ""
    """Goes on listing them."""
    is_past_comments: bool = False
    """Those that people write in now are named; the newly begun are next."""
    is_listed: bool = False
    """All are named."""
    threads: tuple[str, ...] = ()
    count: int = 0
    """Threads read."""
    found: int = 0
    """Entries found in the hole."""


@dataclass(frozen=True, kw_only=True)
class SourceProgress:
    """One listing: where the last walk ended, and the walk going on; for what fills holes, those and how far it is."""

    mark: Mark | None = None
    walk: Walk | None = None
    read_at: datetime | None = None
    """When it was last read to its end."""
    holes: tuple[Hole, ...] = ()
    filling: Filling | None = None

    def write(self) -> dict[str, object]:
        """Return it as stored."""
        written: dict[str, object] = {}
        if (mark := self.mark) is not None:
            high, floor = mark.high.timestamp(), mark.floor.timestamp()
            written["mark"] = {"high": high, "floor": floor, "seen": "".join(mark.seen[:REMEMBERED])}
        if (walk := self.walk) is not None:
            written["walk"] = {
                "after": walk.after,
                "pages": walk.pages,
                "entries": walk.entries,
                "high": walk.high.timestamp() if walk.high else 0,
                "seen": "".join(walk.seen[:REMEMBERED]),
                "again": walk.again,
                "low": walk.low.timestamp() if walk.low else 0,
                "vanished": walk.vanished,
            }
        if self.read_at is not None:
            written["read_at"] = self.read_at.timestamp()
        if self.holes:
            written["holes"] = [{"begin": hole.begin.timestamp(), "end": hole.end.timestamp()} for hole in self.holes]
        if (filling := self.filling) is not None:
            written["filling"] = {
                "after": filling.after,
                "is_past_comments": filling.is_past_comments,
                "is_listed": filling.is_listed,
                "threads": " ".join(filling.threads),
                "count": filling.count,
                "found": filling.found,
            }
        return written


Progress = SourceCursor[SourceProgress]


def read_progress(cursor: str | None) -> Progress | None:
    """Return the progress that ``cursor`` holds; None when it is not one of ours."""
    return read_cursor(cursor, _read_source)


def _read_source(stored: object) -> SourceProgress:
    high, floor = wire.moment(stored, "mark", "high"), wire.moment(stored, "mark", "floor")
    mark = Mark(high=high, floor=floor, seen=_read_seen(stored, "mark")) if high and floor else None
    after = wire.text(stored, "walk", "after")
    walk = None
    if after:
        walk = Walk(
            after=after,
            pages=int(wire.number(stored, "walk", "pages") or 0),
            entries=int(wire.number(stored, "walk", "entries") or 0),
            high=wire.moment(stored, "walk", "high"),
            seen=_read_seen(stored, "walk"),
            again=int(wire.number(stored, "walk", "again") or 0),
            low=wire.moment(stored, "walk", "low"),
            vanished=wire.text(stored, "walk", "vanished"),
        )
    return SourceProgress(
        mark=mark,
        walk=walk,
        read_at=wire.moment(stored, "read_at"),
        holes=tuple(_read_holes(stored)),
        filling=_read_filling(stored),
    )


def _read_holes(stored: object) -> Iterator[Hole]:
    for hole in wire.items(stored, "holes"):
        begin, end = wire.moment(hole, "begin"), wire.moment(hole, "end")
        if begin and end:
            yield Hole(begin=begin, end=end)


def _read_filling(stored: object) -> Filling | None:
    if wire.part(stored, "filling") is None:
        return None
    return Filling(
        after=wire.text(stored, "filling", "after"),
        is_past_comments=wire.part(stored, "filling", "is_past_comments") is True,
        is_listed=wire.part(stored, "filling", "is_listed") is True,
        threads=tuple(wire.text(stored, "filling", "threads").split()),
        count=int(wire.number(stored, "filling", "count") or 0),
        found=int(wire.number(stored, "filling", "found") or 0),
    )


def _read_seen(stored: object, name: str) -> tuple[str, ...]:
    joined = wire.text(stored, name, "seen")
    return tuple(joined[start : start + FINGERPRINT] for start in range(0, len(joined), FINGERPRINT))
