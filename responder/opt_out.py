"""Whether a post says that its author does not want to be written to: rules over sentences, in ``words/opt_out.toml``.

A mistake costs somebody their answer, so only a sentence that says it and nothing else is acted upon; the rest is a suggestion.
"""

import unicodedata
from enum import StrEnum
from functools import cache
from typing import Final, NamedTuple

import regex

from responder.wordlists import read_words

LONGEST_TEXT: Final = 4000
"""Characters that are looked at; a longer text is a letter, and asks at its end or beginning."""
TIMEOUT_SECONDS: Final = 0.5
SENTENCE_ENDS: Final = regex.compile(r"[.!?。！？\n\r…♪]+|(?<=[ぁ-んァ-ヶ一-龠])[wｗ笑草💢😡🙏]+")
QUOTED: Final = regex.compile(r"「[^」]*」|『[^』]*』|\"[^\"]*\"|(?<!\w)'[^']*'(?!\w)|^>.*$", regex.MULTILINE)
ADDRESSED: Final = regex.compile(r"@[\w.@-]+|#\w+|https?://\S+")
EDGES: Final = " \t,、,;:-–—()（）*_~"


class Wish(StrEnum):
    """How surely somebody asks to be left alone."""

    CLEAR = "clear"
    PERHAPS = "perhaps"


class _Rules(NamedTuple):
    clear: regex.Pattern[str]
    perhaps: regex.Pattern[str]
    no: regex.Pattern[str]


def find_wish(text: str) -> Wish | None:
    """Return how surely ``text`` asks that its author be left alone; None when it does not. Never raises for a text."""
    found: Wish | None = None
    for sentence in _sentences(text):
        try:
            wish = _read(sentence)
        except TimeoutError:
            continue
        if wish is Wish.CLEAR:
            return wish
        found = found or wish
    return found


def _sentences(text: str) -> list[str]:
    half = LONGEST_TEXT // 2
    looked_at = text if len(text) <= LONGEST_TEXT else f"{text[:half]}\n{text[-half:]}"
    plain = (
        unicodedata.normalize("NFKC", looked_at)
        .casefold()
        .translate({0x2018: "'", 0x2019: "'", 0x201C: '"', 0x201D: '"'})
    )
    bare = ADDRESSED.sub(" ", QUOTED.sub(" ", plain))
    parts = (" ".join(part.split()).strip(EDGES) for part in SENTENCE_ENDS.split(bare))
    return [part for part in parts if part]


def _read(sentence: str) -> Wish | None:
    for rules in _rules():
        if rules.no.search(sentence, timeout=TIMEOUT_SECONDS):
            continue
        if rules.clear.fullmatch(sentence, timeout=TIMEOUT_SECONDS):
            return Wish.CLEAR
        if rules.perhaps.search(sentence, timeout=TIMEOUT_SECONDS):
            return Wish.PERHAPS
    return None


@cache
def _rules() -> tuple[_Rules, ...]:
    words = read_words("opt_out")
    return tuple(
        _Rules(
            *(
                regex.compile("|".join(f"(?:{one})" for one in words[language][part]))
                for part in ("clear", "perhaps", "not")
            )
        )
        for language in ("ja", "en")
    )
