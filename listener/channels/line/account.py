"""Our account at LINE: who it is, whether LINE calls us, and how many messages are left this month."""

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from domain.clock import Clock
from domain.errors import PermanentError, RetryableError
from listener import wire
from listener.channels.line.client import CONSUMPTION, ENDPOINT, INFO, QUOTA, Client

QUOTA_BELIEVED: Final = timedelta(minutes=1)
CHAT_SITE: Final = "https://chat.line.biz"


@dataclass(frozen=True, kw_only=True)
class Me:
    """Who we are."""

    user_id: str
    basic_id: str
    display_name: str
    can_chat: bool
    """True when LINE's own chat is switched on, where a colleague can answer by hand."""


@dataclass(frozen=True, kw_only=True)
class Quota:
    """This month's messages. ``used`` is LINE's own rough count."""

    used: int
    limit: int | None
    """None: no limit."""

    def has_room_for(self, people: int) -> bool:
        """Tell whether a message to so many people may be sent."""
        return self.limit is None or self.used + people <= self.limit


class Account:
    """Our account. Asks who it is at the first call that needs it. Thread-safe."""

    def __init__(self, client: Client, *, clock: Clock, name: str) -> None:
        self._client = client
        self._clock = clock
        self._name = name
        self._lock = threading.Lock()
        self._me: Me | None = None
        self._quota: tuple[Quota, datetime] | None = None

    @property
    def me(self) -> Me:
        """Who we are. Raises as every network method."""
        with self._lock:
            if self._me is None:
                self._me = self._ask_who()
            return self._me

    def chat_url(self, chat_id: str) -> str:
        """Return where a colleague answers a chat by hand."""
        return f"{CHAT_SITE}/{self.me.user_id}/chat/{chat_id}"

    def find_fault_in_calls(self) -> str:
        """Ask whether LINE calls us, and return why it does not; empty when all is well, or when LINE does not tell this account.

        Raises ``RetryableError``, and ``PermanentError`` when our token is refused.
        """
        try:
            found = self._client.get(ENDPOINT)
        except PermanentError as error:
            if error.code == "gone":
                return "no webhook URL is set at LINE: nothing comes in"
            if error.code == "no_right":  # what LINE brought is there all the same
                return ""
            raise
        if wire.part(found, "active") is not True:
            return "the webhook is switched off at LINE: nothing comes in"
        if not urlsplit(wire.text(found, "endpoint")).path.endswith(f"/hooks/{self._name}"):
            return f"the webhook URL at LINE does not end with /hooks/{self._name}: nothing comes in"
        return ""

    def ask_quota(self) -> Quota | None:
        """Return what is left this month; None when LINE does not tell this account. Raises ``RetryableError``."""
        try:
            allowed, used = self._client.get(QUOTA), wire.whole(self._client.get(CONSUMPTION), "totalUsage")
        except PermanentError as error:
            if error.code == "token_refused":
                raise
            return None
        limit = wire.whole(allowed, "value")
        if used is None or (limit is None and wire.text(allowed, "type") != "none"):
            raise RetryableError("LINE's answer about this month's messages makes no sense.", code="no_answer")
        quota = Quota(used=used, limit=None if wire.text(allowed, "type") == "none" else limit)
        with self._lock:
            self._quota = (quota, self._clock.now())
        return quota

    def recall_quota(self) -> Quota | None:
        """Return as ``ask_quota``, from memory for a minute: eligibility is asked often."""
        with self._lock:
            known = self._quota
        return known[0] if known and self._clock.now() - known[1] < QUOTA_BELIEVED else self.ask_quota()

    def forget_quota(self) -> None:
        """Ask anew next time: a message was sent."""
        with self._lock:
            self._quota = None

    def describe(self) -> str:
        """Check the token and say in one line who we are, whether LINE calls us and what is left this month."""
        me = self._ask_who()
        quota = self.ask_quota()
        limit = "" if quota is None or quota.limit is None else f" of {quota.limit}"
        said = [
            f"{me.display_name} ({me.basic_id}, {me.user_id})",
            self.find_fault_in_calls() or "webhook: on",
            "messages this month: not told" if quota is None else f"messages this month: {quota.used}{limit}",
            f"chat by hand: {'on' if me.can_chat else 'off'}",
        ]
        return " ".join("; ".join(said).split())

    def _ask_who(self) -> Me:
        found = self._client.get(INFO)
        user_id = wire.text(found, "userId")
        if not user_id:
            raise RetryableError("LINE's answer makes no sense.", code="no_answer", remedy="Check options.service.")
        return Me(
            user_id=user_id,
            basic_id=wire.text(found, "basicId"),
            display_name=wire.text(found, "displayName"),
            can_chat=wire.text(found, "chatMode") == "chat",
        )
