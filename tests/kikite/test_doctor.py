"""``kikite doctor`` goes on: every mistake in the settings has a line, and what is sound is looked at all the same."""

import json

from tests.bad_input.conftest import home, logs_as_found, made_home
from tests.bad_input.homes import Home

__all__ = ["home", "logs_as_found", "made_home"]

SKY = '\n[[channel]]\nname = "sky"\nkind = "bluesky"\n[channel.options]\nhandle = "shop.test"\n'


def findings(home: Home, *, code: int) -> list[tuple[str, str, str, str]]:
    """Return what the doctor finds: what, health, words, remedy."""
    ran = home.run("doctor", "--json")
    assert ran.code == code
    assert "Traceback" not in ran.err
    return [(one["what"], one["health"], one["says"], one["remedy"]) for one in json.loads(ran.out)["findings"]]


def test_a_sound_home_is_told_part_by_part(home: Home) -> None:
    found = findings(home, code=0)
    assert [what for what, *_ in found] == [
        "names", "disk", "settings", "brands", "database", "completeness", "classifier", "mail", "channel sandbox", "channel import"
    ]  # fmt: skip


def test_every_wrong_setting_and_every_wrong_account_has_a_line_and_the_sound_ones_are_asked(home: Home) -> None:
    home.set("desk", "hold_second = 5\nport = 99999")
    home.set("workspace", 'time_zone = "Mars/Olympus"')
    home.add(SKY)
    home.add(SKY.replace('"sky"', '"far"').replace('"bluesky"', '"blusky"'))
    home.add(SKY.replace('"sky"', '"wide"').replace("[channel.options]", "max_pages_per_poll = 0\n[channel.options]"))
    found = findings(home, code=1)
    wrong = [(what, says, remedy) for what, health, says, remedy in found if health == "bad"]
    assert [what for what, _, _ in wrong] == [*["settings"] * 3, "channel sky", "channel far", "channel wide"]
    for what, says, remedy in wrong:
        assert "kikite.toml" in says, what
        assert remedy, what
        assert "\n" not in says, what
    fields = ("workspace.time_zone", "desk.hold_second", "desk.port", "sky.secrets.app_password", "far.kind")
    for field in (*fields, "channel.3.max_pages_per_poll"):
        assert any(f"({field})" in says or f"{field})" in says for _, says, _ in wrong), field
    assert next(remedy for _, says, remedy in wrong if "hold_second)" in says) == "Did you mean 'hold_seconds'?"
    healthy = [what for what, health, *_ in found if health == "good"]
    assert {"brands", "database", "classifier", "channel sandbox", "channel import"} <= set(healthy)
    assert "settings" not in healthy


def test_what_stands_on_wrong_settings_is_not_looked_at(home: Home) -> None:
    home.set("storage", "url = 5")
    home.set("mail", "timeout_seconds = 0")
    looked = [what for what, *_ in findings(home, code=1)]
    assert "database" not in looked
    assert "mail" not in looked
    assert looked.count("settings") == 2
    assert looked[-2:] == ["channel sandbox", "channel import"]


def test_an_account_without_a_name_or_with_a_taken_one_hides_no_other(home: Home) -> None:
    home.add('\n[[channel]]\nkind = "bluesky"\n')
    home.add(SKY.replace('"sky"', '"sandbox"'))
    found = [(what, health) for what, health, *_ in findings(home, code=1)]
    assert ("settings", "bad") in found
    assert [health for what, health in found if what == "channel sandbox"] == ["bad", "good"]
    assert found[-1] == ("channel import", "good")


def test_accounts_that_are_no_tables_leave_the_rest(home: Home) -> None:
    written = home.settings.read_text(encoding="utf-8")
    home.settings.write_text("channel = [1, {}]\n" + written.split("[[channel]]")[0], encoding="utf-8")
    found = [(what, health) for what, health, *_ in findings(home, code=1)]
    assert ("settings", "bad") in found
    assert found[-1] == ("channel import", "good")
