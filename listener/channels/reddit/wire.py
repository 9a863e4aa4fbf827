"""Reading Reddit's JSON, which strangers wrote: what is missing or of another type is simply not there (``listener.wire``)."""

from datetime import UTC, datetime

from listener.wire import items, part, text

__all__ = ["EPOCH", "items", "moment", "number", "part", "text"]

EPOCH = datetime(2005, 6, 1, tzinfo=UTC)
"""Nothing on Reddit is older."""


def number(value: object, *path: str) -> float | None:
    """Return the finite number under ``path``."""
    found = part(value, *path)
    if isinstance(found, bool) or not isinstance(found, int | float):
        return None
    return float(found) if abs(found) < 1e12 else None  # noqa: PLR2004 - leaves out infinity, and is no number's equal


def moment(value: object, *path: str) -> datetime | None:
    """Return the time under ``path``, seconds since 1970, aware; None when there is none."""
    seconds = number(value, *path)
    try:
        return datetime.fromtimestamp(seconds, UTC) if seconds is not None and seconds > 0 else None
    except (ValueError, OverflowError, OSError):
        return None
