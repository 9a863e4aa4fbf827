"""The outbox as people use it: approve, take back, settle a doubt, post by hand, pause everything.

What dispatch does to the same rows is in ``storage/sending.py``; the single step both stand on in ``storage/delivery_steps.py``.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from domain.cleaning import clean_address
from domain.errors import AlreadyAnsweredError, IllegalTransitionError, NotAllowedError
from domain.lifecycle import DeliveryState, DraftState
from domain.words import DeliveryProblem, Route
from storage.alerts import close_alerts
from storage.database import Transaction
from storage.delivery_steps import load_delivery, note_first_reply, note_step, put_back, require_step, step_delivery
from storage.models import Author, ChannelAccount, Delivery, Mention, Reply, User, Workspace

LIVE = (
    DeliveryState.HELD,
    DeliveryState.QUEUED,
    DeliveryState.SENDING,
    DeliveryState.SENT,
    DeliveryState.UNCERTAIN,
    DeliveryState.HANDED_OFF,
)
"""As the partial unique index ``uq_delivery_live`` has it: at most one of these per mention, visibility and purpose."""

SETTLEMENTS = (DeliveryState.SENT, DeliveryState.QUEUED, DeliveryState.CANCELLED)
"""What a person may say of a doubtful send: it is there, send it again, let it be."""


@dataclass(frozen=True, kw_only=True, slots=True)
class OutboxLine:
    """One delivery as the sent page shows it."""

    delivery: Delivery
    text: str
    language: str
    mention_text: str
    mention_url: str
    author_handle: str
    account_name: str
    channel_kind: str
    approver: str


def alert_key(problem_kind: str, delivery_id: int) -> str:
    """Return the dedupe key of an alert about one delivery."""
    return f"{problem_kind}:{delivery_id}"


def create_delivery(
    tx: Transaction,
    *,
    reply: Reply,
    route: Route,
    channel_account_id: int,
    hold_seconds: int,
    approved_by: int,
    waiting_since_before: datetime | None,
) -> Delivery:
    """Put an approved reply into the outbox, held for ``hold_seconds``.

    Raises ``AlreadyAnsweredError`` when a live delivery for the mention, visibility and purpose exists (a double click, a second
    approver), ``NotAllowedError`` when the route is forbidden.
    """
    if route is Route.FORBIDDEN:
        raise NotAllowedError("This reply may not be sent.", remedy="The case shows the rule that forbids it.")
    tx.session.flush()
    row = Delivery(
        reply_id=reply.id,
        conversation_id=reply.conversation_id,
        mention_id=reply.mention_id,
        channel_account_id=channel_account_id,
        visibility=reply.visibility,
        purpose=reply.purpose,
        route=route,
        state=DeliveryState.HELD,
        idempotency_key=secrets.token_hex(24),
        approved_by=approved_by,
        approved_at=tx.now,
        hold_until=tx.now + timedelta(seconds=max(0, hold_seconds)),
        waiting_since_before=waiting_since_before,
        created_at=tx.now,
    )
    try:
        with tx.session.begin_nested():
            tx.session.add(row)
    except IntegrityError as error:
        if _is_answered(tx, reply):
            raise AlreadyAnsweredError(mention_id=reply.mention_id, visibility=reply.visibility) from error
        raise
    tx.emit("delivery", conversation_id=row.conversation_id)
    return row


def _is_answered(tx: Transaction, reply: Reply) -> bool:
    live = select(Delivery.id).where(
        Delivery.mention_id == reply.mention_id,
        Delivery.visibility == reply.visibility,
        Delivery.purpose == reply.purpose,
        Delivery.state.in_(LIVE),
    )
    return tx.session.scalar(live.limit(1)) is not None


def cancel_delivery(tx: Transaction, delivery_id: int, *, user_id: int, actor: str) -> Delivery:
    """Undo an approval while it is held: the draft is proposed again and the conversation waits with its old clock.

    Raises ``IllegalTransitionError`` when it has left the hold.
    """
    return _take_back(tx, delivery_id, among=(DeliveryState.HELD,), user_id=user_id, actor=actor)


def withdraw_delivery(tx: Transaction, delivery_id: int, *, user_id: int, actor: str) -> Delivery:
    """Take back what waits to be sent (a busy platform, a pause) or to be posted by hand; else as ``cancel_delivery``."""
    among = (DeliveryState.HELD, DeliveryState.QUEUED, DeliveryState.HANDED_OFF)
    return _take_back(tx, delivery_id, among=among, user_id=user_id, actor=actor)


def _take_back(
    tx: Transaction, delivery_id: int, *, among: Sequence[DeliveryState], user_id: int, actor: str
) -> Delivery:
    moved = step_delivery(
        tx,
        delivery_id,
        DeliveryState.CANCELLED,
        among=among,
        values={"problem": DeliveryProblem.TAKEN_BACK, "problem_detail": ""},
    )
    delivery = require_step(tx, delivery_id, DeliveryState.CANCELLED, moved=moved)
    put_back(tx, delivery)
    note_step(tx, delivery, "delivery_cancelled", actor=actor, user_id=user_id, problem=DeliveryProblem.TAKEN_BACK)
    return delivery


def cancel_for_mention(
    tx: Transaction,
    mention_id: int,
    *,
    reason: str,
    actor: str = "listener",
    draft: DraftState = DraftState.VOIDED,
    among: Sequence[DeliveryState] = (DeliveryState.HELD, DeliveryState.QUEUED),
) -> int:
    """Take back whatever has not left yet for a mention, because the post is gone or its author wants to be left alone; returns how many.

    ``reason`` is a ``DeliveryProblem``. The draft becomes ``draft``; the conversation waits again, for a person to close it.
    ``among``: what counts as not left; what a person may be posting by hand only where they are to be stopped.
    """
    candidates = select(Delivery.id).where(Delivery.mention_id == mention_id, Delivery.state.in_(among))
    cancelled = 0
    for delivery_id in list(tx.session.scalars(candidates)):
        if step_delivery(tx, delivery_id, DeliveryState.CANCELLED, among=among, values={"problem": reason}):
            delivery = load_delivery(tx, delivery_id)
            put_back(tx, delivery, draft=draft)
            note_step(tx, delivery, "delivery_cancelled", actor=actor, problem=reason)
            cancelled += 1
    return cancelled


def settle_uncertain(
    tx: Transaction, delivery_id: int, *, outcome: DeliveryState, user_id: int, actor: str
) -> Delivery:
    """Record what a person found out about a doubtful send: ``sent``, ``queued`` (send again) or ``cancelled``.

    Raises ``IllegalTransitionError`` when it is not in doubt (any more) or the outcome is none of the three.
    """
    if outcome not in SETTLEMENTS:
        raise IllegalTransitionError(current=DeliveryState.UNCERTAIN, to=outcome)
    values: dict[str, object] = {"problem": DeliveryProblem.DECIDED_BY_PERSON, "problem_detail": ""}
    values |= {"absent_since": None, "asked_count": 0}
    if outcome is DeliveryState.SENT:
        values["sent_at"] = tx.now
    if outcome is DeliveryState.QUEUED:
        values["attempts"] = 0
    moved = step_delivery(tx, delivery_id, outcome, among=(DeliveryState.UNCERTAIN,), values=values)
    delivery = require_step(tx, delivery_id, outcome, moved=moved)
    if outcome is DeliveryState.SENT:
        note_first_reply(tx, delivery)
    if outcome is DeliveryState.CANCELLED:
        put_back(tx, delivery)
    close_alerts(tx, alert_key("delivery_uncertain", delivery_id))
    note_step(tx, delivery, "delivery_settled", actor=actor, user_id=user_id, outcome=outcome)
    return delivery


def mark_handed_off_sent(tx: Transaction, delivery_id: int, *, user_id: int, actor: str, url: str = "") -> Delivery:
    """Record that a person posted a handed-off reply; ``url`` is where it stands, if they gave one that can be a link."""
    url = clean_address(url)
    moved = step_delivery(
        tx,
        delivery_id,
        DeliveryState.SENT,
        among=(DeliveryState.HANDED_OFF,),
        values={"sent_at": tx.now, "url": url, "problem": ""},
    )
    delivery = require_step(tx, delivery_id, DeliveryState.SENT, moved=moved)
    note_first_reply(tx, delivery)
    note_step(tx, delivery, "delivery_posted_by_hand", actor=actor, user_id=user_id, url=url)
    return delivery


def list_deliveries(
    tx: Transaction,
    *,
    states: Sequence[DeliveryState] = tuple(DeliveryState),
    limit: int = 50,
    before_id: int | None = None,
) -> list[OutboxLine]:
    """Return deliveries in ``states``, the newest first; ``before_id`` asks for the page after that row."""
    wanted = (
        select(Delivery, Reply, Mention, Author.handle, ChannelAccount, User.display_name)
        .join(Reply, Reply.id == Delivery.reply_id)
        .join(Mention, Mention.id == Delivery.mention_id)
        .join(Author, Author.id == Mention.author_id)
        .join(ChannelAccount, ChannelAccount.id == Delivery.channel_account_id)
        .join(User, User.id == Delivery.approved_by)
        .where(Delivery.state.in_([state.value for state in states]))
        .order_by(Delivery.id.desc())
        .limit(limit)
        .execution_options(populate_existing=True)
    )
    if before_id is not None:
        wanted = wanted.where(Delivery.id < before_id)
    return [
        OutboxLine(
            delivery=delivery,
            text=reply.text,
            language=reply.language,
            mention_text=mention.text,
            mention_url=mention.url,
            author_handle=handle,
            account_name=account.name,
            channel_kind=account.kind,
            approver=approver,
        )
        for delivery, reply, mention, handle, account, approver in tx.session.execute(wanted)
    ]


def is_sending_paused(tx: Transaction) -> bool:
    """Tell whether the kill switch is on."""
    return bool(tx.session.scalar(select(Workspace.sending_paused).where(Workspace.id == tx.workspace_id)))


def set_sending_paused(tx: Transaction, *, paused: bool, user_id: int, actor: str) -> None:
    """Turn the kill switch on or off. What is already in the middle of its call ends by itself."""
    tx.session.execute(update(Workspace).where(Workspace.id == tx.workspace_id).values(sending_paused=paused))
    tx.audit("sending_paused" if paused else "sending_resumed", actor=actor, user_id=user_id)
    tx.emit("sending")
