"""What tweepy's requests go through: the address, the timeout and X's new names, put in before a request is signed.

An HTTP adapter would come too late: OAuth 1.0a signs the address and every parameter. Imports ``requests``, so this module
is itself imported at the first request only.
"""

from collections.abc import Mapping
from typing import Any, Final

import requests
from urllib3.exceptions import MaxRetryError, NewConnectionError

from listener.channels.x.limits import Limits

HOST: Final = "https://api.twitter.com"
"""What tweepy asks, whatever X calls itself."""
RENAMED: Final = {"tweet.fields": "post.fields", "note_tweet": "note_post"}
RELATIONS: Final = {
    "tweet.fields": {
        "author_id": "author_id",
        "in_reply_to_user_id": "in_reply_to_user_id",
        "referenced_tweets": "referenced_posts",
    },
    "dm_event.fields": {"sender_id": "sender_id"},
}
"""Fields that X's newer description (OpenAPI 2.167) lists as expansions."""
SUCCESS: Final = range(200, 300)


class RefusedError(Exception):
    """An answer that is no success. Raised before tweepy reads it: an error page that is no JSON object confuses it."""

    def __init__(self, response: requests.Response) -> None:
        super().__init__(f"status {response.status_code}")
        self.status = response.status_code
        self.headers = _headers(response)
        try:
            self.body: object = response.json()
        except ValueError:
            self.body = None


class Transport:
    """Stands where tweepy keeps its ``requests`` session. One request, sent once, never redirected, none to a closed endpoint."""

    def __init__(
        self,
        session: requests.Session,
        *,
        service: str,
        timeout_seconds: float,
        limits: Limits,
        post_fields: bool = False,
    ) -> None:
        self._session = session
        self._limits = limits
        self._service = service
        self._timeout_seconds = timeout_seconds
        self._post_fields = post_fields

    def request(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, Any] | None = None,
        auth: Any = None,  # noqa: ANN401 - whatever requests takes
        **given: Any,  # noqa: ANN401 - as above
    ) -> requests.Response:
        """Send as ``requests.Session.request``. Raises ``RefusedError`` for every answer but success, and ``RetryableError``
        without a request while X has the endpoint closed.
        """
        path = url.removeprefix(HOST)
        self._limits.require_room(method, path)
        response = self._session.request(
            method,
            self._service + path,
            params=speak_of_posts(params) if params and self._post_fields else params,
            auth=auth or _keep_header,
            timeout=self._timeout_seconds,
            allow_redirects=False,
            **given,
        )
        refused = response.status_code == requests.codes.too_many_requests
        self._limits.note(method, path, _headers(response), refused=refused)
        if response.status_code not in SUCCESS:
            raise RefusedError(response)
        return response

    def close(self) -> None:
        """Give back the connection."""
        self._session.close()


def speak_of_posts(params: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``params`` under X's new names; fields that became expansions move there."""
    renamed = dict(params)
    expansions = _listed(renamed.pop("expansions", ""))
    for parameter, relations in RELATIONS.items():
        asked = _listed(renamed.pop(parameter, ""))
        expansions += [relations[name] for name in asked if name in relations]
        if fields := [RENAMED.get(name, name) for name in asked if name not in relations]:
            renamed[RENAMED.get(parameter, parameter)] = ",".join(fields)
    if expansions:
        renamed["expansions"] = ",".join(dict.fromkeys(expansions))
    return renamed


def _headers(response: requests.Response) -> dict[str, str]:
    return {name.lower(): value for name, value in response.headers.items()}


def _listed(value: object) -> list[str]:
    return [name for name in str(value).split(",") if name]


def surely_unsent(error: requests.RequestException) -> bool:
    """Tell whether no byte of the request can have left: the connection was never made."""
    if isinstance(error, requests.exceptions.ConnectTimeout | requests.exceptions.ProxyError):
        return True
    reason = error.args[0] if error.args else None
    return isinstance(reason, MaxRetryError) and isinstance(reason.reason, NewConnectionError)


def _keep_header(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Leave the request as it is. Without any ``auth``, requests would put a password of ~/.netrc over our token."""
    return request
