"""Reading X's answers: what is missing or of another type is simply not there (``listener.wire``)."""

from listener.wire import items, moment, part, text, whole

__all__ = ["ids", "is_id", "items", "moment", "number", "part", "text", "whole"]


def number(value: object, *path: str) -> int:
    """Return the id under ``path`` as a number; 0 when it is none."""
    found = text(value, *path)
    return int(found) if is_id(found) else 0


def is_id(value: str) -> bool:
    """Tell whether ``value`` is an id as X gives them: up to nineteen digits."""
    return value.isascii() and value.isdigit() and len(value) <= 19  # noqa: PLR2004 - as X documents them


def ids(values: list[object]) -> list[str]:
    """Return the ``id`` of each of ``values`` that has one."""
    return [found for value in values if (found := text(value, "id"))]
