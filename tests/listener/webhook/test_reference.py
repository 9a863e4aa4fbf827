"""The reference in docs/reference says what the program does."""

from pathlib import Path

import pytest
from openapi_schema_validator import OAS31Validator, oas31_format_checker

from config.locale import catalogue
from listener.channels.webhook.reference import PAGES, SCHEMA_FILE, make_schema, render_page, render_schema
from tests.listener.webhook.test_calls import WRONG, created
from tests.partners.webhook_chat import WebhookChat

REFERENCE = Path(__file__).parents[3] / "docs" / "reference"
STALE = "Run: make docs"
NOT_SAID = ("created_at", "custom.bad key")
"""Beginnings of what a schema cannot say or this validator does not check: times, names of fields."""


@pytest.mark.parametrize(("language", "name"), PAGES)
def test_the_page_is_up_to_date(language: str, name: str) -> None:
    assert (REFERENCE / name).read_text(encoding="utf-8") == render_page(language), STALE


def test_the_schema_is_up_to_date_and_a_schema() -> None:
    assert (REFERENCE / SCHEMA_FILE).read_text(encoding="utf-8") == render_schema(), STALE
    OAS31Validator.check_schema(make_schema())


def test_every_field_is_described_in_the_words_of_its_model() -> None:
    said = catalogue("webhook")
    for name, model in make_schema()["$defs"].items():
        assert said[f"model.{name}"]["en"] == model["description"]
        for key, field in model["properties"].items():
            assert said[f"field.{name}.{key}"]["en"] == field["description"], f"{name}.{key}"


@pytest.mark.parametrize(("fields", "field"), WRONG)
def test_the_schema_refuses_what_the_channel_refuses(chat: WebhookChat, fields: dict[str, object], field: str) -> None:
    validator = OAS31Validator(make_schema(), format_checker=oas31_format_checker)
    event = created(chat)
    assert validator.is_valid({"events": [event]})
    event["message"] |= fields
    if not field.removeprefix("message.").startswith(NOT_SAID):
        assert not validator.is_valid({"events": [event]})
