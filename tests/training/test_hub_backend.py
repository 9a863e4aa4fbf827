"""Any hub model: real tiny ones, saved and loaded as a person would, with the settings as they would be written."""

import shutil
from pathlib import Path

import pytest

from classifier.artefact import ModelError
from classifier.backends import make_backend
from classifier.bands import band_of
from config.settings import ClassifierSettings
from domain.ports import ClassifierBackend
from domain.understanding import TextToClassify
from domain.words import Band, Intent, Language, Risk, Sentiment, Urgency
from tests.training.tiny_hub import write_classifier, write_entailment

pytestmark = pytest.mark.torch

SENTIMENT = {"NEG": ("late", "返金"), "NEU": ("where",), "POS": ("lovely", "最高")}
MEANINGS = {"NEG": "sentiment:negative", "NEU": "sentiment:neutral", "POS": "sentiment:positive"}
HYPOTHESIS = {"ja": "この 投稿 は {} です 。", "en": "this post is {}"}
CANDIDATES = {
    "a complaint": "intent:complaint@en",
    "praise": "intent:praise@en",
    "苦情": "intent:complaint@ja",
    "お褒め": "intent:praise@ja",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_classifier(tmp_path_factory.mktemp("hub") / "tiny-sentiment", SENTIMENT)


@pytest.fixture(scope="module")
def entailment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_entailment(tmp_path_factory.mktemp("hub") / "tiny-nli")


def settings(model: Path | str, **said: object) -> ClassifierSettings:
    return ClassifierSettings.model_validate({"backend": "transformers", "model": str(model), **said})


def load(model: Path, labels: dict[str, str] | None = None) -> ClassifierBackend:
    return make_backend(settings(model, label_map=labels or MEANINGS))


def en(text: str) -> TextToClassify:
    return TextToClassify(text=text, language=Language.EN)


def ja(text: str) -> TextToClassify:
    return TextToClassify(text=text, language=Language.JA)


def test_labels_become_ours_in_the_order_of_the_texts(folder: Path) -> None:
    texts = [en("late"), en("lovely " * 30), ja("最高。"), en("where is this"), ja("返金"), en("late " * 90)]

    said = load(folder).classify(texts)

    negative, neutral, positive = Sentiment
    assert [one.sentiment for one in said] == [negative, positive, positive, neutral, negative, negative]
    assert all(one.scores["sentiment"] > 0.9 for one in said)
    assert said[0].reasons[0] == "model: sentiment.negative 1.00"


def test_what_the_model_does_not_say_comes_from_the_word_lists(folder: Path) -> None:
    keyword = make_backend(ClassifierSettings(backend="keyword"))
    texts = [en("Where is my refund? It is late."), ja("返金はいつですか")]

    for mine, theirs in zip(load(folder).classify(texts), keyword.classify(texts), strict=True):
        assert (mine.intent, mine.topic, mine.needs_reply) == (theirs.intent, theirs.topic, theirs.needs_reply)
        assert mine.scores["intent"] == theirs.scores["intent"]


def test_several_labels_may_mean_the_same(tmp_path: Path) -> None:
    stars = {"1 star": ("late",), "2 stars": ("返金",), "5 stars": ("lovely",)}
    labels = {"1 star": "sentiment:negative", "2 stars": "sentiment:negative", "5 stars": "sentiment:positive"}

    said = load(write_classifier(tmp_path / "stars", stars), labels).classify([en("late 返金"), en("lovely")])

    assert [one.sentiment for one in said] == [Sentiment.NEGATIVE, Sentiment.POSITIVE]
    assert said[0].scores["sentiment"] > 0.9


def test_one_model_may_fill_several_heads(tmp_path: Path) -> None:
    heads = {"complaint": ("late",), "praise": ("lovely",), "danger": ("返金",), "rude": ("where",)}
    labels = {
        "complaint": "intent:complaint",
        "praise": "intent:praise",
        "danger": "risks:safety",
        "rude": "abuse:true",
    }

    first, second = load(write_classifier(tmp_path / "heads", heads, several=True), labels).classify(
        [en("late 返金"), en("lovely where")]
    )

    assert (first.intent, first.risks, first.abuse) == (Intent.COMPLAINT, frozenset({Risk.SAFETY}), False)
    assert (second.intent, second.risks, second.abuse) == (Intent.PRAISE, frozenset(), True)
    assert first.constructive is not None
    assert second.constructive is None
    assert "constructive" not in second.scores


def test_an_ignored_label_takes_its_share_and_means_nothing(folder: Path) -> None:
    (said,) = load(folder, MEANINGS | {"NEU": "ignore"}).classify([en("where")])

    assert said.scores["sentiment"] < 0.1
    assert band_of(said.scores, language=Language.EN) is Band.UNKNOWN


def test_rules_stand_beside_any_model(tmp_path: Path) -> None:
    praising = write_classifier(tmp_path / "praising", {"OTHER": ("late",), "PRAISE": ("lovely", "this")})
    backend = load(praising, {"OTHER": "intent:other", "PRAISE": "intent:praise"})

    (said,) = backend.classify([en("this lovely charger caught fire")])

    assert said.urgency is Urgency.CRITICAL
    assert said.intent is Intent.PRAISE
    assert Risk.SAFETY in said.risks
    assert "rule: safety" in said.reasons


def test_zero_shot_asks_the_candidates_of_the_texts_language(entailment: Path) -> None:
    backend = make_backend(settings(entailment, label_map=CANDIDATES, hypothesis=HYPOTHESIS))

    said = backend.classify([en("late"), ja("最高"), en("lovely post"), ja("返金")])

    assert [one.intent for one in said] == [Intent.COMPLAINT, Intent.PRAISE, Intent.PRAISE, Intent.COMPLAINT]
    assert all(one.scores["intent"] > 0.7 for one in said)


def test_a_single_candidate_is_a_yes_or_no(entailment: Path) -> None:
    backend = make_backend(settings(entailment, label_map={"praise": "abuse:true"}, hypothesis=HYPOTHESIS))

    assert [one.abuse for one in backend.classify([en("lovely"), en("late")])] == [True, False]


HOSTILE = [
    "",
    " \n\t",
    "😤" * 50,
    "\ud800 broken \udfff",
    "null\x00byte",
    "a" * 100_000,
    "返金" * 20_000,
    "[SEP] [CLS] [MASK] [PAD]",
    "{} {0} %s {late}",
    "\u202eright to left",
    "ｶﾀｶﾅ" * 500,
]


@pytest.mark.parametrize("kind", ["labels", "zero-shot"])
def test_hostile_texts_never_raise_and_keep_their_place(folder: Path, entailment: Path, kind: str) -> None:
    backend = (
        load(folder)
        if kind == "labels"
        else make_backend(settings(entailment, label_map=CANDIDATES, hypothesis=HYPOTHESIS))
    )
    texts = [*map(en, HOSTILE), *map(ja, HOSTILE), TextToClassify(text="bonjour", language=Language.OTHER), en("late")]

    said = backend.classify(texts)

    assert len(said) == len(texts)
    assert band_of(said[0].scores, language=Language.EN) is Band.UNKNOWN
    assert band_of(said[2].scores, language=Language.EN) is Band.UNKNOWN
    assert said[-2].reasons == ("rule: language_not_served",)
    assert said[-1].intent is Intent.COMPLAINT or said[-1].sentiment is Sentiment.NEGATIVE
    assert backend.classify([]) == []


def test_a_tokenizer_that_was_not_told_the_models_limit_is_told(tmp_path: Path) -> None:
    backend = load(write_classifier(tmp_path / "untold", SENTIMENT, limit_told=False))

    assert backend.classify([en("lovely " * 5_000)])[0].sentiment is Sentiment.POSITIVE


def test_the_model_id_follows_the_weights(folder: Path, tmp_path: Path) -> None:
    same, other = tmp_path / "tiny-sentiment", tmp_path / "other" / "tiny-sentiment"
    shutil.copytree(folder, same)
    write_classifier(other, SENTIMENT | {"NEU": ("where", "is")})

    assert load(folder).model_id == load(same).model_id
    assert load(folder).model_id.startswith("tiny-sentiment@")
    assert load(other).model_id != load(folder).model_id


@pytest.mark.parametrize(
    ("labels", "complaint", "remedy"),
    [
        (
            {"NEG": "sentiment:negative", "POS": "sentiment:positive"},
            "The model has a label 'NEU' that classifier.label_map does not name.",
            '"NEU" = "ignore"',
        ),
        (
            MEANINGS | {"NEGATIVE": "sentiment:negative"},
            "classifier.label_map names 'NEGATIVE', and the model has no such label.",
            "Its labels are: NEG, NEU, POS.",
        ),
        (MEANINGS | {"NEU": "sentiment:neutral@ja"}, "'NEU' is limited to a language", "after '@'"),
        ({}, "classifier.label_map is empty", '"NEGATIVE" = "sentiment:negative"'),
    ],
)
def test_a_map_that_does_not_fit_the_model_names_label_and_setting(
    folder: Path, labels: dict[str, str], complaint: str, remedy: str
) -> None:
    with pytest.raises(ModelError) as refused:
        make_backend(settings(folder, label_map=labels))

    assert complaint in refused.value.message
    assert remedy in refused.value.remedy


def test_a_folder_of_another_kind_is_refused(tmp_path: Path) -> None:
    (tmp_path / "model.json").write_text("{}")

    with pytest.raises(ModelError, match=r"no config\.json") as refused:
        load(tmp_path)

    assert 'classifier.backend = "model"' in refused.value.remedy


def test_broken_weights_are_refused_with_a_remedy(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "broken")
    (tmp_path / "broken" / "model.safetensors").write_bytes(b"not weights")

    with pytest.raises(ModelError, match="cannot be loaded"):
        load(tmp_path / "broken")


@pytest.mark.parametrize("allowed", [False, True])
def test_offline_nothing_is_fetched_and_the_remedy_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, *, allowed: bool
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))

    with pytest.raises(ModelError, match="'owner/tiny' is not on this machine") as refused:
        make_backend(settings("owner/tiny", label_map=MEANINGS, allow_download=allowed))

    assert ("HF_HUB_OFFLINE" if allowed else "classifier.allow_download = true") in refused.value.remedy


def test_a_hub_model_that_is_on_this_machine_is_found_by_its_name(
    folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    commit = "0123456789abcdef0123456789abcdef01234567"
    kept = tmp_path / "models--owner--tiny"
    shutil.copytree(folder, kept / "snapshots" / commit)
    (kept / "refs").mkdir()
    (kept / "refs" / "main").write_text(commit)
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))

    backend = make_backend(settings("owner/tiny", label_map=MEANINGS))

    assert backend.model_id == "owner/tiny@0123456789ab"
    assert backend.classify([en("late")])[0].sentiment is Sentiment.NEGATIVE
