"""Bluesky passes what every channel must pass, on a real network (directory, PDS, AppView) on loopback."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from config.settings import ChannelSettings
from domain.clock import SystemClock
from domain.ports import Channel
from listener.registry import ChannelContext, make_channel
from tests.listener.channel_contract import Break, ChannelContract
from tests.listener.wire_faults import ON_THE_WIRE
from tests.partners.bluesky_customer import Customer
from tests.partners.bluesky_network import BlueskyNetwork
from tests.partners.faulty_proxy import Answer, Cut, FaultyProxy

pytestmark = pytest.mark.partner

CALLS = {"poll": "listNotifications", "reply": "putRecord", "probe": "getSession"}
FAULTS: dict[Break, Answer | Cut] = {
    Break.PERMANENT: Answer(400, b'{"error": "AccountTakedown"}', {"content-type": "application/json"}),
    Break.RETRYABLE: Answer(429, b"{}", {"content-type": "application/json", "retry-after": "30"}),
    Break.EXPIRED: Answer(400, b'{"error": "ExpiredToken"}', {"content-type": "application/json"}),
    **ON_THE_WIRE,
}


class BlueskyDriver:
    """Customers on the network; our account's calls go through a proxy that can fail."""

    page_size = 3
    longest = 250
    """Bluesky takes 300 characters, and our name stands in front."""

    def __init__(self, network: BlueskyNetwork, proxy: FaultyProxy, people: dict[str, Customer]) -> None:
        self.network = network
        self.proxy = proxy
        self.shop = network.create_account("shop", "Coat Shop")
        self.app_password = self.shop.app_password()
        self.people = people

    @property
    def secrets(self) -> tuple[str, ...]:
        return (self.app_password, self.shop.password)

    def person(self, name: str) -> Customer:
        if name not in self.people:
            self.people[name] = self.network.create_account(name, name.title())
            self.people[name].allow_messages("all")
        return self.people[name]

    def post(self, text: str, *, author: str = "aya") -> str:
        return self.person(author).post_mentioning(text, self.shop).uri

    def post_reply(self, text: str, *, to: str, author: str = "aya") -> str:
        return self.person(author).reply(to, text, mention=self.shop).uri

    def post_as_us(self, text: str, *, to: str) -> None:
        self.shop.reply(to, text)

    def edit(self, external_id: str, text: str) -> str:
        del external_id, text
        return ""  # Bluesky knows no edits

    def delete(self, external_id: str) -> None:
        owner = next(person for person in self.people.values() if f"//{person.did}/" in external_id)
        owner.delete(external_id)

    def public_texts(self, *, to: str) -> list[str]:
        reader = self.person("reader")
        return [reply.text for reply in reader.replies_to(to) if reply.author_did == self.shop.did]

    def private_texts(self, *, author: str = "aya") -> list[str]:
        return [message.text for message in self.person(author).messages() if message.sender_did == self.shop.did]

    def break_next(self, call: str, how: Break) -> None:
        self.proxy.fail_next(CALLS[call], FAULTS[how])


@pytest.fixture(scope="module")
def people() -> dict[str, Customer]:
    """Customers by name: they meet a new shop in each test."""
    return {}


class TestBluesky(ChannelContract):
    @pytest.fixture
    def platform(self, bluesky_network: BlueskyNetwork, people: dict[str, Customer]) -> Iterator[BlueskyDriver]:
        with FaultyProxy(bluesky_network.pds) as proxy:
            yield BlueskyDriver(bluesky_network, proxy, people)

    @pytest.fixture
    def channel(self, platform: BlueskyDriver, tmp_path: Path) -> Iterator[Channel]:
        settings = ChannelSettings(
            name="bluesky",
            kind="bluesky",
            options={
                "handle": platform.shop.handle,
                "service": platform.proxy.url,
                "chat_did": platform.network.chat_did,
                "page_size": platform.page_size,
            },
            secrets={"app_password": SecretStr(platform.app_password)},
        )
        made = make_channel(settings, ChannelContext(state_dir=tmp_path / "sessions", clock=SystemClock()))
        yield made
        made.close()
