"""What LINE's refusals mean: status and words, told as our errors with a remedy."""

from datetime import datetime
from typing import Final

from domain.errors import ChannelError, PermanentError, RetryableError, SendUncertainError
from listener import wire
from listener.json_http import JsonAnswer
from listener.retry_after import read_retry_after

MOVED: Final = range(300, 400)
BAD_REQUEST: Final = 400
UNAUTHORIZED: Final = 401
FORBIDDEN: Final = 403
NOT_FOUND: Final = frozenset({404, 410})
REQUEST_TIMEOUT: Final = 408
CONFLICT: Final = 409
TOO_MANY: Final = 429
SERVER_ERRORS: Final = 500
LONGEST_QUOTE: Final = 200
"""Characters of the platform's own words that are repeated."""
MONTH_IS_FULL: Final = "monthly limit"
"""In LINE's words for the 429 that lasts until the month ends; every other 429 passes."""
GUIDE: Final = "see docs/how-to/line.md"


def explain_refusal(answer: JsonAnswer, *, sends: bool, now: datetime) -> ChannelError:
    """Return the error for ``answer``. A refused send (4xx) surely did nothing; a failed one (5xx) may have."""
    status = answer.status
    if status == TOO_MANY:
        return _too_many(answer, now)
    if status >= SERVER_ERRORS or status == REQUEST_TIMEOUT:
        if sends:
            return SendUncertainError(f"LINE failed during a send ({status}).", code="server_error")
        wait = read_retry_after(answer.headers.get("retry-after", ""), now=now)
        return RetryableError(f"LINE has trouble ({status}).", code="server_error", retry_after_seconds=wait)
    return _explain_no(answer)


def quota_spent(used: int, limit: int) -> PermanentError:
    """Return the error for a month whose messages are used up."""
    counted = f" ({used} of {limit})" if limit else ""
    return PermanentError(
        f"This month's messages are used up{counted}.",
        code="quota_spent",
        remedy="Answer by hand in LINE's chat, which costs none, or buy more messages in LINE Official Account Manager.",
    )


def quote(answer: JsonAnswer) -> str:
    """Return LINE's own words, short and on one line."""
    first = next(iter(wire.items(answer.body, "details")), None)
    said = f"{wire.text(answer.body, 'message')} {wire.text(first, 'property')} {wire.text(first, 'message')}"
    return " ".join(said.split())[:LONGEST_QUOTE] or f"status {answer.status}"


def _too_many(answer: JsonAnswer, now: datetime) -> ChannelError:
    if MONTH_IS_FULL in wire.text(answer.body, "message").lower():
        return quota_spent(0, 0)
    wait = read_retry_after(answer.headers.get("retry-after", ""), now=now)
    return RetryableError("LINE asks us to wait.", code="rate_limited", retry_after_seconds=wait)


def _explain_no(answer: JsonAnswer) -> PermanentError:
    """Return the error for a 3xx or 4xx: LINE understood and says no."""
    status = answer.status
    if status in MOVED:
        return PermanentError("LINE sends us elsewhere.", code="moved", remedy="Check options.service.")
    if status == UNAUTHORIZED:
        return PermanentError(
            "LINE does not take our channel access token.",
            code="token_refused",
            remedy=f"Issue a new one in the LINE Developers Console and put it in secrets.channel_access_token; {GUIDE}.",
        )
    if status == FORBIDDEN:
        return PermanentError(
            f"LINE does not allow this to our account: {quote(answer)}",
            code="no_right",
            remedy=f"Check the account's plan and the channel's rights; {GUIDE}.",
        )
    if status in NOT_FOUND:
        return PermanentError("It is not there, or not for us.", code="gone", remedy="Check options.service.")
    return PermanentError(f"LINE refuses: {quote(answer)}", code="refused", remedy="Read what LINE says.")
