"""Requests to the Graph API: with the token in a header and its proof beside it, once each."""

import hashlib
import hmac
from collections.abc import Mapping

from domain.clock import Clock
from domain.errors import RetryableError
from listener import wire
from listener.channels.graph.options import GraphOptions
from listener.channels.graph.refusals import explain_refusal
from listener.channels.graph.usage import Meter
from listener.json_http import JsonClient

Params = Mapping[str, str | int]


class Client:
    """Asks as one Page. Thread-safe."""

    def __init__(self, options: GraphOptions, *, clock: Clock) -> None:
        self._options = options
        self._clock = clock
        self._root = f"{options.service}/{options.version}"
        self._token = options.access_token.get_secret_value()
        self._secret = options.app_secret.get_secret_value()
        self._web = JsonClient(timeout_seconds=options.timeout_seconds)
        self.meter = Meter(clock)

    def __repr__(self) -> str:
        """Without secrets."""
        return f"Client({self._root})"

    @property
    def requests(self) -> int:
        """Requests made so far."""
        return self._web.requests

    def get(self, path: str, params: Params | None = None) -> object:
        """Return what stands at ``path``. Raises ``PermanentError`` or ``RetryableError``."""
        body = self._ask("GET", path, params=params or {}, json=None, token=self._token)
        if not isinstance(body, dict):
            raise RetryableError("Meta's answer makes no sense.", code="no_answer")
        return body

    def post(self, path: str, body: object) -> object:
        """Send ``body`` once. Raises ``PermanentError``, ``RetryableError`` or ``SendUncertainError``."""
        return self._ask("POST", path, params={}, json=body, token=self._token)

    def inspect_token(self) -> object:
        """Return what ``/debug_token`` tells of our token. Asked as the app itself."""
        params = {"input_token": self._token}
        app_token = f"{self._options.app_id}|{self._secret}"
        return wire.part(self._ask("GET", "debug_token", params=params, json=None, token=app_token), "data")

    def close(self) -> None:
        """Give back the connections."""
        self._web.close()

    def _ask(self, method: str, path: str, *, params: Params, json: object, token: str) -> object:
        sends = method == "POST"
        answer = self._web.ask(
            method,
            f"{self._root}/{path}",
            headers={"Authorization": f"Bearer {token}", "Accept": "application/json"},
            params={**params, "appsecret_proof": prove(token, self._secret)},
            json=json,
            sends=sends,
        )
        self.meter.note(answer.headers)
        if answer.is_success and wire.part(answer.body, "error") is None:
            return answer.body
        raise explain_refusal(answer, sends=sends, now=self._clock.now())


def prove(token: str, app_secret: str) -> str:
    """Return ``appsecret_proof``: that whoever uses ``token`` knows the app's secret."""
    return hmac.new(app_secret.encode(), token.encode(), hashlib.sha256).hexdigest()
