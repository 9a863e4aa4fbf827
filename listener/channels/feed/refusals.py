"""What an HTTP status other than success means for a feed."""

from collections.abc import Mapping
from datetime import datetime

from domain.errors import ChannelError, PermanentError, RetryableError
from listener.retry_after import read_retry_after

REQUEST_TIMEOUT, TOO_MANY, SERVER_ERRORS = 408, 429, 500
NOT_THERE = frozenset({404, 410})
NOT_FOR_US = frozenset({401, 402, 403, 407, 451})


def explain_status(status: int, headers: Mapping[str, str], *, shown: str, now: datetime) -> ChannelError:
    """Return the error for ``status``."""
    if status in {TOO_MANY, REQUEST_TIMEOUT} or status >= SERVER_ERRORS:
        code = "rate_limited" if status == TOO_MANY else "server_error"
        wait = read_retry_after(headers.get("retry-after", ""), now=now)
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
