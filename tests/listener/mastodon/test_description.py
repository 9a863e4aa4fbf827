"""What we ask, and what our fake answers, is what the published description of the API (4.7.0) says."""

import pytest

from domain.words import Visibility
from tests.listener.channel_contract import read_all
from tests.listener.mastodon.stage import TOKEN, OpenChannel, answer, mention_of
from tests.partners.mastodon_description import FILE, IS_THERE, find_faults
from tests.partners.mastodon_fake import MastodonFake
from tests.partners.mastodon_world import Someone
from tests.tiers import NOT_OURS

EXPECTED = {
    "GET /api/v1/accounts/relationships",
    "GET /api/v1/accounts/verify_credentials",
    "GET /api/v1/accounts/{id}/statuses",
    "GET /api/v1/apps/verify_credentials",
    "GET /api/v1/notifications",
    "GET /api/v1/statuses",
    "GET /api/v1/statuses/{id}",
    "GET /api/v1/statuses/{id}/context",
    "GET /api/v1/statuses/{id}/source",
    "GET /api/v1/timelines/tag/{hashtag}",
    "GET /api/v2/instance/",
    "GET /api/v2/search",
    "POST /api/v1/statuses",
}


def use_everything(open_channel: OpenChannel, fake: MastodonFake, shop: Someone, mina: Someone) -> None:
    """Let the channel make every call it knows, on posts of every kind."""
    channel = open_channel(hashtags=["coat"], search=["緑"], page_size=2)
    channel.probe()
    ours = fake.world.add(shop, "New #coat https://www.shop.example/coats/green-winter-coat-2026")
    fake.world.add(mina, "@shop 緑 #coat", warning="虫", parent=ours)
    fake.world.add(mina, "see #coat", quoted=ours)
    fake.world.add(mina, "#coat", boosted=ours)
    fake.world.add(mina, "@shop secret", visibility="direct")
    edited = fake.world.add(mina, "@shop 緑がいい")
    fake.world.edit(edited.id, "@shop 緑でいい")
    _, cursor, _ = read_all(channel)
    for number in range(5):
        fake.world.add(mina, f"@shop 緑 {number} #coat")
    read_all(channel, cursor)
    request = answer(mention_of(channel, edited.id), "hello")
    channel.eligibility(request.target)
    channel.reply(request)
    channel.find_reply(answer(mention_of(channel, edited.id), "other"), Visibility.PUBLIC)
    channel.still_there([edited.id, ours.id])


@pytest.mark.skipif(not IS_THERE, reason=f"{NOT_OURS}{FILE.name} is not beside the project")
def test_every_question_and_every_answer_of_the_fake_is_in_the_description(
    open_channel: OpenChannel, fake: MastodonFake, shop: Someone, mina: Someone
) -> None:
    use_everything(open_channel, fake, shop, mina)
    fake.world.delete(next(iter(fake.world.posts)))
    assert open_channel().still_there(["never-was"]) == frozenset()
    faults = {fault for exchange in fake.exchanges for fault in find_faults(exchange)}
    assert sorted(faults) == []


def test_the_channel_makes_these_calls_and_no_others(
    open_channel: OpenChannel, fake: MastodonFake, shop: Someone, mina: Someone
) -> None:
    use_everything(open_channel, fake, shop, mina)
    assert {f"{one.method} {one.route}" for one in fake.exchanges} == EXPECTED


def test_a_send_carries_the_request_s_own_key_and_every_call_the_token_in_its_header_only(
    open_channel: OpenChannel, fake: MastodonFake, shop: Someone, mina: Someone
) -> None:
    use_everything(open_channel, fake, shop, mina)
    (sent,) = [one for one in fake.exchanges if one.method == "POST"]
    assert sent.headers["idempotency-key"] == "k" * 32
    for one in fake.exchanges:
        assert one.headers["authorization"] == f"Bearer {TOKEN}"
        assert TOKEN not in str((one.query, one.form))
