"""What posts quote: the quoted post where we know it, else the words that the platform sent along."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import select, tuple_

from domain.mentions import QUOTED_AUTHOR, QUOTED_TEXT
from storage.database import Transaction
from storage.known_rows import of_ours
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
