"""What ``/settings/channels`` shows of each account: its standing, its last weeks, and what to know of its kind."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from config.locale import catalogue
from desk.charts import DayChart, draw_days
from desk.context import DeskContext
from domain.ids import ChannelAccountId
from domain.ports import Channel, Receiver
from storage.channel_history import History, read_histories
from storage.channel_standing import SEVERITY, AccountState, Standing, list_standings
from storage.database import Transaction

PAGE: Final = 20
"""Accounts on one page: it stays light, and nobody reads more."""
GAPS_SHOWN: Final = 3
"""Of one account; older ones are counted."""
NEAR: Final = timedelta(days=30)
NOT_READ_ON: Final = frozenset({AccountState.RETIRED, AccountState.OVERDUE, AccountState.REFUSED, AccountState.BUDGET})
CATCHING_UP: Final = frozenset({AccountState.FAILING, AccountState.LIMITED, AccountState.BEHIND})


@dataclass(frozen=True, kw_only=True, slots=True)
class Card:
    """One account. Words are keys of ``config/locale/channel_page.toml``."""

    standing: Standing
    history: History
    chart: DayChart
    reads: str
    note: str
    """What its completeness leaves out; empty where nothing."""
    access_ends_at: datetime | None
    """When our way in ends, where that is near."""
    after: str
    """What is to say of the time after the last complete moment; empty while all is well."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Listing:
    """One page of accounts, those in trouble first."""

    cards: Sequence[Card]
    counts: Mapping[AccountState, int]
    """Of all accounts, the worst state first."""
    first: int
    """Place of the first card, from 1."""
    page: int
    more: bool

    @property
    def total(self) -> int:
        """All accounts."""
        return sum(self.counts.values())


def read_listing(tx: Transaction, context: DeskContext, *, page: int) -> Listing:
    """Return the accounts of ``page`` (from 1; the last one there is when it is too far)."""
    standings = [_as_polled(one, context.channels.get(one.account_id)) for one in list_standings(tx, context.settings)]
    standings.sort(key=lambda one: (SEVERITY[one.state], one.name))
    page = max(1, min(page, -(-len(standings) // PAGE)))
    begin = (page - 1) * PAGE
    shown = standings[begin : begin + PAGE]
    histories = read_histories(tx, shown, zone=ZoneInfo(context.settings.workspace.time_zone))
    states = [one.state for one in standings]
    return Listing(
        cards=[_card(one, histories[one.account_id], context.channels, now=tx.now) for one in shown],
        counts={state: states.count(state) for state in AccountState if state in states},
        first=begin + 1,
        page=page,
        more=len(standings) > begin + PAGE,
    )


def _as_polled(standing: Standing, channel: Channel | None) -> Standing:
    return standing.unpolled() if channel is not None and not channel.capabilities.reads_by_poll else standing


def _card(standing: Standing, history: History, channels: Mapping[ChannelAccountId, Channel], *, now: datetime) -> Card:
    known = catalogue("channel_page")
    channel = channels.get(standing.account_id)
    note = f"note.{standing.kind}"
    if note not in known:
        note = "note.receiver" if isinstance(channel, Receiver) else ""
    ends_at = standing.access_expires_at
    after = ""
    if standing.complete_to is not None:
        after = "complete.stopped" if standing.state in NOT_READ_ON else ""
        after = "complete.later" if standing.state in CATCHING_UP else after
    return Card(
        standing=standing,
        history=history,
        chart=draw_days(history.days),
        reads=f"reads.{standing.kind}" if f"reads.{standing.kind}" in known else "reads.other",
        note=note,
        access_ends_at=ends_at if ends_at and ends_at - now < NEAR else None,
        after=after,
    )
