"""``/deliveries/{delivery}/…``: undo within the hold, settle a doubt, record what was posted by hand."""

from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import Response

from desk.inbox_view import Place
from desk.rendering import safe_link
from desk.visits import AtDesk, RowNumber
from domain.errors import IllegalTransitionError
from domain.lifecycle import DeliveryState
from domain.words import Role
from storage.outbox import cancel_delivery, mark_handed_off_sent, settle_uncertain, withdraw_delivery

router = APIRouter()


@router.post("/deliveries/{delivery_id}/undo")
def undo_approval(visit: AtDesk, delivery_id: RowNumber) -> Response:
    """Take an approval back within its hold: the case is open again, nothing was sent."""
    visit.require(Role.APPROVER)
    try:
        with visit.writing() as tx:
            delivery = cancel_delivery(tx, delivery_id, user_id=visit.user.user_id, actor=visit.user.display_name)
            conversation_id = delivery.conversation_id
    except IllegalTransitionError:
        return visit.go("/sent?said=too_late")
    return visit.go(Place().address(conversation_id, said="undone"))


@router.post("/deliveries/{delivery_id}/withdraw")
def withdraw_reply(visit: AtDesk, delivery_id: RowNumber) -> Response:
    """Take back what waits in line or for a person to post it."""
    visit.require(Role.APPROVER)
    with visit.writing() as tx:
        withdraw_delivery(tx, delivery_id, user_id=visit.user.user_id, actor=visit.user.display_name)
    return visit.go("/sent?said=undone")


@router.post("/deliveries/{delivery_id}/settle")
def settle_delivery(visit: AtDesk, delivery_id: RowNumber, outcome: Annotated[DeliveryState, Form()]) -> Response:
    """Record what a person found out about a doubtful send."""
    visit.require(Role.APPROVER)
    with visit.writing() as tx:
        settle_uncertain(tx, delivery_id, outcome=outcome, user_id=visit.user.user_id, actor=visit.user.display_name)
    return visit.go("/sent?said=settled")


@router.post("/deliveries/{delivery_id}/posted")
def record_posted(visit: AtDesk, delivery_id: RowNumber, url: Annotated[str, Form(max_length=2000)] = "") -> Response:
    """Record that a person posted a handed-off reply."""
    visit.require(Role.AGENT)
    with visit.writing() as tx:
        mark_handed_off_sent(
            tx, delivery_id, user_id=visit.user.user_id, actor=visit.user.display_name, url=safe_link(url)
        )
    return visit.go("/sent?said=settled")
