"""Our account on its server: who it is, what the server allows, which rights the token has."""

import threading
from dataclasses import dataclass

import structlog

from domain.errors import ChannelError, PermanentError, RetryableError
from listener.channels.mastodon import wire
from listener.channels.mastodon.client import Client
from listener.channels.mastodon.lengths import Limits, LimitsFile, read_limits
from listener.channels.mastodon.options import MastodonOptions

log = structlog.get_logger(__name__)

NEEDED = ("read:accounts", "read:follows", "read:notifications", "read:statuses", "write:statuses")
"""Scopes of everything we do; searching needs ``read:search`` too."""


@dataclass(frozen=True, kw_only=True)
class Me:
    """Who we are."""

    id: str
    handle: str
    """Local name without the server."""
    is_limited: bool
    """The server's moderators show us to our followers only."""


class Account:
    """Our account. Asks who it is at the first call that needs it. Thread-safe."""

    def __init__(self, options: MastodonOptions, *, client: Client, file: LimitsFile) -> None:
        self.options = options
        self.client = client
        self._file = file
        self._lock = threading.Lock()
        self._me: Me | None = None
        self._limits = file.load()

    @property
    def me(self) -> Me:
        """Who we are. Raises as every network method."""
        with self._lock:
            if self._me is None:
                self._me = self._ask_who()
                self._learn_limits()
            return self._me

    @property
    def limits(self) -> Limits:
        """What the server allows, as far as known; makes no request."""
        return self._limits

    @property
    def host(self) -> str:
        """The server without its scheme."""
        return self.options.instance.split("://", 1)[1]

    def describe(self) -> str:
        """Check the token and say in one line who we are, on what server, and what is missing."""
        me = self._ask_who()
        instance = self.client.ask(lambda api: api.instance_v2())
        self._keep(read_limits(instance))
        domain = wire.text(instance, "domain") or self.host
        version = wire.text(instance, "version") or "version not told"
        said = [
            f"@{me.handle}@{domain} ({me.id}) on {self.host} ({version})",
            f"{self._limits.max_characters} characters",
            self._describe_scopes(),
            f"direct messages: {'yes' if self.options.direct_messages else 'switched off'}",
        ]
        if me.is_limited:
            said.append("limited by the server's moderators: strangers may not see our replies")
        return " ".join("; ".join(said).split())

    def _ask_who(self) -> Me:
        try:
            found = self.client.ask(lambda api: api.account_verify_credentials())
        except PermanentError as error:
            if error.code != "gone":
                raise
            raise PermanentError(
                "This server does not speak Mastodon's API.", code="unsupported", remedy="Check options.instance."
            ) from None
        me = Me(
            id=wire.text(found, "id"),
            handle=wire.text(found, "username"),
            is_limited=wire.part(found, "limited") is True,
        )
        if not me.id or not me.handle:
            raise RetryableError(
                "The server's answer makes no sense.", code="no_answer", remedy="Check options.instance."
            )
        if wire.part(found, "suspended") is True:
            raise PermanentError(
                "Our account is suspended.",
                code="account_disabled",
                remedy="Sign in on your server with it and read why.",
            )
        return me

    def _learn_limits(self) -> None:
        try:
            self._keep(read_limits(self.client.ask(lambda api: api.instance_v2())))
        except ChannelError as error:
            log.warning("instance_limits_unknown", code=error.code)

    def _keep(self, limits: Limits) -> None:
        if limits == self._limits:
            return
        self._limits = limits
        try:
            self._file.save(limits)
        except OSError as error:  # other processes then count by the default
            log.warning("instance_limits_not_kept", error=str(error))

    def _describe_scopes(self) -> str:
        """Say which rights are missing. The server tells those of the application, which a token has at most."""
        needed = [*NEEDED, "read:search"] if self.options.search else list(NEEDED)
        try:
            told = wire.items(self.client.ask(lambda api: api.app_verify_credentials()), "scopes")
        except PermanentError:
            told = []
        granted = {scope for scope in told if isinstance(scope, str)}
        if not granted:
            return self._try_reading()
        missing = [scope for scope in needed if not _covers(granted, scope)]
        return f"missing scopes: {', '.join(missing)}" if missing else "scopes: complete"

    def _try_reading(self) -> str:
        """Find out by a read what an old server does not tell."""
        try:
            self.client.ask_list(lambda api: api.notifications(limit=1))
        except PermanentError as error:
            if error.code != "missing_scope":
                raise
            return "missing scopes: read:notifications, perhaps others"
        return "scopes: not told by the server, reading works"


def _covers(granted: set[str], scope: str) -> bool:
    if scope == "read:accounts" and "profile" in granted:
        return True
    return scope in granted or scope.partition(":")[0] in granted
