"""What Meta brought by itself becomes mentions: in order, once, and one that cannot be read in nobody's way."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.clock import FixedClock
from domain.errors import PermanentError, RetryableError
from domain.mentions import IncomingMention, Page
from domain.webhooks import Parcel, Receipt
from domain.words import Engagement, MentionKind
from listener.channels.graph.channel import GraphChannel
from tests.listener.channel_contract import read_all
from tests.listener.graph.stage import OpenChannel, refusal
from tests.listener.inbox import MemoryInbox
from tests.partners.faulty_proxy import FaultyProxy
from tests.partners.graph_world import World

on_facebook = pytest.mark.parametrize("kind", ["facebook"])
on_instagram = pytest.mark.parametrize("kind", ["instagram"])


class Post:
    """Carries calls to the channel and keeps what it says."""

    def __init__(self, channel: GraphChannel, world: World, inbox: MemoryInbox) -> None:
        self.channel, self.world, self.inbox = channel, world, inbox

    def bring(self, *events: dict[str, Any]) -> None:
        self.inbox.keep(self.channel.receive(self.world.call(*events)), at=self.world.clock.now())

    def comment(self, text: str, **given: Any) -> str:  # noqa: ANN401 - fields of a comment
        given.setdefault("on", next(iter(self.world.nodes), "") or self.world.post())
        comment_id = self.world.comment(text, **given)
        self.bring(self.world.tell_comment(comment_id))
        return comment_id


@pytest.fixture
def channel(open_channel: OpenChannel) -> GraphChannel:
    return open_channel(page_size=4, sweep_minutes=10)


@pytest.fixture
def post(channel: GraphChannel, world: World, inbox: MemoryInbox) -> Post:
    return Post(channel, world, inbox)


def test_parcels_come_in_order_page_by_page_and_the_page_says_which_are_done_with(
    post: Post, channel: GraphChannel
) -> None:
    ids = [post.comment(f"number {number}") for number in range(6)]
    first = channel.poll(None)
    assert [one.external_id for one in first.mentions] == ids[:4]
    assert (first.parcels_read, first.more) == (4, True)
    second = channel.poll(first.cursor)
    assert [one.external_id for one in second.mentions] == ids[4:]
    assert second.parcels_read == 6


def test_a_kill_between_page_and_commit_gives_the_same_posts_again(post: Post, channel: GraphChannel) -> None:
    for number in range(6):
        post.comment(f"number {number}")
    first = channel.poll(None)
    assert replace(channel.poll(None), requests=first.requests) == first
    assert channel.poll(first.cursor) == channel.poll(first.cursor)


def told_and_read(post: Post, channel: GraphChannel) -> tuple[list[IncomingMention], list[IncomingMention]]:
    """Return the mentions of parcels, then those of a sweep."""
    by_call = list(channel.poll(None).mentions)
    post.inbox.kept.clear()
    return by_call, read_all(channel)[0]


def test_both_ways_say_the_same_of_a_comment_and_its_answer(post: Post, channel: GraphChannel) -> None:
    root = post.comment("緑のコートは？\u0301😢")
    post.comment("届きました", parent=root, author="emi")
    by_call, by_poll = told_and_read(post, channel)
    assert len(by_call) == 2

    def same(mention: IncomingMention) -> IncomingMention:
        return replace(mention, created_at=post.world.clock.now(), url="")

    assert [same(one) for one in by_call] == [same(one) for one in by_poll]
    assert all(one.url.startswith("https://") for one in (*by_call, *by_poll))


def test_both_ways_say_the_same_of_a_message(post: Post, channel: GraphChannel, world: World) -> None:
    post.bring(world.tell_message(world.write("荷物はどこ？")))
    by_call, by_poll = told_and_read(post, channel)
    assert [one.external_id for one in by_call] == [one.external_id for one in by_poll]
    for one in (*by_call, *by_poll):
        assert (one.text, one.kind, one.engagement) == ("荷物はどこ？", MentionKind.MESSAGE, Engagement.WROTE_DM)
        assert one.author.external_id == world.person("aya")
        assert one.thread_external_id == ""


@pytest.mark.parametrize("text", ["", "no json", "[]", "5", "[" * 50_000, '{"v":1}', '{"v":1,"change":5}'])
def test_a_parcel_that_cannot_be_read_is_told_and_passed_over(
    post: Post, channel: GraphChannel, inbox: MemoryInbox, text: str
) -> None:
    before = post.comment("before")
    inbox.keep(Receipt(parcels=(Parcel(key="odd", text=text),)))
    after = post.comment("after")
    page = channel.poll(None)
    assert [one.external_id for one in page.mentions] == [before, after]
    assert page.gap == "1 events that Meta sent could not be read"
    assert page.parcels_read == 3


@pytest.mark.parametrize("odd_id", ["\ud800", "..", "緑"])
def test_an_id_that_no_address_can_hold_stops_nobody(
    post: Post, channel: GraphChannel, world: World, odd_id: str
) -> None:
    if world.kind == "facebook":
        post.bring({"field": "mention", "value": {"post_id": odd_id}})
    else:
        post.bring({"field": "comments", "value": {"id": "1", "media": {"id": odd_id}, "from": {"id": "5"}}})
    after = post.comment("after")
    page = channel.poll(None)
    assert page.parcels_read == 2
    assert after in [one.external_id for one in page.mentions]
    assert not [path for _, path, _ in world.asked if odd_id in path]


@on_facebook
def test_an_edited_comment_comes_again_with_its_new_text(post: Post, channel: GraphChannel, world: World) -> None:
    comment = post.comment("blue")
    first = channel.poll(None)
    world.nodes[comment].text = "green"
    post.bring(world.tell_comment(comment, "edited"))
    second = channel.poll(first.cursor)
    assert [(one.external_id, one.text) for one in (*first.mentions, *second.mentions)] == [
        (comment, "blue"),
        (comment, "green"),
    ]


@on_facebook
def test_a_comment_taken_away_is_gone_also_within_its_own_page(post: Post, channel: GraphChannel, world: World) -> None:
    kept, removed = post.comment("stays"), post.comment("goes")
    post.bring(world.tell_comment(removed, "remove"))
    page = channel.poll(None)
    assert [one.external_id for one in page.mentions] == [kept]
    assert page.gone == (removed,)


@on_facebook
def test_a_comment_that_is_hidden_stays_a_case_and_comes_again_when_it_is_shown(
    post: Post, channel: GraphChannel, world: World, clock: FixedClock
) -> None:
    comment = post.comment("hello")
    cursor = channel.poll(None).cursor
    found = []
    for verb in ("hide", "unhide", "hide"):
        clock.advance(timedelta(minutes=1))
        for _ in range(2):  # the call comes again
            post.bring(world.tell_comment(comment, verb))
        page = channel.poll(cursor)
        cursor = page.cursor
        found.append((page.gone, [one.external_id for one in page.mentions], page.parcels_read))
    assert found == [((), [], 2), ((), [comment], 3), ((), [], 4)]
    assert channel.still_there([comment]) == {comment}


@on_facebook
def test_what_was_hidden_and_shown_before_we_looked_is_there(post: Post, channel: GraphChannel, world: World) -> None:
    comment = post.comment("hello")
    post.bring(world.tell_comment(comment, "hide"), world.tell_comment(comment, "unhide"))
    page = channel.poll(None)
    assert ([one.external_id for one in page.mentions], page.gone) == ([comment], ())


@on_facebook
def test_what_we_ourselves_take_away_is_gone(post: Post, channel: GraphChannel, world: World) -> None:
    told = world.tell_comment(world.comment("rude", on=world.post()), "remove")
    told["value"]["from"] = {"id": world.own}
    post.bring(told)
    assert channel.poll(None).gone == (told["value"]["comment_id"],)


@on_facebook
def test_what_we_ourselves_hide_is_not_gone(post: Post, channel: GraphChannel, world: World) -> None:
    told = world.tell_comment(world.comment("rude", on=world.post()), "hide")
    told["value"]["from"] = {"id": world.own}
    post.bring(told)
    page = channel.poll(None)
    assert (page.mentions, page.gone) == ((), ())


@on_facebook
def test_a_post_of_a_visitor_and_posts_of_ours(post: Post, channel: GraphChannel, world: World) -> None:
    theirs, ours = world.post("Where is my coat?", author="aya"), world.post("New coats")

    def tell(post_id: str) -> dict[str, Any]:
        node = world.nodes[post_id]
        value = {"item": "status", "verb": "add", "post_id": post_id, "message": node.text, "from": {"id": node.author}}
        return {"field": "feed", "value": value}

    post.bring(tell(theirs), tell(ours))
    page = channel.poll(None)
    assert [(one.external_id, one.kind) for one in page.mentions] == [(theirs, MentionKind.POST)]
    read = [one.external_id for one in read_all(channel, page.cursor)[0]]
    assert read == [theirs]


def test_comments_whose_authors_we_may_not_know_are_of_nobody_we_know(
    open_channel: OpenChannel, world: World, inbox: MemoryInbox
) -> None:
    world.names_told = world.kind == "instagram"  # Instagram always tells the name
    channel = open_channel(sweep_minutes=10)
    post = Post(channel, world, inbox)
    first, second = post.comment("one"), post.comment("two")
    authors = [one.author for one in channel.poll(None).mentions]
    if world.kind == "facebook":
        assert [author.external_id for author in authors] == [f"unknown:{first}", f"unknown:{second}"]
        assert {author.handle for author in authors} == {""}


def test_our_own_words_and_echoes_are_no_mentions(post: Post, channel: GraphChannel, world: World) -> None:
    post.comment("we answer", author="us")
    echo = world.tell_message(world.write("from us", author="us", to=world.person("aya")), is_echo=True)
    post.bring(echo)
    assert channel.poll(None).mentions == ()


def test_a_message_changed_taken_back_or_without_words(post: Post, channel: GraphChannel, world: World) -> None:
    first, second, third = world.write("blue"), world.write("goes"), world.write("")
    tell = world.tell_message
    edit = {**tell(first), "message_edit": {"mid": first, "text": "green", "num_edit": 1}}
    del edit["message"]
    post.bring(tell(first), tell(second), tell(third, attachments=[{"type": "image"}]))
    post.bring(edit, tell(second, is_deleted=True))
    found: list[Page] = [channel.poll(None)]
    found.append(channel.poll(found[0].cursor))
    texts = {one.external_id: one.text for page in found for one in page.mentions}
    assert texts[first] == "green"
    assert texts[third] == "[attachment]"
    assert second in (*found[0].gone, *found[1].gone)


def mention_of(world: World, text: str = "@mizunara の店員さん、親切でした") -> tuple[dict[str, Any], str]:
    comment_id = world.mention_elsewhere(text)
    if world.kind == "instagram":
        return {"field": "mentions", "value": {"media_id": "1790", "comment_id": comment_id}}, f"mention:{comment_id}"
    value = {"item": "comment", "verb": "add", "post_id": "8801_1", "comment_id": comment_id, "sender_id": "5"}
    return {"field": "mention", "value": value}, f"tag:{comment_id}"


def test_a_mention_below_anothers_post_is_asked_for(post: Post, channel: GraphChannel, world: World) -> None:
    event, external_id = mention_of(world)
    post.bring(event)
    mention = channel.poll(None).mentions[0]
    assert (mention.external_id, mention.text) == (external_id, "@mizunara の店員さん、親切でした")
    assert mention.engagement is Engagement.MENTIONED
    assert channel.still_there([external_id]) == {external_id}


def test_a_post_that_names_us_comes_once_by_both_ways(post: Post, channel: GraphChannel, world: World) -> None:
    tagged = world.tag("@mizunara のコート")
    key = "media_id" if world.kind == "instagram" else "post_id"
    post.bring(
        {"field": "mentions" if world.kind == "instagram" else "mention", "value": {key: tagged, "item": "post"}}
    )
    by_call, by_poll = told_and_read(post, channel)
    assert [one.external_id for one in by_call] == [one.external_id for one in by_poll] == [f"tag:{tagged}"]
    assert by_call[0].text == by_poll[0].text


def test_a_mention_deleted_before_we_ask_is_nothing(post: Post, channel: GraphChannel, world: World) -> None:
    event, _ = mention_of(world)
    world.elsewhere.clear()
    post.bring(event)
    page = channel.poll(None)
    assert (page.mentions, page.gap, page.parcels_read) == ((), "", 1)


def test_trouble_at_meta_stops_before_the_parcel_but_not_for_ever(
    post: Post, channel: GraphChannel, world: World, proxy: FaultyProxy, clock: FixedClock
) -> None:
    before = post.comment("before")
    event, _ = mention_of(world)
    post.bring(event)
    after = post.comment("after")
    page = channel.poll(None) if world.kind == "facebook" else None
    if page is None:  # who we are, and where our media stand, is asked for first
        channel.poll(None)
    proxy.fail_next("GET ", refusal(2), times=2)
    first = channel.poll(None)
    assert [one.external_id for one in first.mentions] == [before]
    assert (first.parcels_read, first.more) == (1, True)
    with pytest.raises(RetryableError):
        channel.poll(first.cursor)
    clock.advance(timedelta(hours=2))
    proxy.fail_next("GET ", refusal(2))
    second = channel.poll(first.cursor)
    assert [one.external_id for one in second.mentions] == [after]
    assert second.gap


def test_a_refused_token_loses_no_parcel(post: Post, channel: GraphChannel, world: World) -> None:
    event, _ = mention_of(world)
    post.bring(event)
    world.token["works"] = False
    with pytest.raises(PermanentError) as caught:
        channel.poll(None)
    assert caught.value.code == "token_refused"
    world.token["works"] = True
    assert len(channel.poll(None).mentions) == 1
