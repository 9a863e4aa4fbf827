"""After a doubt: our own reply is found again, and nothing else is taken for it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.errors import RetryableError, SendUncertainError
from domain.mentions import IncomingMention
from domain.words import Visibility
from listener.channels.mastodon import MastodonChannel
from tests.listener.mastodon.stage import SEND, answer, mention_of, ours
from tests.partners.faulty_proxy import Cut, FaultyProxy
from tests.partners.mastodon_fake import MastodonFake
from tests.partners.mastodon_world import Someone


@pytest.mark.parametrize("cut", [Cut.AFTER, Cut.HALF])
@pytest.mark.parametrize("visibility", list(Visibility))
def test_a_connection_killed_after_the_server_accepted_leaves_exactly_one_reply(
    channel: MastodonChannel,
    fake: MastodonFake,
    shop: Someone,
    mina: Someone,
    proxy: FaultyProxy,
    *,
    cut: Cut,
    visibility: Visibility,
) -> None:
    fake.remembers_keys = False  # some servers do not, and none for longer than an hour
    for number in range(8):
        mention = mention_of(channel, fake.world.add(mina, f"@shop {number}").id)
        request = answer(mention, f"お詫びします {number}", key=f"key-{number}")
        send = channel.reply if visibility is Visibility.PUBLIC else channel.direct_message
        proxy.fail_next(SEND, cut)
        with pytest.raises(SendUncertainError):
            send(request)
        found = channel.find_reply(request, visibility)
        assert found is not None
        assert fake.world.posts[found.external_id].text == f"@mina@far.example お詫びします {number}"
        assert len(fake.world.answers(mention.external_id, shop, private=visibility is Visibility.DM)) == 1


def test_a_send_that_was_lost_is_surely_absent(
    channel: MastodonChannel, fake: MastodonFake, shop: Someone, proxy: FaultyProxy, mention: IncomingMention
) -> None:
    proxy.fail_next(SEND, Cut.BEFORE)
    with pytest.raises(SendUncertainError):
        channel.reply(answer(mention, "hello"))
    assert channel.find_reply(answer(mention, "hello"), Visibility.PUBLIC) is None
    assert ours(fake, shop) == []


def test_public_and_private_answers_with_the_same_words_are_told_apart(
    channel: MastodonChannel, mention: IncomingMention
) -> None:
    request = answer(mention, "hello")
    channel.direct_message(request)
    assert channel.find_reply(request, Visibility.PUBLIC) is None
    assert channel.find_reply(request, Visibility.DM) is not None


@pytest.mark.parametrize("visibility", list(Visibility))
def test_a_reply_is_found_though_the_post_it_answers_was_deleted_meanwhile(
    channel: MastodonChannel, fake: MastodonFake, mention: IncomingMention, visibility: Visibility
) -> None:
    request = answer(mention, "hello")
    sent = (channel.reply if visibility is Visibility.PUBLIC else channel.direct_message)(request)
    fake.world.delete(mention.external_id)
    assert channel.find_reply(request, visibility) == sent
    assert channel.find_reply(answer(mention, "hello!"), visibility) is None
    target = replace(request.target, author_external_id="somebody-else")
    assert channel.find_reply(replace(request, target=target), visibility) is None


def test_the_same_words_below_a_deleted_post_are_not_taken_for_the_answer_to_one_that_stands(
    channel: MastodonChannel, fake: MastodonFake, mina: Someone, mention: IncomingMention
) -> None:
    channel.reply(answer(mention, "hello"))
    other = mention_of(channel, fake.world.add(mina, "@shop and this?").id)
    fake.world.delete(mention.external_id)
    request = replace(answer(other, "hello"), approved_at=mention.created_at)
    assert channel.find_reply(request, Visibility.PUBLIC) is None


def test_another_answer_by_hand_is_not_taken_for_ours(
    channel: MastodonChannel, fake: MastodonFake, shop: Someone, mention: IncomingMention
) -> None:
    fake.world.add(shop, "@mina@far.example by hand", parent=fake.world.posts[mention.external_id])
    assert channel.find_reply(answer(mention, "hello"), Visibility.PUBLIC) is None


@pytest.mark.parametrize(
    "text",
    [
        "See https://www.shop.example/returns/how-to-send-a-coat-back?lang=ja#label 、ここです",
        "一行目\n\n\n\n三行目 \t 終わり #コート",
        "@mina@far.example mail @support@far.example",
        "<b>&amp;</b> \"quote\" 'x' 👨‍👩‍👧‍👦 e\u0301",
    ],
)
def test_a_reply_is_found_by_its_words_however_the_server_renders_them(
    channel: MastodonChannel, mention: IncomingMention, text: str
) -> None:
    sent = channel.reply(answer(mention, text))
    assert channel.find_reply(answer(mention, text), Visibility.PUBLIC) == sent
    assert channel.find_reply(answer(mention, text + "!"), Visibility.PUBLIC) is None


def test_other_software_s_rendering_is_seen_through_by_the_source(
    channel: MastodonChannel, fake: MastodonFake, shop: Someone, mention: IncomingMention
) -> None:
    sent = channel.reply(answer(mention, "so **very** sorry"))
    ours(fake, shop)[0].markup = "<p>so <strong>very</strong> sorry</p>"
    assert channel.find_reply(answer(mention, "so **very** sorry"), Visibility.PUBLIC) == sent
    fake.tells_sources = False
    with pytest.raises(RetryableError) as caught:
        channel.find_reply(answer(mention, "so **very** sorry"), Visibility.PUBLIC)
    assert caught.value.code == "cannot_tell"


def test_the_search_for_a_reply_goes_back_over_pages_to_the_approval_and_no_further(
    channel: MastodonChannel, fake: MastodonFake, shop: Someone, proxy: FaultyProxy, mention: IncomingMention
) -> None:
    request = answer(mention, "hello")
    sent = channel.reply(request)
    for number in range(100):
        fake.clock.advance(timedelta(seconds=1))
        fake.world.add(shop, f"advert {number}")
    assert channel.find_reply(request, Visibility.PUBLIC) == sent
    proxy.seen.clear()
    fake.clock.advance(timedelta(hours=1))
    fake.world.add(shop, "one more")
    late = replace(request, approved_at=fake.clock.now())
    assert channel.find_reply(late, Visibility.PUBLIC) is None
    assert proxy.count("/statuses") == 1


def test_too_many_posts_to_search_through_is_no_answer(
    channel: MastodonChannel, fake: MastodonFake, shop: Someone, mention: IncomingMention
) -> None:
    for number in range(401):
        fake.world.add(shop, f"advert {number}")
    with pytest.raises(RetryableError) as caught:
        channel.find_reply(answer(mention, "hello"), Visibility.PUBLIC)
    assert caught.value.code == "not_found_yet"
