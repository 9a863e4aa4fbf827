"""The public page of a survey: answered with one press, by nobody else, and never by opening it."""

from datetime import timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from domain.clock import FixedClock
from domain.words import SurveyKind
from responder.survey_links import KEY_FILE, SurveyLinks, is_public, open_links
from storage.database import Database
from storage.forgetting import OldPost, forget_posts
from storage.models import AuditEvent, Survey, User
from tests.cast import NOON as NOW
from tests.cast import OURS, THEIRS
from tests.desk.conftest import OpenDesk
from tests.rows import Thread, make_conversation_with_mention


@pytest.fixture
def thread(database: Database) -> Thread:
    with database.transaction(OURS) as tx:
        return make_conversation_with_mention(tx, conversation={"waiting": False, "waiting_since": None})


def ask(database: Database, thread: Thread, kind: SurveyKind = SurveyKind.CSAT, *, language: str = "en") -> Survey:
    with database.transaction(OURS) as tx:
        survey = Survey(
            conversation_id=thread.conversation.id,
            kind=kind,
            language=language,
            expires_at=tx.now + timedelta(days=30),
            created_at=tx.now,
        )
        tx.session.add(survey)
    return survey


def link(home: Path, survey: Survey) -> str:
    return "/s/" + open_links(home, "").token(survey.id, survey.expires_at)


def answer(database: Database, survey: Survey) -> tuple[int | None, str, str]:
    with database.snapshot(OURS) as tx:
        row = tx.session.get_one(Survey, survey.id)
        return row.score, row.comment, row.answered_by


@pytest.fixture
def stranger(open_desk: OpenDesk) -> TestClient:
    return open_desk(None)


def test_opening_the_page_answers_nothing_and_one_press_does(
    database: Database, tmp_path: Path, thread: Thread, stranger: TestClient
) -> None:
    survey = ask(database, thread)
    address = link(tmp_path, survey)
    for method in (stranger.get, stranger.head):
        method(address)
    assert answer(database, survey) == (None, "", "")
    page = stranger.get(address)
    assert page.status_code == 200
    assert page.text.count('name="score"') == 5
    assert "set-cookie" not in page.headers
    assert "<script" not in page.text

    assert stranger.post(address, data={"score": 4}).status_code == 303
    assert stranger.post(address, data={"comment": "Quick and kind."}).status_code == 303
    assert answer(database, survey) == (4, "Quick and kind.", "link")
    assert stranger.post(address, data={"score": 5}).status_code == 303
    assert answer(database, survey) == (5, "Quick and kind.", "link"), "changed until it expires; the words stay"


def test_the_page_speaks_the_language_of_the_case_and_the_other_one(
    database: Database, tmp_path: Path, thread: Thread, stranger: TestClient
) -> None:
    address = link(tmp_path, ask(database, thread, SurveyKind.NPS, language="ja"))
    page = stranger.get(address).text
    assert 'lang="ja"' in page
    assert "勧めたい" in page
    assert page.count('name="score"') == 11
    assert "recommend" in stranger.get(address + "?lang=en").text


@pytest.mark.parametrize(
    "spoil",
    [
        lambda token: token[:-1] + ("A" if token[-1] != "A" else "B"),
        lambda token: "2" + token[1:] if token[0] != "2" else "3" + token[1:],
        lambda token: token.replace(".", ".9", 1),
        lambda _token: "x",
        lambda _token: "%00",
        lambda _token: "1.9999999999." + "é" * 22,
        lambda token: token.rpartition(".")[0],
        lambda token: token * 40,
    ],
)
def test_a_spoilt_link_leads_to_a_friendly_page_and_records_nothing(
    database: Database, tmp_path: Path, thread: Thread, stranger: TestClient, spoil: object
) -> None:
    survey = ask(database, thread)
    bad = "/s/" + spoil(link(tmp_path, survey).removeprefix("/s/"))  # type: ignore[operator]
    for page in (stranger.get(bad), stranger.post(bad, data={"score": 5})):
        assert page.status_code == 404
        assert "This link does not work" in page.text
    assert answer(database, survey) == (None, "", "")


def test_a_link_ends_with_its_time(
    database: Database, tmp_path: Path, thread: Thread, stranger: TestClient, clock: FixedClock
) -> None:
    survey = ask(database, thread)
    address = link(tmp_path, survey)
    clock.advance(timedelta(days=31))
    assert stranger.post(address, data={"score": 5}).status_code == 410
    assert "over" in stranger.get(address).text
    assert answer(database, survey) == (None, "", "")


def test_a_score_off_the_scale_is_refused(
    database: Database, tmp_path: Path, thread: Thread, stranger: TestClient
) -> None:
    survey = ask(database, thread)
    for score in ("0", "6", "11", "-1", "five"):
        assert stranger.post(link(tmp_path, survey), data={"score": score}).status_code in (404, 422)
    assert answer(database, survey) == (None, "", "")


def test_hostile_words_are_cut_cleaned_and_escaped(
    database: Database, tmp_path: Path, thread: Thread, stranger: TestClient, open_desk: OpenDesk, ben: User
) -> None:
    survey = ask(database, thread)
    hostile = "<script>alert(1)</script>\x00\ud800" + "あ" * 5000
    sent = hostile.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    stranger.post(link(tmp_path, survey), data={"score": 3, "comment": sent})
    score, comment, _by = answer(database, survey)
    assert score == 3
    assert len(comment) == 1000
    assert "\x00" not in comment
    page = open_desk(ben).get(f"/inbox/{thread.conversation.id}").text
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert(1)" not in page


def test_who_presses_on_and_on_is_asked_to_wait(
    database: Database, tmp_path: Path, thread: Thread, stranger: TestClient
) -> None:
    address = link(tmp_path, ask(database, thread))
    codes = [stranger.post(address, data={"score": 1 + press % 5}).status_code for press in range(14)]
    assert codes == [303] * 12 + [429] * 2


def test_a_low_score_brings_the_case_before_a_person_once(
    database: Database, tmp_path: Path, thread: Thread, stranger: TestClient, open_desk: OpenDesk, ben: User
) -> None:
    survey = ask(database, thread)
    address = link(tmp_path, survey)
    stranger.post(address, data={"score": 2})
    stranger.post(address, data={"score": 2})
    desk = open_desk(ben)
    assert "CSAT 2 / 5" in desk.get(f"/inbox/{thread.conversation.id}").text
    with database.snapshot(OURS) as tx:
        assert tx.session.query(AuditEvent).filter(AuditEvent.verb == "survey_answered").count() == 1
        waiting = tx.session.get_one(type(thread.conversation), thread.conversation.id)
        assert (waiting.waiting, waiting.state) == (True, "open")


def test_a_person_corrects_what_was_read(
    database: Database, thread: Thread, open_desk: OpenDesk, aoi: User, dana: User, chika: User
) -> None:
    survey = ask(database, thread)
    assert open_desk(dana).post(f"/surveys/{survey.id}/correct", data={"score": 4}).status_code == 403
    assert (
        open_desk(chika, workspace_id=THEIRS).post(f"/surveys/{survey.id}/correct", data={"score": 4}).status_code
        == 404
    )
    assert answer(database, survey) == (None, "", "")
    assert open_desk(aoi).post(f"/surveys/{survey.id}/correct", data={"score": 4}).status_code == 303
    assert answer(database, survey) == (4, "", "person")
    assert open_desk(aoi).post(f"/surveys/{survey.id}/correct", data={"score": 9}).status_code == 404


def test_another_workspace_s_desk_knows_nothing_of_the_link(
    database: Database, tmp_path: Path, thread: Thread, open_desk: OpenDesk
) -> None:
    survey = ask(database, thread)
    theirs = open_desk(None, workspace_id=THEIRS)
    assert theirs.post(link(tmp_path, survey), data={"score": 5}).status_code == 404
    assert answer(database, survey) == (None, "", "")


def test_words_go_with_the_case_and_the_score_stays(
    database: Database, tmp_path: Path, thread: Thread, stranger: TestClient
) -> None:
    survey = ask(database, thread)
    stranger.post(link(tmp_path, survey), data={"score": 4, "comment": "my name is Hanako"})
    with database.transaction(OURS) as tx:
        post = OldPost(
            id=thread.mention.id, conversation_id=thread.conversation.id, created_at=thread.mention.created_at
        )
        forget_posts(tx, [post])
    assert answer(database, survey) == (4, "", "link")


def test_the_key_is_made_once_and_read_by_its_owner_only(tmp_path: Path) -> None:
    first = open_links(tmp_path, "https://desk.shop.example/")
    assert open_links(tmp_path, "").key == first.key
    assert (tmp_path / KEY_FILE).stat().st_mode & 0o077 == 0
    assert [file.name for file in (tmp_path / "secrets").iterdir()] == ["survey_key"]
    assert first.key.hex() not in repr(first)
    assert SurveyLinks(key=b"x" * 32).read(first.token(1, NOW)) is None


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("", "no"),
        ("http://127.0.0.1:8321", "no"),
        ("http://localhost:8321", "no"),
        ("http://[::1]:8321", "no"),
        ("http://0.0.0.0", "no"),
        ("https://desk.shop.example", "yes"),
        ("https://192.168.1.5", "yes"),
    ],
)
def test_a_link_needs_an_address_that_customers_can_open(tmp_path: Path, address: str, public: str) -> None:
    assert is_public(address) is (public == "yes")
    made = open_links(tmp_path, address).address(1, NOW)
    assert made.startswith(f"{address}/s/1.") if public == "yes" else made == ""
