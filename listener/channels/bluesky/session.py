"""Being signed in: the session is kept on disk and reused, since Bluesky allows 30 sign-ins in 5 minutes and 300 a day."""

import json
import os
import tempfile
import threading
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from domain.clock import Clock
from domain.errors import PermanentError
from listener.channels.bluesky import wire
from listener.channels.bluesky.options import ENTRYWAY, BlueskyOptions
from listener.channels.bluesky.refusals import HOW_TO_RENEW, TokenRefusedError
from listener.channels.bluesky.xrpc import Call, Xrpc

REST_AFTER_REFUSAL = timedelta(minutes=10)
"""A wrong password is not tried again sooner: that alone would use up the day's sign-ins."""


@dataclass(frozen=True, kw_only=True)
class Session:
    """Who we are and the two tokens."""

    did: str
    handle: str
    host: str
    """Address of the PDS."""
    access_token: str
    refresh_token: str

    def __repr__(self) -> str:
        """Without the tokens: a session may end up in a log."""
        return f"Session({self.did} on {self.host})"


class SessionFile:
    """The session on disk, readable by its owner only. One file per channel account and sign-in."""

    def __init__(self, path: Path, *, service: str, identifier: str) -> None:
        self._path = path
        self._origin = {"service": service, "identifier": identifier}

    def load(self) -> Session | None:
        """Return the stored session; None when there is none, it is torn, or belongs to other settings."""
        try:
            stored = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        if wire.part(stored, "origin") != self._origin:
            return None
        session = Session(**{name: wire.text(stored, "session", name) for name in Session.__dataclass_fields__})
        return session if session.did and session.host and session.refresh_token else None

    def save(self, session: Session) -> None:
        """Replace the file in one step."""
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=self._path.parent, prefix=".session-")  # made with 0600
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump({"origin": self._origin, "session": asdict(session)}, file)
        Path(name).replace(self._path)

    def remove(self) -> None:
        """Forget the session."""
        self._path.unlink(missing_ok=True)


class Account:
    """Our account, signed in when needed. Thread-safe; several processes may share the file."""

    def __init__(self, options: BlueskyOptions, *, file: SessionFile, xrpc: Xrpc, clock: Clock) -> None:
        self._options = options
        self._file = file
        self._xrpc = xrpc
        self._clock = clock
        self._lock = threading.Lock()
        self._session: Session | None = None
        self._refused: tuple[datetime, PermanentError] | None = None

    @property
    def session(self) -> Session:
        """The session in force; signs in when there is none."""
        with self._lock:
            if self._session is None:
                self._session = self._file.load() or self._sign_in()
            return self._session

    def query(self, nsid: str, *, proxy: str = "", **params: str | int | list[str]) -> object:
        """Read. Raises ``PermanentError`` or ``RetryableError``."""
        return self._ask(nsid, params=params, proxy=proxy)

    def procedure(self, nsid: str, body: dict[str, Any], *, proxy: str = "", sends: bool = True) -> object:
        """Write. With ``sends`` also raises ``SendUncertainError``; an expired token is renewed before, as it was refused."""
        return self._ask(nsid, params={}, body=body, proxy=proxy, sends=sends)

    def _ask(
        self,
        nsid: str,
        *,
        params: dict[str, str | int | list[str]],
        body: dict[str, Any] | None = None,
        proxy: str = "",
        sends: bool = False,
    ) -> object:
        session = self.session
        call = Call(
            nsid=nsid,
            host=session.host,
            token=session.access_token,
            params=params,
            body=body,
            proxy=proxy,
            sends=sends,
        )
        try:
            return self._xrpc.ask(call)
        except TokenRefusedError:
            renewed = self._renew(session)
        return self._xrpc.ask(replace(call, host=renewed.host, token=renewed.access_token))

    def _renew(self, stale: Session) -> Session:
        """Return a session newer than ``stale``: another thread's or process's, a refreshed one, or a new sign-in."""
        with self._lock:
            for known in (self._session, self._file.load()):
                if known is not None and known != stale:
                    self._session = known
                    return known
            try:
                self._session = self._refresh(stale)
            except PermanentError:
                self._session = None
                self._file.remove()
                self._session = self._sign_in()
            return self._session

    def _refresh(self, stale: Session) -> Session:
        call = Call(
            nsid="com.atproto.server.refreshSession", host=stale.host, token=stale.refresh_token, is_procedure=True
        )
        return self._keep(self._xrpc.ask(call))

    def _sign_in(self) -> Session:
        if self._refused is not None and self._clock.now() - self._refused[0] < REST_AFTER_REFUSAL:
            raise self._refused[1]
        body = {"identifier": self._options.handle, "password": self._options.app_password.get_secret_value()}
        call = Call(nsid="com.atproto.server.createSession", host=self._options.service, body=body)
        try:
            session = self._keep(self._xrpc.ask(call))
        except PermanentError as error:
            told = self._explain_sign_in(error)
            self._refused = (self._clock.now(), told)
            raise told from None
        self._refused = None
        return session

    def _explain_sign_in(self, error: PermanentError) -> PermanentError:
        if not isinstance(error, TokenRefusedError):
            return error
        return PermanentError(
            f"Bluesky does not let @{self._options.handle} in: wrong handle or app password.",
            code="bad_credentials",
            remedy=HOW_TO_RENEW,
        )

    def _keep(self, answer: object) -> Session:
        session = Session(
            did=wire.text(answer, "did"),
            handle=wire.text(answer, "handle"),
            host=self._host(answer),
            access_token=wire.text(answer, "accessJwt"),
            refresh_token=wire.text(answer, "refreshJwt"),
        )
        if not (session.did.startswith("did:") and session.access_token and session.refresh_token):
            raise PermanentError(
                "The server's sign-in answer makes no sense.", code="unsupported", remedy="Check options.service."
            )
        self._file.save(session)
        return session

    def _host(self, answer: object) -> str:
        """Return where our repository lives. Only Bluesky's own door is believed when it names another server."""
        if self._options.service == ENTRYWAY:
            for service in wire.items(answer, "didDoc", "service"):
                address = wire.text(service, "serviceEndpoint").rstrip("/")
                if wire.text(service, "id").endswith("#atproto_pds") and address.startswith("https://"):
                    return address
        return self._options.service
