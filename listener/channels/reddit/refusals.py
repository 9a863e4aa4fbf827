"""What a refusal of Reddit means: statuses, and the error codes inside answers that claim to be fine, told as our errors.

A refused send (4xx, an error code) surely did nothing; a failed one (5xx, an answer that cannot be read) may have.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from domain.errors import ChannelError, PermanentError, RetryableError, SendUncertainError
from listener.channels.reddit import wire

UNAUTHORIZED, FORBIDDEN, NOT_FOUND, REQUEST_TIMEOUT, TOO_MANY = 401, 403, 404, 408, 429
REDIRECTS = range(300, 400)
SERVER_ERRORS = 500
LONGEST_WAIT = 86_400.0
LONGEST_QUOTE = 200
"""Characters of Reddit's own words that are repeated."""

HOW_TO_RENEW = "Check client_id and its secrets, or make a new token: docs/how-to/reddit.md."
RATE_LIMITED = "rate_limited"
UNITS = {"millisecond": 0.001, "second": 1.0, "minute": 60.0, "hour": 3600.0}
WAIT = re.compile(r"([0-9]{1,4}) (millisecond|second|minute|hour)s?")


class TokenRefusedError(PermanentError):
    """The access token is over or revoked: get another, then ask again. Never leaves the channel."""


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """An answer that is no success."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    """Names in small letters."""
    body: object = None


@dataclass(frozen=True)
class Meaning:
    """What one error code means to us."""

    code: str
    message: str
    remedy: str = ""


LOCKED = Meaning("replies_not_allowed", "The thread is locked: nobody may reply.")
ARCHIVED = Meaning("replies_not_allowed", "The thread is archived: it takes no replies any more.")
GONE = Meaning("gone", "The post is not there any more.")
BANNED = Meaning(
    "banned", "Our account may not write in this subreddit.", "Open the subreddit with our account and read why."
)
BLOCKED = Meaning("blocked", "The person has blocked our account, or takes no messages from it.")
MEANINGS: Mapping[str, Meaning] = {
    "THREAD_LOCKED": LOCKED,
    "COMMENT_LOCKED": LOCKED,
    "TOO_OLD": ARCHIVED,
    "DELETED_COMMENT": GONE,
    "DELETED_LINK": GONE,
    "DELETED_THING": GONE,
    "NO_THING_ID": GONE,
    "USER_DOESNT_EXIST": Meaning("gone", "The person's account is not there any more."),
    "INVALID_USER": Meaning("gone", "The person's account is not there any more."),
    "SUBREDDIT_NOTALLOWED": BANNED,
    "SUBREDDIT_NOEXIST": Meaning("gone", "The subreddit is not there any more."),
    "USER_BANNED": BANNED,
    "BANNED_FROM_SUBREDDIT": BANNED,
    "USER_BLOCKED": BLOCKED,
    "USER_BLOCKED_MESSAGE": BLOCKED,
    "NOT_WHITELISTED_BY_USER_MESSAGE": BLOCKED,
    "RESTRICTED_TO_PM": BLOCKED,
    "USER_MUTED": BLOCKED,
    "TOO_LONG": Meaning("too_long", "The text is too long for Reddit.", "Shorten it."),
    "NO_TEXT": Meaning("empty", "The text is empty.", "Write one."),
    "BAD_CAPTCHA": Meaning("unverified", "Reddit asks our account to prove that it is no spammer.", "Verify its mail."),
}
DOUBTFUL = frozenset({"SOMETHING_IS_BROKEN", "INTERNAL_ERROR"})
"""Codes for a fault on their side: whatever was sent may stand all the same."""


def explain_status(refusal: Refusal, *, sends: bool) -> ChannelError:
    """Return the error for an answer whose status is no success."""
    if refusal.status == TOO_MANY:
        wait = read_wait(refusal.headers)
        return RetryableError("Reddit asks us to wait.", code=RATE_LIMITED, retry_after_seconds=wait)
    if refusal.status >= SERVER_ERRORS or refusal.status == REQUEST_TIMEOUT:
        if sends:
            return SendUncertainError(f"Reddit failed during a send ({refusal.status}).", code="server_error")
        wait = read_wait(refusal.headers)
        return RetryableError(f"Reddit has trouble ({refusal.status}).", code="server_error", retry_after_seconds=wait)
    if refusal.status == UNAUTHORIZED:
        return TokenRefusedError("Reddit no longer takes our token.", code="session_refused", remedy=HOW_TO_RENEW)
    return _explain_no(refusal, sends=sends)


def _explain_no(refusal: Refusal, *, sends: bool) -> PermanentError:
    """Return the error for a 3xx or 4xx: Reddit understood and says no."""
    if "insufficient_scope" in refusal.headers.get("www-authenticate", ""):
        remedy = "Make a token with the scopes that docs/how-to/reddit.md names."
        return PermanentError("Our app lacks the right to this call.", code="no_scope", remedy=remedy)
    reason = wire.text(refusal.body, "reason")
    if reason in MEANINGS:
        return _as_error(MEANINGS[reason])
    if refusal.status in REDIRECTS or refusal.status == NOT_FOUND:
        remedy = "Check the names in options.subreddits and options.search_in."
        return PermanentError("What was asked for is not there.", code="gone" if sends else "not_found", remedy=remedy)
    if refusal.status == FORBIDDEN:
        if sends:
            return _as_error(BANNED)
        quote = f" ({reason[:LONGEST_QUOTE]})" if reason else ""
        remedy = "Sign in with our account on Reddit: is it suspended, or the subreddit private or banned?"
        return PermanentError(f"Reddit does not let us in{quote}.", code="forbidden", remedy=remedy)
    said = reason or wire.text(refusal.body, "message") or str(refusal.status)
    return PermanentError(f"Reddit refuses: {_one_line(said)}", code="refused", remedy="Read what Reddit says.")


def explain_errors(answer: object) -> ChannelError | None:
    """Return the error inside an answer with status 200 (``json.errors``); None when there is none.

    Each is ``[code, words, field]``. Words follow the account's language; the seconds to wait stand beside in numbers.
    """
    errors = wire.items(answer, "json", "errors")
    if not errors:
        return None
    first = errors[0]
    parts = [str(one) for one in first if one is not None] if isinstance(first, list) else [str(first)]
    code, words = (parts[0] if parts else "", parts[1] if len(parts) > 1 else "")
    if code == "RATELIMIT":
        wait = wire.number(answer, "json", "ratelimit") or _wait_in_words(words)
        return RetryableError(
            "Reddit lets our account write only so often.", code=RATE_LIMITED, retry_after_seconds=wait
        )
    if code in MEANINGS:
        return _as_error(MEANINGS[code])
    if code in DOUBTFUL:
        return SendUncertainError("Reddit failed during a send.", code="server_error")
    return PermanentError(f"Reddit refuses: {_one_line(f'{code} {words}')}", code="refused", remedy="Change the text.")


def explain_token_answer(answer: object) -> ChannelError | None:
    """Return the error inside the answer of the token door; None for a token."""
    if wire.text(answer, "error"):
        return bad_credentials()
    token, scope, life = (wire.part(answer, name) for name in ("access_token", "scope", "expires_in"))
    if isinstance(token, str) and isinstance(scope, str) and isinstance(life, int):
        return None
    return RetryableError("Reddit's sign-in answer makes no sense.", code="no_answer")


def bad_credentials() -> PermanentError:
    """Return the error for credentials that Reddit does not take."""
    return PermanentError("Reddit does not let our app in.", code="bad_credentials", remedy=HOW_TO_RENEW)


def read_wait(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that Reddit asks to wait; None if untold."""
    for name in ("retry-after", "x-ratelimit-reset"):
        try:
            seconds = float(headers[name])
        except (KeyError, ValueError):
            continue
        if 0 <= seconds < float("inf"):
            return min(max(seconds, 1.0), LONGEST_WAIT)
    return None


def _wait_in_words(words: str) -> float | None:
    found = WAIT.search(words)
    return int(found[1]) * UNITS[found[2]] if found else None


def _as_error(meaning: Meaning) -> PermanentError:
    return PermanentError(meaning.message, code=meaning.code, remedy=meaning.remedy)


def _one_line(words: str) -> str:
    return " ".join(words.split())[:LONGEST_QUOTE]
