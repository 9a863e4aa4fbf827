"""The base encoder out of its packages: exact, cut down without moving meaning, emoji included."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer
from transformers import BertModel

from classifier.training.base import build_base, read_kept_ids
from classifier.training.packed_e5 import BadBaseError, PackedEncoder
from tests.training.tiny import HIDDEN, PIECES, four_bits, write_packages

pytestmark = pytest.mark.torch


def embed(folder: Path, text: str) -> torch.Tensor:
    ids = Tokenizer.from_file(str(folder / "tokenizer.json")).encode(text).ids
    model = BertModel.from_pretrained(folder, add_pooling_layer=False).eval()
    with torch.inference_mode():
        states: torch.Tensor = model(input_ids=torch.tensor([ids])).last_hidden_state
    return states.mean(1)[0]


def test_four_bit_rows_are_read_back_to_half_a_step(tmp_path: Path) -> None:
    rows = np.random.default_rng(1).normal(0, 1, (3, 64)).astype(np.float32)
    packed, _ = write_packages(tmp_path)
    encoder = PackedEncoder(packed)
    encoder._raw, encoder._places = four_bits(rows), {"x": type(encoder._places["emb.word"])(0, len(four_bits(rows)))}

    steps = np.abs(rows.reshape(-1, 32)).max(axis=1).repeat(32).reshape(rows.shape) / 7
    assert (np.abs(encoder.read_packed("x", columns=64) - rows) <= steps * 0.55).all()


def test_the_packed_file_tells_its_sizes_and_pieces(tmp_path: Path) -> None:
    packed, _ = write_packages(tmp_path)

    encoder = PackedEncoder(packed)

    assert (encoder.sizes.hidden, encoder.sizes.layers) == (HIDDEN, 4)
    assert encoder.pieces == PIECES
    assert encoder.read_floats("emb.ln.w").tolist() == [1.0] * HIDDEN


@pytest.mark.parametrize("raw", [b"", b"PK\x03\x04 a zip", b"E5S2" + b"\0" * 64])
def test_another_file_is_refused_with_a_remedy(tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "other.bin").write_bytes(raw)

    with pytest.raises(BadBaseError) as refused:
        PackedEncoder(tmp_path / "other.bin")

    assert "e5-small-q4.bin" in refused.value.remedy


def test_a_vocabulary_cut_down_gives_the_same_embeddings_for_what_it_keeps(tmp_path: Path) -> None:
    packed, tokenizer = write_packages(tmp_path / "packages")
    kept = [at for at, piece in enumerate(PIECES) if piece not in {"x", "z", "▁parcel"}]

    whole = build_base(packed=packed, tokenizer=tokenizer, target=tmp_path / "whole")
    cut = build_base(packed=packed, tokenizer=tokenizer, target=tmp_path / "cut", kept=kept)

    assert cut.pieces == whole.pieces - 3
    for text in ("返金 ありがとう", "refund is late", "いません?"):
        assert torch.allclose(embed(tmp_path / "whole", text), embed(tmp_path / "cut", text), atol=1e-5)


def test_emoji_that_the_vocabulary_does_not_know_begin_as_the_mean_of_their_names(tmp_path: Path) -> None:
    packed, tokenizer = write_packages(tmp_path / "packages")

    build_base(packed=packed, tokenizer=tokenizer, target=tmp_path / "base")

    reader = Tokenizer.from_file(str(tmp_path / "base" / "tokenizer.json"))
    poo = reader.encode("💩", add_special_tokens=False).ids[-1]
    words = reader.encode("pile of poo", add_special_tokens=False).ids
    rows = BertModel.from_pretrained(tmp_path / "base", add_pooling_layer=False).embeddings.word_embeddings.weight
    assert poo not in {3, *words}
    assert torch.allclose(rows[poo], rows[words].mean(0), atol=1e-5)


def test_a_tokenizer_of_another_model_is_refused(tmp_path: Path) -> None:
    packed, tokenizer = write_packages(tmp_path)
    book = json.loads(tokenizer.read_text("utf-8"))
    book["model"]["vocab"][10][0] = "other"
    tokenizer.write_text(json.dumps(book), "utf-8")

    with pytest.raises(BadBaseError, match="different vocabularies"):
        build_base(packed=packed, tokenizer=tokenizer, target=tmp_path / "base")


def test_the_list_of_kept_pieces_ships() -> None:
    kept = read_kept_ids()

    assert len(kept) == len(set(kept)) > 40_000
