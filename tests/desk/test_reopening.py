"""Taking an ignoring back: the case is before a person again as if nobody had closed it."""

from datetime import timedelta

from sqlalchemy import select

from domain.clock import FixedClock
from domain.lifecycle import DraftState, MentionState
from domain.words import Route
from storage.database import Database
from storage.edits import mark_gone
from storage.models import AuditEvent, Conversation, Draft, Mention, User
from tests.cast import NOON, OURS
from tests.desk.conftest import OpenDesk
from tests.desk.stage import Scene
from tests.desk.test_without_scripts import press
from tests.rows import make_draft


def states(database: Database, scene: Scene) -> list[str]:
    with database.snapshot(OURS) as tx:
        return [tx.session.get_one(Draft, draft.id).state for draft in scene.coat_drafts]


def test_without_a_script_the_case_comes_back_with_its_clock_and_its_options(
    open_desk: OpenDesk, database: Database, clock: FixedClock, scene: Scene, aoi: User
) -> None:
    desk = open_desk(aoi)
    case = scene.coat.conversation.id
    with database.transaction(OURS) as tx:
        # The clock began with an earlier post than the newest one; an option that was rejected stays so.
        tx.session.get_one(Conversation, case).waiting_since = NOON - timedelta(minutes=40)
        tx.session.get_one(Draft, scene.coat_drafts[1].id).state = DraftState.REJECTED
        due = tx.session.get_one(Conversation, case).due_at
    ignored = press(desk, desk.get(f"/inbox/{case}").text, value="spam")
    assert states(database, scene) == [DraftState.SUPERSEDED, DraftState.REJECTED, DraftState.SUPERSEDED]
    clock.advance(timedelta(seconds=20))
    back = press(desk, ignored, "undo")
    assert "Back in the queue" in back
    assert "Conversation with <bdi>みか</bdi>" in back
    assert 'class="toast"' not in back
    with database.snapshot(OURS) as tx:
        row = tx.session.get_one(Conversation, case)
        assert (row.state, row.resolved_reason, row.waiting) == ("open", "", True)
        assert (row.waiting_since, row.due_at) == (NOON - timedelta(minutes=40), due)
        lines = tx.session.scalars(
            select(AuditEvent.verb).where(AuditEvent.conversation_id == case).order_by(AuditEvent.id)
        ).all()
        assert lines[-2:] == ["conversation_ignored", "conversation_reopened"]
    assert states(database, scene) == [DraftState.PROPOSED, DraftState.REJECTED, DraftState.PROPOSED]


def test_taking_it_back_twice_is_once_and_a_second_reason_covers_no_clock(
    open_desk: OpenDesk, database: Database, scene: Scene, aoi: User
) -> None:
    desk = open_desk(aoi)
    case = scene.coat.conversation.id
    for reason in ("joke", "spam"):
        desk.post(f"/conversations/{case}/ignore", data={"ignore_reason": reason})
    for _press in range(2):
        assert desk.post(f"/conversations/{case}/reopen").status_code == 303
    with database.snapshot(OURS) as tx:
        assert tx.session.get_one(Conversation, case).waiting_since == NOON - timedelta(minutes=12)
        verbs = tx.session.scalars(select(AuditEvent.verb).where(AuditEvent.conversation_id == case)).all()
        assert verbs.count("conversation_reopened") == 1
    assert states(database, scene) == [DraftState.PROPOSED] * 3


def test_the_undo_is_offered_for_a_minute_to_who_closed_it_and_on_the_case_for_ever(
    open_desk: OpenDesk, clock: FixedClock, scene: Scene, aoi: User, ben: User
) -> None:
    desk, other = open_desk(aoi), open_desk(ben)
    case = scene.coat.conversation.id
    desk.post(f"/conversations/{case}/ignore", data={"ignore_reason": "joke"})
    action = f'action="/conversations/{case}/reopen"'
    assert action in desk.get("/inbox").text
    assert action in desk.get("/sent").text
    assert action not in other.get("/inbox").text
    clock.advance(timedelta(seconds=61))
    assert action not in desk.get("/inbox").text
    assert f"form{action}" in other.get(f"/inbox/{case}").text


def test_a_running_hold_keeps_its_own_undo_beside_that_of_a_later_ignoring(
    open_desk: OpenDesk, scene: Scene, ben: User
) -> None:
    desk = open_desk(ben)
    text = "違うお色のコートをお届けし、申し訳ございません。お手数ですが、DMでご連絡いただけますでしょうか。"
    desk.post("/drafts/approve", data={"draft": scene.coat_drafts[0].id, "revision": 1, "text": text})
    desk.post(f"/conversations/{scene.venting.conversation.id}/ignore", data={"ignore_reason": "joke"})
    page = desk.get("/inbox").text
    assert page.count('class="toast"') == 2
    assert page.index("/reopen") < page.index("/undo")


def test_a_post_deleted_meanwhile_is_not_brought_back(
    open_desk: OpenDesk, database: Database, scene: Scene, aoi: User
) -> None:
    desk = open_desk(aoi)
    case = scene.coat.conversation.id
    desk.post(f"/conversations/{case}/ignore", data={"ignore_reason": "joke"})
    with database.transaction(OURS) as tx:
        mark_gone(tx, [scene.coat.mention.id])
    assert desk.post(f"/conversations/{case}/reopen").status_code == 409
    with database.snapshot(OURS) as tx:
        assert not tx.session.get_one(Conversation, case).waiting


def test_options_written_anew_meanwhile_are_not_doubled_by_the_old_ones(
    open_desk: OpenDesk, database: Database, scene: Scene, aoi: User
) -> None:
    desk = open_desk(aoi)
    case = scene.coat.conversation.id
    mine = "違うお色のコートをお届けし、申し訳ございません。DMでご連絡ください。"
    desk.post("/drafts/save", data={"draft": scene.coat_drafts[1].id, "revision": 1, "text": mine})
    desk.post(f"/conversations/{case}/ignore", data={"ignore_reason": "joke"})
    with database.transaction(OURS) as tx:
        mention = tx.session.get_one(Mention, scene.coat.mention.id)
        mention.state = MentionState.DRAFTED
        make_draft(tx, mention=mention, route=Route.API_PUBLIC)
    desk.post(f"/conversations/{case}/reopen")
    assert states(database, scene) == [DraftState.SUPERSEDED, DraftState.PROPOSED, DraftState.SUPERSEDED]


def test_dana_may_not_take_it_back_and_chika_finds_nothing(
    open_desk: OpenDesk, database: Database, scene: Scene, aoi: User, dana: User, chika: User
) -> None:
    case = scene.coat.conversation.id
    open_desk(aoi).post(f"/conversations/{case}/ignore", data={"ignore_reason": "joke"})
    assert open_desk(dana).post(f"/conversations/{case}/reopen").status_code == 403
    assert open_desk(chika).post(f"/conversations/{case}/reopen").status_code == 404
    with database.snapshot(OURS) as tx:
        assert tx.session.get_one(Conversation, case).resolved_reason == "joke"
