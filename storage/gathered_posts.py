"""What is gathered under a conversation, as its page lists it."""

from typing import Final

from sqlalchemy import select

from storage.database import Transaction
from storage.known_rows import of_ours
from storage.models import Author, ChannelAccount, Conversation, Mention
from storage.thread_shapes import GatheredPost, Gathering

SHOWN: Final = 20


def read_gathered(tx: Transaction, conversation: Conversation, *, after: int = 0) -> Gathering:
    """Return how a conversation stands: the cases under it that follow the one with the id ``after``, at most ``SHOWN``."""
    if conversation.gathered_under_id is not None:
        name = (
            select(Author.display_name, Author.handle)
            .join(Conversation, Conversation.author_id == Author.id)
            .where(Conversation.id == conversation.gathered_under_id)
        )
        lead = tx.session.execute(of_ours(name)).first()
        lead_name = (lead.display_name or lead.handle) if lead else ""
        return Gathering(lead_id=conversation.gathered_under_id, lead_name=lead_name)
    if not conversation.gathered_count:
        return Gathering()
    wanted = (
        select(Conversation.id, Author.display_name, Author.handle, ChannelAccount, Mention)
        .join(Mention, Mention.id == Conversation.lead_mention_id)
        .join(Author, Author.id == Mention.author_id)
        .join(ChannelAccount, ChannelAccount.id == Conversation.channel_account_id)
        .where(Conversation.gathered_under_id == conversation.id, Conversation.id > after)
        .order_by(Conversation.id)
        .limit(SHOWN + 1)
    )
    rows = tx.session.execute(of_ours(wanted)).all()
    posts = tuple(
        GatheredPost(
            conversation_id=row.id,
            author_name=row.display_name or row.handle,
            author_handle=row.handle,
            channel_kind=row.ChannelAccount.kind,
            account_name=row.ChannelAccount.name,
            at=row.Mention.created_at,
            url=row.Mention.url,
            gone=row.Mention.gone_at is not None,
        )
        for row in rows[:SHOWN]
    )
    return Gathering(count=conversation.gathered_count, posts=posts, first=not after, more=len(rows) > SHOWN)
