"""The whole way: LINE calls at the desk's door, the next poll makes posts of it, and what is taken back is gone."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import select, update
from starlette.testclient import TestClient

from desk.app import make_app
from domain.clock import FixedClock
from domain.lifecycle import MentionState
from domain.mentions import Page
from listener.accounts import sync_accounts
from listener.channels.line import LineChannel, make_channel
from listener.poller import PollOutcome, poll_account
from listener.registry import ChannelContext
from storage.database import Database
from storage.models import ChannelAccount, Mention, WebhookParcel
from storage.parcels import StoredInbox
from tests.cast import OURS
from tests.desk.setting import make_context
from tests.listener.line.stage import Stage, settings_of
from tests.partners.line_api import SECRET, TOKEN, make_call


@dataclass
class Desk:
    """The shop's desk with one LINE account."""

    database: Database
    client: TestClient
    channel: LineChannel
    account_id: Any

    def call(self, *events: dict[str, Any], secret: str = SECRET) -> tuple[int, Any]:
        call = make_call(list(events), secret=secret)
        answer = self.client.post("/hooks/shop", content=call.body, headers=dict(call.headers))
        return answer.status_code, answer.json()

    def poll(self) -> PollOutcome:
        settings = settings_of({}, {})
        return poll_account(
            self.database,
            OURS,
            account_id=self.account_id,
            channel=self.channel,
            settings=settings,
            default_poll_seconds=60,
        )

    def mentions(self) -> list[tuple[str, str]]:
        with self.database.snapshot(OURS) as tx:
            return [(row.text, row.state) for row in tx.session.scalars(select(Mention).order_by(Mention.id))]

    def parcel_texts(self) -> list[str]:
        with self.database.snapshot(OURS) as tx:
            return list(tx.session.scalars(select(WebhookParcel.text)))


@pytest.fixture
def desk(stage: Stage, database: Database, tmp_path: Path, clock: FixedClock) -> Iterator[Desk]:
    secrets = {"channel_secret": SecretStr(SECRET), "channel_access_token": SecretStr(TOKEN)}
    settings = settings_of({"service": stage.proxy.url}, secrets)
    with database.transaction(OURS) as tx:
        account_id = sync_accounts(tx, [settings])["shop"]
    inbox = StoredInbox(database, OURS, account_id)
    channel = make_channel(settings, ChannelContext(state_dir=tmp_path / "state", clock=clock, inbox=inbox))
    context = replace(make_context(database, OURS, tmp_path), channels={account_id: channel})
    with TestClient(make_app(context), raise_server_exceptions=False) as client:
        yield Desk(database, client, channel, account_id)
    channel.close()


def test_a_message_comes_in_once_however_often_line_brings_it(stage: Stage, desk: Desk) -> None:
    event = stage.api.message("緑のコートが青でした😢")
    again = {**event, "deliveryContext": {"isRedelivery": True}}
    assert desk.call(event) == (200, {"kept": 1})
    assert desk.call(again) == (200, {"kept": 0})
    assert desk.poll().new_count == 1
    assert desk.call(again) == (200, {"kept": 0})
    assert desk.poll().outcome == "done"
    assert [text for text, _ in desk.mentions()] == ["緑のコートが青でした😢"]
    assert set(desk.parcel_texts()) == {""}


def test_what_is_taken_back_is_gone_with_the_next_poll(stage: Stage, desk: Desk) -> None:
    event = stage.api.message("my card number is 4111")
    desk.call(event)
    desk.poll()
    desk.call(stage.api.unsend(event["message"]["id"]))
    assert desk.channel.still_there([event["message"]["id"]]) == frozenset()
    desk.poll()
    assert desk.mentions() == [("", MentionState.GONE)]
    assert desk.channel.still_there([event["message"]["id"]]) == frozenset()


def test_line_s_check_is_answered_and_a_stranger_s_call_is_not_kept(stage: Stage, desk: Desk) -> None:
    assert desk.call() == (200, {"kept": 0})
    assert desk.call(stage.api.message("buy!"), secret="guessed") == (401, {"error": "wrong_signature"})
    assert desk.parcel_texts() == []


def test_a_slow_poll_that_lost_its_claim_does_not_bring_back_what_was_taken_back(
    stage: Stage, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = stage.api.message("my card number is 4111")
    desk.call(event)
    read_page = desk.channel.poll

    def poll_slowly(cursor: str | None) -> Page:
        page = read_page(cursor)
        monkeypatch.setattr(desk.channel, "poll", read_page)
        with desk.database.transaction(OURS) as tx:
            tx.session.execute(update(ChannelAccount).values(claim_token=None, claimed_until=None))
        desk.call(stage.api.unsend(event["message"]["id"]))
        assert desk.poll().outcome == "done"
        return page

    monkeypatch.setattr(desk.channel, "poll", poll_slowly)
    assert desk.poll().outcome == "busy"
    assert desk.mentions() == []
    assert set(desk.parcel_texts()) == {""}
