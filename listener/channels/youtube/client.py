"""One request to the YouTube Data API: sent once, with a timeout, counted, its failure told as one of our errors."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass

import httpx2

from domain.clock import Clock
from domain.errors import ChannelError, PermanentError, RetryableError, SendUncertainError
from listener.channels.youtube import wire
from listener.channels.youtube.meter import Meter
from listener.channels.youtube.options import YouTubeOptions
from listener.channels.youtube.refusals import Refusal, TokenRefusedError, explain_refusal
from listener.channels.youtube.sign_in import NEVER_LEFT, NO_REQUEST, SignIn
from listener.trust import common_trust
from listener.whole_answer import request_whole

USER_AGENT = "kikite"
SUCCESS = range(200, 300)
KEEP_ALIVE_SECONDS = 2
"""Shorter than any server's: a connection that the other side just closed would make a send look uncertain."""


@dataclass(frozen=True, kw_only=True)
class Listing:
    """One page of a list. ``next_page`` leads to the one behind it; empty at the end."""

    items: tuple[object, ...]
    next_page: str = ""


class Client:
    """Asks as one account. Thread-safe."""

    def __init__(self, options: YouTubeOptions, *, sign_in: SignIn, meter: Meter, clock: Clock) -> None:
        self._options = options
        self._sign_in = sign_in
        self._clock = clock
        self._lock = threading.Lock()
        self._web: httpx2.Client | None = None
        self._count = 0
        self.meter = meter

    @property
    def requests(self) -> int:
        """Requests made so far."""
        return self._count

    def list(self, resource: str, **params: str | int) -> Listing:
        """Return a page of ``GET /youtube/v3/RESOURCE``. Raises ``PermanentError`` or ``RetryableError``.

        A token that is over is renewed, and the question asked again.
        """
        headers = self._sign_in.headers()
        try:
            body = self._ask("GET", resource, headers, params=params)
        except TokenRefusedError as error:
            told: ChannelError = error
        else:
            return _read_listing(body)
        if not self._sign_in.forget(headers):
            raise told
        return _read_listing(self._ask("GET", resource, self._sign_in.headers(), params=params))

    def insert(self, resource: str, body: Mapping[str, object], **params: str) -> object:
        """Return what ``POST /youtube/v3/RESOURCE`` has made. It leaves once at most. Raises as ``Channel.reply``.

        A token that is over is a ``RetryableError``: the next try gets a new one.
        """
        headers = self._sign_in.headers()
        try:
            return self._ask("POST", resource, headers, params=params, body=body)
        except TokenRefusedError as error:
            told = RetryableError(error.message, code=error.code, retry_after_seconds=1, remedy=error.remedy)
        self._sign_in.forget(headers)
        raise told

    def close(self) -> None:
        """Give back the connections; a later request opens new ones."""
        with self._lock:
            if self._web is not None:
                self._web.close()
            self._web = None

    def _ask(
        self,
        method: str,
        resource: str,
        headers: Mapping[str, str],
        *,
        params: Mapping[str, str | int],
        body: Mapping[str, object] | None = None,
    ) -> dict[str, object]:
        sends = body is not None
        self._charge(sends=sends)
        address = f"{self._options.api_url}/youtube/v3/{resource}"
        try:
            response = request_whole(self._open(), method, address, params=params, json=body, headers=headers)
        except (*NEVER_LEFT, *NO_REQUEST):
            told: ChannelError = RetryableError(
                "YouTube cannot be reached.", code="unreachable", remedy="Check the network."
            )
        except (httpx2.HTTPError, httpx2.StreamError):
            told = _no_answer(sends=sends)
        else:
            answer = _read_json(response)
            if response.status_code in SUCCESS and isinstance(answer, dict):
                return answer
            told = self._explain(response, answer, sends=sends)
        raise told  # outside, so that nothing of the request, its token least of all, hangs on it

    def _explain(self, response: httpx2.Response, answer: object, *, sends: bool) -> ChannelError:
        if response.status_code in SUCCESS:
            return _no_answer(sends=sends)
        headers = {name.lower(): value for name, value in response.headers.items()}
        refusal = Refusal(status=response.status_code, headers=headers, body=answer)
        return explain_refusal(refusal, sends=sends, now=self._clock.now())

    def _charge(self, *, sends: bool) -> None:
        with self._lock:
            self._count += 1
        if sends:
            self.meter.charge_send()
        else:
            self.meter.charge_read()

    def _open(self) -> httpx2.Client:
        with self._lock:
            if self._web is None:
                self._web = httpx2.Client(
                    verify=common_trust(),
                    timeout=self._options.timeout_seconds,
                    headers={"User-Agent": USER_AGENT},
                    limits=httpx2.Limits(keepalive_expiry=KEEP_ALIVE_SECONDS),
                )
            return self._web


def _read_json(response: httpx2.Response) -> object:
    try:
        answer: object = response.json()
    except (ValueError, RecursionError):
        return None
    return answer


def _read_listing(body: Mapping[str, object]) -> Listing:
    """Return the page in ``body``. An answer that is no list says nothing about what there is; an empty one may lack items."""
    items = body.get("items", [])
    if not wire.text(body, "kind").endswith("ListResponse") or not isinstance(items, list):
        raise _no_answer(sends=False)
    return Listing(items=tuple(items), next_page=wire.text(body, "nextPageToken"))


def _no_answer(*, sends: bool) -> ChannelError:
    if sends:
        return SendUncertainError("YouTube gave no whole answer to a send.", code="no_answer")
    return RetryableError("YouTube gave no whole answer.", code="no_answer", remedy="Check options.api_url.")


def is_refused(error: ChannelError, *codes: str) -> bool:
    """Tell whether ``error`` is a refusal for good with one of ``codes``."""
    return isinstance(error, PermanentError) and error.code in codes
