"""Corrections teach where they should, the gate keeps out what harms, and nothing changes when there is too little to go by."""

import json
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from classifier.artefact import SHIPPED, Artefact, read_artefact
from classifier.corrections import Corrections
from classifier.embedded import FOLDER, Read, embed_corpus, embed_examples, make_reader
from classifier.examples import Example, Split, example_of, read_corpus
from classifier.gate import Change, HeldOut, ServedHeads, compare
from classifier.heads import HEADS, Floats, HeadWeights, columns_of
from classifier.learning import LEAST_CORRECTIONS, Learned, Outcome, compare_versions, learn
from classifier.promotions import Event, read_history
from classifier.refit import OWN_SAY, Material, refit_heads, taught_heads
from classifier.versions import current_folder, list_versions
from domain.words import Language
from tests.cast import NOON
from tests.classifier.simulated import BRANDS, FLIPPED, FOOTBALL, read_brand, simulate

pytestmark = pytest.mark.model


@cache
def shipped() -> Artefact:
    return read_artefact(SHIPPED)


@cache
def reader() -> Read:
    return make_reader(shipped())


@cache
def corpus() -> tuple[Example, ...]:
    """All but the test split, which nothing here may read."""
    return tuple(example for example in read_corpus() if example.split is not Split.TEST)


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of models in which the corpus is embedded already."""
    models = tmp_path_factory.mktemp("models")
    encoder = shipped().description.encoder_sha256
    embed_corpus(corpus(), reader(), encoder_sha256=encoder, models=models, done=lambda _: None)
    return models


@pytest.fixture
def models(embedded: Path, tmp_path: Path) -> Path:
    """A home's folder of models with nothing but the embedded corpus."""
    return furnish(tmp_path / "models", embedded)


def furnish(models: Path, embedded: Path) -> Path:
    (models / FOLDER).mkdir(parents=True)
    for file in (embedded / FOLDER).iterdir():
        (models / FOLDER / file.name).hardlink_to(file)
    return models


@cache
def honest() -> Corrections:
    return simulate(read_brand("learn", brand=FOOTBALL), shipped(), reader())


def train(found: Corrections, models: Path, *, accepts_lowered: bool = False) -> Learned:
    return learn(
        found,
        models=models,
        now=NOON,
        who="Ben",
        progress=lambda *_: None,
        corpus=corpus(),
        accepts_lowered=accepts_lowered,
    )


@cache
def hushed() -> Corrections:
    """120 honest corrections, and 40 cries for help that somebody makes normal, without a risk."""
    cold = [
        example_of(json.loads(line))
        for file in sorted((BRANDS.parent / "cold").glob("*/*.jsonl"))
        for line in file.read_text("utf-8").splitlines()
    ]
    grave = [one for one in cold if one.labels["urgency"] == "critical" and "safety" in (one.risks or ())]
    return simulate(read_brand("learn", brand=FOOTBALL)[:120], shipped(), reader(), hushed=grave[:40])


@pytest.fixture(scope="module")
def taught(embedded: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Learned, Path]:
    """What came of 200 corrections, and the models of that home."""
    folder = furnish(tmp_path_factory.mktemp("taught") / "models", embedded)
    return train(honest(), folder), folder


def test_two_hundred_corrections_help_their_brand_and_harm_nothing_else(taught: tuple[Learned, Path]) -> None:
    learned, models = taught
    assert learned.outcome is Outcome.PROMOTED, learned.report
    assert learned.corrections + learned.held_out == 200
    assert len(learned.lowered) == 1  # one honest doubt about a rule is shown; it does not stop the others
    after = read_artefact(current_folder(models))
    assert after.description.parent == shipped().description.model_id
    assert after.description.corrections == learned.corrections
    assert after.description.model_id == learned.in_force
    posts = embed_examples(read_brand("held_out", brand=FOOTBALL), reader(), done=lambda _: None)
    report = compare(served(shipped()), served(after), {HeldOut.OWN: posts})
    gains = {one.head: one.after - one.before for one in report.comparisons if one.language == "all"}
    assert len(posts.examples) == 100
    assert np.mean(list(gains.values())) >= 0.01, gains
    assert not report.lost, gains
    untaught = {head.name for head in HEADS} - {
        head.name for head in taught_heads([one.lesson for one in honest().learned_from])
    }
    assert untaught >= {"suggestion", "abuse", "needs_dm", "needs_reply"}
    for name in untaught:
        columns = columns_of(name)
        assert np.array_equal(after.heads.weights[:, columns], shipped().heads.weights[:, columns])


def served(model: Artefact) -> ServedHeads:
    return ServedHeads(heads=model.heads, recall_bounds=model.description.recall_bounds)


@pytest.mark.parametrize("flipped", [tuple(FLIPPED), ("intent",)])
def test_a_poisoned_set_is_refused_and_the_old_model_stays(models: Path, flipped: Sequence[str]) -> None:
    learned = train(simulate(read_brand("learn", brand=FOOTBALL), shipped(), reader(), flipped=flipped), models)
    assert learned.outcome is Outcome.REFUSED
    assert learned.report is not None
    assert learned.report.contradicted
    assert current_folder(models) == SHIPPED
    assert len(list_versions(models)) == 1
    (line,) = read_history(models)
    assert (line.event, line.who) == (Event.REFUSED, "Ben")
    assert line.why.startswith("the corrections contradict the corpus: ")


def test_a_partly_poisoned_set_that_hushes_the_grave_is_shown_and_refused(models: Path) -> None:
    learned = train(hushed(), models)
    assert learned.outcome is Outcome.REFUSED
    assert len(learned.lowered) > 8
    assert {"safety", "critical"} & set(learned.lowered[0].taken)
    assert current_folder(models) == SHIPPED
    assert "nobody accepted them" in read_history(models)[-1].why


def test_the_gate_counts_what_a_hushed_model_misses_also_when_somebody_accepted_it(models: Path) -> None:
    learned = train(hushed(), models, accepts_lowered=True)
    assert learned.outcome is Outcome.REFUSED
    assert learned.report is not None
    assert {one.kind for one in learned.report.missed} & {"urgency.critical", "risks.safety"}
    assert current_folder(models) == SHIPPED
    assert "catches" in read_history(models)[-1].why


def test_too_few_corrections_change_nothing(models: Path) -> None:
    few = Corrections(usable=honest().usable[: LEAST_CORRECTIONS - 1], left_out={"origin": 3})
    learned = train(few, models)
    assert (learned.outcome, learned.report, learned.left_out) == (Outcome.TOO_FEW, None, {"origin": 3})
    assert learned.in_force == shipped().description.model_id
    assert read_history(models) == []
    assert len(list_versions(models)) == 1


def test_the_same_corrections_again_are_no_gain_over_what_they_made(taught: tuple[Learned, Path]) -> None:
    models = taught[1]
    again = train(honest(), models)
    assert again.outcome is Outcome.REFUSED
    assert again.report is not None
    assert all(one.change is Change.SAME for one in again.report.comparisons)
    assert read_history(models)[-1].why == "no head gained a point"


def test_a_stop_before_the_promotion_leaves_the_old_model_in_force(
    models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("classifier.learning.promote", stop)
    with pytest.raises(KeyboardInterrupt):
        train(honest(), models)
    assert current_folder(models) == SHIPPED
    assert [version.problem for version in list_versions(models)] == ["", ""]


def test_versions_are_compared_side_by_side_also_without_corrections(models: Path) -> None:
    nothing = Corrections(usable=[], left_out={})
    report = compare_versions(SHIPPED, SHIPPED, nothing, models=models, progress=lambda *_: None, corpus=corpus())
    assert {one.language for one in report.comparisons} == {"all", "ja", "en"}
    assert {one.head for one in report.comparisons} >= {"intent", "sentiment", "topic", "urgency", "urgency.critical"}
    assert all(one.before == one.after for one in report.comparisons)
    assert not report.passed


# ---- the fit, on numbers -------------------------------------------------------------------------------------------------


def material(words: Sequence[str], *, seed: int, moved: bool = False) -> Material:
    """Posts of one head, ``intent``; each class has a direction of its own, and another one among people of another kind."""
    chance = np.random.default_rng(seed)
    classes = HEADS[0].classes
    pooled = chance.normal(0, 0.3, size=(len(words), 8)).astype(np.float32)
    for row, word in enumerate(words):
        at = classes.index(word)
        pooled[row, at + 4 * moved] += 2
        pooled[row, (at + 1) % 4] += moved
    examples = [
        Example(
            text=str(row), language=Language.JA, labels={"intent": word}, risks=None, family=str(row), split=Split.TRAIN
        )
        for row, word in enumerate(words)
    ]
    return Material(examples=examples, pooled=pooled)


def accuracy(heads: HeadWeights, of: Material) -> float:
    weights, bias = heads.weights, heads.bias
    said = (of.pooled @ weights + bias)[:, columns_of("intent")].argmax(axis=1)
    return float(
        np.mean([HEADS[0].classes[at] == one.labels["intent"] for at, one in zip(said, of.examples, strict=True)])
    )


def parent() -> HeadWeights:
    weights = np.zeros((8, sum(len(head.classes) for head in HEADS)), dtype=np.float32)
    weights[range(4), range(4)] = 3
    return HeadWeights(weights=weights, bias=np.zeros(weights.shape[1], dtype=np.float32), temperatures={})


WORDS = list(HEADS[0].classes) * 40


def test_what_people_say_of_a_region_is_learned_there_and_kept_elsewhere() -> None:
    known, moved = material(WORDS, seed=1), material(WORDS, seed=2, moved=True)
    before = parent()
    after = refit_heads(known, moved, parent=before)
    assert accuracy(before, material(WORDS, seed=3, moved=True)) < 0.2
    assert accuracy(after, material(WORDS, seed=3, moved=True)) > 0.9
    assert accuracy(after, material(WORDS, seed=4)) > 0.97


def test_the_fit_is_the_same_every_time_and_tells_how_far_it_is() -> None:
    seen: list[tuple[int, int]] = []
    known, moved = material(WORDS, seed=1), material(WORDS, seed=2, moved=True)
    first = refit_heads(known, moved, parent=parent(), progress=lambda done, total: seen.append((done, total)))
    second = refit_heads(known, moved, parent=parent())
    assert np.array_equal(first.weights, second.weights)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert seen[-1][0] == seen[-1][1]


def test_a_head_of_which_little_was_said_keeps_its_weights() -> None:
    after = refit_heads(material(WORDS, seed=1), material(WORDS[:4], seed=2, moved=True), parent=parent())
    assert np.array_equal(after.weights, parent().weights)


@pytest.mark.parametrize(
    ("corrections", "corpus_posts", "weight"), [(0, 8000, 1), (20, 8000, 12), (20, 16000, 24), (8000, 8000, 2)]
)
def test_few_corrections_weigh_more_but_never_without_bound(corrections: int, corpus_posts: int, weight: float) -> None:
    assert OWN_SAY.weight(corrections, corpus_posts) == weight


# ---- the kept embeddings --------------------------------------------------------------------------------------------------


def posts(*texts: str) -> list[Example]:
    example = Example(text="", language=Language.JA, labels={}, risks=None, family="f", split=Split.TRAIN)
    return [replace(example, text=text) for text in texts]


def test_the_corpus_is_read_once_and_anew_when_texts_or_encoder_change_or_the_copy_is_broken(tmp_path: Path) -> None:
    asked: list[int] = []

    def read(texts: Sequence[str]) -> Floats:
        asked.append(len(texts))
        return np.ones((len(texts), 3), dtype=np.float32)

    def embed(examples: Sequence[Example], encoder: str = "a" * 64) -> int:
        asked.clear()
        found = embed_corpus(examples, read, encoder_sha256=encoder, models=tmp_path, done=lambda _: None)
        assert found.pooled.shape == (len(examples), 3)
        return sum(asked)

    def broken(content: bytes) -> None:
        (file,) = (tmp_path / FOLDER).iterdir()
        file.write_bytes(content)

    assert embed(posts("one", "two")) == 2
    assert embed(posts("one", "two")) == 0
    assert embed(posts("one", "three")) == 2
    assert embed(posts("one", "three"), "b" * 64) == 2
    assert len(list((tmp_path / FOLDER).iterdir())) == 1
    broken(b"\x93NUMPY torn")
    assert embed(posts("one", "three"), "b" * 64) == 2
    broken(b"")
    assert embed(posts("one", "three"), "b" * 64) == 2
