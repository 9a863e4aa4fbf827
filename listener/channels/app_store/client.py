"""Requests to App Store Connect: signed, counted, and a few kept back for answers when the hour's requests run out."""

import threading
from collections.abc import Mapping
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from domain.clock import Clock
from domain.errors import RetryableError
from listener.channels.app_store.options import AppStoreOptions
from listener.channels.app_store.refusals import UNAUTHORIZED, explain_refusal, read_remaining
from listener.channels.app_store.tokens import Tokens
from listener.json_http import JsonClient

KEPT_FOR_ANSWERS = 50
"""Requests of an hour that no poll uses."""
BELIEVED = timedelta(minutes=5)
"""How long a count of what is left counts: the hour rolls, and requests come back."""


class Client:
    """Asks as one key. Thread-safe."""

    def __init__(self, options: AppStoreOptions, *, tokens: Tokens, clock: Clock) -> None:
        self._service = options.service
        self._tokens = tokens
        self._clock = clock
        self._web = JsonClient(timeout_seconds=options.timeout_seconds)
        self._lock = threading.Lock()
        self._remaining: tuple[int, datetime] | None = None

    @property
    def requests(self) -> int:
        """Requests made so far."""
        return self._web.requests

    @property
    def remaining(self) -> int | None:
        """Requests that Apple said are left in this hour; None where it has not said so lately."""
        with self._lock:
            told = self._remaining
        return told[0] if told and self._clock.now() - told[1] < BELIEVED else None

    def get(self, path: str, params: Mapping[str, str | int] | None = None) -> object:
        """Return what stands at ``path``. Raises ``PermanentError`` or ``RetryableError``."""
        return self._ask("GET", f"{self._service}{path}", params=params, json=None)

    def post(self, path: str, body: object) -> object:
        """Send ``body`` once. Raises ``PermanentError``, ``RetryableError`` or ``SendUncertainError``."""
        return self._ask("POST", f"{self._service}{path}", params=None, json=body)

    def keep_some(self) -> None:
        """Raise ``RetryableError`` when so few requests are left that they are kept for answers."""
        remaining = self.remaining
        if remaining is not None and remaining < KEPT_FOR_ANSWERS:
            raise RetryableError(
                f"Only {remaining} requests are left in this hour; they are kept for answers.",
                code="rate_limited",
                retry_after_seconds=BELIEVED.total_seconds(),
            )

    def is_ours(self, address: str, path: str) -> bool:
        """Tell whether ``address`` leads to ``path`` of the very service we ask: our token goes nowhere else."""
        if not address.isascii() or not address.isprintable():
            return False
        try:
            url, own = urlsplit(address), urlsplit(self._service)
        except ValueError:
            return False
        return (url.scheme, url.netloc, url.path) == (own.scheme, own.netloc, path)

    def close(self) -> None:
        """Give back the connections."""
        self._web.close()

    def _ask(self, method: str, url: str, *, params: Mapping[str, str | int] | None, json: object) -> object:
        sends = method == "POST"
        headers = {"Authorization": f"Bearer {self._tokens.take()}", "Accept": "application/json"}
        answer = self._web.ask(method, url, headers=headers, params=params, json=json, sends=sends)
        remaining = read_remaining(answer.headers)
        if remaining is not None:
            with self._lock:
                self._remaining = (remaining, self._clock.now())
        if answer.is_success:
            return answer.body
        if answer.status == UNAUTHORIZED:
            self._tokens.drop()
        raise explain_refusal(answer, sends=sends, now=self._clock.now())
