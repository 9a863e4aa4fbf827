"""How to speak: how grave the matter is, and how the customer writes. Rules over labels and their own text."""

from collections.abc import Mapping
from functools import cache

import regex

from domain.understanding import Prediction
from domain.words import Intent, Language, Risk, Topic, Urgency
from responder.wordlists import read_words

GRAVE = frozenset({Risk.SAFETY, Risk.LEGAL, Risk.PRESS, Risk.PERSONAL_DATA, Risk.DISCRIMINATION})
HIGHEST, HURT, TROUBLE, INCONVENIENCE = 4, 3, 2, 1
BASE = {
    Topic.DELIVERY: TROUBLE,
    Topic.PRODUCT: TROUBLE,
    Topic.REFUND: TROUBLE,
    Topic.OUTAGE: TROUBLE,
    Topic.STAFF: HURT,
}
LONG_WAIT = regex.compile(r"週間|か月|\d{2,}日|weeks|months?|several|\d{2,} days")
LEAST_FORMAL = 2


def grade_severity(prediction: Prediction, *, waited: str, again: bool) -> int:
    """Return how deep an apology goes: 1 inconvenience, 2 trouble, 3 worry or hurt, 4 grave; 0 where none is due.

    ``waited`` is the time as echoed. Having had to ask again, or a long wait, weighs one grade more, but 4 by waiting alone
    is never reached.
    """
    if prediction.intent is not Intent.COMPLAINT:
        return 0
    if GRAVE & prediction.risks or prediction.urgency is Urgency.CRITICAL:
        return HIGHEST
    grade = BASE.get(prediction.topic, INCONVENIENCE)
    if prediction.urgency is Urgency.HIGH:
        grade = HURT
    elif prediction.suggestion or (prediction.urgency is Urgency.LOW and prediction.topic is not Topic.STAFF):
        grade = INCONVENIENCE
    if LONG_WAIT.search(waited):
        grade = min(grade + 1, HURT)
    return min(grade + again, HIGHEST)


def find_register(text: str, language: Language) -> str:
    """Return ``casual`` or ``formal`` where the text (NFKC) is clearly so, else nothing."""
    signs = _signs("ja" if language is Language.JA else "en")
    casual = any(sign.search(text) for sign in signs["casual"])
    if not casual and sum(sign.search(text) is not None for sign in signs["formal"]) >= LEAST_FORMAL:
        return "formal"
    return "casual" if casual and not any(sign.search(text) for sign in signs["polite"]) else ""


@cache
def _signs(said: str) -> Mapping[str, tuple[regex.Pattern[str], ...]]:
    listed = read_words("manner")[said]
    flags = regex.IGNORECASE | regex.MULTILINE
    return {kind: tuple(regex.compile(one, flags) for one in patterns) for kind, patterns in listed.items()}
