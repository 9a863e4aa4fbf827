"""Money on an account's day: polls and questions add to it, whoever writes first."""

from datetime import timedelta

from sqlalchemy import select, update

from domain.clock import FixedClock
from domain.ids import ChannelAccountId
from storage.budgets import spend, spent_today_usd
from storage.database import Database, Transaction
from storage.models import AccountHour, ChannelAccount
from tests.cast import OURS
from tests.rows import make_account


def pay(tx: Transaction, account_id: ChannelAccountId, cost_usd: float) -> None:
    values = spend(tx, account_id, cost_usd)
    tx.session.execute(
        update(ChannelAccount).where(ChannelAccount.id == account_id).values(values),
        execution_options={"synchronize_session": False},
    )


def test_what_was_spent_since_the_row_was_read_is_not_lost(any_database: Database) -> None:
    with any_database.transaction(OURS) as tx:
        account_id = ChannelAccountId(make_account(tx).id)
    with any_database.transaction(OURS) as tx:
        read_before = tx.session.get_one(ChannelAccount, account_id)
        pay(tx, account_id, 0.25)
        assert spent_today_usd(tx, read_before) == 0.0
        pay(tx, account_id, 0.5)
    with any_database.snapshot(OURS) as tx:
        assert spent_today_usd(tx, tx.session.get_one(ChannelAccount, account_id)) == 0.75
        assert tx.session.scalars(select(AccountHour.cost_usd)).all() == [0.75]


def test_a_new_day_begins_with_nothing_spent(any_database: Database, clock: FixedClock) -> None:
    with any_database.transaction(OURS) as tx:
        account_id = ChannelAccountId(make_account(tx).id)
        pay(tx, account_id, 0.25)
    clock.advance(timedelta(days=1))
    with any_database.transaction(OURS) as tx:
        assert spent_today_usd(tx, tx.session.get_one(ChannelAccount, account_id)) == 0.0
        pay(tx, account_id, 0.5)
    with any_database.snapshot(OURS) as tx:
        assert spent_today_usd(tx, tx.session.get_one(ChannelAccount, account_id)) == 0.5
