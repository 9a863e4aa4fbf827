"""The webhook channel keeps the contract, against a chat that keeps to our own guide, over real HTTP."""

import pytest

from listener.channels.webhook import WebhookChannel
from tests.listener.channel_contract import Break, ChannelContract
from tests.listener.inbox import MemoryInbox
from tests.listener.webhook.stage import OpenChannel, Shop
from tests.listener.wire_faults import ON_THE_WIRE
from tests.partners.faulty_proxy import Answer, Cut, FaultyProxy
from tests.partners.webhook_chat import REPLIES, REPLY_SECRET, SECRET, WebhookChat

FAULTS: dict[Break, Answer | Cut] = {
    Break.PERMANENT: Answer(403, b'{"error": "signed by nobody we know"}', {"content-type": "application/json"}),
    Break.RETRYABLE: Answer(429, b"", {"retry-after": "30"}),
    Break.EXPIRED: Answer(401, b'{"error": "the secret was changed"}', {"content-type": "application/json"}),
    **ON_THE_WIRE,
    Break.TORN: Cut.AFTER,  # the answer to a probe has no body that could break off
}


class ChatDriver:
    """Customers in the chat, with one thread for whatever answers a message."""

    page_size = 3
    secrets = (SECRET, REPLY_SECRET, SECRET.removeprefix("whsec_"), REPLY_SECRET.removeprefix("whsec_"))

    def __init__(self, shop: Shop, proxy: FaultyProxy) -> None:
        self.shop, self.proxy = shop, proxy

    def post(self, text: str, *, author: str = "aya") -> str:
        return self.shop.write(text, author=author)

    def post_reply(self, text: str, *, to: str, author: str = "aya") -> str:
        return self.shop.write(text, author=author, parent_id=to, thread_id=to)

    def post_as_us(self, text: str, *, to: str) -> None:
        chat = self.shop.chat
        message = chat.message(text, parent_id=to, author={"id": "us", "name": "Our shop"})
        self.shop.bring(chat.event("message.created", message))

    def edit(self, external_id: str, text: str) -> str:
        message = self.shop.chat.message(text, id=external_id)
        self.shop.bring(self.shop.chat.event("message.edited", message))
        return external_id

    def delete(self, external_id: str) -> None:
        self.shop.delete(external_id)

    def public_texts(self, *, to: str) -> list[str]:
        said = [one for one in self.shop.chat.replies.values() if one["message_id"] == to]
        return [one["text"] for one in said if one["visibility"] == "public"]

    def private_texts(self, *, author: str = "aya") -> list[str]:
        said = [one for one in self.shop.chat.replies.values() if one["author"]["handle"] == author]
        return [one["text"] for one in said if one["visibility"] == "private"]

    def break_next(self, call: str, how: Break) -> None:
        assert call in {"reply", "probe"}, "a poll asks nobody"
        self.proxy.fail_next(f"POST {REPLIES}", FAULTS[how])


class TestWebhook(ChannelContract):
    asks_by = "probe"

    @pytest.fixture
    def platform(
        self, chat: WebhookChat, open_channel: OpenChannel, inbox: MemoryInbox, proxy: FaultyProxy
    ) -> ChatDriver:
        return ChatDriver(Shop(chat, open_channel(page_size=ChatDriver.page_size), inbox), proxy)

    @pytest.fixture
    def channel(self, platform: ChatDriver) -> WebhookChannel:
        return platform.shop.channel
