"""axe finds nothing on any page, in both languages and both themes; the pages zoom to 400 % and work without motion."""

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from storage.people import change_preferences
from tests.browser.conftest import LiveDesk
from tests.cast import OURS

pytestmark = pytest.mark.browser

OpenPage = Callable[..., Page]
RULES: dict[str, Any] = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
}


def findings(page: Page) -> list[str]:
    told = Axe().run(page, options=RULES).response["violations"]
    return [
        f"{one['id']}: {node['html'][:160]} {node.get('failureSummary', '')[:200]}"
        for one in told
        for node in one["nodes"]
    ]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", ["ja", "en"])
def test_axe_finds_nothing(live_desk: LiveDesk, open_page: OpenPage, *, language: str, theme: str) -> None:
    with live_desk.database.transaction(OURS) as tx:
        change_preferences(tx, user_id=live_desk.ben.id, language=language, theme=theme, single_keys=True)
    page = open_page(bypass_csp=True)  # axe is put into the page by the test
    case = live_desk.scene.coat.conversation.id
    for path in ("/inbox", f"/inbox/{case}", "/sent", "/alerts", "/me", "/inbox?split=mine", "/inbox/99999"):
        page.goto(path)
        assert findings(page) == [], path
    page.goto(f"/inbox/{case}")
    page.keyboard.press("r")
    assert findings(page) == [], "reject menu"
    page.keyboard.press("Escape")
    page.locator("#text").fill("お客様の勘違いです。" * 40)
    page.locator('[data-act="approve"]').click()
    expect(page.locator(".refusal")).to_be_visible()
    assert findings(page) == [], "refusal"
    page.goto(f"/inbox/{case}")
    page.evaluate("localStorage.clear()")
    page.reload()
    page.keyboard.press("a")
    expect(page.locator(".toast")).to_be_visible()
    page.wait_for_timeout(300)  # the toast fades in; contrast is measured at its end
    assert findings(page) == [], "toast"
    page.keyboard.press("?")
    assert findings(page) == [], "keys"


@pytest.mark.parametrize("color_scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_pages_before_signing_in(
    live_desk: LiveDesk, open_page: OpenPage, color_scheme: str
) -> None:
    page = open_page(bypass_csp=True, color_scheme=color_scheme)
    page.context.clear_cookies()
    for path in ("/sign-in", "/sign-in/link/spent", "/nowhere"):
        page.goto(live_desk.url + path)
        if "link" in path:
            page.locator(".refusal").wait_for()  # its button presses itself
        assert findings(page) == [], path


def test_at_400_percent_nothing_scrolls_sideways(live_desk: LiveDesk, open_page: OpenPage) -> None:
    page = open_page(viewport={"width": 340, "height": 256})
    for path in ("/inbox", f"/inbox/{live_desk.scene.coat.conversation.id}", "/sent", "/alerts", "/me"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


def test_every_action_by_key_also_is_a_button_that_names_its_key(live_desk: LiveDesk, open_page: OpenPage) -> None:
    page = open_page(path=f"/inbox/{live_desk.scene.coat.conversation.id}")
    named = page.locator("[aria-keyshortcuts]").evaluate_all(
        "all => all.map((one) => one.getAttribute('aria-keyshortcuts'))"
    )
    assert {"a", "e", "r", "i", "n", "c", "m", "u", "?"} <= set(named)
