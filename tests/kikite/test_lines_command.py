"""``kikite classify`` over a file or a pipe: the home's brand counts, the input is never written, stdout carries the lines."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.bad_input.homes import KIKITE, WIDE, run_program

POSTS = b'{"id": "a", "text": "My parcel never arrived, terrible."}\n{"id": 7, "text": null}\n'


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose brand speaks English first and shares its name with a forest."""
    folder = tmp_path_factory.mktemp("lines") / "home"
    assert run_program("init", "--yes", "--home", folder).code == 0
    settings = folder / "kikite.toml"
    settings.write_text(
        settings.read_text("utf-8").replace("[classifier]", '[classifier]\nbackend = "keyword"'), "utf-8"
    )
    (brand,) = folder.glob("brands/*/brand.toml")
    lines = [
        line
        for line in brand.read_text("utf-8").splitlines()
        if not line.startswith(("words", "anti_words", "languages"))
    ]
    known = ['words = ["Mizunara"]', 'anti_words = ["forest"]', 'languages = ["en", "ja"]']
    place = next((at for at, line in enumerate(lines) if line.startswith("[")), len(lines))
    brand.write_text("\n".join([*lines[:place], *known, *lines[place:]]) + "\n", "utf-8")
    return folder


def pipe(*words: str | Path, given: bytes) -> subprocess.CompletedProcess[bytes]:
    environ = {**os.environ, **WIDE}
    return subprocess.run([KIKITE, *words], input=given, env=environ, capture_output=True, check=False, timeout=120)


@pytest.mark.parametrize("source", ["-", "/dev/stdin"])
def test_a_pipe_is_read_and_answered_on_stdout_and_nowhere_else(home: Path, source: str) -> None:
    ended = pipe("classify", "--home", home, "--input", source, given=POSTS)
    assert ended.returncode == 0, ended.stderr
    first, second = [json.loads(line) for line in ended.stdout.splitlines()]
    assert (first["id"], first["intent"]) == ("a", "complaint")
    assert second == {"id": 7, "line": 2, "error": "text is not a string"}
    assert b"2 lines written to stdout." in ended.stderr
    assert not list(Path("/dev").glob("stdin.*"))


def test_a_pipe_may_be_written_to_a_file(home: Path, tmp_path: Path) -> None:
    target = tmp_path / "out.jsonl"
    ended = pipe("classify", "--home", home, "--input", "-", "--output", target, given=POSTS)
    assert b"2 lines written to" in ended.stdout
    assert len(target.read_bytes().splitlines()) == 2


def test_a_homes_brand_words_anti_words_and_first_language_count(home: Path, tmp_path: Path) -> None:
    source = tmp_path / "in.jsonl"
    texts = ["Where is my parcel? Mizunara forest walk cancelled, terrible", "😡"]
    source.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts), "utf-8")

    def languages(*words: str | Path) -> list[dict[str, str]]:
        ended = pipe("classify", "--input", source, "--output", "-", *words, given=b"")
        assert ended.returncode == 0, ended.stderr
        return [json.loads(line) for line in ended.stdout.splitlines()]

    ours, short = languages("--home", home)
    assert ours["intent"] == "other"
    assert short["language"] == "en"


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (
            ("--input", "in.jsonl", "--output", "in.jsonl"),
            1,
            "in.jsonl is the file that is read. Choose another --output FILE.",
        ),
        (("--input", "in.jsonl", "--language", "fr"), 2, "choose ja or en"),
        (("--language", "ja"), 2, "goes with --input"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_lost(
    home: Path, tmp_path: Path, words: tuple[str, ...], code: int, told: str
) -> None:
    (tmp_path / "in.jsonl").write_bytes(POSTS)
    named = [str(tmp_path / word) if word.endswith(".jsonl") else word for word in words]
    ended = run_program("classify", "--home", home, *named)
    assert ended.code == code
    assert told in " ".join(ended.err.replace("→", "").split())
    assert (tmp_path / "in.jsonl").read_bytes() == POSTS


def test_an_empty_file_is_nothing_to_measure_on(home: Path, tmp_path: Path) -> None:
    empty, broken = tmp_path / "empty.jsonl", tmp_path / "broken.jsonl"
    empty.write_bytes(b"")
    broken.write_bytes(b"{\n")
    for file, why in ((empty, "no line of it was asked for"), (broken, "line 1: not JSON")):
        ended = run_program("evaluate", "--home", home, "--input", file)
        assert ended.code == 1
        assert f"has nothing to measure on; {why}." in ended.err
        assert "docs/how-to/measure-the-model.md" in ended.err
