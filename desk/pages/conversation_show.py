"""``/inbox/{conversation}``: one conversation beside the queue."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from desk.inbox_view import Place, read_split, show_inbox
from desk.visits import AtDesk, RowNumber

router = APIRouter()


@router.get("/inbox/{conversation_id}")
def show_conversation(
    visit: AtDesk, conversation_id: RowNumber, split: str = "", option: int = 0, said: str = "", done: str = ""
) -> HTMLResponse:
    """Show a conversation. ``option`` is which draft to work on; ``said`` and ``done`` what was just done."""
    place = Place(split=read_split(split), option=option, said=said, done=int(done) if done.isdecimal() else None)
    return show_inbox(visit, place, conversation_id=conversation_id)
