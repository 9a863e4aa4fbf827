"""How far an account is complete, as polls move it: never further than what was surely read."""

from datetime import timedelta
from pathlib import Path

import pytest

from config.settings import ChannelSettings, Settings
from domain.clock import FixedClock
from listener.channels.sandbox import SandboxCall
from listener.channels.sandbox.faults import Fault, FaultKind
from storage.channel_history import read_gaps
from storage.channel_standing import AccountState, Standing, count_troubled, list_standings
from storage.database import Database
from tests.cast import NOON, OURS
from tests.listener.test_poller import SHOP, Shop

MINUTE = timedelta(minutes=1)


@pytest.fixture
def shop(any_database: Database, tmp_path: Path, clock: FixedClock) -> Shop:
    return Shop(any_database, tmp_path, clock)


def standing(shop: Shop, **settings: object) -> Standing:
    own = ChannelSettings.model_validate(SHOP.model_dump() | settings)
    with shop.database.snapshot(OURS) as tx:
        found = list_standings(tx, Settings(home=Path(), channel=(own,)))
    return next(one for one in found if one.name == "shop")


def test_before_the_first_poll_nothing_is_complete(shop: Shop) -> None:
    told = standing(shop)
    assert (told.state, told.complete_from, told.complete_to) == (AccountState.NEVER, None, None)


def test_it_is_complete_to_the_beginning_of_the_last_poll_that_left_nothing(shop: Shop, clock: FixedClock) -> None:
    shop.poll()
    clock.advance(MINUTE)
    shop.poll()
    told = standing(shop)
    assert (told.state, told.complete_from, told.complete_to) == (AccountState.WELL, NOON, NOON + MINUTE)


def test_while_pages_are_left_the_end_stays_and_the_account_is_behind(shop: Shop, clock: FixedClock) -> None:
    shop.poll()
    clock.advance(MINUTE)
    shop.post(*"abcdefg")
    for _ in range(3):
        shop.poll(max_pages_per_poll=1)
        told = standing(shop)
        assert (told.state, told.complete_to) == (AccountState.BEHIND, NOON)
        clock.advance(MINUTE)
    shop.poll(max_pages_per_poll=1)
    told = standing(shop)
    assert (told.state, told.complete_to) == (AccountState.WELL, NOON + 4 * MINUTE)


def test_a_first_poll_that_is_not_over_makes_nothing_complete(shop: Shop) -> None:
    shop.post(*"abcdefg")
    shop.poll(max_pages_per_poll=1)
    told = standing(shop)
    assert (told.state, told.complete_from, told.complete_to) == (AccountState.BEHIND, None, None)


@pytest.mark.parametrize(
    ("fault", "state"),
    [
        (Fault(kind=FaultKind.PERMANENT, code="token_refused"), AccountState.REFUSED),
        (Fault(kind=FaultKind.RETRYABLE, code="server_error"), AccountState.FAILING),
        (Fault(kind=FaultKind.RETRYABLE, code="rate_limited", retry_after_seconds=90), AccountState.LIMITED),
    ],
)
def test_while_it_fails_the_end_stays(shop: Shop, clock: FixedClock, fault: Fault, state: AccountState) -> None:
    shop.poll()
    clock.advance(MINUTE)
    shop.platform.set_fault(SandboxCall.POLL, fault)
    shop.poll()
    told = standing(shop)
    assert (told.state, told.complete_to, told.failing_since) == (state, NOON, NOON + MINUTE)
    clock.advance(MINUTE)
    shop.poll()
    told = standing(shop)
    assert (told.state, told.complete_to, told.last_error) == (AccountState.WELL, NOON + 2 * MINUTE, "")


def test_a_gap_moves_the_beginning_and_is_told_with_what_was_complete_before(shop: Shop, clock: FixedClock) -> None:
    shop.poll()
    clock.advance(MINUTE)
    with shop.database.transaction(OURS) as tx:
        account = shop.account()
        tx.session.merge(account).cursor = "not ours"
    shop.poll()
    told = standing(shop)
    assert (told.complete_from, told.complete_to) == (NOON + MINUTE, NOON + MINUTE)
    with shop.database.snapshot(OURS) as tx:
        (gap,) = read_gaps(tx, [told])[told.account_id]
    assert (gap.begins_at, gap.ends_at, gap.filled) == (NOON, NOON + MINUTE, "")
    assert "cursor" in gap.reason


def test_a_spent_budget_is_no_failure_and_ends_with_the_day(shop: Shop, clock: FixedClock) -> None:
    shop.post(*"abcdefg")
    shop.poll(daily_budget_usd=0.01)
    told = standing(shop, daily_budget_usd=0.01)
    assert (told.state, told.spent_today_usd, told.daily_budget_usd) == (AccountState.BUDGET, 0.01, 0.01)
    clock.advance(timedelta(days=1))
    assert standing(shop).state is not AccountState.BUDGET
    assert standing(shop).spent_today_usd == 0


def test_an_account_that_rests_for_want_of_posts_says_so(shop: Shop) -> None:
    shop.poll(quiet_poll_seconds=900)
    assert standing(shop, quiet_poll_seconds=900).state is AccountState.QUIET
    assert standing(shop).state is AccountState.WELL


def test_an_account_that_nobody_polls_is_overdue(shop: Shop, clock: FixedClock) -> None:
    shop.poll()
    clock.advance(15 * MINUTE)
    assert standing(shop).state is AccountState.WELL
    clock.advance(2 * MINUTE)
    assert standing(shop).state is AccountState.OVERDUE


def test_only_what_fails_for_long_or_is_refused_is_trouble_to_tell(shop: Shop, clock: FixedClock) -> None:
    def troubled() -> int:
        with shop.database.snapshot(OURS) as tx:
            return count_troubled(tx)

    shop.platform.set_fault(SandboxCall.POLL, Fault(kind=FaultKind.RETRYABLE, times=2))
    shop.poll()
    assert troubled() == 0
    clock.advance(30 * MINUTE)
    assert troubled() == 1
    shop.poll()
    shop.poll()
    assert troubled() == 0
    shop.platform.set_fault(SandboxCall.POLL, Fault(kind=FaultKind.PERMANENT))
    shop.poll()
    assert troubled() == 1
