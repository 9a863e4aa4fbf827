"""Making whole what a hurried hand leaves out: "broke day two", "in first wash", "bag lost on the 3rd"."""

from collections.abc import Sequence
from typing import Final

from responder.retelling.english_words import Vocabulary

COUNTING: Final = frozenset(["first", "second", "third"])
WEEKDAYS: Final = frozenset(["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"])
PARTICLES: Final = frozenset(["off", "out", "apart", "down", "away"])
TURNS: Final = frozenset(["day", "wash", "trip", "wear", "use", "time", "try", "night", "week", "go"])
PLACING: Final = frozenset(["in", "on", "after", "at", "during", "by", "before", "for", "of", "from", "with", "within"])
INFORMAL: Final = frozenset(["lady", "girl", "guy", "man", "woman", "lad", "chap", "bloke", "boy"])


def mend(words: Sequence[str], vocabulary: Vocabulary) -> tuple[str, ...]:
    """Return ``words`` with the small words that belong there."""
    return _mend_passive(_mend_awaited(_mend_times(tuple(words), vocabulary)), vocabulary)


def _mend_times(words: tuple[str, ...], vocabulary: Vocabulary) -> tuple[str, ...]:
    """Say "on day two", "in the first wash", "a nine hour flight"."""
    mended: list[str] = []
    for place, word in enumerate(words):
        before, behind = words[place - 1] if place else "", (*words, "")[place + 1]
        mended += _find_preposition(before, word, words[place + 1 :], vocabulary)
        mended += _find_article(before, word, behind, vocabulary)
        mended += _find_ordinal(before, word, behind, vocabulary)
        mended.append(_measure(before, word, behind, vocabulary))
    return tuple(mended)


def _find_preposition(before: str, word: str, rest: tuple[str, ...], vocabulary: Vocabulary) -> list[str]:
    """Return the preposition that "broke day two", "came monday", "broke down a second day" leave out."""
    behind = rest[0] if rest else ""
    is_numbered = word == "day" and vocabulary.can(behind, "u") and before
    if is_numbered and (before in PARTICLES or not vocabulary.can(before, "dijuc")):
        return ["on"]
    if word in WEEKDAYS and vocabulary.can(before, "te") and not vocabulary.can(before, "i"):
        return ["on"]
    if word == "a" and behind in COUNTING and rest[1:2] == ("day",) and before in {"down", "out", "off"}:
        return ["for"]
    return []


def _find_ordinal(before: str, word: str, behind: str, vocabulary: Vocabulary) -> list[str]:
    """Return the small words that "in first wash", "tore second wear" leave out."""
    if word not in COUNTING or not vocabulary.can(behind, "n") or vocabulary.can(behind, "d"):
        return []
    if before in PLACING:
        return ["the"]
    if behind in TURNS and (before in PARTICLES or vocabulary.can(before, "rteg")):
        return ["the"] if behind in {"time", "week"} else ["on", "the"]
    return []


def _measure(before: str, word: str, behind: str, vocabulary: Vocabulary) -> str:
    """Return the unit as it stands before what it measures: "hour" in "nine hours flight"."""
    is_measure = (
        vocabulary.can(before, "u")
        and before != "one"
        and vocabulary.is_of(word, "units")
        and vocabulary.can(behind, "n")
        and behind not in {"till", "until"}
    )
    return word.removesuffix("s") if is_measure and word in {"hours", "minutes", "days", "weeks"} else word


def _find_article(before: str, word: str, behind: str, vocabulary: Vocabulary) -> list[str]:
    """Return the article that "with broken neck", "came day early", "in same box" leave out."""
    if word in {"day", "week"} and behind in {"early", "late"} and not vocabulary.can(before, "du"):
        return ["a"]
    found: list[str] = []
    is_part = vocabulary.is_of(behind, "parts_nouns") and not vocabulary.can(behind, "p")
    if before in {"with", "has"} and is_part and vocabulary.is_of(word, "trouble") and vocabulary.can(word, "j"):
        found.append("an" if word[0] in "aeiou" else "a")
    if (
        word in {"same", "wrong"}
        and before
        and vocabulary.can(behind, "n")
        and (before in {*PLACING, "has", "have"} or (word == "same" and not vocabulary.can(before, "dj")))
    ):
        found.append("the")
    return found


def name_colleague(words: tuple[str, ...], vocabulary: Vocabulary, *, is_staff_named: bool) -> tuple[str, ...]:
    """Return praise of "she", "the lad", "they" as praise of our colleague, our team; nothing where it is not plain who it was."""
    if words[0] in {"she", "he", "they"}:
        if words[1][:1] == "'" or (words[0] != "they" and not is_staff_named):
            return ()
        is_odd = words[0] == "they" and (vocabulary.can(words[1], "b") or words[1] in {"have", "were", "are"})
        return () if is_odd else ("your", "team" if words[0] == "they" else "colleague", *words[1:])
    if (
        words[0] in {"the", "your"}
        and words[1] in INFORMAL
        and vocabulary.can(words[2], "tzbri")
        and words[2] not in {"with", "who"}
    ):
        return _place(("your", "colleague", *words[2:]))
    first = next((place for place, word in enumerate(words[:4]) if word in INFORMAL), 0)
    if first and all(vocabulary.can(word, "dj") for word in words[:first]) and words[first + 1] not in {"with", "who"}:
        return _place(("your", "colleague", *words[first + 1 :]))
    return () if INFORMAL & set(words) else words


def _place(words: tuple[str, ...]) -> tuple[str, ...]:
    """Say "our colleague in the shop", not "in our shop"."""
    is_ours = words[2:3] in {("in",), ("at",)} and words[3:4] == ("your",)
    return (*words[:3], "the", *words[4:]) if is_ours else words


def _mend_awaited(words: tuple[str, ...]) -> tuple[str, ...]:
    """Say "there has been no reply yet"."""
    if words[:2] in {("there", "was"), ("there", "were")} and words[-1] == "yet":
        return ("there", "has" if words[1] == "was" else "have", "been", *words[2:])
    return words


def _mend_passive(words: tuple[str, ...], vocabulary: Vocabulary) -> tuple[str, ...]:
    """Say "the bag was lost on the 3rd", "the outer box was crushed on one corner"."""
    if words[:1] not in {("the",), ("my",), ("our",), ("your",)}:
        return words
    for place, word in enumerate(words[2:6], start=2):
        if vocabulary.is_of(word, "suffered") and vocabulary.can(words[place - 1], "np"):
            behind = words[place + 1] if place + 1 < len(words) else ""
            is_passive = all(
                vocabulary.can(one, "njp") and not vocabulary.is_of(one, "staff") for one in words[1:place]
            ) and (
                not behind
                or behind
                in {"on", "in", "at", "by", "again", "twice", "down", "across", "and", "to", "before", "after"}
            )
            is_passive = is_passive and words[place + 1 : place + 3] not in {("on", "me"), ("on", "us")}
            is_many = vocabulary.can(words[place - 1], "p")
            return (*words[:place], "were" if is_many else "was", *words[place:]) if is_passive else words
        if vocabulary.can(word, "tzbkml"):
            return words
    return words
