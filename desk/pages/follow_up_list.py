"""``/follow-ups``: what is planned, drafted and done of our own accord; dropped or moved by a person."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, Response

from desk.visits import LARGEST_ROW, AtDesk, RowNumber, read_frame
from domain.lifecycle import FollowUpState
from domain.words import Role
from responder.survey_links import is_public
from storage.follow_up_list import list_plans
from storage.follow_ups import drop, move

router = APIRouter()
SHOWN = 100
MOST_DAYS = 365

BackTo = Annotated[int | None, Form(ge=1, le=LARGEST_ROW)]
"""The case whose page the form stood on; None: the list."""


@router.get("/follow-ups")
def show_follow_ups(visit: AtDesk, said: str = "") -> HTMLResponse:
    """List them by the day they are meant for."""
    with visit.reading() as tx:
        drafted = list_plans(tx, (FollowUpState.DRAFTED,), newest_first=False, limit=SHOWN)
        planned = list_plans(tx, (FollowUpState.PLANNED,), newest_first=False, limit=SHOWN)
        over = list_plans(tx, (FollowUpState.DONE, FollowUpState.DROPPED), newest_first=True, limit=SHOWN)
        frame = read_frame(tx, visit.user)
    settings = visit.context.settings
    return visit.page(
        "follow_ups.html",
        frame=frame,
        said=said,
        groups=(("drafted", drafted), ("planned", planned), ("over", over)),
        without_link=settings.follow_up.survey_kind is not None and not is_public(settings.desk.public_url),
    )


@router.post("/follow-ups/{follow_up_id}/drop")
def drop_follow_up(visit: AtDesk, follow_up_id: RowNumber, case: BackTo = None) -> Response:
    """Let it be."""
    visit.require(Role.AGENT)
    with visit.writing() as tx:
        drop(tx, follow_up_id, problem="person", actor=visit.user.display_name, user_id=visit.user.user_id)
    return visit.go(_back(case, "follow_up_dropped"))


@router.post("/follow-ups/{follow_up_id}/move")
def move_follow_up(
    visit: AtDesk, follow_up_id: RowNumber, days: Annotated[int, Form(ge=0, le=MOST_DAYS)], case: BackTo = None
) -> Response:
    """Write it so many days from now; 0 is at once."""
    visit.require(Role.AGENT)
    with visit.writing() as tx:
        due_at = tx.now + timedelta(days=days)
        move(tx, follow_up_id, due_at=due_at, actor=visit.user.display_name, user_id=visit.user.user_id)
    return visit.go(_back(case, "follow_up_moved"))


def _back(case: int | None, said: str) -> str:
    return f"/inbox/{case}?said={said}" if case else f"/follow-ups?said={said}"
