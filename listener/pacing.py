"""When an account is asked again: after a good poll, after quiet ones, after trouble. Nobody waits here; the time is written down.

Everything but what a platform asked for is spread a little, so that accounts that began or failed together do not come together.
"""

import random
from datetime import UTC, datetime, time, timedelta

SLOWEST_RETRY = timedelta(minutes=30)
REFUSED_RETRY = timedelta(hours=1)
"""After a permanent refusal: somebody must act, and when they have, it is noticed within the hour."""

EARLY = 0.1
"""A poll comes up to this part of its interval early, never late by choice: people asked for no longer pause."""
EITHER_WAY = 0.2


def next_pause(interval: timedelta) -> timedelta:
    """Return the pause until the next poll of an account that is polled each ``interval``."""
    return interval * random.uniform(1 - EARLY, 1)  # noqa: S311 - spreads load, guards nothing


def quiet_pause(interval: timedelta, *, quiet_polls: int, longest: timedelta) -> timedelta | None:
    """Return the pause after so many polls in a row that brought nothing: doubled with each, up to ``longest``.

    None: it is no longer than ``interval``.
    """
    doubled: timedelta = interval * 2 ** min(quiet_polls, 16)
    pause = min(doubled, longest)
    return next_pause(pause) if pause > interval else None


def retry_pause(interval: timedelta, *, attempts: int, asked_seconds: float | None) -> timedelta:
    """Return the pause after a passing failure: what the platform asked for, else twice as long for each in a row."""
    if asked_seconds is not None:
        return timedelta(seconds=max(0.0, asked_seconds))
    doublings = min(attempts - 1, 16)
    return _either_way(max(interval, min(interval * 2**doublings, SLOWEST_RETRY)))


def refused_pause() -> timedelta:
    """Return the pause after a refusal for good."""
    return _either_way(REFUSED_RETRY)


def next_day(moment: datetime) -> datetime:
    """Return the next midnight in UTC, when budgets begin anew."""
    return datetime.combine(moment.date() + timedelta(days=1), time(0), tzinfo=UTC)


def _either_way(pause: timedelta) -> timedelta:
    return pause * random.uniform(1 - EITHER_WAY, 1 + EITHER_WAY)  # noqa: S311 - as above
