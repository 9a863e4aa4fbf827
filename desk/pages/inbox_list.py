"""``/inbox``: the queue with its first conversation; ``/inbox/rows`` and ``/inbox/pulse`` feed the open page."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, Response

from desk.inbox_view import Place, read_cursor, read_split, show_inbox, write_cursor
from desk.visits import LARGEST_ROW, AtDesk, read_frame
from storage.inbox import count_arrivals, count_splits, list_queue

router = APIRouter()


@router.get("/")
def open_desk(visit: AtDesk) -> Response:
    """Go to the inbox."""
    return visit.go("/inbox")


@router.get("/inbox")
def show_queue(visit: AtDesk, split: str = "", after: str = "", said: str = "") -> HTMLResponse:
    """Show the queue; on a wide screen its first conversation beside it."""
    return show_inbox(visit, Place(split=read_split(split), after=read_cursor(after), said=said))


@router.get("/inbox/rows")
def show_rows(visit: AtDesk, split: str = "", after: str = "") -> HTMLResponse:
    """Show a further page of rows (after a place), or the list anew."""
    place = Place(split=read_split(split), after=read_cursor(after))
    with visit.reading() as tx:
        queue = list_queue(tx, split=place.split, user_id=visit.user.user_id, after=place.after)
        counts = count_splits(tx, user_id=visit.user.user_id)
    return visit.page(
        "parts/rows.html" if place.after else "parts/queue.html",
        place=place,
        queue=queue,
        counts=counts,
        cursor=write_cursor(queue.rows[-1].key) if queue.more else "",
        case=None,
    )


@router.get("/inbox/pulse")
def show_pulse(visit: AtDesk, split: str = "", newest: Annotated[int, Query(ge=0, le=LARGEST_ROW)] = 0) -> HTMLResponse:
    """Tell an open page what is new since ``newest``: arrivals and counts, nothing that moves a row."""
    place = Place(split=read_split(split))
    with visit.reading() as tx:
        arrivals = count_arrivals(tx, split=place.split, user_id=visit.user.user_id, newest_mention_id=newest)
        counts = count_splits(tx, user_id=visit.user.user_id)
        frame = read_frame(tx, visit.user)
    return visit.page("parts/pulse.html", place=place, arrivals=arrivals, counts=counts, frame=frame, newest=newest)
