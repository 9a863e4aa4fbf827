"""How long to rest before asking a platform again: what it asked for, within reason, else twice as long each time."""

import math
from dataclasses import dataclass
from datetime import timedelta

LONGEST_OBEYED = timedelta(days=1)
MOST_TRIES = 8
"""After so many tries a send is given up and a person decides."""


@dataclass(frozen=True, kw_only=True, slots=True)
class BackOff:
    """Doubling waits between ``first`` and ``longest``."""

    first: timedelta
    longest: timedelta

    def wait(self, failures: int, asked_seconds: float | None = None) -> timedelta:
        """Return the wait after the ``failures``-th failure in a row; never negative.

        ``asked_seconds`` is the platform's own delay: obeyed up to a day, ignored when it is no number.
        """
        if asked_seconds is not None and not math.isnan(asked_seconds):
            return timedelta(seconds=min(max(0.0, asked_seconds), LONGEST_OBEYED.total_seconds()))
        seconds = self.first.total_seconds() * 2.0 ** min(max(0, failures - 1), 16)
        return min(timedelta(seconds=seconds), self.longest)
