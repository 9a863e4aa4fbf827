"""Settings are loaded, or refused with file, line, field and a remedy."""

from datetime import time
from pathlib import Path

import pytest

from config.loading import load_settings
from domain.errors import ConfigError
from tests.config.conftest import DraftHome

SETTINGS = """
[workspace]
name = "コモレビ洋品店"

[mail]
host = "smtp.example.com"
from_address = "desk@example.com"

[digest]
daily_at = 07:30:00
readers = [
  { address = "lead@example.com", language = "en" },
]

[[channel]]
name = "shop-eu"
kind = "bluesky"
[channel.options]
handle = "shop.example.com"
[channel.secrets]
app_password_file = "secrets/bluesky"
"""


def test_settings_are_read_and_what_is_not_said_has_its_default(home: DraftHome) -> None:
    home.write("kikite.toml", SETTINGS)
    home.write("secrets/bluesky", "abcd-efgh\n")
    settings = home.load()
    assert settings.home == home.path
    assert settings.workspace.name == "コモレビ洋品店"
    assert settings.digest.daily_at == time(7, 30)
    assert settings.digest.readers[0].language == "en"
    assert settings.desk.port == 8321
    assert settings.channel[0].options == {"handle": "shop.example.com"}
    assert settings.channel[0].secrets["app_password"].get_secret_value() == "abcd-efgh"


def test_an_empty_file_is_a_home_with_defaults(home: DraftHome) -> None:
    home.write("kikite.toml", "")
    assert home.load().database_url == f"sqlite:///{home.path / 'kikite.db'}"


def test_a_byte_order_mark_and_windows_line_ends_are_tolerated(home: DraftHome) -> None:
    home.write("kikite.toml", b'\xef\xbb\xbf[workspace]\r\nname = "Ours"\r\n')
    assert home.load().workspace.name == "Ours"


def test_a_relative_home_is_made_absolute(home: DraftHome, monkeypatch: pytest.MonkeyPatch) -> None:
    home.write("kikite.toml", "")
    monkeypatch.chdir(home.path.parent)
    assert load_settings(Path("home"), environ={}).home == home.path


def test_a_missing_home_names_the_command_that_makes_it(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load_settings(tmp_path / "nowhere", environ={})
    assert caught.value.place.file == str(tmp_path / "nowhere")
    assert caught.value.remedy == f"Run `kikite init --home {tmp_path / 'nowhere'}`."


def test_a_home_without_settings_names_the_command_that_makes_them(home: DraftHome) -> None:
    error = home.refuse()
    assert error.place.file == str(home.path / "kikite.toml")
    assert error.remedy == f"Run `kikite init --home {home.path}`."


def test_a_folder_in_place_of_the_file_is_refused(home: DraftHome) -> None:
    (home.path / "kikite.toml").mkdir()
    assert home.complaints() == ["kikite.toml: cannot be read (Is a directory). Check its owner and rights."]


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("[mail\nhost = 1", 1, "Expected ']' at the end of a table declaration."),
        ('[mail]\nhost = "a"\nhost = "b"\n', 3, "Cannot overwrite a value."),
        ("[mail]\n\nhost = smtp\n", 3, "Invalid value."),
        ("[mail]\nhost =", 2, "Invalid value."),
        ('[mail]\nhost = "a"\n[mail]\n', 3, "Cannot declare ('mail',) twice."),
    ],
)
def test_broken_toml_names_the_line(home: DraftHome, text: str, line: int, said: str) -> None:
    home.write("kikite.toml", text)
    error = home.refuse()
    assert error.place.line == line
    assert f"kikite.toml:{line}: not valid TOML: {said}" in error.message


def test_a_file_in_another_encoding_names_the_line(home: DraftHome) -> None:
    home.write("kikite.toml", b"[workspace]\nname = " + '"店"'.encode("shift_jis"))
    assert home.complaints() == ["kikite.toml:2: is not UTF-8 here. Save the file as UTF-8."]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[mial]", "kikite.toml:1 (mial): unknown key 'mial'. Did you mean 'mail'?"),
        ("[mail]\nprot = 5", "kikite.toml:2 (mail.prot): unknown key 'prot'. Did you mean 'port'?"),
        ("mail.prot = 5", "kikite.toml:1 (mail.prot): unknown key 'prot'. Did you mean 'port'?"),
        (
            "[mail]\nzzzzzz = 5",
            "kikite.toml:2 (mail.zzzzzz): unknown key 'zzzzzz'. Delete it, or move it where it belongs.",
        ),
        ("[mail]\nport = 'x'", "kikite.toml:2 (mail.port): must be a whole number. Correct the value."),
        ("[mail]\nport = 2.5", "kikite.toml:2 (mail.port): must be a whole number. Correct the value."),
        ("[mail]\nport = true", "kikite.toml:2 (mail.port): must be a number. Correct the value."),
        ("[mail]\nport = 70000", "kikite.toml:2 (mail.port): must be at most 65535. Correct the value."),
        (
            "[mail]\ntimeout_seconds = 0",
            "kikite.toml:2 (mail.timeout_seconds): must be more than 0. Correct the value.",
        ),
        ("[mail]\nhost = 1", "kikite.toml:2 (mail.host): must be text in quotes. Correct the value."),
        ("[mail]\nport = [1]", "kikite.toml:2 (mail.port): must be a whole number. Correct the value."),
        ("mail = 3", "kikite.toml:1 (mail): must be a table. Correct the value."),
        ("channel = 3", "kikite.toml:1 (channel): must be a list: [ … ]. Correct the value."),
        (
            "[mail]\nsecurity = 'ssl'",
            "kikite.toml:2 (mail.security): must be one of 'starttls', 'tls' or 'none'. Correct the value.",
        ),
        ("[workspace]\nname = ''", "kikite.toml:2 (workspace.name): must not be empty. Correct the value."),
        (
            "[workspace]\ntime_zone = 'Tokyo'",
            "kikite.toml:2 (workspace.time_zone): must be an IANA time zone such as Asia/Tokyo. Correct the value.",
        ),
        (
            "[desk]\npublic_url = 'desk.example.com'",
            "kikite.toml:2 (desk.public_url): must begin with https:// or http://. Correct the value.",
        ),
        (
            "[storage]\nurl = 'mysql://x'",
            "kikite.toml:2 (storage.url): must begin with postgresql:// or sqlite://. Correct the value.",
        ),
        (
            "[digest]\nreaders = [\n {address = 'nobody'}]",
            "kikite.toml:2 (digest.readers.0.address): must be a mail address. Correct the value.",
        ),
        (
            "[digest]\ndaily_at = 'x'",
            'kikite.toml:2 (digest.daily_at): must be a time such as "18:00". Correct the value.',
        ),
        ("home = '/x'", "kikite.toml:1 (home): 'home' cannot be set here. Use --home or KIKITE_HOME."),
        (
            "[mail]\nhost = 'a.example'",
            "kikite.toml:2 (mail.host): mail has a host but no 'from_address'. Add from_address to [mail].",
        ),
        (
            "[mail]\nhost = 'a.example'\nfrom_address = 'd@a.example'\nsecurity = 'none'",
            'kikite.toml:4 (mail.security): \'none\' would send the password in the clear. Use "starttls" or "tls".',
        ),
        ("[[channel]]\nname = 'a'", "kikite.toml:1 (channel.0.kind): 'kind' is missing. Add it."),
        (
            "[[channel]]\nname = 'My Shop'\nkind = 'sandbox'",
            (
                "kikite.toml:2 (channel.0.name): must be small letters, digits, - and _, beginning with a letter, at most 40."
                " Correct the value."
            ),
        ),
        (
            "[[channel]]\nname = 'import'\nkind = 'sandbox'",
            "kikite.toml:2 (channel.0.name): the name 'import' is kept for `kikite import`. Choose another name.",
        ),
        (
            "[[channel]]\nname = 'a'\nkind = 'sandbox'\n[channel.options]\nday = 2026-01-01",
            (
                "kikite.toml:5 (channel.0.options.day): must be text, a number, true, false or a list of texts."
                " Correct the value."
            ),
        ),
        (
            "[[channel]]\nname = 'a'\nkind = 'sandbox'\n[channel.options]\napp_password = 'x'",
            (
                "kikite.toml:5 (channel.0.options.app_password): 'app_password' looks like a secret, and options are shown to"
                " people. Move it to [channel.secrets]."
            ),
        ),
    ],
)
def test_a_mistake_names_line_field_and_remedy(home: DraftHome, text: str, complaint: str) -> None:
    home.write("kikite.toml", text)
    assert home.complaints() == [complaint]


@pytest.mark.parametrize(("first", "second"), [("shop", "shop"), ("shop-eu", "shop_eu")])
def test_two_channels_need_names_that_the_environment_can_tell_apart(home: DraftHome, first: str, second: str) -> None:
    channel = "[[channel]]\nname = '{}'\nkind = 'sandbox'\n"
    home.write("kikite.toml", channel.format(first) + channel.format(second))
    error = home.refuse()
    assert error.place.line == 5
    assert error.place.field == "channel.1.name"
    assert f"the name '{second}' is taken by '{first}'." in error.message


def test_every_mistake_is_told_in_one_message_in_the_order_of_the_file(home: DraftHome) -> None:
    home.write(
        "kikite.toml", "[desk]\nprot = 1\nport = -1\n\n[[channel]]\nname = 'a'\n[channel.secrets]\nkey_file = 'x'"
    )
    error = home.refuse()
    assert error.place.line == 2
    assert home.complaints() == [
        "kikite.toml:2 (desk.prot): unknown key 'prot'. Did you mean 'port'?",
        "kikite.toml:3 (desk.port): must be at least 0. Correct the value.",
        "kikite.toml:5 (channel.0.kind): 'kind' is missing. Add it.",
        (
            "kikite.toml:8 (channel.0.secrets.key_file): 'key_file' names a file that does not exist."
            " Create x with the secret in it."
        ),
    ]
