"""Chika works in another workspace. Whatever a repository writes, she must see nothing of ours and change nothing."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import (
    Select,
    case,
    cast,
    delete,
    exists,
    extract,
    func,
    insert,
    literal,
    literal_column,
    select,
    text,
    true,
    union_all,
    update,
)
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Bundle, Session, aliased
from sqlalchemy.types import BigInteger

from storage.database import Database
from storage.isolation import EVERY_WORKSPACE, WorkspaceWallError
from storage.models import Base, Conversation, Draft, LiveEvent, Mention, User, Workspace
from tests.cast import NOON, OURS, THEIRS
from tests.rows import Thread, make_conversation_with_mention, make_draft

OTHER = aliased(Mention)
TABLE = Base.metadata.tables["mention"]
TABLE_ALIAS = TABLE.alias()
SOME: Any = func.count() > 0


def _by_cte() -> Select[Any]:
    found = select(Mention.id).cte("found")
    return select(found.c.id)


def _by_subquery() -> Select[Any]:
    found = select(Mention.id, Mention.text).subquery()
    return select(Conversation.id, found.c.text).join(found, true())


FILTERED: dict[str, Callable[[], Any]] = {
    "model": lambda: select(Mention),
    "column": lambda: select(Mention.text),
    "alias": lambda: select(OTHER),
    "column of an alias": lambda: select(OTHER.id),
    "bundle": lambda: select(Bundle("both", Mention.id, Mention.text)),
    "join": lambda: select(Mention.id).join(Conversation, Conversation.id == Mention.conversation_id),
    "join of itself": lambda: select(Mention.id, OTHER.id).join(OTHER, OTHER.id == Mention.id),
    "join from a table without workspace": lambda: select(Workspace.id, Mention.id).join(Mention, true()),
    "outer join": lambda: (
        select(Workspace.id).outerjoin(Mention, Mention.workspace_id == Workspace.id).where(Mention.id.is_not(None))
    ),
    "count": lambda: select(func.count()).select_from(Mention).having(SOME),
    "count where": lambda: select(func.count()).where(Mention.id > 0).having(SOME),
    "greatest": lambda: select(func.coalesce(func.max(Mention.id), 0)).having(func.max(Mention.id) > 0),
    "cast": lambda: select(cast(Mention.id, BigInteger)),
    "case": lambda: select(func.sum(case((Mention.id > 0, 1), else_=0))).having(SOME),
    "exists": lambda: select(literal(1)).where(exists().where(Mention.id > 0)),
    "exists of a select": lambda: select(Workspace.id).where(select(Mention.id).exists()),
    "in": lambda: select(Workspace.id).where(Workspace.id.in_(select(Mention.workspace_id))),
    "scalar subquery": lambda: select(Workspace.id).where(select(Mention.id).limit(1).scalar_subquery().is_not(None)),
    "subquery": _by_subquery,
    "model of a subquery": lambda: select(aliased(Mention, select(Mention).subquery())),
    "common table expression": _by_cte,
    "union": lambda: union_all(select(Mention.id), select(OTHER.id)),
    "union in a subquery": lambda: select(union_all(select(Mention.id), select(OTHER.id)).subquery()),
    "from_statement": lambda: select(Mention).from_statement(select(Mention)),
}

REFUSED: dict[str, Callable[[], Any]] = {
    "table": lambda: select(TABLE),
    "column of a table": lambda: select(TABLE.c.id),
    "alias of a table": lambda: select(TABLE_ALIAS),
    "model joined with a table": lambda: select(Workspace.id).join(TABLE, TABLE.c.workspace_id == Workspace.id),
    "model joined with an alias": lambda: select(Conversation.id).join(TABLE_ALIAS, TABLE_ALIAS.c.id > 0),
    "model filled from a table": lambda: select(Mention).from_statement(select(TABLE)),
    "model filled from text": lambda: select(Mention).from_statement(text("SELECT * FROM mention")),
    "text": lambda: text("SELECT id FROM mention"),
    "text as a table": lambda: select(literal_column("id")).select_from(text("mention")),
    "function that hides its model": lambda: select(func.row_number().over(order_by=Mention.id)),
    "filter that hides its model": lambda: select(func.count().filter(Mention.id > 0)),
    "extract that hides its model": lambda: select(extract("hour", Mention.created_at)),
    "update of a table": lambda: update(TABLE).values(text="x"),
    "delete from a table": lambda: delete(TABLE),
    "insert into a table": lambda: insert(TABLE).values(text="x"),
    "insert from select": lambda: insert(LiveEvent).from_select(["kind"], select(Mention.text)),
}


@pytest.fixture
def ours(any_database: Database) -> Thread:
    """A case of ours that Chika must never find."""
    with any_database.transaction(OURS) as tx:
        thread = make_conversation_with_mention(tx)
        make_draft(tx, mention=thread.mention)
    return thread


@pytest.fixture
def chikas_session(any_database: Database, ours: Thread) -> Iterator[Session]:
    """A transaction in Chika's workspace; afterwards our mention must stand as it was."""
    with any_database.transaction(THEIRS) as tx:
        yield tx.session
    with any_database.snapshot(OURS) as tx:
        assert tx.session.get_one(Mention, ours.mention.id).text == ours.mention.text


@pytest.mark.parametrize("form", FILTERED)
def test_she_reads_nothing_of_ours_and_we_do(chikas_session: Session, any_database: Database, form: str) -> None:
    assert chikas_session.execute(FILTERED[form]()).all() == []
    with any_database.snapshot(OURS) as tx:
        assert tx.session.execute(FILTERED[form]()).all() != []


@pytest.mark.parametrize("form", REFUSED)
def test_what_cannot_be_filtered_is_refused(chikas_session: Session, form: str) -> None:
    with pytest.raises(WorkspaceWallError):
        chikas_session.execute(REFUSED[form]())


def test_she_cannot_load_by_key(chikas_session: Session, ours: Thread) -> None:
    assert chikas_session.get(Mention, ours.mention.id) is None
    assert chikas_session.query(Mention).filter_by(id=ours.mention.id).first() is None


@pytest.mark.parametrize(
    "change",
    [
        update(Mention).values(text="x"),
        update(Mention).where(Mention.conversation_id.in_(select(Draft.conversation_id))).values(text="x"),
        delete(Mention),
        delete(Conversation),
    ],
    ids=["update", "update where", "delete", "delete of the parent"],
)
def test_she_changes_nothing_of_ours(chikas_session: Session, change: Any) -> None:  # noqa: ANN401 - two kinds of statements
    result: Any = chikas_session.execute(change)
    assert result.rowcount == 0


def test_an_update_by_primary_key_is_refused(chikas_session: Session, ours: Thread) -> None:
    with pytest.raises(WorkspaceWallError, match="primary key"):
        chikas_session.execute(update(Mention), [{"id": ours.mention.id, "text": "x"}])
    with pytest.raises(WorkspaceWallError):
        chikas_session.bulk_update_mappings(Mention.__mapper__, [{"id": ours.mention.id, "text": "x"}])


def test_a_row_for_another_workspace_is_refused(chikas_session: Session) -> None:
    chikas_session.add(LiveEvent(workspace_id=OURS, at=NOON, kind="x"))
    with pytest.raises(WorkspaceWallError, match="workspace 1 in a transaction of workspace 2"):
        chikas_session.flush()
    chikas_session.rollback()


@pytest.mark.parametrize("action", ["change", "delete", "move"])
def test_a_row_carried_over_from_another_workspace_is_refused(
    chikas_session: Session, aoi: User, chika: User, action: str
) -> None:
    row = chikas_session.merge(chika, load=False) if action == "move" else aoi
    chikas_session.add(row)
    if action == "change":
        row.role = "admin"
    elif action == "move":
        row.workspace_id = OURS
    else:
        chikas_session.delete(row)
    with pytest.raises(WorkspaceWallError):
        chikas_session.flush()
    chikas_session.rollback()


def test_bulk_inserts_land_in_the_workspace_of_their_transaction(any_database: Database) -> None:
    rows = [{"at": NOON, "kind": f"kind-{number}"} for number in range(3)]
    dialect_insert = postgresql_insert if any_database.engine.dialect.name == "postgresql" else sqlite_insert
    with any_database.transaction(THEIRS) as tx:
        tx.session.execute(insert(LiveEvent), rows)
        tx.session.execute(insert(LiveEvent).returning(LiveEvent.id), rows).all()
        tx.session.execute(dialect_insert(LiveEvent).values(rows).on_conflict_do_nothing())
    with any_database.snapshot(THEIRS) as tx:
        assert set(tx.session.scalars(select(LiveEvent.workspace_id))) == {THEIRS}
        assert tx.session.scalar(select(func.count(LiveEvent.id))) == 9


@pytest.mark.parametrize("form", ["rows", "values", "many values"])
def test_a_bulk_insert_for_another_workspace_is_refused(chikas_session: Session, form: str) -> None:
    theirs = {"workspace_id": THEIRS, "at": NOON, "kind": "x"}
    stranger = theirs | {"workspace_id": OURS}
    statement, rows = {
        "rows": (insert(LiveEvent), [theirs, stranger]),
        "values": (insert(LiveEvent).values(stranger), None),
        "many values": (insert(LiveEvent).values([theirs, stranger]), None),
    }[form]
    with pytest.raises(WorkspaceWallError):
        chikas_session.execute(statement, rows)


def test_rows_cannot_be_moved_by_an_update(any_database: Database) -> None:
    with any_database.transaction(OURS) as tx:
        tx.session.add(LiveEvent(at=NOON, kind="x"))
        tx.session.flush()
        with pytest.raises(WorkspaceWallError):
            tx.session.execute(update(LiveEvent).values(workspace_id=THEIRS))


def test_a_statement_may_ask_for_every_workspace_by_name(chikas_session: Session) -> None:
    everywhere = select(Mention.workspace_id).execution_options(**{EVERY_WORKSPACE: True})
    assert chikas_session.scalars(everywhere).all() == [OURS]
