"""How well a clause tells the trouble."""

from collections.abc import Sequence
from typing import Final

from responder.retelling.english_excluding import is_no_trouble
from responder.retelling.english_signs import NEGATIONS, is_sign
from responder.retelling.english_words import Vocabulary

FEWEST_OF_THEIRS: Final = 5
FEWEST_IN_EVENT: Final = 6


def judge_trouble(words: Sequence[str], vocabulary: Vocabulary) -> float:
    """Return how well a clause tells the trouble; 0 where it tells none, or what is only theirs to say."""
    negated = any(word in NEGATIONS for word in words)
    joyful = any(vocabulary.is_of(word, "joy") and not vocabulary.is_of(word, "trouble") for word in words)
    if words[0] == "nobody" or words[:2] == ("no", "one"):
        signs = 2 * any(vocabulary.is_of(word, "helping") for word in words[1:5])
    else:
        signs = sum(is_sign(words, place, vocabulary, kind="trouble") for place in range(1, len(words)))
    is_supposed = "could" in words and words[words.index("could") - 1] not in {"i", "we"}
    if vocabulary.is_of(words[1], "kin") and words[2] != "was":
        return 0.0
    if (
        is_no_trouble(words, vocabulary)
        or is_supposed
        or (joyful and not negated)
        or any(
            vocabulary.is_of(word, "figurative") and not (word == "one" and vocabulary.can(words[place + 1], "n"))
            for place, word in enumerate(words[:4])
            if place + 1 < len(words)
        )
    ):
        return 0.0
    if signs and words[0] in {"i", "we"} and not _is_theirs_to_say(words, vocabulary):
        return 0.0
    if not signs:
        return 0.5 + min(len(words), 10) * 0.05 if _tells_event(words, vocabulary) else 0.0
    return (
        1.0
        + min(signs, 3) * 0.4
        + min(len(words), 10) * 0.05
        - 0.5 * (words[0] == "there")
        - 0.3 * any(word in {"it", "they", "them"} for word in words[:4])
    )


def _tells_event(words: Sequence[str], vocabulary: Vocabulary) -> bool:
    """Return whether it is told at some length what a thing of ours, or of theirs, did or was done to."""
    if len(words) < FEWEST_IN_EVENT or any(
        word in {"it", "they", "them", "he", "she", "i", "we"} for word in words[1:5]
    ):
        return False
    if words[0] in {"i", "we"} and words[1] in {"ordered", "asked", "bought", "paid"}:
        got = next((place for place, word in enumerate(words) if word in {"got", "received", "opened"}), 0)
        return got > 0 and words[got - 1] in {"and", "but", "i"}
    if words[0] == "i":
        is_passive = words[1] == "was" or words[1:3] == ("'ve", "been")
        return is_passive and "told" not in words and any(vocabulary.is_of(word, "done_to") for word in words[2:4])
    return words[0] in {"the", "my", "your", "our", "half", "two", "one", "three"} and _went_wrong(words, vocabulary)


def _went_wrong(words: Sequence[str], vocabulary: Vocabulary) -> bool:
    """Return whether the verb is one that things do when they go wrong."""
    for place, word in enumerate(words[1:9], start=1):
        before = words[place - 1]
        behind = words[place + 1] if place + 1 < len(words) else ""
        if word in {"and", "or"} or vocabulary.can(word, "mlx"):
            return False
        if vocabulary.can(word, "bk"):
            return _was_done(words[place:], vocabulary)
        if (
            vocabulary.can(before, "npr")
            and not vocabulary.can(before, "d")
            and (vocabulary.can(word, "zt") or (vocabulary.can(word, "v") and vocabulary.can(before, "p")))
        ):
            if behind in {"me", "us", "straight", "right"}:
                behind = (*words, "", "")[place + 2]
            return vocabulary.is_of(word, "mishaps") or vocabulary.is_of(f"{word}-{behind}", "mishap_pairs")
    return False


def _was_done(words: Sequence[str], vocabulary: Vocabulary) -> bool:
    """Return whether "was left in the rain", "has lost my points" stands there."""
    verb, *behind = words[1:]
    if vocabulary.can(words[0], "k"):
        return verb in {"lost", "deleted", "removed", "logged", "signed", "cancelled", "disappeared", "vanished"}
    follows = behind[0] if behind else ""
    return vocabulary.is_of(verb, "done_to") and vocabulary.can(follows, "ir") and "and" not in words


def _is_theirs_to_say(words: Sequence[str], vocabulary: Vocabulary) -> bool:
    """Return whether what they say of themselves can be said of them: what they did, never what they think or feel."""
    if len(words) < FEWEST_OF_THEIRS and "can't" not in words:
        return False
    rest = [word for word in words[1:] if not vocabulary.is_of(word, "between")]
    verb = next((word for word in rest if word not in {"not", "never"}), "")
    behind = [word for word in rest[rest.index(verb) + 1 :] if word not in {"not", "never"}] if verb else []
    follows = behind[0] if behind else ""
    if verb in {"can't", "couldn't"}:
        return vocabulary.is_of(follows, "cannot")
    if vocabulary.can(verb, "kl") and (verb in NEGATIONS or "never" in words):
        return vocabulary.is_of(follows, "havenot") and behind[1:2] != ["to"]
    if vocabulary.can(verb, "b") or follows == "been":
        told = "told" in behind and (behind[behind.index("told") + 1 :] or ["on"])[0] in {"on", "the"}
        return not told and (follows == "been" or vocabulary.is_of(follows, "befallen"))
    if vocabulary.can(verb, "k"):
        return follows in {"been", "to"} or vocabulary.is_of(follows, "done")
    return vocabulary.is_of(verb, "done") and (verb != "keep" or vocabulary.can(follows, "g"))
