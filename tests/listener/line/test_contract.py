"""LINE passes what every channel must pass."""

import pytest

from domain.ports import Channel, Receiver
from listener.channels.line import LineChannel
from tests.listener.channel_contract import Break, ChannelContract
from tests.listener.line.stage import CALLS, SECRETS, OpenChannel, Stage
from tests.listener.review_stage import fault
from tests.partners.line_api import Pushed, user_id


class LineDriver:
    """Customers write to the shop's LINE Official Account; colleagues answer in LINE's own chat."""

    page_size = 3
    secrets = SECRETS

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.chats: dict[str, str] = {}

    def post(self, text: str, *, author: str = "aya") -> str:
        message_id = self.stage.say(text, author=author)
        self.chats[message_id] = user_id(author)
        return message_id

    def post_reply(self, text: str, *, to: str, author: str = "aya") -> str:
        message_id = self.stage.say({"type": "text", "text": text, "quotedMessageId": to}, author=author)
        self.chats[message_id] = user_id(author)
        return message_id

    def post_as_us(self, text: str, *, to: str) -> None:
        by_hand = Pushed(self.stage.api.new_id(), self.chats[to], text)
        self.stage.api.shown.append(by_hand)

    def delete(self, external_id: str) -> None:
        self.stage.bring(self.stage.api.unsend(external_id))

    def public_texts(self, *, to: str) -> list[str]:
        return self.stage.api.texts_to(self.chats[to])

    def private_texts(self, *, author: str = "aya") -> list[str]:
        return self.stage.api.texts_to(user_id(author))

    def break_next(self, call: str, how: Break) -> None:
        self.stage.proxy.fail_next(CALLS[call], fault(how))


class TestLine(ChannelContract):
    """Where LINE looks at the retry key first."""

    @pytest.fixture
    def platform(self, stage: Stage) -> LineDriver:
        return LineDriver(stage)

    @pytest.fixture
    def channel(self, platform: LineDriver, open_channel: OpenChannel) -> Channel:
        return open_channel(page_size=platform.page_size)


def test_it_takes_calls(channel: LineChannel) -> None:
    assert isinstance(channel, Receiver)
