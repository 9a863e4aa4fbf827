"""Saying the thing for "it", where a post named just one before."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from responder.retelling.english_clauses import Run
from responder.retelling.english_words import Vocabulary

MOST_BEFORE: Final = 2
BEFORE_THING: Final = frozenset(
    ["bought", "ordered", "got", "received", "have", "own", "purchased", "picked", "collected"]
)
OWNERS: Final = frozenset(["my", "our", "your"])


def name_things(runs: Sequence[Run], vocabulary: Vocabulary) -> tuple[Run, ...]:
    """Return runs in which an "it" that begins one is said by its name, where only one thing was named before."""
    named: tuple[tuple[str, ...], ...] = ()
    told: list[Run] = []
    for run in runs:
        words = run.words
        if words[0] == "it" and len(named) == 1 and words[1:2] and vocabulary.can(words[1], "tzbkmlr"):
            words = (*named[0], *words[1:])
        told.append(replace(run, words=words))
        named = tuple(_find_phrases(run.words, vocabulary))
    return tuple(told)


def _find_phrases(words: Sequence[str], vocabulary: Vocabulary) -> Iterator[tuple[str, ...]]:
    """Yield every thing that is named with an article or an owner."""
    for place, word in enumerate(words):
        if not vocabulary.can(word, "d"):
            continue
        if place and words[place - 1] not in BEFORE_THING:
            continue
        last = place + 1
        while last < len(words) and last - place <= MOST_BEFORE + 1 and vocabulary.can(words[last], "nj"):
            last += 1
        head = words[last - 1]
        if last > place + 1 and vocabulary.can(head, "n") and vocabulary.is_of(head, "goods_nouns"):
            yield (word if word in OWNERS else "the", *words[place + 1 : last])
