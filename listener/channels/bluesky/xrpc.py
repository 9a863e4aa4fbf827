"""One XRPC request: sent once, with a timeout, its failure told as one of our errors.

What decides between "it did not happen" and "it may have happened" is whether the request may have left: a refused
connection surely did nothing, a broken one after sending may have.
"""

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from domain.clock import Clock
from domain.errors import ChannelError, RetryableError, SendUncertainError
from listener.channels.bluesky.refusals import Refusal, explain_refusal

if TYPE_CHECKING:
    from atproto_client.request import Request

KEEP_ALIVE_SECONDS = 2
"""Shorter than any server's: a connection that the other side just closed would make a send look uncertain."""


@dataclass(frozen=True, kw_only=True)
class Call:
    """One request. ``sends``: it makes something public or private appear, so a lost answer is a doubt."""

    nsid: str
    host: str
    token: str = ""
    params: dict[str, str | int | list[str]] = field(default_factory=dict)
    body: dict[str, Any] | None = None
    """None: a query (GET)."""
    is_procedure: bool = False
    """True: a POST even without a body."""
    proxy: str = ""
    """``did#service`` that the PDS shall carry the call to."""
    sends: bool = False


class Xrpc:
    """The connection of one account. Thread-safe. Imports the SDK at its first request."""

    def __init__(self, *, clock: Clock, timeout_seconds: float) -> None:
        self._clock = clock
        self._timeout_seconds = timeout_seconds
        self._lock = threading.Lock()
        self._request: Request | None = None

    def ask(self, call: Call) -> object:
        """Return the answer's JSON. Raises ``PermanentError``, ``RetryableError``, or ``SendUncertainError`` for a send."""
        import httpx  # noqa: PLC0415 - the SDK and its HTTP library load in the worker, not at start
        from atproto_client.exceptions import RequestErrorBase  # noqa: PLC0415

        before_sending = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
        try:
            content = self._send(call)
        except RequestErrorBase as error:
            if error.response is not None:
                raise self._refused(call, error.response) from None
            if isinstance(error.__cause__, before_sending):
                raise _unreachable(call) from None
            raise _no_answer(call) from None
        except (*before_sending, httpx.InvalidURL, httpx.UnsupportedProtocol):
            raise _unreachable(call) from None
        except (httpx.HTTPError, httpx.StreamError, ValueError):
            raise _no_answer(call) from None
        if not isinstance(content, dict):
            raise _no_answer(call)  # a page of somebody in between (a sign-in to a network), or nothing
        return content

    def close(self) -> None:
        """Give back the connections; a later request opens new ones."""
        with self._lock:
            if self._request is not None:
                self._request.close()
            self._request = None

    def _send(self, call: Call) -> object:
        url = f"{call.host}/xrpc/{call.nsid}"
        headers = {"Accept": "application/json"}
        if call.token:
            headers["Authorization"] = f"Bearer {call.token}"
        if call.proxy:
            headers["atproto-proxy"] = call.proxy
        request = self._open()
        if call.body is None and not call.is_procedure:
            return request.get(url=url, params=call.params, headers=headers).content
        sent = {} if call.body is None else {"json": call.body}
        return request.post(url=url, headers=headers, **sent).content

    def _open(self) -> "Request":
        with self._lock:
            if self._request is None:
                import httpx  # noqa: PLC0415 - as above
                from atproto_client.request import Request  # noqa: PLC0415

                limits = httpx.Limits(keepalive_expiry=KEEP_ALIVE_SECONDS)
                self._request = Request(timeout=self._timeout_seconds, limits=limits)
            return self._request

    def _refused(self, call: Call, response: Any) -> ChannelError:  # noqa: ANN401 - the SDK carries no types
        content = response.content
        refusal = Refusal(
            status=int(response.status_code),
            name=str(getattr(content, "error", None) or ""),
            message=str(getattr(content, "message", None) or ""),
            headers={str(key).lower(): str(value) for key, value in response.headers.items()},
        )
        return explain_refusal(refusal, sends=call.sends, now=self._clock.now())


def _unreachable(call: Call) -> ChannelError:
    return RetryableError(f"{call.host} cannot be reached.", code="unreachable", remedy="Check the network.")


def _no_answer(call: Call) -> ChannelError:
    if call.sends:
        return SendUncertainError(f"{call.host} gave no whole answer to a send.", code="no_answer")
    return RetryableError(f"{call.host} gave no whole answer.", code="no_answer")
