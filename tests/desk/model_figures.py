"""An evaluation to show: two languages, a few heads, made by a double that is right and wrong on purpose."""

from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from classifier.backends import MODELS
from classifier.evaluation.judging import Answer, score_answers
from classifier.evaluation.kept import Evaluation, keep_evaluation
from classifier.evaluation.labelled import LabelledText, labelled_text
from classifier.evaluation.scores import Scores
from domain.understanding import Prediction, Understanding
from domain.words import Band, Intent, Language, Risk, Sentiment, Topic, Urgency

MADE_AT = datetime(2026, 7, 3, 2, 30, tzinfo=UTC)
SLICES = ("keigo", "sarcasm", "very_short", "complaint_as_question")


def posts() -> list[LabelledText]:
    """240 labelled posts, 120 a language."""
    return [_post(at, language) for language in ("ja", "en") for at in range(120)]


def _post(at: int, language: str) -> LabelledText:
    intent = list(Intent)[at % 4]
    return labelled_text(
        {
            "text": f"{'遅い' if language == 'ja' else 'late '}{'あ' * (at % 17)}",
            "language": language,
            "intent": intent.value,
            "constructive": at % 3 != 0 if intent is Intent.COMPLAINT else None,
            "sentiment": list(Sentiment)[at % 3].value,
            "topic": list(Topic)[at % 8].value,
            "urgency": list(Urgency)[at % 4].value,
            "needs_dm": at % 2 == 0,
            "suggestion": at % 11 == 0,
            "risks": [list(Risk)[at % 7].value] if at % 5 == 0 else [],
            "family": f"{language}-{at // 4}",
            "channel": ("post", "review")[at % 2],
            "slices": [SLICES[at % 4]],
        }
    )


def answers(given: list[LabelledText]) -> list[Answer]:
    """Right in nine of ten, in eight of ten for English; sure to a degree that roughly fits."""
    return [_answer(at, one) for at, one in enumerate(given)]


def _answer(at: int, one: LabelledText) -> Understanding:
    wrong = at % (10 if one.language is Language.JA else 5) == 1
    shift = 1 if wrong else 0
    intent = list(Intent)[(list(Intent).index(Intent(one.labels["intent"])) + shift) % 4]
    score = (0.55 if wrong else 0.93) + (at % 5) / 100
    urgency = list(Urgency)[max(0, list(Urgency).index(Urgency(one.labels["urgency"])) - shift)]
    prediction = Prediction(
        sentiment=Sentiment(one.labels["sentiment"]),
        intent=intent,
        constructive=at % 3 != 0 if intent is Intent.COMPLAINT else None,
        suggestion=at % 11 == 0,
        abuse=False,
        topic=list(Topic)[(list(Topic).index(Topic(one.labels["topic"])) + shift) % 8],
        urgency=urgency,
        risks=frozenset() if wrong else frozenset(Risk(risk) for risk in one.risks or ()),
        needs_reply=True,
        needs_dm=one.labels["needs_dm"] == "true",
        scores={"intent": score, "sentiment": 0.9, "topic": score - 0.1, "urgency": score, "needs_dm": 0.97},
    )
    band = Band.CHECK if wrong else Band.SURE
    return Understanding(language=one.language, prediction=prediction, band=band, model_id="double")


def keep(home: Path, *, model_id: str, source: str) -> Evaluation:
    """Keep such an evaluation in a home, as ``kikite evaluate --keep`` does."""
    made = Evaluation(made_at=MADE_AT, scores=replace(_scores(), model_id=model_id, source=source))
    keep_evaluation(home / MODELS, made)
    return made


@cache
def _scores() -> Scores:
    given = posts()
    return score_answers(given, answers(given), model_id="double", source="corpus")
