"""Scores against pairs worked out by hand."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from classifier.backends.keyword import KeywordBackend
from classifier.evaluation import evaluate_file, evaluate_labelled
from domain.errors import ImportFileError
from domain.understanding import Prediction, TextToClassify
from domain.words import Intent, Risk, Sentiment, Topic, Urgency


class Scripted:
    """Answers with the intent that stands at the beginning of the text, and a score after it: ``praise 0.9 …``."""

    model_id = "scripted-1"

    def classify(self, texts: Sequence[TextToClassify]) -> list[Prediction]:
        return [self._one(text.text) for text in texts]

    def _one(self, text: str) -> Prediction:
        intent, score, *risks = text.split()
        return Prediction(
            sentiment=Sentiment.NEUTRAL,
            intent=Intent(intent),
            constructive=True if intent == "complaint" else None,
            suggestion=False,
            abuse=False,
            topic=Topic.OTHER,
            urgency=Urgency.LOW,
            risks=frozenset(Risk(risk) for risk in risks),
            needs_reply=True,
            needs_dm=False,
            scores={"intent": float(score)},
        )


def test_figures_are_those_one_works_out_by_hand() -> None:
    rows: list[dict[str, object]] = [
        {"text": "praise 0.9", "language": "en", "intent": "praise"},
        {"text": "praise 0.9", "language": "en", "intent": "complaint"},
        {"text": "complaint 0.6", "language": "ja", "intent": "complaint"},
        {"text": "complaint 0.6", "language": "ja", "intent": "complaint"},
    ]
    scores = evaluate_labelled(Scripted(), rows)
    intent = scores.slices["all"]["intent"]
    assert intent.count == 4
    assert intent.accuracy == 0.75
    # praise: P 1/2, R 1, F1 2/3; complaint: P 1, R 2/3, F1 4/5
    assert intent.classes["praise"].f1 == pytest.approx(2 / 3, abs=1e-4)
    assert intent.classes["complaint"].recall == pytest.approx(2 / 3, abs=1e-4)
    assert intent.macro_f1 == pytest.approx((2 / 3 + 4 / 5) / 2, abs=1e-4)
    # bin .9: sum(score - right) = 1.8 - 1 = .8; bin .6: 1.2 - 2 = -.8; (.8 + .8) / 4
    assert intent.ece == pytest.approx(0.4)
    assert scores.slices["language:ja"]["intent"].accuracy == 1.0
    assert scores.slices["language:en"]["intent"].accuracy == 0.5


def test_labels_that_are_missing_are_not_asked() -> None:
    rows: list[dict[str, object]] = [
        {"text": "praise 0.9", "intent": "praise", "topic": None},
        {"text": "complaint 0.9", "labels": {"constructive": True}},
    ]
    heads = evaluate_labelled(Scripted(), rows).slices["all"]
    assert set(heads) == {"intent", "constructive"}
    assert heads["constructive"].accuracy == 1.0
    assert heads["constructive"].ece is None


def test_risks_are_compared_flag_by_flag() -> None:
    rows: list[dict[str, object]] = [
        {"text": "complaint 0.9 safety", "risks": ["safety", "legal"]},
        {"text": "complaint 0.9 press", "risks": []},
    ]
    risks = evaluate_labelled(Scripted(), rows).slices["all"]["risks"]
    assert risks.classes["safety"].f1 == 1.0
    assert risks.classes["legal"].recall == 0.0
    assert risks.classes["press"].precision == 0.0


def test_a_text_the_model_fails_on_counts_as_wrong() -> None:
    scores = evaluate_labelled(Scripted(), [{"text": "nonsense", "language": "en", "intent": "praise"}])
    assert scores.slices["all"]["intent"].accuracy == 0.0
    assert scores.bands == {"failed": 1}


def test_a_file_gives_slices_by_language_and_channel_and_names_bad_lines(tmp_path: Path) -> None:
    source = tmp_path / "labelled.jsonl"
    source.write_text(
        '{"text": "まだ届きません", "intent": "complaint", "channel": "shop"}\nbroken\n'
        '{"text": "thank you, love it", "intent": "praise", "language": "en"}\n',
        encoding="utf-8",
    )
    scores = evaluate_file(KeywordBackend(), source)
    assert scores.rejected == ((2, "not JSON"),)
    assert set(scores.slices) == {"all", "language:ja", "language:en", "channel:shop"}
    assert scores.slices["language:en"]["language"].accuracy == 1.0
    assert json.loads(scores.as_json())["lines"] == 2
    assert "language:ja" in scores.as_table()


def test_an_empty_or_missing_file_does_not_divide_by_nothing(tmp_path: Path) -> None:
    empty = tmp_path / "empty.jsonl"
    empty.write_text("")
    assert evaluate_file(KeywordBackend(), empty).slices == {}
    with pytest.raises(ImportFileError, match="cannot be read"):
        evaluate_file(KeywordBackend(), tmp_path / "none")
