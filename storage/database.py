"""Opening a database and working in it: engines for SQLite and PostgreSQL, and the transaction at the edge.

Application code never commits: ``with database.transaction(workspace_id) as tx`` commits at its end or rolls back.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import ORMExecuteState, Session, with_loader_criteria
from sqlalchemy.pool import ConnectionPoolEntry

from domain.clock import Clock, SystemClock
from domain.errors import StorageError
from domain.ids import WorkspaceId
from storage.models import AuditEvent, LiveEvent, WorkspaceScoped

BUSY_TIMEOUT_SECONDS = 10
WRITES = "kikite_writes"


@dataclass(frozen=True, kw_only=True)
class Transaction:
    """One unit of work in one workspace. Repositories are functions that take it first."""

    session: Session
    workspace_id: WorkspaceId
    now: datetime
    """The moment the transaction began; every row it writes carries this one."""

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
        self.session.add(
            LiveEvent(workspace_id=self.workspace_id, at=self.now, kind=kind, conversation_id=conversation_id)
        )


class Database:
    """A database in one process. Thread-safe."""

    def __init__(self, url: str, *, clock: Clock | None = None) -> None:
        self.clock: Clock = clock or SystemClock()
        self.url = url
        self.engine = _make_engine(url)

    @contextmanager
    def transaction(self, workspace_id: WorkspaceId) -> Iterator[Transaction]:
        """Write: commits at the end, rolls back on any error. On SQLite it takes the write lock at once, so it never
        fails half-way for being busy. Keep it short; no network inside. Raises ``StorageError`` with a remedy when the
        database is locked, full or away.
        """
        with self._session(workspace_id, writes=True) as tx:
            yield tx

    @contextmanager
    def snapshot(self, workspace_id: WorkspaceId) -> Iterator[Transaction]:
        """Read only: one consistent view, never blocks a writer on SQLite. Whatever is written is rolled back."""
        with self._session(workspace_id, writes=False) as tx:
            yield tx

    @contextmanager
    def _session(self, workspace_id: WorkspaceId, *, writes: bool) -> Iterator[Transaction]:
        try:
            with (
                self.engine.connect().execution_options(**{WRITES: writes}) as connection,
                Session(connection, expire_on_commit=False) as session,
            ):
                _scope(session, workspace_id)
                yield Transaction(session=session, workspace_id=workspace_id, now=self.clock.now())
                if writes:
                    session.commit()
                else:
                    session.rollback()
        except OperationalError as error:
            raise explain(error) from error

    def close(self) -> None:
        """Give back every connection."""
        self.engine.dispose()


def _scope(session: Session, workspace_id: WorkspaceId) -> None:
    """Make the session see and write one workspace only, whatever a repository forgets."""

    @event.listens_for(session, "do_orm_execute")
    def add_filter(state: ORMExecuteState) -> None:
        if state.is_select or state.is_update or state.is_delete:
            state.statement = state.statement.options(
                with_loader_criteria(
                    WorkspaceScoped, lambda model: model.workspace_id == workspace_id, include_aliases=True
                )
            )

    @event.listens_for(session, "before_flush")
    def add_workspace(session: Session, _context: object, _instances: object) -> None:
        for row in session.new:
            if isinstance(row, WorkspaceScoped):
                if cast("int | None", row.workspace_id) is None:
                    row.workspace_id = workspace_id
                elif row.workspace_id != workspace_id:
                    msg = f"a row of workspace {row.workspace_id} in a transaction of workspace {workspace_id}"
                    raise ValueError(msg)


def _make_engine(url: str) -> Engine:
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        engine = create_engine(parsed, connect_args={"timeout": BUSY_TIMEOUT_SECONDS, "check_same_thread": False})
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    if parsed.drivername == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
    return create_engine(parsed, pool_pre_ping=True, pool_size=10, max_overflow=20)


def _prepare_sqlite(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves, below
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "temp_store=MEMORY"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(WRITES, True)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def explain(error: DBAPIError) -> StorageError:
    """Return the error people see for a failed statement: what happened and the remedy."""
    words = str(error.orig)
    if "locked" in words or "busy" in words:
        return StorageError("The database is locked by another program.", remedy="End what holds it, then try again.")
    if "full" in words or "No space" in words:
        return StorageError("The disk is full; nothing of this step was stored.", remedy="Free space; work resumes.")
    if "readonly" in words or "unable to open" in words:
        return StorageError("The database cannot be written.", remedy="Check the folder's owner and rights.")
    if "no such table" in words or "does not exist" in words:
        return StorageError("The database has no tables yet.", remedy="Run `kikite init`.")
    return StorageError(f"The database does not answer: {words.splitlines()[0]}", remedy="Run `kikite doctor`.")
