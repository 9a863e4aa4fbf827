"""Sources that fell silent are told once, by their own rhythm, and taken back by whatever comes."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from config.locale import LANGUAGES, text
from config.settings import ClockSettings, Settings
from domain.clock import FixedClock
from domain.ids import ChannelAccountId
from domain.lifecycle import AlertState
from domain.webhooks import Parcel
from listener.silence import notice_silence
from storage.account_hours import note_hour, prune_hours
from storage.alerts import acknowledge_alert
from storage.database import Database
from storage.models import AccountHour, Alert, ChannelAccount, User
from storage.parcels import store_parcels
from tests.cast import NOON, OURS, THEIRS
from tests.rows import make_account

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class Source:
    """One account that is polled well, and what it brought."""

    def __init__(self, database: Database, clock: FixedClock, home: Path) -> None:
        self.database = database
        self.clock = clock
        self.home = home
        with database.transaction(OURS) as tx:
            self.account_id = make_account(tx, name="shop", kind="x", last_success_at=NOON).id

    def brought(self, *hours_ago: float, posts: int = 1) -> None:
        """Posts came so many hours before noon."""
        with self.database.transaction(OURS) as tx:
            for ago in hours_ago:
                hour = (NOON - ago * HOUR).replace(minute=0, second=0, microsecond=0)
                tx.session.add(AccountHour(channel_account_id=self.account_id, hour=hour, new_count=posts))

    def daily(self, *, every_hours: int, until_hours_ago: float, days: int = 20) -> None:
        """Posts came in a steady rhythm, up to so many hours before noon."""
        self.brought(*(until_hours_ago + ago for ago in range(0, days * 24, every_hours)))

    def set(self, **columns: object) -> None:
        with self.database.transaction(OURS) as tx:
            account = tx.session.get_one(ChannelAccount, self.account_id)
            for name, value in columns.items():
                setattr(account, name, value)

    def notice(self, *, silent_days: int = 7) -> int:
        settings = Settings(home=self.home, clock=ClockSettings(silent_days=silent_days))
        return notice_silence(self.database, OURS, settings=settings)

    def at(self, moment: datetime) -> None:
        """Time went on, and the account was polled well all the while."""
        self.clock.advance(moment - self.clock.now())
        self.set(last_success_at=moment)

    def alerts(self) -> list[Alert]:
        with self.database.snapshot(OURS) as tx:
            found = list(tx.session.scalars(select(Alert).order_by(Alert.id)))
            tx.session.expunge_all()
            return found

    def is_told(self) -> bool:
        return any(alert.state == AlertState.OPEN for alert in self.alerts())


@pytest.fixture
def source(any_database: Database, clock: FixedClock, tmp_path: Path) -> Source:
    return Source(any_database, clock, tmp_path)


@pytest.mark.parametrize(
    ("every_hours", "silent_hours", "told"),
    [(4, 24, False), (4, 26, True), (12, 36, False), (12, 38, True), (24, 71, False), (24, 74, True)],
)
def test_a_silence_is_told_when_it_is_three_times_the_longest_and_a_day_at_least(
    source: Source, every_hours: int, silent_hours: int, *, told: bool
) -> None:
    source.daily(every_hours=every_hours, until_hours_ago=silent_hours, days=26)
    source.notice()
    assert source.is_told() is told


def test_one_long_pause_weeks_ago_makes_a_silence_usual(source: Source) -> None:
    source.brought(*range(40, 60), *range(100, 130))  # 41 hours between the two
    source.notice()
    assert not source.is_told()


def test_what_came_before_the_last_four_weeks_says_nothing_of_now(source: Source) -> None:
    source.daily(every_hours=6, until_hours_ago=40, days=26)
    source.brought(60 * 24)
    source.notice()
    assert source.is_told()


def test_it_is_told_with_the_moment_where_people_are_and_what_to_check(source: Source) -> None:
    source.daily(every_hours=4, until_hours_ago=48)
    assert source.notice() == 1
    (alert,) = source.alerts()
    assert (alert.kind, alert.severity) == ("source_silent", "warning")
    assert alert.values == {"channel": "shop", "since": "2026-11-18 13:00"}  # the end of that hour, in Tokyo
    for language in LANGUAGES:
        assert "shop" in text("alerts.source_silent.title", language, **alert.values)
        assert "2026-11-18 13:00" in text("alerts.source_silent.remedy", language, **alert.values)


def test_each_silence_is_told_once_and_not_again_after_somebody_took_note(source: Source, ben: User) -> None:
    source.daily(every_hours=4, until_hours_ago=48)
    assert [source.notice(), source.notice()] == [1, 0]
    (alert,) = source.alerts()
    assert alert.count == 1
    with source.database.transaction(OURS) as tx:
        acknowledge_alert(tx, alert.id, user_id=ben.id, actor="ben")
    source.at(NOON + 5 * DAY)
    assert source.notice() == 0
    assert len(source.alerts()) == 1


def test_something_that_comes_takes_it_back_and_the_next_silence_is_told_anew(source: Source) -> None:
    source.daily(every_hours=4, until_hours_ago=48)
    source.notice()
    source.at(NOON + 2 * HOUR)
    with source.database.transaction(OURS) as tx:
        note_hour(tx, ChannelAccountId(source.account_id), new=1, cost_usd=0)
    assert source.notice() == 1
    assert not source.is_told()
    source.at(NOON + 20 * DAY)
    source.notice()
    assert source.is_told()
    assert len(source.alerts()) == 2


def test_a_call_by_the_platform_is_a_sign_of_life(source: Source) -> None:
    source.daily(every_hours=4, until_hours_ago=48)
    with source.database.transaction(OURS) as tx:
        store_parcels(tx, ChannelAccountId(source.account_id), [Parcel(key="1", text="{}")])
    source.notice()
    assert not source.is_told()


def test_a_call_by_the_platform_takes_it_back(source: Source) -> None:
    source.daily(every_hours=4, until_hours_ago=48)
    source.notice()
    source.at(NOON + HOUR)
    with source.database.transaction(OURS) as tx:
        store_parcels(tx, ChannelAccountId(source.account_id), [Parcel(key="1", text="{}")])
    source.notice()
    assert not source.is_told()


@pytest.mark.parametrize(
    ("silent_days", "days", "told"), [(7, 6, False), (7, 8, True), (30, 8, False), (0, 300, False)]
)
def test_a_source_without_a_rhythm_is_told_after_the_days_of_the_settings(
    source: Source, silent_days: int, days: int, *, told: bool
) -> None:
    source.brought(days * 24, days * 24 + 5, posts=40)  # many at once are no rhythm
    source.notice(silent_days=silent_days)
    assert source.is_told() is told


def test_a_source_that_never_brought_anything_is_not_called_silent(source: Source) -> None:
    source.at(NOON + 90 * DAY)
    assert source.notice() == 0


@pytest.mark.parametrize(
    "columns",
    [
        {"failing_since": NOON - DAY},
        {"active": False},
        {"last_success_at": None},
        {"last_success_at": NOON - 47 * HOUR},
    ],
    ids=["failing", "retired", "never read", "not read since"],
)
def test_nobody_who_did_not_look_calls_it_silent(source: Source, columns: dict[str, object]) -> None:
    source.daily(every_hours=4, until_hours_ago=48)
    source.set(**columns)
    source.notice()
    assert not source.is_told()


def test_an_account_that_leaves_the_settings_takes_its_alert_along(source: Source) -> None:
    source.daily(every_hours=4, until_hours_ago=48)
    source.notice()
    source.set(active=False)
    source.notice()
    assert not source.is_told()


def test_while_it_fails_what_was_told_stays(source: Source) -> None:
    source.daily(every_hours=4, until_hours_ago=48)
    source.notice()
    source.set(failing_since=NOON)
    source.notice()
    assert source.is_told()


def test_another_workspace_is_not_told(source: Source) -> None:
    source.daily(every_hours=4, until_hours_ago=48)
    assert notice_silence(source.database, THEIRS, settings=Settings(home=source.home)) == 0
    assert source.alerts() == []


def test_hours_are_counted_up_and_forgotten_after_a_year(source: Source, clock: FixedClock) -> None:
    for moment in (NOON + 5 * timedelta(minutes=1), NOON + 50 * timedelta(minutes=1), NOON + HOUR):
        clock.advance(moment - clock.now())
        with source.database.transaction(OURS) as tx:
            note_hour(tx, ChannelAccountId(source.account_id), new=2, cost_usd=0.5)
            note_hour(tx, ChannelAccountId(source.account_id), new=0, cost_usd=0)
    with source.database.snapshot(OURS) as tx:
        rows = tx.session.execute(select(AccountHour.hour, AccountHour.new_count, AccountHour.cost_usd)).all()
    assert sorted(rows) == [(NOON, 4, 1.0), (NOON + HOUR, 2, 0.5)]
    clock.advance(401 * DAY)
    with source.database.transaction(OURS) as tx:
        assert prune_hours(tx) == 2
