"""``/inbox/{conversation}``: one conversation beside the queue."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from desk.inbox_view import Place, read_split, show_inbox
from desk.visits import LARGEST_ROW, AtDesk, RowNumber

router = APIRouter()


@router.get("/inbox/{conversation_id}")
def show_conversation(
    visit: AtDesk,
    conversation_id: RowNumber,
    split: str = "",
    option: int = 0,
    said: str = "",
    done: str = "",
    gathered_after: Annotated[int, Query(ge=0, le=LARGEST_ROW)] = 0,
) -> HTMLResponse:
    """Show a conversation. ``option`` is which draft to work on; ``said`` and ``done`` what was just done; ``gathered_after``
    where the list of those that say the same goes on.
    """
    place = Place(
        split=read_split(split),
        option=option,
        said=said,
        done=int(done) if done.isdecimal() else None,
        gathered_after=gathered_after,
    )
    return show_inbox(visit, place, conversation_id=conversation_id)
