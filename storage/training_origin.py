"""Where a mention comes from, as far as it decides whether its text may teach a model."""

from domain.training_rights import may_train
from storage.database import Transaction
from storage.models import Author, ChannelAccount, Conversation, Mention


def may_teach(tx: Transaction, mention: Mention) -> bool:
    """Tell whether a mention's origin allows learning from it (``domain.training_rights``)."""
    account = tx.session.get_one(ChannelAccount, mention.channel_account_id)
    author = tx.session.get_one(Author, mention.author_id)
    thread = tx.session.get_one(Conversation, mention.conversation_id)
    return origin_allows(mention, account=account, author_url=author.url, thread=thread.thread_external_id)


def origin_allows(mention: Mention, *, account: ChannelAccount, author_url: str, thread: str) -> bool:
    """Judge by the channel's platform and everything that points at the post."""
    said = (str(value) for value in mention.platform_data.values())
    return may_train(
        kind=account.kind,
        account=account.name,
        addresses=(mention.url, mention.external_id, mention.parent_external_id, author_url, thread, *said),
    )
