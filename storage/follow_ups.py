"""What we mean to write of our own accord: planned, claimed when due, drafted, and what decisions and deletions do to it.

Who is to be written to, and when, is in ``storage/follow_up_reasons.py``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, cast

from sqlalchemy import CursorResult, func, select, update

from domain.errors import NotFoundError
from domain.lifecycle import FOLLOW_UP, DraftState, FollowUpState, advance, sources
from domain.words import Purpose, Visibility
from storage.claims import claim, release
from storage.database import Transaction
from storage.known_rows import of_ours
from storage.models import Conversation, Delivery, Draft, FollowUp
from storage.reviews import lock_conversation

LIVE: Final = (FollowUpState.PLANNED, FollowUpState.DRAFTED)
BY_PERSON: Final = "person"
ACTOR: Final = "follow-up"
"""Who plans and drops by rule, in the audit trail."""
LONGEST_SUBJECT: Final = 80


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """Something to write later. ``problem``: a code of ``follow_up.toml`` that says why it is not to be written after all."""

    conversation_id: int
    mention_id: int
    purpose: Purpose
    cause: str
    due_at: datetime
    visibility: Visibility
    subject: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    planned_by: int | None = None
    problem: str = ""


def add_plan(tx: Transaction, plan: Plan, *, actor: str = ACTOR) -> FollowUp | None:
    """Keep a plan; None when the case has one of this purpose, cause and subject. A person may plan anew once theirs is over."""
    conversation = lock_conversation(tx, plan.conversation_id)
    same = [
        FollowUp.conversation_id == conversation.id,
        FollowUp.purpose == plan.purpose,
        FollowUp.cause == plan.cause,
        FollowUp.subject == plan.subject[:LONGEST_SUBJECT],
    ]
    if plan.cause == BY_PERSON:
        same.append(FollowUp.state.in_(LIVE))
    if tx.session.scalar(of_ours(select(FollowUp.id).where(*same).limit(1))) is not None:
        return None
    row = FollowUp(
        conversation_id=conversation.id,
        mention_id=plan.mention_id,
        purpose=plan.purpose,
        state=FollowUpState.DROPPED if plan.problem else FollowUpState.PLANNED,
        due_at=plan.due_at,
        visibility=plan.visibility,
        cause=plan.cause,
        subject=plan.subject[:LONGEST_SUBJECT],
        facts=dict(plan.facts),
        planned_by=plan.planned_by,
        problem=plan.problem,
        created_at=tx.now,
    )
    tx.session.add(row)
    tx.session.flush()
    if not plan.problem:
        note(tx, row, "follow_up_planned", actor=actor, user_id=plan.planned_by)
    return row


def claim_due(tx: Transaction, *, limit: int, lease: timedelta) -> list[FollowUp]:
    """Claim up to ``limit`` plans whose time has come, the oldest first."""
    due = [FollowUp.state == FollowUpState.PLANNED.value, FollowUp.due_at <= tx.now]
    return claim(tx, FollowUp, due=due, order=[FollowUp.due_at, FollowUp.id], limit=limit, lease=lease)


def is_anything_due(tx: Transaction) -> bool:
    """Tell whether a plan's time has come. A cheap look, so that an idle desk writes nothing."""
    due = select(FollowUp.id).where(FollowUp.state == FollowUpState.PLANNED.value, FollowUp.due_at <= tx.now)
    return tx.session.scalar(due.limit(1)) is not None


def postpone(tx: Transaction, row: FollowUp, *, wait: timedelta) -> bool:
    """Let go of a claimed plan that could not be drafted for now."""
    return release(tx, row, not_before=tx.now + wait)


def record_drafted(tx: Transaction, row: FollowUp, *, mention_id: int, problem: str) -> bool:
    """Let go of a claimed plan whose drafts are stored in this transaction; the case comes before a person. False: the claim was lost."""
    values = {
        "state": FollowUpState.DRAFTED.value,
        "mention_id": mention_id,
        "problem": problem,
        "attempts": 0,
    }
    if not release(tx, row, values=values):
        return False
    show_in_queue(tx, row.conversation_id)
    note(tx, row, "follow_up_drafted", actor=ACTOR)
    tx.emit("drafted", conversation_id=row.conversation_id)
    return True


def drop(tx: Transaction, follow_up_id: int, *, problem: str, actor: str = ACTOR, user_id: int | None = None) -> bool:
    """Let a plan be; its open drafts are void. False when it is over already (sent, or dropped before)."""
    values = {"problem": problem, "claim_token": None, "claimed_until": None}
    if not _step(tx, follow_up_id, FollowUpState.DROPPED, values):
        return False
    row = load(tx, follow_up_id)
    _void_drafts(tx, row)
    show_in_queue(tx, row.conversation_id)
    note(tx, row, "follow_up_dropped", actor=actor, user_id=user_id, reason=problem)
    return True


def move(tx: Transaction, follow_up_id: int, *, due_at: datetime, actor: str, user_id: int) -> bool:
    """Write it at another time: what is drafted is drafted anew then, what was dropped is planned again. False when it was sent."""
    row = load(tx, follow_up_id)
    values = {"due_at": due_at, "problem": "", "claim_token": None, "claimed_until": None, "not_before": None}
    if row.state == FollowUpState.PLANNED:
        still = (FollowUp.id == row.id, FollowUp.state == FollowUpState.PLANNED.value)
        tx.session.execute(update(FollowUp).where(*still).values(values).execution_options(synchronize_session=False))
    elif not _step(tx, row.id, FollowUpState.PLANNED, values):
        return False
    else:
        _void_drafts(tx, row)
        show_in_queue(tx, row.conversation_id)
    note(tx, row, "follow_up_moved", actor=actor, user_id=user_id)
    return True


def finish(tx: Transaction, draft: Draft) -> None:
    """Note that a draft of our own accord was approved: what it was planned for is done."""
    for row in _of(tx, draft.conversation_id, draft.mention_id, draft.purpose, FollowUpState.DRAFTED):
        row.state = advance(FOLLOW_UP, FollowUpState(row.state), FollowUpState.DONE)
    tx.session.flush()
    show_in_queue(tx, draft.conversation_id)


def bring_back(tx: Transaction, delivery: Delivery, *, gone: bool) -> None:
    """Undo ``finish``: the reply was taken back or refused. ``gone``: with its post, so that nothing is left to write."""
    for row in _of(tx, delivery.conversation_id, delivery.mention_id, delivery.purpose, FollowUpState.DONE):
        row.state = advance(FOLLOW_UP, FollowUpState(row.state), FollowUpState.DRAFTED)
        tx.session.flush()
        if gone:
            drop(tx, row.id, problem="post_gone")
    show_in_queue(tx, delivery.conversation_id)


def forget_facts(tx: Transaction, mention_ids: Sequence[int], *, drops: bool) -> None:
    """Take what plans say of posts that are deleted or forgotten. ``drops``: plans about them are let be, too."""
    about = select(FollowUp).where(FollowUp.mention_id.in_(mention_ids)).order_by(FollowUp.id)
    for row in list(tx.session.scalars(of_ours(about))):
        row.facts = {}
        tx.session.flush()
        if drops and row.state in LIVE:
            drop(tx, row.id, problem="post_gone")


def plan_again(tx: Transaction, mention_ids: Sequence[int]) -> None:
    """Let what was drafted for posts that their authors changed be drafted anew; the old drafts are void already."""
    drafted = select(FollowUp.id, FollowUp.conversation_id).where(
        FollowUp.mention_id.in_(mention_ids), FollowUp.state == FollowUpState.DRAFTED.value
    )
    for follow_up_id, conversation_id in tx.session.execute(of_ours(drafted)).all():
        _step(tx, follow_up_id, FollowUpState.PLANNED, {"problem": ""})
        show_in_queue(tx, conversation_id)


def show_in_queue(tx: Transaction, conversation_id: int) -> None:
    """Keep the case's mark in step with what is drafted for it: the earliest day it was meant for, or none."""
    tx.session.flush()
    earliest = select(func.min(FollowUp.due_at)).where(
        FollowUp.conversation_id == conversation_id, FollowUp.state == FollowUpState.DRAFTED.value
    )
    at = tx.session.scalar(of_ours(earliest))
    conversation = tx.session.get_one(Conversation, conversation_id)
    if conversation.follow_up_at != at:
        conversation.follow_up_at = at
        tx.session.flush()


def load(tx: Transaction, follow_up_id: int) -> FollowUp:
    """Return a plan as the database has it now. Raises ``NotFoundError`` outside this workspace."""
    wanted = select(FollowUp).where(FollowUp.id == follow_up_id).execution_options(populate_existing=True)
    row = tx.session.scalar(wanted)
    if row is None:
        raise NotFoundError("There is no such follow-up.", remedy="Reload the page.")
    return row


def note(tx: Transaction, row: FollowUp, verb: str, *, actor: str, user_id: int | None = None, **detail: str) -> None:
    """Put a step into the audit trail."""
    tx.audit(
        verb,
        actor=actor,
        user_id=user_id,
        conversation_id=row.conversation_id,
        subject=f"follow_up:{row.id}",
        detail={"purpose": row.purpose, **detail},
    )


def _of(tx: Transaction, conversation_id: int, mention_id: int, purpose: str, state: FollowUpState) -> list[FollowUp]:
    wanted = select(FollowUp).where(
        FollowUp.conversation_id == conversation_id,
        FollowUp.mention_id == mention_id,
        FollowUp.purpose == purpose,
        FollowUp.state == state.value,
    )
    return list(tx.session.scalars(of_ours(wanted).execution_options(populate_existing=True)))


def _step(tx: Transaction, follow_up_id: int, to: FollowUpState, values: Mapping[str, Any]) -> bool:
    tx.session.flush()
    result = tx.session.execute(
        update(FollowUp)
        .where(FollowUp.id == follow_up_id, FollowUp.state.in_([state.value for state in sources(FOLLOW_UP, to)]))
        .values({"state": to.value, **values})
        .execution_options(synchronize_session=False)
    )
    return cast("CursorResult[Any]", result).rowcount == 1


def _void_drafts(tx: Transaction, row: FollowUp) -> None:
    open_ones = (
        Draft.mention_id == row.mention_id,
        Draft.purpose == row.purpose,
        Draft.state == DraftState.PROPOSED.value,
    )
    ids = list(tx.session.scalars(of_ours(select(Draft.id).where(*open_ones))))
    tx.session.execute(
        update(Draft)
        .where(Draft.id.in_(ids))
        .values(state=DraftState.VOIDED.value)
        .execution_options(synchronize_session=False)
    )
