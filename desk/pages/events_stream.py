"""``/events``: tells open pages that something changed (Server-Sent Events). Hints only; pages fetch what they show."""

import threading
from collections.abc import AsyncIterator

import anyio
from fastapi import APIRouter
from fastapi.sse import EventSourceResponse, ServerSentEvent

from desk.visits import COOKIE, AtDesk, Visit
from domain.errors import StorageError
from storage.live_events import events_after, newest_event_id
from storage.people import find_session

router = APIRouter()
STEP_SECONDS = 1.0
HEARTBEAT_STEPS = 15
RETRY_MILLISECONDS = 3000


@router.get("/events", response_class=EventSourceResponse)
async def stream_events(visit: AtDesk) -> AsyncIterator[ServerSentEvent]:
    """Stream kinds of events as they happen, until the session ends or the desk stops."""
    stopping: threading.Event = visit.request.app.state.stopping
    seen = await anyio.to_thread.run_sync(_newest, visit)
    yield ServerSentEvent(comment="ready", retry=RETRY_MILLISECONDS)
    steps = 0
    while not stopping.is_set():
        await anyio.sleep(STEP_SECONDS)
        steps += 1
        try:
            newest, kinds = await anyio.to_thread.run_sync(_fresh, visit, seen)
            if steps % HEARTBEAT_STEPS == 0:
                if not await anyio.to_thread.run_sync(_still_signed_in, visit):
                    return
                yield ServerSentEvent(comment="still here")
        except StorageError:
            continue
        seen = newest
        for kind in kinds:
            yield ServerSentEvent(event="change", raw_data=kind)


def _newest(visit: Visit) -> int:
    with visit.reading() as tx:
        return newest_event_id(tx)


def _fresh(visit: Visit, seen: int) -> tuple[int, list[str]]:
    """Return the newest event's number and the kinds that came since ``seen``, each once."""
    with visit.reading() as tx:
        events = events_after(tx, seen)
        return (events[-1].id if events else seen), list(dict.fromkeys(event.kind for event in events))


def _still_signed_in(visit: Visit) -> bool:
    with visit.reading() as tx:
        return find_session(tx, visit.request.cookies.get(COOKIE, "")) is not None
