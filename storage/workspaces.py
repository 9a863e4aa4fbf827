"""The tenant of a home: found or made at start."""

from sqlalchemy import select

from domain.ids import WorkspaceId
from storage.database import NO_WORKSPACE, Database, take_turn
from storage.models import Workspace


def ensure_workspace(database: Database, name: str) -> WorkspaceId:
    """Return the first workspace; make one called ``name`` where there is none. Two processes at once make one."""
    with database.transaction(NO_WORKSPACE) as tx:
        take_turn(tx.session.connection(), "first workspace")
        first = tx.session.scalars(select(Workspace.id).order_by(Workspace.id).limit(1)).first()
        if first is None:
            made = Workspace(name=name, created_at=tx.now)
            tx.session.add(made)
            tx.session.flush()
            first = made.id
        return WorkspaceId(first)
