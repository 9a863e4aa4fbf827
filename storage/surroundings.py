"""What surrounds a text to one person: how they may be called, how they feel, what we said lately. Read for the checks."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select

from domain.lifecycle import DeliveryState
from domain.words import Engagement
from storage.database import Transaction
from storage.known_rows import of_ours
from storage.models import Author, ChannelAccount, Classification, Customer, Delivery, Mention, Reply

SAID_TO_PERSON = 5
MOST_PROFILES = 20
SAID_WITHIN_DAYS = 30
SAID_TODAY = 50
TODAY = timedelta(hours=24)
DEAD = (DeliveryState.CANCELLED, DeliveryState.REFUSED)


@dataclass(frozen=True, kw_only=True, slots=True)
class Surroundings:
    """One mention with what a text about it is read against. Names are hostile."""

    names: tuple[str, ...] = ()
    """Display name, handle, and how they asked to be called."""
    channel_kind: str = ""
    engagement: Engagement = Engagement.POSTED
    posted_at: datetime | None = None
    has_url: bool = False
    intent: str = ""
    sentiment: str = ""
    abuse: bool = False
    suggestion: bool = False
    risks: frozenset[str] = field(default_factory=frozenset)
    said_to_person: tuple[str, ...] = ()
    """The latest we wrote to them on any of their profiles, newest first."""
    said_today: tuple[str, ...] = ()
    """The latest that went out to anybody within a day, newest first."""


NOTHING_AROUND = Surroundings()


def read_surroundings(tx: Transaction, mention_id: int) -> Surroundings:
    """Return what surrounds a text about a mention; nothing for one that is not there."""
    wanted = (
        select(Mention, Author, ChannelAccount.kind, Customer.display_name)
        .join(Author, Author.id == Mention.author_id)
        .join(ChannelAccount, ChannelAccount.id == Mention.channel_account_id)
        .outerjoin(Customer, Customer.id == Author.customer_id)
        .where(Mention.id == mention_id)
    )
    row = tx.session.execute(wanted).one_or_none()
    if row is None:
        return Surroundings()
    mention, author, kind, called = row
    newest = select(Classification).where(Classification.mention_id == mention_id).order_by(Classification.id.desc())
    label: Classification | None = tx.session.scalar(of_ours(newest.limit(1)))
    return Surroundings(
        names=tuple(name for name in (author.display_name, author.handle, called or "") if name),
        channel_kind=kind,
        engagement=Engagement(mention.engagement),
        posted_at=mention.created_at,
        has_url=bool(mention.url),
        intent=label.intent if label else "",
        sentiment=label.sentiment if label else "",
        abuse=label.abuse if label else False,
        suggestion=label.suggestion if label else False,
        risks=frozenset(str(risk) for risk in label.risks) if label else frozenset(),
        said_to_person=_read_said_to(tx, author),
        said_today=read_said_today(tx),
    )


def read_said_today(tx: Transaction) -> tuple[str, ...]:
    """Return the latest texts that went out within a day, newest first."""
    latest = (
        select(Reply.text)
        .join(Delivery, Delivery.reply_id == Reply.id)
        .where(Delivery.sent_at > tx.now - TODAY)
        .order_by(Delivery.sent_at.desc())
        .limit(SAID_TODAY)
    )
    return tuple(tx.session.scalars(latest))


def _read_said_to(tx: Transaction, author: Author) -> tuple[str, ...]:
    profiles = [author.id]
    if author.customer_id is not None:
        linked = select(Author.id).where(Author.customer_id == author.customer_id).limit(MOST_PROFILES)
        profiles = sorted({author.id, *tx.session.scalars(of_ours(linked))})
    latest = (
        select(Reply.text)
        .select_from(Mention)
        .join(Reply, Reply.mention_id == Mention.id)
        .join(Delivery, Delivery.reply_id == Reply.id)
        .where(
            Mention.author_id.in_(profiles),
            Delivery.state.not_in(DEAD),
            Reply.created_at > tx.now - timedelta(days=SAID_WITHIN_DAYS),
        )
        .order_by(Reply.id.desc())
        .limit(SAID_TO_PERSON)
    )
    return tuple(tx.session.scalars(of_ours(latest)))
