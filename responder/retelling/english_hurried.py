"""Statements in a hurry: "card machine not working", "came bobbled", "was charged twice", made whole before they are read."""

import re
from typing import Final

from responder.retelling.english_tagging import find_kinds
from responder.retelling.english_words import Vocabulary

FINITE: Final = re.compile(r"[bklmtz]")
BARE: Final = re.compile(r"(?P<subject>(?:[du]{0,2}[rjn]{0,3})[np](?:id?j?[np])?)(?P<said>f?r?[egj](?:[irexcdu].*)?)")
"""A noun phrase and what is said of it, without a verb between."""
SIZES: Final = frozenset(["size", "sizes"])
"""Behind one of these is what it differs by: "a whole size smaller"."""
STATES: Final = frozenset(["gone", "broken", "faulty", "empty", "missing", "wrong"])
SURELY_THINGS: Final = frozenset(
    [
        "came",
        "arrived",
        "fits",
        "fell",
        "broke",
        "smells",
        "tastes",
        "shrank",
        "leaks",
        "leaked",
        "crashes",
        "arrives",
        "comes",
        "ripped",
    ]
)
"""What only a thing does that begins a sentence without a subject."""
FEWEST_WORDS: Final = 2


def make_whole(words: tuple[str, ...], vocabulary: Vocabulary, *, is_first: bool) -> tuple[str, ...]:
    """Return ``words``, all in the vocabulary, with the verb that was left out, or, where they are the first of a sentence, the subject."""
    if len(words) < FEWEST_WORDS:
        return words
    kinds = find_kinds(words, vocabulary)
    begun = _with_subject(words, kinds, vocabulary) if is_first else ()
    return begun or _as_left(words, kinds, vocabulary) or _with_verb(words, kinds, vocabulary)


def _with_subject(words: tuple[str, ...], kinds: str, vocabulary: Vocabulary) -> tuple[str, ...]:
    """Return words with "I", "it" before them where one of these was plainly left out; nothing where not."""
    first = words[0]
    if first == "took" and words[1] in {"me", "us"}:
        return ("it", *words)
    if first == "was" and kinds[1] in "eg":
        return ("i", *words)
    if words[1] in {"me", "us"} and kinds[0] in "te" and vocabulary.is_of(first, "done_to"):
        base = vocabulary.bases.get(first, "")
        return ("i", "was", vocabulary.forms[base]["e"] if base in vocabulary.forms else first, *words[2:])
    if first == "waiting" and kinds[1] in "ui":
        return ("i", "'ve", "been", *words)
    return ("it", *words) if first in SURELY_THINGS and kinds[1] in "irjeucx" else ()


def _as_left(words: tuple[str, ...], kinds: str, vocabulary: Vocabulary) -> tuple[str, ...]:
    """Return "the box left in the sun" as "the box was left in the sun"; nothing where no thing was left."""
    place = words.index("left") if "left" in words[1:5] else 0
    is_left = (
        place > 0
        and kinds[0] in "djnp"
        and kinds[place] in "te"
        and kinds[place - 1] in "np"
        and kinds[place + 1 : place + 2] == "i"
        and not FINITE.search(kinds[:place])
        and not vocabulary.is_of(words[place - 1], "persons")
    )
    return (*words[:place], "were" if kinds[place - 1] == "p" else "was", *words[place:]) if is_left else ()


def _with_verb(words: tuple[str, ...], kinds: str, vocabulary: Vocabulary) -> tuple[str, ...]:
    """Return words with "is" or "was" between a thing and what is said of it."""
    found = BARE.fullmatch(kinds)
    if not found or FINITE.search(kinds):
        return words
    at = found.start("said")
    told = next(place for place in range(at, len(words)) if kinds[place] in "egj")
    word = words[told]
    is_told = (
        word in STATES
        or vocabulary.is_of(word, "trouble")
        or vocabulary.is_of(word, "done_to")
        or vocabulary.is_of(word, "telling")
        or "not" in words[at:told]
    )
    if not is_told or kinds[told + 1 : told + 2] == "e" or vocabulary.is_of(words[at - 1], "persons"):
        return words
    if vocabulary.is_of(word, "by_itself") or (words[at - 1] in SIZES and vocabulary.can(word, "j")):
        return words
    is_many = kinds[at - 1] == "p"
    is_past = kinds[told] == "e" and word not in STATES
    verb = ("were" if is_many else "was") if is_past else ("are" if is_many else "is")
    return (*words[:at], verb, *words[at:])
