"""After a doubt: is our reply there? And what is still there of others; and private messages."""

from datetime import timedelta

import pytest

from domain.clock import FixedClock
from domain.errors import PermanentError, RetryableError, SendUncertainError
from domain.mentions import IncomingMention
from domain.replies import SendRequest, SendTarget
from domain.words import Engagement, Language, MentionKind, Visibility
from listener.channels.reddit import RedditChannel
from tests.listener.channel_contract import APPROVED_AT, read_all, request_for
from tests.listener.reddit.stage import OpenChannel, RedditStage
from tests.partners.faulty_proxy import Answer, Cut
from tests.partners.reddit_state import OURS, as_typed


@pytest.fixture
def channel(open_channel: OpenChannel) -> RedditChannel:
    return open_channel()


@pytest.fixture
def mention(stage: RedditStage, channel: RedditChannel) -> IncomingMention:
    stage.post("The coat is blue, I ordered green.")
    return channel.poll(None).mentions[0]


# -- find_reply --------------------------------------------------------------------------------------------------------


def test_the_same_words_under_another_post_are_not_our_reply(
    stage: RedditStage, channel: RedditChannel, mention: IncomingMention
) -> None:
    other = stage.post("Another coat", author="emi")
    stage.post_as_us("Thank you!", to=other)
    assert channel.find_reply(request_for(mention, "Thank you!"), Visibility.PUBLIC) is None


def test_other_words_of_ours_or_the_same_words_of_others_are_not_our_reply(
    stage: RedditStage, channel: RedditChannel, mention: IncomingMention
) -> None:
    stage.post_as_us("Something else", to=mention.external_id)
    stage.state.add_comment("Thank you\\!", to=mention.external_id, author="copycat")
    assert channel.find_reply(request_for(mention, "Thank you!"), Visibility.PUBLIC) is None


def test_a_reply_that_reddit_stored_with_other_spaces_is_found(
    stage: RedditStage, channel: RedditChannel, mention: IncomingMention
) -> None:
    made = stage.state.add_comment("One line\n\nand *two*", to=mention.external_id, author=OURS)
    found = channel.find_reply(request_for(mention, "One line \r\n\n\n and two\n"), Visibility.PUBLIC)
    assert found is not None
    assert found.external_id == made.name
    assert found.url.startswith("https://www.reddit.com/r/coats/comments/")


def test_a_reply_that_our_own_list_does_not_show_yet_is_found_in_its_thread(
    stage: RedditStage, channel: RedditChannel, mention: IncomingMention
) -> None:
    stage.proxy.fail_next("/api/comment", Cut.AFTER)
    with pytest.raises(SendUncertainError):
        channel.reply(request_for(mention))
    stage.state.lagging = True
    assert channel.find_reply(request_for(mention), Visibility.PUBLIC) is not None


def test_a_reply_to_a_post_itself_is_found_in_its_thread(stage: RedditStage, channel: RedditChannel) -> None:
    thread = stage.state.add_post(author="aya", title="Blue coat")
    request = _request(thread.name, "aya")
    sent = channel.reply(request)
    stage.state.lagging = True
    assert channel.find_reply(request, Visibility.PUBLIC) == sent


def test_a_reply_is_looked_for_through_many_comments_of_ours(
    stage: RedditStage, channel: RedditChannel, mention: IncomingMention
) -> None:
    sent = channel.reply(request_for(mention))
    for number in range(230):
        stage.post_as_us(f"by hand {number}", to=mention.external_id)
    assert channel.find_reply(request_for(mention), Visibility.PUBLIC) == sent


def test_beyond_what_reddit_lists_nobody_claims_that_it_is_not_there(
    stage: RedditStage, channel: RedditChannel, mention: IncomingMention
) -> None:
    stage.app.ceiling = 2_000
    for number in range(1_100):
        stage.post_as_us(f"by hand {number}", to=mention.external_id)
    with pytest.raises(RetryableError):
        channel.find_reply(request_for(mention), Visibility.PUBLIC)


def test_our_comments_from_before_the_approval_are_not_searched(
    stage: RedditStage, channel: RedditChannel, mention: IncomingMention
) -> None:
    stage.post_as_us("Thank you!", to=mention.external_id)
    for thing in stage.state.things.values():
        thing.created = (APPROVED_AT - timedelta(hours=1)).timestamp()
    stage.proxy.fail_next("/comments/", Answer(404))  # the thread is gone
    assert channel.find_reply(request_for(mention, "Thank you!"), Visibility.PUBLIC) is None


@pytest.mark.parametrize(
    "fault",
    [
        Answer(403, b'{"reason": "private"}'),
        Answer(403, b"{}", {"www-authenticate": 'Bearer error="insufficient_scope"'}),
        Answer(400, b"{}"),
        Answer(200, b"{}"),
        Answer(200, b"[]"),
        Answer(200, b'[{"data": {"children": []}}]'),
        Answer(200, b'[{"data": {"children": []}}, {}]'),
    ],
)
def test_a_thread_that_does_not_open_is_no_proof_of_absence(
    stage: RedditStage, channel: RedditChannel, mention: IncomingMention, fault: Answer
) -> None:
    channel.reply(request_for(mention))
    stage.state.lagging = True
    stage.proxy.fail_next("/comments/", fault)
    with pytest.raises(RetryableError):
        channel.find_reply(request_for(mention), Visibility.PUBLIC)


def test_a_mention_that_names_no_thread_is_looked_up_and_unknown_ones_are_for_a_person(
    stage: RedditStage, channel: RedditChannel, mention: IncomingMention
) -> None:
    sent = channel.reply(request_for(mention, "We are sorry."))
    stage.state.lagging = True
    assert channel.find_reply(_request(mention.external_id, "aya"), Visibility.PUBLIC) == sent
    with pytest.raises(RetryableError):
        channel.find_reply(_request("t1_unknown", "aya"), Visibility.PUBLIC)


@pytest.mark.parametrize(
    "fault",
    [
        *(Answer(429, b"", {"retry-after": "7"}), Answer(503), Cut.AFTER),
        *(Answer(200, b"<p>"), Answer(200, b"{}"), Answer(200, b'{"data": {}}')),
    ],
)
def test_an_account_that_cannot_be_asked_is_no_proof_of_absence(
    stage: RedditStage, channel: RedditChannel, mention: IncomingMention, fault: Answer | Cut
) -> None:
    stage.proxy.fail_next("/comments", fault)
    with pytest.raises(RetryableError):
        channel.find_reply(request_for(mention), Visibility.PUBLIC)


# -- still_there -------------------------------------------------------------------------------------------------------


def test_what_is_still_there_is_asked_a_hundred_at_a_time(stage: RedditStage, channel: RedditChannel) -> None:
    names = [stage.post(f"coat {number}") for number in range(125)]
    stage.delete(names[3])
    stage.state.things[names[104]].removed = True
    assert channel.still_there(names) == {*names} - {names[3], names[104]}
    assert stage.proxy.count("/api/info") == 2


@pytest.mark.parametrize("body", [b"{}", b"[]", b'{"data": {"children": null}}'])
def test_an_answer_that_is_no_listing_takes_nothing_away(
    stage: RedditStage, channel: RedditChannel, mention: IncomingMention, body: bytes
) -> None:
    stage.proxy.fail_next("/api/info", Answer(200, body))
    with pytest.raises(RetryableError):
        channel.still_there([mention.external_id])
    assert channel.still_there([mention.external_id]) == {mention.external_id}


def test_a_post_that_was_taken_down_is_gone_and_messages_stay(stage: RedditStage, channel: RedditChannel) -> None:
    kept, deleted, removed = (stage.state.add_post(author="aya") for _ in range(3))
    deleted.deleted = removed.removed = True
    asked = [kept.name, deleted.name, removed.name, "t4_abc", "t1_never", "odd id"]
    assert channel.still_there(asked) == {kept.name, "t4_abc"}


# -- private messages --------------------------------------------------------------------------------------------------


def test_private_messages_are_off_unless_they_are_switched_on(
    stage: RedditStage, channel: RedditChannel, mention: IncomingMention
) -> None:
    stage.state.add_message("psst", author="aya", to=OURS)
    assert {one.kind for one in read_all(channel)[0]} == {MentionKind.COMMENT}
    assert channel.capabilities.can_direct_message is False
    assert channel.eligibility(request_for(mention).target).dm_allowed is None
    with pytest.raises(PermanentError):
        channel.direct_message(request_for(mention))


def test_a_message_is_read_and_answered_where_it_began(stage: RedditStage, open_channel: OpenChannel) -> None:
    channel = open_channel(direct_messages=True)
    stage.state.add_message(as_typed("注文番号は #123 です。"), author="aya", to=OURS, subject="注文")
    stage.state.add_message("we wrote", author=OURS, to="emi")
    message = next(one for one in read_all(channel)[0] if one.kind is MentionKind.MESSAGE)
    assert message.text == "注文\n\n注文番号は #123 です。"
    assert message.engagement is Engagement.WROTE_DM
    request = request_for(message)
    assert channel.eligibility(request.target).dm_allowed is True
    with pytest.raises(PermanentError):
        channel.reply(request)
    sent = channel.direct_message(request)
    assert sent.external_id.startswith("t4_")
    assert channel.find_reply(request, Visibility.DM) == sent
    answer = [one for one in stage.state.things.values() if one.kind == "t4"][-1]
    assert (answer.to, answer.subject) == ("aya", "re: 注文")


def test_who_never_wrote_to_us_gets_no_message(stage: RedditStage, open_channel: OpenChannel) -> None:
    channel = open_channel(direct_messages=True)
    stage.state.add_message("hello", author="emi", to=OURS)
    stage.post("The coat is blue.", author="aya")
    mention = channel.poll(None).mentions[0]
    assert channel.eligibility(request_for(mention).target).dm_allowed is False
    with pytest.raises(PermanentError) as caught:
        channel.direct_message(request_for(mention))
    assert caught.value.code == "dm_not_first"
    assert stage.proxy.count("/api/compose") == 0


def test_a_message_whose_answer_breaks_is_sent_once_and_found(stage: RedditStage, open_channel: OpenChannel) -> None:
    channel = open_channel(direct_messages=True)
    for number in range(20):
        stage.state.add_message(f"hello {number}", author="aya", to=OURS)
    messages = [one for one in read_all(channel)[0] if one.kind is MentionKind.MESSAGE]
    for number, message in enumerate(messages):
        request = request_for(message, f"Answer {number}", key=f"{number:032}")
        stage.proxy.fail_next("/api/compose", Cut.AFTER)
        with pytest.raises(SendUncertainError):
            channel.direct_message(request)
        assert channel.find_reply(request, Visibility.DM) is not None
    assert len(stage.private_texts()) == len(messages) == 20


def test_an_accepted_message_that_cannot_be_looked_up_was_sent_all_the_same(
    stage: RedditStage, open_channel: OpenChannel
) -> None:
    channel = open_channel(direct_messages=True)
    stage.state.add_message("hello", author="aya", to=OURS)
    message = next(one for one in read_all(channel)[0] if one.kind is MentionKind.MESSAGE)
    stage.proxy.fail_next("/message/sent", Answer(503))
    assert channel.direct_message(request_for(message)).external_id == f"accepted:{'k' * 32}"
    assert len(stage.private_texts()) == 1


def test_sent_messages_that_are_not_told_are_no_proof_of_absence(stage: RedditStage, open_channel: OpenChannel) -> None:
    channel = open_channel(direct_messages=True)
    stage.state.add_message("hello", author="aya", to=OURS)
    request = request_for(next(one for one in read_all(channel)[0] if one.kind is MentionKind.MESSAGE))
    assert channel.find_reply(request, Visibility.DM) is None
    stage.proxy.fail_next("/message/sent", Answer(200, b"{}"))
    with pytest.raises(RetryableError):
        channel.find_reply(request, Visibility.DM)


def test_another_message_of_ours_to_the_person_is_for_a_person_to_look_at(
    stage: RedditStage, open_channel: OpenChannel
) -> None:
    channel = open_channel(direct_messages=True)
    stage.state.add_message("hello", author="aya", to=OURS)
    request = request_for(next(one for one in read_all(channel)[0] if one.kind is MentionKind.MESSAGE))
    stage.state.add_message("Somebody else's answer", author=OURS, to="emi")
    assert channel.find_reply(request, Visibility.DM) is None
    stage.state.add_message("The same answer, changed by hand", author=OURS, to="aya")
    with pytest.raises(RetryableError) as caught:
        channel.find_reply(request, Visibility.DM)
    assert caught.value.code == "not_found_yet"


def test_a_person_who_takes_no_messages_is_a_refusal_for_good(stage: RedditStage, open_channel: OpenChannel) -> None:
    channel = open_channel(direct_messages=True)
    stage.state.add_message("hello", author="aya", to=OURS)
    stage.state.blocked_by.add("aya")
    message = next(one for one in read_all(channel)[0] if one.kind is MentionKind.MESSAGE)
    with pytest.raises(PermanentError) as caught:
        channel.direct_message(request_for(message))
    assert caught.value.code == "blocked"


def test_a_message_from_before_the_approval_is_another_one(
    stage: RedditStage, open_channel: OpenChannel, clock: FixedClock
) -> None:
    channel = open_channel(direct_messages=True)
    earlier = stage.state.add_message("Thanks", author=OURS, to="aya")
    earlier.created = (clock.now() - timedelta(days=1)).timestamp()
    stage.state.add_message("hello", author="aya", to=OURS)
    message = next(one for one in read_all(channel)[0] if one.kind is MentionKind.MESSAGE)
    assert channel.find_reply(request_for(message, "Thanks"), Visibility.DM) is None


def _request(target: str, handle: str) -> SendRequest:
    return SendRequest(
        idempotency_key="k" * 32,
        approved_at=APPROVED_AT,
        text="We are sorry.",
        language=Language.EN,
        target=SendTarget(external_id=target, author_external_id="t2_1", author_handle=handle),
    )
