"""``kikite draft --preview`` and ``--playbook``: what a marketer sees before a customer does."""

import json
from pathlib import Path

import pytest

from config.playbook_words import VARIABLES
from config.prose import load_playbooks
from responder.preview import preview_playbook
from responder.wordlists import read_words
from tests.bad_input.homes import run_program
from tests.responder.composing import demo_book

OURS = """
[[playbook]]
id = "ours-late"
language = "en"
intent = "complaint"
scenario = "late"

[[playbook.moves]]
move = "apologise"
wordings = ["Sorry about the wait for {item}."]
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("preview") / "home"
    assert run_program("init", "--yes", "--demo", "--home", folder).code == 0
    settings = folder / "kikite.toml"
    settings.write_text(
        settings.read_text("utf-8").replace("[classifier]", '[classifier]\nbackend = "keyword"'), "utf-8"
    )
    return folder


def test_the_options_for_one_text_are_shown_with_what_they_stand_on(home: Path) -> None:
    asked = ("draft", "--home", home, "--json", "--author", "Emma", "--preview")
    shown = json.loads(run_program(*asked, "I ordered a green coat and got a blue one!").out)

    first = shown["options"][0]
    assert "a green coat" in first["text"]
    assert "Emma" in first["text"]
    assert first["citations"][-1]["kind"] == "playbook"
    assert {option["visibility"] for option in shown["options"]} == {"public", "dm"}


def test_a_platform_without_dm_is_previewed_without_one(home: Path) -> None:
    asked = ("draft", "--home", home, "--json", "--channel-kind", "google_play", "--preview")
    shown = json.loads(run_program(*asked, "I was charged twice, fix this").out)

    assert {option["visibility"] for option in shown["options"]} == {"public"}
    assert all("DM" not in option["text"] for option in shown["options"])


def test_a_mistake_in_a_playbook_names_file_and_line(home: Path) -> None:
    folder = home / "playbooks"
    folder.mkdir(exist_ok=True)
    file = folder / "ours.toml"
    file.write_text(OURS.replace("{item}", "{itme}"), "utf-8")
    refused = run_program("draft", "--home", home, "--playbook", "ours-late")
    file.write_text(OURS, "utf-8")
    shown = run_program("draft", "--home", home, "--playbook", "ours-late")
    unknown = run_program("draft", "--home", home, "--playbook", "ours-lat")
    file.unlink()

    assert refused.code == 1
    assert "ours.toml:10" in refused.err
    assert "there is no variable 'itme'" in refused.err
    assert "Sorry about the wait for coat." in shown.out
    assert unknown.code == 1
    assert "ours-late" in unknown.err


def test_every_variable_has_a_sample_or_is_the_brands_own() -> None:
    own = {"shop", "sign_off", "contact_dm"}
    samples = read_words("samples")
    assert set(samples) == set(VARIABLES) - own
    assert all(set(said) == {"ja", "en"} and all(said.values()) for said in samples.values())


def test_every_wording_of_a_shipped_playbook_can_be_looked_at() -> None:
    for playbook in load_playbooks(None)[::20]:  # reading them all is the business of test_wordings
        shown = list(preview_playbook(playbook, demo_book()))
        assert len(shown) == sum(len(move.wordings) for move in playbook.moves)
        assert not [one.wording_id for one in shown if "{" in one.text]
