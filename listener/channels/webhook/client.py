"""One request to the other side: once, with limits on time and size, to a machine that may be asked, never redirected."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

import httpx2

from domain.errors import ChannelError, PermanentError, RetryableError, SendUncertainError
from listener.guard import find_addresses, is_public
from listener.trust import common_trust

LARGEST_ANSWER: Final = 64 * 1024
TRIED_ADDRESSES: Final = 2
"""Of a host's network addresses: its IPv6 one may lead nowhere from here."""
USER_AGENT: Final = "Kikite (webhook)"
BEFORE_SENDING: Final = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)
"""No byte of the request had left."""
PRIVATE_REMEDY: Final = "If it is yours, set options.private_network = true."


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back, at most ``LARGEST_ANSWER`` of it."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes


class Client:
    """Asks. Keeps no connections and no cookies. Thread-safe."""

    def __init__(self, *, timeout_seconds: float, private_network: bool) -> None:
        self._timeout_seconds = timeout_seconds
        self._private_network = private_network

    def ask(
        self, method: str, url: str, *, headers: Mapping[str, str], body: bytes = b"", sends: bool = False
    ) -> Answer:
        """Return the answer, refusals too. ``sends``: the request makes something appear, so that a lost answer is a doubt.

        Raises ``PermanentError`` for a host in a private network, or one outside without TLS, ``RetryableError`` where nothing was sent or no whole answer
        came, ``SendUncertainError`` where that happened to a send which may have arrived.
        """
        host = urlsplit(url).hostname or ""
        private_hosts = (host,) if self._private_network else ()
        addresses = find_addresses(url, private_hosts=private_hosts, remedy=PRIVATE_REMEDY)[:TRIED_ADDRESSES]
        if urlsplit(url).scheme == "http" and any(is_public(address) for address in addresses):
            raise PermanentError(
                f"{host} lies in the open internet; nothing is said there without TLS.",
                code="not_private",
                remedy="Write https:// into options.",
            )
        error: ChannelError
        try:
            return self._ask(method, url, headers=headers, body=body, addresses=addresses)
        except BEFORE_SENDING:
            error = RetryableError(f"{host} cannot be reached.", code="unreachable", remedy="Check the network.")
        except (httpx2.HTTPError, httpx2.StreamError, httpx2.InvalidURL, ValueError, RuntimeError):
            if sends:
                error = SendUncertainError(f"{host} gave no whole answer to a send.", code="no_answer")
            else:
                error = RetryableError(f"{host} gave no whole answer.", code="no_answer")
        raise error  # here, so that nothing of the request hangs on it

    def _ask(self, method: str, url: str, *, headers: Mapping[str, str], body: bytes, addresses: list[str]) -> Answer:
        # The environment's proxies would connect somewhere else than to the address that was checked.
        with httpx2.Client(verify=common_trust(), trust_env=False, timeout=self._timeout_seconds) as web:
            # Each byte starts the timeout anew; only hanging up ends a trickle.
            hang_up = threading.Timer(2 * self._timeout_seconds, web.close)
            hang_up.daemon = True
            hang_up.start()
            try:
                response = self._connect(web, method, url, headers=headers, body=body, addresses=addresses)
                try:
                    return Answer(
                        status=response.status_code,
                        headers={name.lower(): value for name, value in response.headers.items()},
                        body=_read(response),
                    )
                finally:
                    response.close()
            finally:
                hang_up.cancel()

    def _connect(
        self,
        web: httpx2.Client,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes,
        addresses: list[str],
    ) -> httpx2.Response:
        """Ask the checked network address itself; the name goes along for the server's choice and its certificate."""
        target = httpx2.URL(url)
        named = {"Host": target.netloc.decode(), "User-Agent": USER_AGENT, "Accept-Encoding": "identity", **headers}
        for number, address in enumerate(addresses, start=1):
            request = web.build_request(
                method,
                target.copy_with(host=address),
                headers=named,
                content=body or None,
                extensions={"sni_hostname": target.raw_host.decode()},
            )
            try:
                return web.send(request, stream=True, follow_redirects=False)
            except BEFORE_SENDING:
                if number == len(addresses):
                    raise
        raise httpx2.ConnectError("no address")


def _read(response: httpx2.Response) -> bytes:
    """Return the body, as much of it as anybody needs. Raises when it breaks off before."""
    body = bytearray()
    for chunk in response.iter_raw():
        body += chunk
        if len(body) >= LARGEST_ANSWER:
            break
    return bytes(body[:LARGEST_ANSWER])
