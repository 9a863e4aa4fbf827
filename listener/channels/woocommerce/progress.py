"""Where a poll stands: what was read up to, when older reviews were read again last, and a walk from the newest review back."""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

LATEST: Final = 253_402_300_799
"""The last second of the year 9999."""
TOLD_AT_MOST: Final = 200
DIGEST_LENGTH: Final = 8


class Walk(BaseModel):
    """A walk between two pages. Each page is the first one of a narrower window, so that nothing moves between them."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    since: int = Field(ge=0, le=LATEST)
    began: int = Field(ge=0, le=LATEST)
    until: int | None = Field(None, ge=0, le=LATEST)
    """Reviews up to this second come next."""
    anchor: int = 0
    """The oldest review of the page before, which lies in that second and must be shown again."""
    is_wide: bool = False
    """It was not: the site's windows are not in the time its reviews tell. From here on a wider one is turned page by page."""
    page: int = Field(1, ge=1)
    """Which page of the window comes next: more than a page of reviews may lie in one second."""
    pages: int = Field(0, ge=0)
    is_reread: bool = False


class Progress(BaseModel):
    """The whole cursor."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    v: Literal[1]
    site: str
    """Digest of the site's address."""
    floor: int = Field(ge=0, le=LATEST)
    """Where the very first poll stopped; older reviews are never taken."""
    read_until: int = Field(0, ge=0, le=LATEST)
    """When the last whole walk began; 0: there was none."""
    reread_at: int = Field(0, ge=0, le=LATEST)
    """When the last walk through older reviews began."""
    told: str = ""
    """Digests of reviews that could not be read: each is told once."""
    walk: Walk | None = None

    def write(self) -> str:
        """Return the cursor as stored."""
        return self.model_dump_json(exclude_none=True)

    def note_unreadable(self, names: Sequence[str]) -> "tuple[Progress, int]":
        """Return the progress that remembers ``names``, and how many of them are new."""
        known = [self.told[start : start + DIGEST_LENGTH] for start in range(0, len(self.told), DIGEST_LENGTH)]
        fresh = [one for one in dict.fromkeys(map(digest, names)) if one not in known]
        return self.model_copy(update={"told": "".join([*fresh, *known][:TOLD_AT_MOST])}), len(fresh)


def read_progress(cursor: str | None, *, site: str) -> Progress | None:
    """Return the progress that ``cursor`` holds; None when it is not one of this site's."""
    try:
        progress = Progress.model_validate_json(cursor or "")
    except ValidationError:
        return None
    return progress if progress.site == digest(site) else None


def digest(name: str) -> str:
    """Return a short form of ``name``."""
    return urlsafe_b64encode(hashlib.sha256(name.encode("utf-8", "replace")).digest()).decode()[:DIGEST_LENGTH]
