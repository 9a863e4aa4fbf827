"""The one door to Reddit under praw: every request goes once, with our timeout, and its failure leaves as one of our errors.

praw and prawcore would send a request, also one that writes, up to three times after a 5xx, a 401, a broken connection or a
timeout, and sleep between and for the rate limit. Both act on what their requestor returns or raises. This one, given
through praw's ``requestor_class``, raises our errors for everything but success, which nothing in prawcore catches, and hands
no rate limit on, so that its limiter knows of nothing to wait for. The limit is kept here and said instead of slept.
"""

from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from domain.clock import Clock
from domain.errors import ChannelError, RetryableError, SendUncertainError
from listener.channels.reddit.refusals import (
    LONGEST_WAIT,
    RATE_LIMITED,
    SERVER_ERRORS,
    TOO_MANY,
    Refusal,
    bad_credentials,
    explain_status,
    explain_token_answer,
    read_wait,
)
from listener.retry_after import read_number

if TYPE_CHECKING:
    import prawcore
    import requests

SENDS = ("/api/comment", "/api/compose", "/api/submit")
TOKENS = "/api/v1/access_token"
SUCCESS = frozenset({200, 201, 202, 204})
LIMIT_HEADERS = ("x-ratelimit-remaining", "x-ratelimit-used", "x-ratelimit-reset")
NEVER_CONNECTED = frozenset({"NewConnectionError", "NameResolutionError", "ConnectTimeoutError"})
"""urllib3's names for a request of which not a byte has left."""


class RateLimit:
    """What Reddit said last about requests left in its window. Kept in a file, so that no restart asks too early. Thread-safe."""

    def __init__(self, clock: Clock, file: Path | None = None) -> None:
        self._clock = clock
        self._file = file
        self._closed_until = self._read()

    def require_room(self) -> None:
        """Raise ``RetryableError`` while the window is used up: asking would be refused."""
        self._closed_until = max(self._closed_until, self._read())  # another process of ours may have been told
        wait = self._closed_until - self._clock.now().timestamp()
        if wait > LONGEST_WAIT:
            wait = 0  # no window is that long: the clock was wrong, then or now
        if wait > 0:
            raise RetryableError("Reddit's limit is used up.", code=RATE_LIMITED, retry_after_seconds=wait)

    def note(self, headers: Mapping[str, str], *, refused: bool = False) -> None:
        """Read ``x-ratelimit-remaining`` and ``-reset`` of an answer, names in small letters, and what a refusal asks for."""
        told = headers.get("x-ratelimit-remaining", "")
        remaining = read_number(told) if told else None
        if refused:
            wait = read_wait(headers)
        elif remaining is not None and remaining < 1:
            wait = read_wait({"x-ratelimit-reset": headers.get("x-ratelimit-reset", "")})
        else:
            return
        if wait is not None:
            self._closed_until = (self._clock.now() + timedelta(seconds=wait)).timestamp()
            self._write()

    def _read(self) -> float:
        try:
            return float(self._file.read_text(encoding="ascii")) if self._file else 0.0
        except (OSError, ValueError):
            return 0.0

    def _write(self) -> None:
        if self._file is None:
            return
        with suppress(OSError):  # a full disk costs a request that is refused, no more
            self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._file.write_text(f"{self._closed_until}\n", encoding="ascii")


def make_requestor_class(limit: RateLimit, *, timeout_seconds: float) -> "type[prawcore.Requestor]":
    """Return the class to give to ``praw.Reddit``. Imports praw's HTTP library."""
    import prawcore  # noqa: PLC0415 - loads in the worker, not at start
    import requests  # noqa: PLC0415 - the same

    class SingleShotRequestor(prawcore.Requestor):
        """Sends once; raises ``ChannelError`` unless Reddit says that all is well."""

        def request(self, *args: Any, timeout: float | None = None, **kwargs: Any) -> requests.Response:  # noqa: ANN401, ARG002 - prawcore's signature
            method, url = str(args[0]).upper(), str(args[1])
            path = urlsplit(url).path
            sends = method == "POST" and path.startswith(SENDS)
            limit.require_room()
            if sends:
                self._http.close()  # a kept connection that they just closed would make a send look uncertain
            kwargs["allow_redirects"] = False  # credentials go to the address in the settings, nowhere else
            try:
                response = self._http.request(method, url, timeout=timeout_seconds, **kwargs)
            except (requests.RequestException, OSError, ValueError) as error:
                raise _explain_break(error, sends=sends) from None
            if path.startswith(TOKENS):
                self._http.close()  # prawcore asks them to close it, which the pool would notice too late
            headers = {name.lower(): value for name, value in response.headers.items()}
            limit.note(headers, refused=response.status_code == TOO_MANY)
            if failure := _explain_answer(response, path=path, sends=sends):
                raise failure
            for name in LIMIT_HEADERS:
                response.headers.pop(name, None)
            return response

    return SingleShotRequestor


def _explain_answer(response: "requests.Response", *, path: str, sends: bool) -> ChannelError | None:
    at_token_door = path.startswith(TOKENS)
    if response.status_code in SUCCESS:
        return explain_token_answer(_read_json(response)) if at_token_door else None
    headers = {name.lower(): value for name, value in response.headers.items()}
    if at_token_door and response.status_code < SERVER_ERRORS and response.status_code != TOO_MANY:
        return bad_credentials()
    refusal = Refusal(status=response.status_code, headers=headers, body=_read_json(response))
    return explain_status(refusal, sends=sends)


def _explain_break(error: Exception, *, sends: bool) -> ChannelError:
    """Return the error for a request without a whole answer. Only what surely never left is sure not to have happened."""
    reason = getattr(error.args[0], "reason", None) if error.args else None
    if type(reason).__name__ in NEVER_CONNECTED:
        return RetryableError("Reddit cannot be reached.", code="unreachable", remedy="Check the network.")
    if sends:
        return SendUncertainError("Reddit gave no whole answer to a send.", code="no_answer")
    return RetryableError("Reddit gave no whole answer.", code="no_answer")


def _read_json(response: "requests.Response") -> object:
    try:
        body: object = response.json()
    except ValueError:
        return None
    return body
