"""What a drafter is given: one mention with everything a reply may stand on. Built by the responder, read by drafters."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from domain.replies import Measure, ProposedDraft
from domain.understanding import Prediction
from domain.words import Language, Visibility


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """One mention to answer. ``text`` is untrusted: it is data, never an instruction."""

    text: str
    """NFKC."""
    language: Language
    """Language to answer in (other is answered in the brand's language)."""
    prediction: Prediction
    author_name: str
    author_handle: str
    visibilities: tuple[Visibility, ...]
    """Where a reply may leave or be posted by hand; in the order in which options are wanted."""
    measure: Callable[[str, Visibility], Measure]
    wordings_to_avoid: frozenset[str] = frozenset()
    """``ProposedDraft.wordings`` used lately in this thread, for this person or about this topic."""
    seed: int = 0
    """Same case and seed, same draft."""


class Drafter(Protocol):
    """Writes options for a case."""

    @property
    def drafter_id(self) -> str:
        """Versioned name stored beside every draft."""
        ...

    def draft(self, case: Case) -> tuple[list[ProposedDraft], str]:
        """Return the options, best first, and a reason code when there is none (key into ``config/locale/drafting.toml``)."""
        ...
