"""Every label and every rule has a name in both languages, and stored reasons become words."""

from enum import StrEnum

import pytest

from classifier.backends.keyword import KeywordBackend
from classifier.backends.lexicon import read_table
from classifier.reasons import say_reason
from config.locale import catalogue
from domain.understanding import TextToClassify
from domain.words import Band, Intent, Language, Risk, Sentiment, Topic, Urgency


@pytest.mark.parametrize("vocabulary", [Language, Sentiment, Intent, Topic, Urgency, Risk, Band])
def test_every_label_has_a_name_in_both_languages(vocabulary: type[StrEnum]) -> None:
    for label in vocabulary:
        words = catalogue("labels")[f"{vocabulary.__name__.lower()}.{label.value}"]
        assert words["ja"]
        assert words["en"]


@pytest.mark.parametrize("name", ["ja.toml", "en.toml", "emoji.toml"])
def test_every_group_of_cues_has_a_name(name: str) -> None:
    unnamed = {"people", "spelling", "topic", "risk"}
    groups = {group for group in read_table(name) if group not in unnamed}
    assert {group for group in groups if f"group.{group}" not in catalogue("reasons")} == set()


@pytest.mark.parametrize(
    ("reason", "language", "said"),
    [
        ("shortfall: 届きません", "ja", "困りごと「届きません」"),
        ("topic.delivery: parcel", "en", "Delivery: “parcel”"),
        ("not positive: good", "en", "Negated word: “good”"),
        ("rule: safety", "ja", "けが・健康・安全に関わる言葉"),
        ("topic.refund: 返金", "ja", "返品・返金・解約「返金」"),
        ("homonym", "en", "Homonym of the brand"),
        ("model: intent.complaint 0.97", "ja", "モデルの判定: 苦情（97%）"),
        ("model: risk.self_harm 0.05", "en", "Model: Self-harm (5%)"),
        ("model: LABEL_1 0.97", "en", "model: LABEL_1 0.97"),
        ("whatever: x", "en", "whatever: x"),
        ("rule: of_another_model", "en", "rule: of_another_model"),
        ("something else", "ja", "something else"),
        ("", "ja", ""),
    ],
)
def test_a_stored_reason_is_said_in_the_readers_words(reason: str, language: str, said: str) -> None:
    assert say_reason(reason, language) == said


@pytest.mark.parametrize(
    "text", ["充電中に煙が。訴えます", "まだ届きません！最悪", "いつ届きますか", "最高です。ありがとう", "ok"]
)
def test_every_reason_the_backend_gives_has_words(text: str) -> None:
    for reason in KeywordBackend().classify([TextToClassify(text=text, language=Language.JA)])[0].reasons:
        for language in ("ja", "en"):
            assert say_reason(reason, language) != reason
