"""Direct messages through the real proxy: only where the inbox is open, never twice."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.errors import PermanentError, SendUncertainError
from domain.words import Visibility
from tests.listener.bluesky.stage import OpenChannel, answer, mention_of
from tests.partners.bluesky_customer import Customer
from tests.partners.bluesky_network import BlueskyNetwork
from tests.partners.faulty_proxy import Cut, FaultyProxy

pytestmark = pytest.mark.partner


def test_a_direct_message_leaves_only_if_the_persons_inbox_is_open(
    bluesky_network: BlueskyNetwork, shop: Customer, open_channel: OpenChannel
) -> None:
    channel = open_channel()
    rin = bluesky_network.create_account("rin")
    request = answer(mention_of(channel, rin.post("Look", mention=shop).uri), "詳しくはこちらで🙇 https://a.example/x")
    for setting, allowed in (("none", False), ("following", False), ("all", True)):
        rin.allow_messages(setting)
        assert channel.eligibility(request.target).dm_allowed is allowed
        if not allowed:
            assert channel.find_reply(request, Visibility.DM) is None
            with pytest.raises(PermanentError) as caught:
                channel.direct_message(request)
            assert caught.value.code == "dm_closed"
    rin.allow_messages("following")
    rin.follow(shop)
    assert channel.eligibility(request.target).dm_allowed is True
    sent = channel.direct_message(request)
    assert channel.find_reply(request, Visibility.DM) == sent
    assert [message.text for message in rin.messages()] == [request.text]


def test_a_torn_answer_to_a_direct_message_is_uncertain_and_then_found(
    bluesky_network: BlueskyNetwork, shop: Customer, open_channel: OpenChannel, proxy: FaultyProxy
) -> None:
    channel = open_channel()
    rin = bluesky_network.create_account("rin")
    rin.allow_messages("all")
    request = answer(mention_of(channel, rin.post("Look", mention=shop).uri), "By message")
    proxy.fail_next("sendMessage", Cut.AFTER)
    with pytest.raises(SendUncertainError):
        channel.direct_message(request)
    assert channel.find_reply(request, Visibility.DM) is not None
    later = replace(request, approved_at=request.approved_at + timedelta(minutes=10))
    assert channel.find_reply(later, Visibility.DM) is None
    assert [message.text for message in rin.messages()] == ["By message"]


def test_an_app_password_without_the_right_reads_posts_and_says_that_messages_are_closed(
    shop: Customer, mina: Customer, open_channel: OpenChannel
) -> None:
    channel = open_channel(app_password=shop.app_password(direct_messages=False), folder="weak")
    post = mina.post("Hello?", mention=shop)
    may_message = [channel.capabilities.can_direct_message]
    mention = mention_of(channel, post.uri)
    may_message.append(channel.capabilities.can_direct_message)
    assert may_message == [True, False]
    assert "direct messages: no" in channel.probe()
    assert channel.eligibility(answer(mention, "x").target).dm_allowed is False
    with pytest.raises(PermanentError) as caught:
        channel.direct_message(answer(mention, "x"))
    assert caught.value.code == "no_dm_right"
    assert "app password" in caught.value.remedy
