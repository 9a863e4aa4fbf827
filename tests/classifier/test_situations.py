"""The head that tells what a post is about: fitted, written, read again, and what ships."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from classifier.artefact import SHIPPED, ModelError, read_artefact
from classifier.embedding import Embedder
from classifier.situations import SITUATIONS_FILE, SituationHead, read_situations, write_situations
from classifier.training.situation_head import (
    Situated,
    cross_validate,
    find_temperature,
    fit_situations,
    list_names,
    read_situated,
)
from responder.wordlists import read_words


def post(number: int, *named: str) -> Situated:
    return Situated(text="", language="en", family=f"F{number}", named=named)


def apart(count: int) -> tuple[np.ndarray, list[Situated]]:
    """Two situations that lie on two sides of a line, with some noise."""
    noise = np.random.default_rng(1).normal(size=(count, 6)).astype(np.float32)
    noise[:, 0] += np.where(np.arange(count) % 2, 3, -3)
    return noise, [post(at, "complaint.late" if at % 2 else "praise.staff") for at in range(count)]


def test_a_fitted_head_tells_apart_what_it_never_saw() -> None:
    rows, posts = apart(80)
    names = list_names(posts)
    scores = cross_validate(rows, posts, names)
    right = [names[at] in one.named for at, one in zip(scores.argmax(axis=1), posts, strict=True)]
    assert names == ["complaint.late", "praise.staff"]
    assert sum(right) >= 76
    assert 0.5 <= find_temperature(scores, posts, names) <= 2.5


def test_a_second_name_gets_a_smaller_share() -> None:
    rows = np.ones((4, 3), np.float32)
    head = fit_situations(rows, [post(at, "a", "b") for at in range(4)], ["a", "b"], temperature=1.0)
    likely = head.likely(rows[0])
    assert list(likely) == ["a", "b"]
    assert likely["a"] == pytest.approx(0.7, abs=0.05)


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    head = SituationHead(names=("a", "b"), weights=np.array([[1.0, -1.0], [0.0, 0.5]], np.float32))
    write_situations(tmp_path / SITUATIONS_FILE, head, encoder_sha256="e")
    found = read_situations(tmp_path, encoder_sha256="e")
    assert found is not None
    assert found.names == ("a", "b")
    assert found.weights.tolist() == head.weights.tolist()
    assert [file.name for file in tmp_path.iterdir()] == [SITUATIONS_FILE]


def test_a_folder_without_a_head_has_none_and_a_broken_or_foreign_one_is_told(tmp_path: Path) -> None:
    assert read_situations(tmp_path, encoder_sha256="e") is None
    file = tmp_path / SITUATIONS_FILE
    file.write_bytes(b"no archive")
    with pytest.raises(ModelError, match="damaged"):
        read_situations(tmp_path, encoder_sha256="e")
    shutil.copyfile(SHIPPED / SITUATIONS_FILE, file)
    with pytest.raises(ModelError, match="another encoder"):
        read_situations(tmp_path, encoder_sha256="e")
    write_situations(file, SituationHead(names=("a",), weights=np.zeros((2, 2), np.float32)), encoder_sha256="e")
    with pytest.raises(ModelError, match="wrong shape"):
        read_situations(tmp_path, encoder_sha256="e")


@pytest.mark.model
@pytest.mark.parametrize(
    ("text", "situation"),
    [
        ("洗濯表示のとおりに洗ったのに、白い襟に紺色が移ってしまいました。", "complaint.wash"),
        ("返品した商品の返金が三週間たっても振り込まれません。", "complaint.refund_late"),
        ("荷物がまだ届きません。追跡も一週間止まったままです。", "complaint.late"),
        ("レジの方がとても親切で、気持ちよく買い物ができました。", "praise.staff"),
        ("My order still hasn't arrived and the tracking hasn't moved for a week.", "complaint.late"),
        ("You charged my card twice for the same order.", "complaint.charged"),
        ("What are your opening hours on Sunday?", "question.shop"),
        ("The lady in the Leeds shop was so kind and patient with my mum.", "praise.staff"),
    ],
)
def test_the_head_that_ships_knows_plain_posts(text: str, situation: str) -> None:
    assert next(iter(Embedder(read_artefact()).find_situations(text))) == situation


def test_every_situation_of_the_wordings_is_one_that_the_head_knows() -> None:
    head = read_situations(SHIPPED, encoder_sha256=read_artefact().description.encoder_sha256)
    assert head is not None
    assert set(read_words("situations")["situation"]) <= set(head.names)


def test_labelled_posts_are_whole() -> None:
    posts = read_situated()
    assert len(posts) > 3000
    assert all(one.text and one.language in {"ja", "en"} and 1 <= len(one.named) <= 2 for one in posts)
