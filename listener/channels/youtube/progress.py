"""Where a poll stands. YouTube lists threads from the newest back: we walk until what we already know.

For each source the cursor keeps a *mark* of every thread seen lately: its id and the state it was in. A thread in another state
(a new reply, an edit) comes again. A walk between two pages keeps the page to go on with; threads with more replies than a list
shows wait to be read one by one.
"""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from listener.channels.youtube import wire
from listener.channels.youtube.reading import Thread
from listener.source_cursor import SourceCursor, read_cursor

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

    def write(self) -> dict[str, object]:
        """Return it as stored."""
        written: dict[str, object] = {"floor": self.floor.isoformat(), "seen": "".join(self.seen)}
        if self.long_walk_at is not None:
            written["long"] = self.long_walk_at.isoformat()
        if (walk := self.walk) is not None:
            written["walk"] = {
                "page": walk.page,
                "pages": walk.pages,
                "seen": "".join(walk.seen),
                "long": walk.is_long,
                "met": walk.has_met,
            }
        if self.waiting:
            written["waiting"] = [
                {
                    "thread": one.thread.id,
                    "author": one.thread.root_author,
                    "video": one.thread.video_id,
                    "channel": one.thread.channel_id,
                    "page": one.page,
                    "pages": one.pages,
                }
                for one in self.waiting
            ]
        return written


Progress = SourceCursor[SourceProgress]


def read_progress(cursor: str | None, *, origin: str) -> Progress | None:
    """Return the progress that ``cursor`` holds; None when it cannot be read or belongs to another channel."""
    return read_cursor(cursor, _read_source, origin=origin)


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
