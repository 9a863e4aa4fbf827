"""How many quota units this account has used today, in one small file that the poller and the sender share.

Losing the file costs nothing but exactness, so its troubles are logged and never stop a poll or a send: this process then
counts for itself.
"""

import sqlite3
import threading
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog

from domain.clock import Clock
from domain.errors import RetryableError
from listener.channels.youtube.pacific import quota_day, seconds_until_midnight

log = structlog.get_logger(__name__)

READ, SEND = 1, 50
"""Units of a list call and of ``comments.insert`` (YouTube Data API, quota costs, read 2026-11-22)."""
SCHEMA: Final = "CREATE TABLE IF NOT EXISTS used (day TEXT PRIMARY KEY, read INTEGER NOT NULL, sent INTEGER NOT NULL)"
ADD: Final = """
INSERT INTO used VALUES (:day, :read, :sent)
ON CONFLICT (day) DO UPDATE SET read = read + excluded.read, sent = sent + excluded.sent
RETURNING read, sent
"""


@dataclass(frozen=True, kw_only=True)
class Used:
    """Units of one day."""

    read: int = 0
    sent: int = 0

    def __add__(self, other: "Used") -> "Used":
        """Return the sum."""
        return Used(read=self.read + other.read, sent=self.sent + other.sent)


class Meter:
    """Counts units by Google's day. Thread-safe; several processes may share the file."""

    def __init__(self, path: Path, *, clock: Clock, daily_units: int) -> None:
        self._path = path
        self._clock = clock
        self.daily_units = daily_units
        self._lock = threading.Lock()
        self._day = ""
        self._known = Used()
        """What the file last said of this day."""
        self._owed = Used()
        """What this process used since and could not write, as on a full disk; it is written once it can be."""

    def charge_read(self) -> None:
        """Count a list call. Google counts it whatever the answer."""
        self._add(Used(read=READ))

    def charge_send(self) -> None:
        """Count an attempt to send."""
        self._add(Used(sent=SEND))

    def used(self) -> Used:
        """Return what was used today."""
        return self._add(Used())

    def require_room(self) -> None:
        """Raise ``RetryableError`` when reading has used its units for today: what is left is for replies."""
        used = self.used().read
        if used >= self.daily_units:
            raise RetryableError(
                f"Reading has used its {self.daily_units} units for today; the rest is left for replies.",
                code="units_used_up",
                retry_after_seconds=seconds_until_midnight(self._clock.now()),
                remedy="Poll less often (poll_seconds), name fewer videos, or raise options.daily_units.",
            )

    def _add(self, more: Used) -> Used:
        today = quota_day(self._clock.now()).isoformat()
        with self._lock:
            if self._day != today:
                self._day, self._known, self._owed = today, Used(), Used()
            owed = self._owed + more
            try:
                self._known, self._owed = self._add_to_file(today, owed), Used()
            except (sqlite3.Error, OSError) as error:
                self._owed = owed
                log.warning("youtube_meter_unusable", file=self._path.name, error=type(error).__name__)
                if isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError):
                    with suppress(OSError):
                        self._path.unlink(missing_ok=True)  # torn: begin anew
            return self._known + self._owed

    def _add_to_file(self, today: str, more: Used) -> Used:
        if not self._path.exists():
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._path.touch(mode=0o600)
        with closing(sqlite3.connect(self._path, timeout=5)) as connection, connection:
            connection.execute("PRAGMA synchronous = OFF")  # a power cut may cost the meter some units, no more
            connection.execute(SCHEMA)
            connection.execute("DELETE FROM used WHERE day < ?", (today,))
            row = connection.execute(ADD, {"day": today, "read": more.read, "sent": more.sent}).fetchone()
        return Used(read=int(row[0]), sent=int(row[1]))
