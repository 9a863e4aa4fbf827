"""Embeddings of entries stay on disk from one start to the next, and go with their entry."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from config.brand_book import Bilingual, BrandBook, FaqEntry
from domain.words import Language, Topic
from responder.knowledge import KeptRows, Retriever
from tests.responder.composing import demo_book


class Counting:
    """A double that remembers what it was asked, in a space of its own."""

    def __init__(self, space: str = "one") -> None:
        self.space = space
        self.asked: list[str] = []

    def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        self.asked += texts
        rows = np.array([[len(text), 1 + sum(map(ord, text)) % 97, 3] for text in texts], dtype=np.float32)
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


@pytest.fixture
def kept(tmp_path: Path) -> KeptRows:
    return KeptRows(tmp_path / "embeddings")


def only_file(tmp_path: Path) -> Path:
    (file,) = (tmp_path / "embeddings").iterdir()
    return file


def count_rows(file: Path) -> int:
    with np.load(file) as held:
        return len(held["rows"])


def test_only_what_is_new_is_embedded_and_rows_come_in_order(kept: KeptRows) -> None:
    first, second = Counting(), Counting()
    kept.rows(["a", "bb"], first, name="shop-en")

    rows = kept.rows(["ccc", "bb", "ccc"], second, name="shop-en")

    assert first.asked == ["a", "bb"]
    assert second.asked == ["ccc"]
    assert np.array_equal(rows, Counting().embed(["ccc", "bb", "ccc"]))


def test_what_is_no_longer_in_the_book_is_deleted(kept: KeptRows, tmp_path: Path) -> None:
    kept.rows(["a", "bb", "ccc"], Counting(), name="shop-en")
    kept.rows(["a"], Counting(), name="shop-en")
    again = Counting()

    assert count_rows(only_file(tmp_path)) == 1
    kept.rows(["bb"], again, name="shop-en")
    assert again.asked == ["bb"]


def test_rows_of_another_model_are_made_anew(kept: KeptRows, tmp_path: Path) -> None:
    kept.rows(["a"], Counting("one"), name="shop-en")
    other = Counting("two")
    kept.rows(["a"], other, name="shop-en")

    assert other.asked == ["a"]
    assert count_rows(only_file(tmp_path)) == 1


@pytest.mark.parametrize("broken", [b"", b"PK\x03\x04 no archive", b"\x93NUMPY"], ids=["empty", "cut", "other"])
def test_a_broken_file_is_made_anew(kept: KeptRows, tmp_path: Path, broken: bytes) -> None:
    kept.rows(["a"], Counting(), name="shop-en")
    only_file(tmp_path).write_bytes(broken)
    again = Counting()

    assert np.array_equal(kept.rows(["a"], again, name="shop-en"), Counting().embed(["a"]))
    assert again.asked == ["a"]
    assert count_rows(only_file(tmp_path)) == 1


def test_rows_that_are_no_numbers_are_made_anew(kept: KeptRows, tmp_path: Path) -> None:
    kept.rows(["a"], Counting(), name="shop-en")
    with np.load(only_file(tmp_path)) as held:
        values = dict(held)
    values["rows"] = np.full_like(values["rows"], np.nan)
    np.savez(only_file(tmp_path), **values)

    assert np.isfinite(kept.rows(["a"], Counting(), name="shop-en")).all()


def test_where_nothing_can_be_written_all_are_embedded(tmp_path: Path) -> None:
    (tmp_path / "embeddings").write_text("a file is in the way")

    assert len(KeptRows(tmp_path / "embeddings").rows(["a"], Counting(), name="shop-en")) == 1


def test_no_text_stands_in_the_file(kept: KeptRows, tmp_path: Path) -> None:
    kept.rows(["a very telling sentence"], Counting(), name="shop-en")

    assert b"telling" not in only_file(tmp_path).read_bytes()


def test_a_second_start_embeds_nothing_but_the_question(kept: KeptRows) -> None:
    said = Bilingual(ja="犬", en="dogs")
    book = BrandBook(voice=demo_book().voice, faq=(FaqEntry(id="dogs", topic=Topic.OTHER, question=said, answer=said),))
    Retriever(book, Language.EN, embedder=Counting(), kept=kept).search("any dogs?")
    restarted = Counting()

    assert Retriever(book, Language.EN, embedder=restarted, kept=kept).search("any dogs?")
    assert restarted.asked == ["any dogs?"]
