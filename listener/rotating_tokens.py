"""OAuth 2.0 where a refresh token works once: the pair of an account's sign-in, kept on disk.

There is room on disk for the new pair before the platform is asked, and the pair is saved before it is used.
"""

import hashlib
import json
import os
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import structlog

from domain.clock import Clock
from domain.errors import PermanentError, RetryableError
from listener.wire import text, whole

log = structlog.get_logger(__name__)

EARLY: Final = timedelta(minutes=2)
"""A token is renewed so long before it ends."""
LONGEST: Final = 400 * 86_400
"""Seconds a token may be said to last; anything else is a mistake."""
ROOM: Final = 4096
"""Characters set aside on disk; a pair takes a few hundred."""


@dataclass(frozen=True, kw_only=True)
class TokenPair:
    """What the platform gave us last."""

    access_token: str
    refresh_token: str
    ends_at: str
    """ISO time."""
    given_at: str = ""
    """ISO time; empty in a file of an older Kikite."""

    def __repr__(self) -> str:
        """Without the tokens: a pair may end up in a log."""
        return f"TokenPair(until {self.ends_at})"


class TokenFile:
    """The pair on disk, readable by its owner only, as long as the settings name the same sign-in."""

    def __init__(self, path: Path, *, client_id: str, first_refresh_token: str) -> None:
        self._path = path
        self._origin = hashlib.sha256(f"{client_id}\0{first_refresh_token}".encode()).hexdigest()
        """A new refresh token in the settings is a new sign-in: the pair on disk belongs to the old one."""

    def load(self) -> TokenPair | None:
        """Return the stored pair; None when there is none, it is torn, or belongs to another sign-in."""
        try:
            stored = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        if text(stored, "origin") != self._origin:
            return None
        pair = TokenPair(**{name: text(stored, "pair", name) for name in TokenPair.__dataclass_fields__})
        return pair if pair.access_token and pair.refresh_token else None

    @contextmanager
    def reserve(self) -> Iterator[Path]:
        """Hand out a file with room for a pair, which ``save`` puts in place; else it is gone afterwards. Raises ``OSError``."""
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=self._path.parent, prefix=".token-")  # made with 0600
        os.close(handle)
        try:
            _write(Path(name), "")
            yield Path(name)
        finally:
            with suppress(OSError):
                Path(name).unlink(missing_ok=True)

    def save(self, pair: TokenPair, reserved: Path) -> None:
        """Replace the file in one step. Raises ``OSError``."""
        _write(reserved, json.dumps({"origin": self._origin, "pair": asdict(pair)}))
        reserved.replace(self._path)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep other processes from renewing at the same time, where the system has such locks. Raises ``OSError``."""
        try:
            import fcntl  # noqa: PLC0415 - not on every system
        except ImportError:
            yield
            return
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._path.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


@dataclass(frozen=True, kw_only=True)
class Platform:
    """Whose tokens these are."""

    kind: str
    name: str
    """As people write it."""
    usual: timedelta
    """How long an access token lasts where the answer does not say."""


class Tokens:
    """Hands out the access token in force. Thread-safe."""

    def __init__(
        self,
        file: TokenFile,
        *,
        platform: Platform,
        first_refresh_token: str,
        refresh: Callable[[str], object],
        clock: Clock,
    ) -> None:
        self._file = file
        self._platform = platform
        self._first = first_refresh_token
        self._refresh = refresh
        self._clock = clock
        self._lock = threading.Lock()
        self._unsaved: TokenPair | None = None
        """The pair in force, while it could not be saved: what is on disk is used up."""

    def access_token(self) -> str:
        """Return a token that should work; renews one that ends soon. Raises as ``renew``."""
        if self._unsaved is not None:
            self._save_late()
        pair = self._unsaved or self._file.load()
        if pair is not None and not self._ends_soon(pair):
            return pair.access_token
        return self.renew(pair.access_token if pair else "")

    @property
    def given_at(self) -> datetime | None:
        """When the platform gave us the pair in force; None when that is not known."""
        pair = self._unsaved or self._file.load()
        try:
            return datetime.fromisoformat(pair.given_at) if pair else None
        except ValueError:
            return None

    def renew(self, stale: str) -> str:
        """Return another access token than ``stale``: another process's, or a fresh one.

        Raises ``PermanentError`` when the platform refuses, ``RetryableError`` when it does not answer, or when there is no room
        on disk for what it would answer: it is not asked then.
        """
        try:
            with self._lock, self._file.alone():
                pair = self._unsaved or self._file.load()
                if pair is not None and pair.access_token != stale:
                    return pair.access_token
                with self._file.reserve() as reserved:
                    fresh = self._ask(pair.refresh_token if pair else self._first)
                    self._keep(fresh, reserved)
                return fresh.access_token
        except OSError as error:
            raise RetryableError(
                f"The sign-in cannot be saved ({error.strerror or type(error).__name__}), so it is not renewed.",
                code="not_saved",
                remedy="Make room on the disk and let the worker write into the home's state folder.",
            ) from None

    def _ask(self, refresh_token: str) -> TokenPair:
        try:
            answer = self._refresh(refresh_token)
        except PermanentError:
            raise _signed_out(self._platform) from None
        lasts = min(max(whole(answer, "expires_in") or int(self._platform.usual.total_seconds()), 0), LONGEST)
        pair = TokenPair(
            access_token=text(answer, "access_token"),
            refresh_token=text(answer, "refresh_token") or refresh_token,
            ends_at=(self._clock.now() + timedelta(seconds=lasts)).isoformat(),
            given_at=self._clock.now().isoformat(),
        )
        if not pair.access_token:
            raise _signed_out(self._platform)
        return pair

    def _keep(self, pair: TokenPair, reserved: Path) -> None:
        """Save ``pair``; one that cannot be saved is used all the same, and saved as soon as possible."""
        self._unsaved = pair
        try:
            self._file.save(pair, reserved)
        except OSError as error:
            log.warning("token_not_saved", channel=self._platform.kind, error=type(error).__name__)
        else:
            self._unsaved = None

    def _save_late(self) -> None:
        with self._lock, suppress(OSError), self._file.alone(), self._file.reserve() as reserved:
            if self._unsaved is not None:
                self._keep(self._unsaved, reserved)

    def _ends_soon(self, pair: TokenPair) -> bool:
        try:
            return datetime.fromisoformat(pair.ends_at) - EARLY <= self._clock.now()
        except (ValueError, TypeError):
            return True


def _write(path: Path, written: str) -> None:
    """Write over the blanks that keep the room; blanks behind JSON mean nothing."""
    with path.open("r+", encoding="utf-8") as file:
        file.write(written.ljust(ROOM))
        file.flush()
        os.fsync(file.fileno())


def _signed_out(platform: Platform) -> PermanentError:
    return PermanentError(
        f"{platform.name} does not renew our sign-in.",
        code="signed_out",
        remedy=f"Sign in again as docs/how-to/{platform.kind}.md says and put the new refresh token into the secrets.",
    )
