"""Where a poll stands: for each source the id to go on from, and the walk that is under way."""

from dataclasses import dataclass
from datetime import datetime

from listener.channels.x import answers
from listener.source_cursor import SourceCursor, read_cursor


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

    def write(self) -> dict[str, object]:
        """Return it as stored."""
        written: dict[str, object] = {"since": str(self.since)}
        if self.read_at is not None:
            written["read_at"] = self.read_at.isoformat(timespec="seconds")
        if self.walk is not None:
            walk = self.walk
            written["walk"] = {
                "token": walk.token,
                "since": str(walk.since),
                "newest": str(walk.newest),
                "pages": walk.pages,
                "taken": walk.taken,
            }
        return written


Progress = SourceCursor[SourceProgress]


def read_progress(cursor: str | None) -> Progress | None:
    """Return the progress that ``cursor`` holds; None when it is not one of ours."""
    return read_cursor(cursor, _read_source)


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
