"""Where lines, dots and cells go, worked out by hand."""

import pytest

from classifier.evaluation.scores import Confusion, HeadScores, Interval, ReliabilityPoint
from desk.charts import draw_bars, draw_confusion, draw_reliability


def head(
    *,
    macro_f1: float = 0.5,
    interval: Interval | None = (0.25, 0.75),
    confusion: Confusion | None = None,
    reliability: tuple[ReliabilityPoint, ...] = (),
    ece: float | None = None,
) -> HeadScores:
    return HeadScores(
        count=10,
        accuracy=0.5,
        macro_f1=macro_f1,
        interval=interval,
        ece=ece,
        classes={},
        confusion=confusion,
        reliability=reliability,
    )


def test_a_bar_is_as_long_as_its_value_and_its_whisker_spans_the_interval() -> None:
    chart = draw_bars({"ja": {"intent": head()}, "en": {"intent": head(macro_f1=1.0, interval=None)}}, ["intent"])
    (group,) = chart.groups
    half, whole = group.bars
    assert (half.language, half.length, half.whisker) == ("ja", 95.0, (179.5, 274.5))
    assert (whole.language, whole.length, whole.whisker) == ("en", 190.0, None)
    assert whole.y == half.y + 16
    assert group.middle == pytest.approx((half.y + whole.y + 13) / 2)
    assert chart.height > whole.y + 13


def test_heads_nobody_labelled_have_no_bars() -> None:
    chart = draw_bars({"ja": {"intent": head()}, "en": {}}, ["intent", "topic"])
    assert [(group.head, len(group.bars)) for group in chart.groups] == [("intent", 1)]
    assert draw_bars({}, ["intent"]).height == 0


def test_dots_lie_at_sureness_and_being_right_and_grow_with_their_number() -> None:
    points = (
        ReliabilityPoint(confidence=0.5, accuracy=0.25, count=1),
        ReliabilityPoint(confidence=1.0, accuracy=1.0, count=100),
    )
    chart = draw_reliability("intent", head(reliability=points, ece=0.1))
    assert chart is not None
    few, many = chart.dots
    assert (few.x, few.y, few.radius) == (134.0, 160.0, 3.0)
    assert (many.x, many.y, many.radius) == (234.0, 10.0, 9.0)
    assert chart.path == "134.0,160.0 234.0,10.0"
    assert draw_reliability("intent", head()) is None


def test_cells_tell_their_share_of_the_row_and_which_are_right() -> None:
    told = Confusion(labels=("true",), answers=("false", "true", "none"), counts=((1, 6, 1),))
    chart = draw_confusion("abuse", head(confusion=told))
    assert chart is not None
    wrong, right, none = chart.cells
    assert (wrong.count, wrong.is_right, wrong.depth) == (1, False, 0.062)
    assert (right.count, right.is_right, right.depth) == (6, True, 0.375)
    assert right.x == wrong.x + 42
    assert none.y == wrong.y == chart.top
    assert chart.width > none.x + 42
    assert draw_confusion("risks", head()) is None
