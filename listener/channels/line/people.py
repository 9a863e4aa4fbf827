"""Who people are: names from their profiles, remembered for a while; and whether a message of ours can reach them."""

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import quote

import structlog

from domain.clock import Clock
from domain.errors import PermanentError, RetryableError
from listener import wire
from listener.channels.line.client import Client
from listener.channels.line.events import Source, SourceKind

MOST_REMEMBERED: Final = 5000
log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Profile:
    """What a person shows of themselves to accounts. Empty where LINE tells nothing."""

    display_name: str = ""
    language: str = ""


NOBODY: Final = Profile()


class People:
    """Profiles of one account's customers. Thread-safe."""

    def __init__(self, client: Client, *, clock: Clock, remembered_for: timedelta) -> None:
        self._client = client
        self._clock = clock
        self._remembered_for = remembered_for
        self._lock = threading.Lock()
        self._known: dict[tuple[str, str], tuple[Profile, datetime]] = {}

    def look_up(self, source: Source) -> Profile:
        """Return who wrote. A person whom LINE does not show (not a friend, gone, blocks us) has no name.

        Raises ``RetryableError``, and ``PermanentError`` when our token is refused.
        """
        if not source.user_id:
            return NOBODY
        key = (source.chat_id, source.user_id)
        with self._lock:
            known = self._known.get(key)
        if known and self._clock.now() < known[1]:
            return known[0]
        try:
            found = self._ask(source)
            profile = Profile(display_name=wire.text(found, "displayName"), language=wire.text(found, "language"))
        except PermanentError as error:
            if error.code == "token_refused":
                raise
            profile = NOBODY
        self._remember(key, profile)
        return profile

    def is_reachable(self, source: Source) -> bool | None:
        """Ask whether a message reaches the person: LINE shows no profile of who blocks us or has left. None: it does not tell.

        A message to somebody who blocks us is accepted all the same (200) and shown to nobody, so this is the only way to know.
        Raises as ``look_up``.
        """
        if not source.user_id:
            return None
        try:
            self._ask(source)
        except PermanentError as error:
            if error.code == "token_refused":
                raise
            return False if error.code == "gone" else None
        return True

    def count_in(self, source: Source) -> int:
        """Return how many people a message to this chat is counted for. Raises ``RetryableError``."""
        if source.kind is SourceKind.USER:
            return 1
        try:
            found = self._client.get(f"/v2/bot/{source.kind}/{quote(source.chat_id, safe='')}/members/count")
        except PermanentError:
            return 1
        return max(1, wire.whole(found, "count") or 1)

    def _ask(self, source: Source) -> object:
        user, chat = quote(source.user_id, safe=""), quote(source.chat_id, safe="")
        is_alone = source.kind is SourceKind.USER
        path = f"/v2/bot/profile/{user}" if is_alone else f"/v2/bot/{source.kind}/{chat}/member/{user}"
        found = self._client.get(path)
        if not isinstance(found, dict):
            raise RetryableError("LINE's answer makes no sense.", code="no_answer")
        return found

    def _remember(self, key: tuple[str, str], profile: Profile) -> None:
        with self._lock:
            self._known.pop(key, None)
            self._known[key] = (profile, self._clock.now() + self._remembered_for)
            while len(self._known) > MOST_REMEMBERED:
                del self._known[next(iter(self._known))]


class NamesOfAPage:
    """Names for one page of messages: when LINE has trouble with one, the others are not waited for, and nothing is held up."""

    def __init__(self, people: People) -> None:
        self._people = people
        self._is_tired = False

    def look_up(self, source: Source) -> Profile:
        """Return who wrote, or nobody while LINE has trouble. Raises ``PermanentError`` when our token is refused."""
        if self._is_tired:
            return NOBODY
        try:
            return self._people.look_up(source)
        except RetryableError as error:
            log.warning("profile_unknown", code=error.code)
            self._is_tired = True
            return NOBODY
