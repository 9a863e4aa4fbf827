"""Where a poll stands. Bluesky lists newest first and knows no "since": we walk back until what we already know.

For each source (notifications, each search, direct messages) the cursor keeps a *mark*: the newest moment seen and the
fingerprints of the newest entries, because posts arrive late and sort by the time their author's app claims. A walk in
progress keeps the platform's own position, so that a poll cut between two pages goes on where it stopped.
"""

import hashlib
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta

from listener.channels.bluesky import wire
from listener.source_cursor import SourceCursor, read_cursor

REMEMBERED = 200
"""Fingerprints kept for each source; twice the largest page."""
FINGERPRINT = 8
"""Characters; a collision (2^-48) would hide one post from this poll."""
OVERLAP = timedelta(minutes=10)
"""Walked again behind the newest known moment, for late arrivals beyond the first page."""


def fingerprint(entry_id: str) -> str:
    """Return a short form of an id."""
    return urlsafe_b64encode(hashlib.sha256(entry_id.encode("utf-8", "replace")).digest())[:FINGERPRINT].decode()


@dataclass(frozen=True, kw_only=True)
class Mark:
    """What is known of one source."""

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

    position: str
    pages: int
    high: datetime | None
    seen: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class SourceProgress:
    """One source: where the last walk ended, and the walk going on."""

    mark: Mark | None = None
    walk: Walk | None = None

    def write(self) -> dict[str, object]:
        """Return it as stored."""
        written: dict[str, object] = {}
        if self.mark is not None:
            mark = self.mark
            written["mark"] = {
                "high": mark.high.isoformat(),
                "floor": mark.floor.isoformat(),
                "seen": "".join(mark.seen[:REMEMBERED]),
            }
        if self.walk is not None:
            walk = self.walk
            written["walk"] = {
                "position": walk.position,
                "pages": walk.pages,
                "high": walk.high.isoformat() if walk.high else "",
                "seen": "".join(walk.seen[:REMEMBERED]),
            }
        return written


Progress = SourceCursor[SourceProgress]


def read_progress(cursor: str | None) -> Progress | None:
    """Return the progress that ``cursor`` holds; None when it is not one of ours."""
    return read_cursor(cursor, _read_source)


def _read_source(stored: object) -> SourceProgress:
    high, floor = wire.moment(stored, "mark", "high"), wire.moment(stored, "mark", "floor")
    mark = Mark(high=high, floor=floor, seen=_read_seen(stored, "mark")) if high and floor else None
    position = wire.text(stored, "walk", "position")
    walk = None
    if position:
        walk = Walk(
            position=position,
            pages=wire.whole(stored, "walk", "pages") or 0,
            high=wire.moment(stored, "walk", "high"),
            seen=_read_seen(stored, "walk"),
        )
    return SourceProgress(mark=mark, walk=walk)


def _read_seen(stored: object, name: str) -> tuple[str, ...]:
    joined = wire.text(stored, name, "seen")
    return tuple(joined[start : start + FINGERPRINT] for start in range(0, len(joined), FINGERPRINT))
