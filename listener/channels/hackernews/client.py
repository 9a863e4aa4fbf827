"""One GET for JSON: sent once, with a timeout, its failure told as one of our errors."""

import threading
from collections.abc import Mapping
from urllib.parse import urlsplit

import httpx2

from domain.clock import Clock
from domain.errors import ChannelError, PermanentError, RetryableError
from listener.retry_after import read_retry_after
from listener.trust import common_trust
from listener.whole_answer import request_whole

REQUEST_TIMEOUT, TOO_MANY, SERVER_ERRORS = 408, 429, 500
REFUSALS = frozenset({401, 403, 407, 451})
USER_AGENT = "Kikite"


class Client:
    """Connections to both services. Thread-safe."""

    def __init__(self, *, clock: Clock, timeout_seconds: float) -> None:
        self._clock = clock
        self._timeout_seconds = timeout_seconds
        self._lock = threading.Lock()
        self._web: httpx2.Client | None = None

    def get(self, url: str, parameters: Mapping[str, str | int] | None = None) -> object:
        """Return the answer's JSON. Raises ``PermanentError`` or ``RetryableError``."""
        host = urlsplit(url).hostname or ""
        try:
            response = request_whole(self._open(), "GET", url, params=dict(parameters or {}))
            if response.status_code == httpx2.codes.OK:
                answer: object = response.json()
                return answer
        except httpx2.InvalidURL:
            raise PermanentError(
                f"'{host}' is not a host's name.",
                code="bad_address",
                remedy="Check options.search_service and options.item_service.",
            ) from None
        except httpx2.TimeoutException:
            raise RetryableError(f"{host} did not answer in time.", code="timeout") from None
        except httpx2.ConnectError:
            raise RetryableError(
                f"{host} cannot be reached.", code="unreachable", remedy="Check the network."
            ) from None
        except (httpx2.HTTPError, httpx2.StreamError, ValueError, RecursionError):
            raise RetryableError(f"{host} gave no whole answer.", code="no_answer") from None
        raise self._refused(response, host)

    def close(self) -> None:
        """Give back the connections; a later request opens new ones."""
        with self._lock:
            if self._web is not None:
                self._web.close()
            self._web = None

    def _open(self) -> httpx2.Client:
        with self._lock:
            if self._web is None:
                self._web = httpx2.Client(
                    verify=common_trust(), timeout=self._timeout_seconds, headers={"User-Agent": USER_AGENT}
                )
            return self._web

    def _refused(self, response: httpx2.Response, host: str) -> ChannelError:
        status = response.status_code
        if status in {TOO_MANY, REQUEST_TIMEOUT} or status >= SERVER_ERRORS:
            wait = read_retry_after(response.headers.get("retry-after", ""), now=self._clock.now())
            code = "rate_limited" if status == TOO_MANY else "server_error"
            said = "asks us to wait" if status == TOO_MANY else f"has trouble ({status})"
            return RetryableError(f"{host} {said}.", code=code, retry_after_seconds=wait)
        if status in REFUSALS:
            return PermanentError(
                f"{host} refuses us ({status}).",
                code="forbidden",
                remedy="Poll less often (poll_seconds), and ask later.",
            )
        return PermanentError(
            f"{host} does not know this request ({status}).",
            code="unsupported",
            remedy="Check options.search_service and options.item_service.",
        )
