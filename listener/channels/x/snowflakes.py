"""X's ids carry the moment they were given: a moment can be asked for as an id, and an id's age is known."""

from datetime import UTC, datetime, timedelta
from typing import Final

EPOCH: Final = datetime(2010, 11, 4, 1, 42, 54, 657_000, tzinfo=UTC)
"""Milliseconds are counted from here."""
SHIFT: Final = 22
"""Bits below the milliseconds."""
MILLISECOND: Final = timedelta(milliseconds=1)


def id_at(moment: datetime) -> int:
    """Return the lowest id that could be given at ``moment``; 0 before ids began."""
    return max(0, (moment - EPOCH) // MILLISECOND) << SHIFT


def moment_of(given: int) -> datetime:
    """Return when the id ``given`` was given."""
    return EPOCH + (given >> SHIFT) * MILLISECOND
