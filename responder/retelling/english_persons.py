"""Turning round who is who: what the customer calls "my" is "your" in our reply, and what they call "your" is "our"."""

from collections.abc import Sequence
from typing import Final

from responder.retelling.english_words import Vocabulary

TURNED: Final = {
    "i": "you", "me": "you", "my": "your", "mine": "yours", "myself": "yourself",
    "we": "you", "us": "you", "our": "your", "ours": "yours", "ourselves": "yourselves",
    "your": "our", "yours": "ours", "yourself": "ourselves",
}  # fmt: skip
AGREEING: Final = {"am": "are", "'m": "'re", "was": "were", "wasn't": "weren't", "is": "are"}
JOINTS: Final = frozenset(["and", "but", "or"])
OWN_TO_US: Final = frozenset(["from", "to", "with", "by", "of", "for"])
"""Behind one of these, "you" is the shop."""
DONE_BY_US: Final = frozenset(
    [
        "sent",
        "posted",
        "shipped",
        "delivered",
        "sold",
        "emailed",
        "charged",
        "printed",
        "made",
        "repaired",
        "fitted",
        "put",
        "gave",
        "packed",
    ]
)
"""What the shop did with a thing: "the camera you sent"."""
BODY: Final = frozenset(
    [
        "skin",
        "hand",
        "hands",
        "feet",
        "foot",
        "face",
        "head",
        "hair",
        "legs",
        "eyes",
        "money",
        "way",
        "own",
        "life",
        "time",
        "day",
        "family",
    ]
)
"""Behind "your" it is anybody's: "keeps your hands warm"."""


def turn_round(words: Sequence[str], vocabulary: Vocabulary) -> list[str] | None:
    """Return a statement of the customer as we say it; None where it is not plain who is meant."""
    turned: list[str] = []
    is_theirs = words[0] == "i"
    for place, word in enumerate(words):
        before, behind = words[place - 1] if place else "", words[place + 1] if place + 1 < len(words) else ""
        said = _turn_word(word, before, behind, words, vocabulary)
        if said is None:
            return None
        if word in AGREEING and _is_of_theirs(words[:place], vocabulary, is_theirs=is_theirs):
            said = AGREEING[word]
        turned.append(said)
    return turned


def _turn_word(word: str, before: str, behind: str, words: Sequence[str], vocabulary: Vocabulary) -> str | None:
    if word == "you":
        return _turn_you(before, behind, words, vocabulary)
    if word == "your" and behind in BODY:
        return None
    if word in {"i", "me"} and before in JOINTS and not vocabulary.can(behind, "tzvbkml"):
        return None
    return TURNED.get(word, word)


def _turn_you(before: str, behind: str, words: Sequence[str], vocabulary: Vocabulary) -> str | None:
    """Return "us" or "we" where "you" is plainly the shop."""
    if behind in DONE_BY_US and (before in JOINTS or vocabulary.can(before, "np")):
        return "we"
    if behind == "'ve" and before in JOINTS:
        return "we"
    is_object = not vocabulary.can(behind, "tbkml")
    told = words[0] in {"i", "we", "my", "our"} and vocabulary.can(before, "vteg")
    return "us" if is_object and (before in OWN_TO_US or told) else None


def _is_of_theirs(words: Sequence[str], vocabulary: Vocabulary, *, is_theirs: bool) -> bool:
    """Return whether the verb behind ``words`` is said of "I"."""
    for place in range(len(words) - 1, -1, -1):
        if vocabulary.tags.get(words[place], "").strip("r") == "":
            continue
        return words[place] == "i" or (is_theirs and words[place] in JOINTS)
    return False
