"""Live events: hints that something changed, of this workspace only, until the session or the desk ends."""

import threading

import anyio
import pytest
from fastapi.sse import ServerSentEvent
from starlette.requests import Request

from desk.app import make_app
from desk.pages import events_stream
from desk.visits import Visit, open_visit
from domain.ids import WorkspaceId
from storage.database import Database
from storage.models import User
from storage.people import close_session
from tests.cast import OURS, THEIRS
from tests.desk.conftest import OpenDesk
from tests.desk.setting import make_context, sign_in


async def collect(visit: Visit, *, until: int) -> list[ServerSentEvent]:
    told = []
    with anyio.fail_after(10):
        async for event in events_stream.stream_events(visit):
            told.append(event)
            if len(told) >= until:
                break
    return told


def visit_of(database: Database, user: User, home: object) -> tuple[Visit, str]:
    token = sign_in(database, user)
    app = make_app(make_context(database, WorkspaceId(user.workspace_id), home))  # type: ignore[arg-type]  # a path
    scope = {
        "type": "http",
        "app": app,
        "headers": [(b"cookie", f"kikite_session={token}".encode())],
        "method": "GET",
        "path": "/events",
    }
    return open_visit(Request(scope)), token


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events_stream, "STEP_SECONDS", 0.01)


def test_each_kind_of_change_is_told_once_and_only_ours(database: Database, ben: User, tmp_path: object) -> None:
    visit, _ = visit_of(database, ben, tmp_path)

    async def follow() -> list[ServerSentEvent]:
        stream = events_stream.stream_events(visit)
        first = await anext(stream)
        with database.transaction(THEIRS) as tx:
            tx.emit("theirs")
        with database.transaction(OURS) as tx:
            tx.emit("delivery")
            tx.emit("delivery")
            tx.emit("review")
        with anyio.fail_after(10):
            return [first, await anext(stream), await anext(stream)]

    ready, one, two = anyio.run(follow)
    assert ready.comment == "ready"
    assert (one.raw_data, two.raw_data) == ("delivery", "review")


def test_the_stream_ends_when_the_desk_stops(database: Database, ben: User, tmp_path: object) -> None:
    visit, _ = visit_of(database, ben, tmp_path)
    stopping: threading.Event = visit.request.app.state.stopping

    async def follow() -> int:
        count = 0
        with anyio.fail_after(10):
            async for _event in events_stream.stream_events(visit):
                count += 1
                stopping.set()
        return count

    assert anyio.run(follow) == 1


def test_the_stream_ends_with_its_session(
    database: Database, ben: User, tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events_stream, "HEARTBEAT_STEPS", 2)
    visit, token = visit_of(database, ben, tmp_path)
    with database.transaction(OURS) as tx:
        close_session(tx, token)
    told = anyio.run(lambda: collect(visit, until=50))
    assert [event.comment for event in told] == ["ready"]


def test_without_a_session_the_stream_is_refused_so_that_the_page_can_tell(open_desk: OpenDesk) -> None:
    answer = open_desk(None).get("/events", headers={"Accept": "text/event-stream"})
    assert answer.status_code == 401
