"""Which questions the brand's book cannot answer, and which of them ask the same."""

from collections.abc import Sequence
from datetime import date
from typing import Protocol, TypeVar

from config.brand_book import BrandBook
from domain.replies import ProposedDraft
from domain.words import Band, Intent, Language, Visibility
from responder.knowledge.calibration import THRESHOLD
from responder.knowledge.shelf import Shelf
from responder.knowledge.terms import find_terms
from storage.drafts import UnderstoodMention
from storage.faq_gaps import GapToStore

GROUNDED = frozenset({"faq", "policy", "known_issue"})
"""Citations that answer something."""
ALIKE = 0.5
"""Share of their words that two questions need to have in common to count as one."""


class Question(Protocol):
    """What can be grouped."""

    @property
    def text(self) -> str:
        """Its words."""
        ...

    @property
    def language(self) -> str:
        """``ja`` or ``en``."""
        ...


Q = TypeVar("Q", bound=Question)


def find_gap(
    mention: UnderstoodMention, drafts: Sequence[ProposedDraft], book: BrandBook | None, shelf: Shelf, *, today: date
) -> GapToStore | None:
    """Return what the brand's book lacks for a question; None where nothing is, and where nobody could tell.

    It is no gap where a draft stands on an entry or one could be cited.
    """
    understanding = mention.understanding
    if book is None or understanding is None or understanding.band is Band.UNKNOWN:
        return None
    prediction = understanding.prediction
    if prediction.intent is not Intent.QUESTION or not prediction.needs_reply or prediction.abuse:
        return None
    if any(cited.kind in GROUNDED for draft in drafts for cited in draft.citations):
        return None
    # In private everything may be cited: a policy that is kept from the public is no gap.
    retriever = shelf.retriever(book, understanding.language)
    hits = retriever.search(mention.text, topic=prediction.topic, visibility=Visibility.DM, on=today)
    if hits and hits[0].score >= THRESHOLD:
        return None
    return GapToStore(
        brand=mention.brand,
        language=understanding.language.value,
        topic=prediction.topic.value,
        nearest=hits[0].entry.id if hits else "",
        score=hits[0].score if hits else 0.0,
    )


def group_alike(questions: Sequence[Q]) -> list[list[Q]]:
    """Return questions that ask nearly the same together, largest group first, each in the order given.

    Two belong together when half of their words are the same; a group is known by its first question.
    """
    groups: list[tuple[frozenset[str], list[Q]]] = []
    for question in questions:
        terms = frozenset(find_terms(question.text, Language(question.language)))
        for known, group in groups:
            if group[0].language == question.language and _share(known, terms) >= ALIKE:
                group.append(question)
                break
        else:
            groups.append((terms, [question]))
    return sorted((group for _, group in groups), key=lambda group: -len(group))


def _share(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / len(one | other) if one and other else 0.0
