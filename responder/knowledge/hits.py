"""What a search finds: an entry of the brand's book, how sure it is to answer, and why."""

from dataclasses import dataclass

from config.brand_book import FaqEntry, Policy
from domain.words import Language


@dataclass(frozen=True, kw_only=True, slots=True)
class Hit:
    """One entry with how well it fits."""

    entry: FaqEntry | Policy
    score: float
    """How often an entry that looked like this one was the answer, 0 to 1. Below ``THRESHOLD`` nothing is cited."""
    words: tuple[str, ...] = ()
    """Terms that the question shares with it, the rarest first."""
    against: tuple[str, ...] = ()
    """Words of the question about something else, for which it is not cited."""
    missed: tuple[str, ...] = ()
    """Names (``particulars.toml``) of what is asked and the entry does not tell, for which it is not cited."""
    uncovered: tuple[str, ...] = ()
    """What the question is particular about and the entry leaves open, in our words."""
    nearness: float | None = None
    """How near in meaning, -1 to 1; None without embeddings."""

    @property
    def kind(self) -> str:
        """``faq`` or ``policy``, as in a citation."""
        return "faq" if isinstance(self.entry, FaqEntry) else "policy"

    def title(self, language: Language) -> str:
        """Return what the entry is about."""
        return (self.entry.question if isinstance(self.entry, FaqEntry) else self.entry.title).say(language)

    def said(self, language: Language) -> str:
        """Return what may be cited of it."""
        return (self.entry.answer if isinstance(self.entry, FaqEntry) else self.entry.statement).say(language).strip()

    @property
    def url(self) -> str:
        """Where there is more of it; empty: nowhere."""
        return self.entry.url if isinstance(self.entry, FaqEntry) else ""
