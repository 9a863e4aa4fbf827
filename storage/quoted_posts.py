"""What posts quote: the quoted post where we know it, else the words that the platform sent along."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import and_, select, tuple_
from sqlalchemy.orm import aliased

from domain.mentions import QUOTED_AUTHOR, QUOTED_TEXT
from storage.database import Transaction
from storage.known_rows import of_ours
from storage.known_threads import EMPTY
from storage.models import Author, Mention
from storage.thread_shapes import QuotedPost

LONGEST_CHAIN: Final = 5

Key = tuple[int, str]
"""Channel account and external id."""


def read_quoted(tx: Transaction, mentions: Sequence[Mention]) -> dict[int, tuple[QuotedPost, ...]]:
    """Return for each mention, by id, the posts that it quotes, one quoting the other: the farthest first, at most ``LONGEST_CHAIN``.

    A quote that leads back into its own chain ends it. Costs a statement for each link of the longest chain.
    """
    known: dict[Key, tuple[Mention, Author]] = {}
    wanted = {_quoted_key(mention) for mention in mentions if _quotes(mention)}
    for _ in range(LONGEST_CHAIN):
        if not wanted:
            break
        found = _find(tx, wanted)
        known |= found
        wanted = {_quoted_key(mention) for mention, _ in found.values() if _quotes(mention)} - known.keys()
    return {mention.id: _chain(mention, known) for mention in mentions}


def blank_words_quoted(tx: Transaction, mention_ids: Sequence[int]) -> None:
    """Take the words of these mentions from the posts that quote them."""
    gone = aliased(Mention)
    quoting = (
        select(Mention)
        .join(
            gone,
            and_(gone.channel_account_id == Mention.channel_account_id, gone.external_id == Mention.quoted_external_id),
        )
        .where(gone.id.in_(mention_ids), Mention.quoted_external_id != EMPTY)
        .order_by(Mention.id)
        .with_for_update(of=Mention)
    )
    for mention in tx.session.scalars(of_ours(quoting).execution_options(populate_existing=True)):
        mention.platform_data = {
            name: value for name, value in mention.platform_data.items() if name not in {QUOTED_TEXT, QUOTED_AUTHOR}
        }
    tx.session.flush()


def _find(tx: Transaction, keys: set[Key]) -> dict[Key, tuple[Mention, Author]]:
    quoted = (
        select(Mention, Author)
        .join(Author, Author.id == Mention.author_id)
        .where(tuple_(Mention.channel_account_id, Mention.external_id).in_(sorted(keys)))
    )
    rows = tx.session.execute(of_ours(quoted))
    return {(mention.channel_account_id, mention.external_id): (mention, author) for mention, author in rows}


def _quotes(mention: Mention) -> bool:
    return bool(mention.quoted_external_id) and mention.gone_at is None


def _quoted_key(mention: Mention) -> Key:
    return mention.channel_account_id, mention.quoted_external_id


def _chain(mention: Mention, known: dict[Key, tuple[Mention, Author]]) -> tuple[QuotedPost, ...]:
    chain: list[QuotedPost] = []
    met = {(mention.channel_account_id, mention.external_id)}
    while _quotes(mention) and len(chain) < LONGEST_CHAIN:
        key = _quoted_key(mention)
        if key in met:
            break
        met.add(key)
        if key not in known:
            text = str(mention.platform_data.get(QUOTED_TEXT, ""))
            if text:
                chain.append(QuotedPost(author_name=str(mention.platform_data.get(QUOTED_AUTHOR, "")), text=text))
            break
        mention, author = known[key]
        chain.append(
            QuotedPost(
                author_name=author.display_name or author.handle,
                text=mention.text,
                conversation_id=mention.conversation_id,
                url=mention.url,
                language=mention.language_hint,
                at=mention.created_at,
                kept=mention.gone_at is None and mention.forgotten_at is None,
            )
        )
    return tuple(reversed(chain))
