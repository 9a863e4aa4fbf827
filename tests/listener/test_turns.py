"""Turns: side by side, bounded, fair; a slow platform keeps nobody else waiting."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future

import pytest

from domain.errors import StorageError
from domain.ids import ChannelAccountId
from listener.turns import Room, Turns

LONG = 10.0
"""Seconds until a test that hangs fails."""


class Desk:
    """Accounts whose polls begin at once and end when they are let go."""

    def __init__(self, kinds: Mapping[int, str], *, at_once: int = 8, of_one_kind: int = 8) -> None:
        self.kinds = {ChannelAccountId(number): kind for number, kind in kinds.items()}
        self.due: list[ChannelAccountId] = list(self.kinds)
        self.gates = {account_id: threading.Event() for account_id in self.kinds}
        self.begun: list[ChannelAccountId] = []
        self.followed: list[Future[int]] = []
        self._changed = threading.Condition()
        self.turns = Turns(
            self._take,
            read_due=lambda: tuple(self.due),
            kinds=self.kinds,
            room=Room(at_once=at_once, of_one_kind=of_one_kind),
            follow=self.followed.append,
        )

    def _take(self, account_id: ChannelAccountId) -> int:
        with self._changed:
            self.begun.append(account_id)
            self.due.remove(account_id)  # as a claim writes the next time
            self._changed.notify_all()
        assert self.gates[account_id].wait(LONG)
        return int(account_id)

    def let_go(self, *numbers: int) -> None:
        for number in numbers:
            self.gates[ChannelAccountId(number)].set()

    def has_begun(self, *numbers: int) -> bool:
        """Wait until these and no others have begun."""
        with self._changed:
            return self._changed.wait_for(lambda: len(self.begun) >= len(numbers), LONG) and set(self.begun) == {
                *numbers
            }


@pytest.fixture
def open_desk() -> Iterator[Callable[..., Desk]]:
    opened: list[Desk] = []

    def open_one(kinds: Mapping[int, str], **room: int) -> Desk:
        opened.append(Desk(kinds, **room))
        return opened[-1]

    yield open_one
    for desk in opened:
        desk.let_go(*desk.kinds)
        desk.turns.close()


def test_accounts_are_polled_side_by_side_up_to_the_room_there_is(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk({1: "x", 2: "reddit", 3: "feed"}, at_once=2)
    assert desk.turns.look() == 2
    assert desk.has_begun(1, 2)
    assert desk.turns.look() == 0


def test_the_next_in_line_begins_as_soon_as_one_ends_without_another_look(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk({1: "x", 2: "reddit", 3: "feed"}, at_once=2)
    desk.turns.look()
    desk.let_go(2)
    assert desk.has_begun(1, 2, 3)


def test_who_waits_longest_comes_first(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk(dict.fromkeys(range(1, 6), "x"), at_once=1)
    desk.due = [ChannelAccountId(number) for number in (3, 5, 1, 2, 4)]
    desk.let_go(*range(1, 6))
    assert desk.turns.take_all() == [3, 5, 1, 2, 4]
    assert desk.begun == [3, 5, 1, 2, 4]


def test_a_platform_that_does_not_answer_keeps_no_other_from_its_turn(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk({1: "slow", 2: "slow", 3: "slow", 4: "slow", 5: "feed", 6: "feed"}, at_once=3, of_one_kind=2)
    desk.let_go(5, 6)
    desk.turns.look()
    assert desk.has_begun(1, 2, 5, 6)
    desk.let_go(1)
    assert desk.has_begun(1, 2, 3, 5, 6)


def test_an_account_under_way_gets_no_second_turn_however_often_it_is_due(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk({1: "x"})
    desk.turns.look()
    assert desk.has_begun(1)
    desk.due.append(ChannelAccountId(1))
    assert [desk.turns.look() for _ in range(3)] == [0, 0, 0]
    desk.let_go(1)
    desk.followed[0].result(LONG)
    assert desk.turns.look() == 1


def test_all_that_was_due_is_taken_once_and_never_more_at_once_than_allowed() -> None:
    due = [ChannelAccountId(number) for number in range(200)]
    kinds = {account_id: f"kind{account_id % 5}" for account_id in due}
    lock, now, most, of_kind = threading.Lock(), Counter[str](), Counter[str](), Counter[str]()
    taken: list[ChannelAccountId] = []

    def take(account_id: ChannelAccountId) -> ChannelAccountId:
        with lock:
            taken.append(account_id)
            now.update(["all"])
            of_kind.update([kinds[account_id]])
            most["all"] = max(most["all"], now["all"])
            most["kind"] = max(most["kind"], *of_kind.values())
        with lock:
            now.subtract(["all"])
            of_kind.subtract([kinds[account_id]])
        return account_id

    with Turns(take, read_due=lambda: due, kinds=kinds, room=Room(at_once=4, of_one_kind=2)) as turns:
        outcomes = turns.take_all()
    assert sorted(outcomes) == sorted(taken) == due
    assert most["all"] <= 4
    assert most["kind"] <= 2


def test_a_fault_of_our_own_is_raised_and_those_behind_it_are_left_for_the_next_look() -> None:
    due = [ChannelAccountId(number) for number in range(1, 4)]
    asked: list[int] = []

    def take(account_id: ChannelAccountId) -> int:
        asked.append(account_id)
        if len(asked) == 1:
            raise StorageError("The disk is full.", remedy="Free space.")
        return account_id

    def read_due() -> Sequence[ChannelAccountId]:
        return due

    with Turns(take, read_due=read_due, kinds=dict.fromkeys(due, "x"), room=Room(at_once=1, of_one_kind=1)) as turns:
        with pytest.raises(StorageError):
            turns.take_all()
        assert asked == [1]
        assert turns.take_all() == [1, 2, 3]


def test_closing_waits_for_those_under_way_and_begins_no_more(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk({1: "x", 2: "reddit"}, at_once=1)
    desk.turns.look()
    assert desk.has_begun(1)
    closing = threading.Thread(target=desk.turns.close)
    closing.start()
    while not desk.turns._closed:
        pass
    assert closing.is_alive()
    desk.let_go(1)
    closing.join(LONG)
    assert not closing.is_alive()
    assert desk.begun == [1]
    assert desk.turns.look() == 0
