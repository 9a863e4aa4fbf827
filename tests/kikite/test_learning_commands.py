"""``kikite train --corrections`` and ``kikite models`` from outside: words, JSON, exit codes, and what the doctor says."""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from classifier.gate import Change, Comparison, GateReport, HeldOut
from classifier.grave import Catch, Lowered
from classifier.learning import Learned, Outcome
from tests.bad_input.conftest import logs_as_found
from tests.bad_input.homes import WIDE, Ran, run_main, run_program

__all__ = ["logs_as_found"]

Run = Callable[..., Ran]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("learning") / "home"
    assert run_program("init", "--yes", "--home", folder).code == 0
    return folder


@pytest.fixture
def home(made: Path) -> Path:
    """A home without corrections whose models are as they were."""
    for file in (made / "models").glob("current*"):
        file.unlink()
    return made


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.delenv("KIKITE_HOME", raising=False)
    for name, value in WIDE.items():
        monkeypatch.setenv(name, value)
    return partial(run_main, capsys, monkeypatch)


def test_without_corrections_nothing_is_changed_and_that_is_said(run: Run, home: Path) -> None:
    said = run("train", "--corrections", "--home", home)
    assert said.code == 0
    assert "Nothing was changed: at least 20 corrections are needed" in said.out
    plain = json.loads(run("train", "--corrections", "--home", home, "--json").out)
    assert (plain["outcome"], plain["corrections"], plain["gate"]) == ("too_few", 0, None)


def figure(head: str, after: float, change: Change, language: str = "en") -> Comparison:
    return Comparison(
        held_out=HeldOut.CORPUS,
        language=language,
        head=head,
        labels=494,
        before=0.85,
        after=after,
        noise=0.012,
        change=change,
    )


def learned(report: GateReport, *lowered: Lowered, corrections: int = 145) -> Learned:
    return Learned(
        outcome=Outcome.REFUSED,
        in_force="shipped-1",
        corrections=corrections,
        held_out=55,
        left_out={},
        report=report,
        lowered=lowered,
    )


DOUBT = Lowered(conversation_id=31, classification_id=5, user_id=7, rule="safety", taken=("critical", "safety"))
MOVED = figure("intent", 0.836, Change.SAME)
MISSED = Catch(held_out="corpus", language="all", kind="risks.safety", posts=36, before=30, after=28)


@pytest.mark.parametrize(
    ("came", "words"),
    [
        (learned(GateReport(comparisons=(MOVED,))), ["    85.0    83.6    -1.4\n", "Not used: no head would gain a point. "]),
        (
            learned(GateReport(comparisons=(figure("intent", 0.83, Change.LOST),))),
            ["-2.0  lost\n", "Not used: it would lose more than a point: intent. shipped-1 stays in force."],
        ),
        (
            learned(GateReport(comparisons=(MOVED,), contradicted=(figure("urgency", 0.8, Change.LOST),))),
            ["by other names than the corpus does (urgency); perhaps something was swapped. shipped-1 stays"],
        ),
        (
            learned(GateReport(comparisons=(MOVED,), catches=(MISSED,))),
            ["risks.safety (corpus, all): catches 28 of 36, before 30\n", "it would miss more of what is grave: risks.safety."],
        ),
        (
            learned(GateReport(comparisons=(MOVED,)), DOUBT),
            ["1 corrections call harmless", "(they taught neither urgency nor risks)", "case 31: critical, safety taken away; "],
        ),
        (
            learned(GateReport(comparisons=(MOVED,)), *[DOUBT] * 21),
            ["  and 1 more", "Not used: too many corrections call harmless", "kikite train --corrections --accept-lowered"],
        ),
    ],
    ids=["same", "lost", "contradicted", "missed", "in doubt", "hushed"],
)  # fmt: skip
def test_what_came_of_a_training_is_told_in_words_that_are_true(
    run: Run, home: Path, monkeypatch: pytest.MonkeyPatch, came: Learned, words: list[str]
) -> None:
    monkeypatch.setattr("kikite.learning.learn", lambda *_, **__: came)
    said = run("train", "--corrections", "--home", home)
    assert said.code == 0
    assert [word for word in words if word not in said.out] == [], said.out
    assert " same" not in said.out
    assert json.loads(run("train", "--corrections", "--home", home, "--json").out)["outcome"] == "refused"


def test_what_ships_is_listed_and_cannot_be_rolled_back(run: Run, home: Path) -> None:
    (only,) = json.loads(run("models", "list", "--home", home, "--json").out)["models"]
    assert (only["name"], only["in_force"], only["corrections"], only["problem"]) == ("shipped", True, 0, "")
    assert run("models", "list", "--home", home).out.startswith("* shipped")
    refused = run("models", "rollback", "--home", home)
    assert refused.code == 1
    assert "nothing before it" in refused.err
    assert refused.out == ""


@pytest.mark.parametrize("command", [("promote", "c1-20260101-0000"), ("compare", "shipped", "../../etc")])
def test_a_model_that_is_not_there_is_named_with_the_remedy(run: Run, home: Path, command: tuple[str, ...]) -> None:
    refused = run("models", *command, "--home", home)
    assert refused.code == 1
    assert command[-1] in refused.err
    assert "kikite models list" in refused.err


def test_a_promotion_is_in_the_history_with_its_reason(run: Run, home: Path) -> None:
    assert run("models", "promote", "shipped", "--why", "to be sure", "--home", home).code == 0
    history = json.loads(run("models", "list", "--home", home, "--json").out)["history"]
    assert (history[-1]["event"], history[-1]["name"], history[-1]["why"]) == ("promoted", "shipped", "to be sure")


def test_the_doctor_names_a_learned_model_that_cannot_be_served(run: Run, home: Path) -> None:
    (home / "models").mkdir(exist_ok=True)
    (home / "models" / "current").write_text("c200-20260101-0000\n")
    findings = json.loads(run("doctor", "--home", home, "--json").out)["findings"]
    (found,) = [one for one in findings if one["what"] == "learned model"]
    assert found["health"] == "warning"
    assert "c200-20260101-0000" in found["says"]
    assert found["remedy"]
    rolled_back = run("models", "rollback", "--home", home, "--json")
    assert rolled_back.code == 0
    assert json.loads(rolled_back.out)["name"] == "shipped"
    assert "learned model" not in run("doctor", "--home", home).out


def test_a_home_whose_settings_name_another_model_does_not_learn(run: Run, home: Path) -> None:
    settings = home / "kikite.toml"
    before = settings.read_text("utf-8")
    other = before.replace("[classifier]", '[classifier]\nbackend = "keyword"')
    assert other != before
    settings.write_text(other, "utf-8")
    try:
        refused = run("train", "--corrections", "--home", home)
    finally:
        settings.write_text(before, "utf-8")
    assert refused.code == 1
    assert 'classifier.backend = "model"' in refused.err


def test_what_to_learn_from_must_be_said(run: Run, home: Path) -> None:
    assert run("train", "--home", home).code == 2
