"""Surveys: one question to one customer about one case, its answer, and what a bad one does to the case."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import exists, select

from config.settings import TargetSettings
from domain.errors import NotFoundError
from domain.lifecycle import DeliveryState, MentionState
from domain.words import Purpose, SurveyKind
from storage.case_endings import bring_before_person
from storage.database import Transaction
from storage.follow_up_reasons import profiles_of
from storage.known_rows import of_ours
from storage.models import Conversation, Delivery, FollowUp, Mention, Survey

SCALES: Final = {SurveyKind.CSAT: (1, 5), SurveyKind.NPS: (0, 10)}
LOW: Final = {SurveyKind.CSAT: 2, SurveyKind.NPS: 6}
"""Scores up to here bring the case back before a person."""
LONGEST_COMMENT: Final = 1000
READ_WITHIN: Final = timedelta(days=1)
AT_ONCE: Final = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What a customer said, or a person read from it."""

    score: int
    comment: str | None = None
    """None: as it was."""
    by: str
    """``link``, ``reply`` or ``person``."""
    mention_id: int | None = None
    actor: str = "customer"
    user_id: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class PossibleAnswer:
    """A post that came after the question. Its text is hostile."""

    survey_id: int
    kind: SurveyKind
    conversation_id: int
    mention_id: int
    text: str


def ensure_survey(tx: Transaction, follow_up: FollowUp, *, kind: SurveyKind, language: str, days: int) -> Survey:
    """Return the survey of a planned question, made if there is none yet: the same after a step that was killed."""
    standing = find_survey(tx, follow_up.conversation_id)
    if standing is not None:
        return standing
    row = Survey(
        conversation_id=follow_up.conversation_id,
        follow_up_id=follow_up.id,
        kind=kind,
        language=language,
        expires_at=tx.now + timedelta(days=days),
        created_at=tx.now,
    )
    tx.session.add(row)
    tx.session.flush()
    return row


def find_survey(tx: Transaction, conversation_id: int) -> Survey | None:
    """Return the newest survey of a case."""
    wanted = select(Survey).where(Survey.conversation_id == conversation_id).order_by(Survey.id.desc()).limit(1)
    found: Survey | None = tx.session.scalar(of_ours(wanted))
    return found


def load_survey(tx: Transaction, survey_id: int) -> Survey:
    """Return a survey, locked until this transaction ends. Raises ``NotFoundError`` outside this workspace."""
    wanted = select(Survey).where(Survey.id == survey_id).with_for_update().execution_options(populate_existing=True)
    row = tx.session.scalar(wanted)
    if row is None:
        raise NotFoundError("There is no such survey.", remedy="Reload the page.")
    return row


def is_asked_lately(tx: Transaction, author_id: int, *, since: datetime) -> bool:
    """Tell whether the person behind a profile was asked since ``since``, or is about to be."""
    theirs = Conversation.author_id.in_(profiles_of(tx, author_id))
    asked = (
        select(Survey.id)
        .join(Conversation, Conversation.id == Survey.conversation_id)
        .where(theirs, Survey.created_at >= since)
    )
    about_to_be = (
        select(FollowUp.id)
        .join(Conversation, Conversation.id == FollowUp.conversation_id)
        .where(theirs, FollowUp.purpose == Purpose.SURVEY.value, FollowUp.state == "planned")
    )
    return any(tx.session.scalar(one.limit(1)) is not None for one in (asked, about_to_be))


def record_answer(tx: Transaction, survey_id: int, answer: Answer, *, targets: TargetSettings) -> Survey:
    """Keep an answer; the last one counts. A low one brings the case before a person, once for each step down.

    Raises ``NotFoundError``, and ``ValueError`` for a score off the scale.
    """
    row = load_survey(tx, survey_id)
    kind = SurveyKind(row.kind)
    least, most = SCALES[kind]
    if not least <= answer.score <= most:
        msg = f"{answer.score} is not on the scale of {kind}"
        raise ValueError(msg)
    before = row.score
    row.score, row.answered_at, row.answered_by = answer.score, tx.now, answer.by
    row.answer_mention_id = answer.mention_id or row.answer_mention_id
    if answer.comment is not None:
        row.comment = answer.comment[:LONGEST_COMMENT]
    tx.session.flush()
    if before != answer.score:
        tx.audit(
            "survey_answered",
            actor=answer.actor,
            user_id=answer.user_id,
            conversation_id=row.conversation_id,
            subject=f"survey:{row.id}",
            detail={"kind": row.kind, "score": str(answer.score), "by": answer.by},
        )
        if is_low(row) and (before is None or before > LOW[kind]):
            bring_before_person(tx, row.conversation_id, minutes=targets.normal)
    tx.emit("review", conversation_id=row.conversation_id)
    return row


def is_low(survey: Survey) -> bool:
    """Tell whether an answer calls for a person."""
    return survey.score is not None and survey.score <= LOW[SurveyKind(survey.kind)]


def list_possible_answers(tx: Transaction) -> list[PossibleAnswer]:
    """Return posts of customers that came after their question was sent and that nobody has read for a score yet."""
    asked = exists().where(
        Delivery.conversation_id == Survey.conversation_id,
        Delivery.purpose == Purpose.SURVEY.value,
        Delivery.state == DeliveryState.SENT.value,
        Delivery.sent_at <= Mention.collected_at,
    )
    wanted = (
        select(Survey.id, Survey.kind, Conversation.id, Mention.id, Mention.text)
        .join(Conversation, Conversation.id == Survey.conversation_id)
        .join(Mention, Mention.id == Conversation.lead_mention_id)
        .where(
            Survey.expires_at > tx.now,
            Survey.answered_by != "person",
            Mention.author_id == Conversation.author_id,
            Mention.created_at >= Survey.created_at,
            Mention.collected_at >= tx.now - READ_WITHIN,
            Mention.state != MentionState.GONE.value,
            Survey.answer_mention_id.is_distinct_from(Mention.id),
            asked,
        )
        .order_by(Survey.id)
        .limit(AT_ONCE)
    )
    return [
        PossibleAnswer(
            survey_id=survey_id,
            kind=SurveyKind(kind),
            conversation_id=conversation_id,
            mention_id=mention_id,
            text=text,
        )
        for survey_id, kind, conversation_id, mention_id, text in tx.session.execute(wanted)
    ]


def forget_comments(tx: Transaction, conversation_ids: set[int]) -> None:
    """Take what customers wrote into the survey of cases whose texts go; the score is a figure and stays."""
    wanted = select(Survey).where(Survey.conversation_id.in_(conversation_ids), Survey.comment != "")
    for row in tx.session.scalars(of_ours(wanted)):
        row.comment = ""
    tx.session.flush()
