"""``/sending``: the kill switch."""

from typing import Annotated, Literal

from fastapi import APIRouter, Form
from fastapi.responses import Response

from desk.visits import AtDesk
from domain.words import Role
from storage.outbox import set_sending_paused

router = APIRouter()


@router.post("/sending")
def pause_sending(visit: AtDesk, to: Annotated[Literal["stop", "resume"], Form()]) -> Response:
    """Stop everything that has not left yet, or let it go on."""
    visit.require(Role.APPROVER)
    with visit.writing() as tx:
        set_sending_paused(tx, paused=to == "stop", user_id=visit.user.user_id, actor=visit.user.display_name)
    return visit.go("/sent?said=paused" if to == "stop" else "/sent?said=resumed")
