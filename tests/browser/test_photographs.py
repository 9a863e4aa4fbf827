"""Photographs of the pages in both languages, widths and themes, for people to look at (``KIKITE_SCREENSHOTS`` names a folder).

Without the folder the pages are still opened: none may scroll sideways or load more than 150 kB.
"""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, Response

from storage.people import change_preferences
from tests.browser.conftest import LiveDesk
from tests.cast import OURS

pytestmark = pytest.mark.browser

SIZES = {"wide": (1360, 820), "phone": (390, 844)}
LARGEST_PAGE_BYTES = 150_000


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_page_fits_its_window(
    live_desk: LiveDesk, open_page: Callable[..., Page], *, language: str, size: str, theme: str
) -> None:
    with live_desk.database.transaction(OURS) as tx:
        change_preferences(tx, user_id=live_desk.ben.id, language=language, theme=theme, single_keys=True)
    width, height = SIZES[size]
    page = open_page(viewport={"width": width, "height": height}, has_touch=size == "phone")
    pages = {
        "inbox": "/inbox",
        "conversation": f"/inbox/{live_desk.scene.coat.conversation.id}",
        "sent": "/sent",
        "alerts": "/alerts",
        "me": "/me",
    }
    for name, path in pages.items():
        page.goto(path)
        page.locator("html.scripted").wait_for()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{path} scrolls sideways"
        photograph(page, f"{name}-{language}-{size}-{theme}")
    page.goto(pages["conversation"])
    page.locator("html.scripted").wait_for()
    page.locator("#text").fill("申し訳ございません。明日中に担当者よりご連絡いたします。" * 14)
    page.locator('[data-act="approve"]').click()
    page.locator(".refusal").wait_for()
    photograph(page, f"refused-{language}-{size}-{theme}")
    page.goto(f"/inbox/{live_desk.scene.praise.conversation.id}")
    page.locator('[data-act="approve"]').click()
    page.locator(".toast").wait_for()
    page.wait_for_timeout(300)  # it rises
    photograph(page, f"approved-{language}-{size}-{theme}")


def test_a_page_with_all_it_needs_is_light(live_desk: LiveDesk, open_page: Callable[..., Page]) -> None:
    page = open_page(path="/me")
    sizes: list[int] = []

    def weigh(response: Response) -> None:
        if "/events" not in response.url:
            sizes.append(len(response.body()))

    page.context.clear_cookies(name="nothing")
    page.on("response", weigh)
    page.goto(f"/inbox/{live_desk.scene.coat.conversation.id}?fresh=1")
    page.locator("html.scripted").wait_for()
    assert 0 < sum(sizes) < LARGEST_PAGE_BYTES


def photograph(page: Page, name: str) -> None:
    """Keep what the page shows, where the environment names a folder."""
    folder = os.environ.get("KIKITE_SCREENSHOTS")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(folder) / f"{name}.png")
