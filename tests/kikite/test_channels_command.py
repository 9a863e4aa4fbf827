"""``kikite channels`` from outside: where accounts stand, whether platforms let us in, and how a new account is connected."""

import json
import os
import stat
import sys
import tomllib
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

import pytest

import listener.channel_options
from config.loading import load_settings, load_unfilled
from config.setup import setup_of
from domain.errors import PermanentError
from domain.replies import Capabilities
from listener import registry
from listener.channels.bluesky.options import BlueskyOptions
from listener.registry import known_kinds
from tests.bad_input.conftest import home, logs_as_found, made_home
from tests.bad_input.homes import Home

__all__ = ["home", "logs_as_found", "made_home"]

SKY = '\n[[channel]]\nname = "sky"\nkind = "bluesky"\n[channel.options]\nhandle = "shop.test"\n'
PASSWORD = '[channel.secrets]\napp_password = "hunter2-hunter2"\n'
TOKEN = "s3cret/t0ken+value"


class Odd:
    """A channel that only probes, in the way that a test says."""

    capabilities = Capabilities(can_reply=True, can_direct_message=False)
    closed = 0

    def __init__(self, answer: str | Exception) -> None:
        self.answer = answer

    def probe(self) -> str:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def close(self) -> None:
        Odd.closed += 1
        if isinstance(self.answer, Exception):
            raise OSError("the line was dead already")


@pytest.fixture(autouse=True)
def no_home_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KIKITE_HOME", raising=False)


@pytest.fixture
def odd(home: Home, monkeypatch: pytest.MonkeyPatch) -> Odd:
    """An account 'odd' with a secret, on a channel of a third party."""
    channel = Odd("fine")
    module = ModuleType("odd_channel")
    module.make_channel = lambda *_: channel  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "odd_channel", module)
    point = EntryPoint(name="odd", value="odd_channel:make_channel", group=registry.GROUP)
    monkeypatch.setattr(registry, "entry_points", lambda **group: [*entry_points(**group), point])
    home.add(f'\n[[channel]]\nname = "odd"\nkind = "odd"\n[channel.secrets]\ntoken = "{TOKEN}"\n')
    Odd.closed = 0
    return channel


def listed(home: Home) -> dict[str, dict[str, object]]:
    ran = home.run("channels", "list", "--json")
    assert (ran.code, ran.err) == (0, "")
    return {row["name"]: row for row in json.loads(ran.out)["channels"]}


class TestList:
    def test_every_account_tells_what_it_can_do_before_anything_was_read(self, home: Home) -> None:
        rows = listed(home)
        assert list(rows) == ["sandbox", "import"]
        rights = [(row["reads"], row["replies"], row["direct_messages"]) for row in rows.values()]
        assert rights == [(True, True, True), (False, False, False)]
        assert rows["sandbox"]["last_success_at"] is rows["sandbox"]["complete_from"] is None
        shown = home.run("channels", "list").out.splitlines()
        assert (
            " ".join(shown[0].split()) == "account kind brand can state last good poll complete next poll spent today"
        )
        assert shown[1].split("  ")[0] == "sandbox"
        assert "read, reply, DM" in shown[1]
        assert "by file" in shown[2]

    def test_after_a_poll_it_tells_how_far_it_was_read_when_it_is_read_next_and_what_it_cost(self, home: Home) -> None:
        home.settings.write_text(
            home.settings.read_text(encoding="utf-8").replace(
                "poll_seconds = 5\n", "daily_budget_usd = 2\n[channel.options]\ncost_per_request_usd = 0.25\n"
            ),
            encoding="utf-8",
        )
        home.post("@our_shop Wrong coat!")
        assert home.run("listen", "--once").code == 0
        row = listed(home)["sandbox"]
        assert row["last_success_at"]
        assert str(row["complete_from"]) <= str(row["complete_to"]) <= str(row["last_success_at"])
        assert str(row["next_poll_at"]) > str(row["last_success_at"])
        assert (row["spent_today_usd"], row["daily_budget_usd"], row["last_error"]) == (0.25, 2, "")
        assert "0.25 of 2.00 USD" in home.run("channels", "list").out

    def test_moments_are_shown_in_the_workspaces_time_zone(self, home: Home) -> None:
        assert home.run("listen", "--once").code == 0
        home.write("UPDATE channel_account SET next_poll_at = '2026-11-22 15:30:00.000000' WHERE name = 'sandbox'")
        assert "2026-11-23 00:30" in home.run("channels", "list").out

    def test_yesterdays_money_is_not_todays(self, home: Home) -> None:
        assert home.run("listen", "--once").code == 0
        home.write("UPDATE channel_account SET budget_day = '2020-01-01', budget_spent_usd = 9")
        assert listed(home)["sandbox"]["spent_today_usd"] == 0

    def test_nothing_is_called_complete_while_a_gap_has_no_good_poll_behind_it(self, home: Home) -> None:
        assert home.run("listen", "--once").code == 0
        home.write("UPDATE channel_account SET complete_from = '2036-01-01 00:00:00.000000' WHERE name = 'sandbox'")
        row = listed(home)["sandbox"]
        assert row["complete_from"] is row["complete_to"] is None

    def test_the_last_error_stands_there_with_its_remedy_and_without_a_secret(self, home: Home, odd: Odd) -> None:
        del odd
        assert home.run("listen", "--once", "--channel", "sandbox").code == 0
        said = f"https://odd.test/{TOKEN} cannot be reached. Check the network."
        failing = f"failing_since = '2026-11-22 01:00:00.000000', last_error = '{said}'"
        home.write(f"UPDATE channel_account SET {failing} WHERE name = 'odd'")
        row = listed(home)["odd"]
        assert row["last_error"] == "https://odd.test/••• cannot be reached. Check the network."
        assert row["failing_since"] == "2026-11-22T01:00:00+00:00"
        home.run("channels", "list").prints("last error: ", "Check the network.")

    @pytest.mark.parametrize(
        ("block", "problem", "remedy"),
        [
            (SKY + "serch = 'x'\n" + PASSWORD, "channel.sky.options.serch", "Known: handle"),
            (SKY, "app_password: Field required", "See docs/how-to/bluesky.md."),
            (SKY.replace("bluesky", "blusky"), "there is no channel 'blusky'", "Known: app_store, bluesky"),
            (
                SKY + '[channel.secrets]\napp_password_file = "secrets/sky"\n',
                "'app_password_file' names a file that does not exist",
                "secrets/sky with the secret in it.",
            ),
        ],
        ids=["option", "no secret", "kind", "no secret file"],
    )
    def test_an_account_with_wrong_settings_tells_so_in_its_row(
        self, home: Home, block: str, problem: str, remedy: str
    ) -> None:
        home.add(block)
        rows = listed(home)
        assert list(rows) == ["sandbox", "sky", "import"]
        assert problem in str(rows["sky"]["problem"])
        assert remedy in str(rows["sky"]["remedy"])
        assert rows["sky"]["reads"] is None
        assert rows["sandbox"]["problem"] == ""
        home.run("channels", "list").prints(problem, "→ ", remedy)

    def test_a_missing_extra_tells_what_to_install(self, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
        home.add(SKY + PASSWORD)
        monkeypatch.setattr(listener.channel_options, "find_spec", lambda _: None)
        assert listed(home)["sky"]["remedy"] == "Run: pip install 'kikite[bluesky]'"

    def test_an_account_that_left_the_settings_is_still_told(self, home: Home) -> None:
        home.add(SKY + PASSWORD)
        assert home.run("draft").code == 0
        home.settings.write_text(home.settings.read_text(encoding="utf-8").split(SKY)[0], encoding="utf-8")
        assert home.run("draft").code == 0
        assert (listed(home)["sky"]["active"], listed(home)["sky"]["problem"]) == (False, "")
        home.run("channels", "list").prints("no longer in kikite.toml")

    def test_settings_that_cannot_be_read_are_told_as_ever(self, home: Home) -> None:
        home.settings.write_text("[workspace\n", encoding="utf-8")
        ran = home.run("channels", "list")
        assert (ran.code, ran.out) == (1, "")
        ran.tells("not valid TOML")


class TestCheck:
    def test_every_account_is_asked_with_a_line_of_progress_each(self, home: Home) -> None:
        ran = home.run("channels", "check")
        assert ran.code == 0
        assert ran.err == "Asking sandbox about 'sandbox' ...\nAsking import about 'import' ...\n"
        assert ran.out.splitlines()[1] == "ok    channel import: files by `kikite import`"

    def test_one_that_fails_ends_with_1_and_the_others_are_asked_all_the_same(self, home: Home, odd: Odd) -> None:
        odd.answer = PermanentError("It says no.", code="no", remedy="Make\na new token.")
        ran = home.run("channels", "check")
        assert ran.code == 1
        assert "BAD   channel odd: It says no.\n      → Make a new token.\nok    channel import" in ran.out
        assert Odd.closed == 1

    def test_one_is_asked_alone_and_the_mistakes_of_others_are_not_in_its_way(self, home: Home) -> None:
        home.add(SKY + "serch = 'x'\n")
        ran = home.run("channels", "check", "sandbox", "--json")
        assert (ran.code, ran.err) == (0, "")
        assert [found["what"] for found in json.loads(ran.out)["findings"]] == ["channel sandbox"]
        failed = home.run("channels", "check", "--json")
        assert failed.code == 1
        found = [(one["what"], one["health"]) for one in json.loads(failed.out)["findings"]]
        assert found == [
            ("channel sandbox", "good"),
            ("channel sky", "bad"),
            ("channel sky", "bad"),
            ("channel import", "good"),
        ]

    def test_several_are_asked_together_and_each_mistake_has_a_line(self, home: Home) -> None:
        home.add(SKY + "serch = 'x'\n[channel.secrets]\nap_password = 'hunter2-hunter2'\n")
        home.add(SKY.replace('"sky"', '"lost"') + '[channel.secrets]\napp_password_file = "secrets/lost"\n')
        home.add(SKY.replace('"sky"', '"odd"') + "[channel.extra]\n")
        ran = home.run("channels", "check", "import", "lost", "sky", "odd", "--json")
        assert (ran.code, "hunter2" in ran.out + ran.err) == (1, False)
        told = [(one["what"], one["says"], one["remedy"]) for one in json.loads(ran.out)["findings"]]
        assert [what for what, _, _ in told] == [*["channel sky"] * 3, "channel lost", "channel odd", "channel import"]
        assert "options.serch): serch: there is no such name." in told[0][1]
        assert "secrets.ap_password): ap_password: there is no such name." in told[1][1]
        assert told[1][2].endswith("Did you mean 'app_password'?")
        assert "secrets.app_password): app_password: Field required." in told[2][1]
        assert "'app_password_file' names a file that does not exist." in told[3][1]
        assert f"{home.settings}:" in told[4][1]
        assert "unknown key 'extra'." in told[4][1]

    def test_names_that_are_not_there_are_all_named(self, home: Home) -> None:
        ran = home.run("channels", "check", "sandbx", "sandbox", "sky")
        assert (ran.code, ran.out) == (1, "")
        ran.tells("There is no channel named 'sandbx', 'sky'.", "Did you mean 'sandbox'?")

    @pytest.mark.skipif(os.name != "posix", reason="a file's mode tells nothing there")
    def test_a_secret_that_others_can_read_is_warned_of_with_the_remedy(self, home: Home, odd: Odd) -> None:
        del odd
        secret = home.folder / "secrets" / "odd one"
        written = home.settings.read_text(encoding="utf-8")
        home.settings.write_text(written.replace(f'token = "{TOKEN}"', f'token_file = "{secret}"'), encoding="utf-8")
        secret.write_text(TOKEN, encoding="utf-8")
        for mode, said in ((0o644, True), (0o640, False), (0o600, False)):
            secret.chmod(mode)
            for command in (("channels", "check", "odd"), ("doctor",)):
                ran = home.run(*command)
                assert ran.code == 0
                warned = f"note  channel odd: {secret} has mode 644: others on this machine may read the secret in it."
                assert (f"{warned}\n      → Run: chmod 600 '{secret}'" in ran.out) is said

    def test_a_name_that_is_not_there_ends_with_1_and_names_the_known_ones(self, home: Home) -> None:
        ran = home.run("channels", "check", "sandbx")
        assert (ran.code, ran.out) == (1, "")
        ran.tells("There is no channel named 'sandbx'.", "Choose one of: import, sandbox. Did you mean 'sandbox'?")

    @pytest.mark.parametrize(
        "answer",
        [
            f"we are {TOKEN}",
            PermanentError(f"GET /?token={TOKEN} says no.", code="no", remedy=f"Not {TOKEN}."),
            PermanentError("GET /?token=s3cret%2Ft0ken%2Bvalue says no.", code="no"),
            ValueError(f"bad header {TOKEN}"),
        ],
        ids=["answer", "error", "in an address", "unexpected"],
    )
    def test_a_secret_is_never_shown_whatever_a_channel_says(
        self, home: Home, odd: Odd, answer: str | Exception
    ) -> None:
        odd.answer = answer
        for ran in (home.run("channels", "check", "odd"), home.run("channels", "check", "odd", "--json")):
            assert ran.code == (0 if isinstance(answer, str) else 1)
            assert "t0ken" not in ran.out + ran.err
            assert "Traceback" not in ran.err


class TestNew:
    def test_a_block_is_added_and_nothing_else_in_the_file_moves(self, home: Home) -> None:
        before = home.settings.read_bytes()
        ran = home.run("channels", "new", "bluesky", "--name", "shop", "--json")
        assert (ran.code, ran.err) == (0, "")
        after = home.settings.read_bytes()
        assert after.startswith(before)
        added = after[len(before) :].decode()
        for key, field in BlueskyOptions.model_fields.items():
            assert f"\n# {key} = " in added or f'\n{key}_file = "secrets/shop.{key}"' in added, key
            assert field.description
        said = json.loads(ran.out)
        assert (said["name"], said["kind"], said["to_fill"]) == ("shop", "bluesky", ["secrets/shop.app_password"])
        assert said["block"]["required"] == ["handle"]
        assert after.decode().split("\n")[said["line"] - 1] == "[[channel]]"

    def test_once_the_files_are_filled_it_loads_and_the_account_can_be_made(self, home: Home) -> None:
        home.run("channels", "new", "bluesky", "--name", "shop")
        assert load_unfilled(home.folder).unfilled["shop"].remedy.startswith("Write the secret into")
        secret = home.folder / "secrets" / "shop.app_password"
        assert stat.S_IMODE(secret.stat().st_mode) == 0o600
        assert stat.S_IMODE(secret.parent.stat().st_mode) == 0o700
        secret.write_text("hunter2-hunter2\n", encoding="utf-8")
        written = home.settings.read_text(encoding="utf-8")
        home.settings.write_text(written.replace('# handle = ""', 'handle = "shop.test"'), encoding="utf-8")
        assert load_settings(home.folder).channel[1].options == {"handle": "shop.test"}
        assert listed(home)["shop"]["problem"] == ""

    def test_what_is_left_to_do_is_told_in_the_workspaces_language(self, home: Home) -> None:
        told = home.run("channels", "new", "bluesky")
        told.prints("「設定 → プライバシーとセキュリティ → アプリパスワード」", "secrets/bluesky.app_password に")
        told.prints("kikite channels check bluesky --home")
        assert "**" not in told.out
        home.set("workspace", 'language = "en"')
        home.run("channels", "new", "bluesky", "--name", "second").prints(
            "1. Sign in to bsky.app as the shop and open “Settings → Privacy and security → App passwords”.",
            "Tick “Allow access to your direct messages”",
            "take the # off what is required and fill it in: handle",
            "Write `app_password`, nothing else, into secrets/second.app_password.",
        )
        assert "# Required: Our handle" in home.settings.read_text(encoding="utf-8")

    def test_options_and_secrets_that_belong_together_are_told_as_groups(self, home: Home) -> None:
        home.set("workspace", 'language = "en"')
        home.run("channels", "new", "reddit").prints(
            "1. Choose one of these groups and write everything in it, or put a # before all of them.",
            "     Group A: By an approved app and a permanent token",
            "username, client_id, client_secret, password",
            "     Without: only public feeds are read",
            "into secrets/reddit.refresh_token (group A).",
            "make secrets/reddit.password (group B)",
        )
        written = home.settings.read_text(encoding="utf-8").split('kind = "reddit"')[1]
        assert "# Group A, B: " in written.split('# username = ""')[0].splitlines()[-1]
        assert "\n# Without: only public feeds" in written

    def test_a_secret_that_is_there_already_is_kept_and_told(self, home: Home) -> None:
        home.set("workspace", 'language = "en"')
        (home.folder / "secrets" / "sky.app_password").write_text("from before", encoding="utf-8")
        home.run("channels", "new", "bluesky", "--name", "sky").prints("sky.app_password is filled from before")
        assert (home.folder / "secrets" / "sky.app_password").read_text(encoding="utf-8") == "from before"

    def test_a_kind_of_a_third_party_gets_its_block_without_steps(self, home: Home, odd: Odd) -> None:
        del odd
        ran = home.run("channels", "new", "odd", "--name", "odd2", "--json")
        assert ran.code == 0, ran.err
        assert json.loads(ran.out)["steps"] == []
        assert [channel.name for channel in load_settings(home.folder).channel] == ["sandbox", "odd", "odd2"]

    @pytest.mark.parametrize(
        ("words", "says"),
        [
            (
                ("blusky",),
                ("There is no kind of channel 'blusky'.", "Known: app_store, bluesky,", "Did you mean 'bluesky'?"),
            ),
            (("sandbox",), ("There is a channel named 'sandbox' already.", "--name NAME")),
            (("import",), ("There is a channel named 'import' already.",)),
            (("bluesky", "--name", "shop_eu"), ("There is a channel named 'shop-eu' already.",)),
            (("bluesky", "--brand", "defalt"), ("There is no brand 'defalt'.", "Did you mean 'default'?")),
        ],
        ids=lambda given: " ".join(given) if isinstance(given, tuple) else given,
    )
    def test_what_cannot_be_added_is_told_and_nothing_is_written(
        self, home: Home, words: tuple[str, ...], says: tuple[str, ...]
    ) -> None:
        home.add('\n[[channel]]\nname = "shop-eu"\nkind = "sandbox"\n')
        before = home.settings.read_bytes()
        ran = home.run("channels", "new", *words)
        assert (ran.code, ran.out) == (1, "")
        ran.tells(*says)
        assert home.settings.read_bytes() == before
        assert [file.name for file in (home.folder / "secrets").iterdir()] == ["README.md"]

    @pytest.mark.parametrize(
        "words",
        [
            ("bluesky", "--name", "My shop"),
            ("bluesky", "--name", 'a"\nb'),
            ("bluesky", "--name", "店"),
            ("bluesky", "--brand", "../x"),
            ("../x",),
            (),
        ],
        ids=repr,
    )
    def test_a_name_that_is_none_is_wrong_usage(self, home: Home, words: tuple[str, ...]) -> None:
        before = home.settings.read_bytes()
        ran = home.run("channels", "new", *words)
        assert (ran.code, ran.out) == (2, "")
        assert home.settings.read_bytes() == before

    @pytest.mark.parametrize(
        "content", ["[workspace\n", "channel = []\n", '[desk]\nport = "x"\n'], ids=["broken", "inline", "not valid"]
    )
    def test_settings_that_would_not_load_stay_untouched(self, home: Home, content: str) -> None:
        home.settings.write_text(content, encoding="utf-8")
        ran = home.run("channels", "new", "bluesky")
        assert (ran.code, ran.out) == (1, "")
        ran.tells("kikite.toml")
        assert home.settings.read_text(encoding="utf-8") == content
        assert [file.name for file in home.folder.glob(".kikite*")] == []
        assert [file.name for file in (home.folder / "secrets").iterdir()] == ["README.md"]

    def test_a_home_that_cannot_be_written_is_told_and_stays_as_it_was(
        self, home: Home, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        before = home.settings.read_bytes()

        def refuse(path: Path, *_: object) -> int:
            raise PermissionError(13, "Permission denied", str(path))

        monkeypatch.setattr("config.settings_writer.os.open", refuse)
        ran = home.run("channels", "new", "bluesky")
        assert (ran.code, ran.out) == (1, "")
        ran.tells("cannot be written (Permission denied).", "Correct owner and rights of the home")
        assert home.settings.read_bytes() == before

    def test_every_kind_that_ships_gets_a_block_that_loads_and_steps_to_take(self, home: Home) -> None:
        kinds = [
            kind for kind in known_kinds() if find_spec(f"listener.channels.{kind}") and setup_of(kind, "ja").steps
        ]
        assert "bluesky" in kinds
        for kind in kinds:
            ran = home.run("channels", "new", kind)
            assert ran.code == 0, ran.err
            ran.prints("相手のサービスですること\n  1. ", f"kikite channels check {kind} ")
        assert [channel.kind for channel in load_unfilled(home.folder).settings.channel[1:]] == kinds
        rows = listed(home)
        assert all(rows[kind]["problem"] and rows[kind]["remedy"] for kind in kinds if rows[kind]["reads"] is None)

    def test_two_accounts_of_one_kind_have_files_of_their_own(self, home: Home) -> None:
        assert home.run("channels", "new", "bluesky").code == 0
        assert home.run("channels", "new", "bluesky", "--name", "bluesky2").code == 0
        blocks = tomllib.loads(home.settings.read_text(encoding="utf-8"))["channel"][1:]
        assert [block["secrets"]["app_password_file"] for block in blocks] == [
            "secrets/bluesky.app_password",
            "secrets/bluesky2.app_password",
        ]
