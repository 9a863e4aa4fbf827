"""The whole way: Meta proves the address and calls at the desk's door, the next poll makes posts of it."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from config.settings import ChannelSettings
from desk.app import make_app
from domain.ids import ChannelAccountId
from domain.lifecycle import MentionState
from listener.accounts import sync_accounts
from listener.channels.graph.channel import GraphChannel
from listener.poller import PollOutcome, poll_account
from storage.database import Database
from storage.models import Mention
from storage.parcels import StoredInbox
from tests.cast import OURS
from tests.desk.setting import make_context
from tests.listener.graph.stage import OpenChannel
from tests.partners.graph_world import VERIFY, World

Poll = Callable[[], PollOutcome]


@pytest.fixture
def settings(world: World) -> ChannelSettings:
    return ChannelSettings(name="shop", kind=world.kind)


@pytest.fixture
def account_id(database: Database, settings: ChannelSettings) -> ChannelAccountId:
    with database.transaction(OURS) as tx:
        return sync_accounts(tx, [settings])["shop"]


@pytest.fixture
def inbox(database: Database, account_id: ChannelAccountId) -> StoredInbox:
    return StoredInbox(database, OURS, account_id)


@pytest.fixture
def channel(open_channel: OpenChannel) -> GraphChannel:
    return open_channel()


@pytest.fixture
def door(
    database: Database, account_id: ChannelAccountId, channel: GraphChannel, tmp_path: Path
) -> Iterator[TestClient]:
    context = replace(make_context(database, OURS, tmp_path), channels={account_id: channel})
    with TestClient(make_app(context), raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def poll(database: Database, account_id: ChannelAccountId, channel: GraphChannel, settings: ChannelSettings) -> Poll:
    def poll_once() -> PollOutcome:
        return poll_account(
            database, OURS, account_id=account_id, channel=channel, settings=settings, default_poll_seconds=60
        )

    return poll_once


def states(database: Database) -> list[tuple[str, str]]:
    with database.snapshot(OURS) as tx:
        return [(row.text, row.state) for row in tx.session.scalars(select(Mention).order_by(Mention.id))]


def call(door: TestClient, world: World, *events: dict[str, Any]) -> tuple[int, Any]:
    made = world.call(*events)
    answer = door.post("/hooks/shop", content=made.body, headers=dict(made.headers))
    return answer.status_code, answer.json()


def test_the_address_is_proven(door: TestClient) -> None:
    query = {"hub.mode": "subscribe", "hub.verify_token": VERIFY, "hub.challenge": "1158201444"}
    answer = door.get("/hooks/shop", params=query)
    assert (answer.status_code, answer.text) == (200, "1158201444")
    assert door.get("/hooks/shop", params={**query, "hub.verify_token": "another"}).status_code == 403


def test_a_comment_comes_in_once_by_however_many_ways(
    door: TestClient, world: World, database: Database, poll: Poll
) -> None:
    comment = world.comment("緑のコートが青でした😢", on=world.post())
    told = world.tell_comment(comment)
    assert call(door, world, told) == (200, {"kept": 1})
    assert call(door, world, told) == (200, {"kept": 0})
    outcome = poll()
    assert (outcome.outcome, outcome.new_count) == ("done", 1)
    assert call(door, world, told) == (200, {"kept": 0})
    assert poll().new_count == 0
    assert [text for text, _ in states(database)] == ["緑のコートが青でした😢"]


@pytest.mark.parametrize("kind", ["facebook"])
def test_a_removed_comment_is_gone_with_the_next_poll(
    door: TestClient, world: World, database: Database, poll: Poll
) -> None:
    comment = world.comment("my card number is 4111", on=world.post())
    call(door, world, world.tell_comment(comment))
    poll()
    world.nodes[comment].is_deleted = True
    call(door, world, world.tell_comment(comment, "remove"))
    poll()
    assert states(database) == [("", MentionState.GONE)]


def test_a_wrong_signature_stays_outside(door: TestClient, world: World, database: Database) -> None:
    made = world.call(world.tell_comment(world.comment("hello", on=world.post())), secret="another")
    answer = door.post("/hooks/shop", content=made.body, headers=dict(made.headers))
    assert (answer.status_code, answer.json()) == (401, {"error": "wrong_signature"})
    assert states(database) == []
