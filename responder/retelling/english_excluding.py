"""What tells of some trouble, and is still nothing to be sorry for in public in the customer's own words."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from responder.retelling.english_words import Vocabulary

INFORMAL: Final = frozenset(
    ["man", "woman", "lady", "guy", "lad", "lads", "chap", "bloke", "girl", "boy", "men", "ladies", "guys"]
)
BODIES: Final = frozenset(
    [
        "head",
        "hand",
        "finger",
        "fingers",
        "arm",
        "leg",
        "foot",
        "feet",
        "face",
        "skin",
        "eye",
        "eyes",
        "ear",
        "mouth",
        "tooth",
        "teeth",
        "wife",
        "husband",
        "tongue",
        "lip",
        "lips",
        "throat",
        "chest",
        "back",
        "neck",
        "knee",
        "toe",
        "wrist",
        "stomach",
        "thumb",
        "forehead",
        "toes",
        "hands",
        "arms",
        "legs",
        "ears",
        "hip",
        "shoulder",
        "ankle",
        "rib",
        "ribs",
        "elbow",
        "heart",
        "cheek",
        "nose",
        "hair",
    ]
)
SPOUSES: Final = frozenset(["husband", "wife"])
FEWEST_THERE: Final = 5
OWNERS: Final = frozenset(["my", "his", "her", "your", "our", "'s"])
EMPTIED: Final = frozenset(
    [
        "box",
        "packet",
        "parcel",
        "package",
        "envelope",
        "bag",
        "bottle",
        "tin",
        "tube",
        "carton",
        "shelf",
        "basket",
        "page",
        "list",
        "cart",
        "jar",
        "dispenser",
        "tank",
        "case",
        "sachet",
        "pot",
        "tub",
    ]
)
OURS: Final = frozenset(["service", "support", "staff", "team", "skin"])
LONG_TIMES: Final = frozenset(["hour", "hours", "days", "weeks", "months"])
DOUBLE: Final = frozenset(["don't", "doesn't", "didn't", "haven't", "hasn't", "can't", "won't"])
STAFF_FAILS: Final = frozenset(
    [
        "forgot",
        "missed",
        "left",
        "passed",
        "hung",
        "dropped",
        "cancelled",
        "lost",
        "disconnected",
        "arrived",
        "came",
        "turned",
    ]
)


def is_no_trouble(words: Sequence[str], vocabulary: Vocabulary) -> bool:
    """Return whether a clause with a word of trouble is still none that one is sorry for in public."""
    return any(
        refuses(words, vocabulary)
        for refuses in (
            _tells_too_little,
            is_bodily,
            _is_of_staff,
            _is_askew,
            _lacks_name,
            _repeats,
            _is_bare,
            _charges_oddly,
        )
    )


def _tells_too_little(words: Sequence[str], vocabulary: Vocabulary) -> bool:
    """Return whether nobody would know what happened: "nobody told me", "I waited at the counter", "there's a hole"."""
    if words[0] == "i" and "asked" in words[1:3]:
        return not {"twice", "and", "but"} & set(words)
    if "waited" in words[:3]:
        return not any(vocabulary.can(word, "u") or word in LONG_TIMES for word in words)
    is_short = len(words) < FEWEST_THERE
    return is_short and (words[:2] == ("nobody", "told") or (words[0] == "there" and not {"no", "still"} & set(words)))


def is_bodily(words: Sequence[str], vocabulary: Vocabulary) -> bool:
    """Return whether it is about their body, or their home."""
    owned = {two for one, two in pairwise(words) if one in OWNERS}
    owned -= SPOUSES - set(words[1:2])
    held = {
        three for one, two, three in zip(words, words[1:], words[2:], strict=False) if one == "in" and two in OWNERS
    }
    is_home = "empty" in words and not EMPTIED & set(words[1:4])
    is_home = is_home or ("gone" in words and vocabulary.is_of(words[1], "family_nouns"))
    return bool((owned - held) & BODIES) or is_home


def _is_of_staff(words: Sequence[str], vocabulary: Vocabulary) -> bool:
    """Return whether it blames one of ours for more than a slip."""
    if (
        INFORMAL & set(words)
        or words[0] in {"security", "everything"}
        or words[1] in {"prices", "guard", "english"}
        or ("dry" in words and OURS & set(words[:4]))
    ):
        return True
    is_named = any(vocabulary.is_of(word, "staff") for word in words[1:3]) and words[0] in {"the", "your", "my", "a"}
    return is_named and not _is_staffs_fault(words, vocabulary)


def _is_askew(words: Sequence[str], vocabulary: Vocabulary) -> bool:
    """Return whether it is not quite English, or a way of speaking: "don't have no code", "is dead for me"."""
    if words[-2:] in {("for", "me"), ("for", "us")} or {"home", "hanging"} & set(words[-3:]):
        return True
    if words[0] == "nobody" and {"pick", "picks", "picked"} & set(words) and "up" not in words:
        return True
    if any(one in DOUBLE and "no" in words[place + 1 : place + 3] for place, one in enumerate(words)):
        return True
    if any(one in {"says", "said"} and not vocabulary.can(two, "dsou") for one, two in pairwise(words)):
        return True
    if (
        not any(
            vocabulary.can(two, "tzvbkml") and not vocabulary.can(one, "d") and one != "'s"
            for one, two in pairwise(words)
        )
        and "'s" not in words[1:4]
    ):
        return True
    return "since" in words and _is_present(words[: words.index("since")], vocabulary)


def _lacks_name(words: Sequence[str], vocabulary: Vocabulary) -> bool:
    """Return whether a thing goes by "it" or "ones" only, or our own page is called wrong."""
    named = next((place for place, word in enumerate(words) if vocabulary.can(word, "np")), len(words))
    is_told = (
        bool({"when", "after", "before"} & set(words[2:])) and named < words.index("it") if "it" in words else False
    )
    is_unnamed = "it" in words[:named] or (words[-1] in {"it", "them"} and not is_told) or "ones" in words[1:3]
    return is_unnamed or words[1] == "'s" or (words[0] == "your" and "wrong" in words)


def _charges_oddly(words: Sequence[str], vocabulary: Vocabulary) -> bool:
    """Return whether it ends "for the 2nd", or a thing of theirs charges: a brand's name."""
    if tuple(words[-3:-1]) == ("for", "the") and vocabulary.can(words[-1], "u"):
        return True
    charges = next((place for place, word in enumerate(words[1:5], start=1) if word == "charged"), 0)
    return charges > 0 and words[0] not in {"i", "we"} and vocabulary.is_of(words[charges - 1], "goods_nouns")


def _is_present(words: Sequence[str], vocabulary: Vocabulary) -> bool:
    """Return whether the last verb is a plain present: "squeaks since day two"."""
    verbs = [
        place
        for place, word in enumerate(words)
        if place
        and vocabulary.can(word, "ztbkml")
        and not (vocabulary.can(word, "np") and vocabulary.can(words[place - 1], "dj"))
    ]
    return (
        bool(verbs)
        and words[verbs[-1]].endswith("s")
        and vocabulary.can(words[verbs[-1]], "z")
        and not vocabulary.can(words[verbs[-1]], "bk")
    )


def _is_staffs_fault(words: Sequence[str], vocabulary: Vocabulary) -> bool:
    """Return whether one of ours did what may be named in public."""
    verb = next((word for word in words[2:] if vocabulary.can(word, "tzbkml")), "")
    return verb in STAFF_FAILS or (
        verb in {"didn't", "hasn't", "never"} and not {"look", "say", "care", "smile"} & set(words)
    )


def _repeats(words: Sequence[str], vocabulary: Vocabulary) -> bool:
    """Return whether a thing is named twice: "the pocket is not a pocket"."""
    if words[0] in {"i", "we"} and {"got", "received"} & set(words):
        return False
    nouns = [word for word in words if vocabulary.is_of(word, "goods_nouns") or vocabulary.is_of(word, "parts_nouns")]
    return len(nouns) != len(set(nouns))


def _is_bare(words: Sequence[str], vocabulary: Vocabulary) -> bool:
    """Return whether a noun lacks its article: "missing from set", "even on top package"."""
    for place, word in enumerate(words[1:], start=1):
        behind = words[place + 1] if place + 1 < len(words) else ""
        if vocabulary.is_of(word, "counted") and not vocabulary.can(behind, "np"):
            before = [one for one in words[max(0, place - 2) : place] if not vocabulary.can(one, "j")]
            if (
                before
                and vocabulary.can(before[-1], "i")
                and before[-1] != "by"
                and words[place - 2 : place] != ("out", "of")
            ):
                return True
    return False
