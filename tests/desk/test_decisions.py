"""Decisions: one request is one transaction, the exact text is what goes out, and nothing typed is ever lost."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from domain.clock import FixedClock
from domain.lifecycle import DeliveryState, DraftState, MentionState
from domain.replies import hash_text
from domain.words import Route, Verdict
from storage.database import Database
from storage.models import AuditEvent, Conversation, Delivery, Draft, Mention, Reply, Review, User
from tests.cast import NOON, OURS
from tests.desk.conftest import OpenDesk
from tests.desk.stage import Scene

EDITED = "違うお色のコートをお届けし、申し訳ございません。お手数ですが、DMでご連絡いただけますでしょうか。"
HARSH = "お客様の勘違いです。"
TOO_LONG = "申し訳ございません。" * 40


def form_of(scene: Scene, text: str = EDITED, *, revision: int = 1, option: int = 0) -> dict[str, object]:
    return {"draft": scene.coat_drafts[option].id, "revision": revision, "text": text}


def test_an_approval_is_review_reply_delivery_and_audit_at_once(
    open_desk: OpenDesk, database: Database, scene: Scene, ben: User
) -> None:
    answer = open_desk(ben).post("/drafts/approve", data=form_of(scene))
    assert answer.headers["location"].startswith(f"/inbox/{scene.student.conversation.id}")
    with database.snapshot(OURS) as tx:
        mention = scene.coat.mention.id
        review = tx.session.scalars(select(Review).where(Review.mention_id == mention)).one()
        reply = tx.session.scalars(select(Reply).where(Reply.review_id == review.id)).one()
        delivery = tx.session.scalars(select(Delivery).where(Delivery.reply_id == reply.id)).one()
        case = tx.session.get_one(Conversation, scene.coat.conversation.id)
        verbs = set(tx.session.scalars(select(AuditEvent.verb).where(AuditEvent.conversation_id == case.id)))
        assert (review.verdict, review.draft_revision, review.user_id) == (Verdict.EDITED, 2, ben.id)
        assert reply.text == EDITED
        assert review.text_hash == reply.text_hash == hash_text(EDITED)
        assert (delivery.state, delivery.hold_until) == (DeliveryState.HELD, NOON + timedelta(seconds=10))
        assert delivery.waiting_since_before == NOON - timedelta(minutes=12)
        assert (case.waiting, case.waiting_since) == (False, None)
        assert "draft_edited" in verbs


def test_an_unchanged_text_counts_as_approved_though_the_browser_sends_other_line_ends(
    open_desk: OpenDesk, database: Database, scene: Scene, ben: User
) -> None:
    shown = open_desk(ben).get(f"/inbox/{scene.student.conversation.id}")
    assert "Student discount" in shown.text
    with database.transaction(OURS) as tx:
        draft = tx.session.scalars(select(Draft).where(Draft.mention_id == scene.student.mention.id)).one()
    desk = open_desk(ben)
    desk.post(
        "/drafts/save", data={"draft": draft.id, "revision": 1, "text": "Hi Jo,\r\n\r\nthere is one. The Midori team"}
    )
    desk.post(
        "/drafts/approve",
        data={"draft": draft.id, "revision": 2, "text": "Hi Jo,\r\n\r\nthere is one. The Midori team"},
    )
    with database.snapshot(OURS) as tx:
        reply = tx.session.scalars(select(Reply).where(Reply.draft_id == draft.id)).one()
        assert reply.text == "Hi Jo,\n\nthere is one. The Midori team"
        assert tx.session.get_one(Draft, draft.id).revision == 2


def test_a_double_click_is_one_delivery_and_a_friendly_answer(
    open_desk: OpenDesk, database: Database, scene: Scene, ben: User
) -> None:
    desk = open_desk(ben)
    desk.post("/drafts/approve", data=form_of(scene))
    again = desk.post("/drafts/approve", data=form_of(scene))
    assert again.status_code == 303
    assert "said=already" in again.headers["location"]
    assert "It goes out once" in desk.get(again.headers["location"]).text
    with database.snapshot(OURS) as tx:
        counted = select(func.count()).select_from(Delivery).where(Delivery.mention_id == scene.coat.mention.id)
        assert tx.session.scalar(counted) == 1


def test_a_second_approver_with_another_text_is_told_who_was_first_and_keeps_the_text(
    open_desk: OpenDesk, scene: Scene, ben: User
) -> None:
    desk = open_desk(ben)
    desk.post("/drafts/approve", data=form_of(scene))
    late = desk.post("/drafts/approve", data=form_of(scene, "ほかの文章です。DMでご連絡いただけますでしょうか。"))
    assert late.status_code == 409
    assert "<bdi>Ben</bdi> approved it" in late.text
    assert "ほかの文章です" in late.text


def test_a_stale_form_shows_the_difference_and_keeps_what_was_typed(
    open_desk: OpenDesk, database: Database, scene: Scene, aoi: User, ben: User
) -> None:
    open_desk(aoi).post("/drafts/save", data=form_of(scene, "あおいの文章です。DMでご連絡いただけますでしょうか。"))
    late = open_desk(ben).post(
        "/drafts/approve", data=form_of(scene, "べんの文章です。DMでご連絡いただけますでしょうか。")
    )
    assert late.status_code == 409
    assert "Somebody changed this draft" in late.text
    assert "<del>あおい</del><ins>べん</ins>" in late.text
    assert "べんの文章です" in late.text.split("<textarea", 1)[1]
    assert '<input type="hidden" name="revision" value="2">' in late.text
    with database.snapshot(OURS) as tx:
        assert tx.session.get_one(Draft, scene.coat_drafts[0].id).state == DraftState.PROPOSED


def test_a_blocking_check_stops_the_approval_says_why_and_keeps_the_text(
    open_desk: OpenDesk, database: Database, scene: Scene, ben: User
) -> None:
    refused = open_desk(ben).post("/drafts/approve", data=form_of(scene, TOO_LONG))
    assert refused.status_code == 422
    assert "It cannot go out like this" in refused.text
    assert "The text is too long (400 of 300)" in refused.text
    assert TOO_LONG in refused.text
    with database.snapshot(OURS) as tx:
        assert not tx.session.scalars(select(Reply).where(Reply.mention_id == scene.coat.mention.id)).all()


def test_a_warning_takes_a_second_press_that_names_it(
    open_desk: OpenDesk, database: Database, scene: Scene, ben: User
) -> None:
    desk = open_desk(ben)
    promise = "お待たせして申し訳ございません。明日中に担当者よりご連絡いたします。"
    first = desk.post("/drafts/approve", data=form_of(scene, promise))
    assert first.status_code == 422
    assert "Approve all the same" in first.text
    assert '<input type="hidden" name="accepted" value="promise_contact">' in first.text
    accepted = [part.split('"')[0] for part in first.text.split('name="accepted" value="')[1:]]
    other = desk.post("/drafts/approve", data=form_of(scene, promise) | {"accepted": "something_else"})
    assert other.status_code == 422
    second = desk.post("/drafts/approve", data=form_of(scene, promise) | {"accepted": accepted})
    assert second.status_code == 303
    with database.snapshot(OURS) as tx:
        review = tx.session.scalars(select(Review).where(Review.mention_id == scene.coat.mention.id)).one()
        assert "promise_contact" in review.warnings_accepted


def test_nothing_goes_out_on_a_forbidden_route(
    open_desk: OpenDesk, database: Database, scene: Scene, ben: User
) -> None:
    with database.transaction(OURS) as tx:
        tx.session.get_one(Draft, scene.coat_drafts[0].id).route = Route.FORBIDDEN
    refused = open_desk(ben).post("/drafts/approve", data=form_of(scene))
    assert refused.status_code == 422
    assert EDITED in refused.text


def test_a_post_deleted_upstream_cannot_be_answered(
    open_desk: OpenDesk, database: Database, scene: Scene, ben: User
) -> None:
    with database.transaction(OURS) as tx:
        tx.session.get_one(Mention, scene.coat.mention.id).state = MentionState.GONE
    refused = open_desk(ben).post("/drafts/approve", data=form_of(scene))
    assert refused.status_code == 409
    assert "The post was deleted" in refused.text
    assert EDITED in refused.text


def test_a_newer_post_in_the_thread_still_waits_after_an_older_one_is_answered(
    open_desk: OpenDesk, database: Database, scene: Scene, ben: User
) -> None:
    with database.transaction(OURS) as tx:
        tx.session.get_one(Conversation, scene.coat.conversation.id).lead_mention_id = scene.venting.mention.id
    open_desk(ben).post("/drafts/approve", data=form_of(scene))
    with database.snapshot(OURS) as tx:
        assert tx.session.get_one(Conversation, scene.coat.conversation.id).waiting


def test_the_public_and_the_private_answer_can_both_be_approved_but_no_second_public_one(
    open_desk: OpenDesk, database: Database, scene: Scene, ben: User
) -> None:
    desk = open_desk(ben)
    assert desk.post("/drafts/approve", data=form_of(scene)).status_code == 303
    private = "違うお色のコートをお届けし、申し訳ございません。手配を確認いたします。"
    assert desk.post("/drafts/approve", data=form_of(scene, private, option=2)).status_code == 303
    assert desk.post("/drafts/approve", data=form_of(scene, option=1)).status_code == 409
    with database.snapshot(OURS) as tx:
        states = tx.session.scalars(select(Delivery.visibility).where(Delivery.mention_id == scene.coat.mention.id))
        assert sorted(states) == ["dm", "public"]


def test_undo_within_the_hold_brings_the_case_back_with_its_clock(
    open_desk: OpenDesk, database: Database, scene: Scene, ben: User
) -> None:
    desk = open_desk(ben)
    desk.post("/drafts/approve", data=form_of(scene))
    page = desk.get("/sent").text
    action = page.split('class="toast"')[1].split('action="')[1].split('"')[0]
    undone = desk.post(action)
    assert undone.headers["location"] == f"/inbox/{scene.coat.conversation.id}?said=undone"
    with database.snapshot(OURS) as tx:
        case = tx.session.get_one(Conversation, scene.coat.conversation.id)
        assert (case.waiting, case.waiting_since) == (True, NOON - timedelta(minutes=12))
        assert tx.session.get_one(Draft, scene.coat_drafts[0].id).state == DraftState.PROPOSED
        assert tx.session.get_one(Draft, scene.coat_drafts[1].id).state == DraftState.PROPOSED


def test_undo_after_the_reply_has_left_says_that_it_is_too_late(
    open_desk: OpenDesk, database: Database, scene: Scene, ben: User
) -> None:
    desk = open_desk(ben)
    desk.post("/drafts/approve", data=form_of(scene))
    with database.transaction(OURS) as tx:
        delivery = tx.session.scalars(select(Delivery).where(Delivery.mention_id == scene.coat.mention.id)).one()
        delivery.state = DeliveryState.SENDING
        number = delivery.id
    assert desk.post(f"/deliveries/{number}/undo").headers["location"] == "/sent?said=too_late"


def test_the_toast_is_gone_when_the_hold_is_over(
    open_desk: OpenDesk, clock: FixedClock, scene: Scene, ben: User
) -> None:
    desk = open_desk(ben)
    desk.post("/drafts/approve", data=form_of(scene))
    assert 'class="toast"' in desk.get("/inbox").text
    clock.advance(timedelta(seconds=11))
    assert 'class="toast"' not in desk.get("/inbox").text


@pytest.mark.parametrize("text", ["", "   \r\n \x00"])
def test_an_empty_text_is_never_approved(open_desk: OpenDesk, scene: Scene, ben: User, text: str) -> None:
    assert open_desk(ben).post("/drafts/approve", data=form_of(scene, text)).status_code == 422


def test_saving_the_same_text_adds_no_revision(
    open_desk: OpenDesk, database: Database, scene: Scene, aoi: User
) -> None:
    desk = open_desk(aoi)
    assert desk.post("/drafts/save", data=form_of(scene)).status_code == 303
    assert desk.post("/drafts/save", data=form_of(scene, revision=2)).status_code == 303
    with database.snapshot(OURS) as tx:
        assert tx.session.get_one(Draft, scene.coat_drafts[0].id).revision == 2


def test_ignoring_twice_is_one_review(open_desk: OpenDesk, database: Database, scene: Scene, aoi: User) -> None:
    desk = open_desk(aoi)
    for _press in range(2):
        desk.post(f"/conversations/{scene.coat.conversation.id}/ignore", data={"ignore_reason": "joke"})
    with database.snapshot(OURS) as tx:
        counted = select(func.count()).select_from(Review).where(Review.verdict == Verdict.IGNORED)
        assert tx.session.scalar(counted) == 1


def test_a_person_can_write_where_nothing_was_drafted(
    open_desk: OpenDesk, database: Database, scene: Scene, ben: User
) -> None:
    desk = open_desk(ben)
    case = scene.venting.conversation.id
    opened = desk.post(f"/conversations/{case}/write", data={"visibility": "public"})
    again = desk.post(f"/conversations/{case}/write", data={"visibility": "public"})
    assert (opened.status_code, again.status_code) == (303, 303)
    with database.snapshot(OURS) as tx:
        draft = tx.session.scalars(select(Draft).where(Draft.mention_id == scene.venting.mention.id)).one()
        number, route = draft.id, draft.route
    assert route == Route.API_PUBLIC
    text = "ご意見をお聞かせくださり、ありがとうございます。ご不快な思いをおかけし、申し訳ございません。"
    assert desk.post("/drafts/approve", data={"draft": number, "revision": 1, "text": text}).status_code == 303
