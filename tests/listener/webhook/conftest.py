"""The stage of the webhook tests: a chat on loopback behind a proxy that can fail, and channels that it calls."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from pydantic import SecretStr
from starlette.types import ASGIApp, Receive, Scope, Send

from config.settings import ChannelSettings
from domain.clock import FixedClock
from domain.mentions import IncomingMention
from listener.channels.webhook import WebhookChannel, make_channel
from listener.registry import ChannelContext
from tests.listener.channel_contract import read_all
from tests.listener.inbox import MemoryInbox
from tests.listener.webhook.stage import OpenChannel, Shop
from tests.partners.faulty_proxy import FaultyProxy
from tests.partners.loopback_app import serve
from tests.partners.webhook_chat import REPLIES, REPLY_SECRET, SECRET, STATUS, WebhookChat


class Switchboard:
    """Leads to the chat of the test that runs."""

    proxy: FaultyProxy
    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)


@pytest.fixture(scope="session")
def chat_switchboard() -> Iterator[Switchboard]:
    """One server and one proxy for all tests."""
    switchboard = Switchboard()
    with serve(switchboard) as url, FaultyProxy(url) as running:
        switchboard.proxy = running
        yield switchboard


@pytest.fixture
def chat(clock: FixedClock) -> WebhookChat:
    return WebhookChat(clock=clock)


@pytest.fixture
def proxy(chat: WebhookChat, chat_switchboard: Switchboard) -> FaultyProxy:
    chat_switchboard.app = chat.app()
    chat_switchboard.proxy.seen.clear()
    chat_switchboard.proxy._armed.clear()
    return chat_switchboard.proxy


@pytest.fixture
def inbox() -> MemoryInbox:
    return MemoryInbox()


@pytest.fixture
def open_channel(proxy: FaultyProxy, inbox: MemoryInbox, tmp_path: Path, clock: FixedClock) -> OpenChannel:
    def open_one(*, secrets: Mapping[str, str | None] | None = None, **options: object) -> WebhookChannel:
        given: dict[str, object] = {
            "reply_address": proxy.url + REPLIES,
            "status_address": proxy.url + STATUS,
            "private_network": True,
            "timeout_seconds": 5,
            "own_author_ids": ["us"],
            **options,
        }
        kept = {"secret": SECRET, "reply_secret": REPLY_SECRET, **(secrets or {})}
        settings = ChannelSettings(
            name="chat",
            kind="webhook",
            options={name: value for name, value in given.items() if value is not None},
            secrets={name: SecretStr(value) for name, value in kept.items() if value is not None},
        )
        return make_channel(settings, ChannelContext(state_dir=tmp_path / "state", clock=clock, inbox=inbox))

    return open_one


@pytest.fixture
def channel(open_channel: OpenChannel) -> WebhookChannel:
    return open_channel()


@pytest.fixture
def shop(chat: WebhookChat, channel: WebhookChannel, inbox: MemoryInbox) -> Shop:
    return Shop(chat, channel, inbox)


@pytest.fixture
def mention(shop: Shop) -> IncomingMention:
    message_id = shop.write("青いコートが届きました")
    return next(one for one in read_all(shop.channel)[0] if one.external_id == message_id)
