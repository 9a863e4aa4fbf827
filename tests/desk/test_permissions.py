"""Who may do what, told with the cast: Dana reads, Aoi edits, Ben approves, Chika works elsewhere and sees nothing."""

import pytest
from sqlalchemy import func, select

from domain.lifecycle import DeliveryState, DraftState
from domain.words import DraftKind
from storage.database import Database
from storage.models import Conversation, Delivery, Draft, DraftRevision, Review, User
from storage.people import change_password
from tests.cast import OURS
from tests.desk.conftest import OpenDesk
from tests.desk.stage import Scene

EVERY_PAGE = ("/inbox", "/inbox/1", "/inbox/rows", "/inbox/pulse", "/sent", "/alerts", "/me")


def form_of(scene: Scene, **more: object) -> dict[str, object]:
    draft = scene.coat_drafts[0]
    return {
        "draft": draft.id,
        "revision": 1,
        "text": "違うお色のコートをお届けし、申し訳ございません。お手数ですが、DMでご連絡いただけますでしょうか。",
    } | more


def count(database: Database, model: type) -> int:
    with database.snapshot(OURS) as tx:
        return tx.session.scalar(select(func.count()).select_from(model)) or 0


@pytest.mark.usefixtures("scene")
@pytest.mark.parametrize("path", EVERY_PAGE)
def test_nobody_is_asked_to_sign_in_first(open_desk: OpenDesk, path: str) -> None:
    answer = open_desk(None).get(path)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in?to=%2F")


def test_dana_reads_everything_and_decides_nothing(
    open_desk: OpenDesk, database: Database, scene: Scene, dana: User
) -> None:
    desk = open_desk(dana)
    case = scene.coat.conversation.id
    assert "冬コート" in desk.get(f"/inbox/{case}").text
    before = count(database, Review)
    attempts = (
        desk.post("/drafts/approve", data=form_of(scene)),
        desk.post("/drafts/save", data=form_of(scene)),
        desk.post("/drafts/reject", data=form_of(scene, reason="wrong_tone")),
        desk.post(f"/conversations/{case}/ignore", data={"ignore_reason": "spam"}),
        desk.post(f"/conversations/{case}/assign", data={"to": "me"}),
        desk.post(f"/conversations/{case}/write", data={"visibility": "public"}),
        desk.post(f"/conversations/{case}/label", data={"intent": "other", "topic": "other", "urgency": "low"}),
        desk.post("/deliveries/1/settle", data={"outcome": "sent"}),
        desk.post("/sending", data={"to": "stop"}),
        desk.post("/alerts/1/acknowledge"),
    )
    assert {answer.status_code for answer in attempts} == {403}
    assert "Your role is viewer" in attempts[0].text
    assert count(database, Review) == before


def test_aoi_edits_rejects_and_ignores_but_does_not_send(
    open_desk: OpenDesk, database: Database, scene: Scene, aoi: User
) -> None:
    desk = open_desk(aoi)
    before = count(database, Delivery)
    assert desk.post("/drafts/save", data=form_of(scene)).status_code == 303
    assert desk.post("/drafts/approve", data=form_of(scene, revision=2)).status_code == 403
    assert desk.post("/drafts/reject", data=form_of(scene, revision=2, reason="wrong_tone")).status_code == 303
    ignored = desk.post(f"/conversations/{scene.venting.conversation.id}/ignore", data={"ignore_reason": "third_party"})
    assert ignored.status_code == 303
    assert desk.post("/sending", data={"to": "stop"}).status_code == 403
    assert count(database, Delivery) == before


def test_ben_approves_what_aoi_wrote(
    open_desk: OpenDesk, database: Database, scene: Scene, aoi: User, ben: User
) -> None:
    open_desk(aoi).post("/drafts/save", data=form_of(scene))
    answer = open_desk(ben).post("/drafts/approve", data=form_of(scene, revision=2))
    assert answer.status_code == 303
    with database.snapshot(OURS) as tx:
        delivery = tx.session.scalars(select(Delivery).where(Delivery.mention_id == scene.coat.mention.id)).one()
        writers = list(
            tx.session.scalars(select(DraftRevision.user_id).where(DraftRevision.draft_id == scene.coat_drafts[0].id))
        )
        assert (delivery.state, delivery.approved_by) == (DeliveryState.HELD, ben.id)
        assert writers == [None, aoi.id]


def test_chika_sees_nothing_of_ours(open_desk: OpenDesk, scene: Scene, chika: User, ben: User) -> None:
    desk = open_desk(chika)
    case = scene.coat.conversation.id
    assert desk.get(f"/inbox/{case}").status_code == 404
    for path in ("/inbox", "/sent", "/alerts", "/inbox/rows", "/inbox/pulse"):
        page = desk.get(path)
        assert page.status_code == 200
        assert "コート" not in page.text
        assert "mika_s" not in page.text
    attempts = (
        desk.post("/drafts/approve", data=form_of(scene)),
        desk.post("/drafts/save", data=form_of(scene)),
        desk.post("/measure", data=form_of(scene)),
        desk.post(f"/conversations/{case}/ignore", data={"ignore_reason": "spam"}),
        desk.post(f"/conversations/{case}/assign", data={"to": "me"}),
        desk.post(f"/conversations/{case}/write", data={"visibility": "public"}),
        desk.post(f"/conversations/{case}/label", data={"intent": "other", "topic": "other", "urgency": "low"}),
        desk.post("/deliveries/1/undo"),
        desk.post("/deliveries/1/settle", data={"outcome": "sent"}),
        desk.post("/deliveries/2/posted"),
        desk.post("/alerts/1/acknowledge"),
    )
    assert [answer.status_code for answer in attempts] == [404] * len(attempts)
    assert open_desk(ben).get(f"/inbox/{case}").status_code == 200


@pytest.mark.usefixtures("scene")
def test_chikas_session_opens_no_door_of_ours(open_desk: OpenDesk, chika: User) -> None:
    ours, theirs = open_desk(None), open_desk(chika)
    ours.cookies.set("kikite_session", theirs.cookies["kikite_session"])
    assert ours.get("/inbox").status_code == 303


def test_a_new_password_ends_every_session(open_desk: OpenDesk, database: Database, ben: User) -> None:
    desk = open_desk(ben)
    with database.transaction(OURS) as tx:
        change_password(tx, user_id=ben.id, password="something else entirely")
    assert desk.get("/inbox").status_code == 303


def test_the_last_option_rejected_leaves_a_blank_one_to_write_in(
    open_desk: OpenDesk, database: Database, scene: Scene, aoi: User
) -> None:
    desk = open_desk(aoi)
    for draft in scene.coat_drafts:
        assert (
            desk.post("/drafts/reject", data={"draft": draft.id, "revision": 1, "reason": "other"}).status_code == 303
        )
    with database.snapshot(OURS) as tx:
        left = list(
            tx.session.scalars(
                select(Draft).where(Draft.mention_id == scene.coat.mention.id, Draft.state == DraftState.PROPOSED)
            )
        )
        waiting = tx.session.get_one(Conversation, scene.coat.conversation.id).waiting
        assert [draft.kind for draft in left] == [DraftKind.BLANK]
        assert waiting
