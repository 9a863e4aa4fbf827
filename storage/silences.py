"""When accounts last brought anything, and in what rhythm: by which a source that fell silent is known."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from sqlalchemy import func, select

from domain.ids import ChannelAccountId
from domain.lifecycle import AlertState
from storage.database import Transaction
from storage.known_rows import of_ours
from storage.models import AccountHour, Alert, ChannelAccount, WebhookParcel

HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class LastSign:
    """One account that the settings name, and when it last gave a sign of life."""

    account_id: ChannelAccountId
    name: str
    kind: str
    is_well: bool
    """Its last poll ended well."""
    looked_until: datetime | None
    """When that poll ended: up to then it surely brought nothing else."""
    last_new_hour: datetime | None
    """Beginning of the hour of its newest post; None: none ever."""

    @property
    def last_new_at(self) -> datetime | None:
        """When the newest post came, at the latest."""
        return self.last_new_hour + HOUR if self.last_new_hour else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Rhythm:
    """How posts came in the weeks before the newest."""

    posts: int
    hours: int
    """Different hours in which any came."""
    longest: timedelta
    """The longest time without any between two of them."""


def read_last_signs(tx: Transaction) -> list[LastSign]:
    """Return when each account last brought a post: one step in an index each."""
    newest = (
        select(AccountHour.hour)
        .where(AccountHour.channel_account_id == ChannelAccount.id, AccountHour.new_count > 0)
        .order_by(AccountHour.hour.desc())
        .limit(1)
        .correlate(ChannelAccount)
        .scalar_subquery()
    )
    wanted = select(ChannelAccount, newest).where(ChannelAccount.active.is_(True)).order_by(ChannelAccount.id)
    return [
        LastSign(
            account_id=ChannelAccountId(account.id),
            name=account.name,
            kind=account.kind,
            is_well=account.failing_since is None,
            looked_until=account.last_success_at,
            last_new_hour=hour,
        )
        for account, hour in tx.session.execute(wanted)
    ]


def read_rhythm(tx: Transaction, sign: LastSign, *, within: timedelta) -> Rhythm:
    """Return how posts came to the account of ``sign`` in the time ``within`` before its newest."""
    if sign.last_new_hour is None:
        return Rhythm(posts=0, hours=0, longest=timedelta(0))
    wanted = (
        select(AccountHour.hour, AccountHour.new_count)
        .where(AccountHour.channel_account_id == sign.account_id, AccountHour.new_count > 0)
        .where(AccountHour.hour >= sign.last_new_hour - within)
        .order_by(AccountHour.hour)
    )
    rows = tx.session.execute(of_ours(wanted)).all()
    hours = [hour for hour, _ in rows]
    pauses = (later - earlier for earlier, later in pairwise(hours))
    return Rhythm(posts=sum(count for _, count in rows), hours=len(hours), longest=max(pauses, default=timedelta(0)))


def read_last_parcels(tx: Transaction, account_ids: Iterable[ChannelAccountId]) -> dict[ChannelAccountId, datetime]:
    """Return when each account that was ever called by its platform was last."""
    number = WebhookParcel.channel_account_id
    wanted = select(number, func.max(WebhookParcel.received_at)).where(number.in_(list(account_ids))).group_by(number)
    return {ChannelAccountId(account_id): at for account_id, at in tx.session.execute(of_ours(wanted))}


def read_told(tx: Transaction, keys: Sequence[str]) -> dict[str, datetime]:
    """Return when an alert with each of these dedupe keys was last opened, whatever became of it."""
    wanted = select(Alert.dedupe_key, func.max(Alert.created_at)).where(Alert.dedupe_key.in_(keys))
    return dict(tx.session.execute(wanted.group_by(Alert.dedupe_key)).all())


def read_open(tx: Transaction, kind: str) -> dict[str, datetime]:
    """Return the open alerts of one kind by their dedupe key, and when each was opened."""
    wanted = select(Alert.dedupe_key, Alert.created_at).where(Alert.kind == kind, Alert.state == AlertState.OPEN)
    return dict(tx.session.execute(wanted).all())
