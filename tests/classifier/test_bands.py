import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.bands import THRESHOLDS, band_of
from domain.words import Band, Language

HEADS = st.sampled_from(["intent", "sentiment", "constructive", "topic", "urgency"])
SCORES = st.dictionaries(HEADS, st.floats(0, 1), min_size=5)
RANK = {Band.UNKNOWN: 0, Band.CHECK: 1, Band.SURE: 2}


@pytest.mark.parametrize(
    ("scores", "band"),
    [
        ({"intent": 0.95, "sentiment": 0.9, "constructive": 0.9, "topic": 0.9, "urgency": 0.9}, Band.SURE),
        ({"intent": 0.95, "sentiment": 0.9, "topic": 0.3, "urgency": 0.9}, Band.CHECK),
        ({"intent": 0.95, "sentiment": 0.9}, Band.SURE),
        ({"intent": 0.6, "sentiment": 0.9}, Band.CHECK),
        ({"intent": 0.49, "sentiment": 0.99}, Band.UNKNOWN),
        ({"intent": 0.99, "sentiment": 0.2}, Band.UNKNOWN),
        ({"sentiment": 0.99}, Band.UNKNOWN),
        ({}, Band.UNKNOWN),
        ({"intent": float("nan")}, Band.UNKNOWN),
        ({"intent": 0.9, "topic": float("nan")}, Band.UNKNOWN),
    ],
)
def test_the_weakest_head_decides_the_band(scores: dict[str, float], band: Band) -> None:
    assert band_of(scores, language=Language.EN) is band


def test_a_language_we_do_not_serve_always_goes_to_a_person() -> None:
    assert band_of({"intent": 1.0, "sentiment": 1.0}, language=Language.OTHER) is Band.UNKNOWN


@given(SCORES, HEADS, st.floats(0, 1))
def test_more_confidence_never_lowers_the_band(scores: dict[str, float], head: str, gain: float) -> None:
    surer = {**scores, head: min(1.0, scores[head] + gain)} if head in scores else scores
    assert RANK[band_of(surer, language=Language.JA)] >= RANK[band_of(scores, language=Language.JA)]


def test_sure_asks_for_at_least_what_check_asks_for() -> None:
    for head, bound in THRESHOLDS.check.items():
        assert THRESHOLDS.sure[head] >= bound
