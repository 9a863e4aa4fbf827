"""Whether a whole statement of praise tells what somebody liked, and how well."""

import re
from typing import Final

from responder.retelling.english_excluding import INFORMAL
from responder.retelling.english_praising import FOR_THEM, UNPRAISED, is_long_lived
from responder.retelling.english_refusing import is_refused
from responder.retelling.english_signs import NEGATIONS
from responder.retelling.english_statements import Statement
from responder.retelling.english_words import Vocabulary

FULL: Final = 1.5
OF_OURS: Final = frozenset(["she", "he", "they"])
GIVEN: Final = frozenset(
    ["posted", "sent", "gave", "brought", "made", "dimmed", "put", "took", "drove", "sat", "stayed", "found"]
)
UNTOLD: Final = frozenset(
    ["it", "this", "that", "these", "those", "there", "you", "i", "we", "who", "what", "nobody", "no", "one"]
)
PREFACE: Final = re.compile(
    r"\b(?:i )?(?:just |must |have to |had to |really )*(?:want(?:ed)? to|must|have to|had to|gotta)(?: just)? say(?: that| how)?\b[,:]?|\b(?:big |huge |massive )?(?:shout ?-?out|props|credit) to\b",
    re.IGNORECASE,
)
"""What praise begins with before it says anything."""
MADE_DAY: Final = re.compile(
    r"\b(?:cheers|thanks|thank you|thx|ta)(?: so much| very much)? for (the [^,.!?\n]{3,60}), ?(?:it |that )?(?:really )?(?=made my\b)",
    re.IGNORECASE,
)
"""Thanks for what made somebody's day."""
OVER_AND_OVER: Final = re.compile(r"\b(\w+)(?: \1\b)+", re.IGNORECASE)
OBSESSED: Final = re.compile(
    r"\b(?:i'?m |so |absolutely |totally )*obsessed w(?:ith)?\b(?= (?:my|the|this|these|your)\b)", re.IGNORECASE
)
THANKS: Final = re.compile(
    r"(?<=[a-z]) (?=(?:thank you|thanks|thx)(?! for| cards?\b| notes?\b| letters?\b)\b)", re.IGNORECASE
)
"""Before thanks that run on."""
WHO_DID: Final = re.compile(
    r"\b(?:shout ?-?out|props|kudos|hats off|thanks|thank you|cheers) to ((?:the|your) (?:[\w'-]+ ){1,8}?)who (?=[a-z]+(?:ed|t|ve|de|ok|ent|ound) )",
    re.IGNORECASE,
)
"""Thanks to somebody who did something."""
LATELY: Final = re.compile(
    r" (?:today|yesterday|earlier|just now|this morning|this afternoon|last night) (?=(?:was|were|helped|could)\b)",
    re.IGNORECASE,
)
"""Between who it was and what they did."""
DEAD_GLAD: Final = re.compile(r"\bdead (?=chuffed|happy|pleased|impressed)", re.IGNORECASE)
SO_GOOD: Final = re.compile(r"\b(so [a-z]+) (?:that )?(?=i\b)", re.IGNORECASE)


def open_praise(text: str) -> str:
    """Return ``text`` without what leads praise in, and with the thing they thank for as what made their day."""
    text = LATELY.sub(" ", text)
    text = WHO_DID.sub(r". \1", DEAD_GLAD.sub("", text))
    text = OBSESSED.sub("I love", OVER_AND_OVER.sub(r"\1", text))
    text = THANKS.sub(". ", text)
    text = MADE_DAY.sub(r". \1 ", text.replace("’", "'"))
    return SO_GOOD.sub(r"\1. ", PREFACE.sub(". ", text))


def judge_joy(statement: Statement, vocabulary: Vocabulary) -> float:
    """Return how well ``statement`` tells the joy; 0 where it tells none, or must not be said back."""
    words = statement.words
    if words[0] in UNTOLD or _is_unpraised(statement, vocabulary):
        return 0.0
    is_ours = words[0] in OF_OURS or any(
        vocabulary.is_of(word, "persons") or word in INFORMAL for word in statement.subject[:4]
    )
    told = _tells_deed(statement, vocabulary) if is_ours else _tells_thing(statement, vocabulary)
    is_bare = len(words) < 4 + is_ours
    return 0.0 if not told or is_bare else FULL + min(len(words), 10) * 0.05


def _is_unpraised(statement: Statement, vocabulary: Vocabulary) -> bool:
    words = statement.words
    is_spoilt = any(
        (word in NEGATIONS and word != "without")
        or word in UNPRAISED
        or vocabulary.is_of(word, "promised")
        or (vocabulary.is_of(word, "trouble") and not vocabulary.is_of(word, "joy"))
        for word in words
    )
    head = words[statement.head]
    is_headless = vocabulary.is_of(head, "headless") and head not in INFORMAL
    return is_spoilt or is_headless or is_refused(words, vocabulary) or words[-1] in {"it", "them"}


def _tells_thing(statement: Statement, vocabulary: Vocabulary) -> bool:
    """Return whether something good is said of a thing, behind its verb."""
    if statement.kinds[statement.head] not in "np" or statement.kinds[statement.verb] == "m":
        return False
    behind = range(statement.verb + 1, len(statement.words))
    is_good = any(
        statement.kinds[place] in "jr" and vocabulary.is_of(statement.words[place], "joy") for place in behind
    )
    made_day = statement.words[statement.verb] == "made" and statement.words[-1] in {"day", "week"}
    as_new = statement.rest[:2] == ("brand", "new") or statement.rest[:3] in {
        ("like", "a", "dream"),
        ("like", "a", "glove"),
    }
    return is_good or made_day or as_new or is_long_lived(statement.words)


def _tells_deed(statement: Statement, vocabulary: Vocabulary) -> bool:
    """Return whether it is what one of ours did for them, or how kind they were."""
    verb = statement.words[statement.verb]
    is_kind = statement.kinds[statement.verb] == "b" and any(
        vocabulary.is_of(word, "joy") and kind == "j"
        for word, kind in zip(statement.rest, statement.kinds[statement.verb + 1 :], strict=True)
    )
    is_deed = statement.kinds[statement.verb] == "t" and (
        vocabulary.is_of(verb, "deeds")
        or ((vocabulary.is_of(verb, "favours") or verb in GIVEN) and bool(FOR_THEM & set(statement.rest)))
    )
    return is_kind or is_deed
