"""Settings and prose that a person wrote wrongly: named by file and line, nothing is touched."""

import shutil
from pathlib import Path

import pytest

from tests.bad_input.homes import Home, run_main
from tests.bad_input.table import row

BLUESKY = """
[[channel]]
name = "sky"
kind = "bluesky"
[channel.options]
handle = "shop.test"
[channel.secrets]
app_password_file = "secrets/sky"
"""


@row("settings-not-toml")
def test_settings_that_are_not_toml_are_named_by_file_and_line(home: Home) -> None:
    home.settings.write_text('[workspace\nname = "x"\n', encoding="utf-8")
    ran = home.run("listen", "--once")
    assert ran.code == 1
    ran.tells(f"{home.settings}:1: not valid TOML: Expected ']'", "Texts stand in double quotes")
    looked = home.run("doctor")
    assert looked.code == 1
    looked.prints("BAD   settings", "not valid TOML")
    assert home.settings.read_text(encoding="utf-8") == '[workspace\nname = "x"\n'


@row("settings-unknown-key")
def test_an_unknown_key_is_an_error_that_names_the_nearest_one(home: Home) -> None:
    home.set("desk", "hold_second = 5")
    ran = home.run("listen", "--once")
    assert ran.code == 1
    ran.tells("(desk.hold_second): unknown key 'hold_second'.", "Did you mean 'hold_seconds'?")


@row("settings-any-port")
def test_a_sign_in_link_without_a_known_port_is_refused(home: Home) -> None:
    home.set("desk", "port = 0")
    ran = home.run("people", "link", "ben")
    assert ran.code == 1
    ran.tells("(desk.port)", "takes any free port", "Set desk.port or desk.public_url")


@row("settings-several")
def test_several_mistakes_are_told_in_one_run(home: Home) -> None:
    home.set("desk", "port = 99999\nhold_seconds = 3600")
    home.set("workspace", 'time_zone = "Asia/Kyoto"')
    ran = home.run("listen", "--once")
    assert ran.code == 1
    ran.tells("(desk.port)", "(desk.hold_seconds)", "must be an IANA time zone such as Asia/Tokyo.")


@row("home-missing")
def test_a_home_that_is_not_there_is_told_how_to_be_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KIKITE_HOME", str(tmp_path / "nowhere"))
    ran = run_main(capsys, monkeypatch, "listen", "--once")
    assert ran.code == 1
    ran.tells(f"There is no kikite.toml in {tmp_path / 'nowhere'}.", "Run `kikite init --home")
    assert not (tmp_path / "nowhere").exists()


@row("home-unnamed")
def test_no_home_named_is_told_how_to_name_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("KIKITE_HOME", raising=False)
    ran = run_main(capsys, monkeypatch, "listen", "--once")
    assert ran.code == 1
    ran.tells("No home was named.", "Give --home DIR or set KIKITE_HOME")


@row("secret-file-missing")
def test_a_missing_secret_file_is_named(home: Home) -> None:
    home.add(BLUESKY)
    ran = home.run("listen", "--once")
    assert ran.code == 1
    ran.tells("'app_password_file' names a file that does not exist.", f"Create {home.folder / 'secrets' / 'sky'}")


@row("secret-in-options")
def test_a_secret_among_the_options_is_refused_without_being_shown(home: Home) -> None:
    home.add('\n[[channel]]\nname = "sky"\nkind = "bluesky"\n[channel.options]\napp_password = "hunter2"\n')
    ran = home.run("channels", "list")
    assert ran.code == 1
    ran.tells("'app_password' looks like a secret", "Move it to [channel.secrets].")
    assert "hunter2" not in ran.out + ran.err


@row("faq-front-matter")
def test_an_faq_entry_with_broken_front_matter_is_named_by_line(home: Home) -> None:
    entry = home.folder / "brands" / "default" / "faq" / "sizes.md"
    entry.write_text('+++\nquestion = { ja = "x"\n+++\n# ja\nはい\n', encoding="utf-8")
    home.post("@our_shop Wrong coat!")
    ran = home.run("draft")
    assert ran.code == 1
    ran.tells(f"{entry}:2: not valid TOML: Unclosed inline table.")
    looked = home.run("doctor")
    assert looked.code == 1
    looked.prints("BAD   brands")
    entry.unlink()
    assert home.run("listen", "--once").code == 0
    assert home.texts() == ["@our_shop Wrong coat!"]


@row("playbook-unknown-variable")
def test_a_playbook_with_an_unknown_variable_is_named(home: Home) -> None:
    shipped = Path(__file__).parents[2] / "config" / "playbooks" / "en_particular.toml"
    own = home.folder / "playbooks" / "ours.toml"
    written = shipped.read_text(encoding="utf-8")
    assert "{contact_dm}" in written
    own.write_text(written.replace("{contact_dm}", "{contact_fax}"), encoding="utf-8")
    ran = home.run("draft")
    assert ran.code == 1
    ran.tells(str(own), "there is no variable 'contact_fax'")


@row("people-clash")
def test_a_login_that_is_taken_adds_nobody(home: Home) -> None:
    ran = home.run("people", "add", "BEN", "--name", "Another Ben")
    assert ran.code == 1
    ran.tells("There already is a user", "Choose another login.")
    assert home.rows("SELECT login FROM user_account") == [("ben",)]


@row("usage")
def test_wrong_usage_is_told_as_such(home: Home) -> None:
    for words in (("lissten",), ("digest", "--period", "hourly"), ("import", "x.csv", "--map", "text")):
        ran = home.run(*words)
        assert ran.code == 2
        ran.tells("Try 'kikite")


@row("init-again")
def test_init_on_a_home_in_use_keeps_everything(home: Home) -> None:
    home.set("desk", "hold_seconds = 7")
    ours = home.settings.read_text(encoding="utf-8")
    home.post("@our_shop Hello?")
    home.run("listen", "--once")
    ran = home.run("init", "--yes", "--demo")
    assert ran.code == 0
    ran.prints("It had users already; none was added.")
    assert home.settings.read_text(encoding="utf-8") == ours
    assert home.texts() == ["@our_shop Hello?"]


@row("init-unwritable")
def test_a_home_that_cannot_be_made_says_so(home: Home) -> None:
    shutil.rmtree(home.folder)
    home.folder.write_text("a file stands here", encoding="utf-8")
    ran = home.run("init", "--yes")
    assert ran.code == 1
    ran.tells("the home cannot be written (File exists).", "Choose another --home")
    assert home.folder.read_text(encoding="utf-8") == "a file stands here"
    assert [file.name for file in home.folder.parent.iterdir()] == ["home"]
