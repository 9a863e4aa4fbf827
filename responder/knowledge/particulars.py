"""What a question is particular about, and whether an entry speaks of it: by lists (``particulars.toml``)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache, lru_cache
from typing import Any

from domain.words import Language
from responder.knowledge.pages import Entry, keywords_of, said_by, title_of
from responder.knowledge.question import asking_part
from responder.knowledge.terms import find_terms, is_concept, plain_text
from responder.wordlists import read_words

LANGUAGES = (Language.JA, Language.EN)
ENTRIES_KEPT = 4096
MOST_NAMED = 2
"""With more left open than this, an entry does not answer."""


class Coverage(Enum):
    """How an entry stands to one particular of a question."""

    TOLD = "told"
    """It speaks of it, or it does not matter for it."""
    OPEN = "open"
    """Its general answer is of use, the particular is not told."""
    MISSED = "missed"
    """The particular is what was asked, and the entry does not speak of it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Particular:
    """One row of the list."""

    name: str
    asked: Mapping[Language, re.Pattern[str]]
    told: re.Pattern[str]
    say: Mapping[Language, str]
    open_with: frozenset[str]
    only_with: frozenset[str]
    only_titled: re.Pattern[str] | None
    unless: re.Pattern[str] | None
    in_title: bool

    def is_title_of(self, entry: Entry) -> bool:
        """Return whether the entry's own question is about it."""
        return any(pattern.search(plain_text(title_of(entry, one))) for one, pattern in self.asked.items())

    def cover(self, entry: Entry) -> Coverage:
        """Return how ``entry`` stands to it."""
        about = _about(entry)
        if self.only_with and not self.only_with & about:
            return Coverage.TOLD
        if self.only_titled and not self.only_titled.search(_whole(entry, title_only=True)):
            return Coverage.TOLD
        if self.told.search(_whole(entry, title_only=self.in_title)):
            return Coverage.TOLD
        return Coverage.OPEN if self.open_with & about and self.say else Coverage.MISSED


@dataclass(frozen=True, kw_only=True, slots=True)
class Uncovered:
    """What an entry leaves open of a question."""

    open: tuple[str, ...] = ()
    """In our words, for ``{uncovered}``: the rest of its answer is of use."""
    missed: tuple[str, ...] = ()
    """Names of what was asked and is not told: it does not answer."""


def find_particulars(plain: str, language: Language) -> list[Particular]:
    """Return what the asking sentences of ``plain`` (as ``plain_text`` returns it) are particular about."""
    said = Language.JA if language is Language.JA else Language.EN
    asking = asking_part(plain, language)
    return [
        one
        for one in _particulars()
        if one.asked[said].search(asking) and not (one.unless and one.unless.search(asking))
    ]


def leave_out(particulars: Sequence[Particular], plain: str, language: Language) -> str:
    """Return ``plain`` without the words of its particulars: how an entry stands to them is known."""
    for one in particulars:
        plain = one.asked[Language.JA if language is Language.JA else Language.EN].sub(" ", plain)
    return plain


def find_uncovered(particulars: Sequence[Particular], entry: Entry, language: Language) -> Uncovered:
    """Return which of a question's particulars ``entry`` does not speak of."""
    by_coverage = [(one, one.cover(entry)) for one in particulars]
    left = [one for one, coverage in by_coverage if coverage is Coverage.OPEN]
    missed = [one.name for one, coverage in by_coverage if coverage is Coverage.MISSED]
    if len(left) > MOST_NAMED:
        missed += [one.name for one in left]
    said = Language.JA if language is Language.JA else Language.EN
    return Uncovered(open=tuple(dict.fromkeys(one.say[said] for one in left)), missed=tuple(missed))


def name_asked(text: str, entry: Entry, language: Language) -> tuple[str, ...]:
    """Return in our words what ``text`` asks in particular and ``entry`` does not speak of; nothing where we have no words for it."""
    said = Language.JA if language is Language.JA else Language.EN
    particulars = find_particulars(plain_text(text), language)
    left = [one for one in particulars if one.cover(entry) is not Coverage.TOLD]
    return tuple(one.say[said] for one in left) if all(one.say for one in left) else ()


def name_other(language: Language) -> str:
    """Return what a question is called for which we have no words."""
    return str(read_words("particulars")["other"]["ja" if language is Language.JA else "en"])


def is_about(entry: Entry, concepts: frozenset[str]) -> bool:
    """Return whether the entry's question is about all of ``concepts`` (names in ``retrieval.toml``)."""
    return concepts <= _about(entry)


@cache
def _particulars() -> tuple[Particular, ...]:
    return tuple(_read(row) for row in read_words("particulars")["particular"])


def _read(row: Mapping[str, Any]) -> Particular:
    asked = {
        Language.JA: re.compile("|".join(row["ja"])),
        Language.EN: re.compile(rf"(?<![a-z0-9])(?:{'|'.join(row['en'])})(?![a-z0-9])"),
    }
    told = (*row["ja"], rf"(?<![a-z0-9])(?:{'|'.join(row['en'])})(?![a-z0-9])", *row.get("told_by", ()))
    return Particular(
        name=row["name"],
        asked=asked,
        told=re.compile("|".join(f"(?:{one})" for one in told)),
        say={Language(language): said for language, said in row.get("say", {}).items()},
        open_with=frozenset(row["open_with"]),
        only_with=frozenset(row.get("only_with", ())),
        only_titled=re.compile(row["only_titled"]) if "only_titled" in row else None,
        unless=re.compile(row["unless"]) if "unless" in row else None,
        in_title=row.get("in_title", False),
    )


@lru_cache(maxsize=ENTRIES_KEPT)
def _about(entry: Entry) -> frozenset[str]:
    terms = (term for one in LANGUAGES for term in find_terms(title_of(entry, one), one))
    return frozenset(term.removeprefix("=") for term in terms if is_concept(term))


@lru_cache(maxsize=ENTRIES_KEPT)
def _whole(entry: Entry, *, title_only: bool) -> str:
    parts = [part for one in LANGUAGES for part in (title_of(entry, one), *keywords_of(entry, one))]
    if not title_only:
        parts += [said_by(entry, one) for one in LANGUAGES]
    return plain_text("\n".join(parts))
