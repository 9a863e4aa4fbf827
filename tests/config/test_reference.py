"""What people read about settings is what the models say."""

import tomllib
from pathlib import Path

import pytest

from config.loading import load_settings
from config.locale import catalogue, text
from config.reference import list_settings, render_reference, render_settings_file
from config.settings import Settings

DOCS = Path(__file__).parents[2] / "docs/reference"


@pytest.mark.parametrize(("language", "name"), [("en", "settings.md"), ("ja", "settings.ja.md")])
def test_the_reference_is_up_to_date(language: str, name: str) -> None:
    assert (DOCS / name).read_text(encoding="utf-8") == render_reference(language), "renew it: make docs"


def test_every_setting_is_described_in_the_words_of_its_model() -> None:
    described = {setting.name: setting.field.description for setting in list_settings()}
    assert {name: text(f"settings.{name}", "en") for name in described} == described
    sections = {name.rpartition(".")[0] for name in described}
    keys = set(described) | {f"{section}.about" for section in sections}
    assert {key for key in catalogue("settings") if not key.startswith(("page.", "file."))} == keys


@pytest.mark.parametrize("demo", [True, False])
def test_the_file_of_a_new_home_names_every_setting_with_its_default(tmp_path: Path, *, demo: bool) -> None:
    written = render_settings_file(demo=demo)
    (tmp_path / "kikite.toml").write_text(written, encoding="utf-8")
    as_written = load_settings(tmp_path, environ={})
    before_channels = written.split("[[channel]]")[0]
    opened = [
        line.removeprefix("# ") if " = " in line and "`" not in line else line for line in before_channels.split("\n")
    ]
    lines = [line for line in opened if not line.startswith(("password_file", "api_key_file"))]
    (tmp_path / "kikite.toml").write_text("\n".join(lines), encoding="utf-8")
    data = tomllib.loads("\n".join(lines))
    as_opened = load_settings(tmp_path, environ={})
    assert as_opened == as_written.model_copy(update={"channel": ()})
    secrets = {"mail.password", "classifier.second_opinion.api_key", "drafter.api_key"}
    expected = {setting.name for setting in list_settings() if setting.by_environment} - secrets
    keys = {f"{section}.{key}" for section, table in data.items() for key in table}
    keys |= {f"classifier.second_opinion.{key}" for key in data["classifier"]["second_opinion"]}
    keys -= {"classifier.second_opinion"}
    assert keys == expected
    assert as_opened.model_copy(update={"workspace": Settings(home=tmp_path).workspace}) == Settings(home=tmp_path)


def test_the_example_channel_of_a_new_home_is_valid(tmp_path: Path) -> None:
    example = render_settings_file(demo=False).split("# [[channel]]")[1]
    lines = ["[[channel]]", *(line.removeprefix("# ") for line in example.split("\n"))]
    (tmp_path / "kikite.toml").write_text("\n".join(lines), encoding="utf-8")
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets/bluesky").write_text("abcd")
    (channel,) = load_settings(tmp_path, environ={}).channel
    assert channel.kind == "bluesky"
    assert list(channel.secrets) == ["app_password"]
