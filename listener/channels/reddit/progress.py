"""Where a poll stands. Reddit lists newest first, a thousand entries at most: we walk back until what we already know.

For each listing the cursor keeps a *mark*: the newest moment seen and fingerprints of the newest entries. Fingerprints, not one
last id: ``before`` of an entry deleted since would list nothing, for ever. A walk in progress keeps the id to go on ``after``,
so that a poll cut between two pages goes on where it stopped.
"""

import hashlib
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta

from listener.channels.reddit import wire
from listener.source_cursor import SourceCursor, read_cursor

REMEMBERED = 200
"""Fingerprints kept for each listing; twice the largest page."""
FINGERPRINT = 8
"""Characters; a collision (2^-48) would hide one entry from this poll."""
OVERLAP = timedelta(minutes=10)
"""Walked again behind the newest known moment: a spam filter lets entries through late."""


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
    vanished: str = ""
    """The entry that nothing was listed after, so that the walk began anew; a second time it is the end."""


@dataclass(frozen=True, kw_only=True)
class SourceProgress:
    """One listing: where the last walk ended, and the walk going on."""

    mark: Mark | None = None
    walk: Walk | None = None

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
                "vanished": walk.vanished,
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
            vanished=wire.text(stored, "walk", "vanished"),
        )
    return SourceProgress(mark=mark, walk=walk)


def _read_seen(stored: object, name: str) -> tuple[str, ...]:
    joined = wire.text(stored, name, "seen")
    return tuple(joined[start : start + FINGERPRINT] for start in range(0, len(joined), FINGERPRINT))
