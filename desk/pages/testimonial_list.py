"""``/testimonials``: words that their authors let us quote, as a page and as CSV; the answer to a request, recorded by a person."""

import csv
import io
from typing import Annotated, Literal

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, Response

from desk.visits import LARGEST_ROW, AtDesk, RowNumber, read_frame
from domain.words import Role
from storage.testimonials import list_testimonials, record_consent

router = APIRouter()
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins so is run by spreadsheets."""


@router.get("/testimonials")
def show_testimonials(visit: AtDesk, said: str = "") -> HTMLResponse:
    """List what may be quoted."""
    with visit.reading() as tx:
        quotable = list_testimonials(tx)
        frame = read_frame(tx, visit.user)
    return visit.page("testimonials.html", frame=frame, said=said, testimonials=quotable)


@router.get("/testimonials.csv")
def export_testimonials(visit: AtDesk) -> Response:
    """Give the same as a file."""
    with visit.reading() as tx:
        quotable = list_testimonials(tx)
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(("text", "author", "url", "posted_at", "agreed_at"))
    for one in quotable:
        agreed_at = one.answered_at.isoformat() if one.answered_at else ""
        row = (one.text, one.author_name, one.url, one.said_at.isoformat(), agreed_at)
        writer.writerow([_plain(cell) for cell in row])
    named = {"Content-Disposition": 'attachment; filename="testimonials.csv"'}
    # A mark at the beginning, or spreadsheets take Japanese for something else.
    return Response("\ufeff" + out.getvalue(), media_type="text/csv; charset=utf-8", headers=named)


@router.post("/testimonials/{testimonial_id}/record")
def record_answer_to_request(
    visit: AtDesk,
    testimonial_id: RowNumber,
    state: Annotated[Literal["agreed", "declined", "withdrawn"], Form()],
    evidence: Annotated[int | None, Form(ge=1, le=LARGEST_ROW)] = None,
    case: Annotated[int | None, Form(ge=1, le=LARGEST_ROW)] = None,
) -> Response:
    """Keep what the customer said; ``evidence`` is the post in which they did."""
    visit.require(Role.AGENT)
    with visit.writing() as tx:
        record_consent(
            tx,
            testimonial_id,
            state=state,
            mention_id=evidence,
            user_id=visit.user.user_id,
            actor=visit.user.display_name,
        )
    return visit.go(f"/inbox/{case}?said=consent_recorded" if case else "/testimonials?said=consent_recorded")


def _plain(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA) else cell
