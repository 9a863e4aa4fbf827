"""The poller: a page a transaction, a record always, and no account's trouble is another's."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from config.settings import ChannelSettings, ClockSettings, Settings
from domain.clock import FixedClock
from domain.errors import StorageError
from domain.ids import ChannelAccountId
from domain.lifecycle import AlertState
from listener import pacing, poller
from listener.accounts import sync_accounts
from listener.channels.import_file import ImportChannel
from listener.channels.sandbox import (
    OWN_ACCOUNT,
    SandboxAuthor,
    SandboxCall,
    SandboxChannel,
    SandboxPlatform,
    SandboxPost,
)
from listener.channels.sandbox.faults import Fault, FaultKind
from listener.poller import PollOutcome, poll_account, poll_due
from storage.database import Database
from storage.models import Alert, ChannelAccount, Mention, PollRecord
from tests.cast import NOON, OURS, THEIRS

AYA = SandboxAuthor(external_id="aya-id", handle="aya")
SHOP = ChannelSettings(name="shop", kind="sandbox")


class Shop:
    """One sandbox account and everything to poll it."""

    def __init__(self, database: Database, tmp_path: Path, clock: FixedClock) -> None:
        self.database = database
        self.platform = SandboxPlatform(tmp_path / "platform.db", clock=clock)
        options: dict[str, str | int | float | bool] = {"page_size": 2, "cost_per_request_usd": 0.01}
        self.channel = SandboxChannel(self.platform, clock=clock, options=options)
        with database.transaction(OURS) as tx:
            self.accounts = sync_accounts(tx, [SHOP])
        self.account_id = self.accounts["shop"]

    def post(self, *texts: str) -> None:
        self.platform.add_posts([SandboxPost(text=text, author=AYA) for text in texts])

    def poll(self, **settings: object) -> PollOutcome:
        return poll_account(
            self.database,
            OURS,
            account_id=self.account_id,
            channel=self.channel,
            settings=SHOP.model_copy(update=settings),
            default_poll_seconds=60,
        )

    def poll_due(self, tmp_path: Path, **settings: object) -> int:
        return poll_due(
            self.database,
            OURS,
            channels={self.account_id: self.channel},
            settings=Settings(
                home=tmp_path, channel=(SHOP.model_copy(update=settings),), clock=ClockSettings(poll_seconds=60)
            ),
        )

    def account(self) -> ChannelAccount:
        with self.database.snapshot(OURS) as tx:
            account = tx.session.get_one(ChannelAccount, self.account_id)
            tx.session.expunge_all()
            return account

    def records(self) -> list[PollRecord]:
        with self.database.snapshot(OURS) as tx:
            records = list(tx.session.scalars(select(PollRecord).order_by(PollRecord.id)))
            tx.session.expunge_all()
            return records

    def texts(self) -> list[str]:
        with self.database.snapshot(OURS) as tx:
            return list(tx.session.scalars(select(Mention.text).order_by(Mention.id)))

    def alerts(self) -> list[tuple[str, str]]:
        with self.database.snapshot(OURS) as tx:
            return [(alert.kind, alert.state) for alert in tx.session.scalars(select(Alert).order_by(Alert.id))]


@pytest.fixture
def shop(any_database: Database, tmp_path: Path, clock: FixedClock) -> Shop:
    return Shop(any_database, tmp_path, clock)


@pytest.fixture(autouse=True)
def nobody_sleeps(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    assert shop  # PostgreSQL may sleep while it starts
    monkeypatch.setattr(time, "sleep", lambda _: pytest.fail("somebody sleeps"))


@pytest.fixture(autouse=True)
def nothing_comes_early(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pacing, "EARLY", 0.0)


def test_a_poll_stores_mentions_cursor_and_record(shop: Shop) -> None:
    shop.post("one", "two", "three")
    outcome = shop.poll()
    assert (outcome.outcome, outcome.pages, outcome.new_count, outcome.requests) == ("done", 2, 3, 2)
    assert shop.texts() == ["one", "two", "three"]
    record, account = shop.records()[0], shop.account()
    assert (record.outcome, record.pages, record.new_count, record.seen_count) == ("done", 2, 3, 0)
    assert (record.cursor_before, record.cursor_after, account.cursor) == (None, "3", "3")
    assert (record.started_at, record.finished_at) == (NOON, NOON)
    assert record.cost_usd == pytest.approx(0.02)
    assert account.last_success_at == account.complete_from == NOON
    assert account.next_poll_at == NOON + timedelta(seconds=60)
    assert account.own_external_id == OWN_ACCOUNT.external_id
    assert account.claim_token is None


def test_a_second_poll_goes_on_from_the_cursor_and_keeps_its_completeness(shop: Shop, clock: FixedClock) -> None:
    shop.post("one")
    shop.poll()
    clock.advance(timedelta(minutes=1))
    shop.post("two")
    outcome = shop.poll()
    assert (outcome.new_count, outcome.seen_count) == (1, 0)
    assert shop.account().complete_from == NOON


def test_polling_the_same_posts_again_stores_nothing_twice(shop: Shop) -> None:
    shop.post("one", "two")
    shop.poll()
    with shop.database.transaction(OURS) as tx:
        tx.session.get_one(ChannelAccount, shop.account_id).cursor = None
    outcome = shop.poll()
    assert (outcome.new_count, outcome.seen_count) == (0, 2)
    assert shop.texts() == ["one", "two"]


def test_only_what_is_due_is_polled(shop: Shop, clock: FixedClock, tmp_path: Path) -> None:
    assert [shop.poll_due(tmp_path), shop.poll_due(tmp_path)] == [1, 0]
    clock.advance(timedelta(seconds=59))
    assert shop.poll_due(tmp_path) == 0
    clock.advance(timedelta(seconds=1))
    assert shop.poll_due(tmp_path) == 1


def test_a_channels_own_pace_counts_before_the_clocks(shop: Shop, clock: FixedClock, tmp_path: Path) -> None:
    shop.poll_due(tmp_path, poll_seconds=300)
    clock.advance(timedelta(seconds=299))
    assert shop.poll_due(tmp_path, poll_seconds=300) == 0


def test_files_are_never_polled(shop: Shop, tmp_path: Path) -> None:
    channels = {shop.accounts["import"]: ImportChannel()}
    assert poll_due(shop.database, OURS, channels=channels, settings=Settings(home=tmp_path)) == 0


def test_chikas_workspace_polls_nothing_of_ours(shop: Shop, tmp_path: Path) -> None:
    channels = {shop.account_id: shop.channel}
    assert poll_due(shop.database, THEIRS, channels=channels, settings=Settings(home=tmp_path)) == 0


def test_a_turn_ends_after_its_pages_and_the_next_is_due_at_once(shop: Shop, tmp_path: Path) -> None:
    shop.post(*"abcdefg")
    outcome = shop.poll(max_pages_per_poll=2)
    assert (outcome.pages, outcome.more) == (2, True)
    assert shop.account().next_poll_at == NOON
    assert shop.poll_due(tmp_path, max_pages_per_poll=2) == 1
    assert sorted(shop.texts()) == list("abcdefg")


def test_the_next_poll_is_written_before_the_platform_is_asked(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[datetime | None] = []
    ask = shop.channel.poll

    def look(cursor: str | None) -> object:
        seen.append(shop.account().next_poll_at)
        return ask(cursor)

    monkeypatch.setattr(shop.channel, "poll", look)
    shop.poll()
    assert seen == [NOON + timedelta(seconds=60)]


def test_no_transaction_is_open_while_the_platform_is_asked(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    ask = shop.channel.poll

    def write_meanwhile(cursor: str | None) -> object:
        with shop.database.transaction(OURS) as tx:  # would wait for ten seconds, then fail
            tx.emit("desk")
        return ask(cursor)

    monkeypatch.setattr(shop.channel, "poll", write_meanwhile)
    assert shop.poll().outcome == "done"


# -- trouble ---------------------------------------------------------------------------------------------------------------


def fail(shop: Shop, **fault: object) -> PollOutcome:
    shop.platform.set_fault(SandboxCall.POLL, Fault(**fault))  # type: ignore[arg-type]
    return shop.poll()


def test_a_busy_platforms_delay_is_obeyed(shop: Shop) -> None:
    outcome = fail(shop, kind=FaultKind.RETRYABLE, retry_after_seconds=900)
    assert outcome.outcome == "retryable"
    account = shop.account()
    assert account.next_poll_at == NOON + timedelta(seconds=900)
    assert account.failing_since == NOON
    assert "busy" in account.last_error
    assert shop.records()[0].outcome == "retryable"


def test_a_delay_of_years_is_capped(shop: Shop) -> None:
    fail(shop, kind=FaultKind.RETRYABLE, retry_after_seconds=1e9)
    assert shop.account().next_poll_at == NOON + timedelta(days=1)


def test_without_a_delay_waits_grow_up_to_half_an_hour(shop: Shop) -> None:
    waits = []
    for _ in range(8):
        fail(shop, kind=FaultKind.RETRYABLE)
        next_poll_at = shop.account().next_poll_at
        assert next_poll_at is not None
        waits.append((next_poll_at - NOON).total_seconds())
    for wait, wanted in zip(waits, (60, 120, 240, 480, 960, 1800, 1800, 1800), strict=True):
        assert wanted * 0.8 <= wait <= wanted * 1.2


def test_after_a_good_poll_waits_begin_anew(shop: Shop) -> None:
    for _ in range(5):
        fail(shop, kind=FaultKind.RETRYABLE)
    shop.poll()
    fail(shop, kind=FaultKind.RETRYABLE)
    next_poll_at = shop.account().next_poll_at
    assert next_poll_at is not None
    assert next_poll_at <= NOON + timedelta(seconds=72)


def test_a_refusal_calls_a_person_and_recovery_closes_the_alert(shop: Shop) -> None:
    for _ in range(2):
        assert fail(shop, kind=FaultKind.PERMANENT).outcome == "permanent"
    assert shop.alerts() == [("channel_refused", AlertState.OPEN)]
    next_poll_at = shop.account().next_poll_at
    assert next_poll_at is not None
    assert timedelta(minutes=45) < next_poll_at - NOON < timedelta(minutes=75)
    assert shop.poll().outcome == "done"
    assert shop.alerts() == [("channel_refused", AlertState.ACKNOWLEDGED)]
    assert (shop.account().failing_since, shop.account().last_error) == (None, "")


def test_a_source_that_stays_silent_is_told_after_half_an_hour(shop: Shop, clock: FixedClock) -> None:
    fail(shop, kind=FaultKind.RETRYABLE)
    assert shop.alerts() == []
    clock.advance(timedelta(minutes=30))
    fail(shop, kind=FaultKind.RETRYABLE)
    assert shop.alerts() == [("channel_silent", AlertState.OPEN)]
    shop.poll()
    assert shop.alerts() == [("channel_silent", AlertState.ACKNOWLEDGED)]


def test_pages_taken_before_an_error_stay_and_the_next_poll_goes_on_behind_them(shop: Shop) -> None:
    shop.post(*"abcd")
    ask, asked = shop.channel.poll, []

    def fail_second(cursor: str | None) -> object:
        asked.append(cursor)
        if len(asked) == 2:
            shop.platform.set_fault(SandboxCall.POLL, FaultKind.RETRYABLE)
        return ask(cursor)

    shop.channel.poll = fail_second  # type: ignore[method-assign, assignment]
    assert shop.poll().outcome == "retryable"
    assert shop.texts() == ["a", "b"]
    shop.poll()
    assert asked[2] == asked[1]
    assert shop.texts() == list("abcd")


def test_an_unexpected_fault_is_recorded_without_its_words(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shop.channel, "poll", lambda _: dict[str, object]()["token=hunter2"])
    outcome = shop.poll()
    assert outcome.outcome == shop.records()[0].outcome == "failed"
    assert "KeyError" in shop.account().last_error
    assert "hunter2" not in outcome.error + shop.account().last_error + shop.records()[0].error


def test_one_accounts_fault_does_not_keep_another_from_its_turn(
    shop: Shop, tmp_path: Path, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    second = ChannelSettings(name="second", kind="sandbox")
    with shop.database.transaction(OURS) as tx:
        other_id = sync_accounts(tx, [SHOP, second])["second"]
    monkeypatch.setattr(shop.channel, "poll", lambda _: dict[str, object]()["broken"])
    other = SandboxChannel(SandboxPlatform(tmp_path / "second.db", clock=clock), clock=clock)
    channels = {shop.account_id: shop.channel, other_id: other}
    settings = Settings(home=tmp_path, channel=(SHOP, second))
    assert poll_due(shop.database, OURS, channels=channels, settings=settings) == 2
    assert sorted(record.outcome for record in shop.records()) == ["done", "failed"]


def test_a_gap_is_recorded_told_and_moves_the_beginning_of_completeness(shop: Shop, clock: FixedClock) -> None:
    shop.poll()
    clock.advance(timedelta(hours=2))
    with shop.database.transaction(OURS) as tx:
        tx.session.get_one(ChannelAccount, shop.account_id).cursor = "not a number"
    shop.poll()
    assert "cursor" in shop.records()[1].gap
    assert shop.account().complete_from == NOON + timedelta(hours=2)
    assert shop.alerts() == [("channel_gap", AlertState.OPEN)]


def test_the_days_money_is_not_overspent_and_comes_back_at_midnight(
    shop: Shop, clock: FixedClock, tmp_path: Path
) -> None:
    shop.post(*"abcdefgh")
    first = shop.poll(daily_budget_usd=0.02)
    assert (first.outcome, first.pages) == ("budget", 2)
    second = shop.poll(daily_budget_usd=0.02)
    assert (second.outcome, second.pages, second.requests) == ("budget", 0, 0)
    midnight = NOON.replace(hour=0) + timedelta(days=1)
    assert shop.account().next_poll_at == midnight
    clock.advance(midnight - NOON)
    assert shop.poll_due(tmp_path, daily_budget_usd=0.02) == 1
    assert len(shop.texts()) == 8


# -- crashes, clocks and company --------------------------------------------------------------------------------------------


def test_two_pollers_never_poll_one_account_at_once(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    inner: list[str] = []
    ask = shop.channel.poll

    def poll_twice(cursor: str | None) -> object:
        monkeypatch.setattr(shop.channel, "poll", ask)
        inner.append(shop.poll().outcome)
        return ask(cursor)

    monkeypatch.setattr(shop.channel, "poll", poll_twice)
    assert shop.poll().outcome == "done"
    assert inner == ["busy"]
    assert [record.outcome for record in shop.records()] == ["done"]


def die(*_: object) -> None:
    raise SystemExit


@pytest.mark.parametrize("where", ["poll", "own_author_id"])
def test_a_killed_poll_is_taken_over_when_its_lease_ran_out(
    shop: Shop, clock: FixedClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    shop.post("one")
    with monkeypatch.context() as patch:
        patch.setattr(SandboxChannel, where, property(die) if where == "own_author_id" else die)
        with pytest.raises(SystemExit):
            shop.poll()
    assert shop.poll().outcome == "busy"
    clock.advance(poller.LEASE + timedelta(seconds=1))
    assert shop.poll_due(tmp_path) == 1
    assert [record.outcome for record in shop.records()] == ["failed", "done"]
    assert shop.texts() == ["one"]


def test_a_poller_that_outlived_its_lease_ends_and_moves_no_cursor(
    shop: Shop, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.post(*"abcd")
    ask = shop.channel.poll

    def be_slow(cursor: str | None) -> object:
        monkeypatch.setattr(shop.channel, "poll", ask)
        page = ask(cursor)
        clock.advance(poller.LEASE + timedelta(seconds=1))
        assert shop.poll().outcome == "done"
        return page

    monkeypatch.setattr(shop.channel, "poll", be_slow)
    assert shop.poll().outcome == "busy"
    assert shop.account().cursor == "4"
    assert shop.texts() == list("abcd")
    assert [record.outcome for record in shop.records()] == ["failed", "done"]


@pytest.mark.parametrize("back", [timedelta(minutes=10), timedelta(days=400)])
def test_a_clock_set_back_does_not_stall_polling(
    shop: Shop, clock: FixedClock, tmp_path: Path, back: timedelta
) -> None:
    shop.poll()
    clock.advance(-back)
    assert [shop.poll_due(tmp_path), shop.poll_due(tmp_path)] == [1, 0]


def test_a_clock_set_back_during_a_poll_does_not_lock_the_account(
    shop: Shop, clock: FixedClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(shop.channel, "poll", die)
        with pytest.raises(SystemExit):
            shop.poll()
    clock.advance(-timedelta(days=3))
    assert shop.poll_due(tmp_path) == 1


def test_a_database_that_is_away_is_said_to_the_caller(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise StorageError("The disk is full.", remedy="Free space.")

    monkeypatch.setattr(poller, "store_mentions", refuse)
    with pytest.raises(StorageError):
        shop.poll()


def test_accounts_come_and_go_with_the_settings_and_keep_their_rows(shop: Shop, tmp_path: Path) -> None:
    renamed = ChannelSettings(name="other", kind="sandbox", brand="second")
    with shop.database.transaction(OURS) as tx:
        assert set(sync_accounts(tx, [renamed])) == {"other", "import"}
    assert shop.account().active is False
    assert shop.poll_due(tmp_path) == 0
    with shop.database.transaction(OURS) as tx:
        assert sync_accounts(tx, [SHOP, renamed])["shop"] == shop.account_id
    assert shop.account().active is True


def test_the_account_of_another_workspace_cannot_be_polled(shop: Shop) -> None:
    poll: Callable[..., PollOutcome] = poll_account
    with pytest.raises(Exception, match="no such account"):
        poll(
            shop.database,
            THEIRS,
            account_id=ChannelAccountId(shop.account_id),
            channel=shop.channel,
            settings=SHOP,
            default_poll_seconds=60,
        )


def test_while_nothing_comes_the_pause_doubles_up_to_what_the_settings_allow(shop: Shop, clock: FixedClock) -> None:
    pauses = []
    for _ in range(5):
        shop.poll(quiet_poll_seconds=400)
        pauses.append(((shop.account().next_poll_at or NOON) - clock.now()).total_seconds())
        clock.advance(timedelta(hours=1))
    assert pauses == [120, 240, 400, 400, 400]
    shop.post("There again.")
    shop.poll(quiet_poll_seconds=400)
    assert shop.account().next_poll_at == clock.now() + timedelta(seconds=60)


def test_without_that_setting_the_pause_stays_the_same(shop: Shop, clock: FixedClock) -> None:
    for _ in range(3):
        shop.poll()
        assert shop.account().next_poll_at == clock.now() + timedelta(seconds=60)
        clock.advance(timedelta(hours=1))


def test_a_failed_poll_does_not_make_the_account_a_quiet_one(shop: Shop, clock: FixedClock) -> None:
    shop.poll(quiet_poll_seconds=400)
    shop.platform.set_fault(SandboxCall.POLL, Fault(kind=FaultKind.RETRYABLE))
    clock.advance(timedelta(hours=1))
    shop.poll(quiet_poll_seconds=400)
    assert shop.account().quiet_polls == 1
