"""The keyword backend: word lists and rules for Japanese and English. Needs nothing, explains itself, and knows its limits.

It reads words, not meaning: see docs/explanation/understanding.md for what it can and cannot do.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from classifier.backends.brand import fold, is_homonym, names_pattern
from classifier.backends.decision import CEILING, decide_constructive, decide_intent, decide_sentiment, decide_topic
from classifier.backends.evidence import Evidence, collect
from classifier.backends.lexicon import WEIGHTS, Entry
from classifier.backends.own_details import find_own_details
from classifier.backends.spelling import calls_handle
from classifier.backends.unserved import decline, is_readable
from classifier.backends.urgency import Reading, decide_urgency, find_risks, needs_dm, needs_reply
from domain.understanding import Prediction, TextToClassify
from domain.words import Intent, Risk, Urgency

MODEL_ID: Final = "keyword-ja-en-1"
MOST_REASONS: Final = 8
RULE_SCORES: Final = {Urgency.CRITICAL: 0.9, Urgency.HIGH: 0.85, Urgency.NORMAL: 0.85, Urgency.LOW: 0.9}
"""How often the urgency rules were right on the tuning posts, given a right intent."""


OWN_DETAIL: Final = WEIGHTS["strong"]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Decided:
    """What the post wants and whom it speaks to."""

    intent: Intent
    score: float
    homonym: bool
    addressed: bool


class KeywordBackend:
    """A ``ClassifierBackend`` without a model."""

    @property
    def model_id(self) -> str:
        """Versioned name of the lists and rules."""
        return MODEL_ID

    def classify(self, texts: Sequence[TextToClassify]) -> list[Prediction]:
        """Return one prediction per text, in order; each text is read on its own."""
        return [read_words(text) for text in texts]


def read_words(given: TextToClassify, *, told: tuple[Intent, float] | None = None) -> Prediction:
    """Return what the lists and rules say of one text. ``told``: intent and probability that a model gave; the rest follows it."""
    if not is_readable(given):
        return decline(given)
    names = names_pattern(given.brand_words)
    found = collect(given.text, language=given.language, hide=names)
    for kind in find_own_details(given.text):
        found.add(Entry(parts=(), group=f"risk.{Risk.PERSONAL_DATA}", weight=OWN_DETAIL, word=kind), denied=False)
    intent, intent_score = told or decide_intent(found)
    homonym = is_homonym(given)
    if homonym:
        intent, intent_score = Intent.OTHER, CEILING
    addressed = calls_handle(given.text) or (names is not None and names.search(fold(given.text)) is not None)
    decided = _Decided(intent=intent, score=intent_score, homonym=homonym, addressed=addressed)
    return _predict(found, decided)


def _predict(found: Evidence, decided: _Decided) -> Prediction:
    intent, intent_score = decided.intent, decided.score
    sentiment, sentiment_score = decide_sentiment(found, intent=intent)
    topic, topic_score = decide_topic(found, intent=intent)
    constructive, constructive_score = decide_constructive(found) if intent is Intent.COMPLAINT else (None, 0.0)
    reading = Reading(found=found, intent=intent, constructive=constructive, topic=topic, addressed=decided.addressed)
    risks = find_risks(reading)
    urgency, rule = decide_urgency(reading, risks=risks)
    abuse = _is_abuse(found)
    scores = {"intent": intent_score, "sentiment": sentiment_score, "topic": topic_score}
    scores["urgency"] = RULE_SCORES[urgency] if urgency is Urgency.CRITICAL else min(RULE_SCORES[urgency], intent_score)
    if constructive is not None:
        scores["constructive"] = constructive_score
    return Prediction(
        sentiment=sentiment,
        intent=intent,
        constructive=constructive,
        suggestion=found["wish"] >= 3,  # noqa: PLR2004 - one strong cue
        abuse=abuse,
        topic=topic,
        urgency=urgency,
        risks=risks,
        needs_reply=needs_reply(reading, risks=risks, abuse=abuse),
        needs_dm=needs_dm(reading, urgency=urgency),
        scores={head: round(score, 4) for head, score in scores.items()},
        reasons=_explain(found, rule=rule, homonym=decided.homonym),
    )


def _is_abuse(found: Evidence) -> bool:
    """Tell whether people are attacked: a threat, an insult that fits only people, or another beside a word for them."""
    strong = max(found["insult"], found["threat"]) >= 3  # noqa: PLR2004 - one strong cue
    return strong or (found["insult"] > 0 and found["people"] > 0)


def _explain(found: Evidence, *, rule: str, homonym: bool) -> tuple[str, ...]:
    """Return the urgency rule and the heaviest cues as ``group: word``."""
    told = sorted((hit for hit in found.hits if hit.entry.group != "people"), key=lambda hit: -hit.entry.weight)
    cues = [f"{'not ' if hit.denied else ''}{hit.entry.group}: {hit.entry.word}" for hit in told]
    first = ["homonym"] if homonym else []
    return tuple([*first, f"rule: {rule}", *dict.fromkeys(cues)][:MOST_REASONS])
