"""Making whole what a hurried hand leaves out: "broke day two", "in first wash", "bag lost on the 3rd"."""

from collections.abc import Sequence
from typing import Final

from responder.retelling.english_words import Vocabulary

COUNTING: Final = frozenset(["first", "second", "third"])
WEEKDAYS: Final = frozenset(["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"])
PARTICLES: Final = frozenset(["off", "out", "apart", "down", "away"])
PLACING: Final = frozenset(["in", "on", "after", "at", "during", "by", "before", "for", "of", "from", "with", "within"])


def mend(words: Sequence[str], vocabulary: Vocabulary) -> tuple[str, ...]:
    """Return ``words`` with the small words that belong there."""
    return _mend_passive(_mend_awaited(_mend_times(tuple(words), vocabulary)), vocabulary)


def _mend_times(words: tuple[str, ...], vocabulary: Vocabulary) -> tuple[str, ...]:
    """Say "on day two", "in the first wash", "a nine hour flight"."""
    mended: list[str] = []
    for place, word in enumerate(words):
        before = words[place - 1] if place else ""
        behind = words[place + 1] if place + 1 < len(words) else ""
        if (
            word == "day"
            and vocabulary.can(behind, "u")
            and place
            and (before in PARTICLES or not vocabulary.can(before, "dijuc"))
        ):
            mended.append("on")
        mended += _find_article(before, word, behind, vocabulary)
        if word in WEEKDAYS and vocabulary.can(before, "te") and not vocabulary.can(before, "i"):
            mended.append("on")
        if (
            word in {"same", "wrong"}
            and place
            and vocabulary.can(behind, "n")
            and (before in {*PLACING, "has", "have"} or (word == "same" and not vocabulary.can(before, "dj")))
        ):
            mended.append("the")
        if (
            word == "a"
            and behind in COUNTING
            and words[place + 2 : place + 3] == ("day",)
            and before in {"down", "out", "off"}
        ):
            mended.append("for")
        if word in COUNTING and vocabulary.can(behind, "n") and not vocabulary.can(behind, "d"):
            if before in PLACING:
                mended.append("the")
            elif (before in PARTICLES or vocabulary.can(before, "rteg")) and behind in {
                "day",
                "wash",
                "trip",
                "wear",
                "use",
                "time",
                "try",
                "night",
                "week",
                "go",
            }:
                mended += ["the"] if behind in {"time", "week"} else ["on", "the"]
        is_measure = (
            vocabulary.can(before, "u")
            and before != "one"
            and vocabulary.is_of(word, "units")
            and vocabulary.can(behind, "n")
        )
        mended.append(word.removesuffix("s") if is_measure and word in {"hours", "minutes", "days", "weeks"} else word)
    return tuple(mended)


INFORMAL: Final = frozenset(["lady", "girl", "guy", "man", "woman", "lad", "chap", "bloke", "boy"])


def _find_article(before: str, word: str, behind: str, vocabulary: Vocabulary) -> list[str]:
    """Return the article that "with broken neck", "came day early" leave out."""
    if word in {"day", "week"} and behind in {"early", "late"} and not vocabulary.can(before, "du"):
        return ["a"]
    is_part = vocabulary.is_of(behind, "parts_nouns") and not vocabulary.can(behind, "p")
    if before in {"with", "has"} and is_part and vocabulary.is_of(word, "trouble") and vocabulary.can(word, "j"):
        return ["an" if word[0] in "aeiou" else "a"]
    return []


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
        return ("your", "colleague", *words[2:])
    return () if INFORMAL & set(words) else words


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
            is_many = vocabulary.can(words[place - 1], "p")
            return (*words[:place], "were" if is_many else "was", *words[place:]) if is_passive else words
        if vocabulary.can(word, "tzbkml"):
            return words
    return words
