"""The digest as a reader sees it: both languages, wide and phone, light and dark; axe finds nothing."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from config.settings import Settings, WorkspaceSettings
from digest.compose import RenderedDigest, render_preview
from domain.words import Period
from tests.browser.conftest import LiveDesk
from tests.browser.test_accessibility import findings
from tests.cast import OURS

pytestmark = pytest.mark.browser

Render = Callable[[str], RenderedDigest]


@pytest.fixture
def render(live_desk: LiveDesk, tmp_path: Path) -> Render:
    settings = Settings(home=tmp_path, workspace=WorkspaceSettings(name="ミドリ商店"))
    return lambda language: render_preview(
        live_desk.database, OURS, settings=settings, period=Period.DAILY, language=language
    )


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("size", "width"), [("wide", 900), ("phone", 390)])
@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_mail_reads_well_everywhere(
    render: Render, browser: Browser, *, language: str, size: str, width: int, theme: str
) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme="dark" if theme == "dark" else "light"
    )
    page = context.new_page()
    page.set_content(render(language).html)
    assert page.locator("html").get_attribute("lang") == language
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "it scrolls sideways"
    assert page.locator("a[href*='/inbox/']").count() > 0
    if folder := os.environ.get("KIKITE_SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"digest-{language}-{size}-{theme}.png", full_page=True)
    assert findings(page) == []
    context.close()
