"""How well a clause tells the joy, and how it is said of ourselves."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from responder.retelling.english_excluding import INFORMAL
from responder.retelling.english_signs import NEGATIONS, is_sign
from responder.retelling.english_words import Vocabulary

FOR_THEM: Final = frozenset(["me", "us", "my", "our", "him", "her"])
OF_OURS: Final = frozenset(["colleague", "team"])
"""Of whom one may say that they were kind: that is no praise of ours."""
YEARS: Final = frozenset(["years", "winters", "summers", "months", "seasons", "decades"])
FEWEST_DEED: Final = 4
GLAD: Final = frozenset(["happy", "pleased", "delighted", "thrilled", "chuffed", "impressed"])
UNPRAISED: Final = frozenset(
    [
        "too",
        "otherwise",
        "contract",
        "ones",
        "better",
        "quicker",
        "sugar",
        "feeding",
        "wreath",
        "funeral",
        "veil",
        "hair",
        "job",
        "win",
        "wins",
        "least",
        "him",
        "finally",
        "cancel",
        "cancelling",
        "do",
    ]
)
"""Self-praise, half praise, or what is not for the public."""


def judge_praise(words: Sequence[str], vocabulary: Vocabulary) -> float:
    """Return how well a clause tells the joy; 0 where it tells none, or must not be said back."""
    if _is_unpraised(words, vocabulary):
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
        is_kept = words[1:3] == ("'ve", "had") and "still" in words and not any(word in NEGATIONS for word in words)
        return 1.6 + length if named or is_kept or _is_glad(words, vocabulary) else 0.0
    if words[0] in {"she", "he", "they"} or any(vocabulary.is_of(word, "staff") for word in words[1:3]):
        verb = next((word for word in words[1:] if vocabulary.can(word, "tzb")), "")
        is_refused = any(word in NEGATIONS and word != "without" for word in words)
        is_deed = vocabulary.is_of(verb, "deeds") or (
            vocabulary.is_of(verb, "favours") and bool(FOR_THEM & set(words[2:]))
        )
        if is_deed and not is_refused and len(words) > FEWEST_DEED:
            return 1.8 + length - 0.3 * (words[0] in {"she", "he", "they"})
    if any(
        word in NEGATIONS or (vocabulary.is_of(word, "trouble") and not vocabulary.is_of(word, "joy")) for word in words
    ):
        return 0.0
    signs = sum(is_sign(words, place, vocabulary, kind="joy") for place in range(1, len(words)))
    is_bare = words[0] in {"he", "she", "they"} and (len(words) <= FEWEST_DEED or "it" in words[2:4])
    if not signs or is_bare or words[0] in {"there", "it"} or {"i", "me"} & set(words[:5]):
        return 0.0
    return 1.0 + min(signs, 3) * 0.4 + length - 0.6 * (words[0] in {"he", "she", "they"})


def _is_glad(words: Sequence[str], vocabulary: Vocabulary) -> bool:
    """Return whether it is "I'm so happy with the new sofa", without a but."""
    if words[1] not in {"'m", "am", "'re", "are"} or "with" not in words[2:5] or NEGATIONS & set(words):
        return False
    place = words.index("with")
    is_named = (
        place + 2 < len(words) and vocabulary.can(words[place + 1], "d") and words[place + 1] not in {"this", "that"}
    )
    return (
        is_named
        and not INFORMAL & set(words)
        and words[place - 1] in GLAD
        and not any(vocabulary.is_of(word, "trouble") for word in words)
    )


def _is_unpraised(words: Sequence[str], vocabulary: Vocabulary) -> bool:
    """Return whether the praise is not to be said back."""
    if any(vocabulary.is_of(word, "promised") or word in {"hers", "mine", "theirs", "ours"} for word in words):
        return True
    return (
        words[1] == "'d"
        or vocabulary.is_of(words[1], "time_nouns")
        or bool(UNPRAISED & set(words))
        or words[-1] in {"it", "them", "him", "her"}
    )


def is_long_lived(words: Sequence[str]) -> bool:
    """Return whether it is "my coat is eleven winters old": no view of theirs, but a fact."""
    return any(one in YEARS and two == "old" for one, two in pairwise(words))


def as_their_view(words: tuple[str, ...], vocabulary: Vocabulary) -> tuple[str, ...]:
    """Return praise of ours as what they think of it: we do not praise ourselves."""
    if not words or words[0] not in {"the", "your", "all", "both"} or is_long_lived(words) or words[1] in OF_OURS:
        return words
    if any(one == "and" and vocabulary.can(two, "tz") for one, two in pairwise(words)):
        return words
    behind = [*words[1:], ""]
    verb = next(
        (
            one
            for one, two in pairwise(behind)
            if vocabulary.can(one, "tzb") and not (one == "'s" and vocabulary.can(two, "np"))
        ),
        "",
    )
    if verb in {"was", "were", "looked", "tasted", "smelled", "smelt", "felt"}:
        return ("i", "thought", *words)
    return ("i", "think", *words) if verb in {"is", "are", "'s", "looks", "tastes", "smells", "feels"} else words
