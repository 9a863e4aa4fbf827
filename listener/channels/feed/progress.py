"""Where a poll stands: for each feed its validators, the newest moment read, and digests of the entries it held last."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from listener.channels.feed.options import fingerprint
from listener.channels.feed.reading import Entry

ID_LENGTH, STATE_LENGTH = 8, 6
PAIR_LENGTH = ID_LENGTH + STATE_LENGTH
REMEMBERED = 600
"""Entries of one feed: more than are read of it, so that one which comes and goes is not new each time."""


class Mark(BaseModel):
    """What is known of one feed."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    floor: AwareDatetime
    """Where the very first poll stopped: what it found older than this is never taken."""
    high: AwareDatetime | None = None
    """Newest moment read."""
    etag: str = ""
    modified: str = ""
    seen: str = ""
    """Digests of ids and states, newest entry first, joined."""
    pages: int = 0
    """Pages handed on of a document that does not fit one; 0 when nothing waits."""
    failing_since: AwareDatetime | None = None
    wait_until: AwareDatetime | None = None
    """The server asked not to be asked before."""

    @property
    def known(self) -> dict[str, str]:
        """Return digest of state by digest of id, newest first."""
        pairs = [self.seen[start : start + PAIR_LENGTH] for start in range(0, len(self.seen), PAIR_LENGTH)]
        return {pair[:ID_LENGTH]: pair[ID_LENGTH:] for pair in pairs}


class Progress(BaseModel):
    """The whole cursor. ``at`` is the key of the feed whose page comes next; empty: the first one."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    v: Literal[1]
    at: str = ""
    feeds: Mapping[str, Mark] = {}

    def with_mark(self, key: str, mark: Mark) -> "Progress":
        """Return the progress with one feed's mark replaced."""
        return self.model_copy(update={"feeds": {**self.feeds, key: mark}})

    def go_on_at(self, key: str) -> "Progress":
        """Return the progress with ``key`` next."""
        return self.model_copy(update={"at": key})

    def keep_only(self, keys: Collection[str]) -> "Progress":
        """Drop feeds that the settings no longer name."""
        kept = {key: mark for key, mark in self.feeds.items() if key in keys}
        return Progress(v=1, at=self.at if self.at in keys else "", feeds=kept)

    def write(self) -> str:
        """Return the cursor as stored."""
        return self.model_dump_json(exclude_none=True)


def read_progress(cursor: str | None) -> Progress | None:
    """Return the progress that ``cursor`` holds; None when it is not one of ours."""
    if cursor is None:
        return Progress(v=1)
    try:
        return Progress.model_validate_json(cursor)
    except ValidationError:
        return None


def id_digest(entry: Entry) -> str:
    """Return the short form of an entry's id."""
    return fingerprint(entry.entry_id, ID_LENGTH)


def state_digest(entry: Entry) -> str:
    """Return the short form of what an entry says."""
    return fingerprint(entry.state, STATE_LENGTH)


def write_seen(known: Mapping[str, str]) -> str:
    """Return ``known`` as a mark keeps it."""
    return "".join(f"{entry}{state}" for entry, state in list(known.items())[:REMEMBERED])


def newest(moments: Collection[datetime | None], *, now: datetime) -> datetime | None:
    """Return the newest of ``moments`` that is not in the future."""
    return max((moment for moment in moments if moment is not None and moment <= now), default=None)
