"""Working hours: a promise by the clock is made only where it can be kept."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from config.hours_settings import HoursSettings
from domain.cases import DeskTime
from domain.words import Language
from responder.hours import find_desk_time, say_when

WEEK = HoursSettings(days=("mon", "tue", "wed", "thu", "fri"), holidays=(date(2026, 11, 23),))
TOKYO = "Asia/Tokyo"
THURSDAY, FRIDAY = 19, 20


def said(hours: HoursSettings, day: int, clock: str, *, their_zone: str = "") -> tuple[str, str]:
    """Return the promise at a local time in November 2026, in both languages."""
    local = datetime.combine(date(2026, 11, day), time.fromisoformat(clock), tzinfo=ZoneInfo(TOKYO))
    desk = find_desk_time(hours, local.astimezone(UTC), TOKYO)
    ja, en = (say_when(desk, language, their_zone=their_zone) for language in (Language.JA, Language.EN))
    return ja, en


@pytest.mark.parametrize(
    ("day", "clock", "expected"),
    [
        (THURSDAY, "09:00", ("本日中に", "today")),
        (THURSDAY, "16:00", ("本日中に", "today")),
        (THURSDAY, "07:30", ("本日中に", "today")),
        (THURSDAY, "16:01", ("明日の午前中に", "tomorrow morning")),
        (THURSDAY, "23:30", ("明日の午前中に", "tomorrow morning")),
        (FRIDAY, "17:00", ("火曜日に", "on Tuesday")),
        (22, "12:00", ("火曜日に", "on Tuesday")),
        (23, "12:00", ("明日の午前中に", "tomorrow morning")),
    ],
)
def test_what_is_promised_can_be_kept(day: int, clock: str, expected: tuple[str, str]) -> None:
    """Monday the 23rd is a holiday."""
    assert said(WEEK, day, clock) == expected


def test_a_desk_that_opens_late_promises_no_morning() -> None:
    assert said(HoursSettings(days=("thu", "fri"), opens=time(11, 0)), THURSDAY, "20:00") == ("明日中に", "tomorrow")


def test_a_desk_that_is_there_for_an_hour_promises_nothing_for_the_day() -> None:
    hours = HoursSettings(days=("thu",), opens=time(9, 0), closes=time(10, 0))
    assert said(hours, THURSDAY, "08:00") == ("", "")


def test_a_day_a_week_ahead_is_not_named_by_its_weekday() -> None:
    assert said(HoursSettings(days=("thu",)), THURSDAY, "17:30") == ("", "")
    assert said(HoursSettings(days=("fri",), holidays=(date(2026, 11, 20),)), THURSDAY, "12:00") == ("", "")


def test_the_end_of_the_day_is_midnight() -> None:
    assert said(HoursSettings(days=("thu", "fri"), closes=time(0, 0)), THURSDAY, "21:30") == ("本日中に", "today")
    assert said(HoursSettings(days=("thu", "fri"), closes=time(0, 0)), THURSDAY, "22:30")[1] == "tomorrow morning"


def test_where_the_customer_has_another_date_nothing_is_promised() -> None:
    assert said(WEEK, THURSDAY, "10:00", their_zone="America/Los_Angeles") == ("", "")
    assert said(WEEK, THURSDAY, "10:00", their_zone="Asia/Seoul") == ("本日中に", "today")
    assert said(WEEK, THURSDAY, "10:00", their_zone="Not/AZone") == ("本日中に", "today")


def test_without_hours_somebody_is_always_there_and_no_desk_promises_nothing() -> None:
    desk = find_desk_time(HoursSettings(), datetime(2026, 11, 22, 3, 0, tzinfo=UTC), TOKYO)
    assert desk.is_open
    assert desk.next_open is None
    assert say_when(None, Language.EN) == ""


def test_an_always_open_desk_keeps_todays_promise_only_before_the_evening_ends() -> None:
    early = DeskTime(now=datetime(2026, 11, 19, 12, 0, tzinfo=UTC))
    late = DeskTime(now=datetime(2026, 11, 19, 22, 30, tzinfo=UTC))
    assert say_when(early, Language.EN) == "today"
    assert say_when(late, Language.EN) == ""


def test_a_shop_of_holidays_only_promises_nothing() -> None:
    desk = find_desk_time(
        HoursSettings(days=("mon",), holidays=(date(2026, 11, 23), date(2026, 11, 30))),
        datetime(2026, 11, 19, 3, 0, tzinfo=UTC),
        TOKYO,
    )
    assert not desk.is_open
    assert desk.next_open is None
    assert say_when(desk, Language.JA) == ""


def test_hours_that_close_before_they_open_are_a_mistake() -> None:
    with pytest.raises(ValidationError, match="closes must be after opens"):
        HoursSettings(days=("mon",), opens=time(18, 0), closes=time(9, 0))
