"""Where a mention comes from, as far as it decides whether its text may teach a model."""

from collections.abc import Sequence

from sqlalchemy import select

from domain.ids import ChannelAccountId
from domain.training_rights import FROM_X, ORIGIN, is_column_of_x, may_train, tells_of_x
from storage.database import Transaction
from storage.mentions import in_chunks
from storage.models import Author, ChannelAccount, Conversation, Mention


def may_teach(tx: Transaction, mention: Mention) -> bool:
    """Tell whether a mention's origin allows learning from it (``domain.training_rights``)."""
    account = tx.session.get_one(ChannelAccount, mention.channel_account_id)
    author = tx.session.get_one(Author, mention.author_id)
    thread = tx.session.get_one(Conversation, mention.conversation_id)
    return origin_allows(mention, account=account, author_url=author.url, thread=thread.thread_external_id)


def origin_allows(mention: Mention, *, account: ChannelAccount, author_url: str, thread: str) -> bool:
    """Judge by the channel's platform, what was noted at intake, everything that points at the post, and the links in it."""
    told = {name: str(value) for name, value in mention.platform_data.items()}
    if told.get(ORIGIN) == FROM_X or any(is_column_of_x(name) or tells_of_x(name, said) for name, said in told.items()):
        return False
    return may_train(
        kind=account.kind,
        account=account.name,
        addresses=(mention.url, mention.external_id, mention.parent_external_id, author_url, thread, *told.values()),
        texts=(mention.text, mention.text_original),
    )


def mark_from_x(tx: Transaction, account_id: ChannelAccountId, external_ids: Sequence[str]) -> None:
    """Note of posts that are stored already that they come from X: a fuller file may tell what the first one did not."""
    for chunk in in_chunks(external_ids):
        wanted = select(Mention.id, Mention.platform_data).where(
            Mention.channel_account_id == account_id, Mention.external_id.in_(chunk)
        )
        unmarked = [mention_id for mention_id, told in tx.session.execute(wanted) if told.get(ORIGIN) != FROM_X]
        for mention in tx.session.scalars(select(Mention).where(Mention.id.in_(unmarked))):
            mention.platform_data = {**mention.platform_data, ORIGIN: FROM_X}
