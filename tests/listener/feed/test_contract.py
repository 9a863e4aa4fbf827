"""Feeds pass what every channel must pass; they only read."""

import pytest

from listener.channels.feed import FeedChannel
from listener.channels.feed.options import Feed
from tests.listener.channel_contract import Break, ChannelContract
from tests.listener.feed.stage import OpenChannel, says
from tests.partners.feed_site import FeedSite

TOKEN = "s3cret-token"
FAULTS = {
    Break.PERMANENT: says("", status=403),
    Break.EXPIRED: says("", status=401),
    Break.RETRYABLE: says("", status=503, retry_after="30"),
    Break.UNTOLD: says("", status=429),
    Break.BROKEN: says("<h1>Bad Gateway</h1>", status=502, content_type="text/html"),
    Break.TORN: says("<feed><entry>", content_length="5000"),
}


class FeedDriver:
    """Writes on the site."""

    page_size = 3
    secrets = (TOKEN,)

    def __init__(self, site: FeedSite) -> None:
        self.site = site
        self.feed = Feed(address=f"{site.address}/blog?key={TOKEN}", shown="")

    def post(self, text: str, *, author: str = "aya") -> str:
        return self._id(self.site.add(text, author=author))

    def post_reply(self, text: str, *, to: str, author: str = "aya") -> str:
        return self._id(self.site.add(text, author=author, answers=self._guid(to)))

    def post_as_us(self, text: str, *, to: str) -> None:
        self.site.add(text, author="Mizunara", answers=self._guid(to))

    def edit(self, external_id: str, text: str) -> str:
        self.site.edit(self._guid(external_id), text)
        return external_id

    def delete(self, external_id: str) -> None:
        self.site.take_down(self._guid(external_id))

    def public_texts(self, *, to: str) -> list[str]:
        return [item.text for item in self.site.feeds["blog"] if item.answers == self._guid(to)]

    def private_texts(self, *, author: str = "aya") -> list[str]:
        del author
        return []

    def break_next(self, call: str, how: Break) -> None:
        del call
        self.site.once["/blog"] = FAULTS[how]

    def _id(self, guid: str) -> str:
        return f"{self.feed.key}:{guid}"

    def _guid(self, external_id: str) -> str:
        return external_id.removeprefix(f"{self.feed.key}:")


class TestFeed(ChannelContract):
    @pytest.fixture
    def platform(self, site: FeedSite) -> FeedDriver:
        return FeedDriver(site)

    @pytest.fixture
    def channel(self, platform: FeedDriver, open_channel: OpenChannel) -> FeedChannel:
        return open_channel(platform.feed.address, page_size=platform.page_size, own_names=["mizunara"])
