"""Requests for one app's reviews: signed in, counted against Google's limits before they leave."""

from collections.abc import Mapping
from urllib.parse import quote

from domain.clock import Clock
from domain.errors import PermanentError, RetryableError
from listener.channels.google_play.options import GooglePlayOptions
from listener.channels.google_play.quota import Quota
from listener.channels.google_play.refusals import UNAUTHORIZED, explain_refusal
from listener.channels.google_play.tokens import Tokens
from listener.json_http import JsonClient


class Client:
    """Asks as one service account. Thread-safe."""

    def __init__(
        self, options: GooglePlayOptions, *, tokens: Tokens, web: JsonClient, quota: Quota, clock: Clock
    ) -> None:
        self._reviews = f"{options.service}/androidpublisher/v3/applications/{options.package_name}/reviews"
        self._tokens = tokens
        self._web = web
        self._quota = quota
        self._clock = clock

    @property
    def requests(self) -> int:
        """Requests made so far, sign-ins too."""
        return self._web.requests

    def list_reviews(self, params: Mapping[str, str | int]) -> object:
        """Return one page of the reviews. Raises ``PermanentError`` or ``RetryableError``."""
        self._quota.take_read(polls=True)
        return self._ask("GET", self._reviews, params=params, json=None)

    def find_review(self, review_id: str) -> object | None:
        """Return a review; None when Google does not show it. Raises as ``list_reviews``."""
        self._quota.take_read()
        try:
            return self._ask("GET", f"{self._reviews}/{quote(review_id, safe='')}", params=None, json=None)
        except PermanentError as error:
            if error.code == "gone":
                return None
            raise

    def reply(self, review_id: str, text: str) -> object:
        """Set the answer once. Raises ``PermanentError``, ``RetryableError`` or ``SendUncertainError``."""
        self._quota.take_answer()
        url = f"{self._reviews}/{quote(review_id, safe='')}:reply"
        return self._ask("POST", url, params=None, json={"replyText": text})

    def close(self) -> None:
        """Give back the connections."""
        self._web.close()

    def _ask(self, method: str, url: str, *, params: Mapping[str, str | int] | None, json: object) -> object:
        sends = method == "POST"
        headers = {"Authorization": f"Bearer {self._tokens.take()}"}
        answer = self._web.ask(method, url, headers=headers, params=params, json=json, sends=sends)
        if answer.is_success:
            return answer.body
        if answer.status == UNAUTHORIZED and self._tokens.drop():
            raise RetryableError("Google took our token back; the next request signs in anew.", code="token_over")
        raise explain_refusal(answer, sends=sends, now=self._clock.now())
