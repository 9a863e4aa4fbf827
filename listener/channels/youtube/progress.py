"""Where a poll stands. YouTube lists threads from the newest back: we walk until what we already know.

For each source the cursor keeps a *mark* of every thread seen lately: its id and the state it was in. A thread in another state
(a new reply, an edit) comes again. A walk between two pages keeps the page to go on with; threads with more replies than a list
shows wait to be read one by one.
"""

import hashlib
import json
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from listener.channels.youtube import wire
from listener.channels.youtube.reading import Thread

VERSION = 1
ID_LENGTH, STATE_LENGTH = 8, 3
LENGTH = ID_LENGTH + STATE_LENGTH
"""Characters of a mark. A collision of ids (2^-48) or states (2^-18) would hide one change."""


def fingerprint(thread_id: str, state: Iterable[str]) -> str:
    """Return a thread's mark: its id, then its state."""
    return _hash(thread_id)[:ID_LENGTH] + _hash("\n".join(state))[:STATE_LENGTH]


def _hash(value: str) -> str:
    return urlsafe_b64encode(hashlib.sha256(value.encode("utf-8", "replace")).digest()).decode()


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """A thread whose replies are still to be read."""

    thread: Thread
    page: str = ""
    pages: int = 0


@dataclass(frozen=True, kw_only=True)
class Walk:
    """A walk from the newest thread back, between two pages."""

    page: str = ""
    pages: int = 0
    seen: tuple[str, ...] = ()
    """Marks, newest first."""
    is_long: bool = False
    """It does not stop at what is known: it looks for late replies and edits."""
    has_met: bool = False
    """It came to what is known, or to the end: nothing new can be missing."""


@dataclass(frozen=True, kw_only=True)
class SourceProgress:
    """One source."""

    floor: datetime
    """Nothing older is ever taken: where the very first poll stops."""
    seen: tuple[str, ...] = ()
    """Marks, newest first."""
    walk: Walk | None = None
    waiting: tuple[Waiting, ...] = ()
    long_walk_at: datetime | None = None
    """When the last long walk ended."""

    @property
    def states(self) -> dict[str, str]:
        """The state of each thread known, by its id; what this walk has seen counts first."""
        walked = self.walk.seen if self.walk else ()
        return {mark[:ID_LENGTH]: mark for mark in (*reversed(self.seen), *reversed(walked))}


@dataclass(frozen=True, kw_only=True)
class Progress:
    """The whole cursor. ``origin`` is the channel whose threads these are; ``at`` the source whose page comes next."""

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
    """Return the progress that ``cursor`` holds; None when it cannot be read or belongs to another channel."""
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
    written: dict[str, object] = {"floor": source.floor.isoformat(), "seen": "".join(source.seen)}
    if source.long_walk_at is not None:
        written["long"] = source.long_walk_at.isoformat()
    if (walk := source.walk) is not None:
        written["walk"] = {
            "page": walk.page,
            "pages": walk.pages,
            "seen": "".join(walk.seen),
            "long": walk.is_long,
            "met": walk.has_met,
        }
    if source.waiting:
        written["waiting"] = [
            {
                "thread": one.thread.id,
                "author": one.thread.root_author,
                "video": one.thread.video_id,
                "channel": one.thread.channel_id,
                "page": one.page,
                "pages": one.pages,
            }
            for one in source.waiting
        ]
    return written


def _read_source(stored: object) -> SourceProgress | None:
    floor = wire.moment(stored, "floor")
    if floor is None:
        return None
    walk = wire.part(stored, "walk")
    return SourceProgress(
        floor=floor,
        seen=_read_marks(stored),
        walk=_read_walk(walk) if isinstance(walk, dict) else None,
        waiting=tuple(_read_waiting(one) for one in wire.items(stored, "waiting") if wire.text(one, "thread")),
        long_walk_at=wire.moment(stored, "long"),
    )


def _read_walk(stored: object) -> Walk:
    return Walk(
        page=wire.text(stored, "page"),
        pages=wire.whole(stored, "pages") or 0,
        seen=_read_marks(stored),
        is_long=wire.part(stored, "long") is True,
        has_met=wire.part(stored, "met") is True,
    )


def _read_waiting(stored: object) -> Waiting:
    thread = Thread(
        id=wire.text(stored, "thread"),
        root_author=wire.text(stored, "author"),
        video_id=wire.text(stored, "video"),
        channel_id=wire.text(stored, "channel"),
    )
    return Waiting(thread=thread, page=wire.text(stored, "page"), pages=wire.whole(stored, "pages") or 0)


def _read_marks(stored: object) -> tuple[str, ...]:
    joined = wire.text(stored, "seen")
    return tuple(joined[start : start + LENGTH] for start in range(0, len(joined), LENGTH))
