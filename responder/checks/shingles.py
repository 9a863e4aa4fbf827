"""Character n-grams of a text, for telling near-identical texts."""

import unicodedata
from functools import lru_cache

import regex

NOT_LETTERS = regex.compile(r"[^\p{L}\p{N}]+")


@lru_cache(maxsize=2048)
def find_shingles(text: str, size: int) -> frozenset[str]:
    """Return the n-grams of the letters and digits of ``text``, NFKC and without case; the whole of a shorter one."""
    plain = NOT_LETTERS.sub("", unicodedata.normalize("NFKC", text).casefold())
    if len(plain) <= size:
        return frozenset((plain,)) if plain else frozenset()
    return frozenset(plain[start : start + size] for start in range(len(plain) - size + 1))


def likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """Return Dice's coefficient of two sets of n-grams, 0 to 1."""
    together = len(one) + len(other)
    return 2 * len(one & other) / together if together else 0.0
