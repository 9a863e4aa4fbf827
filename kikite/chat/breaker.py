"""A breaker: a server that failed is left alone for a while."""

from datetime import datetime, timedelta
from threading import Lock
from typing import Final

from domain.clock import Clock

MOST_FAILURES: Final = 3
"""In a row, before the server is left alone."""
FIRST_REST: Final = timedelta(minutes=1)
"""Doubled each time it fails again after a rest."""
LONGEST_REST: Final = timedelta(minutes=30)


class Breaker:
    """Thread-safe."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = Lock()
        self._failures = 0
        self._rests = 0
        self._until: datetime | None = None

    def may_ask(self) -> bool:
        """Tell whether the server may be asked now."""
        with self._lock:
            return self._until is None or self._clock.now() >= self._until

    def succeeded(self) -> None:
        """Forget what failed."""
        with self._lock:
            self._failures = self._rests = 0
            self._until = None

    def failed(self, *, rest: timedelta | None = None, at_once: bool = False) -> timedelta | None:
        """Count a failure; return for how long the server is now left alone, if it is.

        ``rest``: what the server itself asked for. ``at_once``: asking again soon is pointless (a wrong key, a wrong name).
        """
        with self._lock:
            self._failures += 1
            if rest is None and not at_once and self._failures < MOST_FAILURES and not self._rests:
                return None
            pause = FIRST_REST * 2 ** min(self._rests, 10) if rest is None else rest
            pause = min(LONGEST_REST if at_once and rest is None else pause, LONGEST_REST)
            self._failures = 0
            self._rests += 1
            self._until = self._clock.now() + pause
            return pause
