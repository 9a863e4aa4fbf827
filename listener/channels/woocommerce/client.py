"""One request to a site: sent once, with a timeout, never to another host, its failure told as one of our errors."""

import threading
from base64 import b64encode
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

import httpx2

from domain.clock import Clock
from domain.errors import ChannelError, PermanentError, RetryableError, SendUncertainError
from listener.channels.woocommerce.answers import Answer, read_body
from listener.channels.woocommerce.options import WooCommerceOptions
from listener.channels.woocommerce.refusals import explain_refusal
from listener.trust import common_trust
from listener.whole_answer import request_whole

USER_AGENT: Final = "Kikite"
SUCCESS: Final = range(200, 300)


class Client:
    """Connections to one site. Thread-safe."""

    def __init__(self, options: WooCommerceOptions, *, clock: Clock) -> None:
        self._site = options.site
        self._timeout_seconds = options.timeout_seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._web: httpx2.Client | None = None
        self._count = 0
        self._key = _basic(options.consumer_key.get_secret_value(), options.consumer_secret.get_secret_value())
        self._password = _basic(options.username, options.application_password.get_secret_value())

    @property
    def requests(self) -> int:
        """Requests made so far."""
        return self._count

    @property
    def host(self) -> str:
        """The site's name, for people."""
        return urlsplit(self._site).netloc

    def ask_shop(self, path: str, parameters: Mapping[str, str | int] | None = None) -> Answer:
        """Return what WooCommerce answers to ``GET /wp-json/wc/v3`` + ``path``. Raises ``PermanentError`` or ``RetryableError``."""
        return self._ask("GET", f"/wp-json/wc/v3{path}", sign_in=self._key, parameters=parameters)

    def ask_wordpress(self, path: str, parameters: Mapping[str, str | int] | None = None) -> Answer:
        """Return what WordPress answers to ``GET /wp-json/wp/v2`` + ``path``, as the user who answers. Raises as ``ask_shop``."""
        return self._ask("GET", f"/wp-json/wp/v2{path}", sign_in=self._password, parameters=parameters)

    def comment(self, body: Mapping[str, str | int]) -> Answer:
        """Write a comment, once. Raises as ``Channel.reply``."""
        return self._ask("POST", "/wp-json/wp/v2/comments", sign_in=self._password, body=body)

    def close(self) -> None:
        """Give back the connections; a later request opens new ones."""
        with self._lock:
            if self._web is not None:
                self._web.close()
            self._web = None

    def _ask(
        self,
        method: str,
        path: str,
        *,
        sign_in: str,
        parameters: Mapping[str, str | int] | None = None,
        body: Mapping[str, str | int] | None = None,
    ) -> Answer:
        sends = body is not None
        headers = {"Authorization": sign_in, "Cache-Control": "no-cache"}
        try:
            web = self._open()
            response = request_whole(
                web, method, self._site + path, headers=headers, params=dict(parameters or {}) or None, json=body
            )
        except httpx2.InvalidURL:
            raise PermanentError(
                f"'{self.host}' is no host's name.", code="bad_address", remedy="Check options.site."
            ) from None
        except (httpx2.ConnectError, httpx2.ConnectTimeout):  # not a byte of the request had left
            raise RetryableError(
                f"{self.host} cannot be reached.", code="unreachable", remedy="Check options.site and the network."
            ) from None
        except (httpx2.HTTPError, httpx2.StreamError):
            raise self._no_answer(sends=sends) from None
        told = {name.lower(): value for name, value in response.headers.items()}
        answer = Answer(status=response.status_code, headers=told, body=read_body(response.content))
        if answer.status not in SUCCESS:
            raise explain_refusal(answer, host=self.host, sends=sends, now=self._clock.now())
        if answer.body is None:
            raise self._no_answer(sends=sends)
        return answer

    def _open(self) -> httpx2.Client:
        with self._lock:
            self._count += 1
            if self._web is None:
                self._web = httpx2.Client(
                    verify=common_trust(),
                    timeout=self._timeout_seconds,
                    headers={"User-Agent": USER_AGENT},
                    follow_redirects=False,
                )
            return self._web

    def _no_answer(self, *, sends: bool) -> ChannelError:
        if sends:
            return SendUncertainError(f"{self.host} gave no whole answer to a send.", code="no_answer")
        return RetryableError(
            f"{self.host} gave no whole answer.",
            code="no_answer",
            remedy="Open the shop in a browser: it may be in maintenance, or show a page of its own before the shop.",
        )


def _basic(name: str, password: str) -> str:
    return "Basic " + b64encode(f"{name}:{password}".encode()).decode()
