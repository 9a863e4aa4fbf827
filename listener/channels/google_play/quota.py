"""Google's limits for one app: 200 reads an hour, 2,000 answers a day. We stop before Google does, and polls before answers.

Several processes share a small file. Losing it costs nothing but the exactness of our count: Google counts, too.
"""

import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import structlog

from domain.clock import Clock
from domain.errors import RetryableError

log = structlog.get_logger(__name__)

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MEANWHILE: Final = timedelta(minutes=1)
"""How much later than ours another thread's note may be by the time we write."""
POLL_READS: Final = 150
"""Reads of an hour that polls may use; the rest looks at reviews before and after they are answered."""
ALL_READS: Final = 190
ANSWERS: Final = 1_900
READ, ANSWER = "read", "answer"


class Quota:
    """Counts requests of one app. Thread-safe; several processes may share the file."""

    def __init__(self, path: Path, *, clock: Clock) -> None:
        self._path = path
        self._clock = clock

    def take_read(self, *, polls: bool = False) -> None:
        """Note a read. Raises ``RetryableError`` when the hour has no more of them."""
        self._take(READ, span=HOUR, limit=POLL_READS if polls else ALL_READS)

    def take_answer(self) -> None:
        """Note an answer. Raises ``RetryableError`` when the day has no more of them."""
        self._take(ANSWER, span=DAY, limit=ANSWERS)

    def _take(self, what: str, *, span: timedelta, limit: int) -> None:
        now = self._clock.now()

        def note(connection: sqlite3.Connection) -> datetime | None:
            """Return when the oldest was made if there is no room; else note one more."""
            over = (what, (now - span).timestamp(), (now + MEANWHILE).timestamp())
            # What lies ahead was noted before the clock was set back: it would be waited for as long as that.
            connection.execute("DELETE FROM asked WHERE what = ? AND (at <= ? OR at > ?)", over)
            rows = connection.execute("SELECT at FROM asked WHERE what = ? ORDER BY at DESC LIMIT ?", (what, limit))
            made = [at for (at,) in rows]
            if len(made) >= limit:
                return datetime.fromtimestamp(made[-1], now.tzinfo)
            connection.execute("INSERT INTO asked VALUES (?, ?)", (what, now.timestamp()))
            return None

        oldest = self._use(note)
        if oldest is not None:
            wait = max((oldest + span - now).total_seconds(), 1.0)
            raise RetryableError(
                f"Google's limit for this app is nearly used up ({limit} requests).",
                code="quota",
                retry_after_seconds=wait,
                remedy="Raise poll_seconds, or let no other program read this app's reviews.",
            )

    def _use(self, step: Callable[[sqlite3.Connection], datetime | None]) -> datetime | None:
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._path.touch(mode=0o600)
            with closing(sqlite3.connect(self._path, timeout=5)) as connection, connection:
                connection.execute("PRAGMA synchronous = OFF")  # a power cut may cost a count, no more
                connection.execute("CREATE TABLE IF NOT EXISTS asked (what TEXT NOT NULL, at REAL NOT NULL)")
                return step(connection)
        except (sqlite3.Error, OSError) as error:
            log.warning("google_play_quota_unusable", file=self._path.name, error=type(error).__name__)
            if isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError):
                with suppress(OSError):
                    self._path.unlink(missing_ok=True)  # torn: begin anew
            return None
