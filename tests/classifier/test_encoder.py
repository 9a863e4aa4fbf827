"""Batches of like length under a budget of tokens, and embeddings in the order they were asked for."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.artefact import ENCODER_FILE, SHIPPED, ModelError
from classifier.encoder import MOST_TEXTS, MOST_TOKENS, PAD, Encoder, pack


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder(SHIPPED / ENCODER_FILE, threads=2)


@given(st.lists(st.lists(st.integers(2, 900), max_size=192), max_size=80))
def test_every_text_is_in_one_batch_within_the_budget(tokens: list[list[int]]) -> None:
    batches = list(pack(tokens))
    assert sorted(at for batch in batches for at in batch.places) == list(range(len(tokens)))
    for batch in batches:
        assert batch.ids.shape == batch.mask.shape
        assert len(batch.places) <= MOST_TEXTS
        assert len(batch.places) == 1 or batch.ids.size <= MOST_TOKENS
        for row, at in enumerate(batch.places):
            length = len(tokens[at])
            assert batch.ids[row, :length].tolist() == tokens[at]
            assert (batch.ids[row, length:] == PAD).all()
            assert batch.mask[row].sum() == length


def test_texts_of_like_length_share_a_batch() -> None:
    tokens = [[5] * (10 if at % 2 else 60) for at in range(32)]
    padded = sum(batch.ids.size for batch in pack(tokens))
    assert padded == sum(map(len, tokens))


def test_rows_come_back_in_order_whatever_stands_beside_them(encoder: Encoder) -> None:
    tokens = [
        [0, *range(100, 100 + length), 2]
        for length in (3, 40, 5, 90, 4, 41, 3, 60, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16)
    ]
    together = encoder.embed(tokens)
    alone = np.concatenate([encoder.embed([ids]) for ids in tokens])
    assert together.shape == alone.shape
    likeness = (together * alone).sum(axis=1) / np.linalg.norm(together, axis=1) / np.linalg.norm(alone, axis=1)
    assert likeness.min() > 0.98
    assert (together @ alone.T).argmax(axis=1)[3] == 3


def test_nothing_asked_for_gives_nothing(encoder: Encoder) -> None:
    assert len(encoder.embed([])) == 0


def test_what_was_begun_can_be_waited_for_later(encoder: Encoder) -> None:
    first, second = encoder.start([[0, 7, 2]]), encoder.start([[0, 8, 9, 2]])
    assert second.rows().shape == first.rows().shape


@pytest.mark.parametrize("content", [b"", b"no graph", b"\x08\x07" * 50])
def test_a_file_that_is_no_graph_is_named_with_a_remedy(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / ENCODER_FILE
    file.write_bytes(content)
    with pytest.raises(ModelError) as caught:
        Encoder(file)
    assert str(file) in caught.value.message
    assert caught.value.remedy
