"""One conversation as its page shows it: posts and our replies, the options to answer with, the label, who wrote, the history."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select

from domain.ids import MentionId
from domain.lifecycle import DeliveryState, DraftState
from domain.replies import CheckResult, Citation
from domain.words import CheckLevel, Purpose
from storage.database import Transaction
from storage.gathered_posts import read_gathered
from storage.inbox import find_key
from storage.known_rows import of_ours
from storage.models import (
    AuditEvent,
    ChannelAccount,
    Classification,
    Conversation,
    Delivery,
    Draft,
    DraftRevision,
    Mention,
    User,
)
from storage.surroundings import read_surroundings
from storage.thread_posts import read_posts
from storage.thread_shapes import (
    AuditLine,
    DraftOption,
    EarlierConversation,
    Label,
    LiveDelivery,
    Thread,
)

AUDIT_SHOWN = 20
EARLIER_SHOWN = 3
EXCERPT_LENGTH = 120


def read_thread(tx: Transaction, conversation_id: int, *, gathered_after: int = 0) -> Thread | None:
    """Return a conversation with all its page needs, or None when this workspace has none of that id.

    ``gathered_after``: of the cases gathered under it, those that follow this one.
    """
    key = find_key(tx, conversation_id)
    if key is None:
        return None
    conversation = tx.session.get_one(Conversation, conversation_id)
    account = tx.session.get_one(ChannelAccount, conversation.channel_account_id)
    lead_id = conversation.lead_mention_id or 0
    posts, hidden = read_posts(tx, conversation, lead_id)
    lead_row = tx.session.get(Mention, lead_id)
    assignee = tx.session.get(User, conversation.assignee_id) if conversation.assignee_id else None
    count, earlier = _author_history(tx, conversation)
    return Thread(
        key=key,
        account_id=account.id,
        account_name=account.name,
        channel_kind=account.kind,
        brand=account.brand,
        state=conversation.state,
        waiting=conversation.waiting,
        resolved_reason=conversation.resolved_reason,
        assignee_id=conversation.assignee_id,
        assignee_name=assignee.display_name if assignee else "",
        language=conversation.language or "",
        posts=posts,
        earlier_posts=hidden,
        lead=next((post for post in posts if post.lead), None),
        lead_problem=lead_row.problem if lead_row else "",
        options=read_options(tx, MentionId(lead_id)),
        label=read_label(tx, lead_id),
        deliveries=_live_deliveries(tx, conversation_id, lead_id),
        author_conversations=count,
        author_earlier=earlier,
        audit=_audit(tx, conversation_id),
        gathered=read_gathered(tx, conversation, after=gathered_after),
        surroundings=read_surroundings(tx, lead_id),
    )


def read_options(tx: Transaction, mention_id: MentionId) -> tuple[DraftOption, ...]:
    """Return the options still open for a mention, in the order offered; what we write of our own accord first."""
    offered = (
        select(Draft)
        .where(Draft.mention_id == mention_id, Draft.state == DraftState.PROPOSED)
        .order_by(Draft.purpose == Purpose.ANSWER.value, Draft.position, Draft.id)
    )
    drafts: list[Draft] = list(tx.session.scalars(of_ours(offered)))
    revisions: dict[int, dict[int, DraftRevision]] = {}
    wanted = select(DraftRevision).where(
        DraftRevision.draft_id.in_([draft.id for draft in drafts]),
        DraftRevision.number.in_({1, *(draft.revision for draft in drafts)}),
    )
    for revision in tx.session.scalars(of_ours(wanted)):
        revisions.setdefault(revision.draft_id, {})[revision.number] = revision
    return tuple(_option(draft, revisions.get(draft.id, {})) for draft in drafts)


def _option(draft: Draft, revisions: Mapping[int, DraftRevision]) -> DraftOption:
    newest, first = revisions.get(draft.revision), revisions.get(1)
    return DraftOption(
        draft_id=draft.id,
        kind=draft.kind,
        visibility=draft.visibility,
        language=draft.language,
        revision=draft.revision,
        text=newest.text if newest else "",
        proposed_text=first.text if first else "",
        drafter_id=draft.drafter_id,
        route=draft.route,
        rule_id=draft.rule_id,
        rule_date=draft.rule_date,
        reason_code=draft.reason_code,
        checks=read_checks(newest.checks) if newest else (),
        citations=read_citations(draft.citations),
        purpose=draft.purpose,
        facts_used=tuple(str(fact) for fact in draft.facts_used),
        open_questions=tuple(str(question) for question in draft.open_questions),
    )


def read_citations(stored: Sequence[Mapping[str, Any]]) -> tuple[Citation, ...]:
    """Return citations as they were stored with a draft."""
    return tuple(
        Citation(
            kind=str(said.get("kind", "")),
            reference=str(said.get("reference", "")),
            title=str(said.get("title", "")),
            score=said.get("score"),
        )
        for said in stored
    )


def read_checks(stored: Sequence[Mapping[str, Any]]) -> tuple[CheckResult, ...]:
    """Return findings as they were stored with a revision."""
    return tuple(
        CheckResult(
            code=str(found["code"]),
            level=CheckLevel(found["level"]),
            values={str(name): str(value) for name, value in (found.get("values") or {}).items()},
        )
        for found in stored
    )


def store_checks(found: Sequence[CheckResult]) -> list[dict[str, Any]]:
    """Return findings as they are stored with a revision."""
    return [{"code": check.code, "level": str(check.level), "values": dict(check.values)} for check in found]


def read_label(tx: Transaction, mention_id: int) -> Label | None:
    """Return the classification in force for a mention."""
    newest = (
        select(Classification)
        .where(Classification.mention_id == mention_id)
        .order_by(Classification.id.desc())
        .limit(1)
    )
    row: Classification | None = tx.session.scalar(of_ours(newest))
    if row is None:
        return None
    person = tx.session.get(User, row.user_id) if row.user_id else None
    return Label(
        by_person=person.display_name if person else "",
        model_id=row.model_id,
        language=row.language,
        sentiment=row.sentiment,
        intent=row.intent,
        constructive=row.constructive,
        suggestion=row.suggestion,
        abuse=row.abuse,
        topic=row.topic,
        urgency=row.urgency,
        risks=tuple(str(risk) for risk in row.risks),
        needs_reply=row.needs_reply,
        needs_dm=row.needs_dm,
        band=row.band,
        scores={str(head): float(score) for head, score in row.scores.items()},
        reasons=tuple(str(reason) for reason in row.reasons),
    )


def _live_deliveries(tx: Transaction, conversation_id: int, mention_id: int) -> tuple[LiveDelivery, ...]:
    dead = (DeliveryState.CANCELLED, DeliveryState.REFUSED)
    live = (
        select(Delivery, User.display_name)
        .join(User, User.id == Delivery.approved_by)
        .where(
            Delivery.conversation_id == conversation_id,
            Delivery.mention_id == mention_id,
            Delivery.state.not_in(dead),
        )
        .order_by(Delivery.id)
    )
    rows = tx.session.execute(of_ours(live))
    return tuple(
        LiveDelivery(
            delivery_id=delivery.id,
            state=delivery.state,
            visibility=delivery.visibility,
            purpose=delivery.purpose,
            approved_by=approver,
            hold_until=delivery.hold_until,
        )
        for delivery, approver in rows
    )


def _author_history(tx: Transaction, conversation: Conversation) -> tuple[int, tuple[EarlierConversation, ...]]:
    others = (Conversation.author_id == conversation.author_id, Conversation.id != conversation.id)
    counted = select(func.count()).select_from(Conversation).where(*others)
    count = tx.session.scalar(of_ours(counted)) or 0
    latest = (
        select(Conversation, func.substr(Mention.text, 1, EXCERPT_LENGTH).label("text"))
        .join(Mention, Mention.id == Conversation.lead_mention_id)
        .where(*others)
        .order_by(Conversation.id.desc())
        .limit(EARLIER_SHOWN)
    )
    rows = tx.session.execute(of_ours(latest))
    return count, tuple(
        EarlierConversation(
            conversation_id=row.id, text=text, at=row.created_at, state=row.state, intent=row.intent or ""
        )
        for row, text in rows
    )


def _audit(tx: Transaction, conversation_id: int) -> tuple[AuditLine, ...]:
    latest = (
        select(AuditEvent)
        .where(AuditEvent.conversation_id == conversation_id)
        .order_by(AuditEvent.id.desc())
        .limit(AUDIT_SHOWN)
    )
    rows = tx.session.scalars(of_ours(latest))
    return tuple(AuditLine(at=row.at, actor=row.actor, verb=row.verb, detail=row.detail) for row in rows)
