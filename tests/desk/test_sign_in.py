"""Signing in: by password, by a one-time link, not by trying; and coming back to what one was typing."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from desk.visits import own_path
from domain.clock import FixedClock
from domain.words import Role
from storage.database import Database
from storage.models import Draft, DraftRevision, SignInFailure, User, UserSession
from storage.people import (
    FAILURES_ALLOWED,
    LoginTakenError,
    create_user,
    find_session,
    make_sign_in_link,
    open_session,
    verify_password,
)
from tests.cast import OURS, THEIRS, furnish
from tests.desk.conftest import OpenDesk
from tests.desk.stage import Scene

PASSWORD = "a long walk by the river"
TYPED = "違うお色のコートをお届けし、申し訳ございません。お手数ですが、DMでご連絡いただけますでしょうか。"


@pytest.fixture(scope="session")
def password_hash(tmp_path_factory: pytest.TempPathFactory) -> str:
    """One slow hash for all tests."""
    database = Database(f"sqlite:///{tmp_path_factory.mktemp('hash') / 'kikite.db'}")
    furnish(database)
    with database.transaction(OURS) as tx:
        hashed = create_user(
            tx, login="x", display_name="X", password=PASSWORD, role=Role.VIEWER, language="en"
        ).password_hash
    database.close()
    return hashed


@pytest.fixture
def emi(database: Database, password_hash: str) -> User:
    """An agent with a password."""
    with database.transaction(OURS) as tx:
        user = User(
            login="emi",
            display_name="Emi",
            password_hash=password_hash,
            role=Role.AGENT,
            language="en",
            created_at=tx.now,
        )
        tx.session.add(user)
    return user


def test_the_right_password_opens_the_page_that_was_asked_for(
    open_desk: OpenDesk, database: Database, emi: User
) -> None:
    desk = open_desk(None)
    answer = desk.post("/sign-in", data={"login": " EMI ", "password": PASSWORD, "to": "/sent"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/sent")
    assert desk.get("/sent").status_code == 200
    with database.snapshot(OURS) as tx:
        stored = tx.session.scalars(select(UserSession.token_hash).where(UserSession.user_id == emi.id)).one()
    assert stored not in (desk.cookies["kikite_session"], "")


@pytest.mark.parametrize(
    "address",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/a\r\nSet-Cookie: x", ""],
)
def test_nobody_is_sent_to_another_site_after_signing_in(address: str) -> None:
    assert own_path(address) == "/inbox"


def test_a_wrong_password_and_an_unknown_login_answer_alike(open_desk: OpenDesk, emi: User) -> None:  # noqa: ARG001 - one of the two exists
    desk = open_desk(None)
    wrong = desk.post("/sign-in", data={"login": "emi", "password": "wrong"})
    unknown = desk.post("/sign-in", data={"login": "nobody", "password": "wrong"})
    assert (wrong.status_code, unknown.status_code) == (401, 401)
    assert wrong.text.replace("emi", "nobody") == unknown.text


def test_an_unknown_login_is_checked_as_slowly_as_a_known_one(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    class Counting:
        def hash(self, password: str) -> str:
            return f"decoy {password[:0]}"

        def verify(self, password_hash: str, _password: str) -> bool:
            asked.append(password_hash)
            return True

    monkeypatch.setattr("storage.people._hasher", Counting())
    monkeypatch.setattr("storage.people._decoy_hash", lambda: "decoy")
    assert not verify_password("", "anything")
    assert verify_password("real", "anything")
    assert asked == ["decoy", "real"]


def test_after_five_failures_even_the_right_password_rests_for_fifteen_minutes(
    open_desk: OpenDesk, database: Database, clock: FixedClock, emi: User
) -> None:
    with database.transaction(OURS) as tx:
        tx.session.add_all(SignInFailure(login="emi", at=tx.now) for _failure in range(FAILURES_ALLOWED))
    desk = open_desk(None)
    right = {"login": "emi", "password": PASSWORD}
    refused = desk.post("/sign-in", data=right)
    assert refused.status_code == 429
    assert "rests for about 15 minutes" in refused.text
    clock.advance(timedelta(minutes=15, seconds=1))
    assert desk.post("/sign-in", data=right).status_code == 303
    assert emi.login == "emi"


def test_failures_are_counted_whoever_the_login_belongs_to(open_desk: OpenDesk, database: Database) -> None:
    desk = open_desk(None)
    desk.post("/sign-in", data={"login": "ＮＯＢＯＤＹ", "password": "x"})
    with database.snapshot(OURS) as tx:
        assert tx.session.scalar(select(func.count()).where(SignInFailure.login == "nobody")) == 1


def test_a_link_signs_in_once_and_looking_at_it_does_not_spend_it(
    open_desk: OpenDesk, database: Database, ben: User
) -> None:
    with database.transaction(OURS) as tx:
        token = make_sign_in_link(tx, user_id=ben.id)
    desk = open_desk(None)
    assert desk.get(f"/sign-in/link/{token}").status_code == 200
    assert desk.get(f"/sign-in/link/{token}").status_code == 200
    assert desk.post(f"/sign-in/link/{token}").headers["location"] == "/inbox"
    assert desk.get("/inbox").status_code == 200
    spent = open_desk(None).post(f"/sign-in/link/{token}")
    assert spent.status_code == 410
    assert "was used or has run out" in spent.text


def test_a_link_runs_out(open_desk: OpenDesk, database: Database, clock: FixedClock, ben: User) -> None:
    with database.transaction(OURS) as tx:
        token = make_sign_in_link(tx, user_id=ben.id, minutes=10)
    clock.advance(timedelta(minutes=10))
    assert open_desk(None).post(f"/sign-in/link/{token}").status_code == 410


def test_a_session_ends_by_itself_by_signing_out_and_with_its_user(
    open_desk: OpenDesk, database: Database, clock: FixedClock, ben: User
) -> None:
    desk = open_desk(ben)
    token = desk.cookies["kikite_session"]
    assert desk.post("/sign-out").status_code == 303
    desk.cookies.set("kikite_session", token)
    assert desk.get("/inbox").status_code == 303
    with database.transaction(OURS) as tx:
        short = open_session(tx, user_id=ben.id, hours=1)
        other = open_session(tx, user_id=ben.id, hours=5)
    clock.advance(timedelta(hours=1))
    with database.transaction(OURS) as tx:
        assert find_session(tx, short) is None
        assert find_session(tx, other) is not None
        tx.session.execute(update(User).where(User.id == ben.id).values(active=False))
        assert find_session(tx, other) is None


def test_a_login_is_unique_across_workspaces_and_spellings(database: Database, emi: User) -> None:  # noqa: ARG001 - has the login
    with database.transaction(THEIRS) as tx, pytest.raises(LoginTakenError):
        create_user(tx, login="Ｅmi ", display_name="", password="x" * 12, role=Role.VIEWER, language="ja")


def test_text_typed_when_the_session_ends_goes_back_into_its_draft(
    open_desk: OpenDesk, database: Database, scene: Scene, emi: User
) -> None:
    desk = open_desk(None)
    draft = scene.coat_drafts[0]
    ended = desk.post("/drafts/approve", data={"draft": draft.id, "revision": 1, "text": TYPED})
    assert ended.status_code == 401
    assert TYPED in ended.text
    assert f'name="kept_draft" value="{draft.id}"' in ended.text
    back = desk.post(
        "/sign-in",
        data={
            "login": "emi",
            "password": PASSWORD,
            "to": "/inbox/1",
            "kept_draft": draft.id,
            "kept_revision": 1,
            "kept_text": TYPED,
        },
    )
    assert back.headers["location"] == "/inbox/1"
    assert TYPED in desk.get("/inbox/1").text
    with database.snapshot(OURS) as tx:
        writer = select(DraftRevision.user_id).where(DraftRevision.draft_id == draft.id, DraftRevision.number == 2)
        assert tx.session.scalar(writer) == emi.id


def test_text_whose_draft_moved_on_meanwhile_is_shown_after_signing_in(
    open_desk: OpenDesk, database: Database, scene: Scene, emi: User
) -> None:
    with database.transaction(OURS) as tx:
        tx.session.get_one(Draft, scene.coat_drafts[0].id).state = "superseded"
    kept = {"kept_draft": scene.coat_drafts[0].id, "kept_revision": 1, "kept_text": TYPED}
    desk = open_desk(None)
    answer = desk.post("/sign-in", data={"login": emi.login, "password": PASSWORD, "to": "/inbox"} | kept)
    assert answer.status_code == 200
    assert TYPED in answer.text
    assert desk.get("/inbox").status_code == 200


def test_the_script_is_told_that_the_session_ended_and_keeps_its_page(open_desk: OpenDesk, scene: Scene) -> None:
    answer = open_desk(None).post(
        "/drafts/approve",
        data={"draft": scene.coat_drafts[0].id, "revision": 1, "text": TYPED},
        headers={"HX-Request": "true", "HX-Target": "div#work", "HX-Current-URL": "http://testserver/inbox/1?option=1"},
    )
    assert (answer.status_code, answer.headers["hx-retarget"]) == (401, "#notice")
    assert 'href="/sign-in?to=/inbox/1%3Foption%3D1"' in answer.text
