"""A claimed delivery with everything that is needed outside a transaction.

``Claimed.token`` proves that a claim is still ours: every record is conditional on it, so a worker that outlived its lease
changes nothing and leaves the row to reconciliation.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import CursorResult, select, update

from domain.lifecycle import DeliveryState, MentionState
from domain.replies import Citation, SendRequest, SendTarget
from domain.words import Engagement, Language, Risk, Route, Visibility
from storage.database import Transaction
from storage.delivery_steps import step_delivery
from storage.models import Author, ChannelAccount, Classification, Conversation, Delivery, Draft, Mention, Reply
from storage.threads import read_citations


@dataclass(frozen=True, kw_only=True, slots=True)
class Claimed:
    """A claimed delivery with what is needed outside a transaction."""

    delivery_id: int
    token: str
    account_id: int
    account_name: str
    channel_kind: str
    conversation_id: int
    author_id: int
    """Who is written to."""
    visibility: Visibility
    route: Route
    attempts: int
    """Claims so far, this one included."""
    asked_count: int
    absent_since: datetime | None
    request: SendRequest
    engagement: Engagement
    posted_at: datetime
    risks: frozenset[Risk]
    gone: bool
    has_url: bool
    brand: str
    citations: tuple[Citation, ...]
    """What the draft stood on."""


def describe_claim(tx: Transaction, delivery: Delivery) -> Claimed:
    """Gather what a claimed delivery stands on."""
    wanted = (
        select(Reply, Mention, Author, Conversation.thread_external_id, ChannelAccount)
        .join(Mention, Mention.id == Reply.mention_id)
        .join(Author, Author.id == Mention.author_id)
        .join(Conversation, Conversation.id == Mention.conversation_id)
        .join(ChannelAccount, ChannelAccount.id == delivery.channel_account_id)
        .where(Reply.id == delivery.reply_id)
    )
    reply, mention, author, thread, account = tx.session.execute(wanted).one()
    target = SendTarget(
        external_id=mention.external_id,
        author_external_id=author.external_id,
        author_handle=author.handle,
        thread_external_id=thread,
        url=mention.url,
        platform_data={key: str(value) for key, value in mention.platform_data.items()},
    )
    request = SendRequest(
        idempotency_key=delivery.idempotency_key,
        approved_at=delivery.approved_at,
        text=reply.text,
        language=Language(reply.language),
        target=target,
    )
    return Claimed(
        delivery_id=delivery.id,
        token=delivery.claim_token or "",
        account_id=account.id,
        account_name=account.name,
        channel_kind=account.kind,
        conversation_id=delivery.conversation_id,
        author_id=author.id,
        visibility=Visibility(delivery.visibility),
        route=Route(delivery.route),
        attempts=delivery.attempts,
        asked_count=delivery.asked_count,
        absent_since=delivery.absent_since,
        request=request,
        engagement=Engagement(mention.engagement),
        posted_at=mention.created_at,
        risks=_risks_of(tx, mention.id),
        gone=mention.state == MentionState.GONE,
        has_url=bool(mention.url),
        brand=account.brand,
        citations=_citations_of(tx, reply),
    )


def _citations_of(tx: Transaction, reply: Reply) -> tuple[Citation, ...]:
    draft = tx.session.get(Draft, reply.draft_id) if reply.draft_id else None
    return read_citations(draft.citations) if draft else ()


def _risks_of(tx: Transaction, mention_id: int) -> frozenset[Risk]:
    newest = (
        select(Classification.risks).where(Classification.mention_id == mention_id).order_by(Classification.id.desc())
    )
    return frozenset(Risk(risk) for risk in tx.session.scalar(newest.limit(1)) or ())


def step_claimed(
    tx: Transaction,
    claimed: Claimed,
    to: DeliveryState,
    values: Mapping[str, object],
    *,
    among: Collection[DeliveryState] = tuple(DeliveryState),
) -> bool:
    """Move a delivery whose claim is still ours; False when it was lost."""
    ours = (Delivery.claim_token == claimed.token,)
    return step_delivery(tx, claimed.delivery_id, to, among=among, where=ours, values=values)


def end_claim(tx: Transaction, claimed: Claimed, *, state: DeliveryState, values: Mapping[str, object]) -> bool:
    """Give a claim back without a step, setting ``values``; False when it was lost or the row has moved on."""
    changed: dict[str, Any] = {"claim_token": None, "claimed_until": None, **values}
    result = tx.session.execute(
        update(Delivery)
        .where(Delivery.id == claimed.delivery_id, Delivery.claim_token == claimed.token, Delivery.state == state)
        .values(changed)
        .execution_options(synchronize_session=False)
    )
    return cast("CursorResult[Any]", result).rowcount == 1
