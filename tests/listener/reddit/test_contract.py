"""Reddit passes what every channel must pass, without and with private messages."""

import pytest

from listener.channels.reddit import RedditChannel
from tests.listener.channel_contract import ChannelContract
from tests.listener.reddit.stage import OpenChannel, RedditStage
from tests.partners.reddit_state import OURS


class TestReddit(ChannelContract):
    @pytest.fixture
    def platform(self, stage: RedditStage) -> RedditStage:
        return stage

    @pytest.fixture
    def channel(self, platform: RedditStage, open_channel: OpenChannel) -> RedditChannel:  # noqa: ARG002 - the platform comes first
        return open_channel()


class TestRedditWithMessages(ChannelContract):
    @pytest.fixture
    def platform(self, stage: RedditStage) -> RedditStage:
        stage.state.add_message("long ago", author="aya", to=OURS).created -= 100 * 86_400
        return stage

    @pytest.fixture
    def channel(self, platform: RedditStage, open_channel: OpenChannel) -> RedditChannel:  # noqa: ARG002 - as above
        return open_channel(direct_messages=True)
