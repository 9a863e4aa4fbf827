"""The English vocabulary (``retelling_en.toml``): every form of every word with what it may be in a clause."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from responder.wordlists import read_words

# What a word may be, one letter each. Nouns: n, p (plural), a ('s). Verbs: v (base), z (third person), t (past), e (participle), g (-ing),
# w (takes a clause: says), L (takes a bare verb: lets). Auxiliaries: b (be), k (have), m (can), l (do), q ("be"), y ("been"), T ("to"), f ("not"). j adjective, r adverb,
# d determiner, s subject, o object, i preposition, c joint, x subordinator, u number, h question word.
VOWELS: Final = "aeiou"
SAYING: Final = frozenset(
    ["say", "tell", "mean", "state", "show", "realise", "realize", "notice", "confirm", "discover"]
)
LETTING: Final = frozenset(["let", "make", "help"])
BE: Final = frozenset(["am", "is", "are", "was", "were", "isn't", "aren't", "wasn't", "weren't", "'m", "'re", "'s"])
HAVE: Final = frozenset(["have", "has", "had", "haven't", "hasn't", "hadn't", "'ve", "'s", "'d"])
DO: Final = frozenset(["do", "does", "did", "don't", "doesn't", "didn't"])
MODALS: Final = frozenset(
    [
        "can",
        "can't",
        "could",
        "couldn't",
        "won't",
        "will",
        "would",
        "wouldn't",
        "may",
        "might",
        "must",
        "should",
        "shouldn't",
    ]
)
APART: Final = {"to": "Ti", "be": "q", "been": "y", "being": "g", "having": "g", "not": "f", "never": "r", "'s": "a"}
NUMBERS: Final = (
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
)


ORDINALS: Final = {1: "st", 2: "nd", 3: "rd"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Vocabulary:
    """Every word that may be said back, by lower-case form."""

    tags: Mapping[str, str]
    """What it may be: letters as above."""
    said: Mapping[str, str]
    """How we say what they write their own way."""
    shown: Mapping[str, str]
    """Words that are not written in small letters."""
    kinds: Mapping[str, frozenset[str]]
    """Forms by list: trouble, joy, acts, shop, units, ..."""
    forms: Mapping[str, Mapping[str, str]]
    """Base form -> its other forms by letter (z, t, e, g)."""
    bases: Mapping[str, str]
    """Any form of a verb -> its base."""

    def can(self, word: str, letters: str) -> bool:
        """Return whether ``word`` may be one of ``letters``."""
        return any(letter in letters for letter in self.tags.get(word, ""))

    def is_of(self, word: str, kind: str) -> bool:
        """Return whether ``word`` stands in the list ``kind``."""
        return word in self.kinds[kind]


@cache
def read_vocabulary() -> Vocabulary:
    """Return the shipped vocabulary."""
    lists = read_words("retelling_en")
    tags: dict[str, set[str]] = {}
    kinds: dict[str, set[str]] = {name: set(words.split()) for name, words in lists["kinds"].items()}
    _add_nouns(lists, tags, kinds)
    forms = _add_verbs(lists, tags, kinds)
    _add_others(lists, tags, kinds)
    bases = {form: base for base, others in forms.items() for form in (base, *others.values())}
    return Vocabulary(
        tags={word: "".join(sorted(letters)) for word, letters in tags.items()},
        said=lists["said"],
        shown=lists["shown"] | {word: word.capitalize() for word in kinds["capitals"]},
        kinds={name: frozenset(words) for name, words in kinds.items()},
        forms=forms,
        bases=bases,
    )


def _add(tags: dict[str, set[str]], words: Iterator[str] | list[str] | frozenset[str], letters: str) -> None:
    for word in words:
        tags.setdefault(word, set()).update(letters)


def _add_nouns(lists: Mapping[str, Any], tags: dict[str, set[str]], kinds: dict[str, set[str]]) -> None:
    plurals = dict(pair.split() for pair in lists["irregular"]["plurals"])
    for name, words in lists["nouns"].items():
        singular = words.split()
        plural = [plurals.get(word) or _add_s(word) for word in singular]
        _add(tags, singular, "n")
        _add(tags, plural, "p")
        kinds.setdefault("trouble" if name == "trouble" else f"{name}_nouns", set()).update(singular, plural)


def _add_verbs(
    lists: Mapping[str, Any], tags: dict[str, set[str]], kinds: dict[str, set[str]]
) -> dict[str, dict[str, str]]:
    irregular = {
        base: (past, participle) for base, past, participle in (one.split() for one in lists["irregular"]["verbs"])
    }
    doubling = frozenset(lists["irregular"]["doubling"].split())
    known: dict[str, dict[str, str]] = {}
    for name, words in lists["verbs"].items():
        for base in words.split():
            stem = base + base[-1] if base in doubling else base
            past, participle = irregular.get(base) or (_add_ed(stem),) * 2
            known[base] = {"z": _add_s(base), "t": past, "e": participle, "g": _add_ing(stem)}
            for letter, form in (("v", base), *known[base].items()):
                _add(tags, [form], letter + ("w" if base in SAYING else "L" if base in LETTING else ""))
                kinds.setdefault(name, set()).add(form)
    return known


def _add_others(lists: Mapping[str, Any], tags: dict[str, set[str]], kinds: dict[str, set[str]]) -> None:
    for group, letter in (("adjectives", "j"), ("adverbs", "r")):
        for name, words in lists[group].items():
            _add(tags, words.split(), letter)
            kinds.setdefault(name, set()).update(words.split())
    function = {name: words.split() for name, words in lists["function"].items()}
    letters = {
        "determiners": "d",
        "subjects": "s",
        "objects": "o",
        "prepositions": "i",
        "joints": "c",
        "subordinators": "x",
        "numbers": "u",
        "questions": "h",
    }
    for name, letter in letters.items():
        _add(tags, function[name], letter)
    for words, letter in ((BE, "b"), (HAVE, "k"), (DO, "l"), (MODALS, "m")):
        _add(tags, words, letter)
    # "have" and "do" are verbs of their own, too.
    _add(tags, ["have", "do"], "v")
    for word, letter in APART.items():
        tags[word] = set(letter) | (tags.get(word, set()) & {"b", "k"})
    _add(tags, [str(number) for number in range(1, 100)], "u")
    _add(
        tags,
        [f"{day}{ORDINALS.get(day % 10, 'th') if day not in {11, 12, 13} else 'th'}" for day in range(1, 32)],
        "un",
    )
    # "Every time I open it".
    _add(tags, ["time"], "x")
    _add(tags, ["one", "something", "anything", "everything"], "n")
    _add(tags, ["ones", "others"], "p")


def _add_s(word: str) -> str:
    if word.endswith(("s", "x", "z", "ch", "sh")):
        return f"{word}es"
    if word.endswith("y") and word[-2] not in VOWELS:
        return f"{word[:-1]}ies"
    return {"go": "goes", "do": "does", "have": "has", "echo": "echoes"}.get(word, f"{word}s")


def _add_ed(word: str) -> str:
    if word.endswith("e"):
        return f"{word}d"
    return f"{word[:-1]}ied" if word.endswith("y") and word[-2] not in VOWELS else f"{word}ed"


def _add_ing(word: str) -> str:
    if word.endswith("ie"):
        return f"{word[:-2]}ying"
    return f"{word[:-1]}ing" if word.endswith("e") and not word.endswith(("ee", "oe", "ye")) else f"{word}ing"
