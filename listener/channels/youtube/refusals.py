"""What YouTube's refusal means: the status and the reason in its body, told as our errors with a remedy.

A refused send (4xx) surely did nothing, but for ``processingFailure``; a failed one (5xx) may have.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from domain.errors import ChannelError, PermanentError, RetryableError, SendUncertainError
from listener.channels.youtube import wire
from listener.channels.youtube.pacific import seconds_until_midnight
from listener.retry_after import read_http_date, read_retry_after

MOVED = range(300, 400)
UNAUTHORIZED, NOT_FOUND, REQUEST_TIMEOUT, TOO_MANY, SERVER_ERRORS = 401, 404, 408, 429, 500
LONGEST_QUOTE = 200
"""Characters of YouTube's own words that are repeated."""
MINUTE = 60.0
"""Google's limits on speed are for a minute; it seldom says how much of it is left."""

HOW_TO_SIGN_IN: Final = "Make a new refresh token as docs/how-to/youtube.md says and put it in secrets.refresh_token."
HOW_TO_GET_A_KEY: Final = "Check secrets.api_key and its restrictions: docs/how-to/youtube.md."
OF_EVERY_REQUEST: Final = frozenset(
    {"quota_used_up", "rate_limited", "units_used_up", "token_refused", "signed_out", "bad_key", "api_disabled"}
    | {"missing_scope", "account_closed", "no_channel"}
)
"""Refusals that are not about one video: the poll has to stop for them."""
DAY_IS_OVER: Final = frozenset({"quotaExceeded", "dailyLimitExceeded", "dailyLimitExceededUnreg"})
TOO_FAST: Final = frozenset({"rateLimitExceeded", "userRateLimitExceeded", "RATE_LIMIT_EXCEEDED"})


class TokenRefusedError(PermanentError):
    """The access token is over or revoked: another one may do. It leaves the client when that one is refused, too."""


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """An answer that is no success."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    """Names in small letters."""
    body: object = None


@dataclass(frozen=True)
class Meaning:
    """What one reason means to us."""

    code: str
    message: str
    remedy: str = ""


NO_SCOPE = Meaning("missing_scope", "Our token lacks the right to read and write comments.", HOW_TO_SIGN_IN)
BAD_KEY = Meaning("bad_key", "Google does not take our API key.", HOW_TO_GET_A_KEY)
DISABLED = Meaning(
    "api_disabled",
    "The YouTube Data API is not switched on in our Google project.",
    "Open the project in the Google Cloud console and enable YouTube Data API v3.",
)
CLOSED = Meaning("account_closed", "Our account is closed or suspended.", "Sign in on YouTube with it and read why.")
NO_CHANNEL = Meaning(
    "no_channel", "Our Google account has no YouTube channel.", "Make one on YouTube, or sign in as another account."
)
NO_COMMENTS = Meaning("comments_disabled", "Comments are switched off there.")
NO_REPLIES = Meaning("replies_not_allowed", "This thread takes no replies from us.")
GONE = Meaning("gone", "It is not there any more, or not for us.")
TOO_LONG = Meaning("too_long", "The text is too long for YouTube.", "Shorten it.")

MEANINGS: Final = {
    "insufficientPermissions": NO_SCOPE,
    "ACCESS_TOKEN_SCOPE_INSUFFICIENT": NO_SCOPE,
    "keyInvalid": BAD_KEY,
    "keyExpired": BAD_KEY,
    "API_KEY_INVALID": BAD_KEY,
    "API_KEY_SERVICE_BLOCKED": BAD_KEY,
    "API_KEY_IP_ADDRESS_BLOCKED": BAD_KEY,
    "API_KEY_HTTP_REFERRER_BLOCKED": BAD_KEY,
    "ipRefererBlocked": BAD_KEY,
    "accessNotConfigured": DISABLED,
    "SERVICE_DISABLED": DISABLED,
    "authenticatedUserAccountClosed": CLOSED,
    "authenticatedUserAccountSuspended": CLOSED,
    "youtubeSignupRequired": NO_CHANNEL,
    "authenticatedUserNotChannel": NO_CHANNEL,
    "ineligibleAccount": NO_CHANNEL,
    "commentsDisabled": NO_COMMENTS,
    "operationNotSupported": NO_REPLIES,
    "parentCommentIsPrivate": NO_REPLIES,
    "commentNotFound": GONE,
    "commentThreadNotFound": GONE,
    "parentCommentNotFound": GONE,
    "videoNotFound": GONE,
    "channelNotFound": GONE,
    "commentTextTooLong": TOO_LONG,
    "invalidPageToken": Meaning("page_lost", "YouTube has forgotten where we were in a list."),
}


def explain_refusal(refusal: Refusal, *, sends: bool, now: datetime) -> ChannelError:
    """Return the error for ``refusal``. ``sends``: the request makes something appear."""
    reasons = read_reasons(refusal.body)
    if DAY_IS_OVER & reasons or (TOO_FAST & reasons and _is_of_the_day(refusal.body)):
        return RetryableError(
            "The Google project's quota for today is used up.",
            code="quota_used_up",
            retry_after_seconds=seconds_until_midnight(now),
            remedy="Poll less often (poll_seconds), lower options.daily_units, or ask Google for a higher quota.",
        )
    if refusal.status == TOO_MANY or TOO_FAST & reasons:
        wait = read_wait(refusal.headers, now)
        return RetryableError(
            "YouTube asks us to wait.", code="rate_limited", retry_after_seconds=MINUTE if wait is None else wait
        )
    if not sends and "processingFailure" in reasons:
        return RetryableError("YouTube could not work on the question.", code="processing_failed")
    if refusal.status >= SERVER_ERRORS or refusal.status == REQUEST_TIMEOUT or "processingFailure" in reasons:
        return _explain_failure(refusal, sends=sends, now=now)
    if not sends and refusal.status not in {*MOVED, UNAUTHORIZED} and not isinstance(refusal.body, dict):
        return RetryableError(  # a gateway's page, say: it tells of no comment that it is gone
            f"YouTube gave no whole answer ({refusal.status}).", code="no_answer", remedy="Check options.api_url."
        )
    return _explain_no(refusal, reasons)


def read_reasons(body: object) -> frozenset[str]:
    """Return the reasons that an answer's body gives, in Google's older and newer form."""
    entries = [*wire.items(body, "error", "errors"), *wire.items(body, "error", "details")]
    return frozenset(reason for entry in entries if (reason := wire.text(entry, "reason")))


def read_wait(headers: Mapping[str, str], now: datetime) -> float | None:
    """Return how long the headers ask to wait, in seconds by the server's own clock; None when they do not say."""
    sent_at = read_http_date(headers.get("date", "")) or now
    return read_retry_after(headers.get("retry-after", ""), now=sent_at)


def _is_of_the_day(body: object) -> bool:
    limits = (wire.text(detail, "metadata", "quota_limit") for detail in wire.items(body, "error", "details"))
    return any("perday" in limit.lower() for limit in limits)


def _explain_failure(refusal: Refusal, *, sends: bool, now: datetime) -> ChannelError:
    if sends:
        return SendUncertainError(f"YouTube failed during a send ({refusal.status}).", code="server_error")
    return RetryableError(
        f"YouTube has trouble ({refusal.status}).",
        code="server_error",
        retry_after_seconds=read_wait(refusal.headers, now),
    )


def _explain_no(refusal: Refusal, reasons: frozenset[str]) -> PermanentError:
    """Return the error for a 4xx: YouTube understood and says no."""
    meaning = next((MEANINGS[reason] for reason in sorted(reasons) if reason in MEANINGS), None)
    if meaning is not None:
        return PermanentError(meaning.message, code=meaning.code, remedy=meaning.remedy)
    if refusal.status == UNAUTHORIZED:
        return TokenRefusedError("YouTube does not take our token.", code="token_refused", remedy=HOW_TO_SIGN_IN)
    if refusal.status == NOT_FOUND:
        return PermanentError(GONE.message, code=GONE.code)
    if refusal.status in MOVED:
        return PermanentError("YouTube sends us elsewhere.", code="moved", remedy="Check options.api_url.")
    words = wire.text(refusal.body, "error", "message") or str(refusal.status)
    quote = " ".join(words.split())[:LONGEST_QUOTE]
    return PermanentError(f"YouTube refuses: {quote}", code="refused", remedy="Read what YouTube says.")
