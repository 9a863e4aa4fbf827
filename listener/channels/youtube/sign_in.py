"""What stands in a request's header: an API key, or an access token that Google gives for our refresh token.

The refresh token stays the same, so the access token is kept in memory only. google-auth asks for it through a transport of
ours that hands it nothing but success: on anything else it would sleep and ask again.
"""

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import httpx2

from domain.clock import Clock
from domain.errors import ChannelError, PermanentError, RetryableError
from listener.channels.youtube import wire
from listener.channels.youtube.options import YouTubeOptions
from listener.channels.youtube.refusals import (
    HOW_TO_SIGN_IN,
    MINUTE,
    REQUEST_TIMEOUT,
    SERVER_ERRORS,
    TOO_MANY,
    read_wait,
)

EARLY: Final = timedelta(minutes=2)
"""A token is renewed so long before it ends."""
OK: Final = 200
TOKEN: Final = re.compile(r"[!-~]+")
"""What can stand in a header."""
LONGEST: Final = 366 * 24 * 3600
"""Seconds that a token may last; Google's last an hour."""
PASSING: Final = frozenset({"internal_failure", "server_error", "temporarily_unavailable"})
"""Errors in an answer's body that are no refusal."""
NEVER_LEFT: Final = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.ProxyError)
"""No byte of the request had left."""
NO_REQUEST: Final = (httpx2.InvalidURL, httpx2.UnsupportedProtocol)


@dataclass
class _Answer:
    """An answer in the shape that google-auth reads."""

    data: bytes = field(repr=False)
    status: int = OK
    headers: Mapping[str, str] = field(default_factory=dict)


class SignIn:
    """Our way in. Thread-safe. Imports google-auth at the first request that needs it."""

    def __init__(self, options: YouTubeOptions, *, clock: Clock) -> None:
        self._options = options
        self._clock = clock
        self._lock = threading.Lock()
        self._token = ""
        self._ends_at: datetime | None = None

    def headers(self) -> dict[str, str]:
        """Return what to send along. Raises ``PermanentError`` when Google refuses to sign us in, else ``RetryableError``."""
        if not self._options.can_write:
            return {"X-Goog-Api-Key": self._options.api_key.get_secret_value()}  # not in the address: those are logged
        with self._lock:
            if not self._token or (self._ends_at is not None and self._clock.now() >= self._ends_at):
                self._renew()
            return {"Authorization": f"Bearer {self._token}"}

    def forget(self, headers: Mapping[str, str]) -> bool:
        """Forget the token of ``headers``, which was refused. False when there is no other to be had."""
        with self._lock:
            if headers.get("Authorization") == f"Bearer {self._token}":
                self._token = ""
        return self._options.can_write

    def _renew(self) -> None:
        from google.auth.exceptions import GoogleAuthError  # noqa: PLC0415 - loads in the worker, not at start
        from google.oauth2.credentials import Credentials  # noqa: PLC0415 - the same

        door = _TokenDoor(timeout_seconds=self._options.timeout_seconds, clock=self._clock)
        credentials = Credentials(  # type: ignore[no-untyped-call]
            token=None,
            refresh_token=self._options.refresh_token.get_secret_value(),
            token_uri=f"{self._options.sign_in_url}/token",
            client_id=self._options.client_id,
            client_secret=self._options.client_secret.get_secret_value(),
        )
        told: ChannelError | None = None
        try:
            credentials.refresh(door)  # type: ignore[no-untyped-call]
        except (GoogleAuthError, ValueError, OverflowError):  # an answer with signs or numbers that it does not foresee
            told = door.told or _no_answer()
        if told is not None:
            raise told  # outside, so that nothing of the request, its secrets least of all, hangs on it
        self._token = str(credentials.token)
        self._ends_at = self._clock.now() + timedelta(seconds=door.lasts_seconds) - EARLY


class _TokenDoor:
    """google-auth's transport for one question. ``told`` is why it failed."""

    def __init__(self, *, timeout_seconds: float, clock: Clock) -> None:
        self._timeout_seconds = timeout_seconds
        self._clock = clock
        self.lasts_seconds = 0
        self.told: ChannelError | None = None

    def __call__(
        self, url: str, method: str = "GET", body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> _Answer:
        """Ask once. Raises google-auth's own error for anything but a token, with ``told`` set."""
        from google.auth.exceptions import TransportError  # noqa: PLC0415 - as above

        try:
            response = httpx2.request(method, url, content=body, headers=headers, timeout=self._timeout_seconds)
            answer = _read(response)
        except (*NEVER_LEFT, *NO_REQUEST):
            self.told = RetryableError("Google cannot be reached.", code="unreachable", remedy="Check the network.")
        except (httpx2.HTTPError, httpx2.StreamError):
            self.told = _no_answer()
        else:
            self.lasts_seconds = wire.whole(answer, "expires_in") or 0
            if response.status_code != OK:
                self.told = _explain(response, answer, now=self._clock.now())
            elif not TOKEN.fullmatch(wire.text(answer, "access_token")) or not 0 < self.lasts_seconds <= LONGEST:
                self.told = _no_answer()
            else:
                return _Answer(data=response.content)
        raise TransportError("no token")  # type: ignore[no-untyped-call]


def _read(response: httpx2.Response) -> object:
    try:
        answer: object = response.json()
    except (ValueError, RecursionError):
        return None
    return answer


def _explain(response: httpx2.Response, answer: object, *, now: datetime) -> ChannelError:
    status, error = response.status_code, wire.text(answer, "error")
    headers = {name.lower(): value for name, value in response.headers.items()}
    if status == TOO_MANY:
        wait = read_wait(headers, now)
        return RetryableError(
            "Google asks us to wait.", code="rate_limited", retry_after_seconds=MINUTE if wait is None else wait
        )
    if status >= SERVER_ERRORS or status == REQUEST_TIMEOUT or error in PASSING:
        return RetryableError(
            f"Google's sign-in has trouble ({status}).",
            code="server_error",
            retry_after_seconds=read_wait(headers, now),
        )
    if error == "invalid_client":
        return PermanentError(
            "Google does not know our OAuth client.",
            code="signed_out",
            remedy="Check options.client_id and secrets.client_secret: docs/how-to/youtube.md.",
        )
    if error == "invalid_grant":
        return PermanentError(
            "Google does not renew our sign-in: the refresh token is revoked or over. "
            "Those of an app in testing end after a week.",
            code="signed_out",
            remedy=f"Publish the app to production. {HOW_TO_SIGN_IN}",
        )
    return PermanentError(f"Google does not sign us in ({status}).", code="signed_out", remedy=HOW_TO_SIGN_IN)


def _no_answer() -> RetryableError:
    return RetryableError("Google's sign-in gave no whole answer.", code="no_answer")
