"""``/sent``: what people approved, by what it needs: doubts first, then what is on its way, then what is done."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from desk.visits import LARGEST_ROW, AtDesk, read_frame
from domain.lifecycle import DeliveryState
from storage.outbox import list_deliveries

router = APIRouter()
PAGE_SIZE = 50
ON_THEIR_WAY = (DeliveryState.HELD, DeliveryState.QUEUED, DeliveryState.SENDING)
DONE = (DeliveryState.SENT, DeliveryState.REFUSED, DeliveryState.CANCELLED)


@router.get("/sent")
def show_sent(visit: AtDesk, before: Annotated[int, Query(ge=0, le=LARGEST_ROW)] = 0, said: str = "") -> HTMLResponse:
    """Show the outbox. ``before`` pages back through what is done."""
    with visit.reading() as tx:
        doubtful = list_deliveries(tx, states=(DeliveryState.UNCERTAIN,), limit=PAGE_SIZE + 1)
        by_hand = list_deliveries(tx, states=(DeliveryState.HANDED_OFF,), limit=PAGE_SIZE + 1)
        on_their_way = list_deliveries(tx, states=ON_THEIR_WAY, limit=PAGE_SIZE + 1)
        done = list_deliveries(tx, states=DONE, limit=PAGE_SIZE + 1, before_id=before or None)
        # Rendered while the rows are alive: they are the database's own.
        return visit.page(
            "sent.html",
            frame=read_frame(tx, visit.user),
            said=said,
            doubtful=doubtful,
            by_hand=by_hand,
            on_their_way=on_their_way,
            done=done,
            page_size=PAGE_SIZE,
            before=before,
            older=done[PAGE_SIZE - 1].delivery.id if len(done) > PAGE_SIZE else None,
        )
