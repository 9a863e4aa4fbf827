"""One process has a duty at a time."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from domain.clock import FixedClock
from storage.database import Database
from storage.leases import drop_lease, take_lease

MINUTE = timedelta(minutes=1)


def test_a_duty_has_one_holder_who_may_renew_it(any_database: Database, clock: FixedClock) -> None:
    assert take_lease(any_database, "clock", holder="first", lease=MINUTE)
    assert not take_lease(any_database, "clock", holder="second", lease=MINUTE)
    clock.advance(timedelta(seconds=50))
    assert take_lease(any_database, "clock", holder="first", lease=MINUTE)
    clock.advance(timedelta(seconds=50))
    assert not take_lease(any_database, "clock", holder="second", lease=MINUTE)


def test_the_duty_of_a_dead_holder_goes_to_the_next_and_the_dead_one_notices(
    any_database: Database, clock: FixedClock
) -> None:
    assert take_lease(any_database, "clock", holder="first", lease=MINUTE)
    clock.advance(MINUTE)
    assert take_lease(any_database, "clock", holder="second", lease=MINUTE)
    assert not take_lease(any_database, "clock", holder="first", lease=MINUTE)


def test_a_duty_given_back_is_free_at_once(any_database: Database) -> None:
    assert take_lease(any_database, "clock", holder="first", lease=MINUTE)
    drop_lease(any_database, "clock", holder="first")
    assert take_lease(any_database, "clock", holder="second", lease=MINUTE)


def test_nobody_gives_back_what_another_holds(any_database: Database) -> None:
    assert take_lease(any_database, "clock", holder="first", lease=MINUTE)
    drop_lease(any_database, "clock", holder="second")
    assert not take_lease(any_database, "clock", holder="second", lease=MINUTE)


def test_duties_of_different_names_are_apart(any_database: Database) -> None:
    assert take_lease(any_database, "clock", holder="first", lease=MINUTE)
    assert take_lease(any_database, "digest", holder="second", lease=MINUTE)


def test_of_many_who_ask_at_once_one_gets_it(any_database: Database, clock: FixedClock) -> None:
    def ask(number: int) -> bool:
        return take_lease(any_database, "clock", holder=f"holder-{number}", lease=MINUTE)

    with ThreadPoolExecutor(8) as holders:
        assert sum(holders.map(ask, range(8))) == 1
        clock.advance(MINUTE)
        assert sum(holders.map(ask, range(8, 16))) == 1
