"""The shapes of clauses that may be said back: subject, verb, rest, read word by word.

A small automaton over what each word may be (``english_words``). It knows where a clause may end, and refuses
what runs two sentences together; it does not decide what a clause means.
"""

from collections.abc import Mapping, Sequence
from typing import Final

# Where we are -> what may come -> where that leads. Upper case: a place where a clause may end.
#   subj: before a subject; subn: inside it; head, one: behind its noun, one or many; subp: behind its preposition; rel, relk, gaps: "the coat I bought"
#   be, have, can, do: behind an auxiliary; R: behind something whole; N: behind a noun; G: behind a relative clause; W: behind "told"
#   noun: inside a noun phrase; P: behind a preposition or particle; to: behind "to"; and: behind a joint; sub: behind "because"
VERBS: Final = {
    "t": ("R",),
    "z": ("R",),
    "v": ("R",),
    "w": ("W",),
    "L": ("let",),
    "b": ("be",),
    "k": ("have",),
    "m": ("can",),
    "l": ("do",),
}
OPEN: Final = {
    "d": ("noun",), "j": ("J",), "n": ("N",), "p": ("N",), "e": ("R",), "g": ("R",), "o": ("R",), "r": ("R",), "u": ("noun",),
    "i": ("P",), "T": ("to",), "c": ("and",), "x": ("sub",), "f": ("not",),
}  # fmt: skip
SHAPES: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "subj": {"d": ("subn",), "j": ("subn",), "u": ("subu", "head"), "g": ("subn",), "n": ("one",), "p": ("head",), "s": ("pron",), "e": ("subn",)},
    "subu": {"j": ("subn",), "e": ("subn",), "u": ("subu",), "n": ("one",), "p": ("head",), "i": ("subp",), **VERBS},
    "subn": {"d": ("subn",), "j": ("subn",), "e": ("subn",), "g": ("subn",), "u": ("subn", "head"), "r": ("subn",), "n": ("one",), "p": ("head",), "i": ()},
    "head": {**VERBS, "n": ("one",), "p": ("head",), "a": ("subn",), "i": ("subp",), "c": ("subj",), "r": ("late",), "s": ("rel",), "x": ("relx",)},
    "one": {**{one: to for one, to in VERBS.items() if one != "v"}, "n": ("one",), "p": ("head",), "a": ("subn",), "i": ("subp",), "c": ("subj",), "r": ("late1",), "s": ("rel",), "x": ("relx",)},
    "late1": {**{one: to for one, to in VERBS.items() if one != "v"}, "r": ("late1",)},
    "pron": {**VERBS, "r": ("late",), "i": ("subp",), "c": ("subj",)},
    "late": {**VERBS, "r": ("late",)},
    "subp": {"d": ("subn",), "n": ("one",), "p": ("head",), "o": ("head",), "j": ("subn",), "u": ("subn",), "e": ("subn",), "g": ("subn",)},
    "rel": {"t": ("gaps",), "k": ("relk",), "r": ("rel",), "w": ("gaps",)},
    "relx": {"s": ("rel",), "t": ("gaps",), "k": ("relk",)},
    "relk": {"e": ("gaps",), "r": ("relk",)},
    "gaps": {**VERBS, "i": ("gapp",), "r": ("gaps",)},
    "gapp": {**VERBS, "o": ("gaps",), "j": ("gaps", "gapn"), "d": ("gapn",), "n": ("gaps",), "p": ("gaps",)},
    "gapn": {"n": ("gaps", "gapn"), "p": ("gaps",), "j": ("gapn",)},
    "be": {**OPEN, "c": (), "f": ("be",)},
    "have": {"f": ("have",), "r": ("have",), "e": ("R",), "w": ("W",), "L": ("let",), "y": ("be",), "d": ("noun",), "n": ("N",), "p": ("N",), "u": ("noun",), "T": ("to",), "j": ("noun",), "o": ("R",)},
    "can": {"f": ("can",), "r": ("can",), "v": ("R",), "w": ("W",), "L": ("let",), "q": ("be",), "k": ("have",)},
    "do": {"f": ("do",), "r": ("do",), "v": ("R",), "w": ("W",), "L": ("let",), "k": ("have",)},
    "R": {**OPEN},
    "let": {**OPEN, "o": ("R", "to")},
    "not": {**OPEN, "c": (), "f": ()},
    "J": {**OPEN, "j": ("J",)},
    "N": {**OPEN, "a": ("noun",), "s": ("relr",), "u": ("noun", "R")},
    "W": {**OPEN, "s": ("pron",), "d": ("noun", "subn"), "o": ("W",), "n": ("N", "one"), "p": ("N", "head")},
    "relr": {"t": ("G",), "k": ("relrk",), "r": ("relr",)},
    "relrk": {"e": ("G",), "r": ("relrk",)},
    "G": {"i": ("P",), "r": ("G",), "c": ("and",), "x": ("sub",)},
    "noun": {"x": ("sub",), "j": ("noun",), "e": ("noun",), "g": ("noun",), "u": ("noun", "R"), "r": ("noun",), "n": ("N",), "p": ("N",), "d": ("noun",)},
    "P": {"d": ("noun",), "n": ("N",), "p": ("N",), "o": ("R",), "u": ("noun", "R"), "j": ("noun", "R"), "g": ("R", "noun"), "r": ("P",), "i": ("P",), "T": ("to",), "e": ("noun",), "c": ("and",), "x": ("sub",)},
    "to": {"v": ("R",), "w": ("W",), "L": ("let",), "q": ("be",), "r": ("to",), "k": ("have",)},
    "and": {**VERBS, "e": ("R",), "g": ("R",), "d": ("noun", "subn"), "j": ("J", "subn"), "n": ("N", "one"), "p": ("N", "head"), "s": ("pron",), "o": ("R",), "r": ("and",), "u": ("noun", "subn"), "i": ("P",)},
    "sub": {**VERBS, "s": ("pron",), "d": ("subn",), "n": ("one",), "p": ("head",), "j": ("subn",), "u": ("subn",), "g": ("R",), "e": ("R",), "T": ("to",)},
}  # fmt: skip
ENDS: Final = frozenset([*"RJNGWP", "let"])
PARTICLES: Final = frozenset(
    ["in", "on", "off", "up", "down", "out", "over", "through", "about", "around", "outside", "inside", "behind"]
)
MISSING_BEHIND: Final = frozenset(["to", "at", "from", "by", "with", "for", "after"])
"""Ends a clause only behind a word that leaves a gap: "had to pay for", "the coat I paid for"; too seldom to trust."""


def is_clause(tags: Sequence[str], *, start: str = "subj") -> bool:
    """Return whether words of those kinds make a clause that may end where they end."""
    places = {start}
    for letters in tags:
        places = {behind for place in places for letter in letters for behind in SHAPES[place].get(letter, ())}
        if not places:
            return False
    return bool(places & ENDS)


def may_end(word: str, tags: str) -> bool:
    """Return whether a clause may end in ``word``."""
    if word in MISSING_BEHIND or tags in {"d", "c", "x", "dr"}:
        return False
    return "i" not in tags or word in PARTICLES or "r" in tags or "n" in tags
