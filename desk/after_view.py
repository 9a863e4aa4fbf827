"""What a case shows of the time after its answer: plans, the survey and its score, signs of contentment, consent to be quoted."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from config.follow_up_settings import FollowUpSettings
from domain.lifecycle import ConversationState
from domain.words import SurveyKind
from responder.survey_reading import Consent, read_consent
from storage.case_endings import is_happy
from storage.database import Transaction
from storage.known_rows import of_ours
from storage.models import Conversation, FollowUp
from storage.surveys import SCALES, find_survey, is_low
from storage.testimonials import find_asked, is_ambassador
from storage.thread_shapes import Thread

PLANS_SHOWN = 8


@dataclass(frozen=True, kw_only=True)
class PlannedText:
    """Something planned, or done, or let be."""

    follow_up_id: int
    purpose: str
    state: str
    due_at: datetime
    problem: str


@dataclass(frozen=True, kw_only=True)
class SurveyShown:
    """The question that was asked and its answer. The comment is hostile."""

    survey_id: int
    kind: str
    score: int | None
    low: bool
    comment: str
    by: str
    scale: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class ConsentShown:
    """A request to quote somebody. ``proposed``: what their newest post seems to say to it."""

    testimonial_id: int
    state: str
    proposed: str


@dataclass(frozen=True, kw_only=True)
class AfterAnswer:
    """Everything of it."""

    plans: tuple[PlannedText, ...] = ()
    survey: SurveyShown | None = None
    happy: bool = False
    """The newest post says that all is well: closing is suggested."""
    ambassador: bool = False
    consent: ConsentShown | None = None
    may_close: bool = False
    may_plan: bool = False


NOTHING_AFTER = AfterAnswer()


def read_after(tx: Transaction, thread: Thread, settings: FollowUpSettings) -> AfterAnswer:
    """Return what is known of the time after a case's answer."""
    conversation = tx.session.get_one(Conversation, thread.conversation_id)
    answered = conversation.first_reply_at is not None
    return AfterAnswer(
        plans=_plans(tx, conversation.id),
        survey=_survey(tx, conversation.id),
        happy=is_happy(tx, conversation),
        ambassador=is_ambassador(tx, conversation.author_id, settings),
        consent=_consent(tx, thread),
        may_close=answered and conversation.state == ConversationState.OPEN,
        may_plan=answered and not conversation.waiting and conversation.state == ConversationState.OPEN,
    )


def _plans(tx: Transaction, conversation_id: int) -> tuple[PlannedText, ...]:
    wanted = (
        select(FollowUp)
        .where(FollowUp.conversation_id == conversation_id)
        .order_by(FollowUp.id.desc())
        .limit(PLANS_SHOWN)
    )
    return tuple(
        PlannedText(follow_up_id=row.id, purpose=row.purpose, state=row.state, due_at=row.due_at, problem=row.problem)
        for row in tx.session.scalars(of_ours(wanted))
    )


def _survey(tx: Transaction, conversation_id: int) -> SurveyShown | None:
    row = find_survey(tx, conversation_id)
    if row is None:
        return None
    least, most = SCALES[SurveyKind(row.kind)]
    return SurveyShown(
        survey_id=row.id,
        kind=row.kind,
        score=row.score,
        low=is_low(row),
        comment=row.comment,
        by=row.answered_by,
        scale=tuple(range(least, most + 1)),
    )


def _consent(tx: Transaction, thread: Thread) -> ConsentShown | None:
    row = find_asked(tx, thread.conversation_id)
    if row is None:
        return None
    answered = thread.lead is not None and thread.lead.mention_id != row.mention_id and not thread.lead.gone
    read = read_consent(thread.lead.text) if answered and thread.lead and row.state == "asked" else None
    proposed = {Consent.YES: "agreed", Consent.NO: "declined", None: ""}[read]
    return ConsentShown(testimonial_id=row.id, state=row.state, proposed=proposed)
