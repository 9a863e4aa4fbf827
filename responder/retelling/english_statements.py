"""Whole statements of a post: who or what, a finite verb, and the rest, as the customer put it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from responder.retelling.english_shapes import PARTICLES
from responder.retelling.english_tagging import find_kinds
from responder.retelling.english_words import Vocabulary

FINITE: Final = "bklmtz"
NOUN_PHRASE: Final = r"(?:[du]{0,2}[rjeugnpa]{0,5}[np]|o)"
SUBJECT: Final = re.compile(
    rf"(?P<whole>(?P<head>s|{NOUN_PHRASE}(?:c{NOUN_PHRASE})?)(?P<behind>(?:i{NOUN_PHRASE}){{0,2}}(?:[xh]?s[rk]{{0,2}}[te][ir]?(?:i{NOUN_PHRASE}){{0,2}}(?:j?n)?)?))"
    rf"(?P<between>[r]{{0,2}})(?P<verb>[{FINITE}v])(?P<rest>.*)"
)
"""A statement, as letters of kinds: subject (a noun phrase, phrases behind it, "I bought from you"), adverbs, finite verb, rest."""
BROKEN: Final = re.compile(r"bfr?v")
"""As in "the package is not arrive"."""
OPEN_ENDS: Final = frozenset("dcxTmlkbahsq")
NEW_SUBJECTS: Final = frozenset(["it", "he", "she", "they", "there", "this", "that"])
LED_BY: Final = frozenset("cxhi")


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement, with where its parts are."""

    words: tuple[str, ...]
    kinds: str
    head: int
    """Place of the word the subject is about."""
    verb: int
    """Place of the finite verb."""

    @property
    def subject(self) -> tuple[str, ...]:
        """The words before the verb."""
        return self.words[: self.verb]

    @property
    def rest(self) -> tuple[str, ...]:
        """The words behind the finite verb."""
        return self.words[self.verb + 1 :]


def read_statement(words: Sequence[str], vocabulary: Vocabulary) -> Statement | None:
    """Return the statement that ``words`` make, all of them in the vocabulary; None where they make none, or run two together."""
    kinds = find_kinds(words, vocabulary)
    found = SUBJECT.fullmatch(kinds)
    if not found or not _may_end(words, kinds) or BROKEN.search(kinds):
        return None
    head, verb = found.end("head") - 1, found.start("verb")
    is_many = kinds[head] == "p" or words[head] in {"i", "we", "you", "they"} or "c" in found["head"]
    if (kinds[verb] == "v" and not is_many) or not _hangs_together(words, kinds, verb, vocabulary):
        return None
    return Statement(tuple(words), kinds, head, verb)


def _may_end(words: Sequence[str], kinds: str) -> bool:
    return kinds[-1] not in OPEN_ENDS and (kinds[-1] != "i" or words[-1] in PARTICLES)


def _hangs_together(words: Sequence[str], kinds: str, verb: int, vocabulary: Vocabulary) -> bool:
    """Return whether every further subject and verb is led in: no "I got it home it doesn't work"."""
    led = vocabulary.can(words[verb], "w")
    for place in range(verb + 1, len(words)):
        kind, before = kinds[place], kinds[place - 1]
        if (
            kind == "s"
            and not led
            and before not in LED_BY
            and not (before in "np" and words[place] not in NEW_SUBJECTS)
        ):
            return False
        is_past = (words[0] == "there" or kinds[verb] == "k") and kind == "t" and vocabulary.can(words[place], "e")
        is_helping = kind == "k" and kinds[verb] in "ml"
        if kind in FINITE and not led and not is_past and not is_helping and before != "c":
            return False
        led = led or kind in "cxhs" or vocabulary.can(words[place], "w")
        if kind in FINITE and kind not in "bklm":
            led = vocabulary.can(words[place], "w")
    return True
