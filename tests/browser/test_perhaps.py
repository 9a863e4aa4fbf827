"""An entry beside the draft is put into the text with one press: where the cursor is, at the end where nobody was in the field."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect

from config.brand_book import Bilingual, BrandBook, FaqEntry
from domain.words import Topic
from tests.browser.conftest import LiveDesk
from tests.desk.setting import make_voice

pytestmark = pytest.mark.browser

ANSWER = "正しいお品をすぐにお送りします。"


@pytest.fixture(autouse=True)
def book(live_desk: LiveDesk) -> None:
    entry = FaqEntry(
        id="wrong",
        topic=Topic.PRODUCT,
        question=Bilingual(ja="注文と違う色のコートが届きました。", en="A coat in the wrong colour came."),
        answer=Bilingual(ja=ANSWER, en="We send the right one at once."),
    )
    made = BrandBook(voice=make_voice(), faq=(entry,))
    live_desk.app.state.context = replace(live_desk.app.state.context, books={"default": made})


def test_it_goes_to_the_end_and_is_checked_like_any_edit(open_page: Callable[..., Page]) -> None:
    page = open_page()
    before = page.locator("#text").input_value()
    assert ANSWER not in before

    page.locator("[data-insert]").click()

    wanted = f"{before.rstrip()}\n{ANSWER}" if not before.endswith("\n") else f"{before}{ANSWER}"
    expect(page.locator("#text")).to_have_value(wanted)
    expect(page.locator("#text")).to_be_focused()
    expect(page.locator("#findings .counter")).to_contain_text(str(len(wanted)))


def test_it_goes_where_the_cursor_is(open_page: Callable[..., Page]) -> None:
    page = open_page()
    page.locator("#text").fill("前の文です。後の文です。")
    page.locator("#text").evaluate("field => field.setSelectionRange(6, 6)")

    page.locator("[data-insert]").click()

    expect(page.locator("#text")).to_have_value(f"前の文です。\n{ANSWER}\n後の文です。")


def test_without_scripts_there_is_the_text_and_no_button(open_page: Callable[..., Page]) -> None:
    page = open_page(java_script_enabled=False)

    expect(page.locator(".perhaps .words")).to_have_text(ANSWER)
    expect(page.locator("[data-insert]")).to_be_hidden()
