"""What is never said back, though it is a clause and tells some trouble or joy: it reads oddly, or is not for the public."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from responder.retelling.english_words import Vocabulary

ODD_PAIRS: Final = frozenset(
    [
        ("of", "course"), ("not", "giving"), ("all", "day"), ("another", "customer"), ("another", "lady"), ("another", "man"),
        ("half", "of"), ("gone", "to"), ("gone", "over"), ("gone", "for"), ("went", "for"), ("said", "the"), ("says", "she"), ("says", "he"), ("my", "name"), ("to", "say"), ("go", "on"), ("have", "none"),
        ("please", "put"), ("every", "road"), ("since", "update"), ("after", "update"), ("not", "mine"), ("not", "real"), ("no", "longer"), ("so", "far"), ("or", "so"), ("wash", "even"),
        ("the", "thing"), ("at", "least"), ("and", "it"), ("and", "they"), ("window", "is"), ("policy", "is"), ("for", "drops"), ("to", "bend"), ("hold", "music"), ("bit", "much"), ("only", "comes"),
        ("is", "stop"), ("after", "repair"), ("there", "nothing"), ("half", "gone"), ("nothing", "else"), ("gone", "up"), ("to", "ask"), ("lot", "of"), ("from", "left"), ("from", "right"), ("paid", "back"), ("asked", "chat"), ("up", "to"), ("other", "thing"), ("so", "it"), ("listed", "no"), ("only", "for"), ("is", "hanging"), ("three", "have"), ("two", "have"), ("three", "are"), ("two", "are"), ("'s", "website"), ("new", "one"), ("big", "one"), ("it", "off"), ("with", "it"), ("haven't", "eaten"), ("didn't", "ask"), ("without", "its"), ("is", "without"), ("other", "people"), ("gap", "year"), ("already", "a"), ("already", "an"), ("can't", "work"), ("a", "way"), ("time", "on"), ("don't", "have"), ("other", "five"), ("other", "two"), ("other", "three"), ("every", "call"), ("the", "other"), ("nothing", "left"), ("me", "waiting"), ("after", "wash"), ("waited", "years"), ("thrown", "out"), ("waited", "ages"), ("as", "usual"), ("for", "once"), ("drive", "away"), ("miles", "away"), ("hour", "away"), ("hours", "away"), ("minutes", "away"),
    ]
)  # fmt: skip
PERSONS: Final = frozenset(["he", "she", "him", "her", "his", "hers", "himself", "herself"])
UNTOUCHED: Final = frozenset(["opened", "used", "worn", "washed", "touched", "unpacked"])
PEOPLE: Final = frozenset(
    ["man", "woman", "lady", "tenant", "people", "boy", "girl", "person", "neighbour", "neighbours", "friend", "mate"]
)
SINGULAR_NEVER: Final = frozenset(["are", "were", "aren't", "weren't", "'re", "do", "don't", "have", "haven't"])
PLURAL_NEVER: Final = frozenset(["is", "was", "isn't", "wasn't", "does", "doesn't", "has", "hasn't"])
SUFFERED: Final = frozenset(
    [
        "charged",
        "overcharged",
        "billed",
        "refused",
        "told",
        "ignored",
        "logs",
        "logged",
        "signs",
        "signed",
        "locked",
        "locks",
        "to",
        "for",
        "at",
        "with",
        "by",
        "of",
        "on",
        "lets",
        "let",
        "behind",
        "from",
        "told",
        "tells",
        "gave",
        "give",
        "gives",
        "sent",
        "send",
        "sends",
        "delayed",
        "near",
        "around",
    ]
)
"""Before "me": any other verb of a thing's is done to their body, or in play."""
NEEDS_OBJECT: Final = frozenset(["received", "bought", "ordered", "got", "wanted", "found", "need", "needed"])
WHERE_OBJECT_IS_LEFT: Final = frozenset(["i", "we"])


def is_refused(words: Sequence[str], vocabulary: Vocabulary) -> bool:
    """Return whether the clause is not to be said back, be it trouble or joy."""
    pairs = set(pairwise(words))
    return (
        any(one == two for one, two in pairs)
        or ("only", "the") in pairs
        or bool(ODD_PAIRS & pairs)
        or (
            "been" in words
            and bool(UNTOUCHED & set(words))
            and bool({"not", "hasn't", "haven't", "never"} & set(words))
        )
        or _is_joined_oddly(words, vocabulary)
        or _points_nowhere(words, vocabulary)
        or _counts_one(words, vocabulary)
        or _begins_oddly(words, vocabulary)
        or _is_of_people(words, vocabulary)
        or not _agrees(words, vocabulary)
        or _is_done_to_body(words, vocabulary)
        or _lacks_object(words)
        or _counts_bare(words, vocabulary)
    )


def _begins_oddly(words: Sequence[str], vocabulary: Vocabulary) -> bool:
    """Return whether it begins with a verb or a time: "told your ticket was closed", "all day is no use"."""
    first = words[0]
    is_verb = vocabulary.can(first, "eg") and not vocabulary.can(first, "jnpdr")
    is_time = vocabulary.can(first, "dj") and vocabulary.is_of(words[1], "time_nouns") and vocabulary.can(words[2], "b")
    return is_verb or is_time or first in {"their", "his", "her", "its", "delivery", "someone", "somebody", "neither"}


def _is_of_people(words: Sequence[str], vocabulary: Vocabulary) -> bool:
    """Return whether it tells of somebody who is neither ours nor theirs."""
    if words[0] in {"my", "our", "your"}:
        return False
    for word in words[:4]:
        if vocabulary.can(word, "tzbkml"):
            return False
        if word in PEOPLE and words[0] in {"a", "an", "another", "some", "old", "the"}:
            return (
                words[0] != "the"
                or words[1] != word
                or word in {"tenant", "neighbour", "neighbours", "people", "friend"}
            )
    return False


def _agrees(words: Sequence[str], vocabulary: Vocabulary) -> bool:
    """Return whether a subject of one word and article agrees with its verb."""
    last = 0
    if not vocabulary.can(words[0], "dju"):
        return True
    for place, word in enumerate(words[1:7], start=1):
        if vocabulary.can(word, "bkml") or not vocabulary.can(word, "npjue"):
            last = place
            break
    if last < 2:  # noqa: PLR2004 - an article and a noun
        return True
    head, verb = words[last - 1], words[last]
    if "and" in words[:7] and any(
        word == "and" and not any(vocabulary.can(one, "tzbkml") for one in words[:place])
        for place, word in enumerate(words[:7])
    ):
        verb = next((one for one in words[words.index("and") :] if vocabulary.can(one, "tzbkml")), "")
        return verb not in PLURAL_NEVER
    is_one = vocabulary.can(head, "n") and not vocabulary.can(head, "p")
    is_many = vocabulary.can(head, "p") and not vocabulary.can(head, "n")
    if vocabulary.is_of(head, "staff"):
        return True
    return not ((is_one and verb in SINGULAR_NEVER) or (is_many and verb in PLURAL_NEVER))


def _is_done_to_body(words: Sequence[str], vocabulary: Vocabulary) -> bool:
    """Return whether a thing did something to them: "the peel peeled me"."""
    if words[0] in {"i", "we", "nobody", "no"}:
        return False
    return any(
        word in {"me", "us"}
        and before not in {*SUFFERED, "took"}
        and vocabulary.can(before, "tzveg")
        and not _is_by_staff(words, vocabulary)
        for before, word in pairwise(words)
    )


def _is_by_staff(words: Sequence[str], vocabulary: Vocabulary) -> bool:
    return any(vocabulary.is_of(word, "staff") for word in words[:4]) or words[0] in {
        "she",
        "he",
        "they",
        "everyone",
        "everybody",
    }


def _lacks_object(words: Sequence[str]) -> bool:
    """Return whether "since I received" ends it."""
    return len(words) > 2 and words[-1] in NEEDS_OBJECT and words[-2] in WHERE_OBJECT_IS_LEFT and "since" in words  # noqa: PLR2004


def _counts_bare(words: Sequence[str], vocabulary: Vocabulary) -> bool:
    """Return whether a thing is counted that nobody would: "first hole" without "on the"."""
    return any(
        first in {"first", "second", "third", "last"}
        and vocabulary.can(noun, "n")
        and not vocabulary.can(before, "dia")
        for before, first, noun in zip(words, words[1:], words[2:], strict=False)
    )


def _points_nowhere(words: Sequence[str], vocabulary: Vocabulary) -> bool:
    """Return whether a "him" or "she" stands for nobody the clause has named."""
    place = next((place for place, word in enumerate(words) if word in PERSONS), 0)
    return place > 0 and not any(
        vocabulary.is_of(word, "kin") or vocabulary.is_of(word, "staff") for word in words[:place]
    )


def _is_joined_oddly(words: Sequence[str], vocabulary: Vocabulary) -> bool:
    """Return whether two parts do not hang together: "lovely pots but two have no hole", "stops out of order", "tomatoes plants"."""
    place = words.index("but") if "but" in words else 0
    if place and not any(vocabulary.can(word, "tzbkml") for word in words[:place]):
        return True
    first = next((place for place, word in enumerate(words) if vocabulary.can(word, "tzbkml")), 0)
    if first > 1 and words[first + 1 : first + 3] == ("out", "of") and vocabulary.can(words[first], "p"):
        return True
    return any(
        vocabulary.is_of(one, "goods_nouns")
        and vocabulary.is_of(two, "goods_nouns")
        and not vocabulary.can(one, "nvj")
        and vocabulary.can(two, "p")
        for one, two in pairwise(words)
    )


def _counts_one(words: Sequence[str], vocabulary: Vocabulary) -> bool:
    """Return whether "two week" stands there."""
    return any(
        vocabulary.can(one, "u")
        and one not in {"one", "first", "second", "third", "half"}
        and not one.endswith(("th", "st", "nd", "rd"))
        and vocabulary.is_of(two, "time_nouns")
        and vocabulary.can(two, "n")
        and not vocabulary.can(two, "p")
        and not (vocabulary.can(three, "n") and vocabulary.is_of(two, "units"))
        and two not in {"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"}
        for one, two, three in zip(words, words[1:], (*words[2:], ""), strict=False)
    )
