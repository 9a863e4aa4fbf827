"""A day of 200 accounts on 12 kinds of channels in one process: are polls on time, and is anything growing?

usage: python bench/day.py [--accounts 200] [--hours 24] [--seed 7] [--at-once 8] [--quiet-seconds 600] [--minutes 15]

What is real: a home on disk, its settings, the channels that the registry makes from them, `steps.listen_on` with its threads,
claims and transactions in SQLite, the step that classifies (by keywords) and the one that tidies, and every HTTP call, over
loopback, to fakes that keep the limits their vendors publish. They run in a process of their own, so that memory, threads and
files counted here are the product's.

How time passes: the process lives in a simulated time that runs like the real one while any thread works, and jumps to the next
moment at which somebody wants to wake when all of them wait. So each transaction and each answer takes as long as it really takes
on this machine, also where threads get into each other's way. What loopback lacks is added: each call to a platform takes a seeded
time on top (log-normal, median 0.3 s, one in a hundred above 3 s), spent waiting in the thread that polls, as on a network.
Three calls in a thousand are answered 429 (`Retry-After: 60`), three 503; one host in twenty falls silent for two hours of the day,
where each call costs the 30 s of a timeout.

Why the lateness is honest: it is the time between the moment written in the account's row as its next poll and the moment at which
the claim of that poll was committed. A poll that holds a thread for 0.3 s keeps the next one waiting for those 0.3 s if there is no
other thread; a round that is too slow shows as lateness of all. The clock's job, which looks once a second (`clock.step_seconds`),
is played by the main thread, and its second counts as lateness too. Not counted: a platform's own delay in showing a post.
"""

import argparse
import array
import gc
import json
import logging
import multiprocessing
import os
import random
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Mapping
from concurrent.futures import Future
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from heapq import heappush
from math import exp, log
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path
from typing import Any, cast

from sqlalchemy import select

from config.home_writer import write_home
from domain.errors import RetryableError
from domain.ids import ChannelAccountId
from domain.mentions import Page
from domain.ports import Channel
from kikite import steps
from kikite.product import Product, open_product
from listener import poller
from listener.poller import PollOutcome
from storage.database import Transaction
from storage.listening import PollClaim
from storage.models import ChannelAccount
from tests.listener.google_play.stage import key_file

sys.path.insert(0, str(Path(__file__).parent))
from partners.day_platforms import KINDS, Seat, Weather, serve_platforms

MEDIAN_SECONDS, HUNDREDTH_SECONDS = 0.3, 3.0
SPREAD = log(HUNDREDTH_SECONDS / MEDIAN_SECONDS) / 2.326
TIMEOUT_SECONDS = 30.0
HOUR = 3600.0
MINUTE = 60
LEAST_HOURS = 3
START_SECONDS = 600


class SimulatedTime:
    """Runs like the real time while anybody works; when all wait, it jumps to the first moment that one of them waits for."""

    def __init__(self, begins: float, shared: "Synchronized[float]") -> None:
        self._changed = threading.Condition()
        self._offset = begins - time.monotonic()
        self._working = 1
        self._wanted: list[float] = []
        self._shared = shared
        self.jumped = 0.0

    def seconds(self) -> float:
        """Return the moment in seconds, and let the platforms know it."""
        moment = time.monotonic() + self._offset
        self._shared.value = moment
        return moment

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.seconds(), UTC)

    def begin_work(self) -> None:
        with self._changed:
            self._working += 1

    def end_work(self) -> None:
        with self._changed:
            self._working -= 1
            self._changed.notify_all()

    def wait_until(self, moment: float) -> None:
        """Wait; others may work or wait meanwhile."""
        with self._changed:
            self._working -= 1
            heappush(self._wanted, moment)
            while (left := moment - self.seconds()) > 0:
                first = self._wanted[0] - self.seconds()
                if self._working == 0 and first > 0:
                    self._offset += first
                    self.jumped += first
                    self._changed.notify_all()
                    continue
                self._changed.wait(left)
            self._wanted.remove(moment)
            self._wanted.sort()
            self._working += 1
            self._changed.notify_all()


@dataclass
class Figures:
    """What was counted. Lateness in flat arrays: a list of objects would itself be the growth that is looked for."""

    late: dict[str, "array.array[float]"]
    took: dict[str, "array.array[float]"]
    outcomes: dict[str, Counter[str]]
    new: Counter[str]
    at_start: dict[str, int]
    """How many of ``late`` belong to the start, when all accounts are due at once and sign in."""

    def later(self, kind: str) -> "array.array[float]":
        return self.late[kind][self.at_start.get(kind, 0) :]


class Distant:
    """A channel on the other end of a network: its polls take as long as the network takes on top of their own time."""

    def __init__(self, channel: Channel, seat: Seat, times: SimulatedTime, weather: Weather) -> None:
        self._channel, self._seat, self._times, self._weather = channel, seat, times, weather
        self._chance = random.Random(f"{weather.seed}/{seat.number}")

    def __getattr__(self, name: str) -> object:
        return getattr(self._channel, name)

    def poll(self, cursor: str | None) -> Page:
        began = self._times.seconds()
        try:
            page = self._channel.poll(cursor)
        except RetryableError:
            silent = self._weather.is_silent(self._seat.number, began)
            self._travel(TIMEOUT_SECONDS if silent else self._draw())
            raise
        self._travel(sum(self._draw() for _ in range(max(1, page.requests))))
        return page

    def _draw(self) -> float:
        return min(exp(self._chance.gauss(log(MEDIAN_SECONDS), SPREAD)), TIMEOUT_SECONDS)

    def _travel(self, seconds: float) -> None:
        self._times.wait_until(self._times.seconds() + seconds)


def write_settings(home: Path, seats: list[Seat], given: argparse.Namespace) -> None:
    """Write the home's settings: a channel for each account, as an operator would."""
    write_home(home, demo=False)
    lines = ["[clock]", f"polls_at_once = {given.at_once}", f"polls_at_once_per_kind = {max(1, given.at_once // 2)}"]
    lines += ["[classifier]", 'backend = "keyword"', "[log]", 'level = "error"']
    for seat in seats:
        kind = KINDS[seat.kind]
        options = kind.options | dict.fromkeys(kind.service.split(), seat.address)
        secrets = dict(kind.secrets)
        if seat.kind == "feed":
            options["addresses"] = [f"{seat.address}/blog"]
        if seat.kind == "google_play":
            secrets["service_account"] = key_file(seat.address)
        lines += ["[[channel]]", f'name = "{seat.name}"', f'kind = "{seat.kind}"']
        lines += [f"poll_seconds = {kind.poll_seconds}"] if kind.poll_seconds else []
        lines += (
            [f"quiet_poll_seconds = {given.quiet_seconds}"] if given.quiet_seconds and not kind.poll_seconds else []
        )
        lines += ["[channel.options]", *(f"{key} = {json.dumps(value)}" for key, value in options.items())]
        lines += ["[channel.secrets]", *(f"{key} = {json.dumps(value)}" for key, value in secrets.items())]
    (home / "kikite.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def note_lateness(times: SimulatedTime, kinds: Mapping[ChannelAccountId, str], figures: Figures, begins: float) -> None:
    """Have each claim of a poll tell how late it is."""
    claim = poller.claim_poll

    def claim_and_tell(tx: Transaction, account_id: ChannelAccountId, **named: Any) -> PollClaim | None:  # noqa: ANN401 - what the poller gives
        due = tx.session.scalar(select(ChannelAccount.next_poll_at).where(ChannelAccount.id == account_id))
        claimed = claim(tx, account_id, **named)
        if claimed is not None:
            figures.late[kinds[account_id]].append(times.seconds() - (due.timestamp() if due else begins))
        return claimed

    poller.claim_poll = claim_and_tell


def resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def measure_process(home: Path) -> dict[str, float]:
    files = len(list(Path("/proc/self/fd").iterdir()))
    size = sum(file.stat().st_size for file in home.glob("kikite.db*")) / 1e6
    return {
        "MB": resident_mb(),
        "threads": threading.active_count(),
        "files": files,
        "database": size,
        "objects": len(gc.get_objects()),
    }


def part(values: "array.array[float]", share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


class Day:
    """The main thread plays the clock: it looks for polls once a second, classifies and tidies."""

    def __init__(self, product: Product, times: SimulatedTime, figures: Figures, given: argparse.Namespace) -> None:
        self._product, self._times, self._figures, self._given = product, times, figures, given
        self.samples: list[tuple[int, dict[str, float]]] = []
        self.looks = array.array("d")
        self.hours = 0.0

    def follow(self, poll: Future[PollOutcome]) -> None:
        self._times.begin_work()
        poll.add_done_callback(lambda _: self._times.end_work())

    def live(self, home: Path, begins: float) -> None:
        seconds = int(self._given.hours * HOUR)
        until = time.monotonic() + self._given.minutes * 60
        with steps.listen_on(self._product, follow=self.follow) as turns:
            for second in range(seconds):
                self._times.wait_until(begins + second)
                began = time.perf_counter()
                turns.look()
                self.looks.append(time.perf_counter() - began)
                if second % MINUTE == MINUTE // 2:
                    while steps.understand(self._product):
                        pass
                if second % START_SECONDS == START_SECONDS // 2:
                    steps.tidy(self._product)
                if second == START_SECONDS:
                    self._figures.at_start |= {kind: len(late) for kind, late in self._figures.late.items()}
                if second % MINUTE == 0:
                    self._show(second / seconds)
                    if time.monotonic() > until:
                        break
                self.hours = (second + 1) / HOUR
                if (second + 1) % HOUR == 0:
                    self.samples.append(((second + 1) // 3600, measure_process(home)))
            self._times.end_work()  # whoever is under way may end without us
        self._times.begin_work()
        self._show(1.0)

    def _show(self, share: float) -> None:
        done = sum(len(times) for times in self._figures.late.values())
        bar = "#" * int(share * 40)
        print(f"\r[{bar:<40}] {share:4.0%}  {done} polls", end="", file=sys.stderr, flush=True)


def report(figures: Figures, day: Day, given: argparse.Namespace, *, real: float, busy: float) -> None:
    everything = array.array("d", [one for values in figures.late.values() for one in values])
    print(
        f"\n\n{given.accounts} accounts, {len(figures.late)} kinds, {day.hours:.1f} h of {given.hours:g} simulated in {real:.0f} s, {given.at_once} polls at once"
    )
    print(
        f"polls {len(everything)}, {len(everything) / (day.hours * HOUR):.2f} a simulated second, {len(everything) / real:.0f} a real one"
    )
    print(
        f"a look for due accounts takes {1000 * statistics.median(day.looks):.1f} ms (median), the process worked {busy:.0f} s"
    )
    start = array.array(
        "d", [one for kind, late in figures.late.items() for one in late[: figures.at_start.get(kind, 0)]]
    )
    later = array.array("d", [one for kind in figures.late for one in figures.later(kind)])
    print(
        f"at the start, with all accounts due at once: {len(start)} polls, median {part(start, 0.5):.2f} s late, at most {max(start, default=0):.2f} s"
    )
    print(f"\nlateness in seconds, after the first {START_SECONDS // 60} minutes")
    print(
        f"{'kind':<12} {'polls':>7} {'median':>7} {'p95':>7} {'p99':>7} {'max':>8}   {'poll takes (median)':>19}   new   how they ended"
    )
    for kind in [*sorted(figures.late), ""]:
        late = figures.later(kind) if kind else later
        took = (
            figures.took[kind]
            if kind
            else array.array("d", [one for values in figures.took.values() for one in values])
        )
        ended = figures.outcomes[kind] if kind else sum(figures.outcomes.values(), Counter[str]())
        new = figures.new[kind] if kind else sum(figures.new.values())
        told = ", ".join(f"{name} {count}" for name, count in ended.most_common())
        numbers = "".join(f" {part(late, share):>7.2f}" for share in (0.5, 0.95, 0.99))
        print(
            f"{kind or 'all':<12} {len(late):>7}{numbers} {max(late, default=0):>8.2f}   {part(took, 0.5):>17.2f} s {new:>6}   {told}"
        )
    print("\nhour   memory MB   threads   open files   database MB   objects")
    wanted = {1, 6, 12, 18, 24, day.samples[-1][0]} if day.samples else set()
    for hour, one in day.samples:
        if hour in wanted:
            print(
                f"{hour:>4}   {one['MB']:>9.1f}   {one['threads']:>7.0f}   {one['files']:>10.0f}   {one['database']:>11.1f}   {one['objects']:>7.0f}"
            )
    steady = (
        [(hour, one["MB"]) for hour, one in day.samples if hour >= min(6, day.samples[-1][0] - 1)]
        if day.samples
        else []
    )
    if len(steady) >= LEAST_HOURS:
        slope = statistics.linear_regression([float(hour) for hour, _ in steady], [size for _, size in steady]).slope
        print(f"memory grows {slope:+.2f} MB an hour after the sixth")


def wrap(product: Product, seats: list[Seat], times: SimulatedTime, weather: Weather) -> Product:
    """Put the network before each channel."""
    by_name = {seat.name: seat for seat in seats}
    names = {account_id: name for name, account_id in product.accounts.items()}
    channels = {
        account_id: Distant(channel, by_name[names[account_id]], times, weather)
        if names[account_id] in by_name
        else channel
        for account_id, channel in product.channels.items()
    }
    return replace(product, channels=cast("Mapping[ChannelAccountId, Channel]", channels))


def count_polls(figures: Figures, kinds: Mapping[ChannelAccountId, str], times: SimulatedTime) -> None:
    """Have each poll tell how it ended and how long it took."""
    take = poller.poll_account

    def poll_and_tell(*given: Any, **named: Any) -> PollOutcome:  # noqa: ANN401 - what the poller gives
        began = times.seconds()
        outcome = take(*given, **named)
        kind = kinds[named["account_id"]]
        figures.took[kind].append(times.seconds() - began)
        figures.outcomes[kind][outcome.outcome] += 1
        figures.new[kind] += outcome.new_count
        return outcome

    poller.poll_account = poll_and_tell


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--accounts", type=int, default=200)
    arguments.add_argument("--hours", type=float, default=24)
    arguments.add_argument("--seed", type=int, default=7)
    arguments.add_argument("--at-once", type=int, default=8, help="polls side by side; 1: one after the other")
    arguments.add_argument(
        "--minutes", type=float, default=15, help="of real time at most; the day then ends early, and says so"
    )
    arguments.add_argument(
        "--quiet-seconds", type=int, default=600, help="quiet_poll_seconds of those polled each minute; 0: none"
    )
    arguments.add_argument("--posts-an-hour", type=float, default=1.0, help="for each account")
    given = arguments.parse_args()
    logging.disable(logging.CRITICAL)
    begins = float(int(time.time()))
    weather = Weather(
        seed=given.seed, begins=begins, silent_hosts=max(1, given.accounts // 20), accounts=given.accounts
    )
    moment = multiprocessing.get_context("fork").Value("d", begins, lock=False)
    with ExitStack() as stack:
        seats = stack.enter_context(
            serve_platforms(given.accounts, cast("Any", moment), weather, posts_an_hour=given.posts_an_hour)
        )
        home = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "home"
        write_settings(home, seats, given)
        times = SimulatedTime(begins, moment)
        product = wrap(stack.enter_context(open_product(home, clock=times)), seats, times, weather)
        kinds = {product.accounts[seat.name]: seat.kind for seat in seats}
        names = sorted({seat.kind for seat in seats})
        figures = Figures(
            late={kind: array.array("d") for kind in names},
            took={kind: array.array("d") for kind in names},
            outcomes=defaultdict(Counter),
            new=Counter(),
            at_start={},
        )
        note_lateness(times, kinds, figures, begins)
        count_polls(figures, kinds, times)
        day, began = Day(product, times, figures, given), time.monotonic()
        day.live(home, begins)
        real = time.monotonic() - began
        report(figures, day, given, real=real, busy=day.hours * HOUR - times.jumped)


if __name__ == "__main__":
    main()
