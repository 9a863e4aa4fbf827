"""What we send arrives once, to the right people, and is found again after any doubt."""

from dataclasses import replace

import pytest

from domain.errors import ChannelError, PermanentError, SendUncertainError
from domain.mentions import IncomingMention
from domain.words import Language, Visibility
from listener.channels.mastodon import MastodonChannel
from tests.listener.channel_contract import read_all
from tests.listener.mastodon.stage import JSON, SEND, OpenChannel, answer, mention_of, ours
from tests.partners.faulty_proxy import Answer, Cut, FaultyProxy
from tests.partners.mastodon_fake import MastodonFake
from tests.partners.mastodon_world import Someone


def test_an_answer_names_its_author_first_with_their_server(
    channel: MastodonChannel, fake: MastodonFake, shop: Someone, mina: Someone, mention: IncomingMention
) -> None:
    sent = channel.reply(replace(answer(mention, "すぐに緑をお送りします🙇"), language=Language.JA))
    (post,) = ours(fake, shop)
    assert post.text == "@mina@far.example すぐに緑をお送りします🙇"
    assert (post.visibility, post.language) == ("public", "ja")
    assert post.parent is not None
    assert post.parent.id == mention.external_id
    assert [one.id for one in fake.world.named(post)] == [mina.id]
    assert sent.external_id == post.id
    assert sent.url == f"https://mastodon.example/@shop/{post.id}"


def test_a_name_that_stands_there_already_is_not_doubled(
    channel: MastodonChannel, fake: MastodonFake, shop: Someone, mention: IncomingMention
) -> None:
    channel.reply(answer(mention, "@Mina@far.example Sorry!"))
    assert [post.text for post in ours(fake, shop)] == ["@Mina@far.example Sorry!"]


def test_a_name_that_only_begins_alike_does_not_count(
    channel: MastodonChannel, fake: MastodonFake, shop: Someone, mention: IncomingMention
) -> None:
    channel.reply(answer(mention, "@mina@far.example.org Sorry!"))
    assert ours(fake, shop)[0].text == "@mina@far.example @mina@far.example.org Sorry!"


@pytest.mark.parametrize(
    ("answered", "wanted", "sent"),
    [
        ("public", "public", "public"),
        ("public", "unlisted", "unlisted"),
        ("unlisted", "public", "unlisted"),
        ("private", "public", "private"),
        ("local", "public", "private"),
    ],
)
def test_an_answer_is_seen_by_no_more_people_than_what_it_answers(
    open_channel: OpenChannel,
    fake: MastodonFake,
    shop: Someone,
    mina: Someone,
    *,
    answered: str,
    wanted: str,
    sent: str,
) -> None:
    channel = open_channel(reply_visibility=wanted)
    post = fake.world.add(mina, "@shop hello", visibility=answered)
    channel.reply(answer(mention_of(channel, post.id), "hello"))
    assert ours(fake, shop)[0].visibility == sent


def test_a_private_mention_is_never_answered_in_public(
    channel: MastodonChannel, fake: MastodonFake, shop: Someone, mina: Someone
) -> None:
    mention = mention_of(channel, fake.world.add(mina, "@shop secret", visibility="direct").id)
    assert channel.eligibility(answer(mention, "x").target).replies_allowed is False
    with pytest.raises(PermanentError) as caught:
        channel.reply(answer(mention, "hello"))
    assert caught.value.code == "private"
    channel.direct_message(answer(mention, "hello"))
    assert [post.visibility for post in ours(fake, shop)] == ["direct"]


@pytest.mark.parametrize("visibility", ["public", "private", "direct", "local"])
def test_a_private_message_stays_private_whatever_it_answers(
    channel: MastodonChannel, fake: MastodonFake, shop: Someone, mina: Someone, visibility: str
) -> None:
    mention = mention_of(channel, fake.world.add(mina, "@shop hello", visibility=visibility).id)
    channel.direct_message(answer(mention, "your order number, please"))
    (post,) = ours(fake, shop)
    assert post.visibility == "direct"
    assert fake.world.can_see(mina, post)
    assert not fake.world.can_see(fake.world.person("ken"), post)


def test_a_private_message_that_names_others_does_not_leave(
    channel: MastodonChannel, fake: MastodonFake, shop: Someone, mention: IncomingMention
) -> None:
    with pytest.raises(PermanentError) as caught:
        channel.direct_message(answer(mention, "please ask @ken or mail to help@shop.example"))
    assert caught.value.code == "names_others"
    assert "@ken" in caught.value.message
    assert "@shop" not in caught.value.message
    assert ours(fake, shop) == []
    channel.direct_message(answer(mention, "@mina@far.example please mail to help@shop.example or follow @shop"))
    assert len(ours(fake, shop)) == 1


@pytest.mark.parametrize("other", ["@mina@例え.jp", "@shop@店.example", "@mina@far.example_", "@mina@far.exampleに"])
def test_a_namesake_on_a_server_of_any_script_is_somebody_else(
    channel: MastodonChannel, fake: MastodonFake, shop: Someone, other: str
) -> None:
    namesake = fake.world.person("mina")
    mention = mention_of(channel, fake.world.add(namesake, "@shop hello").id)
    with pytest.raises(PermanentError) as caught:
        channel.direct_message(answer(mention, f"please ask {other} about it"))
    assert caught.value.code == "names_others"
    assert other in caught.value.message
    assert ours(fake, shop) == []


def test_a_person_on_a_server_of_any_script_gets_private_messages(
    channel: MastodonChannel, fake: MastodonFake, shop: Someone
) -> None:
    mention = mention_of(channel, fake.world.add(fake.world.person("mina", "例え.jp"), "@shop hello").id)
    channel.direct_message(answer(mention, "Write to @shop, @mina@例え.jp."))
    assert [post.text for post in ours(fake, shop)] == ["@mina@例え.jp Write to @shop, @mina@例え.jp."]


def test_an_answer_to_a_private_message_of_ours_comes_into_the_same_thread(
    channel: MastodonChannel, fake: MastodonFake, shop: Someone, mina: Someone, mention: IncomingMention
) -> None:
    channel.direct_message(answer(mention, "your order number, please"))
    (post,) = ours(fake, shop)
    fake.world.add(mina, "@shop 12345", visibility="direct", parent=post)
    by_text = {one.text: one for one in read_all(channel)[0]}
    assert by_text["12345"].thread_external_id == mention.thread_external_id


def test_the_same_request_twice_posts_once_where_the_server_remembers_keys(
    channel: MastodonChannel, fake: MastodonFake, shop: Someone, mention: IncomingMention
) -> None:
    first = channel.reply(answer(mention, "hello"))
    assert channel.reply(answer(mention, "hello")) == first
    assert len(ours(fake, shop)) == 1


def test_an_answer_to_a_deleted_post_never_leaves(
    channel: MastodonChannel, fake: MastodonFake, shop: Someone, mention: IncomingMention
) -> None:
    fake.world.delete(mention.external_id)
    assert channel.eligibility(answer(mention, "x").target).exists is False
    with pytest.raises(PermanentError) as caught:
        channel.reply(answer(mention, "hello"))
    assert caught.value.code == "gone"
    assert ours(fake, shop) == []


def test_a_post_deleted_in_the_last_moment_is_a_refusal(
    channel: MastodonChannel, proxy: FaultyProxy, mention: IncomingMention
) -> None:
    proxy.fail_next(
        SEND, Answer(404, b'{"error": "The post you are trying to reply to does not appear to exist."}', JSON)
    )
    with pytest.raises(PermanentError) as caught:
        channel.reply(answer(mention, "hello"))
    assert caught.value.code == "gone"


@pytest.mark.parametrize(
    ("text", "code"), [("a" * 495, "too_long"), ("", "empty"), (" \n", "empty"), ("\ud800", "broken_text")]
)
def test_what_the_server_would_not_take_never_leaves(
    channel: MastodonChannel, proxy: FaultyProxy, mention: IncomingMention, *, text: str, code: str
) -> None:
    with pytest.raises(PermanentError) as caught:
        channel.reply(answer(mention, text))
    assert caught.value.code == code
    assert proxy.count(SEND) == 0


def test_a_text_as_long_as_measure_allows_is_taken(
    channel: MastodonChannel, fake: MastodonFake, shop: Someone, mention: IncomingMention
) -> None:
    limit = channel.measure("", Visibility.PUBLIC).limit
    text = "緑" * (limit - 24) + " https://shop.example/" + "x" * 80
    assert channel.measure(text, Visibility.PUBLIC).fits
    channel.reply(answer(mention, text))
    assert len(ours(fake, shop)) == 1


@pytest.mark.parametrize("status", [500, 502, 503, 504, 408])
def test_a_server_that_fails_during_a_send_leaves_a_doubt(
    channel: MastodonChannel, proxy: FaultyProxy, mention: IncomingMention, status: int
) -> None:
    proxy.fail_next(SEND, Answer(status, b"<html>oops</html>"))
    with pytest.raises(SendUncertainError):
        channel.reply(answer(mention, "hello"))


@pytest.mark.parametrize(
    "body", [b"", b"<html>Sign in to the hotel's network</html>", b"[]", b"{}", b"null", b'{"id": 7']
)
def test_an_answer_that_makes_no_sense_leaves_a_doubt(
    channel: MastodonChannel, proxy: FaultyProxy, mention: IncomingMention, body: bytes
) -> None:
    proxy.fail_next(SEND, Answer(200, body, JSON))
    with pytest.raises(SendUncertainError):
        channel.reply(answer(mention, "hello"))


def test_a_rate_limit_nobody_can_read_does_not_undo_a_success(
    channel: MastodonChannel, fake: MastodonFake, proxy: FaultyProxy, mention: IncomingMention
) -> None:
    request = answer(mention, "hello")
    sent = channel.reply(request)
    body = next(one.body for one in fake.exchanges if one.method == "POST")
    assert isinstance(body, dict)
    told = b'{"id": "%s"}' % sent.external_id.encode()
    proxy.fail_next(SEND, Answer(200, told, {**JSON, "x-ratelimit-reset": "soon", "x-ratelimit-remaining": "many"}))
    assert channel.reply(request).external_id == sent.external_id


def test_a_redirected_send_is_refused_and_did_nothing(
    channel: MastodonChannel, fake: MastodonFake, shop: Someone, proxy: FaultyProxy, mention: IncomingMention
) -> None:
    proxy.fail_next(SEND, Answer(302, b"", {"location": f"{proxy.url}/api/v1/statuses"}))
    with pytest.raises(PermanentError) as caught:
        channel.reply(answer(mention, "hello"))
    assert caught.value.code == "moved"
    assert ours(fake, shop) == []


def test_a_send_is_tried_once_only(channel: MastodonChannel, proxy: FaultyProxy, mention: IncomingMention) -> None:
    for fault in (Cut.BEFORE, Cut.AFTER, Answer(503), Answer(429), Answer(500)):
        proxy.seen.clear()
        proxy.fail_next(SEND, fault)
        with pytest.raises(ChannelError):
            channel.reply(answer(mention, "hello"))
        assert proxy.count(SEND) == 1


def test_the_author_must_be_the_one_we_answer(channel: MastodonChannel, mention: IncomingMention) -> None:
    request = answer(mention, "hello")
    with pytest.raises(PermanentError) as caught:
        channel.reply(replace(request, target=replace(request.target, author_external_id="somebody-else")))
    assert caught.value.code == "wrong_author"
