"""Where a poll stands: for each source the id to go on from, and the walk that is under way."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from listener.channels.x import answers

VERSION: Final = 1


@dataclass(frozen=True, kw_only=True)
class Walk:
    """A walk from the newest entry back, between two pages."""

    token: str
    """X's own position."""
    since: int
    newest: int
    pages: int
    taken: int


@dataclass(frozen=True, kw_only=True)
class SourceProgress:
    """One source."""

    since: int = 0
    """Entries with a higher id are wanted; 0 before the first poll."""
    read_at: datetime | None = None
    """When it was last read to its end."""
    walk: Walk | None = None


@dataclass(frozen=True, kw_only=True)
class Progress:
    """The whole cursor. ``at`` names the source whose page comes next; empty: the first one."""

    at: str = ""
    sources: Mapping[str, SourceProgress] = field(default_factory=dict)

    def of(self, name: str) -> SourceProgress:
        """Return the progress of one source."""
        return self.sources.get(name, SourceProgress())

    def with_source(self, name: str, progress: SourceProgress, *, at: str) -> "Progress":
        """Return the progress with one source replaced and ``at`` next."""
        return replace(self, at=at, sources={**self.sources, name: progress})

    def keep_only(self, names: Iterable[str]) -> "Progress":
        """Drop sources that the settings no longer name."""
        kept = {name: self.sources[name] for name in names if name in self.sources}
        return replace(self, sources=kept, at=self.at if self.at in set(names) else "")

    def write(self) -> str:
        """Return the cursor as stored."""
        sources = {name: _write_source(source) for name, source in self.sources.items()}
        return json.dumps({"v": VERSION, "at": self.at, "sources": sources}, ensure_ascii=False, separators=(",", ":"))


def read_progress(cursor: str | None) -> Progress | None:
    """Return the progress that ``cursor`` holds; None when it is not one of ours."""
    if cursor is None:
        return Progress()
    try:
        stored = json.loads(cursor)
    except (ValueError, RecursionError):
        return None
    sources = answers.part(stored, "sources")
    if answers.part(stored, "v") != VERSION or not isinstance(sources, dict):
        return None
    return Progress(at=answers.text(stored, "at"), sources={name: _read_source(one) for name, one in sources.items()})


def _write_source(source: SourceProgress) -> dict[str, object]:
    written: dict[str, object] = {"since": str(source.since)}
    if source.read_at is not None:
        written["read_at"] = source.read_at.isoformat(timespec="seconds")
    if source.walk is not None:
        walk = source.walk
        written["walk"] = {
            "token": walk.token,
            "since": str(walk.since),
            "newest": str(walk.newest),
            "pages": walk.pages,
            "taken": walk.taken,
        }
    return written


def _read_source(stored: object) -> SourceProgress:
    token = answers.text(stored, "walk", "token")
    walk = None
    if token:
        walk = Walk(
            token=token,
            since=answers.number(stored, "walk", "since"),
            newest=answers.number(stored, "walk", "newest"),
            pages=answers.whole(stored, "walk", "pages") or 0,
            taken=answers.whole(stored, "walk", "taken") or 0,
        )
    return SourceProgress(since=answers.number(stored, "since"), read_at=answers.moment(stored, "read_at"), walk=walk)
