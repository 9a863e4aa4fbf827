"""What a transaction and a snapshot promise, and what people are told when the database cannot keep it."""

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import errors
from sqlalchemy import event, func, select
from sqlalchemy.exc import DataError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from domain.clock import FixedClock
from domain.errors import StorageError
from storage.database import Database
from storage.failures import explain
from storage.models import AuditEvent, LiveEvent, User
from tests.cast import NOON, OURS


def _count(database: Database) -> int:
    with database.snapshot(OURS) as tx:
        return tx.session.scalar(select(func.count(AuditEvent.id))) or 0


def _write(database: Database, detail: str = "") -> None:
    with database.transaction(OURS) as tx:
        tx.audit("assign", actor="Aoi", detail={"note": detail})


def _path(database: Database) -> str:
    return database.url.removeprefix("sqlite:///")


def test_a_transaction_that_fails_stores_nothing(any_database: Database) -> None:
    def stumble() -> None:
        with any_database.transaction(OURS) as tx:
            tx.audit("assign", actor="Aoi")
            tx.session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        stumble()
    assert _count(any_database) == 0


def test_a_snapshot_is_one_view_and_does_not_hold_up_a_writer(any_database: Database) -> None:
    with any_database.snapshot(OURS) as tx:
        count = select(func.count(AuditEvent.id))
        before = tx.session.scalar(count)
        _write(any_database)
        assert tx.session.scalar(count) == before
    assert _count(any_database) == 1


def test_what_a_snapshot_writes_is_dropped(any_database: Database) -> None:
    with any_database.snapshot(OURS) as tx:
        tx.audit("assign", actor="Aoi")
        tx.emit("assigned")
        tx.session.flush()
    assert _count(any_database) == 0


def test_every_row_of_a_transaction_carries_its_moment(any_database: Database) -> None:
    with any_database.transaction(OURS) as tx:
        tx.audit("assign", actor="Aoi")
        tx.emit("assigned")
    with any_database.snapshot(OURS) as tx:
        assert tx.session.scalars(select(AuditEvent.at)).all() == [NOON]
        assert tx.session.scalars(select(LiveEvent.at)).all() == [NOON]


def test_a_broken_rule_of_a_table_stays_the_callers_business(any_database: Database, aoi: User) -> None:
    twin = User(login=aoi.login, display_name="Aoi", password_hash="!", role="agent", created_at=NOON)
    with any_database.transaction(OURS) as tx:
        tx.session.add(twin)
        with pytest.raises(IntegrityError):
            tx.session.flush()
        tx.session.rollback()


def test_sqlite_is_opened_for_safety(database: Database) -> None:
    with database.connect(writes=False) as connection:
        asked = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        told = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in asked}
    # FULL, not NORMAL: a claim on a delivery must survive a power cut, or its reply would be sent again.
    assert told == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 10_000}


def test_a_lock_of_another_program_is_told_and_reading_goes_on(database: Database) -> None:
    impatient = Database(database.url, clock=database.clock, busy_timeout_seconds=0.05)
    with closing(sqlite3.connect(_path(database), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StorageError, match="locked by another program") as told:
            _write(impatient)
        assert "End what holds it" in told.value.remedy
        assert _count(impatient) == 0
        other.execute("ROLLBACK")
    _write(impatient)
    assert _count(impatient) == 1
    impatient.close()


def test_a_new_file_that_others_open_too_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(sqlite3.connect(tmp_path / "new.db", isolation_level=None)) as other:
        other.execute("CREATE TABLE half_made (id INTEGER)")
        other.execute("BEGIN IMMEDIATE")
        waited: list[float] = []

        def let_go(seconds: float) -> None:
            waited.append(seconds)
            other.execute("ROLLBACK")

        monkeypatch.setattr("storage.database.sleep", let_go)
        database = Database(f"sqlite:///{tmp_path / 'new.db'}")
        with database.connect(writes=False) as connection:
            assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert len(waited) == 1
        database.close()


def test_a_new_file_that_others_hold_for_good_is_told(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "new.db", isolation_level=None)) as other:
        other.execute("CREATE TABLE half_made (id INTEGER)")
        other.execute("BEGIN IMMEDIATE")
        database = Database(f"sqlite:///{tmp_path / 'new.db'}", busy_timeout_seconds=0.05)
        with pytest.raises(StorageError, match="locked by another program"):
            _write(database)


@pytest.fixture
def full(database: Database) -> Iterator[Database]:
    """A database on a disk with room for a few kilobytes more."""
    with database.connect(writes=False) as connection:
        pages = int(connection.exec_driver_sql("PRAGMA page_count").scalar_one()) + 8

    def limit(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute(f"PRAGMA max_page_count={pages}").close()

    limited = Database(database.url, clock=database.clock)
    event.listen(limited.engine, "connect", limit)
    yield limited
    limited.close()


@pytest.mark.parametrize("when", ["at a flush", "at the end"])
def test_a_full_disk_is_told_and_nothing_of_the_step_stays(full: Database, database: Database, when: str) -> None:
    _write(full)

    def overflow() -> None:
        with full.transaction(OURS) as tx:
            for _ in range(10):
                tx.audit("assign", actor="Aoi", detail={"note": "x" * 10_000})
                if when == "at a flush":
                    tx.session.flush()

    with pytest.raises(StorageError, match="disk is full") as told:
        overflow()
    assert "Free space" in told.value.remedy
    assert _count(full) == 1
    _write(database, "x" * 100_000)  # room again
    assert _count(full) == 2


def test_a_file_that_may_not_be_written_is_told(database: Database) -> None:
    read_only = Database(f"sqlite:///file:{_path(database)}?mode=ro&uri=true", clock=database.clock)
    assert _count(read_only) == 0
    with pytest.raises(StorageError, match="cannot be written") as told:
        _write(read_only)
    assert "owner and rights" in told.value.remedy
    read_only.close()


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'nowhere' / 'kikite.db'}")
    with pytest.raises(StorageError, match="cannot be opened"):
        _write(database)


@pytest.mark.parametrize("damage", ["not a database", "torn page"])
def test_a_damaged_file_is_told(database: Database, damage: str) -> None:
    _write(database, "x" * 50_000)
    database.close()
    file = Path(_path(database))
    content = file.read_bytes()
    file.write_bytes(b"?" * 4096 if damage == "not a database" else content[:4096] + b"?" * (len(content) - 4096))
    with pytest.raises(StorageError, match="damaged") as told:
        _write(database)
    assert "backup" in told.value.remedy


def test_missing_tables_are_told(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'empty.db'}")
    with pytest.raises(StorageError, match="no tables yet"):
        _write(database)
    database.close()


@pytest.mark.partner
def test_missing_tables_are_told_on_postgresql(empty_postgres_url: str) -> None:
    database = Database(empty_postgres_url)
    with pytest.raises(StorageError, match="no tables yet") as told:
        _write(database)
    assert "kikite init" in told.value.remedy
    database.close()


def test_a_server_that_is_away_is_told(tmp_path: Path) -> None:
    database = Database(f"postgresql://kikite@/kikite?host={tmp_path}")
    with pytest.raises(StorageError, match="PostgreSQL does not answer") as told:
        _write(database)
    assert "storage.url" in told.value.remedy


@pytest.mark.partner
def test_a_missing_database_is_told(postgres_url: str) -> None:
    database = Database(postgres_url.replace("kikite_test", "nowhere"))
    with pytest.raises(StorageError, match="no such database"):
        _write(database)


@pytest.mark.partner
@pytest.mark.parametrize("when", ["in the middle", "between"])
def test_a_server_that_goes_away_is_told_and_work_resumes(postgres_url: str, clock: FixedClock, when: str) -> None:
    database = Database(postgres_url, clock=clock)
    _write(database)

    def end_connections() -> None:
        with psycopg.connect(postgres_url, autocommit=True) as other:
            other.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )

    def be_interrupted() -> None:
        with database.transaction(OURS) as tx:
            tx.audit("assign", actor="Aoi")
            tx.session.flush()
            end_connections()

    if when == "between":
        end_connections()
    else:
        with pytest.raises(StorageError, match="PostgreSQL does not answer"):
            be_interrupted()
    _write(database)
    assert _count(database) == 2
    database.close()


@pytest.mark.partner
def test_a_server_that_takes_no_writes_is_told(postgres_url: str) -> None:
    database = Database(f"{postgres_url}&options=-c%20default_transaction_read_only%3Don")
    assert _count(database) == 0
    with pytest.raises(StorageError, match="takes no writes"):
        _write(database)
    database.close()


@pytest.mark.parametrize(
    ("cause", "told"),
    [
        (errors.DiskFull(), "disk is full"),
        (errors.TooManyConnections(), "no free connection"),
        (errors.InvalidPassword(), "refuses the sign-in"),
        (errors.InsufficientPrivilege(), "refuses the sign-in"),
        (errors.LockNotAvailable(), "locked by another program"),
        (errors.DeadlockDetected(), "wanted the same rows"),
        (errors.UndefinedColumn(), "old ones"),
        (errors.AdminShutdown(), "does not answer"),
        (psycopg.OperationalError("password authentication failed for user"), "refuses the sign-in"),
        (psycopg.OperationalError("server closed the connection unexpectedly"), "does not answer"),
        (sqlite3.OperationalError("no such column: x"), None),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_what_the_drivers_say_is_put_into_words(cause: Any, told: str | None) -> None:  # noqa: ANN401 - any driver's error
    explanation = explain(OperationalError("SELECT", {}, cause))
    if told is None:
        assert explanation is None
    else:
        assert explanation is not None
        assert told in explanation.message
        assert explanation.remedy


def test_a_crowded_pool_is_put_into_words() -> None:
    explanation = explain(PoolTimeoutError("QueuePool limit"))
    assert explanation is not None
    assert "in use" in explanation.message


def test_a_value_the_database_refuses_is_a_fault_of_ours() -> None:
    assert explain(DataError("INSERT", {}, errors.StringDataRightTruncation())) is None


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("just words", "not a database URL"),
        ("mysql://aoi:secret@host/shop", "no rows in mysql"),
        ("://aoi:secret@host", "not a database URL"),
    ],
)
def test_a_url_that_cannot_work_is_refused_without_repeating_its_password(url: str, told: str) -> None:
    with pytest.raises(StorageError, match=told) as refused:
        Database(url)
    assert refused.value.remedy
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg", "postgresql+psycopg2"])
def test_every_usual_spelling_means_the_driver_we_ship(scheme: str) -> None:
    assert Database(f"{scheme}://aoi@host/shop").engine.driver == "psycopg"


def test_a_missing_driver_names_the_extra_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(StorageError, match="not installed") as refused:
        Database("postgresql://aoi@host/shop")
    assert "kikite[postgres]" in refused.value.remedy
