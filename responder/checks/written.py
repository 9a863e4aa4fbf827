"""A text in the forms in which the rules read it, with what they may know about where it goes."""

import unicodedata
from dataclasses import dataclass
from functools import cached_property

import regex

from config.brand_book import Voice
from domain.replies import Measure
from domain.words import Language, Visibility

SENTENCE_END = regex.compile(r"(?<=[。!?…])|(?<=\.)\s+|\n+")
URL = regex.compile(r"(?:https?://|\bwww\.)[^\s、。「」（）()<>]+", regex.IGNORECASE)
QUOTED = regex.compile(r"「[^」\n]{0,80}」|“[^”\n]{0,80}”")


@dataclass(frozen=True, kw_only=True, slots=True)
class TextContext:
    """What a text answers and what we said before. Everything has a plain default: a rule that needs more stays silent."""

    complaint: bool = False
    """An unhappy customer is answered for the first time; abuse, follow-ups and surveys are none."""
    grave: bool = False
    """Somebody was hurt, or may have lost money or data."""
    names: tuple[str, ...] = ()
    """How the customer may be called: display name, handle, the name they told us."""
    channel_kind: str = ""
    dm_possible: bool = True
    """False where the platform has no private way to this person."""
    grounds: tuple[str, ...] = ()
    """Published words the text cites: answers, policies that are no offers, statements."""
    hosts: frozenset[str] = frozenset()
    """Sites that the brand's own entries link to."""
    said_to_person: tuple[str, ...] = ()
    """Our latest texts to them."""
    said_today: tuple[str, ...] = ()
    """Our latest texts to anybody, of the last day."""


NOTHING_KNOWN = TextContext()


@dataclass(frozen=True, kw_only=True)
class Written:
    """One text to be read."""

    text: str
    """As typed."""
    visibility: Visibility
    language: Language
    measure: Measure
    voice: Voice | None
    context: TextContext

    @cached_property
    def plain(self) -> str:
        """NFKC, with straight apostrophes."""
        return unicodedata.normalize("NFKC", self.text).replace("’", "'")

    @cached_property
    def sentences(self) -> tuple[str, ...]:
        """Sentences of ``plain`` with their marks, without addresses."""
        parts = SENTENCE_END.split(URL.sub(" ", self.plain))
        return tuple(part.strip() for part in parts if part and part.strip())

    @cached_property
    def own_words(self) -> tuple[str, ...]:
        """The sentences without what they quote."""
        return tuple(QUOTED.sub("「」", sentence) for sentence in self.sentences)

    @property
    def is_public(self) -> bool:
        """Whether everybody reads along."""
        return self.visibility is Visibility.PUBLIC
