"""How far a shop's orders were read, as text: where the walk stands, and of which shop it speaks."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Final, Self

from pydantic import BaseModel, ConfigDict, ValidationError

OVERLAP: Final = timedelta(minutes=10)
"""Read again at every look: shops write a change a moment after its time, and clocks differ."""


class Progress(BaseModel):
    """A cursor. ``after`` is the shop's own mark within a walk, or a page's number."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    v: int = 1
    shop: str
    since: datetime
    after: str = ""

    @classmethod
    def begin(cls, url: str, *, first_poll_days: int, now: datetime) -> Self:
        """Return where the very first walk begins."""
        return cls(shop=digest(url), since=now.astimezone(UTC) - timedelta(days=first_poll_days))

    @classmethod
    def read(cls, cursor: str, url: str) -> Self | None:
        """Return what a cursor says; None for none, one of another shop, or one that is none."""
        try:
            read = cls.model_validate_json(cursor) if cursor else None
        except ValidationError:
            return None
        return read if read is not None and read.shop == digest(url) and read.since.tzinfo is not None else None

    def write(self) -> str:
        """Return it as text."""
        return self.model_dump_json()


def digest(url: str) -> str:
    """Return what tells one shop from another in a cursor."""
    return hashlib.sha256(url.encode()).hexdigest()[:12]


def agrees(said: object) -> bool:
    """Return whether the value of a consent field means yes."""
    return str(said).strip().casefold() in {
        "yes",
        "true",
        "1",
        "on",
        "はい",
        "同意する",
        "同意します",
        "agree",
        "agreed",
    }
