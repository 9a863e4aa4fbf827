"""The clock: APScheduler in exactly one process, proved by a lease row. It runs what time decides and never carries a send.

Jobs live in memory and are rebuilt from the settings at each start: one for each account (whether a poll is due stands in
its row), one each for deletion checks, digests and tidying. See docs/adr/0004.
"""

import os
import secrets
import socket
from collections.abc import Callable
from datetime import timedelta

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from domain.errors import KikiteError
from kikite import steps
from kikite.product import Product
from storage.leases import drop_lease, take_lease

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=30)
RENEW_SECONDS = 10
DIGEST_SECONDS = 30
TIDY_SECONDS = 600
POLLS_AT_ONCE = 8


class Clock:
    """Wakes time-driven steps while this process holds the lease. ``on_new`` is called after a step that found work."""

    def __init__(self, product: Product, *, on_new: Callable[[], None]) -> None:
        self._product = product
        self._on_new = on_new
        self._holder = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        self.leads: bool | None = None
        """None: nobody has asked yet, so that the first answer is told either way."""
        self._scheduler = BackgroundScheduler(
            timezone="UTC",
            executors={"default": ThreadPoolExecutor(POLLS_AT_ONCE)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )

    def start(self) -> None:
        """Take the lease if it is free and begin; without it, stand by and try again."""
        self.renew()
        self._add("lease", self.renew, RENEW_SECONDS)
        for account_id, channel in self._product.channels.items():
            if channel.capabilities.reads_by_poll:
                own = self._product.channel_settings(account_id).poll_seconds
                every = max(self._product.settings.clock.step_seconds, (own or self._poll_seconds) / 10)
                self._add(f"listen-{account_id}", self._when_leading(steps.listen, account_id), every)
        minutes = self._product.settings.clock.deletion_check_minutes
        self._add("deletions", self._when_leading(steps.notice_deletions), minutes * 60 / 4)
        self._add("digests", self._when_leading(steps.compose), DIGEST_SECONDS)
        self._add("tidy", self._when_leading(steps.tidy), TIDY_SECONDS)
        self._scheduler.start()

    def stop(self) -> None:
        """End the jobs under way and give the lease back."""
        self._scheduler.shutdown(wait=True)
        if self.leads:
            drop_lease(self._product.database, "clock", holder=self._holder)
            self.leads = False

    @property
    def _poll_seconds(self) -> int:
        return self._product.settings.clock.poll_seconds

    def _add(self, name: str, job: Callable[[], None], seconds: float) -> None:
        now = self._product.database.clock.now()
        self._scheduler.add_job(
            job,
            "interval",
            seconds=seconds,
            jitter=seconds * 0.1,
            id=name,
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

    def _when_leading(self, step: Callable[..., int], *arguments: object) -> Callable[[], None]:
        def run() -> None:
            if not self.leads:
                return
            try:
                did = step(self._product, *arguments)
            except KikiteError as error:
                log.warning("step_failed", stage=step.__name__, error=error.message, remedy=error.remedy)
            except Exception:
                log.exception("step_broke", stage=step.__name__)
            else:
                if did:
                    self._on_new()

        return run
