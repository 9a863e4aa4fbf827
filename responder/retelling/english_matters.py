"""Whether a whole statement of a complaint tells what went wrong, and how well.

What a thing did or what was done to it may be said; of themselves only what befell them, what they could not do, and
what they did in vain. What they think, feel, want or suppose never is.
"""

from typing import Final

from responder.retelling.english_befallen import GOT, judge_befallen
from responder.retelling.english_excluding import BODIES, INFORMAL, OWNERS, is_bodily
from responder.retelling.english_mishaps import judge_thing, judge_unnamed
from responder.retelling.english_praising import GLAD
from responder.retelling.english_refusing import is_refused
from responder.retelling.english_signs import LIKELY, NEGATIONS, SURE, count_signs
from responder.retelling.english_statements import Statement
from responder.retelling.english_words import Vocabulary

LONG_ENOUGH: Final = 10
FEWEST_THERE: Final = 5
LAST_VERB_OF_NOBODY: Final = 4
""" "Nobody in the shop could find it"."""
VAGUE_ENDS: Final = frozenset(["way", "thing", "things", "stuff", "plot", "one", "ones"])
THEY: Final = frozenset(["i", "we"])
NOBODY: Final = frozenset(["nobody", "nothing", "none"])
UNNAMED: Final = frozenset(["it", "they"])


def judge_matter(statement: Statement, vocabulary: Vocabulary) -> float:
    """Return how well ``statement`` tells the trouble of a complaint; 0 where it tells none, or nothing to be said back."""
    if _is_unsaid(statement, vocabulary):
        return 0.0
    first = statement.words[0]
    if first in THEY:
        score = judge_befallen(statement, vocabulary)
    elif first == "there":
        score = _judge_there(statement, vocabulary)
    elif first in NOBODY or statement.words[:2] == ("no", "one"):
        score = SURE if _is_not_done(statement, vocabulary) else 0.0
    elif first in UNNAMED:
        score = LIKELY if _has_been_long(statement, vocabulary) else judge_unnamed(statement, vocabulary)
    else:
        score = judge_thing(statement, vocabulary)
    return score and score + min(len(statement.words), LONG_ENOUGH) * 0.05


def _is_unsaid(statement: Statement, vocabulary: Vocabulary) -> bool:
    """Return whether a word of it is only theirs to say, or it praises."""
    words = statement.words
    if is_refused(words, vocabulary) or is_bodily(words, vocabulary):
        return True
    nouns = [word for word, kind in zip(words, statement.kinds, strict=True) if kind in "npj"]
    is_dialect = any(
        one == "me"
        and statement.kinds[place + 1 : place + 2] in {"n", "p"}
        and not vocabulary.is_of(words[place - 1], "done_to")
        for place, one in enumerate(words)
    )
    is_cut_short = words[-1] in {"say", "says"} or (
        words[-1] in {"me", "us"} and words[-2] in {"tell", "told", "tells"}
    )
    is_body = statement.words[statement.head] in BODIES and words[0] in OWNERS
    is_repeating = len(nouns) != len(set(nouns)) and not (words[0] in THEY and GOT & set(words))
    if INFORMAL & set(words) or is_body or is_repeating or words[0] == "never":
        return True
    is_vague = words[-1] in VAGUE_ENDS and statement.kinds[-2] not in "jT"
    is_numbered = words[-3:-1] == ("for", "the") and statement.kinds[-1] == "u"
    if is_dialect or is_cut_short or is_vague or is_numbered or any(vocabulary.is_of(word, "unsaid") for word in words):
        return True
    is_glad = any(
        word in GLAD
        or (word == "brand" and words[place + 1 : place + 2] == ("new",) and place > statement.verb)
        or vocabulary.is_of(word, "loved")
        or (
            place > statement.verb
            and kind in "jr"
            and vocabulary.is_of(word, "joy")
            and not vocabulary.is_of(word, "trouble")
        )
        for place, (word, kind) in enumerate(zip(words, statement.kinds, strict=True))
    )
    return is_glad and not NEGATIONS & set(words)


def _judge_there(statement: Statement, vocabulary: Vocabulary) -> float:
    """Judge "there was a pin left in the collar"."""
    is_being = statement.kinds[statement.verb] == "b" or "been" in statement.rest[:1]
    if not is_being or len(statement.words) < FEWEST_THERE - ("no" in statement.words) - ("been" in statement.words):
        return 0.0
    if count_signs(statement.rest, statement.kinds[statement.verb + 1 :], vocabulary):
        return SURE - 0.2
    is_placed = "i" in statement.kinds and statement.words[statement.verb] in {"was", "were"}
    return LIKELY if is_placed else 0.0


def _is_not_done(statement: Statement, vocabulary: Vocabulary) -> bool:
    """Return whether nobody did what one may expect of a shop."""
    done = (vocabulary.bases.get(word, word) for word in statement.words[statement.verb :])
    return statement.verb <= LAST_VERB_OF_NOBODY and any(vocabulary.is_of(word, "helping") for word in done)


def _has_been_long(statement: Statement, vocabulary: Vocabulary) -> bool:
    """Return whether it is "it's been nine days"."""
    words = statement.words
    return (
        words[0] == "it" and "been" in words[2:3] and any(vocabulary.is_of(word, "time_nouns") for word in words[3:6])
    )
