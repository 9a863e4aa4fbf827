"""Earlier cases like the one in view, and what we answered: looked up in what was approved, whoever drafts."""

from typing import Final

from desk.visits import Visit
from domain.words import Language, Purpose, Visibility
from responder.approved import Asked, EarlierCase
from storage.database import Transaction
from storage.thread_shapes import DraftOption, Thread

TAKEN_IN: Final = 200
"""Replies that one view of a page takes into memory at most: where a worker runs beside, it has long done so."""


def find_similar(visit: Visit, tx: Transaction, thread: Thread, option: DraftOption | None) -> tuple[EarlierCase, ...]:
    """Return at most three, the most alike first; none where there is nothing to answer."""
    lead = thread.lead
    if option is None or option.purpose != Purpose.ANSWER or lead is None or lead.gone or not lead.text:
        return ()
    memory = visit.context.memory
    memory.refresh(tx, most=TAKEN_IN)
    asked = Asked(
        brand=thread.brand,
        text=lead.text,
        language=Language(option.language),
        visibility=Visibility(option.visibility),
        mention_id=lead.mention_id,
    )
    return tuple(memory.find(tx, asked))
