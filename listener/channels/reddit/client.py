"""Our account at Reddit's API through praw: its sign-in and its requests, read as plain JSON.

praw's own objects ask the server again, unseen, for every field that an answer left out, and their ``reply`` sleeps on a
rate limit; ``Reddit.request`` does neither.
"""

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from domain.clock import Clock
from domain.errors import PermanentError, RetryableError, SendUncertainError
from listener.channels.reddit import wire
from listener.channels.reddit.options import RedditOptions
from listener.channels.reddit.refusals import HOW_TO_RENEW, TokenRefusedError, bad_credentials
from listener.channels.reddit.requestor import RateLimit, make_requestor_class

if TYPE_CHECKING:
    import praw
    import requests

NAMES_AT_ONCE = 100
"""Limit of /api/info."""


def user_agent(username: str) -> str:
    """Return how Reddit wants an app to name itself: platform, app, version, and whom to turn to."""
    contact = f"by /u/{username}" if username else "self-hosted"
    return f"python:kikite:v{version('kikite')} ({contact})"


def require_listing(answer: object) -> None:
    """Raise ``RetryableError`` unless ``answer`` lists something or nothing: any other says nothing about what there is."""
    if not isinstance(wire.part(answer, "data", "children"), list):
        raise RetryableError("Reddit's answer is no listing.", code="no_answer")


@dataclass(frozen=True, kw_only=True)
class OwnAccount:
    """Who we are there."""

    external_id: str
    """``t2_…``."""
    name: str


@dataclass(frozen=True, kw_only=True)
class Found:
    """Things by their fullname, and the requests it took."""

    things: dict[str, object]
    requests: int


class RedditClient:
    """One account. Thread-safe: one request at a time. Signs in at the first; keeps no session on disk."""

    def __init__(self, options: RedditOptions, *, clock: Clock, limit_file: Path | None = None) -> None:
        self._options = options
        self._limit = RateLimit(clock, limit_file)
        self._lock = threading.Lock()
        self._reddit: praw.Reddit | None = None
        self._session: requests.Session | None = None
        self._own: OwnAccount | None = None

    @property
    def own(self) -> OwnAccount:
        """Our account; asked for once."""
        if self._own is None:
            self._own = self.ask_own()
        return self._own

    def ask_own(self) -> OwnAccount:
        """Ask who we are. Raises ``PermanentError`` for a suspended account, or a token of another account."""
        answer = self.read("api/v1/me")
        name, plain_id = wire.text(answer, "name"), wire.text(answer, "id")
        if not name or not plain_id:
            raise RetryableError("Reddit's answer about our account makes no sense.", code="no_answer")
        if wire.part(answer, "is_suspended") is True:
            remedy = "Sign in on Reddit with it and read why."
            raise PermanentError("Reddit has suspended our account.", code="account_suspended", remedy=remedy)
        if name.lower() != self._options.username.lower():
            raise PermanentError(f"The token belongs to u/{name}.", code="other_account", remedy=HOW_TO_RENEW)
        return OwnAccount(external_id=f"t2_{plain_id}", name=name)

    def read(self, path: str, **params: str | int) -> object:
        """Return the JSON of a GET. Raises ``PermanentError`` or ``RetryableError``."""
        try:
            return self._ask("GET", path, params=params)
        except TokenRefusedError:
            self.close()
        try:
            return self._ask("GET", path, params=params)
        except TokenRefusedError:
            raise bad_credentials() from None

    def read_listing(self, path: str, **params: str | int) -> object:
        """Return the JSON of a listing. Raises as ``read``, and ``RetryableError`` for an answer that is none."""
        answer = self.read(path, **params)
        require_listing(answer)
        return answer

    def send(self, path: str, **data: str) -> object:
        """Return the JSON of a POST that makes something appear. It leaves once at most.

        Raises as ``Channel.reply``. A token that is over is a ``RetryableError``: the next try gets a new one.
        """
        try:
            return self._ask("POST", path, data=data)
        except TokenRefusedError as error:
            self.close()
            raise RetryableError(error.message, code=error.code, retry_after_seconds=1, remedy=error.remedy) from None

    def find_things(self, fullnames: Iterable[str]) -> Found:
        """Return posts (``t3_``), comments (``t1_``) and subreddits (``t5_``) as they stand now; what is missing is not there."""
        wanted = [name for name in dict.fromkeys(fullnames) if name.startswith(("t1_", "t3_", "t5_"))]
        things: dict[str, object] = {}
        starts = range(0, len(wanted), NAMES_AT_ONCE)
        for start in starts:
            answer = self.read_listing("api/info/", id=",".join(wanted[start : start + NAMES_AT_ONCE]))
            found = [wire.part(child, "data") for child in wire.items(answer, "data", "children")]
            things.update({wire.text(thing, "name"): thing for thing in found})
        return Found(things=things, requests=len(starts))

    def close(self) -> None:
        """Give back connections and forget the token; a later request makes anew what it needs."""
        with self._lock:
            if self._session is not None:
                self._session.close()
            self._reddit = self._session = None

    def _ask(
        self, method: str, path: str, *, params: dict[str, str | int] | None = None, data: dict[str, str] | None = None
    ) -> object:
        from praw.exceptions import PRAWException  # noqa: PLC0415 - the SDK loads in the worker, not at start
        from prawcore.exceptions import PrawcoreException  # noqa: PLC0415 - the same

        with self._lock:
            try:
                answer: object = self._open().request(method=method, path=path, params=params, data=data)
            except (PRAWException, PrawcoreException):
                answer = None  # the requestor lets only success through: they could not read it
        if isinstance(answer, dict | list):
            return answer
        if method == "POST":
            raise SendUncertainError("Reddit's answer to a send cannot be read.", code="no_answer")
        raise RetryableError("Reddit's answer cannot be read.", code="no_answer")

    def _open(self) -> "praw.Reddit":
        if self._reddit is None:
            import praw  # noqa: PLC0415 - as above
            import requests  # noqa: PLC0415 - as above

            options = self._options
            token = options.refresh_token.get_secret_value() or None
            self._session = requests.Session()
            # Every setting is named, so that neither a praw.ini nor the environment has a say in it.
            self._reddit = praw.Reddit(
                "DEFAULT",
                requestor_class=make_requestor_class(self._limit, timeout_seconds=options.timeout_seconds),
                requestor_kwargs={"session": self._session},
                check_for_async=False,
                check_for_updates=False,
                client_id=options.client_id,
                client_secret=options.client_secret.get_secret_value() or None,
                oauth_url=options.api_url,
                password=None if token else options.password.get_secret_value(),
                reddit_url=options.site_url,
                redirect_uri=None,
                refresh_token=token,
                user_agent=user_agent(options.username),
                username=options.username,
            )
        return self._reddit
