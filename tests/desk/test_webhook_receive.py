"""The door for platforms: who is let in without a session, what is kept before the answer, and what people are told."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from desk.app import make_app
from desk.pages import webhook_receive
from desk.pages.webhook_receive import LARGEST_CALL_BYTES, TOLD_EVERY_SECONDS
from domain.errors import StorageError
from domain.ids import ChannelAccountId
from domain.webhooks import Parcel, Receipt, RefusedEvent, WebhookCall, WebhookRefusedError
from domain.words import Role
from storage.database import Database
from storage.models import Alert, ChannelAccount, WebhookParcel
from tests.cast import OURS, THEIRS
from tests.desk.setting import QuietChannel, hire, make_context

PAYLOAD = b'{"event": 1}'
JSON = {"Content-Type": "application/json"}
AWAY = StorageError("PostgreSQL does not answer.", remedy="Check that it runs.")
WRONG = WebhookRefusedError("Signed by nobody we know.", code="wrong_signature", status=401, remedy="Compare.")


def keep_whole(call: WebhookCall) -> Receipt:
    return Receipt(parcels=(Parcel(key=call.body.decode(), text="an event"),))


@dataclass(frozen=True)
class CalledChannel(QuietChannel):
    """A channel that platforms call. ``answers`` says what it makes of a call."""

    answers: Callable[[WebhookCall], Receipt] = keep_whole
    calls: list[WebhookCall] = field(default_factory=list)

    def receive(self, call: WebhookCall) -> Receipt:
        self.calls.append(call)
        return self.answers(call)


@dataclass(frozen=True)
class Door:
    client: TestClient
    database: Database
    channel: CalledChannel

    def kept(self) -> list[str]:
        with self.database.snapshot(OURS) as tx:
            return list(tx.session.scalars(select(WebhookParcel.key).order_by(WebhookParcel.id)))

    def alerts(self) -> list[tuple[str, int]]:
        with self.database.snapshot(OURS) as tx:
            return [(row.kind, row.count) for row in tx.session.scalars(select(Alert).order_by(Alert.id))]


OpenDoor = Callable[..., Door]


@pytest.fixture
def open_door(database: Database, tmp_path: Path) -> Iterator[OpenDoor]:
    """Return a function that opens a desk with two accounts: ``chat`` is called, ``quiet`` is not. Nobody is signed in."""
    clients: list[TestClient] = []
    with database.transaction(OURS) as tx:
        hire(tx, "aoi", Role.AGENT)
        for name in ("chat", "quiet", "retired"):
            tx.session.add(ChannelAccount(name=name, kind="webhook", brand="default", active=name != "retired"))
    with database.transaction(THEIRS) as tx:
        tx.session.add(ChannelAccount(name="theirs", kind="webhook", brand="default", active=True))

    def open_one(answers: Callable[[WebhookCall], Receipt] = keep_whole) -> Door:
        channel = CalledChannel(answers=answers)
        context = make_context(database, OURS, tmp_path)
        with database.snapshot(OURS) as tx:
            wanted = select(ChannelAccount.id).where(ChannelAccount.name != "quiet")
            called = {ChannelAccountId(number): channel for number in tx.session.scalars(wanted)}
        context = replace(context, channels={**context.channels, **called})
        client = TestClient(make_app(context), raise_server_exceptions=False)
        clients.append(client)
        return Door(client=client, database=database, channel=channel)

    yield open_one
    for client in clients:
        client.close()


@pytest.fixture
def door(open_door: OpenDoor) -> Door:
    return open_door()


def refuse(call: WebhookCall) -> Receipt:
    del call
    raise WRONG


def test_a_call_is_kept_and_confirmed_without_a_session_or_a_browsers_headers(door: Door) -> None:
    answer = door.client.post("/hooks/chat?source=app", content=PAYLOAD, headers={**JSON, "X-Signature": "abc"})
    assert (answer.status_code, answer.json()) == (200, {"kept": 1})
    assert door.kept() == [PAYLOAD.decode()]
    (call,) = door.channel.calls
    assert (call.method, call.query, call.body) == ("POST", {"source": "app"}, PAYLOAD)
    assert call.headers["x-signature"] == "abc"


def test_a_call_from_another_site_is_no_worse_than_any_call(door: Door) -> None:
    headers = {**JSON, "Origin": "https://platform.example", "Sec-Fetch-Site": "cross-site"}
    assert door.client.post("/hooks/chat", content=PAYLOAD, headers=headers).status_code == 200


@pytest.mark.parametrize("path", ["/drafts/approve", "/hooksx/chat", "/sign-in", "/hook/chat", "/x/hooks/chat"])
def test_everywhere_else_a_request_without_a_browsers_headers_is_refused(door: Door, path: str) -> None:
    answer = door.client.post(path, content=PAYLOAD, headers=JSON)
    assert answer.status_code == 403


def test_everywhere_else_a_session_is_needed(door: Door) -> None:
    assert door.client.get("/inbox", follow_redirects=False).status_code in {303, 401}


def test_a_repeated_call_is_confirmed_and_kept_once(door: Door) -> None:
    answers = [door.client.post("/hooks/chat", content=PAYLOAD, headers=JSON).json() for _ in range(2)]
    assert answers == [{"kept": 1}, {"kept": 0}]
    assert door.kept() == [PAYLOAD.decode()]


def test_a_challenge_is_answered_in_plain_text(open_door: OpenDoor) -> None:
    door = open_door(answers=lambda call: Receipt(answer=call.query["hub.challenge"]))
    answer = door.client.get("/hooks/chat?hub.challenge=%3Cb%3E1158")
    assert (answer.status_code, answer.text) == (200, "<b>1158")
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert door.channel.calls[0].method == "GET"


def test_what_a_channel_refuses_is_answered_with_its_code_and_status(open_door: OpenDoor) -> None:
    door = open_door(answers=refuse)
    answer = door.client.post("/hooks/chat", content=PAYLOAD, headers=JSON)
    assert (answer.status_code, answer.json()) == (401, {"error": "wrong_signature"})
    assert door.kept() == []


@pytest.mark.parametrize("account", ["nobody", "quiet", "retired", "theirs", "chat%00", "%F0%9F%98%80"])
def test_an_account_that_nobody_may_call_is_unknown(door: Door, account: str) -> None:
    for answer in (
        door.client.post(f"/hooks/{account}", content=PAYLOAD, headers=JSON),
        door.client.get(f"/hooks/{account}"),
    ):
        assert (answer.status_code, answer.json()) == (404, {"error": "unknown_account"})
    assert door.alerts() == []


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "", "application/jsonx"])
def test_another_content_type_is_refused(door: Door, content_type: str) -> None:
    answer = door.client.post("/hooks/chat", content=PAYLOAD, headers={"Content-Type": content_type})
    assert (answer.status_code, answer.json()) == (415, {"error": "wrong_content_type"})
    assert door.channel.calls == []


def test_a_content_type_may_name_its_characters(door: Door) -> None:
    headers = {"Content-Type": "Application/JSON; charset=utf-8"}
    assert door.client.post("/hooks/chat", content=PAYLOAD, headers=headers).status_code == 200


@pytest.mark.parametrize("says_its_length", [True, False])
def test_a_body_that_is_too_large_is_refused_unread(door: Door, *, says_its_length: bool) -> None:
    body = b" " * (LARGEST_CALL_BYTES + 1)
    content = body if says_its_length else iter([body[: LARGEST_CALL_BYTES // 2]] * 3)
    answer = door.client.post("/hooks/chat", content=content, headers=JSON)
    assert answer.status_code == 413
    assert door.channel.calls == []
    assert door.client.post("/hooks/chat", content=body[:-1], headers=JSON).status_code == 200


def test_the_answer_waits_until_the_database_has_it(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object) -> object:
        raise AWAY

    with monkeypatch.context() as patch:
        patch.setattr(webhook_receive, "store_parcels", away)
        answer = door.client.post("/hooks/chat", content=PAYLOAD, headers=JSON)
    assert (answer.status_code, answer.json()) == (503, {"error": "try_again"})
    assert int(answer.headers["retry-after"]) > 0
    assert door.kept() == []
    assert door.client.post("/hooks/chat", content=PAYLOAD, headers=JSON).json() == {"kept": 1}


def test_a_database_that_is_away_from_the_start_asks_to_come_again(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object, **__: object) -> object:
        raise AWAY

    monkeypatch.setattr(Database, "snapshot", away)
    answer = door.client.post("/hooks/chat", content=PAYLOAD, headers=JSON)
    assert (answer.status_code, answer.json()) == (503, {"error": "try_again"})


def test_a_fault_in_a_channel_is_500_and_keeps_nothing(open_door: OpenDoor) -> None:
    def break_down(call: WebhookCall) -> Receipt:
        raise ZeroDivisionError(call.body)

    door = open_door(answers=break_down)
    answer = door.client.post("/hooks/chat", content=b"{}", headers=JSON)
    assert answer.status_code == 500
    assert "ZeroDivision" not in answer.text
    assert door.kept() == []


def test_refused_calls_are_told_to_people_at_most_once_in_ten_minutes(
    open_door: OpenDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    door = open_door(answers=refuse)
    now = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    for passed, count in ((0, 1), (1, 1), (TOLD_EVERY_SECONDS - 2, 1), (1, 2), (1, 2)):
        now[0] += passed
        assert door.client.post("/hooks/chat", content=PAYLOAD, headers=JSON).status_code == 401
        assert door.alerts() == [("webhook_refused", count)]


def test_wrong_events_do_not_keep_the_others_out_and_the_sender_is_told_which(open_door: OpenDoor) -> None:
    wrong = RefusedEvent(number=2, event_id="e-2", field="message.text", problem="Field required.")
    receipt = Receipt(parcels=(Parcel(key="e-1", text="x"),), refused=(wrong,), left_out=3)
    door = open_door(answers=lambda _: receipt)
    answer = door.client.post("/hooks/chat", content=PAYLOAD, headers=JSON)
    assert answer.status_code == 422
    assert answer.json() == {
        "error": "events_refused",
        "kept": 1,
        "left_out": 3,
        "refused_count": 1,
        "refused": [{"event": 2, "id": "e-2", "field": "message.text", "problem": "Field required."}],
    }
    assert door.kept() == ["e-1"]
    assert door.client.post("/hooks/chat", content=PAYLOAD, headers=JSON).json()["kept"] == 0
    assert door.alerts() == [("webhook_events_refused", 1)]


def test_events_that_nobody_knows_are_counted_in_the_answer(open_door: OpenDoor) -> None:
    door = open_door(answers=lambda _: Receipt(left_out=2))
    answer = door.client.post("/hooks/chat", content=PAYLOAD, headers=JSON)
    assert (answer.status_code, answer.json()) == (200, {"kept": 0, "left_out": 2})
    assert door.alerts() == []
