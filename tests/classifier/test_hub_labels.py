"""A foreign model's labels by the map: shares, heads apart, missing torch. No torch is needed here."""

import sys

import pytest

from classifier.artefact import ModelError
from classifier.backends import make_backend
from classifier.backends.hub_labels import heads_of, read_label_map, read_scores
from config.settings import ClassifierSettings
from domain.words import Language


def test_labels_that_share_one_head_add_up() -> None:
    meanings = read_label_map({"1": "sentiment:negative", "2": "sentiment:negative", "3": "sentiment:positive"})

    found = read_scores({"1": 0.3, "2": 0.3, "3": 0.4}, meanings, apart=False)

    assert found.labels == {"sentiment": ("negative", 0.6)}


def test_heads_that_share_one_softmax_are_each_taken_as_a_whole() -> None:
    meanings = read_label_map(
        {"a": "intent:complaint", "b": "intent:praise", "c": "topic:delivery", "d": "topic:other"}
    )

    found = read_scores({"a": 0.3, "b": 0.1, "c": 0.15, "d": 0.45}, meanings, apart=False)

    assert {head: value for head, (value, _) in found.labels.items()} == {"intent": "complaint", "topic": "other"}
    assert [score for _, score in found.labels.values()] == pytest.approx([0.75, 0.75])


def test_labels_apart_take_the_likeliest_and_risks_from_a_half_on() -> None:
    meanings = read_label_map({"x": "risks:legal", "y": "risks:press", "z": "abuse:true", "v": "ignore"})

    found = read_scores({"x": 0.6, "y": 0.4, "z": 0.2, "v": 0.99}, meanings, apart=True)

    assert found.risks == {"legal": 0.6}
    assert found.labels == {"abuse": ("false", 0.8)}


def test_candidates_without_a_language_are_asked_of_all() -> None:
    meanings = read_label_map({"a": "intent:praise@en", "b": "intent:praise@ja", "c": "abuse:true", "d": "ignore"})

    asked = heads_of(meanings, Language.JA)

    assert {head: list(labels) for head, labels in asked.items()} == {"intent": ["b"], "abuse": ["c"]}


def test_nothing_shared_means_nothing_known() -> None:
    meanings = read_label_map({"a": "intent:complaint", "b": "intent:praise", "c": "topic:other"})

    found = read_scores({"a": 0.0, "b": 0.0, "c": 1.0}, meanings, apart=False)

    assert found.labels["intent"][1] == 0.5


def settings(**said: object) -> ClassifierSettings:
    return ClassifierSettings.model_validate({"backend": "transformers", "label_map": {"A": "abuse:true"}, **said})


def test_without_torch_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)

    with pytest.raises(ModelError, match="needs torch") as refused:
        make_backend(settings(model="owner/model"))

    assert 'pip install "kikite[torch]"' in refused.value.remedy


def test_without_a_name_the_setting_is_named() -> None:
    with pytest.raises(ModelError, match="no model is named") as refused:
        make_backend(settings())

    assert "classifier.model" in refused.value.remedy
