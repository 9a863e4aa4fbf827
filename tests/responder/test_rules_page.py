"""The page of the rules is made from the table, so that it cannot be stale."""

from pathlib import Path

import pytest

from responder.eligibility import load_rules
from responder.rules_page import PAGES, render_rules

DOCS = Path(__file__).parents[2] / "docs/reference"
LEAST_RULES = 60


@pytest.mark.parametrize(("language", "name"), PAGES)
def test_the_page_is_up_to_date(language: str, name: str) -> None:
    assert (DOCS / name).read_text(encoding="utf-8") == render_rules(language), "renew it: make docs"


@pytest.mark.parametrize("language", ["en", "ja"])
def test_every_rule_stands_there_with_its_date(language: str) -> None:
    page = render_rules(language)
    for rule in load_rules():
        assert f"| `{rule.id}` | {rule.date.isoformat()} " in page
    assert len(load_rules()) >= LEAST_RULES
