"""When posts come over a simulated day: a quiet night, busy hours, bursts, and each listed some seconds after its moment."""

import random
from bisect import bisect
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate
from typing import Final

DAY: Final = timedelta(days=1)
HOURS: Final = (8, 8, 7, 6, 6, 7, 9, 11, 12, 10, 8, 6, 4, 2, 1, 0.5, 0.4, 0.4, 0.6, 1, 3, 5, 6, 7)
"""How busy each hour from the beginning is: noon in Tokyo, then evening, night and morning."""


@dataclass(frozen=True, kw_only=True)
class Burst:
    """A part of all posts comes within moments."""

    after: timedelta
    lasts: timedelta
    share: float


@dataclass(frozen=True, kw_only=True)
class Weather:
    """What the platform and we go through."""

    posts: int
    seed: int
    begin: datetime
    lasts: timedelta = DAY
    bursts: tuple[Burst, ...] = (
        Burst(after=timedelta(hours=2), lasts=timedelta(minutes=10), share=0.05),
        Burst(after=timedelta(hours=7, minutes=31), lasts=timedelta(seconds=70), share=0.03),
        Burst(after=timedelta(hours=9, minutes=40), lasts=timedelta(minutes=2), share=0.03),
        Burst(after=timedelta(hours=20, minutes=57), lasts=timedelta(minutes=5), share=0.02),
    )
    """In turn: a long one, one that overruns a list between two polls, one in the outage, one over midnight in UTC."""
    outage: tuple[timedelta, timedelta] = (timedelta(hours=9), timedelta(hours=11))
    """From when to when the platform answers nobody."""
    restart_every: timedelta = timedelta(minutes=50)
    kill_share: float = 0.008
    """Of our transactions, the process dies in or right after."""
    fault_share: float = 0.01
    """Of the requests, the platform fails or tears."""
    latest: timedelta = timedelta(seconds=110)
    """A post is listed so long after its moment at most."""

    settles: timedelta = timedelta(hours=2)
    """After the last post: time for what is read late."""

    def scaled(self, moment: timedelta) -> timedelta:
        """Return ``moment`` of a whole day as one of a shorter one."""
        return moment * (self.lasts / DAY)

    @property
    def end(self) -> datetime:
        return self.begin + self.lasts

    def is_out(self, moment: datetime) -> bool:
        """Tell whether the platform answers nobody."""
        return self.begin + self.outage[0] <= moment < self.begin + self.outage[1]

    def moments(self, count: int) -> list[datetime]:
        """Return when ``count`` posts are written, in order."""
        pick = random.Random(f"{self.seed} moments")
        hours = list(accumulate(HOURS[: max(1, round(self.lasts / timedelta(hours=1)))]))
        found: list[float] = []
        for burst in self.bursts:
            begin, width = burst.after.total_seconds(), burst.lasts.total_seconds()
            found += [begin + pick.random() * width for _ in range(round(count * burst.share))]
        while len(found) < count:
            hour = bisect(hours, pick.random() * hours[-1])
            found.append((hour + pick.random()) / len(hours) * self.lasts.total_seconds())
        return [self.begin + timedelta(seconds=round(one, 3)) for one in sorted(found[:count])]

    def lag(self, pick: random.Random) -> timedelta:
        """Return how long after its moment a post is listed: mostly a second or two, rarely much later."""
        draw = pick.random()
        longest = self.latest.total_seconds()
        seconds = (
            pick.random() * 2
            if draw < 0.9
            else pick.random() * min(20, longest)
            if draw < 0.99
            else pick.random() * longest
        )
        return timedelta(seconds=seconds)
