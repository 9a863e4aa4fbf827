"""Rows by which texts find each other: their shape, their order, their length, and that what means the same lies near."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from classifier.artefact import (
    ENCODER_FILE,
    RETRIEVAL_FILE,
    TOKENIZER_FILE,
    Artefact,
    ModelError,
    read_artefact,
    write_artefact,
    write_retrieval,
)
from classifier.backends import model
from classifier.backends.model import ModelBackend
from classifier.embedding import Embedder
from classifier.heads import Floats
from classifier.training.retrieval_head import fit_retrieval_head, tell_apart

HOSTILE = [
    "",
    " ",
    "\x00\x00",
    "\ud800 half a pair",
    "😡" * 500,
    "あ" * 100_000,
    "a b " * 30_000,
    "<script>alert(1)</script>",
    "日本語 and English и русский عربي",
    "\u202eevil",
    "￿",
]


@cache
def shipped() -> Artefact:
    return read_artefact()


@cache
def embedder() -> Embedder:
    return Embedder(shipped())


def test_each_text_has_one_row_of_length_one_in_single_precision() -> None:
    rows = embedder().embed(["返品したい", "Where is my parcel?", "営業時間は？"])
    assert rows.dtype == np.float32
    assert rows.ndim == 2
    assert len(rows) == 3
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)


def test_rows_keep_the_order_of_the_texts_whatever_their_lengths() -> None:
    texts = [
        "返品",
        "Where on earth is the parcel that I ordered three weeks ago? " * 4,
        "いつ届きますか",
        "hi",
        "x " * 90,
    ]
    together = embedder().embed(texts)
    for at, text in enumerate(texts):
        nearest = together @ embedder().embed([text])[0]
        assert nearest.argmax() == at
        assert nearest[at] > 0.9  # alone and in a crowd the 8-bit graph rounds by other scales


def test_the_same_text_gets_the_same_row_wherever_it_stands() -> None:
    rows = embedder().embed(["送料はいくら？", "a far longer text that stands between them " * 6, "送料はいくら？"])
    assert (rows[0] == rows[2]).all()


def test_nothing_asked_for_gives_no_rows() -> None:
    assert len(embedder().embed([])) == 0


def test_hostile_texts_get_rows_like_any_other() -> None:
    rows = embedder().embed(HOSTILE)
    assert len(rows) == len(HOSTILE)
    assert np.isfinite(rows).all()
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-4)


@pytest.mark.parametrize(
    ("text", "again", "strangers"),
    [
        (
            "注文したコートがまだ届きません。いつ発送されますか？",
            "注文したコートがまだ届いていません。いつ発送されますか",
            [
                "このカフェのプリン最高！また行きます",
                "ログインのパスワードを忘れてしまいました",
                "返金してください、二重に請求されています",
            ],
        ),
        (
            "My parcel still hasn't arrived, where is it?",
            "my parcel STILL has not arrived!! where is it",
            [
                "Best pancakes in town, see you next week",
                "How do I reset my password?",
                "You charged me twice, refund please",
            ],
        ),
    ],
)
def test_a_near_duplicate_is_nearer_than_any_stranger(text: str, again: str, strangers: list[str]) -> None:
    asked, *others = embedder().embed([text, again, *strangers])
    likeness = [float(asked @ other) for other in others]
    assert likeness[0] > 0.7
    assert likeness[0] > max(likeness[1:]) + 0.1


def test_many_threads_may_ask_at_once() -> None:
    fresh, texts = Embedder(shipped()), [f"注文 {number} はどこですか" for number in range(12)]
    alone = np.vstack([embedder().embed([text]) for text in texts])
    with ThreadPoolExecutor(6) as pool:
        found = np.vstack(list(pool.map(lambda text: fresh.embed([text]), texts)))
    assert np.allclose(alone, found, atol=1e-5)


def test_the_encoder_is_loaded_by_the_first_text_and_shared_with_the_classifier(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: list[ModelBackend] = []

    class Counted(ModelBackend):
        def __init__(self, artefact: Artefact, *, threads: int = 0) -> None:
            super().__init__(artefact, threads=threads)
            made.append(self)

    monkeypatch.setattr("classifier.embedding.ModelBackend", Counted)
    fresh = Embedder(shipped())
    assert not made
    fresh.embed(["a"])
    fresh.embed(["b"])
    loaded = model._load_encoder.cache_info().misses
    ModelBackend(shipped())
    assert len(made) == 1
    assert model._load_encoder.cache_info().misses == loaded


def test_files_that_are_gone_are_named_only_when_a_text_comes(tmp_path: Path) -> None:
    broken = tmp_path / TOKENIZER_FILE
    broken.write_text("{}")
    fresh = Embedder(replace(shipped(), tokenizer_file=broken))
    with pytest.raises(ModelError):
        fresh.embed(["a"])


def test_a_retrieval_head_turns_the_rows_and_makes_another_space() -> None:
    plain = replace(shipped(), retrieval=None)
    width = 3 * plain.heads.weights.shape[0]
    head = np.vstack([np.eye(width, 8), np.zeros((1, 8))]).astype(np.float32)
    turned = Embedder(replace(plain, retrieval=head))
    rows = turned.embed(["返品したい", "hello"])
    bare = ModelBackend(plain).embed(["返品したい", "hello"], whole=True)[:, :8]
    assert rows.shape == (2, 8)
    assert np.allclose(rows, bare / np.linalg.norm(bare, axis=1, keepdims=True), atol=0.05)
    assert turned.space != Embedder(plain).space
    assert turned.space == Embedder(replace(plain, retrieval=head)).space


def _folder_with_head(tmp_path: Path, head: Floats, *, encoder_sha256: str) -> Path:
    known = shipped()
    write_artefact(tmp_path, description=known.description, heads=known.heads)
    (tmp_path / ENCODER_FILE).symlink_to(known.encoder_file)
    (tmp_path / TOKENIZER_FILE).symlink_to(known.tokenizer_file)
    write_retrieval(tmp_path, head, encoder_sha256=encoder_sha256)
    return tmp_path


def test_a_retrieval_head_is_read_again_from_its_folder(tmp_path: Path) -> None:
    head = np.arange(385 * 4, dtype=np.float32).reshape(385, 4)
    found = read_artefact(_folder_with_head(tmp_path, head, encoder_sha256=shipped().description.encoder_sha256))
    assert found.retrieval is not None
    assert (found.retrieval == head).all()


def test_a_retrieval_head_of_another_encoder_is_refused(tmp_path: Path) -> None:
    folder = _folder_with_head(tmp_path, np.zeros((385, 4), dtype=np.float32), encoder_sha256="0" * 64)
    with pytest.raises(ModelError, match="another encoder") as caught:
        read_artefact(folder)
    assert caught.value.remedy


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut off", b"no archive"])
def test_a_broken_retrieval_head_is_named_with_a_remedy(tmp_path: Path, content: bytes) -> None:
    folder = _folder_with_head(tmp_path, np.zeros((385, 4), dtype=np.float32), encoder_sha256="")
    (folder / RETRIEVAL_FILE).write_bytes(content)
    with pytest.raises(ModelError, match=RETRIEVAL_FILE) as caught:
        read_artefact(folder)
    assert caught.value.remedy


def test_a_fitted_head_brings_back_directions_that_a_linear_map_hid() -> None:
    chance = np.random.default_rng(7)
    base = chance.normal(size=(600, 24)).astype(np.float32) + 4  # a narrow cone, as the base's embeddings
    hidden = (base @ chance.normal(size=(24, 32)) + 0.01 * chance.normal(size=(600, 32)) + 3).astype(np.float32)
    head = fit_retrieval_head(hidden[:500], tell_apart(base[:500]))
    assert head.shape == (33, 24)
    found = hidden[500:] @ head[:-1] + head[-1]
    lengthened = base / np.linalg.norm(base, axis=1, keepdims=True)
    wanted = lengthened[500:] - lengthened[:500].mean(axis=0)
    likeness = (found * wanted).sum(axis=1) / np.linalg.norm(found, axis=1) / np.linalg.norm(wanted, axis=1)
    assert np.median(likeness) > 0.95
