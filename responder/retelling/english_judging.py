"""Whether a clause may be said back to the one who wrote it, and how well it tells the trouble or the joy."""

from collections.abc import Sequence
from typing import Final

from responder.retelling.english_words import Vocabulary

HAVING: Final = frozenset(["has", "had", "have", "is", "was", "with", "found", "are", "were"])
FEWEST_DEED: Final = 4
NEGATIONS: Final = frozenset(
    ["not", "no", "never", "nobody", "nothing", "neither", "without", "isn't", "aren't", "wasn't", "weren't", "hasn't", "haven't", "don't", "doesn't", "didn't", "can't", "couldn't", "won't", "nowhere", "hadn't"]
)


def judge(words: Sequence[str], vocabulary: Vocabulary, *, is_praise: bool) -> float:
    """Return how well a clause tells the trouble or the joy; 0 where it must not be said back."""
    if words[0] in {"it", "this", "that", "these", "those", "you", "him", "which", "what", "mine", "something"}:
        return 0.0
    if not is_praise and words[0] in {"she", "he", "they"}:
        return 0.0
    if any(vocabulary.is_of(word, "hedges") for word in words) or not _keeps_money(words, vocabulary):
        return 0.0
    return _judge_praise(words, vocabulary) if is_praise else _judge_trouble(words, vocabulary)


def _keeps_money(words: Sequence[str], vocabulary: Vocabulary) -> bool:
    """Return whether nothing is said of what we are to pay."""
    if not any(vocabulary.is_of(word, "money") for word in words):
        return True
    return not any(vocabulary.is_of(word, "claiming") for word in words)


def _judge_trouble(words: Sequence[str], vocabulary: Vocabulary) -> float:
    negated = any(word in NEGATIONS for word in words)
    joyful = any(vocabulary.is_of(word, "joy") and not vocabulary.is_of(word, "trouble") for word in words)
    if words[0] == "nobody" or words[:2] == ("no", "one"):
        signs = 2 * any(vocabulary.is_of(word, "helping") for word in words[1:5])
    else:
        signs = sum(is_sign(words, place, vocabulary, kind="trouble") for place in range(1, len(words)))
    if not signs or (joyful and not negated):
        return 0.0
    if words[0] in {"i", "we"} and not _is_theirs_to_say(words, vocabulary):
        return 0.0
    return (
        1.0
        + min(signs, 3) * 0.4
        + min(len(words), 10) * 0.05
        - 0.5 * (words[0] == "there")
        - 0.3 * any(word in {"it", "they", "them"} for word in words[:4])
    )


def is_sign(words: Sequence[str], place: int, vocabulary: Vocabulary, *, kind: str) -> bool:
    """Return whether the word there says, where it stands, that something went wrong, or well."""
    word, before = words[place], words[place - 1]
    if kind == "trouble" and (word in NEGATIONS or vocabulary.is_of(word, "grave_signs")):
        return True
    if kind == "trouble" and before == "too" and vocabulary.can(word, "j"):
        return True
    return vocabulary.is_of(word, kind) and _is_said(words, place, vocabulary, kind=kind)


def _is_said(words: Sequence[str], place: int, vocabulary: Vocabulary, *, kind: str) -> bool:
    """Return whether it is what the clause says, not what it says in passing."""
    word, before = words[place], words[place - 1]
    if vocabulary.can(word, "j"):
        return _is_said_of(words, place, vocabulary)
    is_verb = vocabulary.can(word, "ztge") and not vocabulary.can(before, "dja")
    is_base = vocabulary.can(word, "v") and (vocabulary.can(before, "mlTp") or before == "i")
    if is_verb or is_base:
        return True
    if vocabulary.can(word, "np"):
        return any(one in HAVING for one in words[:place])
    return vocabulary.can(word, "r") and kind == "joy"


def _is_said_of(words: Sequence[str], place: int, vocabulary: Vocabulary) -> bool:
    """Return whether the adjective there is said of something: "the lid is loose", not "the loose lid"."""
    behind = words[place + 1] if place + 1 < len(words) else ""
    led = next((one for one in reversed(words[:place]) if not vocabulary.can(one, "r") or vocabulary.can(one, "b")), "")
    return (vocabulary.can(led, "bqyc") or vocabulary.is_of(led, "becoming")) and not vocabulary.can(behind, "np")


def _is_theirs_to_say(words: Sequence[str], vocabulary: Vocabulary) -> bool:
    """Return whether what they say of themselves can be said of them: what they did, never what they think or feel."""
    rest = [word for word in words[1:] if not vocabulary.is_of(word, "between")]
    verb = next((word for word in rest if word not in {"not", "never"}), "")
    behind = rest[rest.index(verb) + 1 :] if verb else []
    if verb in {"can't", "couldn't"}:
        return bool(behind) and vocabulary.is_of(behind[0], "cannot")
    if verb in {"haven't", "hasn't", "didn't", "don't", "have", "'ve", "had"} and (
        verb in NEGATIONS or "never" in words
    ):
        return bool(behind) and vocabulary.is_of(
            next((one for one in behind if one not in {"not", "never"}), ""), "havenot"
        )
    if verb in {"am", "'m", "was", "wasn't", "were", "'re", "are"}:
        return bool(behind) and vocabulary.is_of(behind[0], "befallen")
    if verb in {"have", "'ve", "had", "'d"} and behind:
        return behind[0] in {"been", "to", "no"} or vocabulary.is_of(behind[0], "done")
    return vocabulary.is_of(verb, "done")


def _judge_praise(words: Sequence[str], vocabulary: Vocabulary) -> float:
    if any(
        word in NEGATIONS or (vocabulary.is_of(word, "trouble") and not vocabulary.is_of(word, "joy")) for word in words
    ):
        return 0.0
    length = min(len(words), 10) * 0.05
    if words[0] in {"i", "we"}:
        loved = next((place for place, word in enumerate(words[1:4], start=1) if vocabulary.is_of(word, "loved")), 0)
        named = (
            loved
            and loved + 1 < len(words)
            and vocabulary.can(words[loved + 1], "dnp")
            and words[loved + 1] not in {"it", "this", "that"}
        )
        return 1.6 + length if named else 0.0
    if words[0] in {"she", "he", "they"} or any(vocabulary.is_of(word, "staff") for word in words[1:3]):
        verb = next((word for word in words[1:] if vocabulary.can(word, "tzb")), "")
        if vocabulary.is_of(verb, "deeds"):
            return 1.8 + length - 0.3 * (words[0] in {"she", "he", "they"}) if len(words) > FEWEST_DEED else 0.0
    signs = sum(is_sign(words, place, vocabulary, kind="joy") for place in range(1, len(words)))
    if not signs or words[0] in {"there", "it"}:
        return 0.0
    return 1.0 + min(signs, 3) * 0.4 + length - 0.6 * (words[0] in {"he", "she", "they"})
