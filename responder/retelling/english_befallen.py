"""What befell those who complain, what they could not do, and what they did in vain: "I've been charged twice"."""

from typing import Final

from responder.retelling.english_excluding import LONG_TIMES
from responder.retelling.english_signs import LIKELY, NEGATIONS, SURE, count_signs
from responder.retelling.english_statements import Statement
from responder.retelling.english_words import Vocabulary

FEWEST_WORDS: Final = 5
UNABLE: Final = frozenset(["can't", "couldn't"])
COUNTED: Final = frozenset(["times", "calls", "emails", "messages"])
ASKED_FOR: Final = frozenset(["ordered", "bought", "paid", "asked", "cancelled"])
UNNAMED: Final = frozenset(["it", "them"])
GOT: Final = frozenset(["got", "had", "opened", "received", "sent", "gave", "charged", "shipped"])


def judge_befallen(statement: Statement, vocabulary: Vocabulary) -> float:
    """Return how well a statement of "I" or "we" tells the trouble; 0 where it is only theirs to say."""
    words, kind = statement.words, statement.kinds[statement.verb]
    verb, doing = words[statement.verb], _find_doing(statement, vocabulary)
    follows = doing[0] if doing else ""
    base = vocabulary.bases.get(follows, follows)
    is_habit = verb in {"do", "don't"} or words[-2:] == ("used", "it")
    if is_habit or _is_unnamed(statement) or len(words) < FEWEST_WORDS - (verb in UNABLE or "twice" in words):
        return 0.0
    if kind == "m":
        return SURE if verb in UNABLE and vocabulary.is_of(base, "cannot") else 0.0
    if kind in "kl" and (verb in NEGATIONS or {"never", "not"} & set(words[1:4])):
        return SURE if vocabulary.is_of(follows, "havenot") or vocabulary.is_of(base, "havenot") else 0.0
    if kind == "b" or "been" in words[statement.verb + 1 : statement.verb + 3]:
        return SURE if _befell(follows, words, vocabulary) else 0.0
    if kind == "k" and follows == "to":
        return LIKELY if vocabulary.is_of((*doing, "")[1], "driven_to") else 0.0
    deed = verb if kind == "t" else follows
    return SURE - 0.2 if vocabulary.is_of(deed, "done") and _is_in_vain(statement, vocabulary) else 0.0


def _is_unnamed(statement: Statement) -> bool:
    """Return whether nobody knows what "it" is, or they make a picture of themselves: "I was stuck inside it like a sausage"."""
    words, kinds = statement.words, statement.kinds
    is_picture = any(one == "like" and kinds[place + 1 : place + 2] == "d" for place, one in enumerate(words))
    place = next((place for place, word in enumerate(words) if word in UNNAMED and kinds[place - 1] == "i"), 0)
    return is_picture or (place > 0 and not any(kind in "np" for kind in kinds[:place]))


def _find_doing(statement: Statement, vocabulary: Vocabulary) -> list[str]:
    """Return what stands behind the first verb, without "still", "just", "not", "been"."""
    behind = statement.verb + 1
    return [
        word
        for word, kind in zip(statement.words[behind:], statement.kinds[behind:], strict=True)
        if kind not in "fy" and not (kind == "r" and (vocabulary.is_of(word, "between") or word in {"since", "never"}))
    ]


def _befell(follows: str, words: tuple[str, ...], vocabulary: Vocabulary) -> bool:
    """Return whether it befell them, and is told to its end: not "I was told by the manager", "I was asked for it"."""
    if (follows == "told" and ("by" in words or words[-1] in {"twice", "again", "told"})) or (
        follows == "asked" and not {"again", "twice", "times", "leave"} & set(words)
    ):
        return False
    is_held = follows == "on" and "hold" in words
    return is_held or vocabulary.is_of(follows, "befallen") or vocabulary.is_of(follows, "done_to")


def _is_in_vain(statement: Statement, vocabulary: Vocabulary) -> bool:
    """Return whether what they did went wrong, was done again and again, or showed what was wrong."""
    words, kinds, at = statement.words, statement.kinds, statement.verb
    is_short_wait = "waited" in words[:3] and not any(
        kind == "u" or word in LONG_TIMES for word, kind in zip(words, kinds, strict=True)
    )
    if "said" in words or is_short_wait:
        return False
    is_repeated = any(word in COUNTED and kinds[place - 1] == "u" for place, word in enumerate(words))
    is_found = words[at] in {"found", "opened"} and kinds[at + 1 : at + 2] in {"d", "u"} and "i" in kinds
    is_wish = words[at] == "asked" and words[at + 1] == "for"
    got_other = words[at] in ASKED_FOR and bool(GOT & set(words[at + 2 :])) and "and" in words
    is_told = is_repeated or is_found or got_other
    return is_told or (not is_wish and count_signs(words[1:], kinds[1:], vocabulary) > 0)
