"""A desk for the test client: our workspace with the story on its stage, and one client per person."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from desk.app import make_app
from domain.ids import WorkspaceId
from domain.words import Role
from storage.database import Database
from storage.models import User
from storage.people import normalise_login
from tests.cast import OURS
from tests.desk.setting import hire, make_context, sign_in
from tests.desk.stage import Scene, set_stage

OpenDesk = Callable[..., TestClient]
SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin", "Accept-Language": "en"}


@pytest.fixture
def scene(database: Database, ben: User) -> Scene:
    with database.transaction(OURS) as tx:
        return set_stage(tx, approver=ben)


@pytest.fixture
def open_desk(database: Database, tmp_path: Path) -> Iterator[OpenDesk]:
    """Return a function that opens the desk as somebody (None: nobody) in their own workspace, in English."""
    clients: list[TestClient] = []

    def open_as(user: User | None, *, workspace_id: WorkspaceId = OURS, hold_seconds: int = 10) -> TestClient:
        home = WorkspaceId(user.workspace_id) if user else workspace_id
        app = make_app(make_context(database, home, tmp_path, hold_seconds=hold_seconds))
        client = TestClient(app, headers=SAME_ORIGIN, follow_redirects=False)
        if user:
            with database.transaction(home) as tx:
                tx.session.get_one(User, user.id).language = "en"
            client.cookies.set("kikite_session", sign_in(database, user))
        clients.append(client)
        return client

    yield open_as
    for client in clients:
        client.close()


@pytest.fixture
def dana(database: Database) -> User:
    """A viewer of our workspace."""
    with database.transaction(OURS) as tx:
        return hire(tx, normalise_login("dana"), Role.VIEWER)
