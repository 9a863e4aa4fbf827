"""How much of our shares of the Graph API is used up, by the headers of its answers: one answer tells some of them, the next others.

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
    """How full one limit is: the app's, the Page's, or one of an account's in business."""

    percent: float
    wait_seconds: float | None
    """Until access comes back; None where it is not told."""


def read_usages(headers: Mapping[str, str]) -> dict[str, Usage]:
    """Return what ``headers`` (lower-case names) tell of each limit; what is not readable tells nothing."""
    entries = {name: _read(headers.get(name, "")) for name in ("x-app-usage", "x-page-usage")}
    business = _read(headers.get(BUSINESS, ""))
    for account, limits in business.items() if isinstance(business, dict) else ():
        for entry in limits if isinstance(limits, list) else ():
            entries[f"{account}/{wire.text(entry, 'type')}"] = entry
    found: dict[str, Usage] = {}
    for limit, entry in entries.items():
        if shares := list(_shares(entry)):
            minutes = _number(wire.part(entry, "estimated_time_to_regain_access")) or 0.0
            found[limit] = Usage(percent=max(shares), wait_seconds=bound_wait(minutes * 60) if minutes > 0 else None)
    return found


def read_wait(headers: Mapping[str, str], *, now: datetime) -> float:
    """Return how many seconds a refusal for too many requests asks us to wait."""
    asked = read_retry_after(headers.get("retry-after", ""), now=now)
    if asked is not None:
        return asked
    told = [one.wait_seconds for one in read_usages(headers).values() if one.wait_seconds is not None]
    return max(told, default=WAIT_UNTOLD)


class Meter:
    """Remembers what was last told of each limit, as long as it counts. Thread-safe."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._told: dict[str, tuple[Usage, datetime]] = {}

    def note(self, headers: Mapping[str, str]) -> None:
        """Remember what an answer tells."""
        now = self._clock.now()
        told = {limit: (usage, now) for limit, usage in read_usages(headers).items()}
        with self._lock:
            self._told = {limit: one for limit, one in (self._told | told).items() if _counts(*one, now=now)}

    def held_back(self) -> str:
        """Say why no poll should ask now: so much is used up that the rest is kept for replies. Empty: it may."""
        now = self._clock.now()
        with self._lock:
            fullest = max(
                (usage.percent for usage, at in self._told.values() if _counts(usage, at, now=now)), default=0
            )
        if fullest < KEPT_PERCENT:
            return ""
        return f"{fullest:.0f} % of our requests to Meta are used up; the rest is kept for replies."


def _counts(usage: Usage, at: datetime, *, now: datetime) -> bool:
    """Tell whether what was told ``at`` a moment still holds."""
    return now - at < (timedelta(seconds=usage.wait_seconds) if usage.wait_seconds is not None else BELIEVED)


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
