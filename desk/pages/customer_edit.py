"""``/customers/…``: what people at the desk say of a person: who they are, what may be used, whether they are written to."""

from typing import Annotated, Literal
from urllib.parse import parse_qsl, urlencode, urlsplit
from zoneinfo import available_timezones

from fastapi import APIRouter, Form
from fastapi.responses import Response

from config.buyer_keys import find_buyer_key
from desk.customer_view import list_personas
from desk.text_rules import clean_typed
from desk.visits import AtDesk, FormNumber, RowNumber, Visit, own_path
from domain.errors import NotFoundError
from domain.words import Language, Role
from storage.customer_pages import first_profile
from storage.customer_suggestions import find_buyer_keys
from storage.customers import (
    CustomerDetails,
    add_note,
    decline_link,
    describe_customer,
    erase_customer,
    find_profiles,
    keep_customer,
    link_profile,
    remove_note,
    say_consent,
    unlink_profile,
)
from storage.opt_out_decisions import opt_in, opt_out
from storage.purchases import join_buyer, join_order, part_orders

router = APIRouter()
Back = Annotated[str, Form()]
Text = Annotated[str, Form()]


@router.post("/customers")
def keep(visit: AtDesk, author: FormNumber) -> Response:
    """Make a card for the person behind a profile, or open the one there is."""
    visit.require(Role.AGENT)
    with visit.writing() as tx:
        customer = keep_customer(tx, author, user=visit.user).id
    return visit.go(f"/customers/{customer}")


@router.post("/customers/link")
def link(visit: AtDesk, author: FormNumber, other: FormNumber, back: Back = "") -> Response:
    """Say that two profiles are one person."""
    visit.require(Role.AGENT)
    with visit.writing() as tx:
        customer = keep_customer(tx, author, user=visit.user).id
        link_profile(tx, customer, other, user=visit.user)
    return _go_back(visit, back, customer, said="customer_linked")


@router.post("/customers/decline")
def decline(visit: AtDesk, author: FormNumber, other: FormNumber, back: Back = "") -> Response:
    """Say that two profiles are not one person: it is not suggested again."""
    visit.require(Role.AGENT)
    with visit.writing() as tx:
        customer = keep_customer(tx, author, user=visit.user).id
        decline_link(tx, customer, other, user=visit.user)
    return _go_back(visit, back, customer, said="customer_declined")


@router.post("/customers/{customer_id}/unlink")
def unlink(visit: AtDesk, customer_id: RowNumber, author: FormNumber) -> Response:
    """Take a profile off a customer; one that has no profile left is erased."""
    visit.require(Role.AGENT)
    with visit.writing() as tx:
        unlink_profile(tx, customer_id, author, user=visit.user)
        if first_profile(tx, customer_id) is None:
            erase_customer(tx, customer_id, user=visit.user)
            return visit.go("/inbox?said=customer_erased")
    return visit.go(f"/customers/{customer_id}?said=customer_unlinked")


@router.post("/customers/{customer_id}/details")
def describe(
    visit: AtDesk,
    customer_id: RowNumber,
    display_name: Text = "",
    language: Annotated[Literal["", "ja", "en"], Form()] = "",
    time_zone: Text = "",
    persona: Text = "",
    tags: Text = "",
) -> Response:
    """Keep what is told of a customer. A time zone or persona that is none is left out."""
    visit.require(Role.AGENT)
    details = CustomerDetails(
        display_name=" ".join(clean_typed(display_name).split()),
        language=Language(language) if language else None,
        time_zone=time_zone if time_zone in available_timezones() else "",
        persona=persona if persona in list_personas(visit.context.books) else "",
        tags=tuple(clean_typed(tags).replace("、", ",").replace("\n", ",").split(",")),
    )
    with visit.writing() as tx:
        describe_customer(tx, customer_id, details, user=visit.user)
    return visit.go(f"/customers/{customer_id}?said=customer_saved")


@router.post("/customers/{customer_id}/notes")
def write_note(visit: AtDesk, customer_id: RowNumber, text: Text = "") -> Response:
    """Write something down."""
    visit.require(Role.AGENT)
    with visit.writing() as tx:
        add_note(tx, customer_id, clean_typed(text), user=visit.user)
    return visit.go(f"/customers/{customer_id}?said=customer_noted")


@router.post("/customers/{customer_id}/notes/{note_id}/remove")
def take_note_off(visit: AtDesk, customer_id: RowNumber, note_id: RowNumber) -> Response:
    """Remove a note."""
    visit.require(Role.AGENT)
    with visit.writing() as tx:
        remove_note(tx, customer_id, note_id, user=visit.user)
    return visit.go(f"/customers/{customer_id}?said=customer_note_removed")


@router.post("/customers/{customer_id}/consent")
def record_consent(
    visit: AtDesk, customer_id: RowNumber, consent: Annotated[Literal["", "given", "refused"], Form()] = ""
) -> Response:
    """Record what they said about the use of their orders."""
    visit.require(Role.AGENT)
    with visit.writing() as tx:
        say_consent(tx, customer_id, consent=consent, user=visit.user)
    return visit.go(f"/customers/{customer_id}?said=customer_consent")


@router.post("/customers/{customer_id}/orders")
def join_orders(
    visit: AtDesk,
    customer_id: RowNumber,
    number: Text = "",
    by: Annotated[Literal["number", "mail"], Form()] = "number",
) -> Response:
    """Join orders to a customer: by the number they told us, or all of the mail address they write from."""
    visit.require(Role.AGENT)
    said = "customer_orders_joined"
    with visit.writing() as tx:
        if by == "mail":
            author_id = first_profile(tx, customer_id)
            authors = find_profiles(tx, author_id) if author_id else ()
            key = find_buyer_key(visit.context.settings.home)
            for buyer in find_buyer_keys(tx, authors, buyer_key=key):
                join_buyer(tx, customer_id, buyer, user=visit.user)
        else:
            try:
                join_order(tx, customer_id, clean_typed(number), user=visit.user)
            except NotFoundError:
                first_profile(tx, customer_id)  # no such customer is another matter: it raises again
                said = "customer_order_unknown"
    return visit.go(f"/customers/{customer_id}?said={said}")


@router.post("/customers/{customer_id}/orders/part")
def take_orders_off(visit: AtDesk, customer_id: RowNumber) -> Response:
    """Take every order off a customer."""
    visit.require(Role.AGENT)
    with visit.writing() as tx:
        part_orders(tx, customer_id, user=visit.user)
    return visit.go(f"/customers/{customer_id}?said=customer_orders_parted")


@router.post("/customers/{customer_id}/erase")
def erase(visit: AtDesk, customer_id: RowNumber) -> Response:
    """Remove the card with notes and links."""
    visit.require(Role.APPROVER)
    with visit.writing() as tx:
        erase_customer(tx, customer_id, user=visit.user)
    return visit.go("/inbox?said=customer_erased")


@router.post("/profiles/{author_id}/opt-out")
def leave_alone(
    visit: AtDesk, author_id: RowNumber, mention: Annotated[int | None, Form(ge=1)] = None, back: Back = ""
) -> Response:
    """Leave a person alone from now on; what has not left for them is taken back."""
    visit.require(Role.AGENT)
    with visit.writing() as tx:
        opt_out(tx, author_id, user=visit.user, mention_id=mention)
    return _go_back(visit, back, None, said="opted_out")


@router.post("/profiles/{author_id}/opt-in")
def write_again(visit: AtDesk, author_id: RowNumber, back: Back = "") -> Response:
    """Let a person be written to again."""
    visit.require(Role.AGENT)
    with visit.writing() as tx:
        opt_in(tx, author_id, user=visit.user)
    return _go_back(visit, back, None, said="opted_in")


def _go_back(visit: Visit, back: str, customer_id: int | None, *, said: str) -> Response:
    """Open the page the form stood on, with what was done; else the customer."""
    parts = urlsplit(own_path(back) if back else f"/customers/{customer_id}" if customer_id else "/inbox")
    query = [(name, value) for name, value in parse_qsl(parts.query) if name not in ("said", "done")]
    return visit.go(f"{parts.path}?{urlencode([*query, ('said', said)])}")
