"""Playbooks: the shipped ones load; a home's own replace them by id."""

from pathlib import Path

import pytest

from config.prose import load_playbooks
from domain.errors import ConfigError
from tests.config.conftest import DraftHome

PLAYBOOK = """
[[playbook]]
id = "ours"
language = "ja"
visibility = "public"
intent = "praise"

[[playbook.moves]]
move = "thank"
[[playbook.moves.wordings]]
text = "ありがとうございます。"
"""


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that stands for the shipped playbooks, with one that is called first."""
    folder = tmp_path / "shipped"
    folder.mkdir()
    (folder / "first.toml").write_text(PLAYBOOK.replace("ours", "first"), encoding="utf-8")
    monkeypatch.setattr("config.prose.SHIPPED_PLAYBOOKS", folder)
    return folder


def test_the_playbooks_shipped_are_valid() -> None:
    assert len({playbook.id for playbook in load_playbooks(None)}) == len(load_playbooks(None)) > 0


@pytest.mark.usefixtures("shipped")
def test_a_home_adds_its_own_playbooks_to_the_shipped_ones(home: DraftHome) -> None:
    home.write("playbooks/ours.toml", PLAYBOOK)
    assert [playbook.id for playbook in load_playbooks(None)] == ["first"]
    assert [playbook.id for playbook in load_playbooks(home.path)] == ["first", "ours"]


@pytest.mark.usefixtures("shipped")
def test_a_home_replaces_a_playbook_by_its_id(home: DraftHome) -> None:
    home.write("playbooks/changed.toml", PLAYBOOK.replace("ours", "first").replace("ます。", "ます！"))
    (playbook,) = load_playbooks(home.path)
    assert playbook.moves[0].wordings[0].text == "ありがとうございます！"


@pytest.mark.usefixtures("shipped")
def test_sets_of_wordings_are_filled_in(home: DraftHome) -> None:
    drawn = PLAYBOOK.replace('[[playbook.moves.wordings]]\ntext = "ありがとうございます。"', 'draw = "thanks"')
    home.write("playbooks/ours.toml", drawn + '[wordings]\nthanks = ["お礼申し上げます。"]\n')
    ours = load_playbooks(home.path)[1]
    assert [wording.text for wording in ours.moves[0].wordings] == ["お礼申し上げます。"]


def test_a_mistake_in_a_playbook_names_the_line(home: DraftHome) -> None:
    file = home.write("playbooks/ours.toml", PLAYBOOK.replace("text =", "txt ="))
    with pytest.raises(ConfigError) as caught:
        load_playbooks(home.path)
    assert str(caught.value).split("\n") == [
        f"{file}:9 (playbook.0.moves.0.wordings.0.text): 'text' is missing. Add it.",
        f"{file}:10 (playbook.0.moves.0.wordings.0.txt): unknown key 'txt'. Did you mean 'text'?",
    ]


def test_one_id_twice_in_a_folder_is_refused(home: DraftHome) -> None:
    home.write("playbooks/a.toml", PLAYBOOK)
    file = home.write("playbooks/b.toml", PLAYBOOK)
    with pytest.raises(ConfigError) as caught:
        load_playbooks(home.path)
    assert caught.value.place.file == str(file)
    assert caught.value.place.line == 2
    assert caught.value.place.field == "playbook.0.id"
    assert "the id 'ours' is taken by another playbook in this folder." in caught.value.message


def test_a_broken_playbook_file_is_told_beside_others(home: DraftHome) -> None:
    home.write("playbooks/a.toml", "[[playbook]")
    home.write("playbooks/b.toml", "[[playbok]]")
    with pytest.raises(ConfigError) as caught:
        load_playbooks(home.path)
    lines = str(caught.value).split("\n")
    assert [line.split("/playbooks/")[1].split(" (")[0] for line in lines] == [
        "a.toml:1: not valid TOML: Expected ']]' at the end of an array declaration. Texts stand in double quotes, dates and times as 2026-11-20 and 18:00:00.",
        "b.toml:1",
        "b.toml:1",
    ]
    assert "unknown key 'playbok'. Did you mean 'playbook'?" in str(caught.value)
