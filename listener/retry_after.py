"""How long a server asks us to wait: HTTP's ``Retry-After`` (RFC 9110, 10.2.3)."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

SHORTEST_WAIT, LONGEST_WAIT = 1.0, 86_400.0
"""Seconds: what a header may make us wait."""


def read_retry_after(asked: str, *, now: datetime) -> float | None:
    """Return what the header's value ``asked`` means, in seconds from ``now``, bounded; None if it says nothing readable."""
    seconds = read_number(asked)
    if seconds is None and (until := read_http_date(asked)):
        seconds = (until - now).total_seconds()
    return None if seconds is None else bound_wait(seconds)


def bound_wait(seconds: float) -> float:
    """Return ``seconds`` as we are ready to wait them."""
    return min(max(seconds, SHORTEST_WAIT), LONGEST_WAIT)


def read_number(value: str) -> float | None:
    """Return ``value`` as a number; None if it is none."""
    try:
        number = float(value)
    except ValueError:
        return None
    return number if number == number else None  # noqa: PLR0124 - not a number equals nothing, itself neither


def read_http_date(value: str) -> datetime | None:
    """Return a header's date in UTC; None if it is none, or one that no calendar holds."""
    try:
        read = parsedate_to_datetime(value)
        return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
    except (ValueError, TypeError, OverflowError):
        return None
