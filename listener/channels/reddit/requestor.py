"""The one door to Reddit under praw: every request goes once, with our timeout, and its failure leaves as one of our errors.

praw and prawcore would send a request, also one that writes, up to three times after a 5xx, a 401, a broken connection or a
timeout, and sleep between and for the rate limit. Both act on what their requestor returns or raises. This one, given
through praw's ``requestor_class``, raises our errors for everything but success, which nothing in prawcore catches, and hands
no rate limit on, so that its limiter knows of nothing to wait for. The limit is kept here and said instead of slept.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from domain.clock import Clock
from domain.errors import ChannelError, RetryableError, SendUncertainError
from listener.channels.reddit.refusals import (
    RATE_LIMITED,
    SERVER_ERRORS,
    TOO_MANY,
    Refusal,
    bad_credentials,
    explain_status,
    explain_token_answer,
    read_wait,
)

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
    """What Reddit said last about requests left in its window."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._closed_until = clock.now()

    def require_room(self) -> None:
        """Raise ``RetryableError`` while the window is used up: asking would be refused."""
        wait = (self._closed_until - self._clock.now()).total_seconds()
        if wait > 0:
            raise RetryableError("Reddit's limit is used up.", code=RATE_LIMITED, retry_after_seconds=wait)

    def note(self, headers: Mapping[str, str]) -> None:
        """Read ``x-ratelimit-remaining`` and ``-reset`` of an answer."""
        try:
            remaining = float(headers.get("x-ratelimit-remaining", ""))
        except ValueError:
            return
        wait = read_wait({"x-ratelimit-reset": headers.get("x-ratelimit-reset", "")})
        if remaining < 1 and wait is not None:
            self._closed_until = self._clock.now() + timedelta(seconds=wait)


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
            limit.note(response.headers)
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
