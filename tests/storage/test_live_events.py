"""Open desks hear of every change, in order, and only of their own workspace."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event

import pytest
from sqlalchemy import Connection, event

from domain.clock import FixedClock
from storage.database import Database
from storage.live_events import events_after, newest_event_id, prune_events
from tests.cast import OURS, THEIRS


def _emit(database: Database, *kinds: str) -> None:
    with database.transaction(OURS) as tx:
        for kind in kinds:
            tx.emit(kind)


def _kinds_after(database: Database, event_id: int, limit: int = 200) -> list[str]:
    with database.snapshot(OURS) as tx:
        return [heard.kind for heard in events_after(tx, event_id, limit)]


def test_a_desk_hears_what_happened_since_it_opened(any_database: Database) -> None:
    with any_database.snapshot(OURS) as tx:
        assert newest_event_id(tx) == 0
    _emit(any_database, "drafted")
    with any_database.snapshot(OURS) as tx:
        opened_at = newest_event_id(tx)
    _emit(any_database, "approved", "sent")
    assert _kinds_after(any_database, opened_at) == ["approved", "sent"]
    assert _kinds_after(any_database, 0, limit=2) == ["drafted", "approved"]


def test_chika_hears_nothing_of_ours(any_database: Database) -> None:
    _emit(any_database, "approved")
    with any_database.snapshot(THEIRS) as tx:
        assert events_after(tx, 0) == []
        assert newest_event_id(tx) == 0


def test_a_step_that_fails_tells_nobody(any_database: Database) -> None:
    def stumble() -> None:
        with any_database.transaction(OURS) as tx:
            tx.emit("approved")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        stumble()
    assert _kinds_after(any_database, 0) == []


def test_old_events_go_but_never_the_newest(any_database: Database, clock: FixedClock) -> None:
    _emit(any_database, "old", "older desks start here")
    clock.advance(timedelta(hours=2))
    with any_database.transaction(OURS) as tx:
        before = newest_event_id(tx)
        assert prune_events(tx, timedelta(hours=1)) == 1
        assert newest_event_id(tx) == before
    _emit(any_database, "new")
    assert _kinds_after(any_database, before) == ["new"]


def test_pruning_leaves_other_workspaces_alone(any_database: Database, clock: FixedClock) -> None:
    _emit(any_database, "one", "two")
    clock.advance(timedelta(hours=2))
    with any_database.transaction(THEIRS) as tx:
        assert prune_events(tx, timedelta(hours=1)) == 0
    assert _kinds_after(any_database, 0) == ["one", "two"]


@pytest.mark.partner
def test_no_event_shows_up_behind_one_already_heard(postgres_url: str, clock: FixedClock) -> None:
    """PostgreSQL gives ids when a row is written and shows them when it is committed: another order, were it not guarded."""
    database = Database(postgres_url, clock=clock)
    written, go_on = Event(), Event()

    def pause_before_commit(_connection: Connection) -> None:
        written.set()
        assert go_on.wait(timeout=20)

    def emit_slowly() -> None:
        with database.transaction(OURS) as tx:
            tx.emit("slow")
            event.listen(tx.session.connection(), "commit", pause_before_commit)

    with ThreadPoolExecutor(2) as workers:
        slow = workers.submit(emit_slowly)
        assert written.wait(timeout=20)
        quick = workers.submit(_emit, database, "quick")
        while not quick.done() and not _somebody_waits(database):
            pass
        with database.snapshot(OURS) as tx:
            heard = newest_event_id(tx)
            kinds = [one.kind for one in events_after(tx, 0)]
        go_on.set()
        slow.result(timeout=20)
        quick.result(timeout=20)
    assert sorted([*kinds, *_kinds_after(database, heard)]) == ["quick", "slow"]
    database.close()


def _somebody_waits(database: Database) -> bool:
    with database.connect(writes=False) as connection:
        waiting = connection.exec_driver_sql(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        )
        return bool(waiting.scalar_one())
