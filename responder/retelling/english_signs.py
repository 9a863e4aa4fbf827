"""Which words of a clause say, where they stand, that something went wrong, or well."""

from collections.abc import Sequence
from typing import Final

from responder.retelling.english_words import Vocabulary

HAVING: Final = frozenset(["there", "'s", "has", "had", "have", "is", "was", "with", "found", "are", "were"])
BEHIND_GONE: Final = frozenset(
    ["", "missing", "off", "wrong", "flat", "down", "mouldy", "from", "on", "dead", "again", "blank", "through"]
)
COURIERS: Final = frozenset(["driver", "courier", "postman", "i", "you"])
COMPARED: Final = frozenset(
    [
        "shorter",
        "longer",
        "smaller",
        "bigger",
        "larger",
        "thinner",
        "thicker",
        "lighter",
        "darker",
        "wider",
        "narrower",
        "paler",
        "lower",
        "slower",
    ]
)
WEIGHED: Final = frozenset(["gone", "keep", "keeps", "kept", "only", "than"])
"""Each says trouble, or surely none, by what stands beside it."""
COMPANIED: Final = frozenset(["out", "early", "left"])
"""Each says trouble in some company, and is a word like any other elsewhere."""
NEGATIONS: Final = frozenset(
    [
        "not",
        "no",
        "never",
        "nobody",
        "nothing",
        "neither",
        "without",
        "isn't",
        "aren't",
        "wasn't",
        "weren't",
        "hasn't",
        "haven't",
        "don't",
        "doesn't",
        "didn't",
        "can't",
        "couldn't",
        "won't",
        "wouldn't",
        "nowhere",
        "hadn't",
    ]
)


DOWN_BEHIND: Final = frozenset(
    ["is", "are", "was", "were", "'s", "been", "went", "goes", "still", "gone", "broke", "completely", "all"]
)
"""Behind one of these, "down" says trouble."""
SURE: Final = 1.4
"""How well a clause tells the trouble where one of its words says trouble."""
LIKELY: Final = 0.8
"""No word of it says trouble, but somebody complains and this is what happened."""


def count_signs(words: Sequence[str], kinds: str, vocabulary: Vocabulary) -> int:
    """Return how many of ``words``, what they are given in ``kinds``, say trouble by themselves."""
    return sum(
        word in NEGATIONS
        or (
            word not in {"down", "double"}
            and any(vocabulary.is_of(word, kind) for kind in ("grave_signs", "trouble", "telling"))
        )
        or (word == "down" and place > 0 and words[place - 1] in DOWN_BEHIND)
        or (word in {"too", "so"} and kinds[place + 1 : place + 2] in {"j", "r"})
        for place, word in enumerate(words)
    )


def is_sign(words: Sequence[str], place: int, vocabulary: Vocabulary, *, kind: str) -> bool:
    """Return whether the word there says, where it stands, that something went wrong, or well."""
    word = words[place]
    told = _is_grave(words, place, vocabulary) if kind == "trouble" else None
    if told is not None:
        return told
    if kind == "joy" and word == "early" and vocabulary.is_of(words[place - 1], "units"):
        return bool({"came", "arrived"} & set(words[:place])) and not vocabulary.is_of(words[1], "kin")
    if word == "waiting" and words[0] not in {"i", "we"}:
        return False
    return vocabulary.is_of(word, kind) and _is_said(words, place, vocabulary, kind=kind)


def _is_grave(words: Sequence[str], place: int, vocabulary: Vocabulary) -> bool | None:
    """Return whether one of the words that need no other says trouble there; None where it is none of them."""
    word, before = words[place], words[place - 1]
    if word in NEGATIONS:
        return _fails(words, place, vocabulary)
    if word in WEIGHED:
        return _is_grave_there(words, place, vocabulary)
    if word in COMPANIED:
        return _is_grave_in_company(words, place) or None
    return vocabulary.is_of(word, "grave_signs") or (before == "too" and vocabulary.can(word, "j")) or None


def _is_grave_there(words: Sequence[str], place: int, vocabulary: Vocabulary) -> bool:
    """Return whether the weighed word says trouble: "gone missing", "keeps dropping", "smaller than pictured"."""
    word, before, behind = words[place], words[place - 1], (*words, "")[place + 1]
    if word == "gone":
        return behind in BEHIND_GONE and before != "half"
    if word == "only":
        return words[0] not in {"i", "we"}
    if word == "than":
        return before in COMPARED and behind in {"the", "pictured", "described", "advertised", "ordered", "usual"}
    return vocabulary.can(behind, "g") and behind != "going"


def _is_grave_in_company(words: Sequence[str], place: int) -> bool:
    """Return whether those around it make it trouble: "out of stock", "closed early", "driver left the parcel outside"."""
    word, before, behind = words[place], words[place - 1], words[place + 1 :]
    if word == "out":
        return behind[:1] == ("of",) and behind[1:2] in {("date",), ("order",), ("stock",)}
    if word == "early":
        return bool({"closed", "closes", "shut", "shuts"} & set(words[:place]))
    return (
        before in COURIERS
        and bool({"parcel", "package", "order", "box", "delivery"} & set(behind[:3]))
        and bool({"in", "outside", "on", "behind", "over"} & set(behind[1:]))
    )


def _fails(words: Sequence[str], place: int, vocabulary: Vocabulary) -> bool:
    """Return whether what is not done is what should be: "doesn't open", not "doesn't say"."""
    if words[0] in {"i", "we"} or not vocabulary.can(words[place], "lmk"):
        return True
    verb = next(
        (
            word
            for word in words[place + 1 :]
            if vocabulary.can(word, "vet") and not (vocabulary.can(word, "r") and not vocabulary.can(word, "v"))
        ),
        "",
    )
    return not verb or vocabulary.is_of(vocabulary.bases.get(verb, verb), "fails") or "been" in words[place:]


def _is_said(words: Sequence[str], place: int, vocabulary: Vocabulary, *, kind: str) -> bool:
    """Return whether it is what the clause says, not what it says in passing."""
    word, before = words[place], words[place - 1]
    if vocabulary.can(word, "t") and vocabulary.can(before, "np"):
        return True
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
