"""What people decide about a case after its answer: come back in some days, close it as solved, correct a score."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import Response

from desk.visits import AtDesk, RowNumber
from domain.errors import NotFoundError
from domain.words import Purpose, Role
from responder.follow_up import plan_survey
from storage.case_endings import resolve_solved
from storage.follow_up_reasons import where_it_went_on, why_not
from storage.follow_ups import BY_PERSON, Plan, add_plan
from storage.reviews import lock_conversation
from storage.surveys import Answer, record_answer

router = APIRouter()
MOST_DAYS = 365


@router.post("/conversations/{conversation_id}/follow-up")
def plan_follow_up(
    visit: AtDesk, conversation_id: RowNumber, days: Annotated[int, Form(ge=0, le=MOST_DAYS)]
) -> Response:
    """Come back to a case in ``days`` days."""
    visit.require(Role.AGENT)
    with visit.writing() as tx:
        conversation = lock_conversation(tx, conversation_id)
        forbidden = why_not(tx, conversation) in ("opted_out", "post_gone", "abuse")
        planned = None
        if not forbidden and conversation.lead_mention_id is not None:
            plan = Plan(
                conversation_id=conversation.id,
                mention_id=conversation.lead_mention_id,
                purpose=Purpose.FOLLOW_UP,
                cause=BY_PERSON,
                due_at=tx.now + timedelta(days=days),
                visibility=where_it_went_on(tx, conversation),
                planned_by=visit.user.user_id,
            )
            planned = add_plan(tx, plan, actor=visit.user.display_name)
    said = "follow_up_not" if forbidden else "follow_up_planned" if planned else "follow_up_there"
    return visit.go(f"/inbox/{conversation_id}?said={said}")


@router.post("/conversations/{conversation_id}/solved")
def close_as_solved(visit: AtDesk, conversation_id: RowNumber) -> Response:
    """Close a case because its customer is content; they may be asked one question. "Reopen" takes it back."""
    visit.require(Role.AGENT)
    with visit.writing() as tx:
        if resolve_solved(tx, conversation_id, actor=visit.user.display_name, user_id=visit.user.user_id):
            conversation = lock_conversation(tx, conversation_id)
            plan_survey(tx, conversation, visit.context.settings.follow_up, cause="resolved")
    return visit.go(f"/inbox/{conversation_id}?said=solved")


@router.post("/surveys/{survey_id}/correct")
def correct_score(visit: AtDesk, survey_id: RowNumber, score: Annotated[int, Form(ge=0, le=10)]) -> Response:
    """Put right what was read from a reply."""
    visit.require(Role.AGENT)
    with visit.writing() as tx:
        answer = Answer(score=score, by="person", actor=visit.user.display_name, user_id=visit.user.user_id)
        try:
            survey = record_answer(tx, survey_id, answer, targets=visit.context.settings.targets)
        except ValueError as error:
            raise NotFoundError("There is no such score.", remedy="Choose one of the scale.") from error
        conversation_id = survey.conversation_id
    return visit.go(f"/inbox/{conversation_id}?said=score_corrected")
