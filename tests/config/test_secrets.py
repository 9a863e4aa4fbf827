"""Secrets come from files and variables, and are never shown."""

import traceback
from pathlib import Path

import pytest

from tests.config.conftest import DraftHome

CHANNELS = "[[channel]]\nname = 'shop'\nkind = 'x'\n[[channel]]\nname = 'shop-eu'\nkind = 'x'\n"


def test_one_newline_at_the_end_of_a_secret_file_is_cut(home: DraftHome) -> None:
    home.write("kikite.toml", "")
    home.write("secrets/mail", " pass word \n\n")
    settings = home.load({"KIKITE_MAIL__PASSWORD_FILE": "secrets/mail"})
    assert settings.mail.password.get_secret_value() == " pass word \n"


def test_a_secret_file_may_be_named_by_an_absolute_path(home: DraftHome, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text("s3cret")
    home.write("kikite.toml", "")
    environ = {"KIKITE_MAIL__PASSWORD_FILE": str(tmp_path / "elsewhere")}
    assert home.load(environ).mail.password.get_secret_value() == "s3cret"


def test_the_mail_password_may_be_in_a_file_that_the_settings_name(home: DraftHome) -> None:
    home.write("kikite.toml", "[mail]\npassword_file = 'secrets/mail'\n")
    home.write("secrets/mail", "s3cret\n")
    assert home.load().mail.password.get_secret_value() == "s3cret"


def test_the_environment_wins_over_a_secret_file(home: DraftHome) -> None:
    home.write("kikite.toml", "[mail]\npassword_file = 'secrets/not-there'\n" + CHANNELS)
    home.write("secrets/token", "of-eu")
    settings = home.load(
        {
            "KIKITE_MAIL__PASSWORD": "of-mail",
            "KIKITE_CHANNEL_SHOP_APP_PASSWORD": "of-shop",
            "KIKITE_CHANNEL_SHOP_EU_TOKEN_FILE": "secrets/token",
        }
    )
    assert settings.mail.password.get_secret_value() == "of-mail"
    assert settings.channel[0].secrets["app_password"].get_secret_value() == "of-shop"
    assert settings.channel[1].secrets["token"].get_secret_value() == "of-eu"
    assert list(settings.channel[0].secrets) == ["app_password"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty. Write the secret into"),
        (b" \n", "is empty. Write the secret into"),
        (b"\xff\xfe", "is not UTF-8. Save"),
    ],
)
def test_a_useless_secret_file_is_refused(home: DraftHome, content: bytes, said: str) -> None:
    home.write("kikite.toml", "[[channel]]\nname = 'a'\nkind = 'x'\n[channel.secrets]\nkey_file = 'secrets/key'")
    home.write("secrets/key", content)
    error = home.refuse()
    assert error.place.line == 5
    assert error.place.field == "channel.0.secrets.key_file"
    assert said in str(error)


def test_an_unreadable_secret_file_is_refused(home: DraftHome) -> None:
    home.write("kikite.toml", "[[channel]]\nname = 'a'\nkind = 'x'\n[channel.secrets]\nkey_file = 'secrets'")
    (home.path / "secrets").mkdir()
    assert "names a file that cannot be read (Is a directory). Check owner and rights of" in str(home.refuse())


def test_a_name_that_no_file_can_have_is_refused(home: DraftHome) -> None:
    home.write("kikite.toml", '[mail]\npassword_file = "a\\u0000b"\n')
    assert home.complaints() == [
        "kikite.toml:2 (mail.password_file): 'password_file' names a file that cannot exist. Correct the file's name."
    ]


def test_a_secret_beside_its_file_is_refused(home: DraftHome) -> None:
    home.write("kikite.toml", "[mail]\npassword = 'a'\npassword_file = 'b'\n")
    assert home.complaints() == [
        "kikite.toml:3 (mail.password_file): 'password_file' stands beside 'password'. Keep one of the two."
    ]


def test_no_error_and_no_repr_shows_a_secret(home: DraftHome) -> None:
    environ = {
        "KIKITE_MAIL__PASSWORD": "hunter2-environment",
        "KIKITE_CHANNEL_SHOP_KEY_FILE": "secrets/key",
        "KIKITE_STORAGE__URL": "postgresql://desk:hunter2-url@db/kikite",
    }
    home.write("secrets/key", "hunter2-file")
    home.write("kikite.toml", CHANNELS + "[channel.secrets]\ntoken = 'hunter2-toml'\n")
    settings = home.load(environ)
    shown = f"{settings!r} {settings} {settings.model_dump()} {settings.model_dump_json(exclude={'storage'})}"
    assert "hunter2-" not in shown.replace(settings.storage.url, "")
    assert "hunter2-url" not in repr(settings)
    home.write(
        "kikite.toml",
        CHANNELS
        + "[channel.secrets]\ntoken = 'hunter2-toml'\nother = ['hunter2-list']\n[mail]\nusername = 7\nport = 'hunter2-port'\n",
    )
    error = home.refuse(environ)
    trace = "".join(traceback.format_exception(error))
    assert "channel.1.secrets.other" in str(error)
    assert "hunter2" not in trace
    assert "hunter2" not in f"{error!r} {error.__context__!r} {error.args}"
