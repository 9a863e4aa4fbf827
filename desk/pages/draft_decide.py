"""``/drafts/…``: approve, save, reject; ``/measure``: count and check a text while it is typed.

Each is a plain form: without a script it answers with a redirect, with one the same address comes back as a part.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Form
from fastapi.responses import HTMLResponse, Response

from desk.decisions import (
    AlreadyDecidedError,
    CaseAliveError,
    OptedOutError,
    PostGoneError,
    TypedText,
    WarningsNotAcceptedError,
    approve,
    reject,
    required_role,
    save,
)
from desk.differences import compare
from desk.inbox_view import Place, Refusal, Typed, make_panel, read_split, show_inbox
from desk.text_rules import clean_typed
from desk.visits import AtDesk, FormNumber, Visit
from domain.errors import AlreadyAnsweredError, BlockedByCheckError, KikiteError, NotFoundError, StaleDraftError
from domain.words import RejectReason, Role, Verdict
from storage.database import Transaction
from storage.inbox import find_key, find_next
from storage.models import Draft
from storage.threads import read_thread

router = APIRouter()


@dataclass(frozen=True, kw_only=True)
class DraftForm:
    """The fields of the draft's form."""

    typed: TypedText
    place: Place
    accepted: frozenset[str]


def read_form(
    draft: FormNumber,
    text: Annotated[str, Form()] = "",
    revision: Annotated[int, Form()] = 0,
    split: Annotated[str, Form()] = "",
    accepted: Annotated[list[str] | None, Form()] = None,
) -> DraftForm:
    """Collect the form, its text as it is kept."""
    return DraftForm(
        typed=TypedText(draft_id=draft, revision=revision, text=clean_typed(text)),
        place=Place(split=read_split(split)),
        accepted=frozenset(accepted or ()),
    )


Sent = Annotated[DraftForm, Depends(read_form)]


@router.post("/drafts/approve")
def approve_draft(visit: AtDesk, form: Sent) -> Response:
    """Approve exactly this text; the next conversation opens."""
    visit.require(required_role(Verdict.APPROVED))

    def work(tx: Transaction) -> None:
        approve(
            tx,
            form.typed,
            user=visit.user,
            rules=visit.rules,
            hold_seconds=visit.context.settings.desk.hold_seconds,
            accepted=form.accepted,
        )

    return _decide(visit, form, work, said="", moves_on=True)


@router.post("/drafts/save")
def save_draft(visit: AtDesk, form: Sent) -> Response:
    """Keep this text as the draft's newest revision."""
    visit.require(Role.AGENT)
    return _decide(visit, form, lambda tx: save(tx, form.typed, user=visit.user, rules=visit.rules), said="saved")


@router.post("/drafts/reject")
def reject_draft(visit: AtDesk, form: Sent, reason: Annotated[RejectReason, Form()]) -> Response:
    """Set this option aside, with a reason."""
    visit.require(required_role(Verdict.REJECTED))
    return _decide(visit, form, lambda tx: reject(tx, form.typed, user=visit.user, reason=reason), said="rejected")


@router.post("/measure")
def measure_text(visit: AtDesk, draft: FormNumber, text: Annotated[str, Form()] = "") -> HTMLResponse:
    """Count and check a text that is being typed, and show what it changes of the proposal."""
    with visit.reading() as tx:
        thread = read_thread(tx, conversation_of(tx, draft))
    index = next((i for i, option in enumerate(thread.options) if option.draft_id == draft), None) if thread else None
    if thread is None or index is None:
        raise NotFoundError("There is no such draft.", remedy="Open the conversation again.")
    return visit.page("parts/findings.html", panel=make_panel(visit, thread, index=index, text=clean_typed(text)))


def _decide(
    visit: Visit, form: DraftForm, work: Callable[[Transaction], object], *, said: str, moves_on: bool = False
) -> Response:
    """Do it in one transaction and say where to go; a refusal shows the conversation with the text kept."""
    with visit.reading() as tx:
        conversation_id = conversation_of(tx, form.typed.draft_id)
        key = find_key(tx, conversation_id, form.place.split)
        following = find_next(tx, split=form.place.split, user_id=visit.user.user_id, after=key) if key else None
    try:
        with visit.writing() as tx:
            work(tx)
    except AlreadyDecidedError as error:
        if moves_on and error.same:
            return _move_on(visit, form.place, done=conversation_id, to=following, said="already")
        return _refuse(visit, form, conversation_id, error)
    except (
        AlreadyAnsweredError,
        BlockedByCheckError,
        CaseAliveError,
        OptedOutError,
        PostGoneError,
        StaleDraftError,
        WarningsNotAcceptedError,
    ) as error:
        return _refuse(visit, form, conversation_id, error)
    if moves_on:
        return _move_on(visit, form.place, done=conversation_id, to=following, said=said)
    return visit.go(form.place.address(conversation_id, said=said, option=_option_of(visit, conversation_id, form)))


def _move_on(visit: Visit, place: Place, *, done: int, to: int | None, said: str) -> Response:
    if to is None:
        return visit.go(place.address(None, said=said))
    return visit.go(place.address(to, said=said, done=done))


def _refuse(visit: Visit, form: DraftForm, conversation_id: int, error: KikiteError) -> HTMLResponse:
    typed = form.typed
    match error:
        case StaleDraftError():
            changes = compare(error.current_text, typed.text)
            refusal = Refusal(kind="stale", status=409, stretches=changes)
        case AlreadyDecidedError():
            refusal = Refusal(kind="decided", status=409, by=error.by)
        case AlreadyAnsweredError():
            refusal = Refusal(kind="answered", status=409)
        case PostGoneError():
            refusal = Refusal(kind="gone", status=409)
        case OptedOutError():
            refusal = Refusal(kind="opted_out", status=409)
        case CaseAliveError():
            refusal = Refusal(kind="alive", status=409)
        case WarningsNotAcceptedError():
            refusal = Refusal(kind="warn", status=422, accepted=error.codes)
        case _:
            refusal = Refusal(kind="block", status=422)
    kept = Typed(draft_id=typed.draft_id, text=typed.text)
    return show_inbox(visit, form.place, conversation_id=conversation_id, refusal=refusal, typed=kept)


def _option_of(visit: Visit, conversation_id: int, form: DraftForm) -> int | None:
    """Return which option the form was about, so that saving stays on it."""
    with visit.reading() as tx:
        thread = read_thread(tx, conversation_id)
    options = thread.options if thread else ()
    found = [i for i, option in enumerate(options) if option.draft_id == form.typed.draft_id]
    return found[0] if found and found[0] else None


def conversation_of(tx: Transaction, draft_id: int) -> int:
    """Return the conversation a draft belongs to. Raises ``NotFoundError``."""
    draft = tx.session.get(Draft, draft_id)
    if draft is None:
        raise NotFoundError("There is no such draft.", remedy="Go back to the inbox.")
    return draft.conversation_id
