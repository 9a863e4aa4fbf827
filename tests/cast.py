"""The moment and the two workspaces every test plays in, and a database that has them."""

from datetime import UTC, datetime

from domain.ids import WorkspaceId
from storage.database import Database
from storage.models import Base, Workspace

NOON = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
"""Friday noon in Tokyo."""

OURS = WorkspaceId(1)
"""The workspace of Aoi and Ben."""
THEIRS = WorkspaceId(2)
"""Chika's workspace; she must see nothing of ours."""


def furnish(database: Database) -> None:
    """Make every table and both workspaces."""
    Base.metadata.create_all(database.engine)
    add_workspaces(database)


def add_workspaces(database: Database) -> None:
    """Add both workspaces to tables that are empty."""
    for workspace_id, name in ((OURS, "Ours"), (THEIRS, "Theirs")):
        with database.transaction(workspace_id) as tx:
            row = Workspace(name=name, created_at=tx.now)
            tx.session.add(row)
            tx.session.flush()
            assert row.id == workspace_id
