"""How good the keyword backend is: on posts its lists were tuned on, and on posts they never were.

Labels follow the project's guideline. The least values asserted for the held-out posts lie a little under what was measured
(docs/explanation/understanding.md); raising them is welcome, tuning on those posts is not.
"""

from functools import cache
from pathlib import Path

import pytest

from classifier.backends.keyword import KeywordBackend
from classifier.evaluation import Scores, evaluate_labelled
from domain.words import Intent, Sentiment, Topic, Urgency

COLUMNS: dict[str, dict[str, object]] = {
    "intent": {"c": Intent.COMPLAINT, "p": Intent.PRAISE, "q": Intent.QUESTION, "o": Intent.OTHER},
    "sentiment": {"-": Sentiment.NEGATIVE, "0": Sentiment.NEUTRAL, "+": Sentiment.POSITIVE},
    "constructive": {"t": True, "f": False, ".": None},
    "topic": {topic.value: topic for topic in Topic},
    "urgency": {"l": Urgency.LOW, "n": Urgency.NORMAL, "h": Urgency.HIGH, "c": Urgency.CRITICAL},
    "needs_dm": {"y": True, "n": False},
}


def read_posts(language: str, split: str) -> list[dict[str, object]]:
    lines = Path(__file__).with_name(f"labelled_{language}_{split}.tsv").read_text(encoding="utf-8").splitlines()
    rows = []
    for line in lines[1:]:
        *codes, text = line.split("\t")
        labels = {head: names[code] for (head, names), code in zip(COLUMNS.items(), codes, strict=True)}
        rows.append({"text": text, "language": language, **labels})
    return rows


@cache
def scored(language: str, split: str) -> Scores:
    return evaluate_labelled(KeywordBackend(), read_posts(language, split))


def macro_f1(language: str, split: str, head: str) -> float:
    return scored(language, split).slices["all"][head].macro_f1


@pytest.mark.parametrize("language", ["ja", "en"])
def test_there_are_enough_posts_and_none_is_in_both_splits(language: str) -> None:
    dev, held_out = ({str(row["text"]) for row in read_posts(language, split)} for split in ("dev", "held_out"))
    assert len(dev) >= 120
    assert len(held_out) >= 50
    assert not dev & held_out


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("head", ["intent", "sentiment", "topic", "urgency", "needs_dm"])
def test_what_the_lists_were_tuned_on_stays_right(language: str, head: str) -> None:
    assert macro_f1(language, "dev", head) >= 0.9


@pytest.mark.parametrize(
    ("language", "head", "least"),
    [
        ("ja", "intent", 0.68),
        ("ja", "sentiment", 0.72),
        ("ja", "topic", 0.66),
        ("ja", "urgency", 0.70),
        ("ja", "needs_dm", 0.72),
        ("en", "intent", 0.80),
        ("en", "sentiment", 0.82),
        ("en", "topic", 0.65),
        ("en", "urgency", 0.74),
        ("en", "needs_dm", 0.78),
    ],
)
def test_posts_it_never_saw_are_read_about_this_well(language: str, head: str, least: float) -> None:
    assert macro_f1(language, "held_out", head) >= least


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_language_of_every_labelled_post_is_found(language: str) -> None:
    assert scored(language, "dev").slices["all"]["language"].accuracy >= 0.98
    assert scored(language, "held_out").slices["all"]["language"].accuracy >= 0.98
