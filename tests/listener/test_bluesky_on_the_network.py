"""What only the real network can show: how posts come in, how replies look, and that nothing is ever posted twice."""

import json
import stat
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from config.settings import ChannelSettings
from domain.clock import SystemClock
from domain.errors import PermanentError, RetryableError, SendUncertainError
from domain.mentions import IncomingMention
from domain.replies import SendRequest
from domain.words import Engagement, Language, MentionKind, Visibility
from listener.channels.bluesky import BlueskyChannel, make_channel
from listener.registry import ChannelContext
from tests.listener.channel_contract import read_all, request_for
from tests.partners.bluesky_customer import Customer
from tests.partners.bluesky_network import BlueskyNetwork
from tests.partners.faulty_proxy import Answer, Cut, FaultyProxy

pytestmark = pytest.mark.partner

Open = Callable[..., BlueskyChannel]


@pytest.fixture(scope="module")
def mina(bluesky_network: BlueskyNetwork) -> Customer:
    return bluesky_network.create_account("mina", "みな🧥")


@pytest.fixture
def shop(bluesky_network: BlueskyNetwork) -> Customer:
    return bluesky_network.create_account("shop", "コートの店")


@pytest.fixture
def proxy(bluesky_network: BlueskyNetwork) -> Iterator[FaultyProxy]:
    with FaultyProxy(bluesky_network.pds) as running:
        yield running


@pytest.fixture
def open_channel(bluesky_network: BlueskyNetwork, shop: Customer, proxy: FaultyProxy, tmp_path: Path) -> Iterator[Open]:
    """Open the shop's channel through the proxy; every call gives another one over the same stored session."""
    opened: list[BlueskyChannel] = []
    password = shop.app_password()

    def open_one(
        *, app_password: str = password, folder: str = "sessions", **options: str | list[str]
    ) -> BlueskyChannel:
        given = {"handle": shop.handle, "service": proxy.url, "chat_did": bluesky_network.chat_did, **options}
        settings = ChannelSettings(
            name="shop", kind="bluesky", options=given, secrets={"app_password": SecretStr(app_password)}
        )
        opened.append(make_channel(settings, ChannelContext(state_dir=tmp_path / folder, clock=SystemClock())))
        return opened[-1]

    yield open_one
    for channel in opened:
        channel.close()


def answer(mention: IncomingMention, text: str, *, key: str = "k" * 32) -> SendRequest:
    """Return the request to answer ``mention`` with ``text``, approved now."""
    return replace(request_for(mention, text, key=key), approved_at=datetime.now(UTC))


def mention_of(channel: BlueskyChannel, uri: str) -> IncomingMention:
    return next(mention for mention in read_all(channel)[0] if mention.external_id == uri)


# -- reading -----------------------------------------------------------------------------------------------------------


def test_mention_reply_quote_and_search_come_once_each_with_the_engagement_of_the_post(
    shop: Customer, mina: Customer, open_channel: Open
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
    shop: Customer, mina: Customer, open_channel: Open
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
    shop: Customer, mina: Customer, open_channel: Open
) -> None:
    channel = open_channel()
    posts = [mina.post(f"post {number}", mention=shop).uri for number in range(3)]
    mina.delete(posts[1])
    message = "chat:convo1/message1"
    assert channel.still_there([*posts, message]) == {posts[0], posts[2], message}
    assert channel.still_there([]) == frozenset()
    many = [f"at://{mina.did}/app.bsky.feed.post/3aaaaaaaaaa{number:02}" for number in range(22, 52)]
    assert channel.still_there([*many, posts[0]]) == {posts[0]}


def test_direct_messages_come_once_and_can_be_answered(shop: Customer, mina: Customer, open_channel: Open) -> None:
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


# -- answering ---------------------------------------------------------------------------------------------------------


def test_links_mentions_and_tags_of_a_japanese_reply_with_emoji_work_for_readers(
    shop: Customer, mina: Customer, open_channel: Open
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


def test_the_same_request_twice_is_one_post(shop: Customer, mina: Customer, open_channel: Open) -> None:
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
    shop: Customer, mina: Customer, open_channel: Open, proxy: FaultyProxy, cut: Cut
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


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_server_error_during_a_send_is_uncertain(
    shop: Customer, mina: Customer, open_channel: Open, proxy: FaultyProxy, status: int
) -> None:
    channel = open_channel()
    request = answer(mention_of(channel, mina.post("Hello?", mention=shop).uri), "Here we are")
    proxy.fail_next("putRecord", Answer(status, b"<html>oops</html>", {"content-type": "text/html"}))
    with pytest.raises(SendUncertainError):
        channel.reply(request)
    assert channel.find_reply(request, Visibility.PUBLIC) is None


def test_a_refused_connection_surely_sent_nothing(
    shop: Customer, mina: Customer, open_channel: Open, proxy: FaultyProxy
) -> None:
    channel = open_channel()
    request = answer(mention_of(channel, mina.post("Hello?", mention=shop).uri), "Here we are")
    channel.close()
    proxy.stop()
    with pytest.raises(RetryableError) as caught:
        channel.reply(request)
    assert caught.value.code == "unreachable"
    assert shop.posts() == []


def test_the_rate_limits_end_becomes_the_delay(open_channel: Open, proxy: FaultyProxy) -> None:
    channel = open_channel()
    channel.probe()
    end = int((datetime.now(UTC) + timedelta(seconds=90)).timestamp())
    proxy.fail_next("listNotifications", Answer(429, b'{"error":"RateLimitExceeded"}', {
        "content-type": "application/json", "ratelimit-reset": str(end),
    }))  # fmt: skip
    with pytest.raises(RetryableError) as caught:
        channel.poll(None)
    assert caught.value.retry_after_seconds == pytest.approx(90, abs=3)


def test_a_silent_server_is_given_up_after_the_timeout(open_channel: Open, proxy: FaultyProxy) -> None:
    channel = open_channel(timeout_seconds="0.5")
    channel.probe()
    proxy.fail_next("listNotifications", Cut.SILENT)
    with pytest.raises(RetryableError) as caught:
        channel.poll(None)
    assert caught.value.code == "no_answer"


def test_three_hundred_graphemes_pass_and_one_more_is_refused_by_us_and_by_the_server(
    shop: Customer, mina: Customer, open_channel: Open, monkeypatch: pytest.MonkeyPatch
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


def test_a_reply_to_a_deleted_post_is_refused_for_good(shop: Customer, mina: Customer, open_channel: Open) -> None:
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
    bluesky_network: BlueskyNetwork, shop: Customer, open_channel: Open
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


# -- direct messages ---------------------------------------------------------------------------------------------------


def test_a_direct_message_leaves_only_if_the_persons_inbox_is_open(
    bluesky_network: BlueskyNetwork, shop: Customer, open_channel: Open
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
    bluesky_network: BlueskyNetwork, shop: Customer, open_channel: Open, proxy: FaultyProxy
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
    shop: Customer, mina: Customer, open_channel: Open
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


# -- being signed in ---------------------------------------------------------------------------------------------------


def test_the_session_is_reused_without_a_second_sign_in(
    shop: Customer, open_channel: Open, proxy: FaultyProxy, tmp_path: Path
) -> None:
    said = open_channel().probe()
    assert said == f"@{shop.handle} ({shop.did}) on {proxy.url}; direct messages: yes"
    again = open_channel()
    assert again.own_author_id == shop.did
    assert again.probe() == said
    assert proxy.count("createSession") == 1
    (file,) = (tmp_path / "sessions").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_an_expired_access_token_is_refreshed_and_kept(open_channel: Open, proxy: FaultyProxy, tmp_path: Path) -> None:
    open_channel().probe()
    before = stored_session(tmp_path)
    expired = Answer(
        400, b'{"error":"ExpiredToken","message":"Token has expired"}', {"content-type": "application/json"}
    )
    proxy.fail_next("getSession", expired)
    open_channel().probe()
    assert proxy.count("refreshSession") == 1
    assert proxy.count("createSession") == 1
    assert stored_session(tmp_path)["access_token"] != before["access_token"]


def test_a_broken_stored_session_signs_in_again(open_channel: Open, proxy: FaultyProxy, tmp_path: Path) -> None:
    open_channel().probe()
    (file,) = (tmp_path / "sessions").iterdir()
    content = json.loads(file.read_text())
    content["session"] |= {"access_token": "nonsense", "refresh_token": "nonsense"}
    file.write_text(json.dumps(content))
    open_channel().probe()
    assert proxy.count("createSession") == 2


def test_a_wrong_password_is_refused_with_the_remedy_and_without_the_secret(open_channel: Open) -> None:
    channel = open_channel(app_password="aaaa-bbbb-cccc-dddd", folder="wrong")
    for _ in range(2):
        with pytest.raises(PermanentError) as caught:
            channel.poll(None)
        assert caught.value.code == "bad_credentials"
        assert "App passwords" in caught.value.remedy
        assert "aaaa-bbbb" not in f"{caught.value} {caught.value!r} {channel!r}"


def test_another_language_carries_no_language_tag(shop: Customer, mina: Customer, open_channel: Open) -> None:
    channel = open_channel()
    post = mina.post("Bonjour", mention=shop)
    channel.reply(replace(answer(mention_of(channel, post.uri), "Merci"), language=Language.OTHER))
    assert [reply.languages for reply in mina.replies_to(post.uri)] == [()]


def stored_session(tmp_path: Path) -> dict[str, str]:
    (file,) = (tmp_path / "sessions").iterdir()
    session: dict[str, str] = json.loads(file.read_text())["session"]
    return session
