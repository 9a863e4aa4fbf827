"""What a server's refusal means: status and words, told as our errors with a remedy."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from domain.errors import ChannelError, PermanentError, RetryableError, SendUncertainError
from listener.retry_after import bound_wait, read_http_date, read_number, read_retry_after

MOVED = range(300, 400)
UNAUTHORIZED = 401
FORBIDDEN = 403
NOT_FOUND = frozenset({404, 410})
REQUEST_TIMEOUT = 408
UNPROCESSABLE = 422
TOO_MANY = 429
SERVER_ERRORS = 500
NOT_IMPLEMENTED = 501
LONGEST_QUOTE = 200
"""Characters of a server's own words that are repeated."""

HOW_TO_RENEW = "Make a new access token on your server (Preferences, Development, your application) and put it in secrets.access_token."
TOO_LONG_SIGNS = ("character limit", "too long", "is over")
DISABLED_SIGNS = ("login is currently", "account is suspended", "confirmed e-mail", "pending approval")


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """An answer that is no success. ``headers`` have lower-case names."""

    status: int
    message: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


def explain_refusal(refusal: Refusal, *, sends: bool, now: datetime) -> ChannelError:
    """Return the error for ``refusal``. A refused send (4xx, 429) surely did nothing; a failed one (5xx) may have."""
    if refusal.status == TOO_MANY:
        wait = read_wait(refusal.headers, now)
        return RetryableError("The server asks us to wait.", code="rate_limited", retry_after_seconds=wait)
    if refusal.status in MOVED:
        return PermanentError(
            "The server sends us elsewhere.",
            code="moved",
            remedy="Check options.instance: it must be the server itself.",
        )
    if refusal.status == NOT_IMPLEMENTED:
        return PermanentError(
            "The server does not know this call.", code="unsupported", remedy="Check options.instance."
        )
    if refusal.status >= SERVER_ERRORS or refusal.status == REQUEST_TIMEOUT:
        if sends:
            return SendUncertainError(f"The server failed during a send ({refusal.status}).", code="server_error")
        return RetryableError(
            f"The server has trouble ({refusal.status}).",
            code="server_error",
            retry_after_seconds=read_wait(refusal.headers, now),
        )
    return _explain_no(refusal)


def read_wait(headers: Mapping[str, str], now: datetime) -> float | None:
    """Return how long the headers ask to wait, in seconds; None when they do not say.

    ``Retry-After`` comes first; ``X-RateLimit-Reset`` is a time (Mastodon) or seconds since 1970 (others), reckoned from the
    server's own ``Date`` so that a wrong clock on either side does no harm.
    """
    sent_at = read_http_date(headers.get("date", "")) or now
    wait = read_retry_after(headers.get("retry-after", ""), now=sent_at)
    if wait is None and (until := _read_reset(headers.get("x-ratelimit-reset", ""))):
        wait = bound_wait((until - sent_at).total_seconds())
    return wait


def _explain_no(refusal: Refusal) -> PermanentError:
    """Return the error for a 4xx: the server understood and says no."""
    words = refusal.message.lower()
    if any(sign in words for sign in DISABLED_SIGNS):
        return PermanentError(
            "Our account is suspended, disabled or not confirmed yet.",
            code="account_disabled",
            remedy="Sign in on your server with it and read why.",
        )
    if refusal.status == FORBIDDEN and "scope" in words:
        return PermanentError(
            "The access token lacks a right that this needs.",
            code="missing_scope",
            remedy=f"Tick the scopes that the guide names. {HOW_TO_RENEW}",
        )
    if refusal.status == UNAUTHORIZED:
        return PermanentError("The server does not take our access token.", code="token_refused", remedy=HOW_TO_RENEW)
    if refusal.status in NOT_FOUND:
        return PermanentError("It is not there, or not for us.", code="gone")
    if refusal.status == UNPROCESSABLE and any(sign in words for sign in TOO_LONG_SIGNS):
        return PermanentError("The text is too long for this server.", code="too_long", remedy="Shorten it.")
    quote = " ".join((refusal.message or str(refusal.status)).split())[:LONGEST_QUOTE]
    return PermanentError(f"The server refuses: {quote}", code="refused", remedy="Read what the server says.")


def _read_reset(value: str) -> datetime | None:
    number = read_number(value)
    try:
        read = datetime.fromisoformat(value) if number is None else datetime.fromtimestamp(number, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
