"""Requests to the LINE Messaging API, by httpx2 (through ``listener.json_http``) and no SDK: line-bot-sdk needs aiohttp and an old
compatibility package beside it, for half a dozen calls of plain JSON.
"""

from collections.abc import Mapping
from typing import Final

from domain.clock import Clock
from listener.channels.line.options import LineOptions
from listener.channels.line.refusals import explain_refusal
from listener.json_http import JsonAnswer, JsonClient

PUSH: Final = "/v2/bot/message/push"
QUOTA: Final = "/v2/bot/message/quota"
CONSUMPTION: Final = "/v2/bot/message/quota/consumption"
INFO: Final = "/v2/bot/info"
ENDPOINT: Final = "/v2/bot/channel/webhook/endpoint"


class Client:
    """Asks as one channel. Thread-safe."""

    def __init__(self, options: LineOptions, *, clock: Clock) -> None:
        self._service = options.service
        self._token = options.channel_access_token
        self._clock = clock
        self._web = JsonClient(timeout_seconds=options.timeout_seconds)

    @property
    def requests(self) -> int:
        """Requests made so far."""
        return self._web.requests

    def get(self, path: str) -> object:
        """Return what stands at ``path``. Raises ``PermanentError`` or ``RetryableError``."""
        answer = self._web.ask("GET", f"{self._service}{path}", headers=self._headers({}))
        if answer.is_success:
            return answer.body
        raise explain_refusal(answer, sends=False, now=self._clock.now())

    def push(self, body: object, *, retry_key: str, sends: bool) -> JsonAnswer:
        """Post ``body`` once under ``retry_key`` and return the answer, refusals too. ``sends`` False: it only asks.

        Raises ``RetryableError`` where nothing left us, ``SendUncertainError`` where no whole answer to a send came.
        """
        headers = self._headers({"X-Line-Retry-Key": retry_key})
        return self._web.ask("POST", f"{self._service}{PUSH}", headers=headers, json=body, sends=sends)

    def close(self) -> None:
        """Give back the connections."""
        self._web.close()

    def _headers(self, more: Mapping[str, str]) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token.get_secret_value()}", "Accept": "application/json", **more}
