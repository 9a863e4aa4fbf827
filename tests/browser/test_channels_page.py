"""``/settings/channels`` in a browser: every state, clean for axe, in every window; photographed as the other pages."""

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, Response

from storage.people import change_preferences
from tests.browser.conftest import LiveDesk
from tests.browser.test_accessibility import findings
from tests.browser.test_photographs import LARGEST_PAGE_BYTES, SIZES
from tests.cast import OURS
from tests.desk.channel_states import add_poll, add_weeks, set_channels, well
from tests.rows import make_account

pytestmark = pytest.mark.browser

OpenPage = Callable[..., Page]
PAGE = "/settings/channels"


@pytest.fixture(autouse=True)
def accounts(live_desk: LiveDesk) -> None:
    """An account in each state."""
    with live_desk.database.transaction(OURS) as tx:
        set_channels(tx, now=tx.now)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", ["ja", "en"])
def test_it_fits_its_window_and_axe_finds_nothing(
    live_desk: LiveDesk, open_page: OpenPage, *, language: str, size: str, theme: str
) -> None:
    with live_desk.database.transaction(OURS) as tx:
        change_preferences(tx, user_id=live_desk.aoi.id, language=language, theme=theme, single_keys=True)
    width, height = SIZES[size]
    page = open_page(live_desk.aoi, path=PAGE, viewport={"width": width, "height": height}, bypass_csp=True)
    page.locator("html.scripted").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert findings(page) == []
    _photograph(page, f"channels-{language}-{size}-{theme}", full=True)
    for path in ("/inbox", "/inbox?split=mine"):
        page.goto(path)
        page.locator(".incomplete").first.wait_for()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        if size == "wide":  # a narrow window shows the queue without its main part
            assert findings(page) == [], path
        _photograph(page, f"incomplete-{'empty-' if 'mine' in path else ''}{language}-{size}-{theme}", full=False)


def test_at_400_percent_nothing_scrolls_sideways(open_page: OpenPage) -> None:
    page = open_page(path=PAGE, viewport={"width": 340, "height": 256})
    page.locator("html.scripted").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_with_two_hundred_accounts_it_is_light_with_all_it_needs(live_desk: LiveDesk, open_page: OpenPage) -> None:
    with live_desk.database.transaction(OURS) as tx:
        for number in range(200):
            account = make_account(tx, name=f"shop-{number:03}", kind="x", **well(tx.now))
            add_weeks(tx, account, now=tx.now, days=3)
            for minutes in range(5):
                add_poll(tx, account, at=tx.now - timedelta(minutes=minutes), gap="800 posts were not enough")
    page = open_page(path="/me")
    sizes: list[int] = []

    def weigh(response: Response) -> None:
        if "/events" not in response.url:
            sizes.append(len(response.body()))

    page.on("response", weigh)
    page.goto(PAGE)
    page.locator("html.scripted").wait_for()
    assert 0 < sum(sizes) < LARGEST_PAGE_BYTES
    page.locator(".turn a").click()
    page.wait_for_url("**page=2")


def _photograph(page: Page, name: str, *, full: bool) -> None:
    folder = os.environ.get("KIKITE_SCREENSHOTS")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=full)
