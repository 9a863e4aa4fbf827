"""Facebook and Instagram pass what every channel must pass, read by poll and told by webhook."""

import pytest

from domain.ports import Channel, Receiver
from tests.listener.channel_contract import ChannelContract
from tests.listener.graph.stage import CalledDriver, GraphDriver, OpenChannel
from tests.listener.inbox import MemoryInbox
from tests.partners.faulty_proxy import FaultyProxy
from tests.partners.graph_world import World


class TestByPoll(ChannelContract):
    @pytest.fixture
    def platform(self, world: World, proxy: FaultyProxy) -> GraphDriver:
        return GraphDriver(world, proxy)

    @pytest.fixture
    def channel(self, platform: GraphDriver, open_channel: OpenChannel) -> Channel:
        return open_channel(page_size=platform.page_size)


class TestByWebhook(ChannelContract):
    asks_by = "probe"

    @pytest.fixture
    def platform(self, world: World, proxy: FaultyProxy, inbox: MemoryInbox) -> CalledDriver:
        return CalledDriver(world, proxy, inbox)

    @pytest.fixture
    def channel(self, platform: CalledDriver, open_channel: OpenChannel) -> Channel:
        platform.channel = open_channel(page_size=platform.page_size, sweep_minutes=10)
        assert isinstance(platform.channel, Receiver)
        return platform.channel
