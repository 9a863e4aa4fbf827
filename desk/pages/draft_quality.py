"""``/knowledge/drafts``: how drafts fare with the people who approve them, and what of them to word otherwise."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from desk.quality_view import lay_out_quality
from desk.visits import AtDesk, read_frame
from storage.draft_quality import LATEST_REVIEWS, read_judged

router = APIRouter()


@router.get("/knowledge/drafts")
def show_quality(visit: AtDesk) -> HTMLResponse:
    """Show the figures of the latest decisions."""
    with visit.reading() as tx:
        frame = read_frame(tx, visit.user)
        judged = read_judged(tx)
    context = visit.context
    shown = lay_out_quality(judged, context.playbooks, context.settings.home)
    return visit.page("draft_quality.html", frame=frame, shown=shown, latest=LATEST_REVIEWS)
