"""When a label leaves open whether a post is praise or a complaint: then nobody is apologised to, and nobody cheered."""

from typing import Final

from domain.understanding import Prediction
from domain.words import Intent, Sentiment, Urgency

DOUBTFUL: Final = "doubtful"
"""The scenario of such a case."""
OPEN: Final = 0.65
"""Below it a score says little. On the posts of tests/classifier/cold 21 of 48 swapped labels are doubted, and 33 of 765 right ones."""
UNNAMED: Final = 0.93
"""Where no kind of trouble was recognised in a complaint, either, even a higher score says little."""
ONLY_FEELINGS: Final = 0.75
"""As much, where nothing but feelings were."""
OPPOSITE: Final = {Intent.PRAISE: Sentiment.NEGATIVE, Intent.COMPLAINT: Sentiment.POSITIVE}
SETTLED_BY: Final = {
    Intent.COMPLAINT: frozenset({"rule: concrete_trouble", "rule: wrong_item"}),
    Intent.PRAISE: frozenset({"rule: stock_praise"}),
}
"""Rules of the classifier that know by words: one shoe of two, a ten with no notes. A model's low score says nothing against them."""


def is_doubtful(prediction: Prediction, scenario: str) -> bool:
    """Return whether it may as well be the other. What a person labelled has no scores and is never doubted.

    Neither is what touches safety, law or personal data: there a complaint too many does less harm than one missed.
    """
    if prediction.intent not in OPPOSITE or prediction.risks or prediction.urgency is Urgency.CRITICAL:
        return False
    scores = [prediction.scores[head] for head in ("intent", "sentiment") if head in prediction.scores]
    if not scores or not SETTLED_BY[prediction.intent].isdisjoint(prediction.reasons):
        return False
    if prediction.sentiment is OPPOSITE[prediction.intent]:
        return True
    if prediction.intent is Intent.PRAISE:
        return min(scores) < OPEN and not scenario
    if prediction.urgency is Urgency.HIGH or prediction.suggestion:
        return False
    return min(scores) < (UNNAMED if not scenario else ONLY_FEELINGS if scenario == "venting" else OPEN)
