"""Fixtures of every tier: a clock that stands still, a database, a home, and the cast (Aoi, Ben, Chika)."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from domain.clock import FixedClock
from domain.ids import WorkspaceId
from storage.database import Database
from storage.models import Base, Workspace

NOON = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
"""Friday noon in Tokyo."""

OURS = WorkspaceId(1)
"""The workspace of Aoi and Ben."""
THEIRS = WorkspaceId(2)
"""Chika's workspace; she must see nothing of ours."""


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOON)


@pytest.fixture
def database(tmp_path: Path, clock: FixedClock) -> Iterator[Database]:
    """A fresh SQLite database with both workspaces."""
    opened = Database(f"sqlite:///{tmp_path / 'kikite.db'}", clock=clock)
    Base.metadata.create_all(opened.engine)
    for workspace_id, name in ((OURS, "Ours"), (THEIRS, "Theirs")):
        with opened.transaction(workspace_id) as tx:
            tx.session.add(Workspace(id=workspace_id, name=name, created_at=tx.now))
    yield opened
    opened.close()
