"""The clock: APScheduler in exactly one process, proved by a lease row. It runs what time decides and never carries a send.

Jobs live in memory: one looks for accounts whose poll is due (that stands in their rows) and gives them their turns side by
side, one each is for deletion checks, follow-ups, forgetting, digests and tidying. See docs/adr/0004.
"""

import os
import secrets
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from datetime import timedelta

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from domain.errors import KikiteError
from kikite import steps
from kikite.product import Product
from listener.poller import PollOutcome
from storage.leases import drop_lease, take_lease

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=30)
RENEW_SECONDS = 10
DIGEST_SECONDS = 30
TIDY_SECONDS = 600
FORGET_SECONDS = 3600
SILENCE_SECONDS = 900
ORDERS_SECONDS = 20
"""Between two looks whether a shop's time has come; each shop says itself how often that is."""
FOLLOW_UP_SECONDS = 20
JOBS = 8
"""Looking for polls, deletion checks, digests, silence, orders, follow-ups, forgetting, tidying: a thread for each, so that none waits for another. The lease has its own."""


class Clock:
    """Wakes time-driven steps while this process holds the lease. ``on_new`` is called after a step that found work."""

    def __init__(self, product: Product, *, on_new: Callable[[], None]) -> None:
        self._product = product
        self._on_new = on_new
        self._holder = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        self.leads: bool | None = None
        """None: nobody has asked yet, so that the first answer is told either way."""
        self._turns = steps.listen_on(product, follow=lambda poll: poll.add_done_callback(self._note))
        self._scheduler = BackgroundScheduler(
            timezone="UTC",
            executors={"default": ThreadPoolExecutor(JOBS), "lease": ThreadPoolExecutor(1)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )

    def start(self) -> None:
        """Take the lease if it is free and begin; without it, stand by and try again."""
        self.renew()
        self._add("lease", self.renew, RENEW_SECONDS)
        self._add("listen", self._look_for_polls, self._product.settings.clock.step_seconds)
        clock = self._product.settings.clock
        minutes = min(clock.leaving_check_minutes, clock.deletion_check_minutes)
        self._add("deletions", self._when_leading(steps.notice_deletions), minutes * 60 / 4)
        self._add("digests", self._when_leading(steps.compose), DIGEST_SECONDS)
        self._add("silence", self._when_leading(steps.notice_silence), SILENCE_SECONDS)
        self._add("follow_up", self._when_leading(steps.follow_up), FOLLOW_UP_SECONDS)
        self._add("forget", self._when_leading(steps.forget_texts), FORGET_SECONDS)
        self._add("orders", self._when_leading(steps.read_orders), ORDERS_SECONDS)
        self._add("tidy", self._when_leading(steps.tidy), TIDY_SECONDS)
        self._scheduler.start()

    def stop(self) -> None:
        """End the jobs under way and give the lease back."""
        self._scheduler.shutdown(wait=True)
        self._turns.close()
        if self.leads:
            drop_lease(self._product.database, "clock", holder=self._holder)
            self.leads = False

    def _add(self, name: str, job: Callable[[], None], seconds: float) -> None:
        now = self._product.database.clock.now()
        self._scheduler.add_job(
            job,
            "interval",
            seconds=seconds,
            jitter=seconds * 0.1,
            id=name,
            executor="lease" if name == "lease" else "default",
            next_run_time=now if name != "lease" else None,
        )
        if name == "lease":
            self._scheduler.get_job(name).modify(next_run_time=now + timedelta(seconds=seconds))

    def renew(self) -> None:
        """Take or keep the lease; stand by without it."""
        try:
            leads = take_lease(self._product.database, "clock", holder=self._holder, lease=LEASE)
        except KikiteError as error:
            log.warning("clock_lease_failed", error=error.message, remedy=error.remedy)
            leads = False
        if leads is not self.leads:
            log.info("clock_leads" if leads else "clock_stands_by")
        self.leads = leads

    def _look_for_polls(self) -> None:
        if self.leads:
            with self._logged("listen"):
                self._turns.look()

    def _note(self, poll: Future[PollOutcome]) -> None:
        with self._logged("listen"):
            outcome = poll.result()
            if outcome.new_count or outcome.revised_count:
                self._on_new()

    def _when_leading(self, step: Callable[[Product], int]) -> Callable[[], None]:
        def run() -> None:
            if self.leads:
                with self._logged(step.__name__):
                    if step(self._product):
                        self._on_new()

        return run

    @contextmanager
    def _logged(self, stage: str) -> Iterator[None]:
        """Log an error and go on: the next run tries again."""
        try:
            yield
        except KikiteError as error:
            log.warning("step_failed", stage=stage, error=error.message, remedy=error.remedy)
        except Exception:
            log.exception("step_broke", stage=stage)
