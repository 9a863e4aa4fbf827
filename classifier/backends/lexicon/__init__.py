"""Word lists of the keyword backend and of the rules beside the model: data files (``ja.toml``, ``en.toml``, ``emoji.toml``) and what is made of them.

A file is read as ``[group]`` with three steps of weight. An entry is a word or several; ``…`` lets a few words stand between.
Entries and texts go through the same spelling, so that a list may be written as people write.
"""

import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

from domain.errors import ConfigError, Place

WEIGHTS: Final[Mapping[str, float]] = {"strong": 3.0, "clear": 2.0, "slight": 1.0}
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
    """All cues of one file, found by the first characters of their first part, or by all of a short one."""

    index: Mapping[str, tuple[Entry, ...]]
    lengths: tuple[int, ...]
    """Lengths of the keys there are, the longest first."""
    firsts: frozenset[str]
    """Characters that a key begins with."""

    def at(self, text: str, place: int) -> Sequence[Entry]:
        """Return the cues that may stand at ``place``, the longest first."""
        look_up = self.index.get
        found: Sequence[Entry] = ()
        for length in self.lengths:
            entries = look_up(text[place : place + length])
            if entries:
                found = sorted((*found, *entries), key=_length, reverse=True) if found else entries
        return found


def read_table(name: str) -> dict[str, object]:
    """Return the parsed file ``name`` of this package."""
    return tomllib.loads((files("classifier.backends.lexicon") / name).read_text(encoding="utf-8"))


def read_spelling(name: str) -> dict[str, str]:
    """Return the ``[spelling]`` table of ``name``: what is written to what is looked up."""
    table = read_table(name).get(SPELLING, {})
    return {str(written): str(meant) for written, meant in table.items()} if isinstance(table, dict) else {}


def build_lexicon(
    name: str, *, prepare: Callable[[str], str], key_length: int, groups: frozenset[str] | None = None
) -> Lexicon:
    """Read ``name``, or only some ``groups`` of it; ``prepare`` spells a part as texts are spelled.

    Raises ``ConfigError`` naming an entry that is wrong.
    """
    index: dict[str, list[Entry]] = {}
    for group, weight, word in _walk(read_table(name), name=name, prefix=""):
        if groups is not None and group not in groups:
            continue
        parts = tuple(part for part in map(prepare, word.split(GAP)) if part.strip())
        if not parts:
            place = Place(file=name, field=group)
            raise ConfigError(f"'{word}' has nothing to look up", place=place, remedy="Write a word or remove it.")
        entry = Entry(parts=parts, group=group, weight=weight, word=word)
        index.setdefault(parts[0][:key_length], []).append(entry)
    # The longest cue first, so that 届いていない wins over 届い within one group.
    ordered = {key: tuple(sorted(found, key=_length, reverse=True)) for key, found in index.items()}
    return Lexicon(
        index=ordered,
        lengths=tuple(sorted({len(key) for key in ordered}, reverse=True)),
        firsts=frozenset(key[0] for key in ordered),
    )


def _length(entry: Entry) -> int:
    return sum(map(len, entry.parts))


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
