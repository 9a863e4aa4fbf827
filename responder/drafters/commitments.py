"""The words that a language model may not say of its own accord (``config/playbooks/words/commitments.toml``), ready to be looked for."""

import re
from functools import cache
from typing import Literal

from domain.words import Language
from responder.wordlists import read_words


@cache
def patterns_of(table: Literal["promise", "word"]) -> tuple[re.Pattern[str], ...]:
    """Return the patterns of every group, of both languages: a promise in the other one is a promise, too."""
    return tuple(pattern for _code, pattern in _groups(table))


@cache
def _groups(table: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    lists = read_words("commitments")[table]
    return tuple((one["code"], re.compile("|".join((*one["ja"], *one["en"])), re.IGNORECASE)) for one in lists)


def promises_in(text: str) -> frozenset[str]:
    """Return the codes of the kinds of promises that ``text`` makes."""
    return frozenset(code for code, pattern in _groups("promise") if pattern.search(text))


def says(table: Literal["apology", "private"], text: str, language: Language) -> bool:
    """Tell whether ``text`` apologises, or invites to write in private."""
    return _alternatives(table, language).search(text) is not None


@cache
def _alternatives(table: str, language: Language) -> re.Pattern[str]:
    return re.compile("|".join(read_words("commitments")[table][_key(language)]), re.IGNORECASE)


@cache
def common_words(language: Language) -> frozenset[str]:
    """Return words that name no product and nobody, without case."""
    return frozenset(word.casefold() for word in read_words("commitments")["common"][_key(language)])


@cache
def english_words() -> frozenset[str]:
    """Return the words said in nearly every English sentence."""
    return frozenset(read_words("commitments")["english"]["words"])


def _key(language: Language) -> str:
    return "ja" if language is Language.JA else "en"
