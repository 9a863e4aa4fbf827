"""Mastodon passes what every channel must pass, against a fake that keeps to the documentation more closely."""

import pytest

from domain.ports import Channel
from tests.listener.channel_contract import Break, ChannelContract
from tests.listener.mastodon.stage import CALLS, TOKEN, OpenChannel, fault, without_address
from tests.partners.faulty_proxy import FaultyProxy
from tests.partners.mastodon_fake import MastodonFake
from tests.partners.mastodon_world import Someone


class FakeDriver:
    """Customers on another server; our account's calls go through a proxy that can fail."""

    page_size = 3
    secrets = (TOKEN,)

    def __init__(self, fake: MastodonFake, proxy: FaultyProxy, shop: Someone) -> None:
        self.world = fake.world
        self.proxy = proxy
        self.shop = shop

    def person(self, name: str) -> Someone:
        return self.world.person(name, "far.example")

    def post(self, text: str, *, author: str = "aya") -> str:
        return self.world.add(self.person(author), f"@shop {text}").id

    def post_reply(self, text: str, *, to: str, author: str = "aya") -> str:
        return self.world.add(self.person(author), f"@shop {text}", parent=self.world.posts[to]).id

    def post_as_us(self, text: str, *, to: str) -> None:
        self.world.add(self.shop, text, parent=self.world.posts[to])

    def edit(self, external_id: str, text: str) -> str:
        self.world.edit(external_id, f"@shop {text}")
        return external_id

    def delete(self, external_id: str) -> None:
        self.world.delete(external_id)

    def public_texts(self, *, to: str) -> list[str]:
        sent = self.world.answers(to, self.shop, private=False)
        return [without_address(text, "aya@far.example") for text in sent]

    def private_texts(self, *, author: str = "aya") -> list[str]:
        private = [post for post in self.world.posts.values() if post.visibility == "direct"]
        sent = [
            post.text for post in private if post.author is self.shop and self.world.can_see(self.person(author), post)
        ]
        return [without_address(text, f"{author}@far.example") for text in sent]

    def break_next(self, call: str, how: Break) -> None:
        self.proxy.fail_next(CALLS[call], fault(how))


class TestOnFake(ChannelContract):
    @pytest.fixture
    def platform(self, fake: MastodonFake, proxy: FaultyProxy, shop: Someone) -> FakeDriver:
        return FakeDriver(fake, proxy, shop)

    @pytest.fixture
    def channel(self, platform: FakeDriver, open_channel: OpenChannel) -> Channel:
        return open_channel(page_size=platform.page_size)
