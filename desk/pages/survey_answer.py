"""``/s/<token>``: the public page of a survey. No sign-in, no cookies, no script.

Opening it records nothing: mail scanners and link previews open every address. One press of a number is a form of its own, and
that is the answer; until the survey expires another press changes it.
"""

import time
from collections import OrderedDict, deque
from typing import Annotated, Final

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from desk.context import DeskContext
from desk.outside import page_in
from desk.rendering import LANGUAGES
from desk.text_rules import clean_typed
from domain.errors import NotFoundError
from domain.words import SurveyKind
from responder.survey_links import open_links
from storage.models import Survey
from storage.surveys import LONGEST_COMMENT, SCALES, Answer, load_survey, record_answer

router = APIRouter()
SURVEYS: Final = "/s/"
MOST_PER_MINUTE: Final = 12
"""Answers to one survey: a person changing their mind stays far below."""
REMEMBERED: Final = 4096


class Pace:
    """How often each survey was answered within the last minute, for as many as are remembered."""

    def __init__(self) -> None:
        self._times: OrderedDict[int, deque[float]] = OrderedDict()

    def allows(self, survey_id: int) -> bool:
        """Count one more answer; False when there were too many."""
        now = time.monotonic()
        times = self._times.setdefault(survey_id, deque())
        self._times.move_to_end(survey_id)
        while times and times[0] < now - 60:
            times.popleft()
        if len(times) >= MOST_PER_MINUTE:
            return False
        times.append(now)
        while len(self._times) > REMEMBERED:
            self._times.popitem(last=False)
        return True


@router.get(SURVEYS + "{token}")
def show_survey(request: Request, token: str, lang: str = "", said: str = "") -> HTMLResponse:
    """Ask the question; says what was answered before."""
    context: DeskContext = request.app.state.context
    found = _find(context, token)
    if isinstance(found, str):
        return _closed(request, found, lang=lang)
    kind = SurveyKind(found.kind)
    least, most = SCALES[kind]
    return page_in(
        request,
        "survey.html",
        language=lang if lang in LANGUAGES else found.language,
        kind=found.kind,
        token=token,
        scale=tuple(range(least, most + 1)),
        score=found.score,
        until=found.expires_at,
        said=said,
        longest=LONGEST_COMMENT,
        shop=_shop(context),
    )


@router.post(SURVEYS + "{token}")
def answer_survey(
    request: Request,
    token: str,
    score: Annotated[int | None, Form(ge=0, le=10)] = None,
    comment: Annotated[str, Form()] = "",
    lang: Annotated[str, Form()] = "",
) -> Response:
    """Record a number, or words beside the number that was given before."""
    context: DeskContext = request.app.state.context
    found = _find(context, token)
    if isinstance(found, str):
        return _closed(request, found, lang=lang)
    pace: Pace = request.app.state.__dict__.setdefault("survey_pace", Pace())
    if not pace.allows(found.id):
        return _closed(request, "busy", lang=lang, status=429)
    words = clean_typed(comment)[:LONGEST_COMMENT]
    given = score if score is not None else found.score
    if given is not None:
        answer = Answer(score=given, comment=words or None, by="link")
        try:
            with context.database.transaction(context.workspace_id) as tx:
                record_answer(tx, found.id, answer, targets=context.settings.targets)
        except ValueError:
            return _closed(request, "unknown", lang=lang)
    language = f"&lang={lang}" if lang in LANGUAGES else ""
    return RedirectResponse(f"{SURVEYS}{token}?said={'kept' if words else 'thanks'}{language}", status_code=303)


def _find(context: DeskContext, token: str) -> Survey | str:
    """Return the survey that a token names, or why it cannot be answered: ``unknown`` or ``expired``."""
    read = open_links(context.settings.home, context.settings.desk.public_url).read(token)
    if read is None:
        return "unknown"
    now = context.database.clock.now()
    try:
        with context.database.snapshot(context.workspace_id) as tx:
            survey = load_survey(tx, read.survey_id)
            tx.session.expunge(survey)  # read after the snapshot
    except NotFoundError:
        return "unknown"
    return "expired" if min(read.expires_at, survey.expires_at) <= now else survey


def _closed(request: Request, why: str, *, lang: str, status: int = 0) -> HTMLResponse:
    status = status or (410 if why == "expired" else 404)
    return page_in(request, "survey_closed.html", language=lang, status=status, why=why)


def _shop(context: DeskContext) -> str:
    return context.settings.workspace.name
