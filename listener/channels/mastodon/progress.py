"""Where a poll stands: for each source (mentions, each hashtag, each search) the newest entry known and what was seen lately.

New entries are paged forward from the newest known one. Posts of other servers arrive late and sort by the time they were
written, and posts are edited; so each poll also looks at the newest page again, and ``seen`` tells what in it is new.
"""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from listener.channels.mastodon import wire
from listener.source_cursor import SourceCursor, read_cursor

REMEMBERED = 120
"""Entries kept for each source; three times the largest page."""
ID_LENGTH, EDIT_LENGTH = 8, 2
LENGTH = ID_LENGTH + EDIT_LENGTH
"""Characters of a fingerprint; a collision of ids (2^-48) would hide one post from one look back."""


def fingerprint(entry_id: str, edited_at: datetime | None) -> str:
    """Return a short form of an entry as it stands: its id, then its edit."""
    edit = _hash(edited_at.isoformat())[:EDIT_LENGTH] if edited_at else "-" * EDIT_LENGTH
    return _hash(entry_id)[:ID_LENGTH] + edit


def _hash(value: str) -> str:
    return urlsafe_b64encode(hashlib.sha256(value.encode("utf-8", "replace")).digest()).decode()


@dataclass(frozen=True, kw_only=True)
class Walk:
    """A walk from the newest entry back, between two pages: the first poll ever, and every search."""

    position: str
    pages: int
    newest: str


@dataclass(frozen=True, kw_only=True)
class SourceProgress:
    """One source."""

    floor: datetime
    """Nothing older is ever taken: where the very first poll stops."""
    newest: str = ""
    """Id of the newest entry known; empty until there was one."""
    seen: tuple[str, ...] = ()
    """Fingerprints, the latest first."""
    walk: Walk | None = None
    is_forward: bool = False
    """True between two pages on the way forward from ``newest``."""

    def knows(self, entry_id: str, mark: str) -> bool:
        """Tell whether an entry was seen, edited since or not."""
        return entry_id == self.newest or any(known[:ID_LENGTH] == mark[:ID_LENGTH] for known in self.seen)

    def remember(self, marks: Iterable[str], *, goes_back: bool) -> "SourceProgress":
        """Return the progress with ``marks`` seen, the newest first. ``goes_back``: they are older than those seen last.

        What a long walk finds last is forgotten first: the next poll looks at the newest page again.
        """
        ordered = (*self.seen, *marks) if goes_back else (*marks, *self.seen)
        return replace(self, seen=tuple(dict.fromkeys(ordered))[:REMEMBERED])

    def write(self) -> dict[str, object]:
        """Return it as stored."""
        written: dict[str, object] = {
            "floor": self.floor.isoformat(),
            "newest": self.newest,
            "seen": "".join(self.seen),
            "forward": self.is_forward,
        }
        if self.walk is not None:
            walk = self.walk
            written["walk"] = {"position": walk.position, "pages": walk.pages, "newest": walk.newest}
        return written


Progress = SourceCursor[SourceProgress]


def read_progress(cursor: str | None, *, origin: str) -> Progress | None:
    """Return the progress that ``cursor`` holds; None when it cannot be read or belongs to another account."""
    return read_cursor(cursor, _read_source, origin=origin)


def _read_source(stored: object) -> SourceProgress | None:
    floor = wire.moment(stored, "floor")
    if floor is None:
        return None
    joined = wire.text(stored, "seen")
    position = wire.text(stored, "walk", "position")
    walk = Walk(
        position=position, pages=wire.whole(stored, "walk", "pages") or 0, newest=wire.text(stored, "walk", "newest")
    )
    return SourceProgress(
        floor=floor,
        newest=wire.text(stored, "newest"),
        seen=tuple(joined[start : start + LENGTH] for start in range(0, len(joined), LENGTH)),
        walk=walk if position else None,
        is_forward=wire.part(stored, "forward") is True,
    )
