"""``--help`` speaks Japanese to those whose machine does, for every command and option there is."""

import pytest
from typer.main import get_command

from config.locale import catalogue
from kikite.cli import app
from kikite.help_words import help_language, helped_parts, translate_help
from tests.bad_input.homes import run_program


def test_every_command_and_option_is_told_in_japanese_and_nothing_else_is() -> None:
    spoken = {part.help for part in helped_parts(get_command(app)) if part.help}
    written = {entry["en"] for entry in catalogue("help").values()}
    assert spoken == written, "config/locale/help.toml"


def test_no_english_is_left() -> None:
    command = get_command(app)
    translate_help(command, "ja")
    for part in helped_parts(command):
        assert part.help is None or any("ぁ" <= letter <= "ヿ" or letter >= "一" for letter in part.help), part.help


@pytest.mark.parametrize(
    ("environ", "language"),
    [
        ({}, "en"),
        ({"LANG": "ja_JP.UTF-8"}, "ja"),
        ({"LANG": "ja_JP.UTF-8", "LC_ALL": "C.UTF-8"}, "en"),
        ({"LANG": "en_GB.UTF-8", "KIKITE_LANGUAGE": "ja"}, "ja"),
        ({"LANG": "ja_JP.UTF-8", "KIKITE_LANGUAGE": "en"}, "en"),
        ({"LC_MESSAGES": "", "LANG": "ja"}, "ja"),
    ],
)
def test_it_follows_the_variable_and_else_the_locale(environ: dict[str, str], language: str) -> None:
    assert help_language(environ) == language


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("ja", ("つないであるアカウント。", "アカウントの一覧。", "この説明を表示して終わります。")),
        ("en", ("Connected accounts.",)),
    ],
)
def test_the_command_itself_speaks_it(language: str, said: tuple[str, ...]) -> None:
    ran = run_program("channels", "--help", environ={"KIKITE_LANGUAGE": language})
    assert (ran.code, ran.err) == (0, "")
    for words in said:
        assert words in ran.out
