"""Word lists of the keyword backend and of the rules beside the model: data files (``ja.toml``, ``en.toml``, ``emoji.toml``) and what is made of them.

A file is read as ``[group]`` with steps of weight (``WEIGHTS``). An entry is a word or several; ``…`` lets a few words stand between.
Entries and texts go through the same spelling, so that a list may be written as people write.
"""

import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

from ahocorasick_rs import AhoCorasick

from domain.errors import ConfigError, Place

WEIGHTS: Final[Mapping[str, float]] = {"grave": 4.0, "strong": 3.0, "clear": 2.0, "slight": 1.0}
GRAVE: Final = WEIGHTS["grave"]
"""A cue of this weight is believed whatever the model makes of the text (``rules.py``)."""
GAP: Final = "…"
SPELLING: Final = "spelling"


@dataclass(frozen=True, slots=True)
class Entry:
    """One cue. ``parts`` follow each other in the text, the first at the place where it is looked up."""

    parts: tuple[str, ...]
    group: str
    weight: float
    word: str
    """As written in the file: what people are shown."""


@dataclass(frozen=True, slots=True)
class Lexicon:
    """All cues of one file. A text is read once for all of them (Aho and Corasick's automaton)."""

    automaton: AhoCorasick
    """Of the first parts of cues."""
    cues: Sequence[Sequence[tuple[int, Entry]]]
    """Those of each first part, each with its rank; in the automaton's order."""

    def find(self, text: str) -> list[tuple[int, Entry]]:
        """Return the cues whose first part stands in ``text`` and where it begins: in order, at one place the longest cue first."""
        parts = self.automaton.find_matches_as_indexes(text, overlapping=True)
        if not parts:
            return []
        found = [(at, rank, entry) for part, at, _ in parts for rank, entry in self.cues[part]]
        found.sort()  # a rank is nobody else's: entries are never compared
        return [(at, entry) for at, _, entry in found]


def read_table(name: str) -> dict[str, object]:
    """Return the parsed file ``name`` of this package."""
    return tomllib.loads((files("classifier.backends.lexicon") / name).read_text(encoding="utf-8"))


def read_spelling(name: str) -> dict[str, str]:
    """Return the ``[spelling]`` table of ``name``: what is written to what is looked up."""
    table = read_table(name).get(SPELLING, {})
    return {str(written): str(meant) for written, meant in table.items()} if isinstance(table, dict) else {}


def build_lexicon(name: str, *, prepare: Callable[[str], str], groups: frozenset[str] | None = None) -> Lexicon:
    """Read ``name``, or only some ``groups`` of it; ``prepare`` spells a part as texts are spelled.

    Raises ``ConfigError`` naming an entry that is wrong.
    """
    entries: list[Entry] = []
    for group, weight, word in _walk(read_table(name), name=name, prefix=""):
        if groups is not None and group not in groups:
            continue
        parts = tuple(part for part in map(prepare, word.split(GAP)) if part.strip())
        if not parts:
            place = Place(file=name, field=group)
            raise ConfigError(f"'{word}' has nothing to look up", place=place, remedy="Write a word or remove it.")
        entries.append(Entry(parts=parts, group=group, weight=weight, word=word))
    return _make_lexicon(entries)


def _make_lexicon(entries: Sequence[Entry]) -> Lexicon:
    # The longest cue first, so that 届いていない wins over 届い within one group; of two as long, the one without a gap.
    ranked = sorted(entries, key=lambda entry: (-sum(map(len, entry.parts)), len(entry.parts)))
    by_first: dict[str, list[tuple[int, Entry]]] = {}
    for rank, entry in enumerate(ranked):
        by_first.setdefault(entry.parts[0], []).append((rank, entry))
    return Lexicon(automaton=AhoCorasick(list(by_first)), cues=tuple(tuple(found) for found in by_first.values()))


def _walk(table: Mapping[str, object], *, name: str, prefix: str) -> Iterator[tuple[str, float, str]]:
    for key, value in table.items():
        if key == SPELLING:
            continue
        path = f"{prefix}.{key}" if prefix else key
        if isinstance(value, dict):
            yield from _walk(value, name=name, prefix=path)
        elif isinstance(value, list) and key in WEIGHTS:
            yield from ((prefix, WEIGHTS[key], str(word)) for word in value)
        else:
            steps = ", ".join(WEIGHTS)
            raise ConfigError("is no list of words", place=Place(file=name, field=path), remedy=f"Use one of {steps}.")
