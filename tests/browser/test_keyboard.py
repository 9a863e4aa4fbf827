"""The desk by keyboard: what a person who answers all day does without touching the mouse."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from domain.lifecycle import DeliveryState, DraftState, MentionState
from domain.words import Intent, Language, Verdict
from storage.models import Classification, Conversation, Delivery, Draft, Mention, Review
from storage.people import change_preferences
from tests.browser.conftest import LiveDesk
from tests.cast import OURS
from tests.rows import make_draft

pytestmark = pytest.mark.browser

OpenPage = Callable[..., Page]


def _deliveries(desk: LiveDesk) -> list[str]:
    with desk.database.snapshot(OURS) as tx:
        mention = desk.scene.coat.mention.id
        return list(
            tx.session.scalars(select(Delivery.state).where(Delivery.mention_id == mention).order_by(Delivery.id))
        )


def test_a_approves_and_the_next_conversation_opens_with_an_undo_in_reach(
    live_desk: LiveDesk, open_page: OpenPage
) -> None:
    page = open_page()
    first, second = live_desk.scene.coat.conversation.id, live_desk.scene.student.conversation.id
    expect(page.locator(f"#row-{first}")).to_have_attribute("aria-current", "true")
    page.keyboard.press("a")
    expect(page.locator(".toast")).to_contain_text("承認しました")
    expect(page).to_have_url(f"{live_desk.url}/inbox/{second}")
    expect(page.locator(f"#row-{first}")).to_have_count(0)
    expect(page.locator(f"#row-{second}")).to_have_attribute("aria-current", "true")
    expect(page.locator("#main h1")).to_be_focused()
    expect(page.locator(".split[aria-current] b")).to_have_text("4")
    assert _deliveries(live_desk) == [DeliveryState.HELD]


def test_z_takes_the_approval_back_within_the_hold(live_desk: LiveDesk, open_page: OpenPage) -> None:
    page = open_page()
    page.keyboard.press("a")
    expect(page.locator(".toast")).to_be_visible()
    page.wait_for_function("() => !document.querySelector('#work .htmx-request')")
    page.keyboard.press("z")
    expect(page.locator(".said")).to_contain_text("取り消しました")
    expect(page).to_have_url(f"{live_desk.url}/inbox/{live_desk.scene.coat.conversation.id}")
    expect(page.locator(".toast")).to_have_count(0)
    expect(page.locator(f"#row-{live_desk.scene.coat.conversation.id}")).to_have_attribute("aria-current", "true")
    assert _deliveries(live_desk) == [DeliveryState.CANCELLED]


def test_a_double_press_never_approves_the_conversation_that_comes_up_next(
    live_desk: LiveDesk, open_page: OpenPage
) -> None:
    page = open_page()
    page.keyboard.press("a")
    page.locator(f'#work [data-case="{live_desk.scene.student.conversation.id}"]').wait_for()
    page.keyboard.press("a")
    page.locator('[data-act="approve"]').click()
    expect(page.locator("#main h1")).to_contain_text("Jo")
    with live_desk.database.snapshot(OURS) as tx:
        answered = set(tx.session.scalars(select(Delivery.mention_id).where(Delivery.state == DeliveryState.HELD)))
    assert answered == {live_desk.scene.coat.mention.id}


def test_e_edits_and_control_enter_approves_what_was_typed(live_desk: LiveDesk, open_page: OpenPage) -> None:
    page = open_page()
    page.keyboard.press("e")
    expect(page.locator("#text")).to_be_focused()
    page.keyboard.type("必ずご返事します。")
    expect(page.locator("#findings .counter")).to_contain_text("107 / 300")
    expect(page.locator(".changes ins")).to_contain_text("必ずご返事します。")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".toast")).to_be_visible()
    with live_desk.database.snapshot(OURS) as tx:
        review = tx.session.scalars(select(Review).order_by(Review.id.desc())).first()
        assert review is not None
        assert review.verdict == Verdict.EDITED
        assert review.edit_distance == len("必ずご返事します。")


def test_keys_do_nothing_while_japanese_is_being_converted_or_a_field_is_in_use(
    live_desk: LiveDesk, open_page: OpenPage
) -> None:
    page = open_page()
    page.evaluate(
        """() => {
            const key = (more) => new KeyboardEvent("keydown", {key: "a", bubbles: true, cancelable: true, ...more});
            document.body.dispatchEvent(key({isComposing: true}));
            document.body.dispatchEvent(key({keyCode: 229}));
            document.body.dispatchEvent(key({ctrlKey: true}));
            document.body.dispatchEvent(key({altKey: true}));
            document.body.dispatchEvent(key({repeat: true}));
        }"""
    )
    page.keyboard.press("e")
    page.keyboard.type("aaa")
    page.evaluate(
        """() => document.querySelector("#text").dispatchEvent(
            new KeyboardEvent("keydown", {key: "Enter", ctrlKey: true, isComposing: true, bubbles: true}))"""
    )
    expect(page.locator("#findings .counter")).to_contain_text("101 / 300")
    assert _deliveries(live_desk) == []


def test_single_keys_can_be_switched_off(live_desk: LiveDesk, open_page: OpenPage) -> None:
    with live_desk.database.transaction(OURS) as tx:
        change_preferences(tx, user_id=live_desk.ben.id, language="en", theme="auto", single_keys=False)
    page = open_page()
    page.keyboard.press("a")
    page.keyboard.press("j")
    expect(page.locator("#main h1")).to_contain_text("みか")
    assert _deliveries(live_desk) == []


def test_r_and_a_number_reject_with_that_reason_and_the_other_options_stay(
    live_desk: LiveDesk, open_page: OpenPage
) -> None:
    page = open_page()
    page.keyboard.press("r")
    page.keyboard.press("2")
    expect(page.locator(".said")).to_contain_text("却下しました")
    expect(page.locator(".options")).to_contain_text("案 1 / 2")
    with live_desk.database.snapshot(OURS) as tx:
        draft = tx.session.get_one(Draft, live_desk.scene.coat_drafts[0].id)
        reason = tx.session.scalars(select(Review.reason).where(Review.draft_id == draft.id)).one()
        assert (draft.state, reason) == (DraftState.REJECTED, "wrong_tone")


def test_i_and_a_number_close_the_case_without_an_answer(live_desk: LiveDesk, open_page: OpenPage) -> None:
    page = open_page()
    page.keyboard.press("i")
    page.keyboard.press("3")
    expect(page.locator("#main h1")).to_contain_text("Jo")
    with live_desk.database.snapshot(OURS) as tx:
        case = tx.session.get_one(Conversation, live_desk.scene.coat.conversation.id)
        assert (case.state, case.resolved_reason, case.waiting) == ("resolved", "spam", False)


def test_z_brings_an_ignored_case_back(live_desk: LiveDesk, open_page: OpenPage) -> None:
    page = open_page()
    page.keyboard.press("i")
    page.keyboard.press("3")
    expect(page.locator(".toast")).to_contain_text("対応しないことにしました")
    expect(page.locator("#main h1")).to_contain_text("Jo")
    page.keyboard.press("z")
    expect(page.locator(".said")).to_contain_text("対応に戻しました")
    expect(page.locator("#main h1")).to_contain_text("みか")
    expect(page.locator(".toast")).to_have_count(0)
    case = live_desk.scene.coat.conversation.id
    expect(page.locator(f"#row-{case}")).to_have_attribute("aria-current", "true")
    expect(page.locator("#draft .options")).to_contain_text("案 1 / 3")


def test_j_and_k_walk_the_queue_and_n_the_options(live_desk: LiveDesk, open_page: OpenPage) -> None:
    page = open_page()
    page.keyboard.press("n")
    expect(page.locator("#draft .options")).to_contain_text("案 2 / 3")
    page.keyboard.press("n")
    expect(page.locator("#draft .route")).to_contain_text("DM")
    expect(page.locator("#findings .counter")).to_contain_text("/ 1000")
    page.keyboard.press("j")
    expect(page.locator("#main h1")).to_contain_text("Jo")
    page.keyboard.press("k")
    expect(page.locator("#main h1")).to_contain_text("みか")
    page.keyboard.press("u")
    expect(page.locator(f"#row-{live_desk.scene.coat.conversation.id} .who")).to_be_focused()


def test_a_key_right_after_a_case_that_one_opened_oneself_is_not_lost(live_desk: LiveDesk, open_page: OpenPage) -> None:
    page = open_page()
    page.keyboard.press("j")
    page.locator(f'#work [data-case="{live_desk.scene.student.conversation.id}"]').wait_for()
    page.keyboard.press("r")
    expect(page.locator("#reject .menu-body")).to_be_visible(timeout=300)
    page.keyboard.press("1")
    expect(page.locator(".said")).to_contain_text("却下しました")


def test_a_key_before_the_chosen_case_has_come_does_not_decide_on_the_one_before(
    live_desk: LiveDesk, open_page: OpenPage
) -> None:
    page = open_page()
    page.evaluate(
        """() => {
            document.querySelectorAll("#rows .who")[1].click();
            document.body.dispatchEvent(new KeyboardEvent("keydown", {key: "a", bubbles: true, cancelable: true}));
        }"""
    )
    expect(page.locator("#main h1")).to_contain_text("Jo")
    expect(page.locator(".toast")).to_have_count(0)
    assert _deliveries(live_desk) == []


@pytest.mark.parametrize("height", [900, 560])
def test_the_reasons_for_ignoring_open_within_sight(live_desk: LiveDesk, open_page: OpenPage, height: int) -> None:
    case = live_desk.scene.coat.conversation.id
    page = open_page(path=f"/inbox/{case}", viewport={"width": 1400, "height": height})
    page.keyboard.press("i")
    last = page.locator("#ignore .menu-body button").last
    expect(last).to_be_in_viewport(ratio=1)
    expect(page.locator("#ignore .menu-body button").first).to_be_in_viewport(ratio=1)


def test_c_corrects_the_label_and_m_takes_the_case(live_desk: LiveDesk, open_page: OpenPage) -> None:
    page = open_page()
    page.keyboard.press("c")
    expect(page.locator("#correct select").first).to_be_focused()
    page.locator("#correct select[name=intent]").select_option("question")
    page.locator("#correct button").click()
    expect(page.locator(".said")).to_contain_text("判定を直しました")
    row = page.locator(f"#row-{live_desk.scene.coat.conversation.id}")
    expect(row).to_contain_text("質問")
    expect(row).to_have_attribute("aria-current", "true")
    page.locator("#main h1").focus()
    page.keyboard.press("m")
    expect(page.locator(".talk-head .meta")).to_contain_text("べん")
    with live_desk.database.snapshot(OURS) as tx:
        newest = tx.session.scalars(
            select(Classification)
            .where(Classification.mention_id == live_desk.scene.coat.mention.id)
            .order_by(Classification.id.desc())
        ).first()
        assert newest is not None
        assert (newest.intent, newest.user_id, newest.trainable) == (Intent.QUESTION, live_desk.ben.id, True)


def test_options_written_for_a_corrected_label_show_by_themselves(live_desk: LiveDesk, open_page: OpenPage) -> None:
    with live_desk.database.transaction(OURS) as tx:
        tx.session.get_one(Mention, live_desk.scene.coat.mention.id).state = MentionState.DRAFTED
    page = open_page()
    expect(page.locator("#live")).to_contain_text("接続中")
    page.keyboard.press("c")
    page.locator("#correct select[name=intent]").select_option("question")
    page.locator("#correct form button").click()
    expect(page.locator("#being-written")).to_be_visible()
    with live_desk.database.transaction(OURS) as tx:
        mention = tx.session.get_one(Mention, live_desk.scene.coat.mention.id)
        mention.state = MentionState.DRAFTED
        make_draft(tx, mention=mention, text="交換を承ります。", language=Language.JA)
        tx.emit("drafted", conversation_id=mention.conversation_id)
    expect(page.locator("#text")).to_have_value("交換を承ります。")


def test_a_question_mark_opens_the_sheet_and_escape_closes_it(live_desk: LiveDesk, open_page: OpenPage) -> None:  # noqa: ARG001 - the desk is served by it
    page = open_page()
    page.keyboard.press("?")
    expect(page.locator("#sheet")).to_be_visible()
    page.keyboard.press("a")
    page.keyboard.press("Escape")
    expect(page.locator("#sheet")).to_be_hidden()
    expect(page.locator(".toast")).to_have_count(0)
