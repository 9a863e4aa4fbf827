"""Scores against pairs worked out by hand."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from classifier.backends.keyword import KeywordBackend
from classifier.evaluation import as_table, evaluate_file, evaluate_labelled
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


Rows = list[dict[str, object]]
FOUR: Rows = [
    {"text": "praise 0.9", "language": "en", "intent": "praise", "slices": ["emoji"], "channel": "shop"},
    {"text": "praise 0.9", "language": "en", "intent": "complaint", "slices": ["emoji", "sarcasm"]},
    {"text": "complaint 0.6", "language": "ja", "intent": "complaint"},
    {"text": "complaint 0.6", "language": "ja", "intent": "complaint"},
]


def test_figures_are_those_one_works_out_by_hand() -> None:
    scores = evaluate_labelled(Scripted(), FOUR)
    intent = scores.slices["all"]["intent"]
    assert intent.count == 4
    assert intent.accuracy == 0.75
    # praise: P 1/2, R 1, F1 2/3; complaint: P 1, R 2/3, F1 4/5
    assert intent.classes["praise"].f1 == pytest.approx(2 / 3, abs=1e-4)
    assert intent.classes["praise"].precision == 0.5
    assert intent.classes["complaint"].recall == pytest.approx(2 / 3, abs=1e-4)
    assert intent.classes["complaint"].support == 3
    assert intent.macro_f1 == pytest.approx((2 / 3 + 4 / 5) / 2, abs=1e-4)
    # bin .9: sum(score - right) = 1.8 - 1 = .8; bin .6: 1.2 - 2 = -.8; (.8 + .8) / 4
    assert intent.ece == pytest.approx(0.4)
    assert [(point.confidence, point.accuracy, point.count) for point in intent.reliability] == [
        (0.6, 1.0, 2),
        (0.9, 0.5, 2),
    ]
    assert intent.confusion is not None
    assert intent.confusion.labels == intent.confusion.answers == ("complaint", "praise")
    assert intent.confusion.counts == ((2, 1), (0, 1))


def test_slices_are_languages_channels_and_tags() -> None:
    slices = evaluate_labelled(Scripted(), FOUR).slices
    assert list(slices) == ["all", "language:en", "language:ja", "channel:shop", "slice:emoji", "slice:sarcasm"]
    assert slices["language:ja"]["intent"].accuracy == 1.0
    assert slices["language:en"]["intent"].accuracy == 0.5
    assert slices["channel:shop"]["intent"].accuracy == 1.0
    assert slices["slice:sarcasm"]["intent"].accuracy == 0.0


def test_a_class_that_is_answered_but_never_labelled_is_no_part_of_macro_f1() -> None:
    rows: Rows = [{"text": "praise 0.9", "intent": "praise"}, {"text": "question 0.9", "intent": "praise"}]
    intent = evaluate_labelled(Scripted(), rows).slices["all"]["intent"]
    assert intent.macro_f1 == pytest.approx(2 / 3, abs=1e-4)
    assert intent.classes["question"].precision == 0.0
    assert intent.classes["question"].support == 0


def test_labels_that_are_missing_are_not_asked() -> None:
    rows: Rows = [
        {"text": "praise 0.9", "intent": "praise", "constructive": True, "topic": None},
        {"text": "complaint 0.9", "labels": {"constructive": True}},
    ]
    heads = evaluate_labelled(Scripted(), rows).slices["all"]
    assert set(heads) == {"intent", "constructive"}
    assert heads["constructive"].count == 1
    assert heads["constructive"].accuracy == 1.0
    assert heads["constructive"].ece is None
    assert heads["constructive"].reliability == ()


def test_a_complaint_taken_for_something_else_has_no_answer_on_constructive() -> None:
    rows: Rows = [{"text": "praise 0.9", "intent": "complaint", "constructive": True}]
    constructive = evaluate_labelled(Scripted(), rows).slices["all"]["constructive"]
    assert constructive.accuracy == 0.0
    assert constructive.confusion is not None
    assert constructive.confusion.answers == ("true", "none")
    assert constructive.confusion.counts == ((0, 1),)


def test_risks_are_compared_flag_by_flag() -> None:
    rows: Rows = [
        {"text": "complaint 0.9 safety", "risks": ["safety", "legal"]},
        {"text": "complaint 0.9 press", "risks": []},
        {"text": "complaint 0.9", "risks": []},
    ]
    risks = evaluate_labelled(Scripted(), rows).slices["all"]["risks"]
    assert risks.classes["safety"].f1 == 1.0
    assert risks.classes["legal"].recall == 0.0
    assert risks.classes["press"].precision == 0.0
    assert risks.classes["press"].support == 0
    assert risks.macro_f1 == 0.5  # safety 1, legal 0; press was never given
    assert risks.accuracy == pytest.approx(1 / 3, abs=1e-4)
    assert risks.confusion is None


def test_bands_tell_their_share_and_how_often_they_are_right() -> None:
    rows: Rows = [
        {"text": "praise 0.9", "language": "en", "intent": "praise"},
        {"text": "praise 0.9", "language": "en", "intent": "question"},
        {"text": "praise 0.9", "language": "en", "intent": "praise"},
        {"text": "question 0.2", "language": "en", "intent": "praise"},
    ]
    bands = evaluate_labelled(Scripted(), rows).bands["language:en"]
    assert bands["sure"].count == 3
    assert bands["sure"].share == 0.75
    assert bands["sure"].accuracy["intent"] == pytest.approx(2 / 3, abs=1e-4)
    assert bands["unknown"].accuracy["intent"] == 0.0


def test_a_text_the_model_fails_on_counts_as_wrong() -> None:
    scores = evaluate_labelled(Scripted(), [{"text": "nonsense", "language": "en", "intent": "praise"}])
    intent = scores.slices["all"]["intent"]
    assert intent.accuracy == 0.0
    assert intent.confusion is not None
    assert intent.confusion.answers == ("praise", "none")
    assert scores.bands["all"]["failed"].count == 1


def test_a_file_gives_slices_by_language_and_channel_and_names_bad_lines(tmp_path: Path) -> None:
    source = tmp_path / "labelled.jsonl"
    source.write_text(
        '{"text": "まだ届きません", "intent": "complaint", "channel": "shop"}\nbroken\n'
        '{"text": "thank you, love it", "intent": "praise", "language": "en"}\n'
        '{"text": "thank you", "intent": "prais"}\n{"text": "thank you", "risks": "safety"}\n',
        encoding="utf-8",
    )
    scores = evaluate_file(KeywordBackend(), source)
    assert scores.rejected[:2] == ((2, "not JSON"), (4, "intent has no class 'prais'"))
    assert scores.rejected[2][0] == 5
    assert set(scores.slices) == {"all", "language:ja", "language:en", "channel:shop"}
    assert scores.slices["language:en"]["language"].accuracy == 1.0
    assert scores.source == "labelled.jsonl"
    assert json.loads(scores.as_json())["lines"] == 2
    assert scores.headline() == {
        "en": {"language": 1.0, "intent": 1.0},
        "ja": {"intent": scores.slices["language:ja"]["intent"].macro_f1},
    }
    told = as_table(scores)
    assert "language:ja" in told
    assert "line 2: not JSON" in told


def test_an_empty_or_missing_file_does_not_divide_by_nothing(tmp_path: Path) -> None:
    empty = tmp_path / "empty.jsonl"
    empty.write_text("")
    scores = evaluate_file(KeywordBackend(), empty)
    assert scores.slices == {}
    assert "0 texts" in as_table(scores)
    with pytest.raises(ImportFileError, match="cannot be read"):
        evaluate_file(KeywordBackend(), tmp_path / "none")


def test_progress_ends_at_the_number_of_texts(tmp_path: Path) -> None:
    source = tmp_path / "many.jsonl"
    source.write_text('{"text": "thanks", "language": "en", "intent": "praise"}\n' * 700, encoding="utf-8")
    seen: list[tuple[int, int]] = []
    evaluate_file(KeywordBackend(), source, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(512, 700), (700, 700)]
