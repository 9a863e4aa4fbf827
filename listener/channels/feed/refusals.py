"""What an HTTP status other than success means for a feed."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from domain.errors import ChannelError, PermanentError, RetryableError

REQUEST_TIMEOUT, TOO_MANY, SERVER_ERRORS = 408, 429, 500
NOT_THERE = frozenset({404, 410})
NOT_FOR_US = frozenset({401, 402, 403, 407, 451})
LONGEST_WAIT_SECONDS = 86_400.0


def explain_status(status: int, headers: Mapping[str, str], *, shown: str, now: datetime) -> ChannelError:
    """Return the error for ``status``."""
    if status in {TOO_MANY, REQUEST_TIMEOUT} or status >= SERVER_ERRORS:
        code = "rate_limited" if status == TOO_MANY else "server_error"
        wait = _wait_seconds(headers.get("retry-after", ""), now)
        return RetryableError(f"{shown} has trouble ({status}).", code=code, retry_after_seconds=wait)
    if status in NOT_THERE:
        return PermanentError(
            f"There is no feed at {shown} ({status}).", code="gone", remedy="Look up the feed's new address."
        )
    if status in NOT_FOR_US:
        return PermanentError(
            f"{shown} refuses us ({status}).", code="forbidden", remedy="Check that it may be read without a sign-in."
        )
    return PermanentError(f"{shown} answers with status {status}.", code="refused", remedy="Open it in a browser.")


def _wait_seconds(asked: str, now: datetime) -> float | None:
    """Return what ``Retry-After`` asks for, in seconds or as a date; None if untold."""
    try:
        seconds = float(asked)
    except ValueError:
        try:
            until = parsedate_to_datetime(asked)
        except ValueError:
            return None
        seconds = ((until if until.tzinfo else until.replace(tzinfo=UTC)) - now).total_seconds()
    return min(max(seconds, 1.0), LONGEST_WAIT_SECONDS) if seconds == seconds else None  # noqa: PLR0124 - not a number
