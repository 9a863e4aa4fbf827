"""What a mail server's refusal means, told as our errors. Its words are repeated, but never a password in them."""

import re
import ssl
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Final

from domain.errors import ChannelError, PermanentError, RetryableError

LONGEST_QUOTE: Final = 200
LONGEST_WAIT_SECONDS: Final = 86_400.0
WAIT: Final = re.compile(
    r"(?:back-?off time\s*:?|try again (?:in|after)|retry (?:in|after)|wait|greylisted for|in)\s*"
    r"(\d{1,9})\s*(milliseconds?|ms|seconds?|secs?|s|minutes?|mins?)\b",
    re.IGNORECASE,
)
"""Mail has no field for it: Exchange Online and greylisting servers say in words how long to wait."""
PASSING: Final = re.compile(
    r"\[(?:UNAVAILABLE|INUSE|LIMIT|SERVERBUG|OVERQUOTA)\]|too many|throttl|try again|temporar|not available|unavailable|"
    r"exceeded|overload|busy|back-?off",
    re.IGNORECASE,
)
CREDENTIALS: Final = PermanentError(
    "The mail server refuses the name or password.",
    code="credentials",
    remedy="Check username and secrets.password. With two factors (Gmail, Yahoo) it has to be an app password.",
)


def quote_words(words: object, *, secrets: Collection[str]) -> str:
    """Return what a server said, in one short line, without any of ``secrets``."""
    said = words.decode("utf-8", "replace") if isinstance(words, bytes) else str(words)
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        said = said.replace(secret, "…")
    return " ".join(said.split())[:LONGEST_QUOTE]


def read_wait(words: str) -> float | None:
    """Return how many seconds a server asks us to wait; None when it does not say."""
    found = WAIT.search(words)
    if found is None:
        return None
    unit = found[2].lower()
    factor = 0.001 if unit.startswith(("mil", "ms")) else 60.0 if unit.startswith("min") else 1.0
    return min(max(int(found[1]) * factor, 1.0), LONGEST_WAIT_SECONDS)


def explain_login(words: str) -> ChannelError:
    """Return the error for a refused sign-in: wrong for good, unless the server speaks of now."""
    if PASSING.search(words):
        return RetryableError(
            f"The mail server takes no sign-in now: {words}", code="busy", retry_after_seconds=read_wait(words)
        )
    return PermanentError(f"{CREDENTIALS.message} It said: {words}", code=CREDENTIALS.code, remedy=CREDENTIALS.remedy)


@contextmanager
def explain_connection(host: str) -> Iterator[None]:
    """Turn what goes wrong with a connection into our errors. Not for the moment in which a mail is handed over."""
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        raise PermanentError(
            f"The certificate of {host} is not trusted: {error.verify_message}",
            code="certificate",
            remedy="Write the host's name as its certificate carries it.",
        ) from None
    except ssl.SSLError as error:
        raise RetryableError(
            f"{host} does not speak TLS here ({error.reason or 'no reason given'}).",
            code="tls",
            remedy="Check port and security: 993 and 465 are 'tls', 143 and 587 'starttls'.",
        ) from None
    except TimeoutError:
        raise RetryableError(f"{host} does not answer.", code="timeout") from None
    except OSError as error:
        raise RetryableError(
            f"{host} cannot be reached ({type(error).__name__}).", code="unreachable", remedy="Check host and network."
        ) from None
