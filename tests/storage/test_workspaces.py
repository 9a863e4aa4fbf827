"""The tenant of a home is found or made once."""

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import delete, func, select

from storage.database import NO_WORKSPACE, Database
from storage.models import Workspace
from storage.workspaces import ensure_workspace
from tests.cast import OURS


def test_the_first_workspace_is_found(any_database: Database) -> None:
    assert ensure_workspace(any_database, "Another name") == OURS


def test_many_processes_that_start_in_an_empty_database_make_one(any_database: Database) -> None:
    with any_database.transaction(NO_WORKSPACE) as tx:
        tx.session.execute(delete(Workspace))
    with ThreadPoolExecutor(8) as starters:
        made = set(starters.map(lambda _: ensure_workspace(any_database, "Our shop"), range(8)))
    assert len(made) == 1
    with any_database.snapshot(NO_WORKSPACE) as tx:
        assert tx.session.scalar(select(func.count(Workspace.id))) == 1
        assert tx.session.scalars(select(Workspace.name)).one() == "Our shop"
