"""One account polled through a storm: the product's own poller on SQLite, a clock that steps from event to event, deaths and all."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, Self

from sqlalchemy import func, select

from config.settings import ChannelSettings
from domain.clock import FixedClock
from domain.ids import ChannelAccountId, WorkspaceId
from domain.ports import Channel
from listener.accounts import sync_accounts
from listener.poller import poll_account
from storage.database import Database, Transaction
from storage.models import ChannelAccount, Mention, PollRecord
from tests.cast import OURS, furnish
from tests.storm.weather import Weather

LOOK: Final = timedelta(seconds=5)
"""Pause before the next look where another claim stands in the way."""
POLL_SECONDS: Final = 60
DIES_BEFORE: Final = 0.6
"""Of the deaths in a transaction, this share comes before its commit."""


class KilledError(BaseException):
    """Our process dies here."""


class MortalDatabase(Database):
    """A database whose process dies in some transactions: before the commit, or right after it."""

    def __init__(self, url: str, *, clock: FixedClock, fate: Callable[[], float]) -> None:
        super().__init__(url, clock=clock)
        self._fate = fate

    @contextmanager
    def transaction(self, workspace_id: WorkspaceId) -> Iterator[Transaction]:
        """As promised, unless ``fate`` says below 1 that it is over."""
        fate = self._fate()
        with super().transaction(workspace_id) as tx:
            yield tx
            if fate < DIES_BEFORE:
                raise KilledError
        if fate < 1:
            raise KilledError


@dataclass
class Log:
    """What the voyage went through."""

    polls: int = 0
    restarts: int = 0
    kills: int = 0


class Voyage:
    """Polls ``account`` from the weather's beginning to its end and beyond. Opens and closes everything it uses."""

    def __init__(
        self,
        folder: Path,
        *,
        weather: Weather,
        clock: FixedClock,
        settings: ChannelSettings,
        open_channel: Callable[[], Channel],
    ) -> None:
        self._url = f"sqlite:///{folder / 'kikite.db'}"
        self._weather = weather
        self._clock = clock
        self._settings = settings
        self._open_channel = open_channel
        self._pick = random.Random(f"{weather.seed} deaths")
        self._is_sailing = False
        self.log = Log()
        self._open()
        furnish(self.database)
        with self.database.transaction(OURS) as tx:
            self.account_id: ChannelAccountId = sync_accounts(tx, [settings])[settings.name]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._close()

    def sail(self, tell: Callable[[datetime], None] = lambda _: None) -> None:
        """Go through it all; ``tell`` hears the time after each poll."""
        self._is_sailing = True
        restart_at = self._weather.begin + self._weather.restart_every
        while self._clock.now() < self._weather.end + self._weather.settles:
            if self._clock.now() >= restart_at:
                restart_at += self._weather.restart_every
                self.log.restarts += 1
                self._reopen()
            self._poll_once()
            tell(self._clock.now())
        self._is_sailing = False

    def stored(self) -> dict[str, str]:
        """Return texts by external id."""
        with self.database.snapshot(OURS) as tx:
            rows = tx.session.execute(select(Mention.external_id, Mention.text_original))
            return {external_id: text for external_id, text in rows}  # noqa: C416 - mypy does not take rows for pairs

    def count_rows(self) -> int:
        """Return how many mentions there are, counted one by one."""
        with self.database.snapshot(OURS) as tx:
            return tx.session.scalar(select(func.count()).select_from(Mention)) or 0

    def records(self, column: str) -> list[str]:
        """Return what is not empty in one column of the poll records."""
        wanted = getattr(PollRecord, column)
        with self.database.snapshot(OURS) as tx:
            return list(tx.session.scalars(select(wanted).where(wanted != "").order_by(PollRecord.id)))

    def cost_usd(self) -> float:
        """Return what the polls say they cost."""
        with self.database.snapshot(OURS) as tx:
            return tx.session.scalar(select(func.sum(PollRecord.cost_usd))) or 0.0

    def _poll_once(self) -> None:
        with self.database.snapshot(OURS) as tx:
            due = tx.session.scalar(select(ChannelAccount.next_poll_at))
        if due is not None and due > self._clock.now():
            self._clock.advance(due - self._clock.now())
        try:
            outcome = poll_account(
                self.database,
                OURS,
                account_id=self.account_id,
                channel=self.channel,
                settings=self._settings,
                default_poll_seconds=POLL_SECONDS,
            )
        except KilledError:
            self.log.kills += 1
            self._reopen()
            return
        self.log.polls += 1
        if outcome.outcome == "busy":
            self._clock.advance(LOOK)

    def _decide(self) -> float:
        return self._pick.random() / self._weather.kill_share if self._is_sailing else 1.0

    def _reopen(self) -> None:
        self._close()
        self._open()

    def _open(self) -> None:
        self.database = MortalDatabase(self._url, clock=self._clock, fate=self._decide)
        self.channel = self._open_channel()

    def _close(self) -> None:
        self.channel.close()
        self.database.close()
