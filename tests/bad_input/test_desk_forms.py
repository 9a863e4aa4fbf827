"""Forms as browsers, slow networks, two people and strangers really send them: nothing typed is lost, nothing goes out twice."""

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select
from starlette.testclient import TestClient

from desk.app import make_app
from domain.clock import FixedClock
from domain.errors import StorageError
from domain.ids import WorkspaceId
from storage.database import Database
from storage.models import Delivery, Draft, DraftRevision, Reply, User
from tests.bad_input.table import row
from tests.cast import OURS, THEIRS
from tests.desk.setting import make_context, sign_in
from tests.desk.stage import Scene, set_stage

TYPED = "違うお色のコートをお届けし、申し訳ございません。お手数ですが、DMでご連絡いただけますでしょうか。"
OTHER = "ほかの文章です。申し訳ございません。DMでご連絡いただけますでしょうか。"
OpenDesk = Callable[[User], TestClient]


@pytest.fixture
def scene(database: Database, ben: User) -> Scene:
    with database.transaction(OURS) as tx:
        return set_stage(tx, approver=ben)


@pytest.fixture
def open_desk(database: Database, tmp_path: Path) -> Iterator[OpenDesk]:
    """Return a function that opens the desk in English as somebody, in their own workspace."""
    opened: list[TestClient] = []

    def open_as(user: User) -> TestClient:
        workspace = WorkspaceId(user.workspace_id)
        with database.transaction(workspace) as tx:
            tx.session.get_one(User, user.id).language = "en"
        headers = {"Sec-Fetch-Site": "same-origin", "Accept-Language": "en"}
        client = TestClient(
            make_app(make_context(database, workspace, tmp_path)), headers=headers, follow_redirects=False
        )
        client.cookies.set("kikite_session", sign_in(database, user))
        opened.append(client)
        return client

    yield open_as
    for client in opened:
        client.close()


def form(scene: Scene, text: str = TYPED, **fields: object) -> dict[str, object]:
    return {"draft": scene.coat_drafts[0].id, "revision": 1, "text": text} | fields


def deliveries(database: Database, scene: Scene) -> list[str]:
    """Return the states of the deliveries for the coat."""
    with database.snapshot(OURS) as tx:
        found = select(Delivery.state).where(Delivery.mention_id == scene.coat.mention.id).order_by(Delivery.id)
        return list(tx.session.scalars(found))


@row("form-unknown-draft")
def test_a_draft_that_is_not_there_is_a_page_in_words(open_desk: OpenDesk, ben: User, scene: Scene) -> None:
    answer = open_desk(ben).post("/drafts/approve", data=form(scene, draft=987654))
    assert answer.status_code == 404
    assert "it is not in this workspace" in answer.text


@row("form-unreadable")
@pytest.mark.usefixtures("scene")
def test_a_form_that_does_not_fit_is_told_so(open_desk: OpenDesk, ben: User) -> None:
    desk = open_desk(ben)
    for fields in ({}, {"draft": "x"}, {"draft": "-1"}, {"draft": str(2**70)}):
        answer = desk.post("/drafts/approve", data=fields)
        assert answer.status_code == 422
        assert "could not be read" in answer.text


@row("form-stale")
def test_a_stale_form_shows_the_difference_and_keeps_the_text(
    open_desk: OpenDesk, database: Database, scene: Scene, aoi: User, ben: User
) -> None:
    open_desk(aoi).post("/drafts/save", data=form(scene, OTHER))
    late = open_desk(ben).post("/drafts/approve", data=form(scene))
    assert late.status_code == 409
    assert "Somebody changed this draft after you opened it" in late.text
    assert TYPED in late.text
    assert deliveries(database, scene) == []


@row("form-replayed")
def test_a_form_sent_again_after_an_undo_is_stale_and_sends_nothing(
    open_desk: OpenDesk, database: Database, scene: Scene, ben: User
) -> None:
    desk = open_desk(ben)
    assert desk.post("/drafts/approve", data=form(scene)).status_code == 303
    with database.snapshot(OURS) as tx:
        number = tx.session.scalars(select(Delivery.id).where(Delivery.mention_id == scene.coat.mention.id)).one()
    assert desk.post(f"/deliveries/{number}/undo").status_code == 303
    again = desk.post("/drafts/approve", data=form(scene))
    assert again.status_code == 409
    assert "Somebody changed this draft after you opened it" in again.text
    assert TYPED in again.text
    assert deliveries(database, scene) == ["cancelled"]


@row("form-double-click")
def test_two_clicks_at_the_same_moment_are_one_reply(
    open_desk: OpenDesk, database: Database, scene: Scene, ben: User
) -> None:
    desks = [open_desk(ben), open_desk(ben)]
    # FastAPI makes a route at its first request, and silences a warning then in a way that threads cannot share.
    assert [desk.post("/drafts/approve", data={}).status_code for desk in desks] == [422, 422]
    together = threading.Barrier(2)
    answers: list[tuple[int, str]] = []

    def click(desk: TestClient) -> None:
        together.wait(10)
        answer = desk.post("/drafts/approve", data=form(scene))
        answers.append((answer.status_code, answer.headers["location"]))

    clicks = [threading.Thread(target=click, args=(desk,)) for desk in desks]
    for one in clicks:
        one.start()
    for one in clicks:
        one.join(20)
    assert [status for status, _ in answers] == [303, 303]
    (second,) = [place for _, place in answers if "said=already" in place]
    assert "This reply was already approved. It goes out once." in desks[0].get(second).text
    assert deliveries(database, scene) == ["held"]
    with database.snapshot(OURS) as tx:
        written = select(func.count()).select_from(Reply).where(Reply.mention_id == scene.coat.mention.id)
        assert tx.session.scalar(written) == 1


@row("form-second-approver")
def test_a_second_approver_is_told_who_was_first_and_keeps_the_text(
    open_desk: OpenDesk, database: Database, scene: Scene, ben: User
) -> None:
    open_desk(ben).post("/drafts/approve", data=form(scene))
    late = open_desk(ben).post("/drafts/approve", data=form(scene, OTHER))
    assert late.status_code == 409
    assert "approved it. What you wrote was not sent." in late.text
    assert OTHER in late.text
    assert deliveries(database, scene) == ["held"]


@row("form-cross-site")
def test_a_form_from_another_site_is_refused(open_desk: OpenDesk, database: Database, scene: Scene, ben: User) -> None:
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "", "Origin": "https://evil.example"}):
        answer = open_desk(ben).post("/drafts/approve", data=form(scene), headers=headers)
        assert answer.status_code == 403
        assert "This request came from another site and was refused." in answer.text
    assert deliveries(database, scene) == []


@row("form-oversized")
def test_a_giant_text_is_refused_with_the_limit_and_a_giant_request_unread(
    open_desk: OpenDesk, database: Database, scene: Scene, ben: User
) -> None:
    desk = open_desk(ben)
    long = desk.post("/drafts/approve", data=form(scene, "あ" * 10_001))
    assert long.status_code == 422
    assert "The text is over 10000 characters" in long.text
    assert "あ" * 10_001 in long.text
    assert desk.post("/drafts/approve", data=form(scene, "あ" * 100_000)).status_code == 413
    assert deliveries(database, scene) == []


@row("form-hostile-text")
def test_null_bytes_and_markup_that_an_agent_pastes_are_kept_as_text(
    open_desk: OpenDesk, database: Database, scene: Scene, aoi: User
) -> None:
    desk = open_desk(aoi)
    pasted = "</textarea><script>alert(1)</script>\x00 \r\n\ud7ff"
    assert desk.post("/drafts/save", data=form(scene, pasted)).status_code == 303
    page = desk.get(f"/inbox/{scene.coat.conversation.id}").text
    assert "&lt;/textarea&gt;&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page
    with database.snapshot(OURS) as tx:
        kept = select(DraftRevision.text).where(
            DraftRevision.draft_id == scene.coat_drafts[0].id, DraftRevision.number == 2
        )
        assert tx.session.scalar(kept) == "</textarea><script>alert(1)</script> \n\ud7ff"


@row("form-empty")
def test_an_empty_reply_is_not_approved(open_desk: OpenDesk, database: Database, scene: Scene, ben: User) -> None:
    answer = open_desk(ben).post("/drafts/approve", data=form(scene, "  \u3000\r\n"))
    assert answer.status_code == 422
    assert "It cannot go out like this" in answer.text
    assert deliveries(database, scene) == []


@row("form-session-over")
def test_text_typed_after_the_session_ended_is_shown_and_carried_through_the_sign_in(
    open_desk: OpenDesk, database: Database, clock: FixedClock, scene: Scene, ben: User
) -> None:
    desk = open_desk(ben)
    clock.advance(timedelta(hours=13))
    answer = desk.post("/drafts/approve", data=form(scene))
    assert answer.status_code == 401
    assert TYPED in answer.text
    assert "Sign in" in answer.text
    assert f'name="kept_draft" value="{scene.coat_drafts[0].id}"' in answer.text
    assert deliveries(database, scene) == []


@row("form-wrong-role")
def test_an_agent_cannot_approve(open_desk: OpenDesk, database: Database, scene: Scene, aoi: User) -> None:
    answer = open_desk(aoi).post("/drafts/approve", data=form(scene))
    assert answer.status_code == 403
    assert "You may not do this" in answer.text
    assert deliveries(database, scene) == []


@row("form-other-workspace")
def test_chika_reaches_nothing_of_ours_by_guessing_numbers(
    open_desk: OpenDesk, database: Database, scene: Scene, chika: User
) -> None:
    desk = open_desk(chika)
    case = scene.coat.conversation.id
    answers = [
        desk.get(f"/inbox/{case}"),
        desk.post("/drafts/approve", data=form(scene)),
        desk.post("/drafts/save", data=form(scene)),
        desk.post(f"/conversations/{case}/ignore", data={"ignore_reason": "joke"}),
        desk.post("/deliveries/1/undo"),
    ]
    assert [answer.status_code for answer in answers] == [404] * 5
    assert all("緑の冬コート" not in answer.text for answer in answers)
    assert deliveries(database, scene) == []
    with database.snapshot(THEIRS) as tx:
        assert tx.session.scalar(select(func.count()).select_from(Draft)) == 0


@row("desk-database-away")
def test_a_database_that_is_away_is_a_page_in_words_and_nothing_is_half_done(
    open_desk: OpenDesk, database: Database, scene: Scene, ben: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = open_desk(ben)
    with monkeypatch.context() as away:
        away.setattr(Database, "transaction", _away)
        answer = desk.post("/drafts/approve", data=form(scene))
    assert answer.status_code == 503
    assert "The database does not answer" in answer.text
    assert "Nothing was lost. Wait a moment and try again." in answer.text
    assert TYPED in answer.text, "without JavaScript the page is all that is left of what was typed"
    assert deliveries(database, scene) == []
    assert desk.post("/drafts/approve", data=form(scene)).status_code == 303


def _away(*_: object, **__: object) -> object:
    raise StorageError("PostgreSQL does not answer.", remedy="Check that it runs.")


@row("address-nowhere")
@pytest.mark.usefixtures("scene")
def test_an_address_that_leads_nowhere_is_a_page_in_words(open_desk: OpenDesk, ben: User) -> None:
    desk = open_desk(ben)
    for path in ("/inbox/0", "/inbox/99999999999999999999999", "/inbox/%00", "/inbox/../../etc/passwd", "/nowhere"):
        answer = desk.get(path)
        assert answer.status_code == 404
        assert "it is not in this workspace" in answer.text
