"""The answer to a text that no backend can read: nothing firm, and a person looks at it.

The critical rules of both languages read it all the same: a slip of slang, a single word or a foreign sentence around an English one
may be the gravest post of the day.
"""

from typing import Final

from classifier.backends.evidence import collect
from classifier.backends.rules import GROUPS, find_fired
from classifier.backends.why import say_rule
from classifier.visible import show
from domain.understanding import Prediction, TextToClassify
from domain.words import Intent, Language, Sentiment, Topic, Urgency

UNSERVED: Final = 0.3
"""Score of every head where the language is none of ours, or nothing but signs was written: far below any band."""
LOOKED_AT: Final = 200
"""Characters that tell it of nearly every text."""
NOT_SERVED: Final = "rule: language_not_served"
NOTHING_WRITTEN: Final = "rule: nothing_written"


def is_readable(given: TextToClassify) -> bool:
    """Tell whether there is something to see, in a language that is served."""
    return given.language is not Language.OTHER and not _is_blank(given.text)


def _is_blank(text: str) -> bool:
    return not show(text[:LOOKED_AT]).strip() and not show(text).strip()


def decline(given: TextToClassify) -> Prediction:
    """Say nothing firm of a text that cannot be read. A person reads it, unless it is blank; what is grave in it is raised."""
    evidence = collect(given.text, language=Language.OTHER, groups=GROUPS)
    fired = [one for one in find_fired(given.text, evidence) if one.rule.critical]
    blank = _is_blank(given.text)
    return Prediction(
        sentiment=Sentiment.NEUTRAL,
        intent=Intent.OTHER,
        constructive=None,
        suggestion=False,
        abuse=False,
        topic=Topic.OTHER,
        urgency=Urgency.CRITICAL if fired else Urgency.NORMAL,
        risks=frozenset(one.rule.risk for one in fired),
        needs_reply=not blank,
        needs_dm=False,
        scores=dict.fromkeys(("intent", "sentiment", "topic", "urgency"), UNSERVED),
        reasons=(NOTHING_WRITTEN if blank else NOT_SERVED, *(line for one in fired for line in say_rule(one))),
    )
