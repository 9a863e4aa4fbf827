"""Plain facts of trouble are complaints, however they are dressed up; the same words in praise are not.

``trouble.jsonl``: sentences written for this. No text of it is in the corpus or in a cold set.
"""

import json
from functools import cache
from pathlib import Path

import pytest

from classifier.artefact import read_artefact
from classifier.backends import trouble
from classifier.backends.evidence import collect
from classifier.backends.model import ModelBackend
from domain.understanding import Prediction, TextToClassify
from domain.words import Intent, Language, Sentiment, Urgency

JA, EN = Language.JA, Language.EN
ROWS = [json.loads(line) for line in Path(__file__).with_name("trouble.jsonl").read_text("utf-8").splitlines()]


@cache
def shipped() -> ModelBackend:
    return ModelBackend(read_artefact())


def read(text: str, language: Language) -> Prediction:
    return shipped().classify([TextToClassify(text=text, language=language, wants_reasons=False)])[0]


def sentences(*, rings: bool) -> list[tuple[str, Language]]:
    return [(row["text"], Language(row["language"])) for row in ROWS if row["rings"] is rings]


@pytest.mark.parametrize(("text", "language"), sentences(rings=True))
def test_a_fact_of_trouble_is_a_complaint_however_it_is_told(text: str, language: Language) -> None:
    said = read(text, language)
    assert (said.intent, said.sentiment) == (Intent.COMPLAINT, Sentiment.NEGATIVE)


@pytest.mark.parametrize(("text", "language"), sentences(rings=False))
def test_praise_in_the_same_words_stays_praise(text: str, language: Language) -> None:
    said = read(text, language)
    assert said.intent is not Intent.COMPLAINT
    assert f"rule: {trouble.RULE}" not in said.reasons


def test_a_rule_that_speaks_against_the_model_leaves_it_to_a_person_and_asks_for_the_order() -> None:
    said = read("the zip broke on day two, chefs kiss", EN)
    assert (said.constructive, said.needs_reply, said.needs_dm, said.urgency) == (True, True, True, Urgency.NORMAL)
    assert said.scores["intent"] == pytest.approx(0.6)
    assert said.reasons == (f"rule: {trouble.RULE}",)


@pytest.mark.parametrize(
    ("text", "language", "told"),
    [
        ("they sent me a left boot", EN, True),
        ("they sent me a left boot and sorted it within the hour", EN, False),
        ("on hold for an hour", EN, True),
        ("cut off", EN, False),
        ("nice one, cut off", EN, True),
        ("靴が片方だけ届いた", JA, True),
        ("靴が片方だけ届いたけど、すぐ対応してくれた", JA, False),
        ("返信が遅い", JA, False),
        ("返信が遅い。お見事", JA, True),
    ],
)
def test_what_eases_a_trouble_and_what_mocks_at_it_is_read_too(text: str, language: Language, *, told: bool) -> None:
    assert trouble.is_told(collect(text, language=language)) is told


def test_trouble_as_a_side_line_of_a_long_praise_changes_nothing() -> None:
    praise = "What a lovely shop, the owner showed us every single drawer and we laughed all afternoon. "
    told = f"{praise * 2}My gran's hat fell apart after the first wear in 1961 and she still talks of it. {praise}"
    assert trouble.is_told(collect(told, language=EN))
    assert read(told, EN).intent is Intent.PRAISE
