"""Where a poll stands: for each source the id to go on from, the walk that is under way, and the holes left to fill."""

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
    oldest: int
    pages: int
    taken: int
    began_at: datetime | None = None
    again: int = 0
    """Of those taken: known before."""


@dataclass(frozen=True, kw_only=True)
class Hole:
    """Ids that X's list of mentions had dropped before we came, from ``since`` up to ``until``; both were read."""

    since: int
    until: int


@dataclass(frozen=True, kw_only=True)
class SourceProgress:
    """One source."""

    since: int = 0
    """Entries with a higher id are wanted; 0 before the first poll."""
    floor: int = 0
    """Nothing below is ever read, not even to find what was listed late."""
    read_at: datetime | None = None
    """When it was last read to its end."""
    walk: Walk | None = None
    holes: tuple[Hole, ...] = ()
    """Oldest first."""

    def write(self) -> dict[str, object]:
        """Return it as stored."""
        written: dict[str, object] = {"since": str(self.since), "floor": str(self.floor)}
        if self.read_at is not None:
            written["read_at"] = self.read_at.isoformat(timespec="seconds")
        if self.walk is not None:
            walk = self.walk
            written["walk"] = {
                "token": walk.token,
                "since": str(walk.since),
                "newest": str(walk.newest),
                "oldest": str(walk.oldest),
                "pages": walk.pages,
                "taken": walk.taken,
                "again": walk.again,
            }
            if walk.began_at is not None:
                written["began_at"] = walk.began_at.isoformat(timespec="seconds")
        if self.holes:
            written["holes"] = [{"since": str(hole.since), "until": str(hole.until)} for hole in self.holes]
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
            oldest=answers.number(stored, "walk", "oldest"),
            pages=answers.whole(stored, "walk", "pages") or 0,
            taken=answers.whole(stored, "walk", "taken") or 0,
            began_at=answers.moment(stored, "began_at"),
            again=answers.whole(stored, "walk", "again") or 0,
        )
    holes = (
        Hole(since=answers.number(one, "since"), until=answers.number(one, "until"))
        for one in answers.items(stored, "holes")
    )
    return SourceProgress(
        since=answers.number(stored, "since"),
        floor=answers.number(stored, "floor"),
        read_at=answers.moment(stored, "read_at"),
        walk=walk,
        holes=tuple(hole for hole in holes if hole.until > hole.since),
    )
