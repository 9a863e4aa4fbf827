"""``kikite evaluate`` from outside: on a file, on the corpus, on what the people of a home corrected."""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from classifier.examples import Example, example_of
from domain.words import Intent, Language
from kikite.first_run import make_home
from kikite.product import open_product
from storage.understanding import correct_classification
from tests.bad_input.conftest import logs_as_found
from tests.bad_input.homes import WIDE, Ran, run_main
from tests.rows import make_account, make_conversation_with_mention

__all__ = ["logs_as_found"]
Run = Callable[..., Ran]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.delenv("KIKITE_HOME", raising=False)
    for name, value in WIDE.items():
        monkeypatch.setenv(name, value)
    return partial(run_main, capsys, monkeypatch)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home that reads with word lists: what is tested here is not the model."""
    folder = tmp_path / "home"
    make_home(folder, demo=False, login="admin")
    settings = folder / "kikite.toml"
    said = settings.read_text("utf-8")
    keyword = said.replace('# backend = "model"', 'backend = "keyword"')
    assert keyword != said
    settings.write_text(keyword, "utf-8")
    return folder


@pytest.fixture
def labelled(tmp_path: Path) -> Path:
    file = tmp_path / "labelled.jsonl"
    lines = [
        {"id": 1, "text": "thank you so much, I love it", "language": "en", "intent": "praise"},
        {"id": 2, "text": "まだ届きません。いつ届きますか", "language": "ja", "intent": "praise"},
        {"id": 3, "text": "x", "intent": "nonsense"},
    ]
    file.write_text("\n".join(json.dumps(line) for line in lines), "utf-8")
    return file


def test_a_file_is_scored_as_a_table_and_as_json(run: Run, home: Path, labelled: Path) -> None:
    words = run("evaluate", "--input", labelled, "--home", home, "--worst", 1)
    assert words.code == 0
    assert "keyword-ja-en-1 on labelled.jsonl: 2 texts of 2 families, 1 rejected" in words.out
    assert "line 3: intent has no class 'nonsense'" in words.out
    assert "== ja · intent" in words.out
    told = json.loads(run("evaluate", "--input", labelled, "--home", home, "--json").out)
    assert told["slices"]["language:en"]["intent"]["accuracy"] == 1.0
    assert told["slices"]["language:ja"]["intent"]["accuracy"] == 0.0
    assert told["file"] is None


def test_one_language_alone_can_be_asked(run: Run, home: Path, labelled: Path) -> None:
    told = json.loads(run("evaluate", "--input", labelled, "--home", home, "--language", "ja", "--json").out)
    assert (told["lines"], told["slices"]["all"]["intent"]["accuracy"]) == (1, 0.0)
    refused = run("evaluate", "--input", labelled, "--language", "fr")
    assert refused.code == 2


def test_without_a_file_the_corpus_test_split_is_asked(run: Run, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def corpus(_names: object) -> list[Example]:
        return [
            example_of({"text": "thanks a lot!", "language": "en", "labels": {"intent": "praise"}, "split": split})
            for split in ("train", "dev", "test")
        ]

    monkeypatch.setattr("classifier.evaluation.labelled.read_corpus", corpus)
    told = json.loads(run("evaluate", "--home", home, "--json").out)
    assert (told["source"], told["lines"]) == ("corpus", 1)


def correct(home: Path, language: Language) -> None:
    """Label two posts of one language as praise and as question."""
    with open_product(home) as product, product.database.transaction(product.workspace_id) as tx:
        account = make_account(tx, name=f"shop-{language}")
        for said in (Intent.PRAISE, Intent.QUESTION):
            post = make_conversation_with_mention(
                tx, account=account, text="thank you so much, I love it", language_hint=language.value
            )
            correct_classification(tx, mention_id=post.mention.id, user_id=1, intent=said, trainable=True)


def test_what_people_corrected_is_scored_and_kept_for_the_desk(run: Run, home: Path) -> None:
    nothing = run("evaluate", "--own", "--home", home)
    assert nothing.code == 1
    assert "nobody has corrected a label yet" in nothing.err
    assert "key C" in nothing.err
    correct(home, Language.OTHER)
    refused = run("evaluate", "--own", "--home", home)
    assert "every correction is left out (language: 2)" in refused.err
    correct(home, Language.EN)
    kept = run("evaluate", "--own", "--keep", "--home", home, "--json")
    assert kept.code == 0, kept.err
    told = json.loads(kept.out)
    assert (told["source"], told["lines"]) == ("own", 2)
    assert told["slices"]["all"]["intent"]["accuracy"] == 0.5
    assert Path(told["file"]).parent == home / "models" / "evaluations"
    assert json.loads(Path(told["file"]).read_text("utf-8"))["scores"]["lines"] == 2


def test_choices_that_exclude_each_other_and_a_missing_home_are_told(run: Run, labelled: Path) -> None:
    assert run("evaluate", "--own", "--input", labelled).code == 2
    lost = run("evaluate", "--own")
    assert (lost.code, "No home was named" in lost.err) == (1, True)
    assert run("evaluate", "--keep", "--input", labelled).code == 1
