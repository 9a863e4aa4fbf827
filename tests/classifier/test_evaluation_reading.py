"""The surest errors, and figures kept as files."""

import dataclasses
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from classifier.evaluation import LabelledText, evaluate_labelled
from classifier.evaluation.judging import ask_backend
from classifier.evaluation.kept import (
    Evaluation,
    EvaluationError,
    keep_evaluation,
    newest_evaluation,
    read_evaluation,
    write_evaluation,
)
from classifier.evaluation.labelled import labelled_text
from classifier.evaluation.worst import WorstError, as_reading, find_worst
from tests.classifier.test_evaluation import FOUR, Scripted

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)


def texts() -> list[LabelledText]:
    return [
        labelled_text({"text": f"praise {score}", "language": "en", "intent": "complaint", "id": f"n{score}"})
        for score in ("0.61", "0.99", "0.72")
    ]


def worst(given: list[LabelledText], *, most: int) -> list[WorstError]:
    return find_worst(given, ask_backend(Scripted(), given), most=most)


def test_the_surest_errors_come_first_and_right_answers_not_at_all() -> None:
    right = labelled_text({"text": "praise 1.0", "language": "en", "intent": "praise"})
    found = worst([*texts(), right], most=2)
    assert [(error.name, error.score, error.answered, error.labelled) for error in found] == [
        ("n0.99", 0.99, ("praise",), ("complaint",)),
        ("n0.72", 0.72, ("praise",), ("complaint",)),
    ]
    assert worst(texts(), most=0) == []


def test_a_missed_risk_is_read_before_a_false_alarm() -> None:
    false = labelled_text({"text": "praise 0.9 legal", "language": "en", "risks": []})
    missed = labelled_text({"text": "praise 0.9", "language": "en", "risks": ["safety"]})
    found = worst([false, missed], most=5)
    assert [(error.head, error.labelled, error.answered) for error in found] == [
        ("risks", ("safety",), ()),
        ("risks", (), ("legal",)),
    ]
    assert "- nothing, labelled safety" in as_reading(found)


def test_hostile_text_cannot_move_the_readers_cursor() -> None:
    error = worst(texts(), most=1)[0]
    told = as_reading([dataclasses.replace(error, text="a\x1b[2J\u202e\ud800 b\nc")])
    assert "\x1b" not in told
    assert "\u202e" not in told
    told.encode()
    assert told.startswith("== en · intent\n- 0.99 praise, labelled complaint  [n0.99]\n    a")


def evaluation(*, model_id: str = "scripted-1", at: datetime = NOON, source: str = "own") -> Evaluation:
    scores = evaluate_labelled(Scripted(), FOUR)
    return Evaluation(made_at=at, scores=dataclasses.replace(scores, model_id=model_id, source=source))


def test_what_is_kept_is_read_back_as_it_was(tmp_path: Path) -> None:
    made = evaluation(source="posts.jsonl")
    file = keep_evaluation(tmp_path, made)
    assert read_evaluation(file) == made
    assert file.name == "20260701T120000000000Z-file.json"
    assert made.scores.slices["all"]["intent"].confusion is not None


def test_the_newest_of_the_model_and_the_kind_is_found(tmp_path: Path) -> None:
    keep_evaluation(tmp_path, evaluation())
    newer = evaluation(at=NOON + timedelta(days=1))
    keep_evaluation(tmp_path, newer)
    keep_evaluation(tmp_path, evaluation(at=NOON + timedelta(days=2), model_id="another"))
    keep_evaluation(tmp_path, evaluation(at=NOON + timedelta(days=3), source="corpus"))
    assert newest_evaluation(tmp_path, kind="own", model_id="scripted-1") == newer
    assert newest_evaluation(tmp_path, kind="own", model_id="nobody") is None
    assert newest_evaluation(tmp_path / "no home", kind="own", model_id="scripted-1") is None


@pytest.mark.parametrize("content", ["", "[]", '{"format": 1}', '{"made_at": "2026-07-01", "scores": {"slices": 5}}'])
def test_a_file_that_is_no_evaluation_is_refused_with_a_remedy(tmp_path: Path, content: str) -> None:
    file = tmp_path / "x.json"
    file.write_text(content)
    with pytest.raises(EvaluationError) as caught:
        read_evaluation(file)
    assert "kikite evaluate --keep" in caught.value.remedy


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "evaluations").write_text("a file where a folder should be")
    with pytest.raises(EvaluationError, match="cannot be written"):
        write_evaluation(tmp_path / "evaluations" / "x.json", evaluation())
