"""How posts and messages come in from the real network."""

import pytest

from domain.words import Engagement, MentionKind
from tests.listener.bluesky.stage import OpenChannel, answer, mention_of
from tests.listener.channel_contract import read_all
from tests.partners.bluesky_customer import Customer

pytestmark = pytest.mark.partner


def test_mention_reply_quote_and_search_come_once_each_with_the_engagement_of_the_post(
    shop: Customer, mina: Customer, open_channel: OpenChannel
) -> None:
    channel = open_channel(search=[f"coat-{shop.handle}"])
    sale = shop.post("Our winter sale begins")
    shop.like(mina.post("hello").uri)
    expected = {
        mina.post(f"wrong coat-{shop.handle}", mention=shop, languages=["ja"]).uri: Engagement.MENTIONED,
        mina.reply(sale.uri, "When?").uri: Engagement.REPLIED,
        mina.quote(sale.uri, "Look").uri: Engagement.QUOTED,
        mina.post(f"nobody tagged: coat-{shop.handle}").uri: Engagement.POSTED,
    }
    mina.like(sale.uri)
    mina.follow(shop)
    found, cursor, _ = read_all(channel)
    unique = {mention.external_id: mention for mention in found}
    assert {uri: mention.engagement for uri, mention in unique.items()} == expected
    assert read_all(channel, cursor)[0] == []
    first = unique[next(iter(expected))]
    assert first.author.display_name == "みな🧥"
    assert (first.language_hint, first.kind) == ("ja", MentionKind.POST)
    assert first.url == f"https://bsky.app/profile/{mina.did}/post/{first.external_id.rsplit('/', 1)[1]}"


def test_an_answer_in_our_thread_belongs_to_the_customers_thread(
    shop: Customer, mina: Customer, open_channel: OpenChannel
) -> None:
    channel = open_channel()
    question = mina.post("Where is it?", mention=shop)
    ours = channel.reply(answer(mention_of(channel, question.uri), "On its way."))
    thanks = mina.reply(ours.external_id, "Thank you!")
    mention = mention_of(channel, thanks.uri)
    assert mention.thread_external_id == question.uri
    assert mention.parent_external_id == ours.external_id
    assert mention.engagement is Engagement.REPLIED


def test_deleted_posts_are_missed_and_the_others_are_still_there(
    shop: Customer, mina: Customer, open_channel: OpenChannel
) -> None:
    channel = open_channel()
    posts = [mina.post(f"post {number}", mention=shop).uri for number in range(3)]
    mina.delete(posts[1])
    message = "chat:convo1/message1"
    assert channel.still_there([*posts, message]) == {posts[0], posts[2], message}
    assert channel.still_there([]) == frozenset()
    many = [f"at://{mina.did}/app.bsky.feed.post/3aaaaaaaaaa{number:02}" for number in range(22, 52)]
    assert channel.still_there([*many, posts[0]]) == {posts[0]}


def test_direct_messages_come_once_and_can_be_answered(
    shop: Customer, mina: Customer, open_channel: OpenChannel
) -> None:
    channel = open_channel()
    mina.allow_messages("all")
    shop.allow_messages("all")
    mina.send_message(shop, "住所を変えたいです🏠")
    found, cursor, _ = read_all(channel)
    assert [(one.text, one.engagement, one.kind) for one in found] == [
        ("住所を変えたいです🏠", Engagement.WROTE_DM, MentionKind.MESSAGE)
    ]
    facts = channel.eligibility(answer(found[0], "x").target)
    assert (facts.exists, facts.replies_allowed, facts.dm_allowed) == (True, False, True)
    channel.direct_message(answer(found[0], "かしこまりました"))
    assert [one.text for one in mina.messages() if one.sender_did == shop.did] == ["かしこまりました"]
    mina.send_message(shop, "ありがとう")
    later, cursor, _ = read_all(channel, cursor)
    assert [one.text for one in later] == ["ありがとう"]
    assert later[0].thread_external_id == found[0].thread_external_id
    assert read_all(channel, cursor)[0] == []
