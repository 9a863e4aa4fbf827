"""What outlives a request, in one small file: what X has billed today, what is closed, and who began which conversation.

X bills a post, a person or a message once in a UTC day, however often it is read. Losing this file costs nothing but the
meter's exactness, so its troubles are logged and never stop a poll or a send.
"""

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Final, TypeVar

import structlog

from domain.clock import Clock

log = structlog.get_logger(__name__)
Found = TypeVar("Found")

SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS billed (day TEXT NOT NULL, item TEXT NOT NULL, PRIMARY KEY (day, item)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS owed (usd REAL NOT NULL);
CREATE TABLE IF NOT EXISTS closed (endpoint TEXT PRIMARY KEY, until REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS root (conversation TEXT PRIMARY KEY, author TEXT NOT NULL, noted INTEGER) WITHOUT ROWID;
"""
ROOTS_KEPT: Final = 20_000
"""Conversations whose beginner is remembered."""


class Memory:
    """The file. Thread-safe; several processes may share it."""

    def __init__(self, path: Path, *, clock: Clock) -> None:
        self._path = path
        self._clock = clock
        self._is_made = False

    def bill(self, kind: str, external_ids: Iterable[str], *, price: float) -> float:
        """Return what X asks for reading these: each once a day. Counts all of them when the file cannot be used."""
        wanted = list(dict.fromkeys(external_ids))
        today = self._clock.now().date().isoformat()

        def note(connection: sqlite3.Connection) -> float:
            connection.execute("DELETE FROM billed WHERE day < ?", (today,))
            before = connection.total_changes
            rows = [(today, f"{kind}:{external_id}") for external_id in wanted]
            connection.executemany("INSERT OR IGNORE INTO billed VALUES (?, ?)", rows)
            return (connection.total_changes - before) * price

        return self._use(note, otherwise=len(wanted) * price) if wanted else 0.0

    def owe(self, usd: float) -> None:
        """Note money spent outside of a poll; the next page tells it."""

        def note(connection: sqlite3.Connection) -> None:
            connection.execute("INSERT INTO owed VALUES (?)", (usd,))

        if usd:
            self._use(note, otherwise=None)

    def take_owed(self) -> float:
        """Return what was spent outside of polls since the last time."""

        def take(connection: sqlite3.Connection) -> float:
            rows = connection.execute("DELETE FROM owed RETURNING usd").fetchall()
            return float(sum(usd for (usd,) in rows))

        return self._use(take, otherwise=0.0)

    def closed_until(self, endpoint: str) -> float:
        """Return when ``endpoint`` opens again, in seconds since 1970; 0 where nothing is known."""

        def read(connection: sqlite3.Connection) -> float:
            found = connection.execute("SELECT until FROM closed WHERE endpoint = ?", (endpoint,)).fetchone()
            return float(found[0]) if found else 0.0

        return self._use(read, otherwise=0.0)

    def close_until(self, endpoint: str, until: float) -> None:
        """Note that ``endpoint`` is closed until then, in seconds since 1970."""

        def note(connection: sqlite3.Connection) -> None:
            connection.execute("INSERT OR REPLACE INTO closed VALUES (?, ?)", (endpoint, until))

        self._use(note, otherwise=None)

    def learn_roots(self, authors: Mapping[str, str]) -> None:
        """Remember who began these conversations: author by conversation."""
        now = int(self._clock.now().timestamp())

        def note(connection: sqlite3.Connection) -> None:
            rows = [(conversation, author, now) for conversation, author in authors.items()]
            connection.executemany("INSERT OR REPLACE INTO root VALUES (?, ?, ?)", rows)
            connection.execute(
                "DELETE FROM root WHERE conversation NOT IN (SELECT conversation FROM root ORDER BY noted DESC LIMIT ?)",
                (ROOTS_KEPT,),
            )

        if authors:
            self._use(note, otherwise=None)

    def roots(self, conversations: Sequence[str]) -> dict[str, str]:
        """Return the beginners of those ``conversations`` that are known; empty for one that cannot be read."""

        def read(connection: sqlite3.Connection) -> dict[str, str]:
            found = (
                connection.execute("SELECT conversation, author FROM root WHERE conversation = ?", (one,)).fetchone()
                for one in conversations
            )
            return dict(row for row in found if row)

        return self._use(read, otherwise={}) if conversations else {}

    def _use(self, step: Callable[[sqlite3.Connection], Found], *, otherwise: Found) -> Found:
        try:
            return self._run(step)
        except (sqlite3.Error, OSError) as error:
            log.warning("x_memory_unusable", file=self._path.name, error=type(error).__name__)
            self._is_made = False
            if isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError):
                with suppress(OSError):
                    self._path.unlink(missing_ok=True)  # torn: begin anew
            return otherwise

    def _run(self, step: Callable[[sqlite3.Connection], Found]) -> Found:
        if not self._is_made:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._path.touch(mode=0o600)
        with closing(sqlite3.connect(self._path, timeout=5)) as connection, connection:
            connection.execute("PRAGMA synchronous = OFF")  # a power cut may cost the meter some cents, no more
            if not self._is_made:
                connection.executescript(SCHEMA)
            found = step(connection)
        self._is_made = True
        return found
