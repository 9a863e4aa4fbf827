"""Pauses: spread so that nobody comes together, never longer than asked for, never shorter than a platform asks."""

from datetime import UTC, datetime, timedelta

import pytest

from listener.pacing import EARLY, next_day, next_pause, quiet_pause, refused_pause, retry_pause

MINUTE = timedelta(minutes=1)


def test_accounts_that_began_together_do_not_stay_together() -> None:
    pauses = {next_pause(MINUTE) for _ in range(200)}
    assert len(pauses) > 190
    assert MINUTE * (1 - EARLY) <= min(pauses) < MINUTE * (1 - EARLY * 0.8)
    assert MINUTE * (1 - EARLY * 0.2) < max(pauses) <= MINUTE


@pytest.mark.parametrize("asked", [0.0, 1.0, 900.0])
def test_what_a_platform_asked_for_is_kept_to_the_second(asked: float) -> None:
    pause = retry_pause(MINUTE, attempts=5, asked_seconds=asked)
    assert pause == timedelta(seconds=asked)


def test_pauses_after_quiet_polls_are_spread_too_and_an_ordinary_one_is_left_as_it_is() -> None:
    assert quiet_pause(MINUTE, quiet_polls=3, longest=timedelta()) is None
    assert quiet_pause(MINUTE, quiet_polls=0, longest=timedelta(hours=1)) is None
    pauses = [quiet_pause(MINUTE, quiet_polls=3, longest=timedelta(hours=1)) or timedelta() for _ in range(50)]
    assert len(set(pauses)) > 40
    assert MINUTE * 8 * (1 - EARLY) <= min(pauses) <= max(pauses) <= MINUTE * 8


def test_failures_and_refusals_do_not_come_back_together() -> None:
    assert len({refused_pause() for _ in range(50)}) > 40
    assert len({retry_pause(MINUTE, attempts=3, asked_seconds=None) for _ in range(50)}) > 40


def test_a_count_of_failures_beyond_reason_ends_at_the_longest_pause() -> None:
    assert retry_pause(MINUTE, attempts=10**6, asked_seconds=None) <= timedelta(minutes=36)


def test_the_next_day_begins_at_midnight_in_utc() -> None:
    assert next_day(datetime(2026, 12, 31, 23, 59, tzinfo=UTC)) == datetime(2027, 1, 1, tzinfo=UTC)
