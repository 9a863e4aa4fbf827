"""``/conversations/{conversation}/…``: ignore with a reason and take that back, take out, assign, correct the label, write without a draft."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form
from fastapi.responses import Response

from desk.blank_drafts import begin_blank_draft
from desk.decisions import assign, ignore, reopen, required_role, take_out
from desk.inbox_view import Place, read_split
from desk.labels import Correction, correct_label
from desk.visits import LARGEST_ROW, AtDesk, RowNumber
from domain.errors import NotFoundError
from domain.words import IgnoreReason, Intent, Risk, Role, Sentiment, Topic, Urgency, Verdict, Visibility
from storage.inbox import find_key, find_next
from storage.threads import read_thread

router = APIRouter()
SplitField = Annotated[str, Form()]


def read_risks(
    risks: Annotated[list[Risk] | None, Form()] = None, risks_shown: Annotated[str, Form()] = ""
) -> frozenset[Risk] | None:
    """Return the boxes that are ticked; None when the form showed none (a browser sends nothing for an empty box)."""
    return frozenset(risks or ()) if risks_shown or risks else None


RiskFields = Annotated[frozenset[Risk] | None, Depends(read_risks)]


def read_correction(
    intent: Annotated[Intent, Form()],
    topic: Annotated[Topic, Form()],
    urgency: Annotated[Urgency, Form()],
    risks: RiskFields,
    sentiment: Annotated[Sentiment | None, Form()] = None,
    constructive: Annotated[str, Form()] = "",
) -> Correction:
    """Return what the form of key C says."""
    return Correction(
        intent=intent,
        topic=topic,
        urgency=urgency,
        constructive=constructive != "no" if intent is Intent.COMPLAINT else None,
        risks=risks,
        sentiment=sentiment,
    )


CorrectionFields = Annotated[Correction, Depends(read_correction)]


@router.post("/conversations/{conversation_id}/ignore")
def ignore_conversation(
    visit: AtDesk, conversation_id: RowNumber, ignore_reason: Annotated[IgnoreReason, Form()], split: SplitField = ""
) -> Response:
    """Close the case without an answer; the next conversation opens."""
    visit.require(required_role(Verdict.IGNORED))
    place = Place(split=read_split(split))
    with visit.writing() as tx:
        key = find_key(tx, conversation_id, place.split)
        following = find_next(tx, split=place.split, user_id=visit.user.user_id, after=key) if key else None
        ignore(tx, conversation_id, user=visit.user, reason=ignore_reason)
    if following is None:
        return visit.go(place.address(None, said="ignored"))
    return visit.go(place.address(following, said="ignored", done=conversation_id))


@router.post("/conversations/{conversation_id}/reopen")
def reopen_conversation(visit: AtDesk, conversation_id: RowNumber, split: SplitField = "") -> Response:
    """Take an ignoring back: the case is before a person again."""
    visit.require(required_role(Verdict.IGNORED))
    with visit.writing() as tx:
        reopen(tx, conversation_id, user=visit.user)
    return visit.go(Place(split=read_split(split)).address(conversation_id, said="reopened"))


@router.post("/conversations/{conversation_id}/take-out")
def take_out_conversation(
    visit: AtDesk,
    conversation_id: RowNumber,
    back: Annotated[int | None, Form(ge=1, le=LARGEST_ROW)] = None,
    split: SplitField = "",
) -> Response:
    """Take a case out of those gathered under another; ``back`` is the conversation to go back to."""
    visit.require(Role.AGENT)
    with visit.writing() as tx:
        take_out(tx, conversation_id, user=visit.user)
    return visit.go(Place(split=read_split(split)).address(back or conversation_id, said="taken_out"))


@router.post("/conversations/{conversation_id}/assign")
def assign_conversation(
    visit: AtDesk, conversation_id: RowNumber, to: Annotated[str, Form()] = "me", split: SplitField = ""
) -> Response:
    """Take the case for oneself (``me``), or give it back (``nobody``)."""
    visit.require(Role.AGENT)
    with visit.writing() as tx:
        assign(tx, conversation_id, user=visit.user, to_me=to == "me")
    said = "taken" if to == "me" else "given_back"
    return visit.go(Place(split=read_split(split)).address(conversation_id, said=said))


@router.post("/conversations/{conversation_id}/label")
def label_conversation(
    visit: AtDesk, conversation_id: RowNumber, correction: CorrectionFields, split: SplitField = ""
) -> Response:
    """Record a person's label for the post being answered."""
    visit.require(Role.AGENT)
    with visit.writing() as tx:
        correct_label(
            tx,
            conversation_id,
            correction=correction,
            user=visit.user,
            targets=visit.context.settings.targets,
            channels=visit.context.channels,
        )
    return visit.go(Place(split=read_split(split)).address(conversation_id, said="corrected"))


@router.post("/conversations/{conversation_id}/write")
def write_reply(
    visit: AtDesk, conversation_id: RowNumber, visibility: Annotated[Visibility, Form()], split: SplitField = ""
) -> Response:
    """Begin a reply where no draft is open. Who answers a gathered case takes it out."""
    visit.require(Role.AGENT)
    with visit.writing() as tx:
        take_out(tx, conversation_id, user=visit.user)
        begin_blank_draft(
            tx,
            conversation_id,
            visibility=visibility,
            user=visit.user,
            channels=visit.context.channels,
            home=visit.context.settings.home,
        )
        thread = read_thread(tx, conversation_id)
    if thread is None:
        raise NotFoundError("There is no such conversation.", remedy="Go back to the inbox.")
    return visit.go(Place(split=read_split(split)).address(conversation_id, option=len(thread.options) - 1 or None))
