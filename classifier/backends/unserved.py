"""The answer to a text that no backend can read: nothing firm, and a person looks at it."""

from typing import Final

from domain.understanding import Prediction, TextToClassify
from domain.words import Intent, Sentiment, Topic, Urgency

UNSERVED: Final = 0.3
"""Score of every head where the language is none of ours, or nothing but signs was written: far below any band."""


def decline(given: TextToClassify) -> Prediction:
    """Say nothing firm of a language that is not served. A person reads it, unless it is blank."""
    return Prediction(
        sentiment=Sentiment.NEUTRAL,
        intent=Intent.OTHER,
        constructive=None,
        suggestion=False,
        abuse=False,
        topic=Topic.OTHER,
        urgency=Urgency.NORMAL,
        risks=frozenset(),
        needs_reply=bool(given.text.strip()),
        needs_dm=False,
        scores=dict.fromkeys(("intent", "sentiment", "topic", "urgency"), UNSERVED),
        reasons=("rule: language_not_served",),
    )
