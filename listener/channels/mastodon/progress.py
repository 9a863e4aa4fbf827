"""Where a poll stands: for each source (mentions, each hashtag, each search) the newest entry known and what was seen lately.

New entries are paged forward from the newest known one. Posts of other servers arrive late and sort by the time they were
written, and posts are edited; so each poll also looks at the newest page again, and ``seen`` tells what in it is new.
"""

import hashlib
import json
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from listener.channels.mastodon import wire

VERSION = 1
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


@dataclass(frozen=True, kw_only=True)
class Progress:
    """The whole cursor. ``origin`` is the account whose ids these are; ``at`` the source whose page comes next."""

    origin: str
    at: str = ""
    sources: Mapping[str, SourceProgress] = field(default_factory=dict)

    def with_source(self, name: str, progress: SourceProgress, *, at: str) -> "Progress":
        """Return the progress with one source replaced and ``at`` next."""
        return replace(self, at=at, sources={**self.sources, name: progress})

    def keep_only(self, names: list[str]) -> "Progress":
        """Drop sources that the settings no longer name."""
        kept = {name: self.sources[name] for name in names if name in self.sources}
        return replace(self, sources=kept, at=self.at if self.at in names else "")

    def write(self) -> str:
        """Return the cursor as stored."""
        sources = {name: _write_source(source) for name, source in self.sources.items()}
        stored = {"v": VERSION, "of": self.origin, "at": self.at, "sources": sources}
        return json.dumps(stored, ensure_ascii=False, separators=(",", ":"))


def read_progress(cursor: str | None, *, origin: str) -> Progress | None:
    """Return the progress that ``cursor`` holds; None when it cannot be read or belongs to another account."""
    if cursor is None:
        return Progress(origin=origin)
    try:
        stored = json.loads(cursor)
    except (ValueError, RecursionError):
        return None
    if wire.whole(stored, "v") != VERSION or wire.text(stored, "of") != origin:
        return None
    named = wire.part(stored, "sources")
    read = {name: _read_source(value) for name, value in named.items()} if isinstance(named, dict) else {}
    sources = {name: source for name, source in read.items() if source is not None}
    return Progress(origin=origin, at=wire.text(stored, "at"), sources=sources) if len(sources) == len(read) else None


def _write_source(source: SourceProgress) -> dict[str, object]:
    written: dict[str, object] = {
        "floor": source.floor.isoformat(),
        "newest": source.newest,
        "seen": "".join(source.seen),
        "forward": source.is_forward,
    }
    if source.walk is not None:
        walk = source.walk
        written["walk"] = {"position": walk.position, "pages": walk.pages, "newest": walk.newest}
    return written


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
