"""When a label leaves open whether a post is praise or a complaint: then nobody is apologised to, and nobody cheered."""

import re
import unicodedata
from functools import cache
from typing import Final

from domain.understanding import Prediction
from domain.words import Intent, Sentiment, Urgency
from responder.wordlists import read_words

DOUBTFUL: Final = "doubtful"
"""The scenario of such a case."""
OPEN: Final = 0.65
"""Below it the score of praise says little."""
OPPOSITE: Final = {Intent.PRAISE: Sentiment.NEGATIVE, Intent.COMPLAINT: Sentiment.POSITIVE}
PLAIN: Final = 0.9
"""From here on praise is thanked for though it asks for no answer; below, down to ``OPEN``, where a warm word says so too."""
LONGEST: Final = 4000
"""Characters that are looked at."""
SETTLED_BY: Final = {
    Intent.COMPLAINT: frozenset({"rule: concrete_trouble", "rule: wrong_item"}),
    Intent.PRAISE: frozenset({"rule: stock_praise"}),
}
"""Rules of the classifier that know by words: one shoe of two, a ten with no notes. A model's low score says nothing against them."""


def is_doubtful(prediction: Prediction, scenario: str, text: str) -> bool:
    """Return whether it may as well be the other. What a person labelled has no scores and is never doubted.

    Neither is what touches safety, law or personal data. A complaint is doubted only where its sentiment says otherwise, however low
    its score: on the dev split 57 of 67 that were doubted for their score were complaints and 4 praise.
    """
    if prediction.intent not in OPPOSITE or prediction.risks or prediction.urgency is Urgency.CRITICAL:
        return False
    scores = [prediction.scores[head] for head in ("intent", "sentiment") if head in prediction.scores]
    if not scores or not SETTLED_BY[prediction.intent].isdisjoint(prediction.reasons):
        return False
    if prediction.intent is Intent.COMPLAINT and (scenario == "suggestion" or (scenario and mocks(text))):
        # An idea is told gladly, and who tells a fault in words of mockery does not praise.
        return False
    if prediction.sentiment is OPPOSITE[prediction.intent]:
        return True
    if prediction.intent is not Intent.PRAISE or scenario:
        return False
    return min(scores) < OPEN or mocks(text)


def is_trouble_told(prediction: Prediction) -> bool:
    """Return whether the classifier knows by words that a fact of trouble is told."""
    return prediction.intent is Intent.COMPLAINT and not SETTLED_BY[Intent.COMPLAINT].isdisjoint(prediction.reasons)


def is_plain_praise(prediction: Prediction, text: str) -> bool:
    """Return whether ``text`` is praise that may be thanked for, though nobody expects it: none that mocks, or takes back what it gives.

    On the dev split of the corpus, of praise that wants no answer: 27 of 27 (ja) and 31 of 35 (en) of those found are praise, and of all that
    is praise 27 of 43 and 31 of 49 are found. Words of mockery stand in 22 of 5,969 that praise, and in 88 of 1,485 ironic complaints.
    """
    if (prediction.intent, prediction.sentiment) != (Intent.PRAISE, Sentiment.POSITIVE):
        return False
    if prediction.risks or prediction.urgency is Urgency.CRITICAL:
        return False
    if mocks(text):
        return False
    score = min((prediction.scores[head] for head in ("intent", "sentiment") if head in prediction.scores), default=1.0)
    if score >= PLAIN or not SETTLED_BY[Intent.PRAISE].isdisjoint(prediction.reasons):
        return True
    read = unicodedata.normalize("NFKC", text[:LONGEST])
    warm, turned = _words("warm").search(read), _words("turned").search(read)
    return score >= OPEN and warm is not None and turned is None


def mocks(text: str) -> bool:
    """Return whether ``text`` (untrusted) has words of mockery."""
    return _words("mocking").search(unicodedata.normalize("NFKC", text[:LONGEST])) is not None


def is_outraged(text: str) -> bool:
    """Return whether ``text`` (untrusted) has words that nobody uses who is content."""
    return _words("outraged").search(unicodedata.normalize("NFKC", text[:LONGEST])) is not None


@cache
def _words(kind: str) -> re.Pattern[str]:
    """Both languages at once: a brand may answer in one and be praised in the other."""
    lists = read_words("praise")[kind]
    return re.compile("|".join(f"(?:{one})" for language in sorted(lists) for one in lists[language]), re.IGNORECASE)
