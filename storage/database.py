"""Opening a database and working in it: engines for SQLite and PostgreSQL, and the transaction at the edge.

Application code never commits: ``with database.transaction(workspace_id) as tx`` commits at its end or rolls back.
"""

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic, sleep
from typing import Any, cast

from sqlalchemy import BigInteger, Connection, Engine, bindparam, create_engine, event, func, make_url, select
from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor
from sqlalchemy.exc import ArgumentError
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

from domain.clock import Clock, SystemClock
from domain.errors import StorageError
from domain.ids import WorkspaceId
from storage.failures import explained
from storage.isolation import ConfinedSession, guard_values
from storage.models import AuditEvent, LiveEvent
from storage.models.base import WORKSPACE

BUSY_TIMEOUT_SECONDS = 10
EXAMPLES = "Use `postgresql://user:password@host/database`, or leave it empty for SQLite in the home."
WRITES = "kikite_writes"
NO_WORKSPACE = WorkspaceId(0)
"""For transactions that touch only what belongs to no workspace: workspaces themselves, leases."""


@dataclass(frozen=True, kw_only=True)
class Transaction:
    """One unit of work in one workspace. Repositories are functions that take it first."""

    session: Session
    workspace_id: WorkspaceId
    now: datetime
    """The moment the transaction began; every row it writes carries this one."""
    events: list[LiveEvent] = field(default_factory=list, repr=False)
    """What ``emit`` collected; written as the last thing before the commit."""

    @property
    def is_postgresql(self) -> bool:
        """True where ``FOR UPDATE SKIP LOCKED`` exists."""
        return self.session.get_bind().dialect.name == "postgresql"

    def audit(
        self,
        verb: str,
        *,
        actor: str,
        user_id: int | None = None,
        conversation_id: int | None = None,
        subject: str = "",
        detail: dict[str, Any] | None = None,
    ) -> None:
        """Append to the audit trail in this transaction."""
        self.session.add(
            AuditEvent(
                workspace_id=self.workspace_id,
                at=self.now,
                user_id=user_id,
                actor=actor,
                verb=verb,
                conversation_id=conversation_id,
                subject=subject,
                detail=detail or {},
            )
        )

    def emit(self, kind: str, *, conversation_id: int | None = None) -> None:
        """Tell open desks, once this transaction is committed, that something changed."""
        self.events.append(
            LiveEvent(workspace_id=self.workspace_id, at=self.now, kind=kind, conversation_id=conversation_id)
        )


class Database:
    """A database in one process. Thread-safe."""

    def __init__(
        self, url: str, *, clock: Clock | None = None, busy_timeout_seconds: float = BUSY_TIMEOUT_SECONDS
    ) -> None:
        self.clock: Clock = clock or SystemClock()
        self.url = url
        self.engine = _make_engine(url, busy_timeout_seconds)
        guard_values(self.engine)

    @contextmanager
    def transaction(self, workspace_id: WorkspaceId) -> Iterator[Transaction]:
        """Write: commits at the end, rolls back on any error. On SQLite it takes the write lock at once, so it never
        fails half-way for being busy. Keep it short; no network inside. Raises ``StorageError`` with a remedy when the
        database is locked, full or away.
        """
        with self._session(workspace_id, writes=True) as tx:
            yield tx
            tx.session.flush()
            if tx.events:
                # Last of all and one transaction after the other, so that events become visible in the order of their
                # ids and no reader's "everything after id n" leaves one behind.
                take_turn(tx.session.connection(), f"live events of workspace {workspace_id}")
                tx.session.add_all(tx.events)
            tx.session.commit()

    @contextmanager
    def snapshot(self, workspace_id: WorkspaceId) -> Iterator[Transaction]:
        """Read only: one consistent view, never blocks a writer. Whatever is written is rolled back."""
        with self._session(workspace_id, writes=False) as tx:
            yield tx
            tx.session.rollback()

    @contextmanager
    def _session(self, workspace_id: WorkspaceId, *, writes: bool) -> Iterator[Transaction]:
        with (
            self.connect(writes=writes) as connection,
            ConfinedSession(connection.execution_options(**{WORKSPACE: workspace_id}), workspace_id) as session,
        ):
            yield Transaction(session=session, workspace_id=workspace_id, now=self.clock.now())

    @contextmanager
    def connect(self, *, writes: bool) -> Iterator[Connection]:
        """Give a bare connection, for migrations and the doctor. Raises as ``transaction``."""
        with explained(), self.engine.connect() as connection:
            options: dict[str, Any] = {WRITES: writes}
            if not writes and connection.dialect.name == "postgresql":
                options["isolation_level"] = "REPEATABLE READ"
            yield connection.execution_options(**options)

    def drop_old_pages(self) -> bool:
        """Take what was blanked out of the files, too: on SQLite the write-ahead log still holds the pages as they were before.

        Never waits. False: somebody reads or writes right now, so it is for another time. On PostgreSQL vacuum does it.
        """
        if self.engine.dialect.name != "sqlite":
            return True
        with explained():
            connection = self.engine.raw_connection()
            try:
                return _truncate_log(connection.cursor())
            finally:
                connection.close()

    def close(self) -> None:
        """Give back every connection."""
        self.engine.dispose()


def take_turn(connection: Connection, duty: str) -> None:
    """Wait until nobody else is in a transaction with the same ``duty``; the turn ends with this transaction.

    SQLite lets one transaction write at a time anyway.
    """
    if connection.dialect.name == "postgresql":
        number = int.from_bytes(hashlib.sha256(f"kikite: {duty}".encode()).digest()[:8], signed=True)
        connection.execute(select(func.pg_advisory_xact_lock(bindparam("number", number, BigInteger))))


def _make_engine(url: str, busy_timeout_seconds: float) -> Engine:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        # Not the URL itself: it may carry a password.
        raise StorageError("storage.url is not a database URL.", remedy=EXAMPLES) from error
    if parsed.get_backend_name() == "sqlite":
        engine = create_engine(parsed, connect_args={"timeout": busy_timeout_seconds, "check_same_thread": False})
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    if parsed.get_backend_name() not in {"postgresql", "postgres"}:
        raise StorageError(f"Kikite keeps no rows in {parsed.get_backend_name()}.", remedy=EXAMPLES)
    try:
        return create_engine(
            parsed.set(drivername="postgresql+psycopg"), pool_pre_ping=True, pool_size=10, max_overflow=20
        )
    except ImportError as error:
        raise StorageError(
            "The driver for PostgreSQL is not installed.", remedy="Run `pip install 'kikite[postgres]'`."
        ) from error


def _prepare_sqlite(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves, below
    cursor = connection.cursor()
    _use_write_ahead_log(cursor)
    # FULL: what is committed survives a power cut. A claim on a delivery that did not would be sent twice.
    # secure_delete: deleted text is overwritten and not only forgotten. Not FAST, which leaves it on pages that become free.
    for pragma in ("synchronous=FULL", "foreign_keys=ON", "temp_store=MEMORY", "secure_delete=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _truncate_log(cursor: DBAPICursor) -> bool:
    cursor.execute("PRAGMA busy_timeout")
    (milliseconds,) = cast("tuple[int]", cursor.fetchone())
    cursor.execute("PRAGMA busy_timeout=0")
    try:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        is_busy, _, _ = cast("tuple[int, int, int]", cursor.fetchone())
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF not in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
            raise
        return False
    else:
        return not is_busy
    finally:
        cursor.execute(f"PRAGMA busy_timeout={milliseconds}")
        cursor.close()


def _use_write_ahead_log(cursor: DBAPICursor) -> None:
    """Switch a new file over, once in its life. SQLite does not wait here by itself while others open the file too."""
    cursor.execute("PRAGMA busy_timeout")
    (milliseconds,) = cast("tuple[int]", cursor.fetchone())
    deadline = monotonic() + milliseconds / 1000
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or monotonic() > deadline:
                raise
            sleep(0.01)
        else:
            return


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(WRITES, True)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
