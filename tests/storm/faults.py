"""The weather between us and a platform: a proxy that fails requests by seed, knows the outage, and lets time pass."""

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from domain.clock import FixedClock
from tests.partners.faulty_proxy import Answer, Cut, FaultyProxy
from tests.storm.weather import Weather

TAKES: Final = timedelta(milliseconds=150)
"""Time that a request takes: posts come while a walk is under way."""
GATEWAY: Final = Answer(502, b"<html>bad gateway</html>", {"content-type": "text/html"})
DOWN: Final = Answer(503, b"over capacity", {"content-type": "text/plain"})


class StormProxy(FaultyProxy):
    """Fails a share of the requests: with 5xx, torn answers, and answers that never come."""

    def __init__(self, target: str, *, weather: Weather, clock: FixedClock, torn: Callable[[], None]) -> None:
        """``torn`` is called before a request whose answer will not arrive whole."""
        super().__init__(target)
        self._weather = weather
        self._clock = clock
        self._torn = torn
        self._pick = random.Random(f"{weather.seed} faults")
        self.requests = 0
        self.faults = 0
        self.in_outage = 0

    def _take_fault(self, path: str) -> Cut | Answer | None:  # noqa: ARG002 - it strikes anybody
        self.requests += 1
        self._clock.advance(TAKES)
        if self._weather.is_out(self._clock.now()):
            self.in_outage += 1
            return DOWN if self.in_outage % 2 else Cut.BEFORE
        if self._pick.random() >= self._weather.fault_share:
            return None
        self.faults += 1
        fault = self._pick.choice((DOWN, GATEWAY, Cut.BEFORE, Cut.HALF, Cut.AFTER))
        if fault in (Cut.HALF, Cut.AFTER):
            self._torn()
        return fault
