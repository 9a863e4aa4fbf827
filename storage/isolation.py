"""The wall between workspaces: a session sees and writes the rows of one workspace, whatever a repository forgets.

Reads, updates and deletes of models get a filter, inserts get the workspace. What cannot be filtered (tables instead of
models, SQL as text, bulk updates by primary key) is refused. See ``tests/storage/test_isolation.py`` for the list.
"""

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any, NoReturn, cast

from sqlalchemy import Alias, Column, Connection, Engine, Select, Table, TextClause, event
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.orm import ORMExecuteState, Session, with_loader_criteria
from sqlalchemy.sql import visitors

from domain.errors import KikiteError
from domain.ids import WorkspaceId
from storage.models import Base, WorkspaceScoped
from storage.models.base import WORKSPACE

SCOPED = frozenset(mapper.local_table for mapper in Base.registry.mappers if issubclass(mapper.class_, WorkspaceScoped))
COLUMN = "workspace_id"
EVERY_WORKSPACE = "kikite_every_workspace"
"""Execution option of a statement that may see every workspace, for a reason told beside it."""


class WorkspaceWallError(KikiteError):
    """A fault of ours: a statement or row would have crossed into another workspace. Nothing was done."""


class ConfinedSession(Session):
    """A session in one workspace for all its life. Its connection carries the workspace as an execution option."""

    def __init__(self, connection: Connection, workspace_id: WorkspaceId) -> None:
        super().__init__(connection, expire_on_commit=False)
        self.workspace_id = workspace_id
        event.listen(self, "do_orm_execute", self._confine_statement)
        event.listen(self, "before_flush", self._confine_rows)

    def _confine_statement(self, state: ORMExecuteState) -> None:
        if state.execution_options.get(EVERY_WORKSPACE):
            return
        _refuse_unfilterable(state)
        if state.is_insert:
            return
        workspace_id = self.workspace_id
        state.statement = state.statement.options(
            with_loader_criteria(
                WorkspaceScoped, lambda model: model.workspace_id == workspace_id, include_aliases=True
            )
        )

    def _confine_rows(self, _session: Session, _context: object, _instances: object) -> None:
        for row in self._rows_to_write():
            # A new row may come without: the column's default fills it.
            if cast("int | None", row.workspace_id) not in {None, self.workspace_id}:
                raise WorkspaceWallError(
                    f"a row of workspace {row.workspace_id} in a transaction of workspace {self.workspace_id}"
                )

    def _rows_to_write(self) -> Iterable[WorkspaceScoped]:
        for rows in (self.new, self.dirty, self.deleted):
            yield from (row for row in rows if isinstance(row, WorkspaceScoped))

    def bulk_save_objects(self, *_: Any, **__: Any) -> NoReturn:  # noqa: ANN401 - refuses whatever it is given
        """Refuse: SQLAlchemy lets nobody look at these rows."""
        raise WorkspaceWallError("bulk_save_objects knows no workspace", remedy="Use add_all or execute(insert(…)).")

    bulk_insert_mappings = bulk_save_objects
    bulk_update_mappings = bulk_save_objects


def _refuse_unfilterable(state: ORMExecuteState) -> None:
    statement = state.statement
    if state.is_update and isinstance(state.parameters, list):
        raise WorkspaceWallError("a bulk update by primary key takes no filter", remedy="Change the rows themselves.")
    if state.is_insert and getattr(statement, "select", None) is not None:
        raise WorkspaceWallError("INSERT … SELECT takes no filter", remedy="Read the rows, then insert them.")
    parts: list[Any] = list(visitors.iterate(cast("Any", statement)))
    texts = [
        statement,
        getattr(statement, "element", None),
        *chain(*(part._from_obj for part in parts if isinstance(part, Select))),  # noqa: SLF001 - no public way that does not compile it
    ]
    if any(isinstance(text, TextClause) for text in texts):
        raise WorkspaceWallError("SQL as text takes no filter", remedy="Write it with models.")
    if any(table not in _tables_of_models(statement) for table in _name_bare_tables(state, parts)):
        raise WorkspaceWallError(
            "a table takes no filter", remedy="Name the model: in select_from(), or as its column."
        )


def _name_bare_tables(state: ORMExecuteState, parts: list[Any]) -> Iterator[object]:
    """Yield every scoped table that the statement selects, changes or compares without its model."""
    named: list[Any] = [getattr(state.statement, "table", None)]
    for part in parts:
        # Joins between models bring bare tables along, so a table counts only where it is selected by itself.
        if isinstance(part, Column):
            named.append(part)
        elif isinstance(part, Select):
            named += part._raw_columns  # noqa: SLF001 - as above
    if isinstance(state.statement, Select) and not state.is_orm_statement:
        named += state.statement.get_final_froms()
    for element in named:
        if not _is_of_a_model(element):
            origin = element.table if isinstance(element, Column) else element
            table = origin.element if isinstance(origin, Alias) else origin
            if table in SCOPED:
                yield table


def _tables_of_models(statement: object) -> frozenset[object]:
    """Return the tables of the models that a SELECT names: SQLAlchemy itself compares their bare columns with keys."""
    if not isinstance(statement, Select):
        return frozenset()
    named = (*statement._raw_columns, *statement._from_obj)  # noqa: SLF001 - as above
    # Tables only: comparing columns for equality would build SQL.
    return frozenset(element for element in named if isinstance(element, Table) and _is_of_a_model(element))


def _is_of_a_model(element: Any) -> bool:  # noqa: ANN401 - any part of a statement
    return "parententity" in getattr(element, "_annotations", ("parententity",))


def guard_values(engine: Engine) -> None:
    """Check every ``workspace_id`` that is inserted or set on a confined connection, just before it leaves."""

    @event.listens_for(engine, "before_cursor_execute")
    def check(*arguments: Any) -> None:  # noqa: ANN401 - the event's six arguments, of which two are read
        connection: Connection = arguments[0]
        context: DefaultExecutionContext | None = arguments[4]
        ours = connection.get_execution_options().get(WORKSPACE)
        if ours is None or context is None or not (context.isinsert or context.isupdate):
            return
        # A row's own value is named workspace_id. VALUES with many rows in one statement: workspace_id_m0, _m1 ...
        first = context.compiled_parameters[0]
        names = [name for name in first if name == COLUMN or name.startswith(f"{COLUMN}_m")]
        if any(values[name] != ours for values in context.compiled_parameters for name in names):
            raise WorkspaceWallError(f"a value for another workspace in a transaction of workspace {ours}")
