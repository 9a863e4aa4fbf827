"""``kikite doctor`` asks the language model for one word and says what it heard; without one it says nothing."""

from pathlib import Path

import pytest

from config.drafter_settings import DrafterSettings
from config.settings import Settings
from kikite.doctor import find_drafter
from kikite.findings import Health
from tests.partners.chat_server import Reply, chat_partner, completion


def settings(home: Path, url: str) -> Settings:
    return Settings(
        home=home, drafter=DrafterSettings(backend="server", base_url=url, model="local", timeout_seconds=5)
    )


def test_without_a_model_there_is_nothing_to_say(tmp_path: Path) -> None:
    assert list(find_drafter(Settings(home=tmp_path))) == []


@pytest.mark.parametrize(
    ("reply", "health", "said"),
    [
        (completion("Hi"), Health.GOOD, "local answers."),
        (Reply(status=401), Health.WARNING, "local does not answer (status 401)"),
    ],
)
def test_a_server_is_asked_for_one_word(tmp_path: Path, reply: Reply, health: Health, said: str) -> None:
    with chat_partner() as partner:
        partner.says(reply)
        (found,) = find_drafter(settings(tmp_path, partner.url))

    assert (found.what, found.health) == ("drafter", health)
    assert found.says.startswith(said)
    assert bool(found.remedy) == (health is Health.WARNING)
    assert partner.requests[0]["max_tokens"] == 8


def test_a_local_model_that_is_not_there_is_told_with_its_remedy(tmp_path: Path) -> None:
    drafter = DrafterSettings(backend="transformers", model=str(tmp_path / "none"))

    (found,) = find_drafter(Settings(home=tmp_path, drafter=drafter))

    assert found.health is Health.BAD
    assert "drafter.model" in found.remedy
