"""One document by HTTP: once, with limits on time, size and redirects, from machines that may be asked."""

import ssl
import threading
import time
import zlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

import httpx2

from domain.clock import Clock
from domain.errors import PermanentError, RetryableError
from listener.channels.feed.options import Feed
from listener.channels.feed.refusals import explain_status
from listener.guard import find_addresses, is_named, origin
from listener.trust import common_trust

REDIRECTS = 5
TRIED_ADDRESSES = 2
"""Of a host's network addresses: its IPv6 one may lead nowhere from here."""
FETCH_SECONDS = 60
"""For a whole document, redirects included: a server that sends a byte now and then never runs into a timeout."""
NOT_MODIFIED = 304
MOVED = frozenset({301, 302, 303, 307, 308})
USER_AGENT = "Kikite (feed reader)"
PRIVATE_REMEDY = "If it is your own, add its host to options.private_hosts."
ACCEPT = "application/atom+xml, application/rss+xml, application/rdf+xml, application/xml;q=0.9, */*;q=0.5"


@dataclass(frozen=True, kw_only=True)
class Fetched:
    """A feed's answer. ``body`` is None when nothing changed since ``etag`` and ``modified``."""

    body: bytes | None
    content_type: str = ""
    url: str = ""
    """Where it was found in the end."""
    etag: str = ""
    modified: str = ""
    requests: int = 1


def _next_url(url: str, location: str) -> str:
    """Return where a redirect leads; nowhere if it cannot be read, which the guard then says."""
    try:
        return urljoin(url, location)
    except ValueError:
        return ""


class Fetcher:
    """Fetches. Keeps no connections and no cookies: one server's must not reach another."""

    def __init__(
        self,
        *,
        clock: Clock,
        timeout_seconds: float,
        max_bytes: int,
        private_hosts: Collection[str] = (),
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._clock = clock
        self._timeout_seconds = timeout_seconds
        self._max_bytes = max_bytes
        self._private_hosts = private_hosts
        self._tls = tls

    def fetch(self, feed: Feed, *, etag: str = "", modified: str = "") -> Fetched:
        """Return what ``feed`` says now. Raises ``PermanentError`` or ``RetryableError``; both name the feed."""
        headers = {"Accept": ACCEPT, "Accept-Encoding": "gzip"}
        if etag:
            headers["If-None-Match"] = etag
        if modified:
            headers["If-Modified-Since"] = modified
        url = feed.address
        private_hosts = self._private_hosts_of(feed)
        until = time.monotonic() + FETCH_SECONDS
        for requests in range(1, REDIRECTS + 2):
            with self._ask(url, headers, shown=feed.shown, until=until, private_hosts=private_hosts) as response:
                if response.status_code in MOVED and "location" in response.headers:
                    url = _next_url(url, response.headers["location"])
                    continue
                if response.status_code == NOT_MODIFIED and (etag or modified):
                    return Fetched(body=None, url=url, etag=etag, modified=modified, requests=requests)
                if response.status_code != httpx2.codes.OK:
                    raise explain_status(
                        response.status_code, response.headers, shown=feed.shown, now=self._clock.now()
                    )
                return Fetched(
                    body=self._read(response, feed.shown),
                    content_type=response.headers.get("content-type", ""),
                    url=url,
                    etag=response.headers.get("etag", ""),
                    modified=response.headers.get("last-modified", ""),
                    requests=requests,
                )
        raise PermanentError(
            f"{feed.shown} redirects more than {REDIRECTS} times.", code="bad_address", remedy="Check the address."
        )

    def page_status(self, url: str, feed: Feed) -> int:
        """Return the status of ``feed``'s page at ``url``, after redirects; its body is not read. 0 when they do not end."""
        private_hosts = self._private_hosts_of(feed)
        until = time.monotonic() + FETCH_SECONDS
        for _ in range(REDIRECTS + 1):
            with self._ask(url, {}, shown=origin(url), until=until, private_hosts=private_hosts) as response:
                if response.status_code not in MOVED or "location" not in response.headers:
                    return response.status_code
                url = _next_url(url, response.headers["location"])
        return 0

    def _private_hosts_of(self, feed: Feed) -> Collection[str]:
        """Return the private hosts that ``feed`` may lead to: none, unless it lies on one of them itself."""
        own_host = urlsplit(feed.address).hostname or ""
        return self._private_hosts if is_named(own_host, self._private_hosts) else ()

    @contextmanager
    def _ask(
        self, url: str, headers: dict[str, str], *, shown: str, until: float, private_hosts: Collection[str]
    ) -> Iterator[httpx2.Response]:
        """Yield the answer's head; what goes wrong up to the end of the block is one of our errors."""
        left = until - time.monotonic()
        if left <= 0:
            raise RetryableError(f"{shown} did not answer in time.", code="timeout")
        addresses = find_addresses(url, private_hosts=private_hosts, remedy=PRIVATE_REMEDY)[:TRIED_ADDRESSES]
        # The environment's proxies would connect somewhere else than to the address that was checked.
        with httpx2.Client(
            verify=self._tls or common_trust(), trust_env=False, timeout=self._timeout_seconds
        ) as client:
            # Each byte starts the timeout anew; only hanging up ends a trickle, be it in the head or the body.
            hang_up = threading.Timer(left, client.close)
            hang_up.daemon = True
            hang_up.start()
            try:
                response = self._connect(client, url, headers, addresses)
                try:
                    yield response
                finally:
                    response.close()
            except httpx2.TimeoutException:
                raise RetryableError(f"{shown} did not answer in time.", code="timeout") from None
            except httpx2.ConnectError:
                raise RetryableError(
                    f"{shown} cannot be reached.", code="unreachable", remedy="Check the address."
                ) from None
            except (httpx2.HTTPError, httpx2.StreamError, httpx2.InvalidURL, zlib.error, ValueError, RuntimeError):
                raise RetryableError(f"{shown} gave no whole answer.", code="no_answer") from None
            finally:
                hang_up.cancel()

    def _connect(
        self, client: httpx2.Client, url: str, headers: dict[str, str], addresses: list[str]
    ) -> httpx2.Response:
        """Ask the checked network address itself; the name goes along for the server's choice and its certificate."""
        target = httpx2.URL(url, username=None, password=None)
        # Both in ASCII: a name in Japanese goes over the wire in its xn-- form.
        named = {"Host": target.netloc.decode(), "User-Agent": USER_AGENT, **headers}
        for number, address in enumerate(addresses, start=1):
            request = client.build_request(
                "GET",
                target.copy_with(host=address, fragment=None),
                headers=named,
                extensions={"sni_hostname": target.raw_host.decode()},
            )
            try:
                return client.send(request, stream=True)
            except (httpx2.ConnectError, httpx2.ConnectTimeout):
                if number == len(addresses):
                    raise
        raise httpx2.ConnectError("no address")

    def _read(self, response: httpx2.Response, shown: str) -> bytes:
        """Return the body, unpacked. Raises ``PermanentError`` as soon as it is larger than allowed, packed or unpacked."""
        coding = response.headers.get("content-encoding", "identity").strip().lower()
        if coding not in {"identity", "gzip", "x-gzip", ""}:
            raise PermanentError(f"{shown} is packed in a way nobody asked for.", code="bad_coding")
        unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16) if "gzip" in coding else None
        body = bytearray()
        for chunk in response.iter_raw():
            room = self._max_bytes + 1 - len(body)
            body += unpacker.decompress(chunk, room) if unpacker else chunk[:room]
            if len(body) > self._max_bytes:
                raise PermanentError(
                    f"{shown} is larger than {self._max_bytes / 1e6:g} MB.",
                    code="too_big",
                    remedy="Raise options.max_megabytes if it should be.",
                )
        if unpacker is not None and not unpacker.eof:
            raise RetryableError(f"{shown} gave no whole answer.", code="no_answer")
        return bytes(body)
