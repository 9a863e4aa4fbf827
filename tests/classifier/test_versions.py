"""The home's models: whole or absent, promoted, rolled back, stopped anywhere, and left behind by an upgrade."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from classifier import artefact, versions
from classifier.artefact import (
    SHIPPED,
    ModelDescription,
    ModelError,
    hash_file,
    read_artefact,
    read_description,
    write_artefact,
)
from classifier.heads import WIDTH, HeadWeights
from classifier.promotions import HISTORY, SHIPPED_NAME, Event, HistoryLine, note, read_history
from classifier.versions import (
    VersionError,
    current_folder,
    find_version,
    free_name,
    list_versions,
    problem_in_force,
    promote,
    promoted_name,
    roll_back,
    write_version,
)
from tests.cast import NOON

A, B, C = "c20-20261120-0300", "c30-20261121-0300", "c9-20261122-0300"
HEADS = HeadWeights(
    weights=np.zeros((4, WIDTH), dtype=np.float32), bias=np.zeros(WIDTH, dtype=np.float32), temperatures={}
)


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small model that ships: its encoder is a file of a few bytes."""
    folder = tmp_path / "shipped"
    folder.mkdir()
    (folder / "encoder.onnx").write_bytes(b"an encoder")
    (folder / "tokenizer.json").write_text("{}")
    described = ModelDescription(
        model_id="base-1",
        created_on="2026-11-01",
        encoder_sha256=hash_file(folder / "encoder.onnx"),
        temperatures={},
        recall_bounds={},
        bands={},
    )
    write_artefact(folder, description=described, heads=HEADS)
    monkeypatch.setattr(artefact, "SHIPPED", folder)
    monkeypatch.setattr(versions, "SHIPPED", folder)
    return folder


@pytest.fixture
def models(tmp_path: Path, shipped: Path) -> Path:
    """A home's folder with three versions of which none is promoted."""
    folder = tmp_path / "models"
    for name in (A, B, C):
        described = replace(read_description(shipped), model_id=f"base-1+{name}", parent="base-1", corrections=20)
        write_version(folder, name, description=described, heads=HEADS)
    return folder


def put(models: Path, name: str, *, at: datetime = NOON) -> None:
    promote(models, name, now=at, who="Ben", why="better")


def back(models: Path) -> str:
    return roll_back(models, now=NOON, who="Ben", why="worse").name


def test_what_ships_is_in_force_until_something_is_promoted(models: Path, shipped: Path) -> None:
    assert current_folder(None) == shipped
    assert current_folder(models) == shipped
    assert current_folder(models / "nowhere") == shipped
    assert [(version.name, version.in_force) for version in list_versions(models)] == [
        (SHIPPED_NAME, True),
        (A, False),
        (B, False),
        (C, False),
    ]


def test_promotions_are_taken_back_one_by_one_and_each_is_in_the_history(models: Path, shipped: Path) -> None:
    put(models, A)
    put(models, B)
    assert current_folder(models) == models / B
    assert back(models) == A
    assert back(models) == SHIPPED_NAME
    assert current_folder(models) == shipped
    with pytest.raises(VersionError, match="nothing before it"):
        back(models)
    assert [(line.event, line.name, line.who) for line in read_history(models)] == [
        (Event.PROMOTED, A, "Ben"),
        (Event.PROMOTED, B, "Ben"),
        (Event.ROLLED_BACK, A, "Ben"),
        (Event.ROLLED_BACK, SHIPPED_NAME, "Ben"),
    ]


def test_a_rollback_after_a_return_goes_to_what_was_really_before(models: Path) -> None:
    for name in (A, B, A, C):
        put(models, name)
    assert [back(models) for _ in range(4)] == [A, B, A, SHIPPED_NAME]


def test_a_stop_between_the_promotion_and_its_line_loses_neither(models: Path) -> None:
    put(models, A)
    put(models, B)
    (models / "current").write_text(f"{C}\n")  # killed before the history was written
    assert current_folder(models) == models / C
    assert back(models) == B


def test_a_torn_line_is_passed_over_and_the_next_one_stands_on_its_own(models: Path) -> None:
    put(models, A)
    with (models / HISTORY).open("ab") as stream:
        stream.write(b'{"at": "2026-11-20", "event": "promo')
    note(models, HistoryLine(at="2026-11-21", event=Event.REFUSED, name=C, who="Ben", why="topic lost"))
    assert [line.event for line in read_history(models)] == [Event.PROMOTED, Event.REFUSED]
    put(models, B)
    assert back(models) == A  # a refusal was never in force


def test_a_version_stopped_while_it_was_written_is_none_and_is_cleared_away(models: Path, shipped: Path) -> None:
    torn = models / f".making-{A}-00000000"
    torn.mkdir()
    (torn / "heads.npz").write_bytes(b"half")
    assert [version.name for version in list_versions(models)] == [SHIPPED_NAME, A, B, C]
    name = free_name(models, corrections=20, now=NOON)
    assert name == "c20-20261120-0300-2"
    write_version(models, name, description=read_description(shipped), heads=HEADS)
    assert not torn.exists()
    assert not list(models.glob(".making-*"))
    assert find_version(models, name).problem == ""


def test_after_an_upgrade_of_the_encoder_the_product_serves_what_ships_and_says_so(models: Path, shipped: Path) -> None:
    put(models, A)
    (shipped / "encoder.onnx").write_bytes(b"a better encoder")
    described = replace(read_description(shipped), encoder_sha256=hash_file(shipped / "encoder.onnx"))
    write_artefact(shipped, description=described, heads=HEADS)
    assert current_folder(models) == shipped
    problem = problem_in_force(models)
    assert problem is not None
    assert "another encoder" in problem.problem
    assert "kikite train --corrections" in problem.remedy
    with pytest.raises(VersionError, match="another encoder"):
        put(models, B)
    assert back(models) == SHIPPED_NAME  # no older one fits either
    assert problem_in_force(models) is None


@pytest.mark.parametrize(
    "break_it",
    [
        shutil.rmtree,
        lambda folder: (folder / "heads.npz").write_bytes(b"PK"),
        lambda folder: (folder / "heads.npz").unlink(),
        lambda folder: (folder / "model.json").write_text("{"),
        lambda folder: (folder / "model.json").write_bytes(b"\xff\x00"),
    ],
)
def test_a_broken_version_gives_way_to_what_ships(
    models: Path, shipped: Path, break_it: Callable[[Path], object]
) -> None:
    put(models, A)
    put(models, B)
    break_it(models / B)
    assert current_folder(models) == shipped
    assert problem_in_force(models) is not None
    assert back(models) == A


@pytest.mark.parametrize("said", ["", "../shipped", "/etc", "c20", "\0", "x" * 5000, "evaluations"])
def test_a_name_that_is_none_of_ours_is_never_followed(models: Path, shipped: Path, said: str) -> None:
    (models / "current").write_text(said)
    assert current_folder(models) == shipped
    if said:
        assert problem_in_force(models) is not None
    with pytest.raises(VersionError, match="no model"):
        find_version(models, said)


def test_other_folders_beside_the_versions_are_none(models: Path) -> None:
    (models / "evaluations").mkdir()
    (models / "embeddings").mkdir()
    assert len(list_versions(models)) == 4


def test_the_name_in_force_can_always_be_read(models: Path) -> None:
    put(models, B, at=NOON + timedelta(days=1))
    assert promoted_name(models) == B
    assert find_version(models, B).in_force


def copied(folder: Path) -> Path:
    """The shipped model as a folder of its own."""
    folder.mkdir()
    for file in SHIPPED.iterdir():
        if file.is_file():
            (folder / file.name).write_bytes(file.read_bytes())
    return folder


@pytest.mark.parametrize("garbage", [b"garbage", b"", b"PK\x03\x04 torn", b"\x80\x04\x95 pickled"])
def test_garbage_for_heads_is_told_in_our_words(tmp_path: Path, garbage: bytes) -> None:
    folder = copied(tmp_path / "model")
    (folder / "heads.npz").write_bytes(garbage)
    with pytest.raises(ModelError) as told:
        read_artefact(folder)
    assert "heads.npz is damaged" in told.value.message
    assert "pickle" not in f"{told.value.message} {told.value.remedy}"
    assert "kikite models rollback" in told.value.remedy


def test_a_cut_off_encoder_is_damaged_and_what_helps_depends_on_whose_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = copied(tmp_path / "model")
    encoder = folder / "encoder.onnx"
    encoder.write_bytes(encoder.read_bytes()[:1000])
    with pytest.raises(ModelError, match="is damaged") as told:
        read_artefact(folder)
    assert "kikite models rollback" in told.value.remedy
    monkeypatch.setattr("classifier.artefact.SHIPPED", folder)
    with pytest.raises(ModelError, match="is damaged") as told:
        read_artefact(folder)
    assert "Install Kikite again" in told.value.remedy
