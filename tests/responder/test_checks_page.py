"""The page of the checks is made from their table, so that it cannot be stale."""

from pathlib import Path

import pytest

from config.check_rules import load_check_rules
from responder.checks.page import PAGES, render_checks

DOCS = Path(__file__).parents[2] / "docs/reference"


@pytest.mark.parametrize(("language", "name"), PAGES)
def test_the_page_is_up_to_date(language: str, name: str) -> None:
    assert (DOCS / name).read_text(encoding="utf-8") == render_checks(language), "renew it: make docs"


@pytest.mark.parametrize("language", ["en", "ja"])
def test_every_rule_stands_there(language: str) -> None:
    page = render_checks(language)

    assert [rule for rule in load_check_rules() if f"| `{rule}` |" not in page] == []
    assert "{" not in page
