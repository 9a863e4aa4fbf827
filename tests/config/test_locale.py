"""Every word that people read is there in both languages, with the same gaps to fill."""

import re
import string
from pathlib import Path

import pytest

import config.locale
from config.locale import catalogue, text
from domain.errors import ConfigError

AREAS = sorted(file.stem for file in Path(config.locale.__file__).parent.glob("*.toml"))
JAPANESE = re.compile("[\u3041-\u30fa\u4e00-\u9fff]")
QUOTED = re.compile("“[^”]*”")
FORMS = {"ja", "en", "en_one"}


def gaps(said: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(said) if name is not None}


def test_there_are_catalogues() -> None:
    assert AREAS


@pytest.mark.parametrize("area", AREAS)
def test_a_catalogue_is_complete_in_both_languages(area: str) -> None:
    entries = catalogue(area)
    assert entries
    for key, words in entries.items():
        assert set(words) <= FORMS, f"{area}.{key}: only {sorted(FORMS)} are read"
        assert all(said.strip() == said != "" for said in words.values()), f"{area}.{key}: empty, or blanks around it"


@pytest.mark.parametrize("area", AREAS)
def test_both_languages_of_an_entry_have_the_same_gaps(area: str) -> None:
    for key, words in catalogue(area).items():
        assert gaps(words["ja"]) == gaps(words["en"]), f"{area}.{key}"
        assert gaps(words.get("en_one", "")) <= gaps(words["en"]), f"{area}.{key}"


@pytest.mark.parametrize("area", AREAS)
def test_neither_language_stands_in_for_the_other(area: str) -> None:
    for key, words in catalogue(area).items():
        for form in sorted(set(words) - {"ja"}):
            assert not JAPANESE.search(QUOTED.sub("", words[form])), f"{area}.{key}: {words[form]}"
        sentence = words["ja"] == words["en"] and " " in words["en"]
        assert JAPANESE.search(words["ja"]) or not sentence, f"{area}.{key}: {words['ja']}"


def write_area(folder: Path, content: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "area.toml").write_text(content, encoding="utf-8")
    monkeypatch.setattr(config.locale, "files", lambda _package: folder)
    catalogue.cache_clear()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('[key]\nja = "はい"', "area.toml:1 (key): no text for en"),
        ('[x]\n[x.key]\nen = "yes"\nja = ""', "area.toml:2 (x.key): no text for ja"),
        ('key = "yes"', "area.toml:1 (key): text outside an entry"),
        ('[key]\nja = "はい"\nen = yes', "area.toml:3: not valid TOML: Invalid value."),
    ],
)
def test_an_incomplete_entry_is_an_error_at_load(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str, message: str
) -> None:
    write_area(tmp_path, content, monkeypatch)
    with pytest.raises(ConfigError) as caught:
        catalogue("area")
    assert caught.value.message == message
    catalogue.cache_clear()


def test_one_of_something_has_its_own_english(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = '[posts]\nja = "{count}件"\nen = "{count} posts"\nen_one = "one post"\n[braces]\nja = "{}"\nen = "{}"'
    write_area(tmp_path, content, monkeypatch)
    assert text("area.posts", "en", count=1) == "one post"
    assert text("area.posts", "en", count=2) == "2 posts"
    assert text("area.posts", "ja", count=1) == "1件"
    assert text("area.posts", "other", count=0) == "0 posts"
    assert text("area.braces", "ja") == "{}"
    catalogue.cache_clear()
