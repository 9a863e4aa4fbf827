"""One request for JSON over HTTP: sent once, with a timeout, never repeated, never sent elsewhere. What an answer means is for
the channel to say; what no answer means is the same everywhere and is told here.
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx2

from domain.errors import ChannelError, PermanentError, RetryableError, SendUncertainError
from listener.trust import common_trust
from listener.whole_answer import request_whole

USER_AGENT = "Kikite"
SUCCESS = range(200, 300)
BEFORE_SENDING = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)
"""No byte of the request had left."""


class _NoJsonError(Exception):
    """A success whose body is no JSON, or half of it."""


@dataclass(frozen=True, kw_only=True)
class JsonAnswer:
    """What came back. ``headers`` have lower-case names; ``body`` is None where a refusal held no JSON."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: object = None

    @property
    def is_success(self) -> bool:
        """True for 2xx."""
        return self.status in SUCCESS


class JsonClient:
    """Connections to one service. Thread-safe."""

    def __init__(self, *, timeout_seconds: float) -> None:
        self._timeout_seconds = timeout_seconds
        self._lock = threading.Lock()
        self._web: httpx2.Client | None = None
        self._count = 0

    @property
    def requests(self) -> int:
        """Requests made so far."""
        return self._count

    def ask(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str | int] | None = None,
        json: object = None,
        form: Mapping[str, str] | None = None,
        sends: bool = False,
    ) -> JsonAnswer:
        """Return the answer, refusals too. ``sends``: the request makes something appear, so that a lost answer is a doubt.

        Raises ``PermanentError`` for an address no request can go to, ``RetryableError`` where no whole answer came,
        ``SendUncertainError`` where that happened to a send which may have arrived.
        """
        host = urlsplit(url).hostname or ""
        try:
            web = self._open()
            return _read(
                request_whole(web, method, url, headers=headers, params=params, json=json, data=form and dict(form))
            )
        except httpx2.InvalidURL:
            error: ChannelError = PermanentError(
                f"'{host}' is not a host's name.", code="bad_address", remedy="Check options.service."
            )
        except BEFORE_SENDING:
            error = RetryableError(f"{host} cannot be reached.", code="unreachable", remedy="Check the network.")
        except (httpx2.HTTPError, httpx2.StreamError, _NoJsonError):
            error = _no_answer(host, sends=sends)
        raise error  # here, so that nothing of the request hangs on it: its headers are secrets

    def close(self) -> None:
        """Give back the connections; a later request opens new ones."""
        with self._lock:
            if self._web is not None:
                self._web.close()
            self._web = None

    def _open(self) -> httpx2.Client:
        with self._lock:
            self._count += 1
            if self._web is None:
                self._web = httpx2.Client(
                    verify=common_trust(), timeout=self._timeout_seconds, headers={"User-Agent": USER_AGENT}
                )
            return self._web


def _read(response: httpx2.Response) -> JsonAnswer:
    try:
        body: object = response.json()
    except (ValueError, RecursionError):
        if response.status_code in SUCCESS:
            raise _NoJsonError from None
        body = None
    headers = {name.lower(): value for name, value in response.headers.items()}
    return JsonAnswer(status=response.status_code, headers=headers, body=body)


def _no_answer(host: str, *, sends: bool) -> ChannelError:
    if sends:
        return SendUncertainError(f"{host} gave no whole answer to a send.", code="no_answer")
    return RetryableError(f"{host} gave no whole answer.", code="no_answer")
