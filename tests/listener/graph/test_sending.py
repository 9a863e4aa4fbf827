"""Answers in public and in private: once, within Meta's windows, and found again after a doubt."""

import json
from datetime import timedelta
from typing import Any

import pytest

from domain.clock import FixedClock
from domain.errors import PermanentError, RetryableError, SendUncertainError
from domain.mentions import IncomingMention
from domain.words import Visibility
from listener.channels.graph.channel import GraphChannel
from tests.listener.channel_contract import APPROVED_AT, REPLY_TEXT, read_all, request_for
from tests.listener.graph.stage import JSON, OpenChannel, refusal
from tests.listener.inbox import MemoryInbox
from tests.partners.faulty_proxy import Answer, Cut, FaultyProxy
from tests.partners.graph_world import Message, World

on_facebook = pytest.mark.parametrize("kind", ["facebook"])
on_instagram = pytest.mark.parametrize("kind", ["instagram"])


@pytest.fixture
def root(world: World) -> str:
    return world.post()


def read(channel: GraphChannel, external_id: str) -> IncomingMention:
    return next(one for one in read_all(channel)[0] if one.external_id == external_id)


def ours(world: World) -> list[str]:
    return [node.text for node in world.nodes.values() if node.author == world.own and node.post]


def sent_privately(world: World, person: str = "aya") -> list[str]:
    talk: list[Message] = world.talks.get(world.person(person), [])
    return [message.text for message in talk if message.author == world.own]


def test_a_connection_killed_after_meta_accepted_makes_exactly_one_reply(
    channel: GraphChannel, world: World, root: str, proxy: FaultyProxy
) -> None:
    for number in range(10):
        mention = read(channel, world.comment(f"number {number}", on=root))
        request = request_for(mention, f"answer {number}", key=f"{number}" * 32)
        proxy.fail_next("POST ", Cut.AFTER if number % 2 else Cut.HALF)
        with pytest.raises(SendUncertainError):
            channel.reply(request)
        found = channel.find_reply(request, Visibility.PUBLIC)
        assert found is not None
        assert ours(world).count(f"answer {number}") == 1


def test_the_same_for_a_private_reply(channel: GraphChannel, world: World, root: str, proxy: FaultyProxy) -> None:
    for name in ("aya", "emi", "ken"):
        request = request_for(read(channel, world.comment("hello", on=root, author=name)))
        proxy.fail_next("POST ", Cut.AFTER)
        with pytest.raises(SendUncertainError):
            channel.direct_message(request)
        assert channel.find_reply(request, Visibility.DM) is not None
        assert sent_privately(world, name) == [REPLY_TEXT]


def test_a_private_message_that_got_lost_is_surely_absent(
    channel: GraphChannel, world: World, root: str, proxy: FaultyProxy
) -> None:
    request = request_for(read(channel, world.comment("hello", on=root)))
    proxy.fail_next("POST ", Cut.BEFORE)
    with pytest.raises(SendUncertainError):
        channel.direct_message(request)
    assert channel.find_reply(request, Visibility.DM) is None


def test_an_answer_to_an_answer_stands_below_the_first_comment_and_is_found(
    channel: GraphChannel, world: World, root: str
) -> None:
    top = world.comment("blue!", on=root)
    request = request_for(read(channel, world.comment("and late", on=root, parent=top)))
    assert channel.find_reply(request, Visibility.PUBLIC) is None
    sent = channel.reply(request)
    found = channel.find_reply(request, Visibility.PUBLIC)
    assert found is not None
    assert found.external_id == sent.external_id
    assert world.nodes[sent.external_id].parent == top


def test_the_same_words_from_before_the_approval_or_by_others_are_not_ours(
    channel: GraphChannel, world: World, root: str
) -> None:
    comment = world.comment("hello", on=root)
    world.comment(REPLY_TEXT, on=root, parent=comment, author="us", created=APPROVED_AT - timedelta(hours=1))
    world.comment(REPLY_TEXT, on=root, parent=comment, author="emi")
    request = request_for(read(channel, comment))
    assert channel.find_reply(request, Visibility.PUBLIC) is None


def test_a_reply_is_found_among_many_and_given_up_among_too_many(
    channel: GraphChannel, world: World, root: str
) -> None:
    comment = world.comment("hello", on=root)
    request = request_for(read(channel, comment))
    channel.reply(request)
    now = world.next_moment()
    for number in range(150):
        world.comment(f"{number}", on=root, parent=comment, created=now)
    assert channel.find_reply(request, Visibility.PUBLIC) is not None
    for number in range(1000):
        world.comment(f"{number}", on=root, parent=comment, created=now - timedelta(hours=1))
    lost = request_for(read(channel, comment), "never sent")
    with pytest.raises(RetryableError) as caught:
        channel.find_reply(lost, Visibility.PUBLIC)
    assert caught.value.code == "cannot_tell"


def test_below_a_deleted_comment_nothing_stands(channel: GraphChannel, world: World, root: str) -> None:
    comment = world.comment("hello", on=root)
    request = request_for(read(channel, comment))
    world.nodes[comment].is_deleted = True
    assert channel.find_reply(request, Visibility.PUBLIC) is None
    with pytest.raises(PermanentError) as caught:
        channel.reply(request)
    assert caught.value.code == "gone"
    assert channel.eligibility(request.target).exists is False


def test_a_lost_right_to_read_proves_no_absence_and_takes_no_answer_away(
    channel: GraphChannel, world: World, root: str, proxy: FaultyProxy
) -> None:
    request = request_for(read(channel, world.comment("hello", on=root)))
    for ask in (lambda: channel.find_reply(request, Visibility.PUBLIC), lambda: channel.eligibility(request.target)):
        proxy.fail_next("GET ", refusal(100, 33))
        proxy.fail_next("GET ", refusal(10))
        with pytest.raises(PermanentError) as caught:
            ask()
        assert caught.value.code == "no_right"


@pytest.mark.parametrize(
    ("text", "code"), [("", "empty"), (" \n", "empty"), ("\ud800", "broken_text"), ("a" * 8001, "too_long")]
)
def test_a_text_that_cannot_be_sent_is_refused_here(
    channel: GraphChannel, world: World, root: str, text: str, code: str
) -> None:
    request = request_for(read(channel, world.comment("hello", on=root)), text)
    for send in (channel.reply, channel.direct_message):
        with pytest.raises(PermanentError) as caught:
            send(request)
        assert caught.value.code == code
    assert not [method for method, _, _ in world.asked if method == "POST"]


def test_lengths_are_those_of_the_platform(channel: GraphChannel, world: World) -> None:
    limits = {"facebook": (8000, 2000), "instagram": (2200, 1000)}[world.kind]
    assert tuple(channel.measure("", one).limit for one in (Visibility.PUBLIC, Visibility.DM)) == limits
    assert channel.measure("緑", Visibility.DM).length == (1 if world.kind == "facebook" else 3)


# -- in private ------------------------------------------------------------------------------------------------------------


def test_a_comment_has_one_private_reply_only(channel: GraphChannel, world: World, root: str) -> None:
    mention = read(channel, world.comment("hello", on=root))
    assert channel.eligibility(request_for(mention).target).dm_allowed is not False
    channel.direct_message(request_for(mention))
    with pytest.raises(PermanentError) as caught:
        channel.direct_message(request_for(mention, "once more"))
    assert caught.value.code == "already_replied"
    assert sent_privately(world) == [REPLY_TEXT]
    assert world.sent[0]["recipient"] == {"comment_id": mention.external_id}
    if world.kind == "facebook":
        assert channel.eligibility(request_for(mention).target).dm_allowed is False


def test_after_seven_days_there_is_no_private_reply(
    channel: GraphChannel, world: World, root: str, clock: FixedClock
) -> None:
    mention = read(channel, world.comment("hello", on=root))
    clock.advance(timedelta(days=7, seconds=5))
    facts = channel.eligibility(request_for(mention).target)
    assert (facts.exists, facts.replies_allowed, facts.dm_allowed) == (True, True, False)
    with pytest.raises(PermanentError) as caught:
        channel.direct_message(request_for(mention))
    assert caught.value.code == "window_closed"


def test_a_message_is_answered_within_a_day(channel: GraphChannel, world: World, clock: FixedClock) -> None:
    mention = read(channel, world.write("where is it?"))
    request = request_for(mention)
    clock.advance(timedelta(hours=23))
    assert channel.eligibility(request.target).dm_allowed is True
    assert channel.find_reply(request, Visibility.DM) is None
    sent = channel.direct_message(request)
    found = channel.find_reply(request, Visibility.DM)
    assert found is not None
    assert found.external_id == sent.external_id
    assert world.sent[0]["messaging_type"] == "RESPONSE"
    assert world.sent[0]["recipient"] == {"id": world.person("aya")}


def test_after_a_day_a_message_is_refused_before_it_is_sent(
    channel: GraphChannel, world: World, clock: FixedClock
) -> None:
    request = request_for(read(channel, world.write("where is it?")))
    clock.advance(timedelta(hours=24, seconds=5))
    assert channel.eligibility(request.target).dm_allowed is False
    with pytest.raises(PermanentError) as caught:
        channel.direct_message(request)
    assert caught.value.code == "window_closed"
    assert not [method for method, _, _ in world.asked if method == "POST"]


def test_a_new_message_opens_the_window_for_an_older_one(
    channel: GraphChannel, world: World, clock: FixedClock
) -> None:
    request = request_for(read(channel, world.write("where is it?")))
    clock.advance(timedelta(days=2))
    world.write("hello?")
    assert channel.eligibility(request.target).dm_allowed is True
    channel.direct_message(request)


def test_with_human_agent_there_are_seven_days(open_channel: OpenChannel, world: World, clock: FixedClock) -> None:
    channel = open_channel(human_agent=True)
    world.can_human_agent = True
    request = request_for(read(channel, world.write("where is it?")))
    clock.advance(timedelta(days=6))
    assert channel.eligibility(request.target).dm_allowed is True
    channel.direct_message(request)
    assert (world.sent[0]["messaging_type"], world.sent[0]["tag"]) == ("MESSAGE_TAG", "HUMAN_AGENT")
    clock.advance(timedelta(days=1, seconds=5))
    assert channel.eligibility(request.target).dm_allowed is False


def test_human_agent_without_its_permission_is_told(open_channel: OpenChannel, world: World, clock: FixedClock) -> None:
    channel = open_channel(human_agent=True)
    request = request_for(read(channel, world.write("where is it?")))
    clock.advance(timedelta(days=2))
    with pytest.raises(PermanentError) as caught:
        channel.direct_message(request)
    assert caught.value.code == "no_right"


def test_who_blocked_us_cannot_be_reached(channel: GraphChannel, world: World) -> None:
    request = request_for(read(channel, world.write("where is it?")))
    world.blocked.add(world.person("aya"))
    with pytest.raises(PermanentError) as caught:
        channel.direct_message(request)
    assert caught.value.code == "not_reachable"


def test_a_private_message_is_not_answered_in_public(channel: GraphChannel, world: World) -> None:
    request = request_for(read(channel, world.write("where is it?")))
    assert channel.eligibility(request.target).replies_allowed is False
    with pytest.raises(PermanentError) as caught:
        channel.reply(request)
    assert caught.value.code == "private"


def test_switched_off_messages_are_not_sent(open_channel: OpenChannel, world: World, root: str) -> None:
    channel = open_channel(direct_messages=False)
    request = request_for(read(channel, world.comment("hello", on=root)))
    assert not channel.capabilities.can_direct_message
    assert channel.eligibility(request.target).dm_allowed is None
    assert channel.find_reply(request, Visibility.DM) is None
    with pytest.raises(PermanentError) as caught:
        channel.direct_message(request)
    assert caught.value.code == "no_dm_right"


def test_a_conversation_that_went_on_for_long_cannot_tell(channel: GraphChannel, world: World) -> None:
    request = request_for(read(channel, world.write("where is it?")))
    for number in range(25):
        world.write(f"number {number}")
    with pytest.raises(RetryableError) as caught:
        channel.find_reply(request, Visibility.DM)
    assert caught.value.code == "cannot_tell"


@pytest.mark.parametrize("told", [{}, {"created_time": "?"}, {"created_time": None, "from": None}])
def test_a_message_that_cannot_be_read_may_be_ours(
    channel: GraphChannel, world: World, proxy: FaultyProxy, told: dict[str, Any]
) -> None:
    request = request_for(read(channel, world.write("where is it?")))
    channel.direct_message(request)
    theirs, ours = world.talks[world.person("aya")]
    moment = ours.created.isoformat()
    messages = [
        {"id": ours.id, "message": ours.text, "created_time": moment, **told},
        {"id": theirs.id, "message": theirs.text, "created_time": moment, "from": {"id": theirs.author}},
    ]
    body = json.dumps({"data": [{"id": "t_1", "messages": {"data": messages}}]}).encode()
    proxy.fail_next("conversations", Answer(200, body, JSON))
    with pytest.raises(RetryableError) as caught:
        channel.find_reply(request, Visibility.DM)
    assert caught.value.code == "cannot_tell"


def test_a_conversation_that_cannot_be_seen_proves_nothing(channel: GraphChannel, world: World) -> None:
    request = request_for(read(channel, world.write("where is it?")))
    world.talks.clear()
    with pytest.raises(RetryableError) as caught:
        channel.find_reply(request, Visibility.DM)
    assert caught.value.code == "cannot_tell"


def test_what_only_names_us_has_no_private_reply(channel: GraphChannel, world: World) -> None:
    mention = read(channel, f"tag:{world.tag('@mizunara のコート')}")
    assert channel.eligibility(request_for(mention).target).dm_allowed is False
    with pytest.raises(PermanentError) as caught:
        channel.direct_message(request_for(mention))
    assert caught.value.code == "no_private_reply"


def test_messages_count_as_there(channel: GraphChannel, world: World) -> None:
    message = world.write("hello")
    assert channel.still_there([message, "tag:1", "odd/../id"]) == {message, "tag:1", "odd/../id"}
    assert world.asked == []


# -- what differs ------------------------------------------------------------------------------------------------------------


@on_facebook
def test_a_visitors_post_is_answered_by_a_comment(channel: GraphChannel, world: World) -> None:
    request = request_for(read(channel, world.post("Where is my coat?", author="aya")))
    assert channel.find_reply(request, Visibility.PUBLIC) is None
    sent = channel.reply(request)
    found = channel.find_reply(request, Visibility.PUBLIC)
    assert found is not None
    assert found.external_id == sent.external_id


@on_facebook
def test_an_answer_elsewhere_that_names_us_is_answered_below_the_first_comment_and_found_there(
    channel: GraphChannel, world: World, inbox: MemoryInbox
) -> None:
    top = world.mention_elsewhere("nice coat")
    comment = world.mention_elsewhere("from @mizunara", parent=top)
    value = {"item": "comment", "verb": "add", "post_id": "8801_1", "comment_id": comment, "sender_id": "5"}
    inbox.keep(channel.receive(world.call({"field": "mention", "value": value})))
    request = request_for(read(channel, f"tag:{comment}"))
    assert channel.find_reply(request, Visibility.PUBLIC) is None
    sent = channel.reply(request)
    found = channel.find_reply(request, Visibility.PUBLIC)
    assert found is not None
    assert found.external_id == sent.external_id
    with pytest.raises(PermanentError):
        channel.direct_message(request)


@on_instagram
def test_a_caption_that_names_us_is_answered_by_a_mention(channel: GraphChannel, world: World) -> None:
    tagged = world.tag("@mizunara のコート")
    request = request_for(read(channel, f"tag:{tagged}"))
    assert channel.eligibility(request.target).replies_allowed is True
    channel.reply(request)
    assert world.sent == [{"media_id": tagged, "message": REPLY_TEXT}]
    with pytest.raises(RetryableError) as caught:
        channel.find_reply(request, Visibility.PUBLIC)
    assert caught.value.code == "cannot_tell"


@on_instagram
def test_a_comment_elsewhere_that_names_us_is_answered_by_a_mention(
    channel: GraphChannel, world: World, inbox: MemoryInbox
) -> None:
    comment = world.mention_elsewhere("@mizunara はどう？")
    told: dict[str, Any] = {"field": "mentions", "value": {"media_id": "1790", "comment_id": comment}}
    inbox.keep(channel.receive(world.call(told)))
    channel.reply(request_for(read(channel, f"mention:{comment}")))
    assert world.sent == [{"media_id": "1790", "comment_id": comment, "message": REPLY_TEXT}]


@on_instagram
@pytest.mark.parametrize("caption", ["only a photo", "@mizunara_fan と", "mail@mizunara.example"])
def test_a_photo_in_which_we_are_only_tagged_is_answered_by_hand(
    channel: GraphChannel, world: World, caption: str
) -> None:
    request = request_for(read(channel, f"tag:{world.tag(caption)}"))
    assert channel.eligibility(request.target).replies_allowed is False
    assert channel.find_reply(request, Visibility.PUBLIC) is None
    with pytest.raises(PermanentError) as caught:
        channel.reply(request)
    assert caught.value.code == "tag_only"


def test_a_hidden_comment_is_not_answered_in_public_until_it_is_shown(
    channel: GraphChannel, world: World, root: str
) -> None:
    comment = world.comment("hello", on=root)
    request = request_for(read(channel, comment))
    for is_hidden in (True, False):
        world.nodes[comment].is_hidden = is_hidden
        facts = channel.eligibility(request.target)
        assert (facts.exists, facts.replies_allowed is False) == (True, is_hidden)


@on_facebook
def test_a_private_reply_to_somebody_unknown_is_found_by_its_comment(
    channel: GraphChannel, world: World, root: str
) -> None:
    world.names_told = False
    request = request_for(read(channel, world.comment("hello", on=root)))
    assert channel.find_reply(request, Visibility.DM) is None
    sent = channel.direct_message(request)
    found = channel.find_reply(request, Visibility.DM)
    assert found is not None
    assert found.external_id == sent.external_id
