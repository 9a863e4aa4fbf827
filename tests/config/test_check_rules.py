"""What a brand may change of the checks, and what not."""

import pytest
from pydantic import ValidationError

from config.check_rules import CheckSettings, find_hosts, load_check_rules
from domain.words import CheckLevel, Visibility


def test_a_harmless_check_can_be_switched_off() -> None:
    settings = CheckSettings(levels={"request_without_cushion": "off"})

    assert settings.level_of(load_check_rules()["request_without_cushion"], Visibility.PUBLIC) is None
    assert settings.level_of(load_check_rules()["lively_apology"], Visibility.PUBLIC) is CheckLevel.WARN


def test_a_public_block_can_be_made_a_warning_where_the_table_says_so() -> None:
    rule = load_check_rules()["promise_date"]

    assert CheckSettings().level_of(rule, Visibility.PUBLIC) is CheckLevel.BLOCK
    assert CheckSettings().level_of(rule, Visibility.DM) is CheckLevel.WARN
    assert CheckSettings(levels={"promise_date": "warn"}).level_of(rule, Visibility.PUBLIC) is CheckLevel.WARN


@pytest.mark.parametrize(
    "rule", ["card_number", "asks_personal_data", "shows_personal_data", "forbidden_word", "offer"]
)
@pytest.mark.parametrize("setting", ["warn", "off"])
def test_privacy_cards_and_offers_stay_as_they_are(rule: str, setting: str) -> None:
    with pytest.raises(ValidationError, match=f"'{rule}' cannot be set to '{setting}'"):
        CheckSettings.model_validate({"levels": {rule: setting}})


def test_a_check_that_does_not_exist_is_named() -> None:
    with pytest.raises(ValidationError, match="there is no check 'politeness'"):
        CheckSettings.model_validate({"levels": {"politeness": "off"}})


def test_sites_are_compared_without_www_and_case() -> None:
    assert CheckSettings(domains=("WWW.Shop.Example",)).domains == ("shop.example",)
    assert find_hosts(["see https://www.Shop.example/a and http://help.example:80/b"]) == {
        "shop.example",
        "help.example",
    }
