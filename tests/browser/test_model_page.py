"""``/settings/model`` in a browser: reached by keyboard, clean for axe, fits every window; photographed as the other pages."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from classifier.artefact import SHIPPED, read_description
from storage.people import change_preferences
from tests.browser.conftest import LiveDesk
from tests.browser.test_accessibility import findings
from tests.browser.test_photographs import SIZES
from tests.cast import OURS
from tests.desk.model_figures import keep

pytestmark = pytest.mark.browser

OpenPage = Callable[..., Page]
PAGE = "/settings/model"


@pytest.fixture(autouse=True)
def kept_figures(tmp_path: Path) -> None:
    """Figures of the model in force lie in the home that the desk is served from."""
    keep(tmp_path, model_id=read_description(SHIPPED).model_id, source="corpus")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", ["ja", "en"])
def test_it_fits_its_window_and_axe_finds_nothing(
    live_desk: LiveDesk, open_page: OpenPage, *, language: str, size: str, theme: str
) -> None:
    with live_desk.database.transaction(OURS) as tx:
        change_preferences(tx, user_id=live_desk.ben.id, language=language, theme=theme, single_keys=True)
    width, height = SIZES[size]
    page = open_page(path=PAGE, viewport={"width": width, "height": height}, bypass_csp=True)
    page.locator("html.scripted").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert findings(page) == []
    _photograph(page, f"model-{language}-{size}-{theme}")
    page.locator("details:not(.menu)").evaluate_all("all => all.forEach((one) => { one.open = true; })")
    assert findings(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "tables scroll sideways"
    page.goto(f"{PAGE}?on=own")
    assert findings(page) == []
    _photograph(page, f"model-own-{language}-{size}-{theme}")


def test_at_400_percent_nothing_scrolls_sideways(open_page: OpenPage) -> None:
    page = open_page(path=PAGE, viewport={"width": 340, "height": 256})
    page.locator("html.scripted").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_it_is_reached_and_read_without_a_mouse(open_page: OpenPage) -> None:
    page = open_page(path="/inbox")
    page.locator("html.scripted").wait_for()
    page.locator("details.user > summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{PAGE}")
    page.locator(".choices a").nth(3).focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**language=ja")
    expect(page.locator(".choices a[aria-current]")).to_have_count(2)
    summary = page.locator("figure summary").first
    summary.focus()
    page.keyboard.press("Enter")
    expect(page.locator("figure table").first).to_be_visible()


def _photograph(page: Page, name: str) -> None:
    folder = os.environ.get("KIKITE_SCREENSHOTS")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
