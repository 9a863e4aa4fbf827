"""What kind of case it is, by the words that rules know and by what the model takes it for: both weighed (``situations.toml``)."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Final

from domain.understanding import Prediction, risk_score
from domain.words import Intent, Language, Risk, Sentiment
from responder.doubt import DOUBTFUL, is_doubtful, is_outraged
from responder.wordlists import read_words

WORDS_COUNT: Final = 8.0
"""How many times likelier a situation becomes when a rule found words of it. Chosen, as ``SETTLED``, on labelled posts by folds over families:
docs/explanation/replies.md has the figures."""
SETTLED: Final = 0.45
"""The least chance that chooses the wording; below, the wording for anything is taken."""
SETTLED_KIND: Final = 0.6
"""The least chance, of all situations of one kind together, that chooses the wordings for that kind where no single situation is settled. By folds
over families a third of such complaints get a kind, and it is the right one for 93 % (corpus), 44 of 44 (readings), 72 % (those meant to be mistaken)."""
SURELY: Final = 0.6
"""From here on a question is a complaint, and praise in doubt, whatever the label says: of 39 such "questions" 21 were found, and 5 of 581 true ones lost."""
SURELY_TROUBLE: Final = 0.7
"""From here on what was taken for a remark is a complaint: 14 of 61 found, 1 of 343 wrongly; and praise that is doubtful by itself: 21 found, 4 wrongly."""
AGAINST_PRAISE: Final = 0.8
"""From here on also praise that nothing else puts in doubt: 22 of 22 of the posts meant to be mistaken were complaints."""
SURELY_PRAISE: Final = 0.7
"""From here on praise is thanked for though it asks for no answer, unless it mocks or a complaint is likelier than ``GRUDGING``: so were 28 of 28
posts of the readings, and 23 of 38 of those meant to be mistaken."""
GRUDGING: Final = 0.15
TOLD_OUTRIGHT: Final = frozenset({"medicine_wrong", "safety_medicine"})
"""Whoever writes that names the harm that may come: no situation talks it away."""
HARMLESS: Final = 0.1
"""Below it a post tells of nothing grave: so were 14 of 28 false alarms of safety and 6 of 13 of discrimination, and none of 168 true ones."""
COMPLAINING: Final = frozenset({"complaint", "grave"})
GRAVE: Final = frozenset({"grave"})
PRAISING: Final = frozenset({"praise"})
IDEA: Final = "idea"
ALARMS: Final = ("safety", "danger", "health", "hospital", "medicine", "unplugged", "discrimination")
"""How the scenarios begin whose wording the situation may set aside. The risk itself stands: a person is told, and looks."""


def settle_intent(prediction: Prediction, likely: Mapping[str, float], text: str) -> Prediction:
    """Return ``prediction`` as a complaint where it says question, remark or doubtful praise and the situation says otherwise.

    What a person labelled stays, and so does a question whether a message is from us: who asks is warned, whatever trouble is told.
    """
    if prediction.intent is Intent.QUESTION and Risk.PHISHING in prediction.risks:
        return prediction
    if prediction.intent is Intent.PRAISE and prediction.scores and is_outraged(text):
        return replace(
            prediction, intent=Intent.COMPLAINT, sentiment=Sentiment.NEGATIVE, constructive=False, needs_reply=True
        )
    least = {Intent.QUESTION: SURELY, Intent.OTHER: SURELY_TROUBLE, Intent.PRAISE: SURELY_TROUBLE}.get(
        prediction.intent
    )
    if least is None or not prediction.scores or _mass(likely, COMPLAINING) < least:
        return prediction
    firm = _mass(likely, COMPLAINING) >= AGAINST_PRAISE
    if prediction.intent is Intent.PRAISE and not firm and not is_doubtful(prediction, "", text):
        return prediction
    return replace(prediction, intent=Intent.COMPLAINT, needs_reply=True)


def is_surely_praise(prediction: Prediction, likely: Mapping[str, float]) -> bool:
    """Return whether the label and the situation both say praise, the latter firmly."""
    if prediction.intent is not Intent.PRAISE or _mass(likely, COMPLAINING) >= GRUDGING:
        return False
    return _mass(likely, PRAISING) >= SURELY_PRAISE


def settle_scenario(by_words: str, likely: Mapping[str, float], prediction: Prediction, language: Language) -> str:
    """Return the scenario whose wordings fit best, or nothing: then those for anything do.

    ``by_words``: what ``find_scenario`` found. ``likely``: the chance of each situation, from the model; where it is empty the words decide.
    """
    if not likely:
        return by_words
    if _is_false_alarm(by_words, likely, prediction):
        by_words = ""
    if by_words and by_words not in _known(language) and by_words != DOUBTFUL:
        return by_words
    if by_words == DOUBTFUL and _mass(likely, COMPLAINING) < SURELY:
        return by_words
    weighed = {
        name: chance * (WORDS_COUNT if by_words in _scenarios(name, language) else 1.0)
        for name, chance in likely.items()
    }
    total = sum(weighed.values()) + max(0.0, 1.0 - sum(likely.values()))
    best = max(weighed, key=lambda name: weighed[name])
    fitting = _scenarios(best, language)
    if weighed[best] / total < SETTLED or not fitting or not _answers(best, prediction):
        keeps = prediction.intent is not Intent.COMPLAINT or not _answers(best, prediction)
        kept = by_words if keeps else ""
        return kept or (_find_kind(likely) if prediction.intent is Intent.COMPLAINT else "")
    return by_words if by_words in fitting else fitting[0]


def _find_kind(likely: Mapping[str, float]) -> str:
    """Return the scenario of the kind that the likely situations are of together; nothing below ``SETTLED_KIND``."""
    kinds = {
        kind: sum(likely.get(name, 0.0) for name in names) for kind, names in read_words("situations")["kind"].items()
    }
    best = max(kinds, key=lambda kind: kinds[kind])
    return best if kinds[best] >= SETTLED_KIND else ""


def is_contradicted(prediction: Prediction, likely: Mapping[str, float]) -> bool:
    """Return whether praise is taken for a complaint by its situation."""
    return prediction.intent is Intent.PRAISE and bool(prediction.scores) and _mass(likely, COMPLAINING) >= SURELY


def is_affirmed(prediction: Prediction, likely: Mapping[str, float]) -> bool:
    """Return whether a complaint is one by its situation, too."""
    return prediction.intent is Intent.COMPLAINT and _mass(likely, COMPLAINING) >= SURELY


def _is_false_alarm(by_words: str, likely: Mapping[str, float], prediction: Prediction) -> bool:
    """Who was wronged for who they are is told in many ways: only what the model alone raised, and surely is something else, is no wrong."""
    if by_words == Risk.DISCRIMINATION and (
        risk_score(Risk.DISCRIMINATION) not in prediction.scores or max(likely.values()) < SETTLED
    ):
        return False
    return by_words.startswith(ALARMS) and by_words not in TOLD_OUTRIGHT and _mass(likely, GRAVE) < HARMLESS


def _answers(name: str, prediction: Prediction) -> bool:
    """Return whether the wordings of a situation are for posts of that intent."""
    kind = name.partition(".")[0]
    return kind == prediction.intent.value or (
        kind == IDEA and prediction.intent in {Intent.COMPLAINT, Intent.QUESTION}
    )


def _mass(likely: Mapping[str, float], kinds: frozenset[str]) -> float:
    return sum(chance for name, chance in likely.items() if name.partition(".")[0] in kinds)


def _scenarios(name: str, language: Language) -> tuple[str, ...]:
    found = read_words("situations")["situation"].get(name, {})
    return tuple(found.get("ja" if language is Language.JA else "en", ()))


@cache
def _known(language: Language) -> frozenset[str]:
    """Return every scenario that a situation may have."""
    return frozenset(one for name in read_words("situations")["situation"] for one in _scenarios(name, language))
