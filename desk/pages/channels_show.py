"""``/settings/channels``: how far each account was read with nothing missing, what is wrong, what it costs."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from desk.channels_view import GAPS_SHOWN, read_listing
from desk.visits import AtDesk, read_frame

router = APIRouter()


@router.get("/settings/channels")
def show_channels(visit: AtDesk, page: Annotated[int, Query(ge=1, le=10_000)] = 1) -> HTMLResponse:
    """Show the accounts, those in trouble first."""
    with visit.reading() as tx:
        frame = read_frame(tx, visit.user)
        listing = read_listing(tx, visit.context, page=page)
    return visit.page("channels.html", frame=frame, listing=listing, gaps_shown=GAPS_SHOWN)
