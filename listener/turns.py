"""Accounts take their turns side by side: only so many at once, fewer of one platform, and who waits longest comes first.

A platform that answers slowly holds the turns of its own accounts and never everybody's. Nothing here waits for a platform but
the threads that ask it; whoever looks for due accounts goes on at once.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from threading import Lock
from types import TracebackType
from typing import Generic, Self, TypeVar

from domain.ids import ChannelAccountId

Outcome = TypeVar("Outcome")


@dataclass(frozen=True, kw_only=True, slots=True)
class Room:
    """How many turns may be under way."""

    at_once: int
    of_one_kind: int
    """Of accounts of one platform."""


class Turns(Generic[Outcome]):
    """Calls ``take`` for due accounts, each in a thread of a bounded pool, never twice at once for one account.

    ``read_due`` names the accounts whose time has come, the longest waiting first; ``kinds`` holds the platform of each.
    ``follow`` is handed each turn as it begins, and must not wait. Thread-safe.
    """

    def __init__(
        self,
        take: Callable[[ChannelAccountId], Outcome],
        *,
        read_due: Callable[[], Sequence[ChannelAccountId]],
        kinds: Mapping[ChannelAccountId, str],
        room: Room,
        follow: Callable[[Future[Outcome]], None] = lambda _: None,
    ) -> None:
        self._take = take
        self._read_due = read_due
        self._kinds = kinds
        self._room = room
        self._follow = follow
        self._lock = Lock()
        self._under_way: set[ChannelAccountId] = set()
        self._waiting: list[ChannelAccountId] = []
        self._closed = False
        self._pool = ThreadPoolExecutor(room.at_once, thread_name_prefix="kikite-poll")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def look(self) -> int:
        """Begin a turn for each due account that there is room for, and return how many began. The others follow as room comes.

        Raises what ``read_due`` raises.
        """
        with self._lock:
            # Read under the lock: whoever ends its turn later is not due by then, so that nobody gets two turns for one.
            self._waiting = [account_id for account_id in self._read_due() if account_id not in self._under_way]
            return self._fill()

    def take_all(self) -> list[Outcome]:
        """Give every account that is due now one turn, and return the outcomes when all have ended.

        An error of ``take`` ends the turns that have not begun, and is raised after the others ended.
        """
        followed, begun = self._follow, list[Future[Outcome]]()
        self._follow = begun.append
        try:
            self.look()
            while under_way := [turn for turn in begun if not turn.done()]:
                wait(under_way)  # each begins those that follow before it is done
        finally:
            self._follow = followed
        return [turn.result() for turn in begun]

    def close(self) -> None:
        """Begin no more turns and wait for those under way."""
        with self._lock:
            self._closed = True
            self._waiting = []
        self._pool.shutdown(wait=True)

    def _fill(self) -> int:
        """Begin turns while there is room; the lock is held."""
        began = 0
        for account_id in [] if self._closed else tuple(self._waiting):
            if len(self._under_way) >= self._room.at_once:
                break
            if self._count(self._kinds[account_id]) >= self._room.of_one_kind:
                continue
            self._waiting.remove(account_id)
            self._under_way.add(account_id)
            self._follow(self._pool.submit(self._take_turn, account_id))
            began += 1
        return began

    def _count(self, kind: str) -> int:
        return sum(self._kinds[account_id] == kind for account_id in self._under_way)

    def _take_turn(self, account_id: ChannelAccountId) -> Outcome:
        ended_well = False
        try:
            outcome = self._take(account_id)
            ended_well = True
            return outcome
        finally:
            with self._lock:
                self._under_way.remove(account_id)
                if not ended_well:
                    self._waiting = []  # the trouble is our own and everybody's: the next look finds them again
                self._fill()
