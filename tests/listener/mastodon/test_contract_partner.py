"""Mastodon passes what every channel must pass, against a server of somebody else's making."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from pydantic import SecretStr

from config.settings import ChannelSettings
from domain.clock import SystemClock
from domain.ports import Channel
from listener.registry import ChannelContext, make_channel
from tests.listener.channel_contract import Break, ChannelContract
from tests.listener.mastodon.stage import CALLS, fault, without_address
from tests.partners.faulty_proxy import FaultyProxy
from tests.partners.mastodon_server import MastodonServer, Person

pytestmark = pytest.mark.partner

NUMBERS = count(1)


class PartnerDriver:
    """Customers on the server; our account's calls go through a proxy that can fail."""

    page_size = 3
    longest = 400
    """This server takes 500 characters."""

    def __init__(self, server: MastodonServer, proxy: FaultyProxy, people: dict[str, Person]) -> None:
        self.server = server
        self.proxy = proxy
        self.people = people
        self.shop = server.sign_up(f"shop{next(NUMBERS)}")

    @property
    def secrets(self) -> tuple[str, ...]:
        return (self.shop.token,)

    def person(self, name: str) -> Person:
        if name not in self.people:
            self.people[name] = self.server.sign_up(name)
        return self.people[name]

    def post(self, text: str, *, author: str = "aya") -> str:
        return self.person(author).post(f"@{self.shop.name} {text}")

    def post_reply(self, text: str, *, to: str, author: str = "aya") -> str:
        return self.person(author).post(f"@{self.shop.name} {text}", in_reply_to_id=to)

    def post_as_us(self, text: str, *, to: str) -> None:
        self.shop.post(text, in_reply_to_id=to)

    def edit(self, external_id: str, text: str) -> str:
        del external_id, text
        return ""  # the partner knows no edits

    def delete(self, external_id: str) -> None:
        author = str(self.shop.get(f"/api/v1/statuses/{external_id}")["account"]["username"])
        self.people[author].delete(external_id)

    def public_texts(self, *, to: str) -> list[str]:
        sent = self.shop.own_sources(in_reply_to_id=to, visibility="public")
        return [without_address(text, "aya") for text in sent]

    def private_texts(self, *, author: str = "aya") -> list[str]:
        return [without_address(text, author) for text in self.shop.own_sources(visibility="direct")]

    def break_next(self, call: str, how: Break) -> None:
        self.proxy.fail_next(CALLS[call], fault(how))


@pytest.fixture(scope="module")
def partner_proxy(mastodon_server: MastodonServer) -> Iterator[FaultyProxy]:
    with FaultyProxy(mastodon_server.url) as running:
        yield running


@pytest.fixture(scope="module")
def people() -> Iterator[dict[str, Person]]:
    """Customers by name: they meet a new shop in each test."""
    known: dict[str, Person] = {}
    yield known
    for person in known.values():
        person.close()


class TestOnPartner(ChannelContract):
    @pytest.fixture
    def platform(
        self, mastodon_server: MastodonServer, partner_proxy: FaultyProxy, people: dict[str, Person]
    ) -> Iterator[PartnerDriver]:
        driver = PartnerDriver(mastodon_server, partner_proxy, people)
        yield driver
        driver.shop.close()

    @pytest.fixture
    def channel(self, platform: PartnerDriver, tmp_path: Path) -> Iterator[Channel]:
        settings = ChannelSettings(
            name="shop",
            kind="mastodon",
            options={"instance": platform.proxy.url, "page_size": platform.page_size},
            secrets={"access_token": SecretStr(platform.shop.token)},
        )
        made = make_channel(settings, ChannelContext(state_dir=tmp_path / "state", clock=SystemClock()))
        yield made
        made.close()
