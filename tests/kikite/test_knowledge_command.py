"""``kikite knowledge``: a FAQ taken over, looked through, and asked, on a home of its own."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from config.home_writer import write_home
from domain.errors import KikiteError
from kikite.cli import app


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("kikite.embedding.open_embedder", lambda _settings: None)
    write_home(tmp_path / "home", demo=True)
    return tmp_path / "home"


def call(home: Path, *words: str) -> str:
    done = CliRunner().invoke(app, ["knowledge", *words, "--home", str(home)])
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.output


def test_a_question_shows_what_would_be_cited(home: Path) -> None:
    shown = call(home, "ask", "返金はいつになりますか")
    assert shown.startswith("cited ")
    assert "faq refund-time" in shown.splitlines()[0]

    asked = json.loads(call(home, "ask", "how do I return this?", "--json"))
    assert (asked["language"], asked["found"][0]["id"]) == ("en", "returns")
    assert asked["found"][0]["score"] >= asked["threshold"]


def test_a_question_without_an_answer_says_that_it_is_a_gap(home: Path) -> None:
    assert "counts as a gap" in call(home, "ask", "who painted the ceiling of the Sistine Chapel")


def test_what_is_imported_waits_for_a_reader_and_the_missing_language_is_asked_for(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_text("<dl><dt>Is there parking?</dt><dd>Yes.</dd><dt>Do you gift-wrap?</dt><dd>No.</dd></dl>")

    said = call(home, "import", str(file))

    assert "1 written to brands/default/faq, 1 skipped." in said
    assert "the question is there already (Do you gift-wrap?)" in said
    assert "Japanese is missing in: is-there-parking.md" in said
    checked = call(home, "check")
    assert "brands/default/faq/is-there-parking.md: imported and read by nobody" in checked
    assert "is-there-parking" not in call(home, "ask", "is there parking?").splitlines()[0]


def test_an_unknown_brand_and_a_bad_mapping_are_refused(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "faq.csv"
    file.write_text("q,a\nFree?,Yes.\n")

    with pytest.raises(KikiteError, match="no brand 'other'"):
        call(home, "ask", "x", "--brand", "other")
    with pytest.raises(KikiteError, match="No column holds the questions"):
        call(home, "import", str(file))
    assert "is not field=column" in call(home, "import", str(file), "--map", "question")
    assert "1 written" in call(home, "import", str(file), "--map", "question=q,answer=a")
