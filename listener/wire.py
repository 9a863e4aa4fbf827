"""Reading JSON that others wrote: whatever is missing or of another type is simply not there."""

from datetime import UTC, datetime


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


def whole(value: object, *path: str) -> int | None:
    """Return the whole number under ``path``."""
    found = part(value, *path)
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def moment(value: object, *path: str) -> datetime | None:
    """Return the time under ``path``, aware, in UTC; None when there is none."""
    try:
        found = datetime.fromisoformat(text(value, *path))
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
