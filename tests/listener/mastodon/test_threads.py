"""A thread that cannot be read costs its root, never the mentions."""

import pytest

from domain.errors import ChannelError
from listener.channels.mastodon import MastodonChannel
from tests.listener.channel_contract import read_all
from tests.listener.mastodon.stage import JSON
from tests.partners.faulty_proxy import Answer, Cut, FaultyProxy
from tests.partners.mastodon_fake import MastodonFake
from tests.partners.mastodon_world import Someone

FORBIDDEN = b'{"error": "This action is not allowed"}'


@pytest.mark.parametrize("fault", [Cut.BEFORE, Answer(500), Answer(403, FORBIDDEN, JSON), Answer(404, b"{}", JSON)])
def test_a_thread_that_cannot_be_read_holds_up_nothing_and_is_asked_for_again(
    channel: MastodonChannel, fake: MastodonFake, mina: Someone, shop: Someone, proxy: FaultyProxy, fault: Cut | Answer
) -> None:
    root = fake.world.add(shop, "New coats")
    middle = fake.world.add(fake.world.person("ken"), "Nice", parent=root)
    first, second = (fake.world.add(mina, f"@shop where? {number}", parent=middle) for number in range(2))
    other = fake.world.add(mina, "@shop hello")
    proxy.fail_next("/context", fault)
    found, cursor, _ = read_all(channel)
    threads = {one.external_id: one.thread_external_id for one in found}
    assert threads == {first.id: middle.id, second.id: root.id, other.id: other.id}
    fake.world.add(mina, "@shop hello?", parent=first)
    assert [one.thread_external_id for one in read_all(channel, cursor)[0]] == [root.id]


@pytest.mark.parametrize(("status", "code"), [(429, "rate_limited"), (401, "token_refused")])
def test_a_refusal_of_every_request_stops_the_poll(
    channel: MastodonChannel,
    fake: MastodonFake,
    mina: Someone,
    shop: Someone,
    proxy: FaultyProxy,
    *,
    status: int,
    code: str,
) -> None:
    fake.world.add(mina, "@shop where?", parent=fake.world.add(shop, "New coats"))
    proxy.fail_next("/context", Answer(status, b"{}", JSON))
    with pytest.raises(ChannelError) as caught:
        channel.poll(None)
    assert caught.value.code == code
