"""Our way in: a service account signs a statement with its key, Google gives a token for an hour. Kept in memory only.

google-auth signs. Its own exchange tries several times and sleeps between, so that the one request is ours.
"""

import threading
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from config.settings import ChannelSettings
from domain.clock import Clock
from domain.errors import ChannelError, ConfigError, PermanentError, Place, RetryableError
from listener import wire
from listener.channels.google_play.options import ServiceAccount
from listener.json_http import JsonAnswer, JsonClient
from listener.retry_after import read_retry_after

if TYPE_CHECKING:
    from google.auth.crypt import RSASigner

SCOPE = "https://www.googleapis.com/auth/androidpublisher"
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
STATEMENT_LIFETIME = timedelta(minutes=10)
RENEW_BEFORE = timedelta(minutes=5)
NEW = timedelta(minutes=1)
"""A token refused at this age was not worn out: the next one would be refused as well."""
REQUEST_TIMEOUT, TOO_MANY, SERVER_ERRORS = 408, 429, 500


class Tokens:
    """Keeps the token of the moment. Thread-safe."""

    def __init__(self, account: ServiceAccount, *, signer: "RSASigner", web: JsonClient, clock: Clock) -> None:
        self._account = account
        self._signer = signer
        self._web = web
        self._clock = clock
        self._lock = threading.Lock()
        self._token = ""
        self._made: datetime | None = None
        self._until: datetime | None = None

    def take(self) -> str:
        """Return a token that is good for some minutes more. Raises ``PermanentError`` or ``RetryableError``."""
        with self._lock:
            now = self._clock.now()
            if self._until is None or now >= self._until - RENEW_BEFORE:
                self._token, lifetime = self._ask(now)
                self._made, self._until = now, now + lifetime
            return self._token

    def drop(self) -> bool:
        """Forget the token: Google did not take it. Return whether another one may do, because this one was not new."""
        with self._lock:
            self._until = None
            return self._made is not None and self._clock.now() - self._made > NEW

    def _ask(self, now: datetime) -> tuple[str, timedelta]:
        from google.auth import jwt  # noqa: PLC0415 - an extra: others need not install it

        claims = {
            "iss": self._account.client_email,
            "scope": SCOPE,
            "aud": self._account.token_uri,
            "iat": int(now.timestamp()),
            "exp": int((now + STATEMENT_LIFETIME).timestamp()),
        }
        statement = jwt.encode(self._signer, claims).decode()  # type: ignore[no-untyped-call]
        answer = self._web.ask("POST", self._account.token_uri, form={"grant_type": GRANT, "assertion": statement})
        if not answer.is_success:
            raise _explain(answer, now)
        token, seconds = wire.text(answer.body, "access_token"), wire.whole(answer.body, "expires_in")
        if not token or not token.isascii() or not token.isprintable():
            raise RetryableError("Google's answer to a sign-in holds no token.", code="no_answer")
        return token, timedelta(seconds=min(max(seconds or 0, 0), 3600))


def load_signer(account: ServiceAccount, settings: ChannelSettings) -> "RSASigner":
    """Return what signs for ``account``. Raises ``ConfigError`` for a key that cannot be read."""
    from google.auth.crypt import RSASigner  # noqa: PLC0415 - an extra: others need not install it

    try:
        key, key_id = account.private_key.get_secret_value(), account.private_key_id or None
        signer: RSASigner = RSASigner.from_string(key, key_id)  # type: ignore[no-untyped-call]
        signer.sign(b"a key of another kind is taken until it has to sign")
    except Exception:  # noqa: BLE001 - the library raises errors of several others, and some quote the key
        raise ConfigError(
            "service_account: the private key in it cannot be read",
            place=Place(file="kikite.toml", field=f"channel.{settings.name}.secrets.service_account"),
            remedy="Make a new JSON key of the service account: see docs/how-to/google_play.md.",
        ) from None
    return signer


def _explain(answer: JsonAnswer, now: datetime) -> ChannelError:
    """Return the error for a refused sign-in: nothing has been sent yet, whatever it was for."""
    if answer.status in {TOO_MANY, REQUEST_TIMEOUT} or answer.status >= SERVER_ERRORS:
        wait = read_retry_after(answer.headers.get("retry-after", ""), now=now)
        return RetryableError("Google cannot sign us in now.", code="sign_in_busy", retry_after_seconds=wait)
    return PermanentError(
        "Google does not take the service account's key.",
        code="key_refused",
        remedy="Check that account and key still exist and this machine's clock; see docs/how-to/google_play.md.",
    )
