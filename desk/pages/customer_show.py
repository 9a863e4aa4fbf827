"""``/customers/{customer}``: one person on all channels."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from desk.customer_view import list_personas, read_person
from desk.visits import AtDesk, RowNumber, read_frame
from domain.errors import NotFoundError
from domain.words import Role
from storage.customer_pages import first_profile

router = APIRouter()


@router.get("/customers/{customer_id}")
def show_customer(visit: AtDesk, customer_id: RowNumber, before: str = "", said: str = "") -> HTMLResponse:
    """Show a customer; ``before`` is where the history goes on, ``said`` what was just done."""
    with visit.reading() as tx:
        author_id = first_profile(tx, customer_id)
        person = read_person(visit, tx, author_id, before=before) if author_id else None
        frame = read_frame(tx, visit.user)
    if person is None or person.card.customer is None:
        raise NotFoundError("There is no such customer.", remedy="Go back to the inbox.")
    return visit.page(
        "customer.html",
        frame=frame,
        said=said,
        customer=person.card.customer,
        person=person,
        card=person.card,
        personas=list_personas(visit.context.books),
        may_erase=visit.user.carries(Role.APPROVER),
        place=None,
    )
