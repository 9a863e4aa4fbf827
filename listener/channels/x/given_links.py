"""Addresses that X gives us to put a list at, or to fetch one from: on other machines, signed in themselves, so nothing of ours goes along."""

from typing import Final
from urllib.parse import urlsplit

import httpx2

from domain.errors import ChannelError, PermanentError, RetryableError
from listener.guard import find_addresses, origin
from listener.json_http import BEFORE_SENDING
from listener.trust import common_trust
from listener.whole_answer import MOST_BYTES, request_whole

TRIED_ADDRESSES: Final = 2
MOST_SECONDS: Final = 300.0
"""For a whole list, there or back."""
SUCCESS: Final = range(200, 300)
SERVER_ERRORS: Final = 500


class GivenLinks:
    """Puts and fetches. By TLS to the open internet only, or to ``service`` itself; never redirected; keeps nothing. Thread-safe."""

    def __init__(self, *, service: str, timeout_seconds: float) -> None:
        self._service = service
        self._timeout_seconds = timeout_seconds

    def put(self, url: str, text: str) -> None:
        """Hand ``text`` over. Raises ``PermanentError`` or ``RetryableError``."""
        self._ask("PUT", url, content=text.encode(), headers={"Content-Type": "text/plain"})

    def fetch(self, url: str) -> str:
        """Return what lies there, read whole. Raises as ``put``."""
        return self._ask("GET", url).content.decode("utf-8", errors="replace")

    def _ask(
        self, method: str, url: str, *, content: bytes | None = None, headers: dict[str, str] | None = None
    ) -> httpx2.Response:
        addresses = self._find_addresses(url)
        where = origin(url)
        try:
            response = self._send(method, url, addresses=addresses, content=content, headers=headers or {})
        except BEFORE_SENDING:
            error: ChannelError = RetryableError(
                f"{where} cannot be reached.", code="unreachable", remedy="Check the network."
            )
        except (httpx2.HTTPError, httpx2.StreamError, httpx2.InvalidURL, ValueError):
            error = RetryableError(f"{where} gave no whole answer.", code="no_answer")
        else:
            if response.status_code in SUCCESS:
                return response
            said = f"{where} answers {response.status_code} to an address that X gave."
            if response.status_code >= SERVER_ERRORS:
                error = RetryableError(said, code="server_error")
            else:
                error = PermanentError(said, code="link_refused")
        raise error  # here, so that nothing of the request hangs on it: the address itself is a key

    def _find_addresses(self, url: str) -> list[str]:
        """Return which network addresses may be asked. Raises ``PermanentError`` for what X would not give."""
        try:
            is_ours = origin(url) == self._service
            host = urlsplit(url).hostname or ""
        except ValueError:
            is_ours, host = False, ""
        if not is_ours and not url.startswith("https://"):
            raise PermanentError("X gave an address without TLS.", code="bad_address", remedy="Is options.service X's?")
        return find_addresses(url, private_hosts=(host,) if is_ours else ())[:TRIED_ADDRESSES]

    def _send(
        self, method: str, url: str, *, addresses: list[str], content: bytes | None, headers: dict[str, str]
    ) -> httpx2.Response:
        """Ask the checked network address itself; the name goes along for the server's choice and its certificate."""
        target = httpx2.URL(url)
        named = {"Host": target.netloc.decode(), **headers}
        extensions = {"sni_hostname": target.raw_host.decode()}
        # The environment's proxies would connect somewhere else than to the address that was checked.
        with httpx2.Client(verify=common_trust(), trust_env=False, timeout=self._timeout_seconds) as web:
            for number, address in enumerate(addresses, start=1):
                try:
                    return request_whole(
                        web,
                        method,
                        str(target.copy_with(host=address)),
                        most_bytes=MOST_BYTES,
                        most_seconds=MOST_SECONDS,
                        content=content,
                        headers=named,
                        extensions=extensions,
                        follow_redirects=False,
                    )
                except BEFORE_SENDING:
                    if number == len(addresses):
                        raise
        raise httpx2.ConnectError("no address")
