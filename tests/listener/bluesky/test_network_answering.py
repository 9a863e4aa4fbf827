"""How replies look on the real network, and that nothing is ever posted twice."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from domain.errors import PermanentError, RetryableError, SendUncertainError
from domain.words import Language, Visibility
from tests.listener.bluesky.stage import OpenChannel, answer, mention_of
from tests.partners.bluesky_customer import Customer
from tests.partners.bluesky_network import BlueskyNetwork
from tests.partners.faulty_proxy import Answer, Cut, FaultyProxy

pytestmark = pytest.mark.partner


def test_links_mentions_and_tags_of_a_japanese_reply_with_emoji_work_for_readers(
    shop: Customer, mina: Customer, open_channel: OpenChannel
) -> None:
    channel = open_channel()
    post = mina.post("青いコートが届きました", mention=shop)
    text = f"申し訳ございません🙇‍♀️ @{mina.handle} さま、https://shop.example/返品 をご覧ください。 #交換"
    sent = channel.reply(answer(mention_of(channel, post.uri), text))
    (seen,) = mina.replies_to(post.uri)
    assert seen.uri == sent.external_id
    assert seen.text == text
    assert (seen.links, seen.mentioned_dids, seen.tags) == (("https://shop.example/",), (mina.did,), ("交換",))
    assert seen.languages == ("ja",)
    raw = text.encode()
    record = shop.client.get_posts([seen.uri]).posts[0].record
    stretches = [raw[facet.index.byte_start : facet.index.byte_end].decode() for facet in record.facets]
    assert stretches == [f"@{mina.handle}", "https://shop.example/", "#交換"]


def test_the_same_request_twice_is_one_post(shop: Customer, mina: Customer, open_channel: OpenChannel) -> None:
    channel = open_channel()
    post = mina.post("Hello?", mention=shop)
    request = answer(mention_of(channel, post.uri), "Here we are @mina.test")
    first = channel.reply(request)
    assert open_channel(folder="another machine").reply(request) == first
    assert channel.find_reply(request, Visibility.PUBLIC) == first
    assert [reply.uri for reply in mina.replies_to(post.uri)] == [first.external_id]
    assert len(shop.posts()) == 1


@pytest.mark.parametrize("cut", [Cut.AFTER, Cut.HALF])
def test_a_torn_answer_is_uncertain_then_found_and_sending_again_changes_nothing(
    shop: Customer, mina: Customer, open_channel: OpenChannel, proxy: FaultyProxy, cut: Cut
) -> None:
    channel = open_channel()
    post = mina.post("Hello?", mention=shop)
    request = answer(mention_of(channel, post.uri), "Here we are")
    assert channel.find_reply(request, Visibility.PUBLIC) is None
    proxy.fail_next("putRecord", cut)
    with pytest.raises(SendUncertainError):
        channel.reply(request)
    found = channel.find_reply(request, Visibility.PUBLIC)
    assert found is not None
    assert channel.reply(request) == found
    assert [reply.uri for reply in mina.replies_to(post.uri)] == [found.external_id]


@pytest.mark.parametrize("status", [200, 500, 502, 503, 504])
def test_a_page_instead_of_an_answer_to_a_send_is_uncertain(
    shop: Customer, mina: Customer, open_channel: OpenChannel, proxy: FaultyProxy, status: int
) -> None:
    channel = open_channel()
    request = answer(mention_of(channel, mina.post("Hello?", mention=shop).uri), "Here we are")
    proxy.fail_next("putRecord", Answer(status, b"<html>oops</html>", {"content-type": "text/html"}))
    with pytest.raises(SendUncertainError):
        channel.reply(request)
    assert channel.find_reply(request, Visibility.PUBLIC) is None


def test_a_refused_connection_surely_sent_nothing(
    shop: Customer, mina: Customer, open_channel: OpenChannel, proxy: FaultyProxy
) -> None:
    channel = open_channel()
    request = answer(mention_of(channel, mina.post("Hello?", mention=shop).uri), "Here we are")
    channel.close()
    proxy.stop()
    with pytest.raises(RetryableError) as caught:
        channel.reply(request)
    assert caught.value.code == "unreachable"
    assert shop.posts() == []


def test_the_rate_limits_end_becomes_the_delay(open_channel: OpenChannel, proxy: FaultyProxy) -> None:
    channel = open_channel()
    channel.probe()
    end = int((datetime.now(UTC) + timedelta(seconds=90)).timestamp())
    proxy.fail_next("listNotifications", Answer(429, b'{"error":"RateLimitExceeded"}', {
        "content-type": "application/json", "ratelimit-reset": str(end),
    }))  # fmt: skip
    with pytest.raises(RetryableError) as caught:
        channel.poll(None)
    assert caught.value.retry_after_seconds == pytest.approx(90, abs=3)


def test_a_silent_server_is_given_up_after_the_timeout(open_channel: OpenChannel, proxy: FaultyProxy) -> None:
    channel = open_channel(timeout_seconds="0.5")
    channel.probe()
    proxy.fail_next("listNotifications", Cut.SILENT)
    with pytest.raises(RetryableError) as caught:
        channel.poll(None)
    assert caught.value.code == "no_answer"


def test_three_hundred_graphemes_pass_and_one_more_is_refused_by_us_and_by_the_server(
    shop: Customer, mina: Customer, open_channel: OpenChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = open_channel()
    mention = mention_of(channel, mina.post("Hello?", mention=shop).uri)
    fits, too_long = "緑" * 299 + "🙇‍♀️", "緑" * 301
    assert channel.measure(fits, Visibility.PUBLIC).fits
    channel.reply(answer(mention, fits, key="fits"))
    assert not channel.measure(too_long, Visibility.PUBLIC).fits
    with pytest.raises(PermanentError, match="301 of 300") as ours:
        channel.reply(answer(mention, too_long, key="long"))
    monkeypatch.setattr("listener.channels.bluesky.sending.check_length", lambda *_: None)
    with pytest.raises(PermanentError) as theirs:
        channel.reply(answer(mention, too_long, key="long"))
    assert ours.value.code == theirs.value.code == "too_long"
    assert [reply.text for reply in mina.replies_to(mention.external_id)] == [fits]


def test_a_reply_to_a_deleted_post_is_refused_for_good(
    shop: Customer, mina: Customer, open_channel: OpenChannel
) -> None:
    channel = open_channel()
    post = mina.post("Hello?", mention=shop)
    request = answer(mention_of(channel, post.uri), "Here we are")
    mina.delete(post.uri)
    assert channel.eligibility(request.target).exists is False
    with pytest.raises(PermanentError) as caught:
        channel.reply(request)
    assert caught.value.code == "gone"
    assert shop.posts() == []


def test_a_post_closed_for_replies_and_a_block_are_known_and_refused(
    bluesky_network: BlueskyNetwork, shop: Customer, open_channel: OpenChannel
) -> None:
    channel = open_channel()
    rin = bluesky_network.create_account("rin")
    post = rin.post("Look", mention=shop)
    request = answer(mention_of(channel, post.uri), "Here we are")
    assert channel.eligibility(request.target).replies_allowed is True
    rin.allow_no_replies(post.uri)
    assert channel.eligibility(request.target).replies_allowed is False
    with pytest.raises(PermanentError) as caught:
        channel.reply(request)
    assert caught.value.code == "replies_not_allowed"
    rin.block(shop)
    with pytest.raises(PermanentError):
        channel.reply(request)
    facts = channel.eligibility(request.target)
    assert (facts.replies_allowed, facts.dm_allowed) == (False, False)


def test_another_language_carries_no_language_tag(shop: Customer, mina: Customer, open_channel: OpenChannel) -> None:
    channel = open_channel()
    post = mina.post("Bonjour", mention=shop)
    channel.reply(replace(answer(mention_of(channel, post.uri), "Merci"), language=Language.OTHER))
    assert [reply.languages for reply in mina.replies_to(post.uri)] == [()]
