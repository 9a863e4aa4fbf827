"""Whether a clause may be said back to the one who wrote it, and how well it tells the trouble or the joy."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from responder.retelling.english_praising import judge_praise
from responder.retelling.english_refusing import is_refused
from responder.retelling.english_troubles import judge_trouble
from responder.retelling.english_words import Vocabulary

LED_ON: Final = frozenset(["and", "but", "without", "no", "nobody", "still", "for", "since"])
"""Behind one of these comes what came of it."""
BOUGHT: Final = frozenset([("ordered",), ("bought",), ("received",)])


def judge(words: Sequence[str], vocabulary: Vocabulary, *, is_praise: bool) -> float:
    """Return how well a clause tells the trouble or the joy; 0 where it must not be said back."""
    if words[0] in {"it", "this", "that", "these", "those", "you", "him", "which", "what", "mine", "something"}:
        return 0.0
    if not is_praise and words[0] in {"she", "he", "they"}:
        return 0.0
    if not is_praise and words[0] == "i" and _is_attempt(words[1:], vocabulary):
        return 0.0
    if any(vocabulary.is_of(word, "hedges") for word in words) or not (
        _keeps_money(words, vocabulary) and _is_plain(words, vocabulary) and not is_refused(words, vocabulary)
    ):
        return 0.0
    return judge_praise(words, vocabulary) if is_praise else judge_trouble(words, vocabulary)


def _is_attempt(words: Sequence[str], vocabulary: Vocabulary) -> bool:
    """Return whether it tells only what they did about it: "I've unsubscribed five times" is not the trouble."""
    return any(vocabulary.is_of(word, "attempts") for word in words[:3]) and LED_ON.isdisjoint(words)


def _is_plain(words: Sequence[str], vocabulary: Vocabulary) -> bool:
    """Return whether it is plain what it is about: not "two closed", not "is wrong about it"."""
    is_one_part = words[0] == "one" and vocabulary.can(words[1], "n") and vocabulary.is_of(words[1], "parts_nouns")
    if (vocabulary.can(words[0], "u") and words[1] != "of" and not is_one_part and words[:2] != ("half", "the")) or (
        "'s",
        "no",
    ) in pairwise(words):
        return False
    if any(
        two == "don't" and vocabulary.can(one, "n") and not vocabulary.can(one, "pso") for one, two in pairwise(words)
    ):
        return False
    owned = words[words.index("i", 1) + 1 : words.index("i", 1) + 2] if "i" in words[1:] else ()
    if (
        "i" in words[1:]
        and owned not in BOUGHT
        and not any(vocabulary.can(word, "tzbkml") for word in words[: words.index("i", 1)])
    ):
        return False
    if any(
        vocabulary.is_of(word, "kin") and vocabulary.can(words[place + 2], "b")
        for place, word in enumerate(words[1:4])
        if place + 2 < len(words)
    ):
        return False
    is_unclear = (
        words[-1] in {"it", "them"} and vocabulary.can(words[-2], "iv") and not {"when", "after", "before"} & set(words)
    )
    is_vague = vocabulary.is_of(words[-1], "vague_ends") and not vocabulary.can(words[-2], "j")
    return not is_unclear and not is_vague and ("but", "no") not in pairwise(words)


def speaks_of_offers(words: Sequence[str], vocabulary: Vocabulary) -> bool:
    """Return whether our reply would seem to offer something, or to blame them."""
    pairs = {
        ("gift", "card"),
        ("half", "price"),
        ("won't", "charge"),
        ("i", "changed"),
        ("can", "exchange"),
        ("you", "exchange"),
    }
    return any(vocabulary.is_of(word, "offered") for word in words) or bool(pairs & set(pairwise(words)))


def _keeps_money(words: Sequence[str], vocabulary: Vocabulary) -> bool:
    """Return whether nothing is said of what we are to pay."""
    if speaks_of_offers(words, vocabulary):
        return False
    if not any(vocabulary.is_of(word, "money") for word in words):
        return True
    return not any(vocabulary.is_of(word, "claiming") for word in words)
