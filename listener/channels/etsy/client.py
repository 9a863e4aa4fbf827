"""One request to Etsy: sent once, with a timeout, its failure told as one of our errors."""

import threading
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

import httpx2

from domain.clock import Clock
from domain.errors import PermanentError, RetryableError
from listener.channels.etsy.options import EtsyOptions
from listener.channels.etsy.refusals import UNAUTHORIZED, explain_refusal
from listener.rotating_tokens import Platform, TokenFile, Tokens
from listener.trust import common_trust
from listener.whole_answer import request_whole
from listener.wire import text

USER_AGENT: Final = "Kikite"
NO_ADDRESS: Final = "Check options.service and options.token_service."

REFRESH_LASTS: Final = timedelta(days=90)
"""From when it was given (developers.etsy.com, Authentication, read 2026-11-22)."""
PLATFORM: Final = Platform(kind="etsy", name="Etsy", usual=timedelta(hours=1))


class Client:
    """Connections to the API and to the place where a sign-in is renewed. Thread-safe."""

    def __init__(self, options: EtsyOptions, *, clock: Clock, file: TokenFile) -> None:
        self._options = options
        self._clock = clock
        self._lock = threading.Lock()
        self._web: httpx2.Client | None = None
        self._count = 0
        self._tokens = Tokens(
            file,
            platform=PLATFORM,
            first_refresh_token=options.refresh_token.get_secret_value(),
            refresh=self._refresh,
            clock=clock,
        )

    @property
    def requests(self) -> int:
        """Requests made so far."""
        return self._count

    @property
    def sign_in_ends_at(self) -> datetime | None:
        """When the refresh token in force ends unless it is used before; None where there is none or nobody knows."""
        given_at = self._tokens.given_at if self._options.signs_in else None
        return given_at + REFRESH_LASTS if given_at else None

    def get(self, path: str, parameters: Mapping[str, int] | None = None) -> dict[str, object]:
        """Return the object that ``/v3/application`` + ``path`` answers. Raises ``PermanentError`` or ``RetryableError``.

        A sign-in that Etsy took back is renewed once.
        """
        url = f"{self._options.service}/v3/application{path}"
        token = self._tokens.access_token() if self._options.signs_in else ""
        response = self._send("GET", url, token=token, parameters=parameters)
        if response.status_code == UNAUTHORIZED and token:
            token = self._tokens.renew(token)
            response = self._send("GET", url, token=token, parameters=parameters)
        return self._read(response)

    def close(self) -> None:
        """Give back the connections; a later request opens new ones."""
        with self._lock:
            if self._web is not None:
                self._web.close()
            self._web = None

    def _refresh(self, refresh_token: str) -> object:
        form = {
            "grant_type": "refresh_token",
            "client_id": self._options.client_id,
            "refresh_token": refresh_token,
        }
        return self._read(self._send("POST", f"{self._options.token_service}/v3/public/oauth/token", form=form))

    def _send(
        self,
        method: str,
        url: str,
        *,
        token: str = "",
        parameters: Mapping[str, int] | None = None,
        form: Mapping[str, str] | None = None,
    ) -> httpx2.Response:
        headers = {"x-api-key": self._options.api_key} if form is None else {}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        try:
            web = self._open()
            return request_whole(
                web,
                method,
                url,
                headers=headers,
                params=dict(parameters or {}) or None,
                data=dict(form) if form else None,
            )
        except httpx2.InvalidURL:
            raise PermanentError("Etsy's address is no address.", code="bad_address", remedy=NO_ADDRESS) from None
        except httpx2.TimeoutException:
            raise RetryableError("Etsy did not answer in time.", code="timeout") from None
        except httpx2.ConnectError:
            raise RetryableError("Etsy cannot be reached.", code="unreachable", remedy="Check the network.") from None
        except (httpx2.HTTPError, httpx2.StreamError):
            raise _no_answer() from None

    def _read(self, response: httpx2.Response) -> dict[str, object]:
        try:
            body: object = response.json()
        except (ValueError, RecursionError):
            body = None
        if not response.is_success:
            said = f"{text(body, 'error')} {text(body, 'error_description')}"
            headers = {name.lower(): value for name, value in response.headers.items()}
            raise explain_refusal(response.status_code, said=said, headers=headers, now=self._clock.now())
        if not isinstance(body, dict):
            raise _no_answer()
        return body

    def _open(self) -> httpx2.Client:
        with self._lock:
            self._count += 1
            if self._web is None:
                self._web = httpx2.Client(
                    verify=common_trust(),
                    timeout=self._options.timeout_seconds,
                    headers={"User-Agent": USER_AGENT},
                    follow_redirects=False,
                )
            return self._web


def _no_answer() -> RetryableError:
    return RetryableError("Etsy gave no whole answer.", code="no_answer", remedy="Check options.service.")
