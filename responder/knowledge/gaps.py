"""Which questions the brand's book cannot answer, and which of them ask the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol, TypeVar

from config.brand_book import BrandBook
from domain.replies import ProposedDraft
from domain.understanding import Prediction
from domain.words import Intent, Language, Visibility
from responder.knowledge.calibration import THRESHOLD
from responder.knowledge.shelf import Shelf
from responder.knowledge.terms import find_terms
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


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """A question as it came in."""

    text: str
    language: Language
    prediction: Prediction
    brand: str
    drafts: Sequence[ProposedDraft]
    """What was proposed for it."""


def find_gap(asked: Asked, book: BrandBook, shelf: Shelf, *, today: date) -> GapToStore | None:
    """Return the gap that a question shows; None where it is no question, a draft stands on an entry, or one could be cited."""
    prediction = asked.prediction
    if prediction.intent is not Intent.QUESTION or not prediction.needs_reply or prediction.abuse:
        return None
    if any(cited.kind in GROUNDED for draft in asked.drafts for cited in draft.citations):
        return None
    # In private everything may be cited: a policy that is kept from the public is no gap.
    retriever = shelf.retriever(book, asked.language)
    hits = retriever.search(asked.text, topic=prediction.topic, visibility=Visibility.DM, on=today)
    if hits and hits[0].score >= THRESHOLD:
        return None
    return GapToStore(
        brand=asked.brand,
        language=asked.language.value,
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
