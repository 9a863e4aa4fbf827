"""LINE passes what every channel must pass."""

from typing import Any

import pytest

from domain.errors import PermanentError
from domain.mentions import IncomingMention
from domain.ports import Channel, Receiver
from domain.words import Visibility
from listener.channels.line import LineChannel
from tests.listener.channel_contract import Break, ChannelContract, PlatformDriver, request_for
from tests.listener.line.stage import CALLS, SECRETS, OpenChannel, Stage, named
from tests.listener.review_stage import fault
from tests.partners.line_api import Pushed, group_id, user_id


class LineDriver:
    """Customers write to the shop's LINE Official Account; colleagues answer in LINE's own chat."""

    page_size = 3
    secrets = SECRETS

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.chats: dict[str, str] = {}

    def post(self, text: str, *, author: str = "aya") -> str:
        return self.say({"type": "text", "text": text}, author=author)

    def post_reply(self, text: str, *, to: str, author: str = "aya") -> str:
        return self.say({"type": "text", "text": text, "quotedMessageId": to}, author=author)

    def say(self, content: dict[str, Any], *, author: str) -> str:
        """Let ``author`` write to us alone."""
        message_id = self.stage.say(content, author=author)
        self.chats[message_id] = user_id(author)
        return message_id

    def post_as_us(self, text: str, *, to: str) -> None:
        by_hand = Pushed(self.stage.api.new_id(), self.chats[to], text)
        self.stage.api.shown.append(by_hand)

    def edit(self, external_id: str, text: str) -> str:
        del external_id, text
        return ""  # LINE knows no edits

    def delete(self, external_id: str) -> None:
        self.stage.bring(self.stage.api.unsend(external_id))

    def public_texts(self, *, to: str) -> list[str]:
        return self.stage.api.texts_to(self.chats[to])

    def private_texts(self, *, author: str = "aya") -> list[str]:
        return self.stage.api.texts_to(user_id(author))

    def break_next(self, call: str, how: Break) -> None:
        self.stage.proxy.fail_next(CALLS[call], fault(how))


class GroupDriver(LineDriver):
    """The same in a group, where customers name the account."""

    def say(self, content: dict[str, Any], *, author: str) -> str:
        """Let ``author`` write to us before everybody."""
        message_id = self.stage.say({**named(content["text"]), **content}, author=author, chat="friends")
        self.chats[message_id] = group_id("friends")
        return message_id


class TestLineAlone(ChannelContract):
    """Where LINE looks at the retry key first, and the account keeps out of groups: everything is private."""

    @pytest.fixture
    def platform(self, stage: Stage) -> LineDriver:
        return LineDriver(stage)

    @pytest.fixture
    def channel(self, platform: LineDriver, open_channel: OpenChannel) -> Channel:
        return open_channel(page_size=platform.page_size, group_messages="none")


class TestLineInAGroup(ChannelContract):
    """In a group everybody reads along: it is answered as a public place is."""

    @pytest.fixture
    def platform(self, stage: Stage) -> LineDriver:
        return GroupDriver(stage)

    @pytest.fixture
    def channel(self, platform: LineDriver, open_channel: OpenChannel) -> Channel:
        return open_channel(page_size=platform.page_size)

    def test_a_direct_message_arrives_once_and_is_found_or_is_refused_for_good(
        self, platform: PlatformDriver, channel: Channel, mention: IncomingMention
    ) -> None:
        """Nothing that is meant for one person alone leaves for a group, and what left there is not taken for it."""
        request = request_for(mention)
        with pytest.raises(PermanentError) as caught:
            channel.direct_message(request)
        assert caught.value.code == "not_private"
        assert platform.public_texts(to=mention.external_id) == platform.private_texts() == []
        channel.reply(request)
        assert channel.find_reply(request, Visibility.DM) is None


def test_it_takes_calls(channel: LineChannel) -> None:
    assert isinstance(channel, Receiver)
