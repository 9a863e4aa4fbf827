"""Figures of a window of time for digests and insights: pure reading, every query bounded by an index and a limit."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, func, select

from config.settings import TargetSettings
from domain.lifecycle import ConversationState, DeliveryState, MentionState
from domain.words import Intent, Urgency
from storage.database import Transaction
from storage.models import ChannelAccount, Classification, Conversation, Delivery, Mention
from storage.quotes import QuotedCase, best_praise, constructive_list, is_newest_classification, longest_waiting

UNREAD = "unread"
"""Stands for mentions that nothing has classified yet."""
MOST_ANSWERS = 10_000
SHOWN_TROUBLES = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class Window:
    """From ``start``, included, to ``end``, excluded; aware UTC."""

    start: datetime
    end: datetime

    @property
    def previous(self) -> "Window":
        """The same length of time right before."""
        return Window(start=self.start - (self.end - self.start), end=self.start)


@dataclass(frozen=True, kw_only=True, slots=True)
class LabelCounts:
    """New mentions by label; a mention without a classification counts as ``unread``."""

    total: int
    intents: Mapping[str, int]
    sentiments: Mapping[str, int]
    topics: Mapping[str, int]
    languages: Mapping[str, int]
    complaint_topics: Mapping[str, int]
    constructive: int
    venting: int


@dataclass(frozen=True, kw_only=True, slots=True)
class TopicTrend:
    """Complaints about one topic, now and in the window before."""

    topic: str
    now: int
    before: int

    @property
    def rise(self) -> int:
        """How many more than before."""
        return self.now - self.before


@dataclass(frozen=True, kw_only=True, slots=True)
class ResponseTimes:
    """First replies given in the window. Minutes are None when there were none."""

    answered: int
    median_minutes: float | None
    p90_minutes: float | None
    within_target: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Trouble:
    """A reply that did not get there, or nobody knows."""

    delivery_id: int
    conversation_id: int
    state: str
    problem: str
    account_name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Backlog:
    """What stands on the desk right now."""

    waiting: int
    overdue: int
    to_post_by_hand: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Figures:
    """Everything a digest tells of one window."""

    window: Window
    labels: LabelCounts
    trends: tuple[TopicTrend, ...]
    backlog: Backlog
    replies_sent: int
    times: ResponseTimes
    longest_waiting: tuple[QuotedCase, ...]
    praise: tuple[QuotedCase, ...]
    constructive: tuple[QuotedCase, ...]
    troubles: tuple[Trouble, ...]


def gather_figures(tx: Transaction, window: Window, *, targets: TargetSettings) -> Figures:
    """Return the figures of ``window``; what stands on the desk is as of the transaction's moment."""
    labels = count_labels(tx, window)
    return Figures(
        window=window,
        labels=labels,
        trends=compare_topics(labels, count_labels(tx, window.previous)),
        backlog=count_backlog(tx),
        replies_sent=_count(tx, select(func.count(Delivery.id)).where(*_sent_in(window))),
        times=response_times(tx, window, targets=targets),
        longest_waiting=longest_waiting(tx),
        praise=best_praise(tx, start=window.start, end=window.end),
        constructive=constructive_list(tx, start=window.start, end=window.end),
        troubles=find_troubles(tx, window),
    )


def count_labels(tx: Transaction, window: Window) -> LabelCounts:
    """Count the mentions posted in ``window`` by their newest classification."""
    heads = (
        Classification.intent,
        Classification.sentiment,
        Classification.topic,
        Classification.language,
        Classification.constructive,
    )
    counted = (
        select(*heads, func.count(Mention.id))
        .select_from(Mention)
        .outerjoin(Classification, is_newest_classification())
        .where(Mention.created_at >= window.start, Mention.created_at < window.end)
        .group_by(*heads)
    )
    groups = [_Group(*row) for row in tx.session.execute(counted)]
    complaints = [group for group in groups if group.intent == Intent.COMPLAINT]
    return LabelCounts(
        total=sum(group.number for group in groups),
        intents=_tally((group.intent, group.number) for group in groups),
        sentiments=_tally((group.sentiment, group.number) for group in groups),
        topics=_tally((group.topic, group.number) for group in groups),
        languages=_tally((group.language, group.number) for group in groups),
        complaint_topics=_tally((group.topic, group.number) for group in complaints),
        constructive=sum(group.number for group in complaints if group.constructive),
        venting=sum(group.number for group in complaints if not group.constructive),
    )


class _Group(NamedTuple):
    """Mentions with the same labels; None where nothing has classified them yet."""

    intent: str | None
    sentiment: str | None
    topic: str | None
    language: str | None
    constructive: bool | None
    number: int


def _tally(pairs: Iterable[tuple[str | None, int]]) -> Mapping[str, int]:
    counter: Counter[str] = Counter()
    for name, number in pairs:
        counter[name or UNREAD] += number
    return dict(counter.most_common())


def compare_topics(now: LabelCounts, before: LabelCounts) -> tuple[TopicTrend, ...]:
    """Return every topic with complaints in either window, the greatest rise first."""
    topics = {*now.complaint_topics, *before.complaint_topics}
    trends = [
        TopicTrend(topic=topic, now=now.complaint_topics.get(topic, 0), before=before.complaint_topics.get(topic, 0))
        for topic in topics
    ]
    return tuple(sorted(trends, key=lambda trend: (-trend.rise, -trend.now, trend.topic)))


def count_backlog(tx: Transaction) -> Backlog:
    """Count who waits, whose time is over, and what a person has to post."""
    waiting = select(func.count(Conversation.id)).where(
        Conversation.waiting.is_(True), Conversation.state == ConversationState.OPEN
    )
    by_hand = select(func.count(Delivery.id)).where(Delivery.state == DeliveryState.HANDED_OFF)
    return Backlog(
        waiting=_count(tx, waiting),
        overdue=_count(tx, waiting.where(Conversation.due_at < tx.now)),
        to_post_by_hand=_count(tx, by_hand),
    )


def count_collected(tx: Transaction) -> int:
    """Count the mentions that wait for their labels."""
    return _count(tx, select(func.count(Mention.id)).where(Mention.state == MentionState.COLLECTED))


def _count(tx: Transaction, counted: Select[int]) -> int:
    return tx.session.scalar(counted) or 0


def _sent_in(window: Window) -> tuple[ColumnElement[bool], ...]:
    return (
        Delivery.state == DeliveryState.SENT,
        Delivery.sent_at >= window.start,
        Delivery.sent_at < window.end,
    )


def response_times(tx: Transaction, window: Window, *, targets: TargetSettings) -> ResponseTimes:
    """Measure the first replies given in ``window``: from when the person began to wait until the reply was out.

    The target is the one of the urgency the mention has now. At most the newest ten thousand are measured.
    """
    wanted = (
        select(Delivery.sent_at, Delivery.waiting_since_before, Mention.created_at, Classification.urgency)
        .join(Mention, Mention.id == Delivery.mention_id)
        .join(Conversation, Conversation.id == Delivery.conversation_id)
        .outerjoin(Classification, is_newest_classification())
        .where(*_sent_in(window), Conversation.first_reply_at == Delivery.sent_at)
        .order_by(Delivery.sent_at.desc())
        .limit(MOST_ANSWERS)
    )
    minutes: list[float] = []
    within = 0
    for sent_at, since, posted_at, urgency in tx.session.execute(wanted):
        # A clock that was set back meanwhile must not make a reply faster than instant.
        waited = max(0.0, ((sent_at or posted_at) - (since or posted_at)).total_seconds() / 60)
        minutes.append(waited)
        within += waited <= getattr(targets, urgency or Urgency.NORMAL)
    return ResponseTimes(
        answered=len(minutes),
        median_minutes=median(minutes) if minutes else None,
        p90_minutes=percentile(minutes, 0.9),
        within_target=within,
    )


def percentile(values: Sequence[float], share: float) -> float | None:
    """Return the smallest value that at least ``share`` (0 to 1) of ``values`` do not exceed; None for none."""
    if not values:
        return None
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def find_troubles(tx: Transaction, window: Window) -> tuple[Trouble, ...]:
    """Return doubtful replies of any age and those refused that were approved in ``window``, newest first."""
    doubtful = Delivery.state == DeliveryState.UNCERTAIN
    refused = (Delivery.state == DeliveryState.REFUSED) & (Delivery.approved_at >= window.start)
    wanted = (
        select(Delivery, ChannelAccount.name)
        .join(ChannelAccount, ChannelAccount.id == Delivery.channel_account_id)
        .where(doubtful | refused)
        .order_by(Delivery.id.desc())
        .limit(SHOWN_TROUBLES)
    )
    return tuple(
        Trouble(
            delivery_id=delivery.id,
            conversation_id=delivery.conversation_id,
            state=delivery.state,
            problem=delivery.problem,
            account_name=name,
        )
        for delivery, name in tx.session.execute(wanted)
    )
