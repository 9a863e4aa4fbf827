"""The signed token that every request carries: made here with the team's key, good for minutes, never stored."""

import threading
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

from config.settings import ChannelSettings
from domain.clock import Clock
from domain.errors import ConfigError, Place
from listener.channels.app_store.options import AppStoreOptions

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

AUDIENCE = "appstoreconnect-v1"
CURVE = "secp256r1"
LIFETIME = timedelta(minutes=15)
"""Apple takes none that lives longer than twenty."""
RENEW_BEFORE = timedelta(minutes=3)
CLOCK_AHEAD = timedelta(minutes=1)
"""How far our clock may be ahead of Apple's, which takes no token from the future."""


class Tokens:
    """Makes tokens. Thread-safe."""

    def __init__(self, options: AppStoreOptions, *, key: "EllipticCurvePrivateKey", clock: Clock) -> None:
        self._options = options
        self._key = key
        self._clock = clock
        self._lock = threading.Lock()
        self._token = ""
        self._until: datetime | None = None

    def take(self) -> str:
        """Return a token that is good for some minutes more."""
        now = self._clock.now()
        with self._lock:
            if self._until is None or now >= self._until - RENEW_BEFORE:
                self._token, self._until = self._sign(now), now + LIFETIME
            return self._token

    def drop(self) -> None:
        """Forget the token: Apple did not take it."""
        with self._lock:
            self._until = None

    def _sign(self, now: datetime) -> str:
        import jwt  # noqa: PLC0415 - an extra: others need not install it

        claims = {
            "iss": self._options.issuer_id,
            "iat": int((now - CLOCK_AHEAD).timestamp()),
            "exp": int((now + LIFETIME).timestamp()),
            "aud": AUDIENCE,
        }
        return jwt.encode(claims, self._key, algorithm="ES256", headers={"kid": self._options.key_id})


def load_key(options: AppStoreOptions, settings: ChannelSettings) -> "EllipticCurvePrivateKey":
    """Return the private key of ``options``. Raises ``ConfigError`` for what is no key of Apple's kind."""
    import jwt  # noqa: PLC0415 - an extra: others need not install it

    key: Any = None
    with suppress(Exception):  # its own errors and those of the library below it; some quote the key
        key = jwt.get_algorithm_by_name("ES256").prepare_key(options.private_key.get_secret_value().strip())
    if not hasattr(key, "sign") or key.curve.name != CURVE:
        raise ConfigError(
            "private_key: is not the .p8 file of an API key",
            place=Place(file="kikite.toml", field=f"channel.{settings.name}.secrets.private_key"),
            remedy="Download the key in App Store Connect and name its file: see docs/how-to/app_store.md.",
        )
    return cast("EllipticCurvePrivateKey", key)
