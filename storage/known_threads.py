"""Threads that are known already, by the posts and replies in them."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import ColumnElement, literal_column, select

from domain.ids import ChannelAccountId
from storage.database import Transaction
from storage.known_rows import of_ours
from storage.mentions import in_chunks
from storage.models import Conversation, Delivery, Mention

EMPTY: Final[ColumnElement[str]] = literal_column("''")
"""Written out: SQLite takes a partial index only where it sees that its condition holds."""


def find_threads(tx: Transaction, account_id: ChannelAccountId, external_ids: Sequence[str]) -> dict[str, str]:
    """Return the thread of each of ``external_ids`` that is a stored post or a reply of ours."""
    found: dict[str, str] = {}
    for chunk in in_chunks(external_ids):
        for model in (Delivery, Mention):
            wanted = (
                select(model.external_id, Conversation.thread_external_id)
                .join(Conversation, Conversation.id == model.conversation_id)
                .where(model.channel_account_id == account_id, model.external_id.in_(chunk))
            )
            found.update((external_id, thread) for external_id, thread in tx.session.execute(wanted))
    return found


def find_own_posts(tx: Transaction, account_id: ChannelAccountId, external_ids: Sequence[str]) -> frozenset[str]:
    """Return those of ``external_ids`` that are replies of ours, whoever the platform says wrote them."""
    found: set[str] = set()
    for chunk in in_chunks(external_ids):
        wanted = select(Delivery.external_id).where(
            Delivery.channel_account_id == account_id, Delivery.external_id.in_(chunk), Delivery.external_id != ""
        )
        found |= set(tx.session.scalars(wanted))
    return frozenset(found)


def find_threads_below(tx: Transaction, account_id: ChannelAccountId, external_ids: Sequence[str]) -> dict[str, str]:
    """Return for each of ``external_ids`` that a stored post answers the thread of the oldest such answer."""
    found: dict[str, str] = {}
    for chunk in in_chunks(external_ids):
        wanted = (
            select(Mention.parent_external_id, Conversation.thread_external_id)
            .join(Conversation, Conversation.id == Mention.conversation_id)
            .where(Mention.channel_account_id == account_id, Mention.parent_external_id.in_(chunk))
            .where(Mention.parent_external_id != EMPTY)
            .order_by(Mention.id.desc())
        )
        found.update((parent, thread) for parent, thread in tx.session.execute(of_ours(wanted)))
    return found
