"""The list of what we write of our own accord, and what people decide about it on the case."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from domain.lifecycle import FollowUpState
from domain.words import Purpose, Visibility
from storage.database import Database
from storage.follow_ups import Plan, add_plan
from storage.models import Conversation, FollowUp, OptOut, User
from storage.models import Testimonial as Request
from tests.cast import OURS, THEIRS
from tests.desk.conftest import OpenDesk
from tests.rows import Thread, make_conversation_with_mention, make_delivery, make_draft

HOSTILE = "<script>alert(1)</script> \u202e\u2067evil\u2069"


@pytest.fixture
def thread(database: Database, ben: User) -> Thread:
    """An answered case."""
    with database.transaction(OURS) as tx:
        made = make_conversation_with_mention(tx, text=HOSTILE, author={"display_name": "<img src=x>"})
        draft = make_draft(tx, mention=made.mention)
        make_delivery(tx, draft=draft, approved_by=ben, state="sent", sent_at=tx.now)
        made.conversation.first_reply_at = tx.now
    return made


def plan(database: Database, thread: Thread, *, state: FollowUpState = FollowUpState.PLANNED) -> int:
    with database.transaction(OURS) as tx:
        row = add_plan(
            tx,
            Plan(
                conversation_id=thread.conversation.id,
                mention_id=thread.mention.id,
                purpose=Purpose.FOLLOW_UP,
                cause="answered",
                due_at=tx.now + timedelta(days=3),
                visibility=Visibility.PUBLIC,
            ),
        )
        assert row is not None
        row.state = state
        return row.id


def stands(database: Database) -> list[tuple[str, str, int | None]]:
    with database.snapshot(OURS) as tx:
        rows = tx.session.scalars(select(FollowUp).order_by(FollowUp.id))
        return [(row.cause, row.state, row.planned_by) for row in rows]


def test_the_list_shows_every_plan_escaped_and_nothing_to_chika(
    database: Database, thread: Thread, open_desk: OpenDesk, aoi: User, chika: User
) -> None:
    plan(database, thread)
    page = open_desk(aoi).get("/follow-ups").text
    assert "a complaint was answered" in page
    assert "&lt;script&gt;" in page
    assert "<script>alert" not in page
    assert "<img src=x>" not in page
    assert "a number is asked for instead of a link" in page, "desk.public_url is not set"
    assert "a complaint was answered" not in open_desk(chika, workspace_id=THEIRS).get("/follow-ups").text


def test_aoi_moves_and_drops_and_a_viewer_may_not(
    database: Database, thread: Thread, open_desk: OpenDesk, aoi: User, dana: User, chika: User
) -> None:
    number = plan(database, thread)
    for act, form in (("drop", {}), ("move", {"days": "1"})):
        assert open_desk(dana).post(f"/follow-ups/{number}/{act}", data=form).status_code == 403
        theirs = open_desk(chika, workspace_id=THEIRS)
        assert theirs.post(f"/follow-ups/{number}/{act}", data=form).status_code in (303, 404)
    assert stands(database) == [("answered", "planned", None)]
    desk = open_desk(aoi)
    assert desk.post(f"/follow-ups/{number}/drop").status_code == 303
    assert stands(database) == [("answered", "dropped", None)]
    assert desk.post(f"/follow-ups/{number}/move", data={"days": "0"}).status_code == 303
    assert stands(database) == [("answered", "planned", None)]
    assert desk.post(f"/follow-ups/{number}/move", data={"days": "-1"}).status_code == 422


def test_what_was_sent_is_neither_moved_nor_dropped(
    database: Database, thread: Thread, open_desk: OpenDesk, aoi: User
) -> None:
    number = plan(database, thread, state=FollowUpState.DONE)
    desk = open_desk(aoi)
    desk.post(f"/follow-ups/{number}/drop")
    desk.post(f"/follow-ups/{number}/move", data={"days": "0"})
    assert stands(database) == [("answered", "done", None)]


def test_a_person_plans_to_come_back_once(database: Database, thread: Thread, open_desk: OpenDesk, aoi: User) -> None:
    desk = open_desk(aoi)
    case = thread.conversation.id
    for said in ("follow_up_planned", "follow_up_there"):
        answer = desk.post(f"/conversations/{case}/follow-up", data={"days": "3"})
        assert answer.headers["location"].endswith(said)
    assert stands(database) == [("person", "planned", aoi.id)]


def test_not_even_a_person_plans_for_who_wants_to_be_left_alone(
    database: Database, thread: Thread, open_desk: OpenDesk, aoi: User
) -> None:
    with database.transaction(OURS) as tx:
        tx.session.add(OptOut(author_id=thread.author.id, reason="asked", created_at=tx.now))
    answer = open_desk(aoi).post(f"/conversations/{thread.conversation.id}/follow-up", data={"days": "3"})
    assert answer.headers["location"].endswith("follow_up_not")
    assert stands(database) == []


def test_closing_as_solved_plans_one_question_and_reopening_takes_it_back(
    database: Database, thread: Thread, open_desk: OpenDesk, aoi: User
) -> None:
    desk, case = open_desk(aoi), thread.conversation.id
    for _press in range(2):
        assert desk.post(f"/conversations/{case}/solved").status_code == 303
    assert stands(database) == [("resolved", "planned", None)]
    with database.snapshot(OURS) as tx:
        closed = tx.session.get_one(Conversation, case)
        assert (closed.state, closed.resolved_reason, closed.waiting) == ("resolved", "solved", False)
    assert desk.post(f"/conversations/{case}/reopen").status_code == 303
    with database.snapshot(OURS) as tx:
        opened = tx.session.get_one(Conversation, case)
        assert (opened.state, opened.waiting) == ("open", False), "nobody waited before it was closed"


def test_consent_is_recorded_by_a_person_and_exported_without_formulas(
    database: Database, thread: Thread, open_desk: OpenDesk, aoi: User, chika: User
) -> None:
    with database.transaction(OURS) as tx:
        row = Request(mention_id=thread.mention.id, author_id=thread.author.id, created_at=tx.now)
        tx.session.add(row)
        tx.session.get_one(type(thread.mention), thread.mention.id).text = "=1+1 the best coat"
        tx.session.flush()
        number = row.id
    form = {"state": "agreed", "evidence": str(thread.mention.id), "case": str(thread.conversation.id)}
    theirs = open_desk(chika, workspace_id=THEIRS)
    assert theirs.post(f"/testimonials/{number}/record", data=form).status_code == 404
    desk = open_desk(aoi)
    assert "the best coat" not in desk.get("/testimonials").text
    assert desk.post(f"/testimonials/{number}/record", data=form).status_code == 303
    assert "the best coat" in desk.get("/testimonials").text
    file = desk.get("/testimonials.csv")
    assert file.headers["content-type"] == "text/csv; charset=utf-8"
    assert "'=1+1 the best coat" in file.text
    assert "the best coat" not in theirs.get("/testimonials.csv").text
    desk.post(f"/testimonials/{number}/record", data={"state": "withdrawn"})
    assert "the best coat" not in desk.get("/testimonials.csv").text
