"""``/knowledge``: what the brand wrote, what a question would find of it, what nobody could answer, how playbooks read."""

from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form, Query
from fastapi.responses import HTMLResponse, Response

from config.brand_book import BrandBook
from config.locale import catalogue, text
from desk.knowledge_view import CARDS, MOST_ASKED, PRODUCTS_SHOWN, ask_book, fill_playbook, group_gaps, list_cards
from desk.visits import LARGEST_ROW, AtDesk, Visit, read_frame
from domain.errors import NotFoundError
from domain.words import Language, Role
from responder.knowledge import THRESHOLD
from storage.citations import LATEST_DRAFTS, count_citations
from storage.faq_gaps import MOST_READ, close_gaps, read_open_gaps

router = APIRouter()

GapIds = Annotated[list[Annotated[int, Form(ge=1, le=LARGEST_ROW)]], Form(max_length=MOST_READ)]


@router.get("/knowledge")
def show_knowledge(
    visit: AtDesk,
    brand: Annotated[str, Query(max_length=40)] = "",
    ask: Annotated[str, Query(max_length=MOST_ASKED)] = "",
    playbook: Annotated[str, Query(max_length=80)] = "",
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
    said: str = "",
) -> HTMLResponse:
    """Show one brand's book; ``ask`` searches it, ``playbook`` shows one with its wordings filled."""
    context, language = visit.context, Language(visit.language)
    book = _choose(visit, brand)
    today = visit.now.astimezone(ZoneInfo(context.settings.workspace.time_zone)).date()
    asked = ask_book(book, context.shelf, ask, today=today) if book else None
    with visit.reading() as tx:
        frame = read_frame(tx, visit.user)
        cited = count_citations(tx)
        gaps = read_open_gaps(tx)
    cards = list_cards(book, language, today=today, cited=cited) if book else {}
    counts = {kind: len(found) for kind, found in cards.items()}
    if book:
        cards["faq"] = cards["faq"][(page - 1) * CARDS : page * CARDS]
    chosen = next((one for one in context.playbooks if one.id == playbook), None)
    return visit.page(
        "knowledge.html",
        frame=frame,
        book=book,
        brands=sorted(context.books),
        cards=cards,
        counts=counts,
        page=page,
        pages=-(-counts.get("faq", 0) // CARDS),
        products_shown=PRODUCTS_SHOWN,
        asked=asked,
        threshold=THRESHOLD,
        groups=group_gaps(gaps, book, language) if book else [],
        playbooks=sorted(one.id for one in context.playbooks),
        chosen=chosen,
        moves=fill_playbook(chosen, book, _samples(chosen.language)) if chosen and book else [],
        latest=LATEST_DRAFTS,
        longest=MOST_ASKED,
        said=said,
    )


@router.post("/knowledge/gaps")
def close(
    visit: AtDesk,
    gap: GapIds,
    to: Annotated[Literal["answered", "dismissed"], Form()],
    brand: Annotated[str, Form(max_length=40)] = "",
) -> Response:
    """Close a group of questions: an entry was written, or there will be none."""
    visit.require(Role.AGENT)
    with visit.writing() as tx:
        close_gaps(tx, gap, state=to, user_id=visit.user.user_id, actor=visit.user.display_name)
    known = brand if brand in visit.context.books else ""
    return visit.go(f"/knowledge?said=gap_{to}{f'&brand={known}' if known else ''}#gaps")


def _choose(visit: Visit, brand: str) -> BrandBook | None:
    """Return the book asked for, else the first. Raises ``NotFoundError`` for a brand that is not there."""
    books = visit.context.books
    if brand and brand not in books:
        raise NotFoundError("There is no such brand.", remedy="Go back to the list.")
    return books[brand or min(books)] if books else None


def _samples(language: str) -> dict[str, str]:
    names = (key.removeprefix("sample.") for key in catalogue("knowledge_page") if key.startswith("sample."))
    return {name: text(f"knowledge_page.sample.{name}", language) for name in names}
