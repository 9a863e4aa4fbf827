"""Dialect and casual speech put into common words before the analyser reads them: 買うた → 買った, 入ってへん → 入ってない."""

import re
from functools import cache

from responder.retelling.japanese_words import LISTS
from responder.wordlists import read_words


def say_plainly(sentence: str, *, asking: bool = False) -> str:
    """Return ``sentence`` with what ``spoken`` of ``retelling_ja.toml`` knows said in common speech."""
    for pattern, said in _patterns("spoken_asking" if asking else "spoken"):
        sentence = pattern.sub(said, sentence)
    return sentence


def say_in_full(text: str) -> str:
    """Return ``text`` with the short names of things in full: ワンピ → ワンピース."""
    for pattern, said in _patterns("short_names"):
        text = pattern.sub(said, text)
    return text


@cache
def _patterns(name: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(pattern), said) for pattern, said in read_words(LISTS)[name])
