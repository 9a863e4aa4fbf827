"""A post as units that can be kept, left out, replaced or led by a few small words: how one of its clauses is said back.

English: words. Japanese: the pieces of the tokenizer. A clause is never made of anything but units of the post and a closed list of phrases.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from domain.words import Language

WORDS: Final = re.compile(
    r"[^\W\d_]+(?:['\-][^\W\d_]+)*|\d+(?:[.,:]\d+)*(?:st|nd|rd|th)?|[^\w\s]|\S",
)
KEEP: Final = "K"
DROP: Final = "D"
REPLACE: Final = "="
"""Before what is said instead of a unit."""
TURNED: Final = {
    "i": "you", "me": "you", "my": "your", "mine": "yours", "myself": "yourself", "we": "you", "us": "you", "our": "your", "ours": "yours",
    "ourselves": "yourselves", "i'm": "you're", "im": "you're", "i've": "you've", "ive": "you've", "i'd": "you'd", "i'll": "you'll", "we're": "you're",
    "we've": "you've", "we'd": "you'd", "we'll": "you'll", "you": "we", "u": "we", "ya": "we", "your": "our", "ur": "our", "yours": "ours",
    "you're": "we're", "you've": "we've", "you'd": "we'd", "you'll": "we'll", "yourself": "ourselves", "am": "are",
}  # fmt: skip
"""Who is who, as the one says it who answers."""
AGREEING: Final = re.compile(
    r"(?<!\bin )(?<!\bof )(?<!\bto )(?<!\bfor )(?<!\bon )(?<!\bwith )\b(you|we) (was|wasn't)\b"
)
PLURAL: Final = {"was": "were", "wasn't": "weren't"}
BESIDE: Final = re.compile(r" (?=[,.;:!?%)])|(?<=[(£$€]) ")


@dataclass(frozen=True, slots=True)
class Unit:
    """Part of a prepared post."""

    text: str
    first: int
    last: int
    """Places of its first and its last piece among those of the tokenizer."""
    is_first: bool = False
    """It begins a sentence."""


@dataclass(frozen=True, slots=True)
class Edit:
    """What is done with one unit."""

    act: str
    """``K``, ``D``, or ``=`` and what is said instead."""
    led_by: str = ""
    """What stands before it."""


def split_units(text: str, spans: Sequence[tuple[int, int]], language: Language) -> list[Unit]:
    """Return the units of ``text``; ``spans``: where each piece stands in it, empty for those that mark its ends."""
    if language is Language.JA:
        found = [(begin, end) for begin, end in _bare(text, spans) if begin < end]
    else:
        found = [match.span() for match in WORDS.finditer(text)]
    units = []
    at, begins = 0, True
    for begin, end in found:
        while at < len(spans) - 1 and spans[at][1] <= begin:
            at += 1
        last = at
        while last < len(spans) - 1 and spans[last + 1][0] < end and spans[last + 1][0] < spans[last + 1][1]:
            last += 1
        if spans[at][0] < end and begin < spans[at][1]:
            units.append(Unit(text[begin:end], at, last, begins))
        begins = text[begin:end] in {".", "!", "?", "…"}
    return units


def _bare(text: str, spans: Iterable[tuple[int, int]]) -> Iterable[tuple[int, int]]:
    """Yield spans without the spaces that a piece may begin with."""
    for begin, end in spans:
        piece = text[begin:end]
        yield begin + len(piece) - len(piece.lstrip()), end


def apply_edits(units: Sequence[Unit], edits: Sequence[Edit], language: Language) -> str:
    """Return the clause: ``edits`` are one for each unit and one for the end."""
    said: list[str] = []
    for unit, edit in zip([*units, Unit("", 0, 0)], edits, strict=True):
        if edit.led_by:
            said.append(edit.led_by)
        if edit.act == KEEP and unit.text:
            said.append(say(unit, language))
        elif edit.act.startswith(REPLACE):
            said.append(edit.act[1:])
    if language is Language.JA:
        return "".join(said)
    return AGREEING.sub(lambda found: f"{found[1]} {PLURAL[found[2]]}", BESIDE.sub("", " ".join(said)))


def say(unit: Unit, language: Language) -> str:
    """Return a unit that is kept as it is said in a reply: in English turned round, and in small letters where it only began a sentence."""
    if language is Language.JA:
        return unit.text
    word = unit.text.replace("’", "'")
    turned = TURNED.get(word.lower())
    is_plain = unit.is_first and word[1:].islower()
    return turned or (word.lower() if is_plain or word in {"A", "The"} else word)
