"""The environment wins over the file, and its mistakes name the variable."""

import os

import pytest

from config.loading import load_settings
from tests.config.conftest import DraftHome


def test_the_environment_wins_over_the_file(home: DraftHome) -> None:
    home.write("kikite.toml", "[mail]\nport = 25\n")
    environ = {
        "KIKITE_MAIL__PORT": "2525",
        "KIKITE_STORAGE__URL": "postgresql://desk@db/kikite",
        "KIKITE_DIGEST__READERS": '[{"address": "lead@example.com"}]',
        "KIKITE_WORKSPACE__NAME": "1234",
        "KIKITE_HOME": "ignored",
    }
    settings = home.load(environ)
    assert settings.mail.port == 2525
    assert settings.database_url == "postgresql://desk@db/kikite"
    assert settings.digest.readers[0].address == "lead@example.com"
    assert settings.workspace.name == "1234"


def test_the_process_environment_is_read_when_none_is_given(home: DraftHome, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("KIKITE_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("KIKITE_DESK__PORT", "9000")
    home.write("kikite.toml", "")
    assert load_settings(home.path).desk.port == 9000


@pytest.mark.parametrize(
    ("variable", "value", "complaint"),
    [
        ("KIKITE_MAIL__PORT", "x", "environment (KIKITE_MAIL__PORT): must be a whole number. Correct the value."),
        ("KIKITE_MAIL__PROT", "1", "environment (KIKITE_MAIL__PROT): unknown key 'prot'. Did you mean 'port'?"),
        ("KIKITE_MIAL__PORT", "1", "environment (KIKITE_MIAL__PORT): there is no section 'mial'. Did you mean 'mail'?"),
        (
            "KIKITE_ZZZZ__PORT",
            "1",
            "environment (KIKITE_ZZZZ__PORT): there is no section 'zzzz'. Correct the variable's name, or unset it.",
        ),
        (
            "KIKITE_MAIL_HOST",
            "a",
            (
                "environment (KIKITE_MAIL_HOST): no setting has this name."
                " Two underscores stand after the section: KIKITE_MAIL__HOST."
            ),
        ),
        (
            "KIKITE_DIGEST__READERS",
            "lead@example.com",
            "environment (KIKITE_DIGEST__READERS): is not valid JSON. Lists are written as JSON: '[{…}, {…}]'.",
        ),
        (
            "KIKITE_CHANNEL__0__NAME",
            "a",
            (
                "environment (KIKITE_CHANNEL__0__NAME): no channel can be set up here. Channels are set up in kikite.toml;"
                " only their secrets come from KIKITE_CHANNEL_<NAME>_<SECRET>."
            ),
        ),
        (
            "KIKITE_CHANNEL_SHIP_TOKEN",
            "a",
            "environment (KIKITE_CHANNEL_SHIP_TOKEN): no channel of that name is set up. Channels here: none.",
        ),
        (
            "KIKITE_MAIL__PASSWORD_FILE",
            "secrets/nope",
            (
                "environment (KIKITE_MAIL__PASSWORD_FILE): names a file that does not exist."
                " Create secrets/nope with the secret in it."
            ),
        ),
    ],
)
def test_a_mistake_in_the_environment_names_the_variable(
    home: DraftHome, variable: str, value: str, complaint: str
) -> None:
    home.write("kikite.toml", "")
    assert home.complaints({variable: value}) == [complaint]


def test_a_variable_beside_its_file_form_is_refused(home: DraftHome) -> None:
    home.write("kikite.toml", "")
    complaints = home.complaints({"KIKITE_MAIL__PASSWORD": "a", "KIKITE_MAIL__PASSWORD_FILE": "b"})
    assert (
        "environment (KIKITE_MAIL__PASSWORD): is set beside KIKITE_MAIL__PASSWORD_FILE. Unset one of the two."
        in complaints
    )
