"""Where a poll stands: for each term a mark in time and what was read near it, because the search learns of posts late and of
edits later still. A walk in progress goes from the newest post back, each page's window ending where the last page ended.
"""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Collection, Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from listener.channels.hackernews.reading import LATEST, Answer, Hit

OVERLAP_SECONDS = 3 * 3600
"""Read again behind the newest post: posts may be edited for two hours, and the search learns of it after that."""
REMEMBERED = 500
ID_LENGTH, STATE_LENGTH = 8, 6
PAIR_LENGTH = ID_LENGTH + STATE_LENGTH
UNREADABLE = "-" * STATE_LENGTH
"""State of a hit that could not be read: it is told once."""


class Walk(BaseModel):
    """A walk from the newest post back, between two pages."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    until: int = Field(ge=0, le=LATEST)
    """Posts up to this second come next."""
    page: int = Field(0, ge=0)
    """More than a page of posts lie in that very second: which of their pages comes next."""
    pages: int = Field(ge=0)
    high: int = Field(ge=0, le=LATEST)


class Mark(BaseModel):
    """What is known of one term."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    floor: int = Field(ge=0, le=LATEST)
    """Where the very first poll stopped; older posts are never taken."""
    high: int = Field(ge=0, le=LATEST)
    """Second of the newest post read."""
    seen: str = ""
    """Digests of ids and texts, joined."""
    walk: Walk | None = None

    @property
    def horizon(self) -> int:
        """A walk ends here."""
        return max(self.floor, self.high - OVERLAP_SECONDS)

    @property
    def known(self) -> dict[str, str]:
        """Return digest of text by digest of id."""
        pairs = [self.seen[start : start + PAIR_LENGTH] for start in range(0, len(self.seen), PAIR_LENGTH)]
        return {pair[:ID_LENGTH]: pair[ID_LENGTH:] for pair in pairs}


class Progress(BaseModel):
    """The whole cursor. ``at`` is the term whose page comes next; empty: the first one."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    v: Literal[1]
    at: str = ""
    terms: Mapping[str, Mark] = {}

    def with_mark(self, term: str, mark: Mark, *, at: str) -> "Progress":
        """Return the progress with one term's mark replaced and ``at`` next."""
        return Progress(v=1, at=at, terms={**self.terms, term: mark})

    def keep_only(self, terms: Collection[str]) -> "Progress":
        """Drop terms that the settings no longer name."""
        kept = {term: mark for term, mark in self.terms.items() if term in terms}
        return Progress(v=1, at=self.at if self.at in terms else "", terms=kept)

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


def digests(hit: Hit) -> tuple[str, str]:
    """Return the short forms of a post's id and of what it says."""
    return _digest(hit.objectID)[:ID_LENGTH], _digest(hit.text)[:STATE_LENGTH]


def unreadable_digests(known_by: str) -> tuple[str, str]:
    """Return the same for a hit that cannot be read: once it can, its state is another."""
    return _digest(known_by)[:ID_LENGTH], UNREADABLE


def remember(mark: Mark, answer: Answer) -> str:
    """Return what a mark keeps after ``answer``: the posts read last come first."""
    now = dict([*map(digests, answer.hits), *map(unreadable_digests, answer.unreadable)])
    known = now | {entry: state for entry, state in mark.known.items() if entry not in now}
    return "".join(f"{entry}{state}" for entry, state in list(known.items())[:REMEMBERED])


def _digest(text: str) -> str:
    return urlsafe_b64encode(hashlib.sha256(text.encode("utf-8", "replace")).digest()).decode()
