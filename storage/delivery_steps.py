"""One step of a delivery, and what it does to its conversation and its drafts.

Every step is a conditional update from the states that ``domain.lifecycle.DELIVERY`` allows: who comes second changes no row.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, select, update

from domain.errors import IllegalTransitionError, NotFoundError
from domain.lifecycle import DELIVERY, DRAFT, ConversationState, DeliveryState, DraftState, sources
from domain.words import Purpose
from storage import follow_ups
from storage.database import Transaction
from storage.known_rows import of_ours
from storage.models import Conversation, Delivery, Draft, Mention, Reply
from storage.testimonials import open_testimonial

FREE = {"claim_token": None, "claimed_until": None, "not_before": None}


def step_delivery(
    tx: Transaction,
    delivery_id: int,
    to: DeliveryState,
    *,
    among: Collection[DeliveryState] = tuple(DeliveryState),
    where: Sequence[ColumnElement[bool]] = (),
    values: Mapping[str, object] | None = None,
) -> bool:
    """Move one delivery to ``to`` and give back its claim; True when this call did it.

    ``among`` narrows the states it may come from, ``where`` adds conditions, ``values`` are set in the same update.
    """
    allowed = [state.value for state in sources(DELIVERY, to) if state in among]
    changed: dict[str, Any] = {"state": to, **FREE, **(values or {})}
    result = tx.session.execute(
        update(Delivery)
        .where(Delivery.id == delivery_id, Delivery.state.in_(allowed), *where)
        .values(changed)
        .execution_options(synchronize_session=False)
    )
    return cast("CursorResult[Any]", result).rowcount == 1


def load_delivery(tx: Transaction, delivery_id: int) -> Delivery:
    """Return the row as the database has it now. Raises ``NotFoundError`` outside this workspace."""
    wanted = select(Delivery).where(Delivery.id == delivery_id).execution_options(populate_existing=True)
    delivery = tx.session.scalar(wanted)
    if delivery is None:
        raise NotFoundError("There is no such reply on its way.", remedy="Reload the page.")
    return delivery


def require_step(tx: Transaction, delivery_id: int, to: DeliveryState, *, moved: bool) -> Delivery:
    """Return the delivery after a step by a person; raise ``IllegalTransitionError`` when somebody was quicker."""
    delivery = load_delivery(tx, delivery_id)
    if not moved:
        raise IllegalTransitionError(current=delivery.state, to=to)
    return delivery


def note_step(
    tx: Transaction, delivery: Delivery, verb: str, *, actor: str, user_id: int | None = None, **detail: str
) -> None:
    """Put a step into the audit trail and tell open desks."""
    tx.audit(
        verb,
        actor=actor,
        user_id=user_id,
        conversation_id=delivery.conversation_id,
        subject=f"delivery:{delivery.id}",
        detail={key: value for key, value in detail.items() if value},
    )
    tx.emit("delivery", conversation_id=delivery.conversation_id)


def note_first_reply(tx: Transaction, delivery: Delivery) -> None:
    """Stop the clock of the first reply, if this is the first. What we write of our own accord is none."""
    if delivery.purpose == Purpose.TESTIMONIAL:
        open_testimonial(tx, delivery)
    if delivery.purpose != Purpose.ANSWER:
        return
    tx.session.execute(
        update(Conversation)
        .where(Conversation.id == delivery.conversation_id, Conversation.first_reply_at.is_(None))
        .values(first_reply_at=delivery.sent_at, updated_at=tx.now)
        .execution_options(synchronize_session=False)
    )


def put_back(tx: Transaction, delivery: Delivery, *, draft: DraftState = DraftState.PROPOSED) -> None:
    """Bring the case before a person again: the conversation waits with its old clock, the draft becomes ``draft``.

    After what we wrote of our own accord nobody waits, unless somebody did before it was approved.
    """
    if delivery.purpose != Purpose.ANSWER and delivery.waiting_since_before is None:
        _reopen_drafts(tx, delivery, to=draft)
        follow_ups.bring_back(tx, delivery, gone=draft is DraftState.VOIDED)
        return
    wanted = select(Conversation).where(Conversation.id == delivery.conversation_id).with_for_update()
    conversation = tx.session.scalars(wanted.execution_options(populate_existing=True)).one()
    since = _waiting_since(tx, delivery, conversation)
    if conversation.due_at is not None and conversation.waiting_since is not None:
        conversation.due_at -= conversation.waiting_since - since
    conversation.waiting = True
    conversation.waiting_since = since
    if conversation.state != ConversationState.OPEN:
        conversation.state = ConversationState.OPEN
        conversation.resolved_reason = ""
        conversation.snoozed_until = None
    conversation.updated_at = tx.now
    tx.session.flush()
    _reopen_drafts(tx, delivery, to=draft)
    if delivery.purpose != Purpose.ANSWER:
        follow_ups.bring_back(tx, delivery, gone=draft is DraftState.VOIDED)


def _waiting_since(tx: Transaction, delivery: Delivery, conversation: Conversation) -> datetime:
    """Return the older of the clock before approval and the one a newer mention may have started since."""
    clocks = [clock for clock in (delivery.waiting_since_before, conversation.waiting_since) if clock is not None]
    if clocks:
        return min(clocks)
    return tx.session.scalars(select(Mention.created_at).where(Mention.id == delivery.mention_id)).one()


def _reopen_drafts(tx: Transaction, delivery: Delivery, *, to: DraftState) -> None:
    of_reply = select(Draft).join(Reply, Reply.draft_id == Draft.id).where(Reply.id == delivery.reply_id)
    chosen = tx.session.scalar(of_reply)
    if chosen is None:
        return
    _step_drafts(tx, (Draft.id == chosen.id,), among=(DraftState.APPROVED,), to=to)
    # The options that were set aside for this one: of the same drafting and place only, others stay put.
    beside = (
        Draft.mention_id == chosen.mention_id,
        Draft.visibility == chosen.visibility,
        Draft.purpose == chosen.purpose,
        Draft.created_at == chosen.created_at,
    )
    _step_drafts(tx, beside, among=(DraftState.SUPERSEDED,), to=DraftState.PROPOSED)


def _step_drafts(
    tx: Transaction, where: Sequence[ColumnElement[bool]], *, among: Sequence[DraftState], to: DraftState
) -> None:
    allowed = [state.value for state in sources(DRAFT, to) if state in among]
    stepped = update(Draft).where(Draft.state.in_(allowed), *where).values(state=to)
    tx.session.execute(of_ours(stepped).execution_options(synchronize_session=False))
