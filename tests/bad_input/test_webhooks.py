"""Calls at the door for platforms, as strangers, broken programs and nervous networks really make them."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import select
from starlette.testclient import TestClient

from config.settings import ChannelSettings
from desk.app import make_app
from desk.pages.webhook_receive import LARGEST_CALL_BYTES
from domain.clock import FixedClock
from listener.accounts import sync_accounts
from listener.channels.webhook import make_channel
from listener.poller import poll_account
from listener.registry import ChannelContext
from storage.database import Database
from storage.models import Alert, Mention, WebhookParcel
from storage.parcels import StoredInbox
from tests.bad_input.table import row
from tests.cast import OURS
from tests.desk.setting import make_context
from tests.partners.webhook_chat import REPLY_SECRET, SECRET, WebhookChat

CHAT = ChannelSettings(name="chat", kind="webhook", secrets={"secret": SecretStr(SECRET)})
Call = tuple[Mapping[str, str], bytes]


@dataclass(frozen=True)
class Door:
    """A desk whose account ``chat`` is called, and the chat that calls it."""

    client: TestClient
    database: Database
    chat: WebhookChat

    def bring(self, call: Call) -> tuple[int, Any]:
        headers, body = call
        answer = self.client.post("/hooks/chat", content=body, headers=dict(headers))
        is_json = answer.headers["content-type"] == "application/json"
        return answer.status_code, answer.json() if is_json else answer.text

    def created(self, text: str = "The coat is blue.", **fields: Any) -> dict[str, Any]:  # noqa: ANN401 - any field
        return self.chat.event("message.created", self.chat.message(text, **fields))

    def kept(self) -> int:
        with self.database.snapshot(OURS) as tx:
            return len(tx.session.scalars(select(WebhookParcel.id)).all())

    def alerts(self) -> list[str]:
        with self.database.snapshot(OURS) as tx:
            return list(tx.session.scalars(select(Alert.kind)))

    def texts(self) -> list[str]:
        """Poll, then return the texts of all posts."""
        with self.database.transaction(OURS) as tx:
            account_id = sync_accounts(tx, [CHAT])["chat"]
        channel = self.client.app.state.context.channels[account_id]  # type: ignore[attr-defined]
        poll_account(
            self.database, OURS, account_id=account_id, channel=channel, settings=CHAT, default_poll_seconds=60
        )
        with self.database.snapshot(OURS) as tx:
            return list(tx.session.scalars(select(Mention.text).order_by(Mention.id)))


@pytest.fixture
def door(database: Database, clock: FixedClock, tmp_path: Path) -> Iterator[Door]:
    with database.transaction(OURS) as tx:
        account_id = sync_accounts(tx, [CHAT])["chat"]
    inbox = StoredInbox(database, OURS, account_id)
    channel = make_channel(CHAT, ChannelContext(state_dir=tmp_path, clock=clock, inbox=inbox))
    context = replace(make_context(database, OURS, tmp_path), channels={account_id: channel})
    with TestClient(make_app(context), raise_server_exceptions=False) as client:
        yield Door(client=client, database=database, chat=WebhookChat(clock=clock))


@row("webhook-wrong-signature")
def test_a_stranger_who_signs_with_another_secret_is_refused_and_told_of(door: Door) -> None:
    status, said = door.bring(door.chat.call([door.created()], secret=REPLY_SECRET))
    assert (status, said) == (401, {"error": "wrong_signature"})
    assert door.alerts() == ["webhook_refused"]
    assert door.kept() == 0


@row("webhook-replayed")
def test_a_call_that_comes_again_is_kept_once_and_later_not_taken_at_all(door: Door, clock: FixedClock) -> None:
    call = door.chat.call([door.created()])
    assert [door.bring(call) for _ in range(2)] == [(200, {"kept": 1}), (200, {"kept": 0})]
    clock.advance(timedelta(seconds=301))
    assert door.bring(call) == (401, {"error": "stale"})
    assert door.texts() == ["The coat is blue."]


@row("webhook-huge")
def test_a_body_of_more_than_four_megabytes_is_not_even_read(door: Door) -> None:
    body = b'{"events": "' + b"x" * LARGEST_CALL_BYTES + b'"}'
    status, _ = door.bring((door.chat.headers(body), body))
    assert status == 413
    assert (door.kept(), door.alerts()) == (0, [])


@row("webhook-content-type")
def test_a_body_that_does_not_say_it_is_json_is_refused(door: Door) -> None:
    headers, body = door.chat.call([door.created()])
    status, said = door.bring(({**headers, "content-type": "application/x-www-form-urlencoded"}, body))
    assert (status, said) == (415, {"error": "wrong_content_type"})
    assert door.kept() == 0


@row("webhook-not-json")
def test_a_signed_body_that_is_no_json_is_refused(door: Door) -> None:
    for body in (b"", b"{", b"\xff\xfe\x00", b"[" * 200_000, b'{"events": [NaN]}'):
        assert door.bring((door.chat.headers(body), body)) == (400, {"error": "not_json"})
    assert door.kept() == 0


@row("webhook-unknown-event")
def test_an_event_that_nobody_knows_is_left_out_and_counted(door: Door) -> None:
    events = [{"id": "e-1", "type": "contact.updated", "contact": {"vip": True}}, door.created()]
    status, said = door.bring(door.chat.call(events))
    assert (status, said) == (200, {"kept": 1, "left_out": 1})
    assert json.dumps(said, separators=(",", ":")) == '{"kept":1,"left_out":1}'
    assert door.texts() == ["The coat is blue."]
    assert door.alerts() == []


@row("webhook-wrong-event")
def test_a_wrong_event_among_good_ones_is_named_and_the_good_ones_are_kept(door: Door) -> None:
    bad = door.created()
    del bad["message"]["author"]["id"]
    status, said = door.bring(door.chat.call([door.created("first"), bad, door.created("third")]))
    assert (status, said["error"], said["kept"]) == (422, "events_refused", 2)
    assert [(one["event"], one["field"], one["problem"]) for one in said["refused"]] == [
        (2, "message.author.id", "Field required.")
    ]
    assert door.texts() == ["first", "third"]
    assert door.alerts() == ["webhook_events_refused"]


@row("webhook-unknown-account")
def test_a_call_for_nobody_is_refused(door: Door) -> None:
    headers, body = door.chat.call([door.created()])
    answer = door.client.post("/hooks/nobody", content=body, headers=headers)
    assert (answer.status_code, answer.json()) == (404, {"error": "unknown_account"})
    assert (door.kept(), door.alerts()) == (0, [])
