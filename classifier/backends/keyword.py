"""The keyword backend: word lists and rules for Japanese and English. Needs nothing, explains itself, and knows its limits.

It reads words, not meaning: see docs/explanation/understanding.md for what it can and cannot do.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from classifier.backends.decision import CEILING, decide_constructive, decide_intent, decide_sentiment, decide_topic
from classifier.backends.evidence import Evidence, collect
from classifier.backends.lexicon import WEIGHTS, Entry
from classifier.backends.own_details import find_own_details
from classifier.backends.spelling import calls_handle
from classifier.backends.urgency import Reading, decide_urgency, find_risks, needs_dm, needs_reply
from domain.understanding import Prediction, TextToClassify
from domain.words import Intent, Language, Risk, Sentiment, Topic, Urgency

MODEL_ID: Final = "keyword-ja-en-1"
MOST_REASONS: Final = 8
ANTI_WORDS: Final = "anti_words"
"""Key of ``TextToClassify.extra``: words, one a line, that show a homonym of the brand."""
UNSERVED: Final = 0.3
"""Score of every head where the language is none of ours: far below any band."""
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
        return [_classify(text) for text in texts]


def _classify(given: TextToClassify) -> Prediction:
    if given.language is Language.OTHER:
        return _decline(given)
    names = _names_pattern(given.brand_words)
    found = collect(given.text, language=given.language, hide=names)
    for kind in find_own_details(given.text):
        found.add(Entry(parts=(), group=f"risk.{Risk.PERSONAL_DATA}", weight=OWN_DETAIL, word=kind), denied=False)
    intent, intent_score = decide_intent(found)
    anti_words = given.extra.get(ANTI_WORDS, "")
    homonym = bool(anti_words) and any(word in _fold(given.text) for word in _fold(anti_words).splitlines() if word)
    if homonym:
        intent, intent_score = Intent.OTHER, CEILING
    addressed = calls_handle(given.text) or (names is not None and names.search(_fold(given.text)) is not None)
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


def _decline(given: TextToClassify) -> Prediction:
    """Say nothing firm of a language that has no list; emoji alone would be a guess. A person reads it."""
    heads = ("intent", "sentiment", "topic", "urgency")
    blank = not given.text.strip()
    return Prediction(
        sentiment=Sentiment.NEUTRAL,
        intent=Intent.OTHER,
        constructive=None,
        suggestion=False,
        abuse=False,
        topic=Topic.OTHER,
        urgency=Urgency.NORMAL,
        risks=frozenset(),
        needs_reply=not blank,
        needs_dm=False,
        scores=dict.fromkeys(heads, UNSERVED),
        reasons=("rule: language_not_served",),
    )


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKC", text).lower()


@lru_cache(maxsize=64)
def _names_pattern(names: tuple[str, ...]) -> re.Pattern[str] | None:
    """Return what finds the brand's names: they carry no polarity ("Happy Mart"). Latin names only as whole words."""
    folded = sorted({_fold(name).strip() for name in names} - {""}, key=len, reverse=True)
    parts = [rf"(?<![a-z0-9]){re.escape(name)}(?![a-z0-9])" if name.isascii() else re.escape(name) for name in folded]
    return re.compile("|".join(parts)) if parts else None
