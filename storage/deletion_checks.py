"""Which posts the platforms are asked about, and how far that is: each account's pause, its money, its long questions.

No query here grows with what is stored: what leaves and what waits is few, and all else is read from its own index in order.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, cast

from sqlalchemy import ColumnElement, CursorResult, Row, Select, func, or_, select, update

from domain.ids import ChannelAccountId
from domain.lifecycle import DeliveryState
from storage.budgets import spend, spent_today_usd
from storage.database import Transaction
from storage.listening import LONGEST_WAIT
from storage.models import ChannelAccount, Conversation, Delivery, Mention

NOT_LEFT: Final = (DeliveryState.HELD, DeliveryState.QUEUED, DeliveryState.HANDED_OFF)
"""Of a reply that has not reached the platform, as far as we know."""
SECOND_LOOK: Final = timedelta(minutes=15)
"""After which a post that was told gone and doubted is asked about again: trouble of a moment is over by then."""
LAST_SEEN: Final = func.coalesce(Mention.checked_at, Mention.collected_at)


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckedAccount:
    """An account that may be asked now."""

    id: ChannelAccountId
    name: str
    spent_today_usd: float
    failures: int
    """Questions in a row that were not answered."""
    ticket: str
    """Of a long question that the platform works on; empty for none."""
    asked_at: datetime | None
    """When the last long question was put."""
    asked_upto: datetime | None
    """It was about every post last seen before this."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PostToAsk:
    """A post to ask the platform about."""

    id: int
    external_id: str
    last_seen: datetime
    is_second_look: bool = False
    """It was told gone before, and not believed yet."""


def accounts_to_check(tx: Transaction, among: Sequence[ChannelAccountId]) -> list[CheckedAccount]:
    """Return those of ``among`` that may be asked now, the longest unasked first."""
    wanted = (
        select(ChannelAccount)
        .where(ChannelAccount.id.in_(among), ChannelAccount.active.is_(True), _is_free(tx))
        .order_by(ChannelAccount.next_deletion_check_at, ChannelAccount.id)
    )
    return [
        CheckedAccount(
            id=ChannelAccountId(row.id),
            name=row.name,
            spent_today_usd=spent_today_usd(tx, row),
            failures=row.deletion_failures,
            ticket=row.deletion_ticket,
            asked_at=row.deletion_asked_at,
            asked_upto=row.deletion_asked_upto,
        )
        for row in tx.session.scalars(wanted)
    ]


def leaving_posts(
    tx: Transaction, among: Sequence[ChannelAccountId], *, unseen_since: datetime, limit: int
) -> dict[ChannelAccountId, list[PostToAsk]]:
    """Return posts with a reply that has not left, up to ``limit`` of each account, the longest unseen first."""
    on_the_way = select(Delivery.mention_id).where(Delivery.state.in_(NOT_LEFT))
    return _of_each(tx, Mention.id.in_(on_the_way), among, unseen_since=unseen_since, limit=limit)


def waiting_posts(
    tx: Transaction, among: Sequence[ChannelAccountId], *, unseen_since: datetime, limit: int
) -> dict[ChannelAccountId, list[PostToAsk]]:
    """Return posts of cases that wait for us, up to ``limit`` of each account, the longest unseen first."""
    open_cases = select(Conversation.id).where(Conversation.waiting.is_(True))
    return _of_each(tx, Mention.conversation_id.in_(open_cases), among, unseen_since=unseen_since, limit=limit)


def _of_each(
    tx: Transaction,
    are_wanted: ColumnElement[bool],
    among: Sequence[ChannelAccountId],
    *,
    unseen_since: datetime,
    limit: int,
) -> dict[ChannelAccountId, list[PostToAsk]]:
    found: dict[ChannelAccountId, list[PostToAsk]] = {account_id: [] for account_id in among}
    place = func.row_number().over(partition_by=Mention.channel_account_id, order_by=(LAST_SEEN, Mention.id))
    columns = (*_TOLD, Mention.channel_account_id)
    # The accounts are sorted out here and not in SQL: SQLite would begin with them and walk over all that is stored.
    unseen: ColumnElement[bool] = LAST_SEEN.op("<")(unseen_since)
    ranked = select(*columns, place.label("place")).where(are_wanted, *_may_be_asked(tx), unseen).subquery()
    for row in tx.session.execute(select(ranked).where(ranked.c.place <= limit).order_by(ranked.c.place)):
        if row.channel_account_id in found:
            found[ChannelAccountId(row.channel_account_id)].append(_post(row))
    return found


def other_posts(
    tx: Transaction, account_id: ChannelAccountId, *, unseen_since: datetime, limit: int | None = None
) -> list[PostToAsk]:
    """Return any posts of one account that still have a text, the longest unseen first."""
    never = (Mention.checked_at.is_(None), Mention.collected_at < unseen_since)
    before = (Mention.checked_at < unseen_since,)
    rows = [
        *tx.session.execute(_posts(tx, account_id, never).order_by(Mention.collected_at).limit(limit)),
        *tx.session.execute(_posts(tx, account_id, before).order_by(Mention.checked_at).limit(limit)),
    ]
    return sorted(map(_post, rows), key=lambda post: (post.last_seen, post.id))[:limit]


_TOLD: Final = (
    Mention.id,
    Mention.external_id,
    LAST_SEEN.label("last_seen"),
    Mention.missing_since.is_not(None).label("is_second_look"),
)


def _post(row: Row[Any]) -> PostToAsk:
    return PostToAsk(
        id=row.id, external_id=row.external_id, last_seen=row.last_seen, is_second_look=bool(row.is_second_look)
    )


def _posts(
    tx: Transaction, account_id: ChannelAccountId, where: Sequence[ColumnElement[bool]]
) -> Select[int, str, datetime, bool]:
    """Return the question that ``ix_mention_to_check`` answers in order."""
    return select(*_TOLD).where(Mention.channel_account_id == account_id, *where, *_may_be_asked(tx))


def _may_be_asked(tx: Transaction) -> tuple[ColumnElement[bool], ...]:
    """Return what holds for posts with a text, unless they were doubted a moment ago."""
    doubted = Mention.missing_since
    clock_was_wrong = doubted > tx.now
    is_time = or_(doubted.is_(None), doubted <= tx.now - SECOND_LOOK, clock_was_wrong)
    return (Mention.gone_at.is_(None), Mention.forgotten_at.is_(None), is_time)


def claim_check(tx: Transaction, account_id: ChannelAccountId, *, until: datetime) -> bool:
    """Take one account's turn, so that a crash never hammers its platform. False: it is not free any more."""
    return _change(tx, (ChannelAccount.id == account_id, _is_free(tx)), {"next_deletion_check_at": until})


def _is_free(tx: Transaction) -> ColumnElement[bool]:
    pause = ChannelAccount.next_deletion_check_at
    clock_was_wrong = pause > tx.now + LONGEST_WAIT
    return or_(pause.is_(None), pause <= tx.now, clock_was_wrong)


def note_checked(tx: Transaction, mention_ids: Sequence[int], *, at: datetime | None = None) -> None:
    """Remember that the platform was asked, now or ``at``, and that its answer was believed."""
    asked = update(Mention).where(Mention.id.in_(mention_ids)).values(checked_at=at or tx.now, missing_since=None)
    tx.session.execute(asked.execution_options(synchronize_session=False))


def note_missing(tx: Transaction, mention_ids: Sequence[int]) -> None:
    """Remember that the platform told these gone, and that it is to be asked again before anybody believes it."""
    doubted = update(Mention).where(Mention.id.in_(mention_ids)).values(missing_since=tx.now)
    tx.session.execute(doubted.execution_options(synchronize_session=False))


def renew_check(tx: Transaction, account_id: ChannelAccountId, *, until: datetime, cost_usd: float) -> None:
    """Keep the turn for longer, and put what an answer cost on the account's day."""
    values = {"next_deletion_check_at": until, **spend(tx, account_id, cost_usd)}
    _change(tx, (ChannelAccount.id == account_id,), values)


def finish_check(
    tx: Transaction, account_id: ChannelAccountId, *, pause_until: datetime | None, failures: int, cost_usd: float
) -> None:
    """Give the turn back. Nobody asks this account again before ``pause_until``; None: whenever something is due."""
    latest = tx.now + LONGEST_WAIT
    values: dict[str, Any] = {
        "next_deletion_check_at": None if pause_until is None else min(pause_until, latest),
        "deletion_failures": failures,
    }
    _change(tx, (ChannelAccount.id == account_id,), values | spend(tx, account_id, cost_usd))


def keep_ticket(tx: Transaction, account_id: ChannelAccountId, ticket: str, *, upto: datetime) -> None:
    """Remember a long question put now about every post last seen before ``upto``; an empty ``ticket`` only that it was tried."""
    values = {"deletion_ticket": ticket, "deletion_asked_at": tx.now, "deletion_asked_upto": upto}
    _change(tx, (ChannelAccount.id == account_id,), values)


def drop_ticket(tx: Transaction, account_id: ChannelAccountId, ticket: str) -> bool:
    """Let a long question go, answered or not. False: somebody else did, or put another one."""
    mine = (ChannelAccount.id == account_id, ChannelAccount.deletion_ticket == ticket)
    return _change(tx, mine, {"deletion_ticket": ""})


def _change(tx: Transaction, where: Sequence[ColumnElement[bool]], values: dict[str, Any]) -> bool:
    changed = update(ChannelAccount).where(*where).values(values).execution_options(synchronize_session=False)
    return cast("CursorResult[Any]", tx.session.execute(changed)).rowcount == 1
