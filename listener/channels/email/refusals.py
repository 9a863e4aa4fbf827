"""What a mail server's refusal means, told as our errors. Its words are repeated, but never a password in them."""

import base64
import re
import ssl
from collections.abc import Iterator
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


def quote_words(words: object, *, login: tuple[str, str]) -> str:
    """Return what a server said, in one short line, without the password of ``login`` and what a sign-in makes of it."""
    said = words.decode("utf-8", "replace") if isinstance(words, bytes) else str(words)
    name, password = login
    # AUTH PLAIN and AUTH LOGIN send these in base64; some servers repeat the command that they refuse.
    sent = (f"\0{name}\0{password}", password, name)
    encoded = (base64.b64encode(one.encode()).decode().rstrip("=") for one in sent)
    for secret in sorted(filter(None, (password, *encoded)), key=len, reverse=True):
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
def explain_spelling(host: str) -> Iterator[None]:
    """Turn what goes wrong in writing down the host or the name, while connecting and signing in, into our error."""
    try:
        yield
    except UnicodeError:
        raise PermanentError(
            f"{host}, or the name to sign in with, cannot be written as mail servers want it.",
            code="spelling",
            remedy="Check host and username.",
        ) from None


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
