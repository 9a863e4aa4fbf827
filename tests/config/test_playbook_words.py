"""What wordings may name: every word is explained to the people who write them, and a slip names its line."""

import tomllib
from pathlib import Path

import pytest

from config.locale import catalogue
from config.playbook_words import FLAGS, FROM_TEXT, PREFERRED, VARIABLES, all_hold, is_known
from config.prose import SHIPPED_PLAYBOOKS, load_books, load_playbooks
from domain.errors import ConfigError
from domain.words import Language, Purpose

GUIDES = Path(__file__).parents[2] / "docs" / "how-to"
PLAYBOOK = """
[[playbook]]
id = "ours"
language = "en"
{head}

[[playbook.moves]]
move = "greet"
{move}
"""


def write_playbook(home: Path, *, head: str = 'intent = "praise"', move: str = 'wordings = ["Hello."]') -> Path:
    folder = home / "playbooks"
    folder.mkdir(exist_ok=True)
    (folder / "ours.toml").write_text(PLAYBOOK.format(head=head, move=move), encoding="utf-8")
    return home


@pytest.mark.parametrize("guide", ["brand-voice.md", "brand-voice.ja.md"])
def test_the_guide_explains_every_variable_and_condition(guide: str) -> None:
    text = (GUIDES / guide).read_text(encoding="utf-8")
    told = [f"`{{{name}}}`" in text for name in VARIABLES]
    assert all(told), [name for name, is_told in zip(VARIABLES, told, strict=True) if not is_told]
    between = {"severity_2", "severity_3"}
    assert [name for name in FLAGS if name not in between and f"`{name}`" not in text] == []


def test_an_approver_can_be_told_of_whatever_is_said_back() -> None:
    assert [name for name in FROM_TEXT if f"fact.{name}" not in catalogue("drafting")] == []


def test_a_condition_with_an_exclamation_mark_holds_where_the_name_is_missing() -> None:
    assert all_hold(("public", "!again"), {"public"})
    assert not all_hold(("public", "!again"), {"public", "again"})
    assert not all_hold(("dm",), {"public"})
    assert is_known("!again")
    assert not is_known("!agian")


def test_what_is_preferred_can_be_named() -> None:
    assert all(is_known(name) for name in PREFERRED)


@pytest.mark.parametrize(
    "move", ['when = ["agian"]\nwordings = ["Hello."]', 'wordings = [{ text = "Hello.", needs = ["agian"] }]']
)
def test_a_condition_that_does_not_exist_is_told_with_its_place(tmp_path: Path, move: str) -> None:
    with pytest.raises(ConfigError, match=r"ours\.toml:\d+.*there is no condition 'agian'"):
        load_playbooks(write_playbook(tmp_path, move=move))


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("Thanks {name!", "{name!"),
        ("Thanks {}", "{}"),
        ("Thanks {name:>10}", "{name:>10}"),
        ("Thanks {{name}}", "{}"),
        ("Thanks name}", "}"),
        ("Thanks {Name}", "{Name}"),
        ("Thanks { name }", "{"),
        ("｛name｝さん", "｛"),
    ],
)
def test_a_brace_about_no_variable_is_told_with_its_place(tmp_path: Path, said: str, shown: str) -> None:
    with pytest.raises(ConfigError, match=r"ours\.toml:\d+.*a brace stands here") as caught:
        load_playbooks(write_playbook(tmp_path, move=f'wordings = ["{said}"]'))
    assert f"'{shown}'" in str(caught.value)
    assert caught.value.place.line == 9


def test_a_brace_in_a_set_of_wordings_is_told_with_its_place(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"ours\.toml:11 .*a brace stands here"):
        load_playbooks(write_playbook(tmp_path, move='draw = "hi"\n[wordings]\nhi = ["Hello {name"]'))


def test_a_move_that_nobody_knows_is_told_with_its_place(tmp_path: Path) -> None:
    home = write_playbook(tmp_path)
    file = home / "playbooks" / "ours.toml"
    file.write_text(file.read_text(encoding="utf-8").replace('"greet"', '"greeet"'), encoding="utf-8")
    with pytest.raises(ConfigError, match=r"ours\.toml:8 .*there is no move 'greeet'; a move is one of: .*greet"):
        load_playbooks(home)


@pytest.mark.parametrize(
    ("move", "line", "said"),
    [
        ('optional = true\ndraw = "helo"', 10, "no wordings named `helo` in this file"),
        ('draw = "helo"\nwordings = ["Hello."]', 7, "give either `draw` or `wordings`"),
        ("optional = true", 7, "give either `draw` or `wordings`"),
    ],
)
def test_a_wrong_draw_is_told_at_its_own_line(tmp_path: Path, move: str, line: int, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_playbooks(write_playbook(tmp_path, move=move))
    assert caught.value.place.line == line
    assert said in caught.value.message


def test_a_playbook_of_ones_own_draws_on_the_shared_sets_unless_its_file_has_one_of_that_name(tmp_path: Path) -> None:
    ours = next(one for one in load_playbooks(write_playbook(tmp_path, move='draw = "greet"')) if one.id == "ours")
    assert len(ours.moves[0].wordings) > 5
    own = write_playbook(tmp_path, move='draw = "greet"\n[wordings]\ngreet = ["Hiya!"]')
    ours = next(one for one in load_playbooks(own) if one.id == "ours")
    assert [wording.text for wording in ours.moves[0].wordings] == ["Hiya!"]


@pytest.mark.parametrize("language", ["ja", "en"])
def test_what_two_files_say_alike_stands_among_the_shared_sets(language: str) -> None:
    seen: dict[str, str] = {}
    for file in sorted(Path(str(SHIPPED_PLAYBOOKS)).glob(f"{language}_*.toml")):
        for name, wordings in tomllib.loads(file.read_text("utf-8")).get("wordings", {}).items():
            said = f"{name}: {wordings}"
            assert said not in seen, (name, seen[said], file.name)
            seen[said] = file.name


def test_an_answer_needs_an_intent_and_a_survey_none(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="an answer needs 'intent'"):
        load_playbooks(write_playbook(tmp_path, head='scenario = "late"'))
    playbooks = load_playbooks(write_playbook(tmp_path, head='purpose = "survey"'))
    assert next(one for one in playbooks if one.id == "ours").purpose is Purpose.SURVEY


def test_a_brand_of_one_language_writes_its_personas_in_that_one(tmp_path: Path) -> None:
    folder = tmp_path / "brands" / "shop"
    folder.mkdir(parents=True)
    (folder / "brand.toml").write_text(
        'languages = ["en"]\nname.en = "Shop"\nsign_off.en = "The team"\ncontact_dm.en = "DM us?"\n'
        'contact_other.en = "shop.example/help"\n'
        '[[persona]]\nid = "sato"\nmanner = "formal"\nname.en = "Sato"\nsign_off.en = "Sato, Shop"\n',
        encoding="utf-8",
    )
    voice = load_books(tmp_path)["shop"].voice
    persona = voice.find_persona("sato")
    assert persona is not None
    assert persona.sign_off.say(Language.EN) == "Sato, Shop"
    assert voice.contact_other is not None
    assert voice.find_persona("nobody") is None
