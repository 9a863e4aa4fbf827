"""Which day a digest covers, across midnight, time zones and changing clocks."""

from datetime import UTC, datetime, time, timedelta
from itertools import pairwise

import pytest

from digest.windows import day_until, last_window
from tests.cast import NOON

SIX = time(18, 0)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "end"),
    [
        ("2026-11-20T08:59:59", "2026-11-19T09:00:00"),  # 17:59:59 in Tokyo: yesterday's
        ("2026-11-20T09:00:00", "2026-11-20T09:00:00"),  # 18:00 sharp
        ("2026-11-20T15:30:00", "2026-11-20T09:00:00"),  # past midnight in Tokyo, still the same day's end
        ("2026-11-21T08:00:00", "2026-11-20T09:00:00"),
    ],
)
def test_a_day_ends_at_the_local_hour(now: str, end: str) -> None:
    window = last_window(utc(now), daily_at=SIX, time_zone="Asia/Tokyo")
    assert window.end == utc(end)
    assert window.end - window.start == timedelta(days=1)


def test_a_day_is_as_long_as_the_clocks_make_it() -> None:
    shorter = last_window(utc("2026-03-29T20:00:00"), daily_at=SIX, time_zone="Europe/Berlin")
    longer = last_window(utc("2026-10-25T20:00:00"), daily_at=SIX, time_zone="Europe/Berlin")
    assert (shorter.end - shorter.start, longer.end - longer.start) == (timedelta(hours=23), timedelta(hours=25))


def test_an_hour_that_the_clocks_skip_still_ends_a_day() -> None:
    window = last_window(utc("2026-03-29T20:00:00"), daily_at=time(2, 30), time_zone="Europe/Berlin")
    assert window.end == utc("2026-03-29T01:30:00")
    following = last_window(utc("2026-03-30T20:00:00"), daily_at=time(2, 30), time_zone="Europe/Berlin")
    assert following.start == window.end


def test_days_follow_each_other_without_gap_or_overlap() -> None:
    moment = utc("2026-10-20T12:00:00")
    windows = [last_window(moment + timedelta(days=day), daily_at=SIX, time_zone="Europe/Berlin") for day in range(12)]
    for before, after in pairwise(windows):
        assert before.end == after.start


def test_a_preview_shows_the_day_until_now() -> None:
    assert (day_until(NOON).start, day_until(NOON).end) == (NOON - timedelta(days=1), NOON)
