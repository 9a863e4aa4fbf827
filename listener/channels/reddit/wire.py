"""Reading JSON that strangers wrote: whatever is missing or of another type is simply not there."""

from datetime import UTC, datetime

EPOCH = datetime(2005, 6, 1, tzinfo=UTC)
"""Nothing on Reddit is older."""


def part(value: object, *path: str) -> object:
    """Return what stands under ``path`` in nested objects; None when it is not there."""
    for key in path:
        if not isinstance(value, dict):
            return None
        value = value.get(key)
    return value


def text(value: object, *path: str) -> str:
    """Return the string under ``path``; empty when there is none."""
    found = part(value, *path)
    return found if isinstance(found, str) else ""


def items(value: object, *path: str) -> list[object]:
    """Return the list under ``path``; empty when there is none."""
    found = part(value, *path)
    return found if isinstance(found, list) else []


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
