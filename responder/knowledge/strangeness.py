"""What a question speaks of and an entry does not: its words that the entry lacks, each weighed by how rarely customers ask with it.

Which goods, in which colour, for whom and where does not count: an answer holds for all of them, or the list of particulars knows better.
"""

import re
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Final

from domain.words import Language
from responder.knowledge.pages import Entry, plain_parts
from responder.knowledge.question import asking_part
from responder.knowledge.terms import find_stems, plain_text
from responder.wordlists import read_words

RAREST: Final = 7.5
"""What a word tells that hardly anybody asks with."""
TELLING: Final = 6.0
LANGUAGES = (Language.JA, Language.EN)
ENTRIES_KEPT = 4096
_JAPANESE_WORD = re.compile("[一-龥々]+|[ァ-ヶー]{2,}|[a-z]{2,}")


def find_telling(plain: str, language: Language) -> dict[str, float]:
    """Return what each word of the asking sentences tells; ``plain`` as ``plain_text`` returns it."""
    weights = _weights(Language.JA if language is Language.JA else Language.EN)
    return {word: weights.get(word, RAREST) for word in _words(asking_part(plain, language), language)}


def tells_something(text: str, language: Language) -> bool:
    """Return whether a sentence has a word that says what it is about: "would that be possible?" has none."""
    return max(find_telling(plain_text(text), language).values(), default=0.0) >= TELLING


def weigh_missing(telling: dict[str, float], entry: Entry, language: Language) -> float:
    """Return what the words tell that stand nowhere in ``entry``, in either language."""
    if language is Language.JA:
        whole = _whole(entry)
        return sum(weight for word, weight in telling.items() if word not in whole)
    own = _stems(entry)
    return sum(weight for word, weight in telling.items() if word not in own)


def _words(plain: str, language: Language) -> Sequence[str]:
    bare = _any_of_them(Language.JA if language is Language.JA else Language.EN).sub(" ", plain)
    return tuple(dict.fromkeys(_JAPANESE_WORD.findall(bare) if language is Language.JA else find_stems(bare)))


@cache
def _any_of_them(language: Language) -> re.Pattern[str]:
    said, things = read_words("echo")[language.value], read_words("things")[language.value]
    listed = [*said["items"], *said.get("plurals", ()), *said["prefixes"], *said["places"], *said["colours"]]
    listed += [*things["events"], *things["days"]]
    listed += [one[0] for one in things["families"]] if language is Language.JA else things["family"]
    words = sorted({plain_text(word) for word in listed}, key=lambda word: (-len(word), word))
    if language is Language.JA:
        return re.compile("|".join(map(re.escape, words)))
    return re.compile(rf"(?<![a-z0-9])(?:{'|'.join(map(re.escape, words))})s?(?![a-z0-9])")


@lru_cache(maxsize=ENTRIES_KEPT)
def _whole(entry: Entry) -> str:
    return "\n".join(part for one in LANGUAGES for part in plain_parts(entry, one))


@lru_cache(maxsize=ENTRIES_KEPT)
def _stems(entry: Entry) -> frozenset[str]:
    return frozenset(find_stems(_whole(entry)))


@cache
def _weights(language: Language) -> dict[str, float]:
    return {word: row["weight"] for row in read_words("question_words")[language.value] for word in row["words"]}
