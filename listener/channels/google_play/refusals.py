"""What Google's refusals mean, told as our errors with a remedy."""

from datetime import datetime
from typing import Final

from domain.errors import ChannelError, PermanentError, RetryableError, SendUncertainError
from listener import wire
from listener.json_http import JsonAnswer
from listener.retry_after import read_retry_after

UNAUTHORIZED: Final = 401
FORBIDDEN: Final = 403
NOT_FOUND: Final = frozenset({404, 410})
REQUEST_TIMEOUT: Final = 408
TOO_MANY: Final = 429
SERVER_ERRORS: Final = 500
LONGEST_QUOTE: Final = 200
"""Characters of the server's own words that are repeated."""
BUSY_REASONS: Final = frozenset(
    {"ratelimitexceeded", "userratelimitexceeded", "quotaexceeded", "dailylimitexceeded", "rate_limit_exceeded"}
)
"""A 403 with one of these is a 429 by another name."""
OFF_REASONS: Final = frozenset({"accessnotconfigured", "service_disabled"})
GUIDE: Final = "see docs/how-to/google_play.md"


def explain_refusal(answer: JsonAnswer, *, sends: bool, now: datetime) -> ChannelError:
    """Return the error for ``answer``. A refused send (4xx) surely did nothing; a failed one (5xx) may have."""
    status, reasons = answer.status, _reasons(answer)
    wait = read_retry_after(answer.headers.get("retry-after", ""), now=now)
    if status == TOO_MANY or (status == FORBIDDEN and reasons & BUSY_REASONS):
        return RetryableError("Google Play asks us to wait.", code="rate_limited", retry_after_seconds=wait)
    if status >= SERVER_ERRORS or status == REQUEST_TIMEOUT:
        if sends:
            return SendUncertainError(f"Google Play failed during a send ({status}).", code="server_error")
        return RetryableError(f"Google Play has trouble ({status}).", code="server_error", retry_after_seconds=wait)
    return _explain_no(answer, reasons)


def _explain_no(answer: JsonAnswer, reasons: frozenset[str]) -> PermanentError:
    """Return the error for a 4xx: Google understood and says no."""
    status = answer.status
    if status == UNAUTHORIZED:
        return PermanentError(
            "Google Play does not take our token.",
            code="token_refused",
            remedy=f"Check that the service account still exists; {GUIDE}.",
        )
    if status == FORBIDDEN:
        return _explain_forbidden(answer, reasons)
    if status in NOT_FOUND:
        return PermanentError(
            "It is not there, or not for our account.", code="gone", remedy="Check options.package_name."
        )
    return PermanentError(f"Google Play refuses: {_quote(answer)}", code="refused", remedy="Read what Google says.")


def _explain_forbidden(answer: JsonAnswer, reasons: frozenset[str]) -> PermanentError:
    if reasons & OFF_REASONS:
        return PermanentError(
            "The Google Play Android Developer API is switched off in the service account's project.",
            code="api_off",
            remedy=f"Enable it in Google Cloud; {GUIDE}.",
        )
    return PermanentError(
        f"The service account may not do this: {_quote(answer)}",
        code="no_right",
        remedy=f"Invite it in Play Console with the right to reply to reviews; {GUIDE}.",
    )


def _reasons(answer: JsonAnswer) -> frozenset[str]:
    """Return why, in lower case: Google has an older and a newer form of saying it."""
    entries = [*wire.items(answer.body, "error", "errors"), *wire.items(answer.body, "error", "details")]
    return frozenset(wire.text(entry, "reason").lower() for entry in entries)


def _quote(answer: JsonAnswer) -> str:
    """Return Google's own words, short and on one line."""
    said = wire.text(answer.body, "error", "message") or f"status {answer.status}"
    return " ".join(said.split())[:LONGEST_QUOTE]
