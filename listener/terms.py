"""Whether a text names one of the terms an account listens for: for sources that cannot be searched, or search too widely."""

import unicodedata
from collections.abc import Iterable

import regex

GAPS = r"[\s\-_]+"


def clean_terms(value: object) -> object:
    """Return a list of terms without empty and repeated ones; one term may stand without a list. For a field's validator."""
    terms = [value] if isinstance(value, str) else value
    if not isinstance(terms, list | tuple):
        return value
    return tuple(dict.fromkeys(stripped for term in terms if (stripped := str(term).strip())))


class Terms:
    """A set of terms. Width and case do not matter; Latin words match whole, since *art* is not in *party*."""

    def __init__(self, terms: Iterable[str]) -> None:
        patterns = [_pattern(term) for term in terms]
        self._pattern = regex.compile("|".join(patterns)) if patterns else None

    def named_in(self, text: str) -> bool:
        """Tell whether ``text`` names one of the terms; every text does when there are none."""
        return self._pattern is None or self._pattern.search(_fold(text)) is not None


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _pattern(term: str) -> str:
    words = [word for word in regex.split(GAPS, _fold(term)) if word]
    body = GAPS.join(regex.escape(word) for word in words) or regex.escape(_fold(term))
    before = r"(?<![\p{Latin}\p{N}])" if regex.match(r"[\p{Latin}\p{N}]", body) else ""
    after = r"(?![\p{Latin}\p{N}])" if regex.search(r"[\p{Latin}\p{N}]$", body) else ""
    return f"{before}{body}{after}"
