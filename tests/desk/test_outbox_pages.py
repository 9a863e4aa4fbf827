"""The sent page, the kill switch, alerts and one's own settings."""

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from desk.pages.sent_list import PAGE_SIZE
from domain.lifecycle import AlertState, DeliveryState
from storage.database import Database
from storage.models import Alert, Delivery, Mention, User
from storage.opt_out_decisions import opt_out
from storage.outbox import is_sending_paused
from tests.cast import OURS
from tests.desk.conftest import OpenDesk
from tests.desk.stage import Scene
from tests.rows import make_conversation_with_mention, make_delivery, make_draft


def delivery_in(database: Database, state: DeliveryState) -> int:
    with database.snapshot(OURS) as tx:
        return tx.session.scalars(select(Delivery.id).where(Delivery.state == state)).one()


def state_of(database: Database, number: int) -> str:
    with database.snapshot(OURS) as tx:
        return tx.session.get_one(Delivery, number).state


def test_doubts_stand_on_top_with_everything_a_person_needs(open_desk: OpenDesk, scene: Scene, ben: User) -> None:
    page = open_desk(ben).get("/sent").text
    order = [
        page.index(title)
        for title in ("Needs a person", "To post by hand", "> Sent" if "> Sent" in page else "group-done")
    ]
    assert order == sorted(order)
    doubtful = page[order[0] : order[1]]
    for words in ("Open the post", "It is there", "It is not there. Send again", "Cancel"):
        assert words in doubtful
    by_hand = page[order[1] : order[2]]
    assert 'data-copy="text-' in by_hand
    assert "Mark as posted" in by_hand
    assert scene.coat.conversation.id > 0


def test_a_person_settles_a_doubt_once(open_desk: OpenDesk, database: Database, scene: Scene, ben: User) -> None:
    desk = open_desk(ben)
    number = delivery_in(database, DeliveryState.UNCERTAIN)
    assert desk.post(f"/deliveries/{number}/settle", data={"outcome": "sent"}).status_code == 303
    assert state_of(database, number) == DeliveryState.SENT
    again = desk.post(f"/deliveries/{number}/settle", data={"outcome": "queued"})
    assert again.status_code == 409
    assert "Somebody was quicker" in again.text
    assert state_of(database, number) == DeliveryState.SENT
    assert scene.coat.conversation.id > 0


def test_what_was_posted_by_hand_is_recorded_with_a_harmless_address(
    open_desk: OpenDesk, database: Database, scene: Scene, aoi: User
) -> None:
    desk = open_desk(aoi)
    number = delivery_in(database, DeliveryState.HANDED_OFF)
    assert desk.post(f"/deliveries/{number}/posted", data={"url": "javascript:alert(1)"}).status_code == 303
    with database.snapshot(OURS) as tx:
        delivery = tx.session.get_one(Delivery, number)
        assert (delivery.state, delivery.url) == (DeliveryState.SENT, "")
    assert scene.coat.conversation.id > 0


def test_a_reply_to_post_by_hand_can_be_withdrawn(
    open_desk: OpenDesk, database: Database, scene: Scene, ben: User
) -> None:
    number = delivery_in(database, DeliveryState.HANDED_OFF)
    assert open_desk(ben).post(f"/deliveries/{number}/withdraw").status_code == 303
    assert state_of(database, number) == DeliveryState.CANCELLED
    assert scene.coat.conversation.id > 0


def test_a_hand_off_is_recalled_with_its_reason_when_they_ask_to_be_left_alone(
    open_desk: OpenDesk, database: Database, scene: Scene, aoi: User
) -> None:
    number = delivery_in(database, DeliveryState.HANDED_OFF)
    with database.transaction(OURS) as tx:
        mention = tx.session.get_one(Mention, tx.session.get_one(Delivery, number).mention_id)
        opt_out(tx, mention.author_id, user=None)
    desk = open_desk(aoi)
    page = desk.get("/sent").text
    assert "To post by hand" not in page
    assert "They asked to be left alone" in page
    assert desk.post(f"/deliveries/{number}/posted").status_code == 409
    assert scene.coat.conversation.id > 0


def test_the_kill_switch_is_on_every_page_while_it_is_on(open_desk: OpenDesk, database: Database, ben: User) -> None:
    desk = open_desk(ben)
    assert desk.post("/sending", data={"to": "stop"}).status_code == 303
    for path in ("/inbox", "/sent", "/alerts", "/me"):
        page = desk.get(path).text
        assert "Sending is stopped" in page
        assert "Resume sending" in page
    desk.post("/sending", data={"to": "resume"})
    assert "Sending is stopped" not in desk.get("/inbox").text
    with database.snapshot(OURS) as tx:
        assert not is_sending_paused(tx)


def test_an_alert_is_told_in_words_until_somebody_has_seen_it(
    open_desk: OpenDesk, database: Database, scene: Scene, aoi: User
) -> None:
    desk = open_desk(aoi)
    page = desk.get("/alerts").text
    assert "A reply on practice could not be sent" in page
    assert f'href="/inbox/{scene.praise.conversation.id}"' in page
    with database.snapshot(OURS) as tx:
        number = tx.session.scalars(select(Alert.id)).one()
    assert desk.post(f"/alerts/{number}/acknowledge").status_code == 303
    assert "No open alerts" in desk.get("/alerts").text
    with database.snapshot(OURS) as tx:
        alert = tx.session.get_one(Alert, number)
        assert (alert.state, alert.acknowledged_by) == (AlertState.ACKNOWLEDGED, aoi.id)


def test_each_person_has_the_desk_in_their_own_language_and_colours(open_desk: OpenDesk, ben: User) -> None:
    desk = open_desk(ben)
    assert desk.post("/me", data={"language": "ja", "theme": "dark"}).status_code == 303
    page = desk.get("/inbox").text
    assert '<html lang="ja" data-theme="dark">' in page
    assert 'data-single-keys="off"' in page
    assert "承認待ち" in page
    assert desk.post("/me", data={"language": "fr", "theme": "dark"}).status_code == 422


def test_health_needs_no_sign_in_and_tells_nothing_else(open_desk: OpenDesk) -> None:
    answer = open_desk(None).get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_health_is_bad_and_pages_speak_when_the_database_is_away(
    open_desk: OpenDesk, database: Database, ben: User
) -> None:
    desk = open_desk(ben)
    with database.transaction(OURS) as tx:
        tx.session.connection().exec_driver_sql("ALTER TABLE workspace RENAME TO elsewhere")
        tx.session.connection().exec_driver_sql("ALTER TABLE user_session RENAME TO away")
    assert desk.get("/healthz").status_code == 503
    page = desk.get("/inbox")
    assert page.status_code == 503
    assert "Nothing was lost" in page.text


def test_a_fault_of_ours_is_a_page_in_words_without_its_inside(
    open_desk: OpenDesk, ben: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_given: object, **_named: object) -> None:
        msg = "secret detail"
        raise RuntimeError(msg)

    monkeypatch.setattr("desk.pages.me_edit.read_frame", fail)
    desk = open_desk(ben)
    quiet = TestClient(desk.app, raise_server_exceptions=False, cookies=dict(desk.cookies))
    answer = quiet.get("/me", headers={"Accept-Language": "ja,en;q=0.5"})
    assert answer.status_code == 500
    assert "問題が起きました" in answer.text
    assert "secret detail" not in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_a_list_that_goes_on_says_so_instead_of_giving_the_page_as_the_total(
    open_desk: OpenDesk, database: Database, scene: Scene, ben: User
) -> None:
    with database.transaction(OURS) as tx:
        for _reply in range(PAGE_SIZE):
            thread = make_conversation_with_mention(tx, account=scene.coat.account)
            make_delivery(tx, draft=make_draft(tx, mention=thread.mention), approved_by=ben, state="sent")
    desk = open_desk(ben)
    first = desk.get("/sent").text
    assert 'Sent <span class="meta">50+</span>' in first
    older = first.split('href="/sent?before=')[1].split('"')[0]
    rest = desk.get(f"/sent?before={older}").text
    assert "Sent <span" not in rest
    assert rest.split("group-done")[1].count("<article") == 1
