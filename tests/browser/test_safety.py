"""What the page must keep: nothing typed is lost, arrivals move no row, the outbox can be worked, signing in by link is one step."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from domain.lifecycle import DeliveryState
from storage.models import Delivery, Draft
from storage.people import close_session, make_sign_in_link
from storage.reviews import add_revision
from tests.browser.conftest import LiveDesk
from tests.cast import OURS
from tests.rows import make_conversation_with_mention

pytestmark = pytest.mark.browser

OpenPage = Callable[..., Page]
TYPED = "お客さまへ、いま書きかけの文章です。"


def type_into_draft(page: Page) -> None:
    page.locator("#text").fill(TYPED)
    expect(page.locator("#kept")).to_have_text("この端末に保存済み")


def test_text_survives_a_reload(live_desk: LiveDesk, open_page: OpenPage) -> None:
    page = open_page(path=f"/inbox/{live_desk.scene.coat.conversation.id}")
    type_into_draft(page)
    page.reload()
    expect(page.locator("#text")).to_have_value(TYPED)
    expect(page.locator("#findings .counter")).to_contain_text(f"{len(TYPED)} / 300")


def test_text_survives_the_end_of_the_session_in_the_middle_of_an_edit(
    live_desk: LiveDesk, open_page: OpenPage
) -> None:
    page = open_page(path=f"/inbox/{live_desk.scene.coat.conversation.id}")
    type_into_draft(page)
    token = next(cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "kikite_session")
    with live_desk.database.transaction(OURS) as tx:
        close_session(tx, token)
    page.keyboard.press("Control+Enter")
    notice = page.locator("#notice")
    expect(notice).to_contain_text("サインインの期限が切れました")
    expect(page.locator("#text")).to_have_value(TYPED)
    notice.get_by_role("link").click()
    page.wait_for_url("**/sign-in?**")
    with live_desk.database.transaction(OURS) as tx:
        link = make_sign_in_link(tx, user_id=live_desk.ben.id)
    page.goto(f"/sign-in/link/{link}")
    page.wait_for_url("**/inbox")
    page.goto(f"/inbox/{live_desk.scene.coat.conversation.id}")
    expect(page.locator("#text")).to_have_value(TYPED)


def test_text_survives_being_offline_and_can_be_approved_afterwards(live_desk: LiveDesk, open_page: OpenPage) -> None:
    page = open_page(path=f"/inbox/{live_desk.scene.coat.conversation.id}")
    page.context.set_offline(True)
    page.locator("#text").fill(TYPED)
    expect(page.locator("#findings .counter")).to_contain_text(f"{len(TYPED)} / 300")
    page.locator('[data-act="approve"]').click()
    expect(page.locator("#notice")).to_contain_text("入力した文章は残っています")
    expect(page.locator("#live")).to_contain_text("オフライン")
    expect(page.locator("#text")).to_have_value(TYPED)
    page.context.set_offline(False)
    page.locator('[data-act="save"]').click()
    expect(page.locator(".said")).to_contain_text("下書きを保存しました")
    expect(page.locator("#text")).to_have_value(TYPED)


def test_a_restored_text_does_not_silently_cover_what_somebody_saved_meanwhile(
    live_desk: LiveDesk, open_page: OpenPage
) -> None:
    page = open_page(path=f"/inbox/{live_desk.scene.coat.conversation.id}")
    type_into_draft(page)
    with live_desk.database.transaction(OURS) as tx:
        draft = tx.session.get_one(Draft, live_desk.scene.coat_drafts[0].id)
        add_revision(tx, draft, text="あおいの文章です。", user_id=live_desk.aoi.id, checks=())
    page.reload()
    expect(page.locator("#text")).to_have_value(TYPED)
    page.locator('[data-act="approve"]').click()
    expect(page.locator(".refusal")).to_contain_text("ほかの人が下書きを変えました")
    expect(page.locator("#text")).to_have_value(TYPED)
    assert page.url.endswith(f"/inbox/{live_desk.scene.coat.conversation.id}")


def test_new_arrivals_show_a_pill_and_move_no_row(live_desk: LiveDesk, open_page: OpenPage) -> None:
    page = open_page()
    expect(page.locator("#live")).to_contain_text("接続中")
    before = page.locator("#rows .row").evaluate_all("rows => rows.map((row) => row.id)")
    with live_desk.database.transaction(OURS) as tx:
        for _post in range(3):
            make_conversation_with_mention(
                tx, account=live_desk.scene.coat.account, conversation={"urgency_rank": 0, "due_at": tx.now}
            )
        tx.emit("mentions")
    pill = page.locator("#pill")
    expect(pill).to_have_text("新着 3 件")
    expect(page.locator("#counted")).to_have_text("新着 3 件")
    expect(page.locator(".split[aria-current] b")).to_have_text("8")
    assert page.locator("#rows .row").evaluate_all("rows => rows.map((row) => row.id)") == before
    pill.click()
    expect(page.locator("#rows .row")).to_have_count(8)
    expect(page.locator("#pill")).to_have_count(0)
    expect(page.locator('#rows .row[aria-current="true"]')).to_have_count(1)


def test_a_one_time_link_opens_the_desk_directly(live_desk: LiveDesk, browser: Browser) -> None:
    with live_desk.database.transaction(OURS) as tx:
        link = make_sign_in_link(tx, user_id=live_desk.ben.id)
    page = browser.new_page()
    page.goto(f"{live_desk.url}/sign-in/link/{link}")
    page.wait_for_url("**/inbox")
    expect(page.locator("#main h1")).to_contain_text("みか")
    page.close()


def test_the_back_button_returns_to_the_conversation_before(live_desk: LiveDesk, open_page: OpenPage) -> None:
    page = open_page()
    page.locator(f"#row-{live_desk.scene.student.conversation.id} .who").click()
    expect(page.locator("#main h1")).to_contain_text("Jo")
    page.go_back()
    expect(page.locator("#main h1")).to_contain_text("みか")


def test_a_doubtful_reply_is_settled_on_the_sent_page(live_desk: LiveDesk, open_page: OpenPage) -> None:
    page = open_page(path="/sent")
    page.get_by_role("button", name="送れていた").click()
    expect(page.locator(".said")).to_contain_text("記録しました")
    with live_desk.database.snapshot(OURS) as tx:
        states = list(tx.session.scalars(select(Delivery.state)))
    assert DeliveryState.UNCERTAIN not in states


def test_on_a_phone_one_pane_shows_and_the_bar_is_within_reach(live_desk: LiveDesk, open_page: OpenPage) -> None:
    page = open_page(viewport={"width": 390, "height": 844}, has_touch=True)
    expect(page.locator("#queue")).to_be_visible()
    expect(page.locator("#work")).to_be_hidden()
    page.locator(f"#row-{live_desk.scene.coat.conversation.id} .who").click()
    expect(page.locator("#work")).to_be_visible()
    expect(page.locator("#queue")).to_be_hidden()
    for button in page.locator(".act .btn:visible").all():
        box = button.bounding_box()
        assert box is not None
        assert box["height"] >= 44
        assert box["y"] + box["height"] <= 844
    page.get_by_role("link", name="背景を開く").click()
    expect(page.locator("#background")).to_be_visible()
    page.get_by_role("link", name="背景を閉じる").click()
    expect(page.locator("#background")).to_be_hidden()


def test_a_resized_field_does_not_make_the_page_break_its_own_style_policy(
    live_desk: LiveDesk, open_page: OpenPage
) -> None:
    page = open_page()
    # As a browser does when the field's corner is dragged: a style of the element's own.
    page.evaluate("document.getElementById('text').style.height = '240px'")
    page.keyboard.press("n")
    expect(page.locator("#draft .options")).to_contain_text("案 2 / 3")
    page.keyboard.press("j")
    expect(page.locator("#main h1")).to_contain_text("Jo")
    assert live_desk.scene.coat.conversation.id > 0
