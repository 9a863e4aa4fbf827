"""A storm in a real browser: one row with its count, its list, the way out; photographed, and nothing for axe to find."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from storage.gatherings import gather
from storage.models import ChannelAccount, Conversation
from storage.people import change_preferences
from tests.browser.conftest import LiveDesk
from tests.browser.test_accessibility import findings
from tests.browser.test_photographs import SIZES, photograph
from tests.cast import OURS
from tests.rows import make_conversation_with_mention

pytestmark = pytest.mark.browser

CALL = "緑の冬コートを注文したのに青いコートが届いた人、私だけじゃないはず。お店は返事をくれません。みんなで声をあげましょう。"
NAMES = ("はるか", "Kenji", "ゆい🌸", "a_very_long_handle_that_nobody_would_like_to_read.example", "みどり")


@pytest.fixture
def storm(live_desk: LiveDesk) -> int:
    """Twenty-four cases under the wrong coat, which itself quotes a post of somebody else; return its id."""
    with live_desk.database.transaction(OURS) as tx:
        lead = live_desk.scene.coat.conversation.id
        account = tx.session.query(ChannelAccount).filter_by(name="shop").one()
        post = tx.session.get_one(type(live_desk.scene.coat.mention), live_desk.scene.coat.mention.id)
        post.quoted_external_id = "elsewhere"
        post.platform_data = {"quoted_text": "緑と青を間違える店、これで三度目です。", "quoted_author": "もり"}
        under = [
            make_conversation_with_mention(
                tx,
                text=CALL,
                account=account,
                url=f"https://social.example/{number}",
                author={"display_name": NAMES[number % len(NAMES)]},
            ).conversation.id
            for number in range(24)
        ]
        gather(tx, dict.fromkeys(under, lead))
        return lead


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_storm_fits_its_window_and_axe_finds_nothing(
    live_desk: LiveDesk, open_page: Callable[..., Page], storm: int, *, language: str, size: str, theme: str
) -> None:
    with live_desk.database.transaction(OURS) as tx:
        change_preferences(tx, user_id=live_desk.ben.id, language=language, theme=theme, single_keys=True)
    width, height = SIZES[size]
    page = open_page(viewport={"width": width, "height": height}, has_touch=size == "phone", bypass_csp=True)
    look = f"{language}-{size}-{theme}"
    photograph(page, f"storm-inbox-{look}")
    page.goto(f"/inbox/{storm}")
    page.locator("html.scripted").wait_for()
    page.locator(".gathered summary").click()
    page.locator(".gathered").scroll_into_view_if_needed()
    expect(page.locator(".gathered li")).to_have_count(20)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert findings(page) == []
    photograph(page, f"storm-open-{look}")


def test_a_press_takes_a_case_out_and_the_row_counts_one_less(
    live_desk: LiveDesk, open_page: Callable[..., Page], storm: int
) -> None:
    page = open_page(path=f"/inbox/{storm}")
    page.locator(".gathered summary").click()
    page.locator(".gathered li").nth(2).get_by_role("button").click()
    expect(page.locator(".said")).to_contain_text("まとめから外しました")
    expect(page.locator(f"#row-{storm}")).to_contain_text("ほか23件")
    expect(page.locator(".gathered summary")).to_contain_text("ほか23件")
    with live_desk.database.snapshot(OURS) as tx:
        assert tx.session.get_one(Conversation, storm).gathered_count == 23


def test_without_scripts_the_list_opens_and_a_button_takes_out(
    live_desk: LiveDesk, open_page: Callable[..., Page], storm: int
) -> None:
    page = open_page(path=f"/inbox/{storm}", java_script_enabled=False)
    page.locator(".gathered summary").click()
    page.get_by_role("link", name="続きを表示").last.click()
    expect(page.locator(".gathered li")).to_have_count(4)
    page.locator(".gathered li").first.get_by_role("button").click()
    expect(page.locator(".said")).to_contain_text("まとめから外しました")
    with live_desk.database.snapshot(OURS) as tx:
        assert tx.session.get_one(Conversation, storm).gathered_count == 23
