"""Intervals, calibration and the fair measure of constructive, on numbers small enough to work out."""

import numpy as np
import pytest

from classifier.evaluation import evaluate_labelled
from classifier.evaluation.length_match import Complaint, match_by_length
from classifier.evaluation.measures import Answers, calibration_error, draw_weights, reliability, score_head
from classifier.evaluation.scores import HeadScores
from tests.classifier.test_evaluation import Scripted


def head(right: list[bool], families: list[int]) -> HeadScores:
    """Score a head of two classes whose label always is the first."""
    given = np.array([[True, False]] * len(right))
    answered = np.array([[one, not one] for one in right])
    answers = Answers(
        head="abuse",
        classes=("false", "true"),
        several=False,
        places=np.arange(len(right)),
        given=given,
        answered=answered,
        scores=np.full(len(right), np.nan),
    )
    numbers = np.array(families)
    return score_head(answers, families=numbers, weights=draw_weights(numbers.max() + 1), detailed=True)


def test_texts_of_one_family_are_drawn_together_and_widen_the_interval() -> None:
    right = [True] * 20 + [False] * 20
    apart = head(right, list(range(40)))
    # Two families of twenty, one all right and one all wrong: a draw is all right or all wrong in half of the cases.
    together = head(right, [0] * 20 + [1] * 20)
    assert apart.macro_f1 == together.macro_f1
    assert together.classes["false"].recall_interval == (0.0, 1.0)
    low, high = apart.classes["false"].recall_interval or (0, 0)
    # Binomial of 40 at one half: 0.5 ± 1.96 · sqrt(.25 / 40) = 0.345 to 0.655
    assert low == pytest.approx(0.345, abs=0.03)
    assert high == pytest.approx(0.655, abs=0.03)


def test_one_family_alone_gives_no_interval() -> None:
    scored = head([True, False], [0, 0])
    assert scored.interval is None
    assert scored.classes["false"].recall_interval is None


def test_intervals_are_the_same_whenever_they_are_drawn() -> None:
    rows: list[dict[str, object]] = [
        {"text": f"{said} 0.9", "intent": "praise", "family": f"f{at % 7}"}
        for at, said in enumerate(["praise", "praise", "question"] * 10)
    ]
    first, second = (evaluate_labelled(Scripted(), rows) for _ in range(2))
    assert first == second
    assert first.families == 7
    interval = first.slices["all"]["intent"].interval
    assert interval is not None
    assert interval[0] < first.slices["all"]["intent"].macro_f1 < interval[1]


def test_each_family_is_drawn_once_on_average() -> None:
    weights = draw_weights(50)
    assert weights.shape == (1_000, 50)
    assert set(weights.sum(axis=1)) == {50.0}
    assert draw_weights(1_000_000 // 10).shape[0] == 100


def test_calibration_is_the_mean_gap_between_sureness_and_being_right() -> None:
    scores = np.array([0.95, 0.95, 0.55, 0.55, 1.0])
    right = np.array([True, True, True, False, False])
    # bin .9-1: (0.95 + 0.95 + 1.0) - 2 = 0.9; bin .5-.6: 1.1 - 1 = 0.1; (0.9 + 0.1) / 5
    assert calibration_error(scores, right) == pytest.approx(0.2)
    points = reliability(scores, right)
    assert [(point.count, point.accuracy) for point in points] == [(2, 0.5), (3, 0.6667)]
    assert points[1].confidence == pytest.approx(0.9667)


def test_an_answer_by_length_alone_is_worth_half() -> None:
    # Long ones mostly constructive, short ones mostly not; answered by length: looks right in 16 of 20.
    short = [Complaint(length=10, constructive=at < 2, answer=False) for at in range(10)]
    long = [Complaint(length=100, constructive=at >= 2, answer=True) for at in range(10)]
    matched = match_by_length([*short, *long])
    assert matched is not None
    assert matched.accuracy == 0.5
    assert matched.length_alone == 0.5
    assert (matched.constructive, matched.venting) == (10, 10)


def test_a_right_answer_at_equal_length_counts_and_lengths_without_counterpart_do_not() -> None:
    complaints = [
        Complaint(length=30, constructive=True, answer=True),
        Complaint(length=30, constructive=True, answer=None),
        Complaint(length=30, constructive=False, answer=False),
        Complaint(length=300, constructive=True, answer=False),
    ]
    matched = match_by_length(complaints)
    assert matched is not None
    # Of weight 2: the two constructive ones weigh a half each, one right; the venting one weighs 1, right.
    assert matched.accuracy == 0.75
    assert (matched.constructive, matched.venting) == (2, 1)
    # constructive: hit .5, support 1, claimed .5 -> 2/3; venting: 1
    assert matched.macro_f1 == pytest.approx((2 / 3 + 1) / 2, abs=1e-4)
    assert match_by_length(complaints[:1]) is None


def test_the_longer_one_wins_a_pair_within_a_group() -> None:
    complaints = [
        Complaint(length=1001, constructive=True, answer=True),
        Complaint(length=1000, constructive=False, answer=False),
    ]
    matched = match_by_length(complaints)
    assert matched is not None
    assert matched.length_alone == 1.0
