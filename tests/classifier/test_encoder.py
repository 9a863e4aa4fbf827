"""Embeddings in the order they were asked for, each its own whatever is asked beside it."""

from pathlib import Path

import numpy as np
import pytest

from classifier.artefact import ENCODER_FILE, SHIPPED, ModelError
from classifier.encoder import Encoder


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder(SHIPPED / ENCODER_FILE, threads=2)


def test_rows_come_back_in_order_whatever_stands_beside_them(encoder: Encoder) -> None:
    tokens = [
        [0, *range(100, 100 + length), 2]
        for length in (3, 40, 5, 90, 4, 41, 3, 60, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16)
    ]
    together = encoder.embed(tokens)
    assert np.array_equal(together, np.concatenate([encoder.embed([ids]) for ids in tokens]))
    assert np.array_equal(encoder.embed(tokens[::-1], whole=True)[::-1, : together.shape[1]], together)


def test_a_text_without_a_piece_is_read_too(encoder: Encoder) -> None:
    assert np.isfinite(encoder.embed([[], [0, 2]])).all()


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
