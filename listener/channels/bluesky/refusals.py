"""What a server's refusal means: the lexicons' error names and HTTP statuses, told as our errors with a remedy."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from domain.errors import ChannelError, PermanentError, RetryableError, SendUncertainError

TOO_MANY = 429
REQUEST_TIMEOUT = 408
NOT_FOUND = 404
NOT_IMPLEMENTED = 501
SERVER_ERRORS = 500
UNAUTHORIZED = 401
LONGEST_QUOTE = 200
"""Characters of a server's own words that are repeated."""

HOW_TO_RENEW = "Make a new app password (Bluesky: Settings, Privacy and security, App passwords) and put it in secrets.app_password."


class TokenRefusedError(PermanentError):
    """The access token is over or unknown: refresh, then ask again. Never leaves the channel."""


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """An answer that is no success."""

    status: int
    name: str = ""
    message: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Meaning:
    """What one error name means to us."""

    code: str
    message: str
    remedy: str = ""


MEANINGS: Mapping[str, Meaning] = {
    "AccountTakedown": Meaning(
        "account_taken_down", "Bluesky has suspended our account.", "Sign in on bsky.app with it and read why."
    ),
    "AccountDeactivated": Meaning(
        "account_deactivated", "Our account is deactivated.", "Activate it again on bsky.app."
    ),
    "AuthFactorTokenRequired": Meaning(
        "second_factor", "Bluesky asks for a code by mail.", f"The account's own password was given. {HOW_TO_RENEW}"
    ),
    "RecordNotFound": Meaning("no_record", "The record is not there."),
    "NotFound": Meaning("gone", "The post is not there."),
    "AccountNotFound": Meaning("gone", "The account is not there."),
    "RecipientNotFound": Meaning("gone", "The person's account is not there."),
    "AccountSuspended": Meaning("gone", "The person's account is suspended."),
    "MessagesDisabled": Meaning("dm_closed", "The person takes no direct messages.", "Answer in public."),
    "NotFollowedBySender": Meaning(
        "dm_closed", "The person takes direct messages only from accounts they follow.", "Answer in public."
    ),
    "ConvoLocked": Meaning("dm_closed", "The conversation is locked.", "Answer in public."),
    "InvalidConvo": Meaning("dm_closed", "The conversation is not open to us.", "Answer in public."),
    "BlockedActor": Meaning("blocked", "The person has blocked our account."),
    "BlockedSubject": Meaning("blocked", "Our account has blocked this person.", "Unblock them on bsky.app."),
    "BlockedByActor": Meaning("blocked", "The person has blocked our account."),
}
NO_DM_RIGHT = Meaning(
    "no_dm_right",
    "The app password may not touch direct messages.",
    f"{HOW_TO_RENEW} Tick the access to direct messages. Or set options.direct_messages = false.",
)
STALE_TOKEN_NAMES = frozenset({"ExpiredToken", "InvalidToken", "AuthMissing", "AuthenticationRequired"})
TOO_LONG_SIGNS = ("grapheme", "must not be longer", "too long", "too big", "exceeds")


def explain_refusal(refusal: Refusal, *, sends: bool, now: datetime) -> ChannelError:
    """Return the error for ``refusal``. A refused send (4xx, 429) surely did nothing; a failed one (5xx) may have."""
    if refusal.status == TOO_MANY:
        return RetryableError(
            "Bluesky asks us to wait.", code="rate_limited", retry_after_seconds=_wait_seconds(refusal.headers, now)
        )
    if refusal.status == NOT_IMPLEMENTED or (refusal.status == NOT_FOUND and refusal.name not in MEANINGS):
        return PermanentError(
            "The server does not know this call.", code="unsupported", remedy="Check options.service: is it a PDS?"
        )
    if refusal.status >= SERVER_ERRORS or refusal.status == REQUEST_TIMEOUT:
        if sends:
            return SendUncertainError(f"The server failed during a send ({refusal.status}).", code="server_error")
        wait = _wait_seconds(refusal.headers, now)
        return RetryableError(
            f"The server has trouble ({refusal.status}).", code="server_error", retry_after_seconds=wait
        )
    return _explain_no(refusal)


def _explain_no(refusal: Refusal) -> PermanentError:
    """Return the error for a 4xx: the server understood and says no."""
    words = refusal.message.lower()
    if "bad token method" in words or "insufficient access to request a service auth token" in words:
        return PermanentError(NO_DM_RIGHT.message, code=NO_DM_RIGHT.code, remedy=NO_DM_RIGHT.remedy)
    if refusal.name in MEANINGS:
        meaning = MEANINGS[refusal.name]
        return PermanentError(meaning.message, code=meaning.code, remedy=meaning.remedy)
    if refusal.name in STALE_TOKEN_NAMES or refusal.status == UNAUTHORIZED:
        return TokenRefusedError("Bluesky no longer takes our session.", code="session_refused", remedy=HOW_TO_RENEW)
    if any(sign in words for sign in TOO_LONG_SIGNS):
        return PermanentError("The text is too long for Bluesky.", code="too_long", remedy="Shorten it.")
    quote = " ".join((refusal.message or refusal.name or str(refusal.status)).split())[:LONGEST_QUOTE]
    return PermanentError(f"Bluesky refuses: {quote}", code="refused")


def _wait_seconds(headers: Mapping[str, str], now: datetime) -> float | None:
    """Return how long the server asks to wait: ``retry-after`` in seconds, else the window's end. None if untold."""
    for name, beginning in (("retry-after", 0.0), ("ratelimit-reset", now.timestamp())):
        try:
            seconds = float(headers[name]) - beginning
        except (KeyError, ValueError):
            continue
        if seconds == seconds:  # noqa: PLR0124 - not a number equals nothing, itself neither
            return min(max(seconds, 1.0), 86_400.0)
    return None
