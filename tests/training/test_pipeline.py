"""From base to model folder with a tiny encoder: whole, repeatable, resumable, and nothing learned where nothing was said."""

import dataclasses
import datetime as dt
import gzip
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from classifier.artefact import read_artefact
from classifier.encoder import Encoder
from classifier.examples import Example, Split
from classifier.heads import columns_of
from classifier.text_tokens import TextTokens
from classifier.training.base import build_base
from classifier.training.export import export_encoder
from classifier.training.loop import Lesson, Recipe, fit, read
from classifier.training.network import MentionNetwork, load_network, make_batch
from classifier.training.pipeline import Plan, train_model
from classifier.training.public_sets import read_public_sets
from classifier.training.retrieval_head import tell_apart
from domain.words import Language
from tests.training.tiny import write_packages

pytestmark = pytest.mark.torch

TODAY = dt.date(2026, 11, 22)
QUICK = Recipe(epochs=3, batch=8, encoder_rate=5e-4, heads_rate=1e-2)
LONG = dataclasses.replace(QUICK, epochs=20, seed=2)
SAID = {
    "complaint": ("refund is late", "my parcel is late", "届かない", "返金 late, angry"),
    "praise": ("thanks, love the parcel", "ありがとう", "love my refund", "thanks"),
    "question": ("where is my parcel?", "where is the refund?", "返金は?", "is the parcel late?"),
}


class StoppedError(Exception):
    """The run was cut off."""


def silent(_name: str, _done: int, _total: int) -> None:
    """Tell nobody."""


def examples() -> list[Example]:
    made = []
    for round_ in range(8):
        for intent, texts in SAID.items():
            for at, text in enumerate(texts):
                labels = {"intent": intent, "sentiment": "negative" if intent == "complaint" else "neutral"}
                if intent == "complaint":
                    labels["constructive"] = "true"
                made.append(
                    Example(
                        text=f"{text} {'abcdefgh'[round_]}",
                        language=Language.EN,
                        labels=labels,
                        risks=frozenset({"legal"}) if at == 0 else frozenset(),
                        family=f"{intent}-{round_}",
                        split=Split.DEV if round_ > 5 else Split.TRAIN,
                    )
                )
    return made


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("base")
    packed, tokenizer = write_packages(folder / "packages")
    build_base(packed=packed, tokenizer=tokenizer, target=folder / "base")
    return folder / "base"


def plan(base: Path, folder: Path, *, layers: tuple[int, ...] | None = (1, 3)) -> Plan:
    return Plan(
        base=base,
        work=folder / "work",
        target=folder / "model",
        today=TODAY,
        layers=layers,
        teacher=QUICK,
        student=QUICK,
    )


def fitted(
    base: Path, *, checkpoint: Path | None, progress: Callable[[str, int, int], None] = silent
) -> MentionNetwork:
    torch.manual_seed(3)
    network = load_network(base)
    lesson = [example for example in examples() if example.split is Split.TRAIN]
    tokens = TextTokens(base / "tokenizer.json").encode([example.text for example in lesson])
    fit(network, Lesson(examples=lesson, tokens=tokens), QUICK, checkpoint=checkpoint, progress=progress)
    return network


def weights_of(network: MentionNetwork) -> torch.Tensor:
    return torch.cat([weights.detach().flatten() for weights in network.parameters()])


def test_a_model_folder_comes_out_that_the_runtime_reads_and_that_learned(base: Path, tmp_path: Path) -> None:
    steps: list[tuple[str, int, int]] = []

    description = train_model(
        plan(base, tmp_path), examples(), progress=lambda name, done, total: steps.append((name, done, total))
    )

    artefact = read_artefact(tmp_path / "model")
    assert description.model_id.startswith("e5-small-2l-")
    assert description.model_id.endswith("-20261122")
    assert artefact.description == description
    assert artefact.retrieval is not None
    assert artefact.retrieval.shape[0] == 3 * artefact.heads.weights.shape[0] + 1
    assert {name for name, _, _ in steps} == {"Teacher", "Student"}
    assert steps[-1][1] == steps[-1][2]
    dev = [example for example in examples() if example.split is Split.DEV]
    pooled = Encoder(artefact.encoder_file).embed(TextTokens(artefact.tokenizer_file).encode([one.text for one in dev]))
    chosen = artefact.heads.probabilities(pooled)[:, columns_of("intent")].argmax(axis=1)
    wanted = [("complaint", "praise", "question").index(one.labels["intent"]) for one in dev]
    assert (chosen == np.array(wanted)).mean() > 0.55  # three classes; a tiny network loses much in eight bits


def test_while_it_learns_to_sort_it_learns_to_tell_what_the_base_said_of_a_text(base: Path) -> None:
    torch.manual_seed(3)
    network = load_network(base)
    lesson = examples()
    tokens = TextTokens(base / "tokenizer.json").encode([example.text for example in lesson])
    said = torch.from_numpy(tell_apart(read(network, tokens)[0][:, : network.heads.in_features].numpy()))

    fit(network, Lesson(examples=lesson, tokens=tokens, base=said), LONG, checkpoint=None, progress=silent)

    with torch.inference_mode():
        told = network.memory(read(network, tokens)[0])
    assert torch.nn.functional.cosine_similarity(told, said).mean() > 0.8


def test_without_a_student_the_teacher_ships_with_all_its_layers(base: Path, tmp_path: Path) -> None:
    description = train_model(plan(base, tmp_path, layers=None), examples(), progress=silent)

    assert description.model_id.startswith("e5-small-4l-")


def test_the_same_seed_gives_the_same_weights_and_another_seed_does_not(base: Path) -> None:
    first, again = fitted(base, checkpoint=None), fitted(base, checkpoint=None)

    assert torch.allclose(weights_of(first), weights_of(again), atol=1e-5)
    torch.manual_seed(4)
    other = load_network(base)
    assert not torch.allclose(weights_of(first), weights_of(other), atol=1e-5)


def test_a_run_that_was_cut_off_goes_on_after_its_last_epoch_and_ends_as_if_nothing_had_happened(
    base: Path, tmp_path: Path
) -> None:
    seen: list[int] = []

    def stop_in_the_second_epoch(_name: str, done: int, total: int) -> None:
        seen.append(done)
        if done > total / 2:
            raise StoppedError

    whole = fitted(base, checkpoint=None)
    with pytest.raises(StoppedError):
        fitted(base, checkpoint=tmp_path / "run.pt", progress=stop_in_the_second_epoch)
    seen.clear()
    resumed = fitted(base, checkpoint=tmp_path / "run.pt", progress=lambda _name, done, _total: seen.append(done))

    assert seen[0] > 1
    assert torch.allclose(weights_of(whole), weights_of(resumed), atol=1e-4)


def test_a_head_without_labels_is_not_moved_by_them(base: Path) -> None:
    unlabelled = [dataclasses.replace(example, labels={"intent": "praise"}, risks=None) for example in examples()[:8]]
    network = load_network(base)
    before = network.heads.weight.detach().clone()

    still = Recipe(epochs=1, batch=8, weight_decay=0.0)
    tokens = TextTokens(base / "tokenizer.json").encode([example.text for example in unlabelled])
    fit(network, Lesson(examples=unlabelled, tokens=tokens), still, checkpoint=None, progress=silent)

    moved = (network.heads.weight.detach() - before).abs().max(dim=1).values
    assert moved[columns_of("intent")].max() > 0
    assert moved[columns_of("topic")].max() == 0
    assert moved[columns_of("risks")].max() == 0


def test_constructive_is_asked_of_complaints_only() -> None:
    praised = Example(
        text="x", language=Language.EN, labels={"intent": "praise", "constructive": "true"}, risks=None, family="f",
        split=Split.TRAIN,
    )  # fmt: skip

    batch = make_batch([praised], [[0, 5, 2]])

    assert batch.classes[0].tolist()[:3] == [1, -100, -100]


def test_the_graph_that_ships_says_what_the_network_says(base: Path, tmp_path: Path) -> None:
    network = fitted(base, checkpoint=None)
    tokens = TextTokens(base / "tokenizer.json").encode(["where is my parcel?", "ありがとう", "refund is late"])
    rows, _ = read(network, tokens)

    export_encoder(network, tmp_path / "small.onnx")

    small, wanted = Encoder(tmp_path / "small.onnx").embed(tokens, whole=True), rows.numpy()
    likeness = (small * wanted).sum(1) / np.linalg.norm(small, axis=1) / np.linalg.norm(wanted, axis=1)
    assert likeness.min() > 0.98
    strangers = (small[0] * wanted[1]).sum() / np.linalg.norm(small[0]) / np.linalg.norm(wanted[1])
    assert strangers < likeness.min()


def test_public_sets_give_what_they_can_defend_and_nothing_from_x(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    rows = [
        {
            "id": "1",
            "text": "where is it",
            "lang": "en",
            "source": "a set",
            "mapped": {"intent": "question", "is_spam": True},
        },
        {"id": "2", "text": "hm", "lang": "en", "source": "a set", "mapped": {}},
        {
            "id": "3",
            "text": "from there",
            "lang": "en",
            "source": "Twitter customer support",
            "mapped": {"intent": "praise"},
        },
    ]
    with gzip.open(tmp_path / "shop" / "train.jsonl.gz", "wt", encoding="utf-8") as stream:
        stream.writelines(json.dumps(row) + "\n" for row in rows)

    found = {example.text: example for example in read_public_sets(tmp_path)}

    assert set(found) == {"where is it", "hm"}
    assert found["where is it"].labels == {"intent": "question"}
    assert found["where is it"].source == "public:shop"
    assert found["hm"].labels == {}
    assert found["hm"].split is Split.TRAIN
