"""What the latest drafts say: wordings that are not to be repeated, texts that a new one is to differ from."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from sqlalchemy import select

from domain.words import DraftKind, Language
from storage.database import Transaction
from storage.drafts import UnderstoodMention
from storage.models import Conversation, Draft, DraftRevision

RECENT_DRAFTS = 1200
"""How far back wordings are remembered at all."""
MOST_COMPARED = 150
"""Texts on one topic that a new draft is to differ from: those of some fifty posts."""
RECENT_ON_TOPIC = 2
"""How many of the latest drafts about a topic are not to be repeated; more would leave no wording to choose."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SaidLately:
    """Wordings of one earlier draft."""

    conversation_id: int
    author_id: int
    topic: str
    wordings: tuple[str, ...]
    language: str = ""
    text: str = ""
    """Empty for a short option: it is alike to its full one, and that is compared."""


def recent_wordings(tx: Transaction) -> list[SaidLately]:
    """Return what the latest drafts of the workspace say, newest first."""
    rows = tx.session.execute(
        select(
            Draft.conversation_id,
            Draft.kind,
            Draft.language,
            Draft.wordings,
            Conversation.author_id,
            Conversation.topic,
            DraftRevision.text,
        )
        .join(Conversation, Conversation.id == Draft.conversation_id)
        .join(DraftRevision, (DraftRevision.draft_id == Draft.id) & (DraftRevision.number == Draft.revision))
        .order_by(Draft.id.desc())
        .limit(RECENT_DRAFTS)
    )
    return [
        SaidLately(
            conversation_id=row.conversation_id,
            author_id=row.author_id,
            topic=row.topic or "",
            wordings=tuple(str(wording) for wording in row.wordings),
            language=row.language,
            text="" if row.kind == DraftKind.SHORT.value else row.text,
        )
        for row in rows
        if row.wordings
    ]


def wordings_to_avoid(mention: UnderstoodMention, said: Sequence[SaidLately]) -> frozenset[str]:
    """Return what was said lately in the thread, to this person, and in the latest drafts about the topic."""
    near = [
        earlier
        for earlier in said
        if earlier.conversation_id == mention.conversation_id or earlier.author_id == mention.author_id
    ]
    on_topic = [earlier for earlier in said if earlier.topic == mention.topic][:RECENT_ON_TOPIC]
    return frozenset(wording for earlier in [*near, *on_topic] for wording in earlier.wordings)


def texts_said_lately(topic: str, language: Language, said: Sequence[SaidLately]) -> tuple[str, ...]:
    """Return the latest texts about ``topic`` in ``language``, newest first."""
    texts = (one.text for one in said if one.text and one.topic == topic and one.language == language.value)
    return tuple(islice(texts, MOST_COMPARED))
