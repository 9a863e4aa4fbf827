"""The model that ships, end to end: labels that hang together, rules beside it, wrong folders, hostile text."""

import json
import os
import shutil
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifier.artefact import (
    DESCRIPTION,
    ENCODER_FILE,
    HEADS_FILE,
    SHIPPED,
    TOKENIZER_FILE,
    ModelError,
    read_artefact,
    write_artefact,
)
from classifier.backends import MODELS, BackendInForce, make_backend
from classifier.backends.brand import ANTI_WORDS
from classifier.backends.model import ModelBackend
from classifier.bands import band_of, thresholds_of
from classifier.heads import HEADS, WIDTH, HeadWeights, columns_of
from classifier.reasons import say_reason
from classifier.service import Ready, understand_each
from config.settings import ClassifierSettings
from domain.understanding import Prediction, TextToClassify, Understanding
from domain.words import Band, Intent, Language, Risk, Sentiment, Topic, Urgency

JA, EN, OTHER = Language.JA, Language.EN, Language.OTHER


@cache
def shipped() -> ModelBackend:
    return ModelBackend(read_artefact())


def classify(*texts: str, language: Language = JA, backend: ModelBackend | None = None) -> list[Prediction]:
    given = [TextToClassify(text=text, language=language) for text in texts]
    return (backend or shipped()).classify(given)


def saying(**chances: str) -> ModelBackend:
    """Return the shipped encoder under heads that say the named classes of every text, whatever it is."""
    known = shipped().artefact
    bias = np.zeros(WIDTH, dtype=np.float32)
    bias[columns_of("risks")] = -20
    for head, label in chances.items():
        classes = next(one.classes for one in HEADS if one.name == head)
        bias[columns_of(head).start + classes.index(label)] = 20
    weights = np.zeros_like(known.heads.weights)
    return ModelBackend(replace(known, heads=HeadWeights(weights=weights, bias=bias, temperatures={})))


@pytest.mark.parametrize(
    ("text", "language", "intent"),
    [
        ("先月注文したコートがまだ届きません。問い合わせても返事がなく困っています。", JA, Intent.COMPLAINT),
        ("とても丁寧に対応していただき、商品も最高でした。ありがとうございます！", JA, Intent.PRAISE),
        ("この商品は海外にも発送できますか？", JA, Intent.QUESTION),
        ("My order still hasn't arrived after three weeks and nobody answers my emails.", EN, Intent.COMPLAINT),
        ("Thank you so much, the dress is gorgeous and arrived early!", EN, Intent.PRAISE),
        ("Do you ship to Canada?", EN, Intent.QUESTION),
    ],
)
def test_plain_posts_are_understood(text: str, language: Language, intent: Intent) -> None:
    (said,) = classify(text, language=language)
    assert said.intent is intent
    assert (said.constructive is None) == (intent is not Intent.COMPLAINT)


def test_scores_are_probabilities_of_the_chosen_classes_and_the_id_is_the_artefacts() -> None:
    (said,) = classify("まだ届きません")
    assert {"intent", "sentiment", "topic", "urgency", "needs_dm"} <= said.scores.keys()
    assert all(0 <= score <= 1 for score in said.scores.values())
    assert shipped().model_id == shipped().artefact.description.model_id


def test_a_text_is_read_alike_alone_and_in_a_crowd() -> None:
    texts = ["まだ届きません", "最高でした", "荷物が壊れていました。交換をお願いします。" * 8, "ok"] * 20
    together = classify(*texts)
    for text, said in zip(texts[:4], together, strict=False):
        (alone,) = classify(text)
        assert alone.scores["intent"] == pytest.approx(said.scores["intent"], abs=0.05)


def test_a_language_that_is_not_served_is_declined_in_its_place() -> None:
    given = [TextToClassify(text=text, language=tag) for text, tag in (("届かない", JA), ("hola", OTHER), ("late", EN))]
    said = shipped().classify(given)
    assert said[1].reasons == ("rule: language_not_served",)
    assert [band_of(one.scores, language=row.language) is Band.UNKNOWN for row, one in zip(given, said, strict=True)][1]
    assert said[0].reasons != said[1].reasons != said[2].reasons


@pytest.mark.parametrize("text", ["😡😡😡", "!!!", "……", "👍", "\u200d"])
def test_signs_alone_make_no_firm_claim(text: str) -> None:
    (said,) = classify(text)
    assert band_of(said.scores, language=JA, thresholds=thresholds_of(shipped())) is Band.UNKNOWN


def test_a_rule_makes_critical_what_the_model_takes_lightly_and_is_named() -> None:
    (said,) = classify("本体から煙が出て指をやけどしました", backend=saying(intent="complaint", urgency="low"))
    assert said.urgency is Urgency.CRITICAL
    assert Risk.SAFETY in said.risks
    assert said.reasons[0] == "rule: safety"
    assert said.needs_reply
    assert said.scores["urgency"] < 0.5


def test_firm_praise_silences_weak_words_but_never_a_threat_or_an_injury() -> None:
    praise = saying(intent="praise", urgency="low")
    calm, *grave = classify("針金細工が細かくて最高", "店に火をつけてやる", "やけどしました、と笑う", backend=praise)
    assert (calm.urgency, calm.risks) == (Urgency.LOW, frozenset())
    assert [one.urgency for one in grave] == [Urgency.CRITICAL] * 2


@pytest.mark.parametrize("risk", [Risk.SAFETY, Risk.LEGAL, Risk.SELF_HARM])
def test_a_grave_risk_that_the_model_is_sure_of_is_critical(risk: Risk) -> None:
    (said,) = classify("とくになし", backend=saying(intent="complaint", urgency="low", risks=risk))
    assert (said.urgency, said.risks >= {risk}) == (Urgency.CRITICAL, True)
    assert f"model: risk.{risk} 1.00" in said.reasons


def test_own_details_and_press_call_a_person_without_being_critical() -> None:
    for risk in (Risk.PRESS, Risk.PERSONAL_DATA):
        (said,) = classify("とくになし", backend=saying(intent="complaint", urgency="normal", risks=risk))
        assert said.urgency is Urgency.NORMAL


def test_critical_is_raised_at_the_bound_that_the_artefact_names() -> None:
    calm = saying(intent="complaint")  # urgency: a quarter for each class
    urgencies = []
    for bound in (0.2, 0.3):
        bounds = dict(calm.artefact.description.recall_bounds) | {"urgency.critical": bound}
        description = replace(calm.artefact.description, recall_bounds=bounds)
        (said,) = classify("とくになし", backend=ModelBackend(replace(calm.artefact, description=description)))
        urgencies.append(said.urgency)
    assert urgencies == [Urgency.CRITICAL, Urgency.LOW]


def test_a_homonym_of_the_brand_is_none_of_our_business() -> None:
    given = TextToClassify(text="魔女の宅急便のキキが最高", language=JA, extra={ANTI_WORDS: "魔女"})
    (said,) = shipped().classify([given])
    assert (said.intent, said.constructive, said.reasons[0]) == (Intent.OTHER, None, "homonym")


def test_every_reason_is_said_in_both_languages() -> None:
    texts = ["本体から煙が。訴えます", "まだ届きません！最悪", "いつ届きますか", "最高です。ありがとう", "良くない"]
    for said in classify(*texts):
        assert any(reason.startswith("model: intent.") for reason in said.reasons)
        for reason in said.reasons:
            assert say_reason(reason, "ja") != reason != say_reason(reason, "en")


def test_why_tells_the_words_that_agree_with_the_label() -> None:
    (said,) = classify("まだ届きません！最悪です", backend=saying(intent="complaint", urgency="normal"))
    assert any(reason.startswith(("shortfall: ", "negative: ")) for reason in said.reasons)
    (other,) = classify("まだ届きません！最悪です", backend=saying(intent="praise", urgency="low"))
    assert not any(reason.startswith(("shortfall: ", "negative: ")) for reason in other.reasons)


def test_reasons_nobody_asks_for_are_not_sought() -> None:
    given = TextToClassify(text="まだ届きません！最悪です", language=JA, wants_reasons=False)
    assert shipped().classify([given])[0].reasons == ()


HOSTILE = [
    "",
    " ",
    "\x00",
    "a\x00b",
    "\ud800",
    "😡 \udfff",
    "あ" * 100_000,
    "a " * 50_000,
    "漢字kana混じりtext😀العربية" * 99,
]


def test_hostile_texts_are_read_in_their_place() -> None:
    ready = [Ready(text=text, language=tag) for text in HOSTILE for tag in (JA, EN, OTHER)]
    answers = understand_each(shipped(), [*ready, Ready(text="まだ届きません", language=JA)])
    assert all(isinstance(answer, Understanding) for answer in answers)
    assert isinstance(answers[-1], Understanding)
    assert answers[-1].prediction.topic is Topic.DELIVERY


@settings(max_examples=25, deadline=None)
@given(st.lists(st.text(alphabet=st.characters(), max_size=120), max_size=6))
def test_any_texts_get_one_prediction_each(texts: list[str]) -> None:
    said = classify(*texts, language=EN)
    assert len(said) == len(texts)
    assert all((one.constructive is None) == (one.intent is not Intent.COMPLAINT) for one in said)


def test_one_mention_takes_no_more_than_fifty_milliseconds_of_its_own_time() -> None:
    classify("warm up")
    spent: list[float] = []
    for _ in range(10):
        begun = time.process_time()
        classify("先月注文したコートがまだ届きません。問い合わせても返事がなく困っています。")
        spent.append(time.process_time() - begun)
    assert sorted(spent)[5] < 0.05


def break_folder(folder: Path, how: str) -> Path:
    shutil.copytree(SHIPPED, folder)
    if how == "truncated heads":
        content = (folder / HEADS_FILE).read_bytes()
        (folder / HEADS_FILE).write_bytes(content[: len(content) // 2])
    elif how == "other labels":
        said = json.loads((folder / DESCRIPTION).read_text("utf-8"))
        said["heads"]["intent"] = ["angry", "happy"]
        (folder / DESCRIPTION).write_text(json.dumps(said), "utf-8")
    elif how == "hugging face":
        shutil.rmtree(folder)
        folder.mkdir()
        (folder / "config.json").write_text("{}")
    elif how == "no description":
        (folder / DESCRIPTION).unlink()
    elif how == "other encoder":
        (folder / ENCODER_FILE).write_bytes(b"no graph")
    elif how == "broken tokenizer":
        (folder / TOKENIZER_FILE).write_text("{}")
    return folder


@pytest.mark.parametrize(
    ("how", "remedy"),
    [
        ("truncated heads", "kikite models rollback"),
        ("other labels", "kikite train"),
        ("hugging face", '"transformers"'),
        ("no description", "leave classifier.model empty"),
        ("other encoder", "kikite models rollback"),
        ("broken tokenizer", "kikite models rollback"),
    ],
)
def test_a_wrong_folder_is_refused_with_the_remedy(tmp_path: Path, how: str, remedy: str) -> None:
    folder = break_folder(tmp_path / "model", how)
    with pytest.raises(ModelError) as caught:
        make_backend(ClassifierSettings(model=str(folder)))
    assert remedy in caught.value.remedy
    assert str(folder) in caught.value.message


def test_a_folder_that_is_not_there_is_refused_and_no_other_backend_steps_in(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no model folder"):
        make_backend(ClassifierSettings(model=str(tmp_path / "none")))


def promote(models: Path, name: str) -> None:
    partial = models / ".current"
    partial.write_text(f"{name}\n")
    os.replace(partial, models / "current")  # noqa: PTH105 - the very call that a promotion makes


def test_a_promotion_is_taken_up_by_the_next_batch_and_only_then_anything_is_read(tmp_path: Path) -> None:
    models = tmp_path / MODELS
    known = read_artefact()
    names = ("c1-20261122-0930", "c2-20261122-0931")
    for name in names:
        write_artefact(models / name, description=replace(known.description, model_id=name), heads=known.heads)
    in_force = BackendInForce(ClassifierSettings(), models)
    first = in_force.get()
    assert first.model_id == known.description.model_id
    assert in_force.get() is first
    for name in (*names, names[0]):
        promote(models, name)
        assert in_force.get().model_id == name
        assert in_force.get() is in_force.get()
    (models / "current").unlink()
    assert in_force.get().model_id == known.description.model_id


def test_models_of_one_encoder_share_it(tmp_path: Path) -> None:
    known = read_artefact()
    write_artefact(
        tmp_path / "refitted", description=replace(known.description, model_id="refitted"), heads=known.heads
    )
    refitted = ModelBackend(read_artefact(tmp_path / "refitted"))
    assert refitted._encoder is ModelBackend(known)._encoder


def test_bands_are_the_artefacts_own() -> None:
    assert thresholds_of(shipped()).sure == shipped().artefact.description.bands["sure"]


def test_embeddings_of_a_text_are_nearest_to_its_paraphrase() -> None:
    texts: Sequence[str] = ["まだ荷物が届きません", "注文した品がまだ届いていない", "店員さんの笑顔が素敵でした"]
    rows = shipped().embed(texts, whole=False)
    rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    assert rows[0] @ rows[1] > rows[0] @ rows[2]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("I ordered a green winter coat and a blue one turned up. Can you swap it?", Language.EN),
        ("緑のコートを注文したのに、青いのが届きました。交換できますか？", Language.JA),
    ],
)
def test_a_wrong_item_is_a_complaint_also_when_the_post_asks_for_an_exchange(text: str, language: Language) -> None:
    said = shipped().classify([TextToClassify(text=text, language=language)])[0]

    assert said.intent is Intent.COMPLAINT
    assert said.constructive is True
    assert said.topic is Topic.PRODUCT
    assert said.sentiment is Sentiment.NEGATIVE


def test_asking_for_another_colour_stays_a_question() -> None:
    said = shipped().classify([TextToClassify(text="Can I swap the green coat for a blue one?", language=Language.EN)])[
        0
    ]

    assert said.intent is Intent.QUESTION


def test_a_handle_in_front_changes_nothing() -> None:
    text = "My parcel says delivered but nothing is here."
    bare, called = shipped().classify(
        [TextToClassify(text=given, language=Language.EN) for given in (text, f"@mizunara-3.test {text}")]
    )

    assert (called.intent, called.urgency, called.risks) == (bare.intent, bare.urgency, bare.risks)


@pytest.mark.parametrize(
    "text", ["worst shop ever. absolute joke. never again", "Terrible. Do not buy.", "worst store ever, avoid"]
)
def test_blunt_anger_is_never_praise(text: str) -> None:
    said = shipped().classify([TextToClassify(text=text, language=Language.EN)])[0]

    assert said.intent is Intent.COMPLAINT
    assert said.sentiment is Sentiment.NEGATIVE


@pytest.mark.parametrize(
    ("text", "language"),
    [("Thanks, I can log in again", Language.EN), ("ログインできたよ、ありがとう", Language.JA)],
)
def test_thanks_for_what_is_over_are_not_critical(text: str, language: Language) -> None:
    said = shipped().classify([TextToClassify(text=text, language=language)])[0]

    assert said.urgency is not Urgency.CRITICAL
