"""The desk works without a script: plain links, plain forms, plain redirects."""

from html.parser import HTMLParser

from sqlalchemy import select
from starlette.testclient import TestClient

from domain.lifecycle import DeliveryState
from storage.database import Database
from storage.models import Conversation, Delivery, Reply, User
from tests.cast import OURS
from tests.desk.conftest import OpenDesk
from tests.desk.stage import Scene


class Forms(HTMLParser):
    """Forms as a browser without scripts submits them: fields by name, buttons with where they lead."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self.buttons: list[dict[str, str]] = []
        self._action = ""
        self._area = ""
        self._within = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._action, self._within = given.get("action", ""), given.get("id") == "draft-form"
        elif tag == "input" and self._within and given.get("type") == "hidden":
            self.fields[given["name"]] = given["value"]
        elif tag == "textarea" and self._within:
            self._area = given["name"]
            self.fields[self._area] = ""
        elif tag == "button" and given.get("type") != "button":
            self.buttons.append(given | {"leads": given.get("formaction", self._action)})

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self.fields[self._area] = self.fields.get(self._area, "").removeprefix("\n")
            self._area = ""
        elif tag == "form":
            self._within = False

    def handle_data(self, data: str) -> None:
        if self._area:
            self.fields[self._area] += data


def press(desk: TestClient, page: str, act: str = "", *, value: str = "", text: str | None = None) -> str:
    """Submit the draft's form (or another button's) by the first button that fits, and follow to the next page."""
    forms = Forms(page)
    button = next(one for one in forms.buttons if one.get("data-act") == act or (value and one.get("value") == value))
    fields = dict(forms.fields) | ({"text": text} if text is not None else {})
    if "name" in button:
        fields[button["name"]] = button["value"]
    answer = desk.post(button["leads"], data=fields)
    assert answer.status_code == 303, answer.text
    return desk.get(answer.headers["location"]).text


def test_read_approve_and_undo(open_desk: OpenDesk, database: Database, scene: Scene, ben: User) -> None:
    desk = open_desk(ben)
    page = desk.get(desk.get("/").headers["location"]).text
    assert "冬コート" in page
    after = press(desk, page, "approve")
    assert "Approved." in after
    assert "Conversation with <bdi>Jo</bdi>" in after
    undone = press(desk, after, "undo")
    assert "Taken back. Nothing was sent." in undone
    with database.snapshot(OURS) as tx:
        state = tx.session.scalars(select(Delivery.state).where(Delivery.mention_id == scene.coat.mention.id)).one()
        assert state == DeliveryState.CANCELLED


def test_edit_save_and_approve(open_desk: OpenDesk, database: Database, scene: Scene, ben: User) -> None:
    desk = open_desk(ben)
    text = "違うお色のコートをお届けし、\n申し訳ございません。お手数ですが、DMでご連絡いただけますでしょうか。"
    saved = press(desk, desk.get(f"/inbox/{scene.coat.conversation.id}").text, "save", text=text)
    assert "Draft saved." in saved
    assert "version 2" in saved
    press(desk, saved, "approve")
    with database.snapshot(OURS) as tx:
        assert tx.session.scalars(select(Reply.text).where(Reply.mention_id == scene.coat.mention.id)).one() == text


def test_reject_choose_another_option_and_ignore(
    open_desk: OpenDesk, database: Database, scene: Scene, aoi: User
) -> None:
    desk = open_desk(aoi)
    case = scene.coat.conversation.id
    rejected = press(desk, desk.get(f"/inbox/{case}").text, value="wrong_tone")
    assert "Option 1 of 2" in rejected
    other = desk.get(f"/inbox/{case}?option=1").text
    assert "Option 2 of 2" in other
    ignored = press(desk, other, value="spam")
    assert "Closed without an answer." in ignored
    with database.snapshot(OURS) as tx:
        assert tx.session.get_one(Conversation, case).resolved_reason == "spam"


def test_after_the_last_case_the_empty_queue_says_so(open_desk: OpenDesk, scene: Scene, aoi: User) -> None:
    desk = open_desk(aoi)
    page = desk.get("/inbox?split=questions").text
    empty = press(desk, page, value="already_solved")
    assert "This" in empty
    praise = desk.get("/inbox?split=questions").text
    assert "This split is empty" in praise
    assert scene.student.conversation.id > 0
