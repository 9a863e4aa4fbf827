"""Rows go to one worker each, whatever happens to the workers."""

import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

import storage
from domain.clock import FixedClock
from domain.lifecycle import MentionState
from storage.claims import claim, release
from storage.database import Database
from storage.models import Mention
from tests.cast import OURS, THEIRS
from tests.rows import make_account, make_conversation_with_mention

LEASE = timedelta(minutes=5)

WORKER = """
import sys
from datetime import timedelta
from storage.claims import claim
from storage.database import Database
from storage.models import Mention
database = Database(sys.argv[1])
print("ready", flush=True)
for _ in sys.stdin:
    while True:
        with database.transaction(1) as tx:
            rows = claim(tx, Mention, due=[Mention.state == "collected"], order=[Mention.id], limit=3, lease=timedelta(hours=1))
            ids = [row.id for row in rows]
        if not ids:
            break
        print(*ids, flush=True)
    print("nothing left", flush=True)
"""


@pytest.fixture
def waiting(any_database: Database) -> list[int]:
    """Forty collected mentions."""
    with any_database.transaction(OURS) as tx:
        account = make_account(tx)
        return [make_conversation_with_mention(tx, account=account).mention.id for _ in range(40)]


def _claim(database: Database, *, limit: int = 3) -> list[Mention]:
    with database.transaction(OURS) as tx:
        due = [Mention.state == MentionState.COLLECTED]
        return claim(tx, Mention, due=due, order=[Mention.id], limit=limit, lease=LEASE)


def _release(database: Database, row: Mention) -> bool:
    with database.transaction(OURS) as tx:
        return release(tx, row, values={"state": MentionState.UNDERSTOOD})


def _state(database: Database, row: Mention) -> str:
    with database.snapshot(OURS) as tx:
        return tx.session.scalars(select(Mention.state).where(Mention.id == row.id)).one()


def test_threads_claim_each_row_once(any_database: Database, waiting: list[int]) -> None:
    def work(_: int) -> list[int]:
        claimed: list[int] = []
        while rows := _claim(any_database):
            claimed += [row.id for row in rows]
        return claimed

    with ThreadPoolExecutor(6) as workers:
        claimed = [number for numbers in workers.map(work, range(6)) for number in numbers]
    assert Counter(claimed) == Counter(waiting)


def test_processes_claim_each_row_once(any_database: Database, waiting: list[int]) -> None:
    workers = [_start_worker(any_database) for _ in range(3)]
    for worker in workers:
        _send_off(worker)
    heard = [worker.communicate(timeout=30) for worker in workers]
    assert [worker.returncode for worker in workers] == [0, 0, 0], heard
    claimed = [int(word) for said, _ in heard for word in said.split() if word.isdigit()]
    assert Counter(claimed) == Counter(waiting)


def test_rows_come_in_order_and_carry_what_was_set(any_database: Database, waiting: list[int]) -> None:
    with any_database.transaction(OURS) as tx:
        rows = claim(
            tx,
            Mention,
            due=[],
            order=[Mention.id.desc()],
            limit=3,
            lease=LEASE,
            values={"state": MentionState.UNDERSTOOD},
        )
    assert [row.id for row in rows] == sorted(waiting, reverse=True)[:3]
    assert {(row.state, row.attempts) for row in rows} == {("understood", 1)}


@pytest.mark.usefixtures("waiting")
def test_a_killed_workers_rows_are_claimed_again_when_its_lease_runs_out(
    any_database: Database, clock: FixedClock
) -> None:
    dead = _claim(any_database, limit=40)
    assert _claim(any_database) == []
    clock.advance(LEASE + timedelta(seconds=1))
    heirs = _claim(any_database, limit=40)
    assert [row.id for row in heirs] == [row.id for row in dead]
    assert {row.attempts for row in heirs} == {2}


@pytest.mark.usefixtures("waiting")
def test_a_process_killed_in_the_middle_of_claiming_leaves_every_row_free(any_database: Database) -> None:
    worker = _start_worker(
        any_database, WORKER.replace("ids = [", "print('claimed', flush=True); sys.stdin.readline(); ids = [")
    )
    _send_off(worker)
    assert worker.stdout is not None
    assert worker.stdout.readline() == "claimed\n"
    worker.kill()
    worker.communicate(timeout=10)
    while len(claimed := _claim(any_database, limit=40)) == 0:
        pass  # PostgreSQL needs a moment to notice that its client is gone
    assert len(claimed) == 40


@pytest.mark.usefixtures("waiting")
def test_a_late_worker_cannot_record_over_its_heir(any_database: Database, clock: FixedClock) -> None:
    (late,) = _claim(any_database, limit=1)
    clock.advance(LEASE + timedelta(seconds=1))
    (heir,) = _claim(any_database, limit=1)
    assert heir.id == late.id
    assert not _release(any_database, late)
    assert _state(any_database, late) == MentionState.COLLECTED
    assert _release(any_database, heir)
    assert _state(any_database, heir) == MentionState.UNDERSTOOD


@pytest.mark.usefixtures("waiting")
def test_a_worker_that_is_late_but_alone_may_record(any_database: Database, clock: FixedClock) -> None:
    (late,) = _claim(any_database, limit=1)
    clock.advance(LEASE + timedelta(seconds=1))
    assert _release(any_database, late)


@pytest.mark.usefixtures("waiting")
def test_a_row_is_given_back_once(any_database: Database) -> None:
    (row,) = _claim(any_database, limit=1)
    assert _release(any_database, row)
    assert not _release(any_database, row)


def test_a_row_that_nobody_claimed_cannot_be_given_back(any_database: Database, waiting: list[int]) -> None:
    with any_database.transaction(OURS) as tx:
        row = tx.session.get_one(Mention, waiting[0])
        assert not release(tx, row, values={"state": MentionState.UNDERSTOOD})
    assert _state(any_database, row) == MentionState.COLLECTED


@pytest.mark.usefixtures("waiting")
def test_a_row_put_off_stays_until_its_time(any_database: Database, clock: FixedClock) -> None:
    rows = _claim(any_database, limit=40)
    with any_database.transaction(OURS) as tx:
        for row in rows:
            assert release(tx, row, not_before=tx.now + timedelta(minutes=1))
    assert _claim(any_database) == []
    clock.advance(timedelta(minutes=1))
    assert len(_claim(any_database)) == 3


@pytest.mark.usefixtures("waiting")
def test_chika_claims_nothing_of_ours(any_database: Database) -> None:
    with any_database.transaction(THEIRS) as tx:
        assert claim(tx, Mention, due=[], order=[Mention.id], limit=40, lease=LEASE) == []
    (row,) = _claim(any_database, limit=1)
    with any_database.transaction(THEIRS) as tx:
        assert not release(tx, row)
    with any_database.snapshot(OURS) as tx:
        assert tx.session.scalar(select(Mention.claim_token).where(Mention.id == row.id)) == row.claim_token


def _start_worker(database: Database, script: str = WORKER) -> subprocess.Popen[str]:
    worker = subprocess.Popen(
        [sys.executable, "-c", script, database.url],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=Path(storage.__file__).parents[1],
    )
    assert worker.stdout is not None
    assert worker.stdout.readline() == "ready\n"
    return worker


def _send_off(worker: subprocess.Popen[str]) -> None:
    assert worker.stdin is not None
    worker.stdin.write("go\n")
    worker.stdin.flush()
