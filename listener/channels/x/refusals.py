"""What X's refusals mean: statuses, problem types and words, told as our errors with a remedy.

One 403 covers many causes and X's words for them change, so what is not recognised is permanent, too: a person decides.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from domain.errors import ChannelError, PermanentError, RetryableError, SendUncertainError
from listener.channels.x import answers

UNAUTHORIZED: Final = 401
PAYMENT_REQUIRED: Final = 402
FORBIDDEN: Final = 403
NOT_FOUND: Final = 404
REQUEST_TIMEOUT: Final = 408
TOO_MANY: Final = 429
SERVER_ERRORS: Final = 500
LONGEST_QUOTE: Final = 200
"""Characters of a server's own words that are repeated."""
LONGEST_WAIT: Final = 86_400.0
WINDOWS: Final = ("x-rate-limit", "x-app-limit-24hour", "x-user-limit-24hour")
"""Beginnings of the header names of each limit; ``-remaining`` and ``-reset`` follow."""

RATE_LIMITED: Final = "rate_limited"
RENEW_KEYS: Final = "Make new keys in X's developer console and put them into the secrets; see docs/how-to/x.md."


class TokenRefusedError(PermanentError):
    """The access token is over or unknown: refresh, then ask again. Leaves the channel only where nothing can be refreshed."""


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """An answer that is no success."""

    status: int
    body: object = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def words(self) -> str:
        """Everything the server says, in lower case."""
        errors = answers.items(self.body, "errors")
        parts = [answers.text(self.body, name) for name in ("title", "detail", "type", "reason", "error_description")]
        parts += [answers.text(error, name) for error in errors for name in ("message", "detail")]
        return " ".join(part for part in parts if part).lower()

    @property
    def quote(self) -> str:
        """The server's own words, short."""
        first = next(iter(answers.items(self.body, "errors")), None)
        said = answers.text(self.body, "detail") or answers.text(first, "message") or answers.text(self.body, "title")
        return " ".join(said.split())[:LONGEST_QUOTE] or f"status {self.status}"


@dataclass(frozen=True)
class Meaning:
    """What one refusal means to us; ``signs`` are words it is known by."""

    code: str
    signs: tuple[str, ...]
    message: str
    remedy: str


FORBIDDEN_MEANINGS: Final = (
    Meaning(
        "duplicate",
        ("duplicate content",),
        "X says that we posted this very text already.",
        "Look on X; change the text.",
    ),
    Meaning(
        "not_summoned",
        ("not been mentioned", "otherwise engaged", "not mentioned or quoted"),
        "X takes replies by API only where the author mentioned or quoted us.",
        "Post it by hand.",
    ),
    Meaning(
        "gone",
        ("deleted or not visible", "not visible to you"),
        "The post was deleted or is not visible to us.",
        "Close it.",
    ),
    Meaning(
        "replies_not_allowed",
        ("restricted who can reply", "who can reply", "reply to this conversation is not allowed"),
        "The author limits who may reply.",
        "Leave it, or answer in a message if they wrote one.",
    ),
    Meaning(
        "dm_closed",
        ("permission to dm", "cannot send messages to this user", "not following you", "direct messages to"),
        "The person takes no direct messages from us.",
        "Answer in public.",
    ),
    Meaning(
        "no_right",
        ("oauth1-permissions", "oauth1 app permissions", "missing scope", "required scope", "oauth2-permissions"),
        "The app has no right to do this.",
        "Give the app read, write and direct messages in X's developer console, then make new tokens.",
    ),
    Meaning(
        "no_access",
        ("client-not-enrolled", "client-forbidden", "unsupported-authentication", "unsupported authentication"),
        "The app may not use this part of X's API.",
        "Put the app into a project with credits in X's developer console, and check the kind of keys.",
    ),
    Meaning(
        "account_locked",
        ("temporarily locked", "suspended"),
        "X has locked our account.",
        "Sign in on x.com with it and read why.",
    ),
    Meaning("too_long", ("too long", "text is too"), "The text is too long for X.", "Shorten it."),
)


def explain_refusal(refusal: Refusal, *, sends: bool, now: datetime) -> ChannelError:
    """Return the error for ``refusal``. A refused send (4xx, 429) surely did nothing; a failed one (5xx) may have."""
    if refusal.status == PAYMENT_REQUIRED or "creditsdepleted" in refusal.words.replace(" ", ""):
        return PermanentError(
            "X's credits are used up.", code="no_credits", remedy="Buy credits in the developer console."
        )
    if refusal.status == TOO_MANY:
        return _explain_limit(refusal, now)
    if refusal.status == UNAUTHORIZED:
        return TokenRefusedError("X does not take our keys.", code="bad_credentials", remedy=RENEW_KEYS)
    if refusal.status >= SERVER_ERRORS or refusal.status == REQUEST_TIMEOUT:
        if sends:
            return SendUncertainError(f"X failed during a send ({refusal.status}).", code="server_error")
        wait = read_wait(refusal.headers, now)
        return RetryableError(f"X has trouble ({refusal.status}).", code="server_error", retry_after_seconds=wait)
    return _explain_no(refusal)


def _explain_limit(refusal: Refusal, now: datetime) -> ChannelError:
    if "usage-capped" in refusal.words or "usagecap" in refusal.words or "usage cap" in refusal.words:
        return PermanentError(
            "The month's reads that X allows this app are used up.",
            code="usage_capped",
            remedy="Raise the cap in the developer console, or wait for the new month.",
        )
    wait = read_wait(refusal.headers, now)
    return RetryableError("X asks us to wait.", code=RATE_LIMITED, retry_after_seconds=wait)


def _explain_no(refusal: Refusal) -> PermanentError:
    if refusal.status == NOT_FOUND:
        return PermanentError(
            "X does not have it.", code="not_found", remedy="Is it deleted, or options.service wrong?"
        )
    words = refusal.words
    for meaning in FORBIDDEN_MEANINGS:
        if any(sign in words for sign in meaning.signs):
            return PermanentError(meaning.message, code=meaning.code, remedy=meaning.remedy)
    return PermanentError(f"X refuses: {refusal.quote}", code="refused", remedy="Look at the post on X.")


def read_wait(headers: Mapping[str, str], now: datetime) -> float | None:
    """Return the seconds until the last of the used-up windows ends; ``retry-after`` else. None if untold."""
    resets = [_number(headers.get(f"{window}-reset")) for window in WINDOWS if _is_used_up(headers, window)]
    ends = [reset - now.timestamp() for reset in resets if reset is not None]
    if not ends and (after := _number(headers.get("retry-after"))) is not None:
        ends = [after]
    return min(max(*ends, 1.0), LONGEST_WAIT) if ends else None


def _is_used_up(headers: Mapping[str, str], window: str) -> bool:
    """Tell whether a window is over. The short one is blamed when nothing is said of what remains."""
    return headers.get(f"{window}-remaining", "0" if window == WINDOWS[0] else "") == "0"


def _number(value: str | None) -> float | None:
    return float(value) if value and value.isascii() and value.isdigit() else None


def find_missing(problems: Iterable[object]) -> set[str]:
    """Return the ids that X surely cannot show us: deleted, or of an account that is protected or gone."""
    kinds = ("resource-not-found", "not-authorized-for-resource")
    gone = (problem for problem in problems if answers.text(problem, "type").rsplit("/", 1)[-1] in kinds)
    return {answers.text(problem, "resource_id") or answers.text(problem, "value") for problem in gone}
