"""Whether a clause may be said back to the one who wrote it, and how well it tells the trouble or the joy."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from responder.retelling.english_excluding import INFORMAL, is_no_trouble
from responder.retelling.english_refusing import is_refused
from responder.retelling.english_words import Vocabulary

FOR_THEM: Final = frozenset(["me", "us", "my", "our", "him", "her"])
HAVING: Final = frozenset(["there", "'s", "has", "had", "have", "is", "was", "with", "found", "are", "were"])
FEWEST_DEED: Final = 4
BEHIND_GONE: Final = frozenset(
    ["", "missing", "off", "wrong", "flat", "down", "mouldy", "from", "on", "dead", "again", "blank", "through"]
)
BOUGHT: Final = frozenset([("ordered",), ("bought",), ("received",)])
GLAD: Final = frozenset(["happy", "pleased", "delighted", "thrilled", "chuffed", "impressed"])
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
FEWEST_OF_THEIRS: Final = 5
FEWEST_IN_EVENT: Final = 6
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
        "nowhere",
        "hadn't",
    ]
)


def judge(words: Sequence[str], vocabulary: Vocabulary, *, is_praise: bool) -> float:
    """Return how well a clause tells the trouble or the joy; 0 where it must not be said back."""
    if words[0] in {"it", "this", "that", "these", "those", "you", "him", "which", "what", "mine", "something"}:
        return 0.0
    if not is_praise and words[0] in {"she", "he", "they"}:
        return 0.0
    if any(vocabulary.is_of(word, "hedges") for word in words) or not (
        _keeps_money(words, vocabulary) and _is_plain(words, vocabulary) and not is_refused(words, vocabulary)
    ):
        return 0.0
    return _judge_praise(words, vocabulary) if is_praise else _judge_trouble(words, vocabulary)


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


def _judge_trouble(words: Sequence[str], vocabulary: Vocabulary) -> float:
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
    word, before, behind = words[place], words[place - 1], (*words, "")[place + 1]
    told: bool | None = None
    if word == "gone":
        told = behind in BEHIND_GONE and before != "half"
    elif word in NEGATIONS:
        told = _fails(words, place, vocabulary)
    elif word in {"keep", "keeps", "kept"}:
        told = vocabulary.can(behind, "g") and behind != "going"
    elif word == "only":
        told = words[0] not in {"i", "we"}
    elif word == "out":
        told = (behind == "of" and words[place + 2 : place + 3] in {("date",), ("order",), ("stock",)}) or None
    elif word == "early":
        told = bool({"closed", "closes", "shut", "shuts"} & set(words[:place])) or None
    elif word == "left":
        told = (
            before in COURIERS
            and {"parcel", "package", "order", "box", "delivery"} & set(words[place + 1 : place + 4]) != set()
            and {"in", "outside", "on", "behind", "over"} & set(words[place + 2 :]) != set()
        ) or None
    elif word == "than":
        told = before in COMPARED and behind in {"the", "pictured", "described", "advertised", "ordered", "usual"}
    elif vocabulary.is_of(word, "grave_signs") or (before == "too" and vocabulary.can(word, "j")):
        told = True
    return told


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


def _judge_praise(words: Sequence[str], vocabulary: Vocabulary) -> float:
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


def as_their_view(words: tuple[str, ...], vocabulary: Vocabulary) -> tuple[str, ...]:
    """Return praise of ours as what they think of it: we do not praise ourselves."""
    if not words or words[0] not in {"the", "your", "all", "both"}:
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
