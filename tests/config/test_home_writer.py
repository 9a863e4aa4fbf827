"""A new home is written whole, privately, and never over somebody's work."""

import os
import stat
from pathlib import Path

import pytest

from config import home_writer
from config.home_writer import write_home
from config.loading import load_settings
from config.prose import brand_book_for, load_books, load_playbooks
from config.reference import Shop
from domain.errors import ConfigError


def test_a_new_home_loads(tmp_path: Path) -> None:
    write_home(tmp_path / "home", demo=False)
    settings = load_settings(tmp_path / "home", environ={})
    assert settings.workspace.name == "My shop"
    assert settings.channel == ()
    book = brand_book_for(load_books(tmp_path / "home"), "default")
    assert (book.faq, book.policies, book.known_issues) == ((), (), ())
    assert load_playbooks(tmp_path / "home") == load_playbooks(None)


def test_a_demo_home_has_the_demo_shop_and_the_sandbox(tmp_path: Path) -> None:
    write_home(tmp_path / "home", demo=True)
    settings = load_settings(tmp_path / "home", environ={})
    assert settings.workspace.name == "ミズナラ洋品店"
    assert [channel.kind for channel in settings.channel] == ["sandbox"]
    assert brand_book_for(load_books(tmp_path / "home"), settings.channel[0].brand).voice.name.en == "Mizunara Clothing"


def test_only_the_owner_can_look_into_a_new_home_and_its_secrets(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home/secrets").mkdir(mode=0o755)
    write_home(tmp_path / "home", demo=False)
    write_home(tmp_path / "other", demo=False)
    assert stat.S_IMODE((tmp_path / "home/secrets").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "other").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "other/secrets").stat().st_mode) == 0o700


def test_what_is_there_is_never_changed(tmp_path: Path) -> None:
    voice = tmp_path / "brands/default/brand.toml"
    voice.parent.mkdir(parents=True)
    voice.write_text("mine", encoding="utf-8")
    write_home(tmp_path, demo=True)
    assert voice.read_text(encoding="utf-8") == "mine"
    assert (tmp_path / "brands/default/faq").is_dir()


def test_a_complete_home_is_left_as_its_owner_made_it(tmp_path: Path) -> None:
    write_home(tmp_path, demo=True)
    deleted = tmp_path / "brands/default/faq/gift-wrap.md"
    deleted.unlink()
    (tmp_path / "kikite.toml").write_text("# mine\n", encoding="utf-8")
    write_home(tmp_path, demo=True)
    assert not deleted.exists()
    assert (tmp_path / "kikite.toml").read_text(encoding="utf-8") == "# mine\n"


def test_an_interrupted_home_has_no_settings_and_the_next_run_completes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[Path] = []

    def die_at_the_fourth(draft: Path, file: Path) -> None:
        written.append(file)
        if len(written) == 4:
            raise KeyboardInterrupt
        os.link(draft, file)

    monkeypatch.setattr(home_writer, "_appear", die_at_the_fourth)
    with pytest.raises(KeyboardInterrupt):
        write_home(tmp_path / "home", demo=True)
    monkeypatch.undo()
    assert not (tmp_path / "home/kikite.toml").exists()
    assert not list((tmp_path / "home").rglob(".*"))
    write_home(tmp_path / "home", demo=True)
    assert load_books(tmp_path / "home")["default"].faq


def test_a_file_system_without_hard_links_will_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_draft: Path, _file: Path) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    write_home(tmp_path / "home", demo=False)
    assert load_settings(tmp_path / "home", environ={}).workspace.name == "My shop"


def test_two_writers_at_once_leave_one_whole_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    link = os.link

    def somebody_is_quicker(draft: Path, file: Path) -> None:
        if not file.exists():
            file.write_text("# theirs\n", encoding="utf-8")
        link(draft, file)

    monkeypatch.setattr(os, "link", somebody_is_quicker)
    write_home(tmp_path / "home", demo=False)
    assert (tmp_path / "home/kikite.toml").read_text(encoding="utf-8") == "# theirs\n"


def test_a_home_that_cannot_be_made_is_refused_with_a_remedy(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError) as caught:
        write_home(tmp_path / "file", demo=False)
    assert caught.value.place.file == str(tmp_path / "file")
    assert caught.value.remedy == "Choose another --home, or correct owner and rights."


def test_a_named_shop_stands_in_its_settings_and_its_brand(tmp_path: Path) -> None:
    shop = Shop(name='Lotte\'s "Bags"', language="en", time_zone="Europe/Vienna")
    write_home(tmp_path, demo=False, shop=shop)
    workspace = load_settings(tmp_path).workspace
    assert (workspace.name, workspace.language, workspace.time_zone) == (shop.name, "en", "Europe/Vienna")
    voice = load_books(tmp_path)["default"].voice
    assert (voice.name.ja, voice.name.en, voice.words) == (shop.name, shop.name, (shop.name,))
