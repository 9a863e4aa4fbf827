"""How much of a day's budget is spent: a small file of the home, shared by every process, kept over restarts."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

from domain.clock import Clock

PATIENCE_SECONDS: Final = 5.0
"""Wait for another process's write."""
_TABLE: Final = (
    "CREATE TABLE IF NOT EXISTS spent (day TEXT PRIMARY KEY, calls INTEGER NOT NULL, tokens INTEGER NOT NULL)"
)
_TAKE: Final = """
INSERT INTO spent (day, calls, tokens) VALUES (:day, 1, 0)
ON CONFLICT (day) DO UPDATE SET calls = calls + 1
WHERE (:most_calls = 0 OR calls < :most_calls) AND (:most_tokens = 0 OR tokens < :most_tokens)
"""


class DailyBudget:
    """Calls and tokens of one day (UTC). 0: no cap. Thread-safe; a file that cannot be used allows nothing."""

    def __init__(self, file: Path, *, most_calls: int, most_tokens: int, clock: Clock) -> None:
        self._file = file
        self._most_calls = most_calls
        self._most_tokens = most_tokens
        self._clock = clock

    def take_call(self) -> bool:
        """Count one call and return True; False when the day's budget is used up. Raises ``OSError``, ``sqlite3.Error``."""
        self._file.parent.mkdir(parents=True, exist_ok=True)
        caps = {"day": self._today(), "most_calls": self._most_calls, "most_tokens": self._most_tokens}
        with closing(self._open()) as kept, kept:
            kept.execute(_TABLE)
            return kept.execute(_TAKE, caps).rowcount == 1

    def add_tokens(self, tokens: int) -> None:
        """Count what a call used. Raises as ``take_call``."""
        with closing(self._open()) as kept, kept:
            kept.execute("UPDATE spent SET tokens = tokens + ? WHERE day = ?", (tokens, self._today()))

    def spent(self) -> tuple[int, int]:
        """Return today's calls and tokens."""
        if not self._file.is_file():
            return 0, 0
        with closing(self._open()) as kept:
            row = kept.execute("SELECT calls, tokens FROM spent WHERE day = ?", (self._today(),)).fetchone()
        return (int(row[0]), int(row[1])) if row else (0, 0)

    def _open(self) -> sqlite3.Connection:
        return sqlite3.connect(self._file, timeout=PATIENCE_SECONDS)

    def _today(self) -> str:
        return self._clock.now().date().isoformat()
