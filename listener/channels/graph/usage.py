"""How much of our share of the Graph API is used up, by the headers of its answers.

``x-app-usage`` and ``x-page-usage`` hold three percentages; ``x-business-use-case-usage`` holds them for each account, with
``estimated_time_to_regain_access`` in minutes.
"""

import json
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.clock import Clock
from listener import wire
from listener.retry_after import bound_wait, read_retry_after

BUSINESS = "x-business-use-case-usage"
SHARES = ("call_count", "total_cputime", "total_time")
WAIT_UNTOLD = 300.0
"""Seconds to wait where no header says how long; the shares roll over an hour."""
KEPT_PERCENT = 90
"""From here on no poll asks: what is left is kept for replies."""
BELIEVED = timedelta(minutes=5)
"""How long a share counts: it sinks by itself."""


@dataclass(frozen=True, kw_only=True)
class Usage:
    """The fullest of all shares that an answer told."""

    percent: float
    wait_seconds: float | None
    """Until access comes back; None where it is not told."""


def read_usage(headers: Mapping[str, str]) -> Usage | None:
    """Return what ``headers`` (lower-case names) tell; None when they tell nothing readable."""
    told = [share for name in ("x-app-usage", "x-page-usage") for share in _shares(_read(headers.get(name, "")))]
    minutes = 0.0
    business = _read(headers.get(BUSINESS, ""))
    for account in business.values() if isinstance(business, dict) else ():
        for entry in account if isinstance(account, list) else ():
            told += _shares(entry)
            minutes = max(minutes, _number(wire.part(entry, "estimated_time_to_regain_access")) or 0.0)
    if not told:
        return None
    return Usage(percent=max(told), wait_seconds=bound_wait(minutes * 60) if minutes > 0 else None)


def read_wait(headers: Mapping[str, str], *, now: datetime) -> float:
    """Return how many seconds a refusal for too many requests asks us to wait."""
    asked = read_retry_after(headers.get("retry-after", ""), now=now)
    if asked is not None:
        return asked
    usage = read_usage(headers)
    return usage.wait_seconds if usage and usage.wait_seconds is not None else WAIT_UNTOLD


class Meter:
    """Remembers the last usage told. Thread-safe."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._told: tuple[Usage, datetime] | None = None

    def note(self, headers: Mapping[str, str]) -> None:
        """Remember what an answer tells."""
        usage = read_usage(headers)
        if usage is not None:
            with self._lock:
                self._told = (usage, self._clock.now())

    def held_back(self) -> str:
        """Say why no poll should ask now: so much is used up that the rest is kept for replies. Empty: it may."""
        with self._lock:
            told = self._told
        if told is None or told[0].percent < KEPT_PERCENT:
            return ""
        usage, at = told
        wait = timedelta(seconds=usage.wait_seconds) if usage.wait_seconds is not None else BELIEVED
        if self._clock.now() - at >= wait:
            return ""
        return f"{usage.percent:.0f} % of our requests to Meta are used up; the rest is kept for replies."


def _read(value: str) -> object:
    try:
        found: object = json.loads(value)
    except (ValueError, RecursionError):
        return None
    return found


def _shares(entry: object) -> Iterator[float]:
    for name in SHARES:
        share = _number(wire.part(entry, name))
        if share is not None:
            yield share


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e9 else None  # noqa: PLR2004 - no share is that large; infinity and the like are none
