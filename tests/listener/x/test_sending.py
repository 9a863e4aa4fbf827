"""Answering on X: once, to those who may be answered, and found again after a doubt."""

from datetime import timedelta

import pytest

from domain.errors import PermanentError, RetryableError, SendUncertainError
from domain.mentions import IncomingMention
from domain.words import Visibility
from listener.channels.x import XChannel
from tests.listener.channel_contract import APPROVED_AT, request_for
from tests.listener.x.stage import Stage, read_mentions
from tests.partners.faulty_proxy import Answer, Cut

ROUNDS = 50
LINKED = "詳しくは https://shop.example.com/faq?a=1&b=2 をご覧ください <3"


@pytest.fixture
def channel(stage: Stage) -> XChannel:
    return stage.open()


@pytest.fixture
def mention(stage: Stage, channel: XChannel) -> IncomingMention:
    stage.world.post("The coat is blue.")
    return read_mentions(channel)[0]


def our_texts(stage: Stage) -> list[str]:
    return [post.text for post in stage.world.our_posts()]


def test_a_connection_that_dies_after_the_server_accepted_leaves_exactly_one_reply(
    stage: Stage, channel: XChannel
) -> None:
    for number in range(ROUNDS):
        stage.world.post(f"post {number}", author=f"person{number}")
    for number, mention in enumerate(read_mentions(channel)):
        request = request_for(mention, f"Thank you, number {number}! {LINKED}")
        stage.proxy.fail_next("/2/tweets", Cut.AFTER if number % 2 else Cut.HALF)
        with pytest.raises(SendUncertainError):
            channel.reply(request)

        found = channel.find_reply(request, Visibility.PUBLIC)

        assert found is not None
        assert found.external_id == stage.world.our_posts()[0].id
        assert len(stage.world.our_posts()) == number + 1
    assert stage.proxy.count("/2/tweets") >= ROUNDS


@pytest.mark.parametrize("status", [500, 502, 503, 504, 408])
def test_a_server_that_fails_during_a_send_leaves_a_doubt(
    stage: Stage, channel: XChannel, mention: IncomingMention, status: int
) -> None:
    stage.proxy.fail_next("/2/tweets", Answer(status, b"oops"))

    with pytest.raises(SendUncertainError):
        channel.reply(request_for(mention))
    assert channel.find_reply(request_for(mention), Visibility.PUBLIC) is None


@pytest.mark.parametrize("body", [b"{}", b'{"data":{}}', b"<html>", b"[]"])
def test_a_success_without_an_id_is_a_doubt(
    stage: Stage, channel: XChannel, mention: IncomingMention, body: bytes
) -> None:
    stage.proxy.fail_next("/2/tweets", Answer(201, body))

    with pytest.raises(SendUncertainError):
        channel.reply(request_for(mention))


def test_a_platform_that_cannot_be_reached_surely_took_nothing(stage: Stage, mention: IncomingMention) -> None:
    nowhere = stage.open(service="http://127.0.0.1:9")

    with pytest.raises(RetryableError) as caught:
        nowhere.reply(request_for(mention))
    assert caught.value.code == "unreachable"


@pytest.mark.parametrize("text", [LINKED, "  two   blanks ", "e\u0301 ÅÅ", "@emi さんも、ありがとうございます"])
def test_a_reply_is_found_however_x_writes_it(channel: XChannel, mention: IncomingMention, text: str) -> None:
    request = request_for(mention, text)
    sent = channel.reply(request)

    found = channel.find_reply(request, Visibility.PUBLIC)

    assert found == sent


def test_another_answer_of_ours_under_the_post_is_for_a_person_to_judge(
    stage: Stage, channel: XChannel, mention: IncomingMention
) -> None:
    stage.world.write("A colleague was quicker.", reply_to=mention.external_id)

    with pytest.raises(RetryableError, match="cannot tell"):
        channel.find_reply(request_for(mention), Visibility.PUBLIC)


def test_an_answer_from_before_the_approval_is_another(
    stage: Stage, channel: XChannel, mention: IncomingMention
) -> None:
    before = APPROVED_AT - timedelta(hours=1)
    stage.world.post("@aya earlier", author="shop", reply_to=mention.external_id, mention=False, at=before)

    assert channel.find_reply(request_for(mention), Visibility.PUBLIC) is None


def test_a_reply_is_found_below_many_others(stage: Stage, channel: XChannel, mention: IncomingMention) -> None:
    request = request_for(mention)
    sent = channel.reply(request)
    for number in range(150):
        stage.world.post(f"news {number}", author="shop", mention=False)

    found = channel.find_reply(request, Visibility.PUBLIC)

    assert found == sent


def test_a_question_that_is_not_answered_tells_nothing(
    stage: Stage, channel: XChannel, mention: IncomingMention
) -> None:
    stage.proxy.fail_next(f"/2/users/{stage.world.us.id}/tweets", Cut.HALF)

    with pytest.raises(RetryableError):
        channel.find_reply(request_for(mention), Visibility.PUBLIC)


@pytest.mark.parametrize("body", [b"{}", b'{"errors":[{"title":"x"}]}', b'{"data":[]}', b'{"meta":{},"data":{}}'])
@pytest.mark.parametrize("visibility", [Visibility.PUBLIC, Visibility.DM])
def test_an_answer_that_is_no_list_never_tells_that_nothing_was_sent(
    stage: Stage, channel: XChannel, mention: IncomingMention, visibility: Visibility, body: bytes
) -> None:
    request = request_for(mention)
    sent = channel.reply(request) if visibility is Visibility.PUBLIC else channel.direct_message(request)
    path = f"/{stage.world.us.id}/tweets" if visibility is Visibility.PUBLIC else "/dm_events"
    stage.proxy.fail_next(path, Answer(200, body))

    with pytest.raises(RetryableError) as caught:
        channel.find_reply(request, visibility)
    assert caught.value.code == "no_answer"
    assert channel.find_reply(request, visibility) == sent


@pytest.mark.parametrize("body", [b"{}", b'{"data":{},"errors":[]}', b'{"data":"x"}', b'{"errors":{}}'])
def test_an_answer_that_speaks_of_no_post_tells_nothing_of_deletions(
    stage: Stage, channel: XChannel, mention: IncomingMention, body: bytes
) -> None:
    for ask in (
        lambda: channel.still_there([mention.external_id]),
        lambda: channel.eligibility(request_for(mention).target),
    ):
        stage.proxy.fail_next("GET /2/tweets", Answer(200, body))
        with pytest.raises(RetryableError, match="no whole answer"):
            ask()


def test_an_edited_post_is_answered_in_its_newest_version(stage: Stage, channel: XChannel) -> None:
    first = stage.world.post("The coat is bleu.").id
    newest = stage.world.edit(first, "The coat is blue.")
    (mention,) = read_mentions(channel)

    sent = channel.reply(request_for(mention))

    assert stage.world.our_posts()[0].replied_to == newest
    assert channel.find_reply(request_for(mention), Visibility.PUBLIC) == sent


def test_who_did_not_turn_to_us_cannot_be_answered(stage: Stage) -> None:
    stage.world.post("mizunara!", mention=False)
    channel = stage.open(search=["mizunara"])
    (mention,) = read_mentions(channel)

    with pytest.raises(PermanentError) as caught:
        channel.reply(request_for(mention))
    assert caught.value.code == "not_summoned"
    assert our_texts(stage) == []


def test_the_same_text_twice_is_refused_for_good(channel: XChannel, mention: IncomingMention) -> None:
    channel.reply(request_for(mention))

    with pytest.raises(PermanentError) as caught:
        channel.reply(request_for(mention))
    assert caught.value.code == "duplicate"


def test_without_x_approval_nothing_leaves_and_nothing_is_asked(stage: Stage, mention: IncomingMention) -> None:
    channel = stage.open(ai_replies_approved=False)
    before = len(stage.server.exchanges)

    assert channel.capabilities.can_reply is False
    with pytest.raises(PermanentError) as caught:
        channel.reply(request_for(mention))
    assert caught.value.code == "not_approved"
    assert len(stage.server.exchanges) == before


def test_training_on_x_is_forbidden(channel: XChannel) -> None:
    assert channel.capabilities.trains_models is False


@pytest.mark.parametrize(("text", "code"), [("あ" * 141, "too_long"), ("", "empty"), (" \n", "too_long")])
def test_a_text_that_x_would_refuse_is_not_sent(
    stage: Stage, channel: XChannel, mention: IncomingMention, text: str, code: str
) -> None:
    with pytest.raises(PermanentError) as caught:
        channel.reply(request_for(mention, text))
    assert caught.value.code in {code, "too_long", "empty"}
    assert stage.server.seen("POST", "/2/tweets") == []


def test_a_message_is_never_answered_in_public(stage: Stage, channel: XChannel) -> None:
    stage.world.say("hello", sender="aya", to="shop")
    (message,) = read_mentions(channel)

    with pytest.raises(PermanentError) as caught:
        channel.reply(request_for(message))
    assert caught.value.code == "not_a_post"
    facts = channel.eligibility(request_for(message).target)
    assert (facts.exists, facts.replies_allowed, facts.dm_allowed) == (True, False, None)


def test_closed_messages_are_known_beforehand_and_refused_for_good(
    stage: Stage, channel: XChannel, mention: IncomingMention
) -> None:
    stage.world.person("aya").receives_dm = False

    assert channel.eligibility(request_for(mention).target).dm_allowed is False
    with pytest.raises(PermanentError) as caught:
        channel.direct_message(request_for(mention))
    assert caught.value.code == "dm_closed"


def test_a_message_whose_answer_was_lost_is_found(stage: Stage, channel: XChannel, mention: IncomingMention) -> None:
    request = request_for(mention, LINKED)
    stage.proxy.fail_next("/messages", Cut.AFTER)
    with pytest.raises(SendUncertainError):
        channel.direct_message(request)

    assert channel.find_reply(request, Visibility.DM) is not None


def test_another_message_of_ours_to_that_person_is_for_a_person_to_judge(
    stage: Stage, channel: XChannel, mention: IncomingMention
) -> None:
    stage.world.say("before", sender="shop", to="aya", at=APPROVED_AT - timedelta(hours=1))
    stage.world.say("theirs", sender="aya", to="shop")
    assert channel.find_reply(request_for(mention), Visibility.DM) is None
    stage.world.say("A colleague was quicker.", sender="shop", to="aya")

    with pytest.raises(RetryableError, match="cannot tell") as caught:
        channel.find_reply(request_for(mention), Visibility.DM)
    assert caught.value.code == "not_found_yet"


def test_only_a_conversation_that_is_not_there_tells_that_no_message_was_sent(
    stage: Stage, channel: XChannel, mention: IncomingMention
) -> None:
    stage.proxy.fail_next("/dm_events", Answer(404, b"{}"))
    assert channel.find_reply(request_for(mention), Visibility.DM) is None
    stage.proxy.fail_next("/dm_events", Answer(403, b'{"detail":"This conversation is not visible to you."}'))

    with pytest.raises(PermanentError) as caught:
        channel.find_reply(request_for(mention), Visibility.DM)
    assert caught.value.code == "gone"


def test_messages_can_be_switched_off(stage: Stage, mention: IncomingMention) -> None:
    channel = stage.open(direct_messages=False)

    assert channel.capabilities.can_direct_message is False
    assert channel.eligibility(request_for(mention).target).dm_allowed is False


@pytest.mark.parametrize(
    ("setting", "named", "allowed"),
    [
        ("everyone", False, True),
        ("mentionedUsers", True, True),
        ("mentionedUsers", False, False),
        ("following", False, None),
        ("subscribers", False, None),
    ],
)
def test_whom_the_author_lets_reply_is_told_as_far_as_x_says(
    stage: Stage, setting: str, *, named: bool, allowed: bool | None
) -> None:
    channel = stage.open(search=["coat"])
    post = stage.world.post("my coat", mention=named)
    post.reply_settings = setting
    mention = read_mentions(channel)[0]

    assert channel.eligibility(request_for(mention).target).replies_allowed is allowed


def test_a_protected_or_deleted_post_is_not_there(stage: Stage, channel: XChannel) -> None:
    posts = [stage.world.post(f"post {number}", author=f"person{number}").id for number in range(250)]
    stage.world.person("person7").protected = True
    stage.world.delete(posts[211])

    there = channel.still_there([*posts, "dm:1"])

    assert set(posts) - there == {posts[7], posts[211]}
    assert "dm:1" in there
    assert len(stage.server.seen("GET", "/2/tweets")) == 3


def test_a_post_that_x_has_trouble_with_counts_as_there(stage: Stage, channel: XChannel) -> None:
    post = stage.world.post("The coat is blue.").id
    problem = b'{"errors":[{"type":"https://api.x.com/2/problems/internal-error","resource_id":"%s"}]}' % post.encode()
    stage.proxy.fail_next("/2/tweets", Answer(200, problem))

    assert channel.still_there([post]) == {post}


def test_a_limit_on_replies_is_passed_on_with_the_day_it_ends(
    stage: Stage, channel: XChannel, mention: IncomingMention
) -> None:
    soon, late = (str(int(stage.clock.now().timestamp()) + seconds) for seconds in (60, 7200))
    headers = {
        "x-rate-limit-remaining": "50",
        "x-rate-limit-reset": soon,
        "x-user-limit-24hour-remaining": "0",
        "x-user-limit-24hour-reset": late,
    }
    stage.proxy.fail_next("/2/tweets", Answer(429, b"{}", headers))

    with pytest.raises(RetryableError) as caught:
        channel.reply(request_for(mention))
    assert caught.value.retry_after_seconds == pytest.approx(7200, abs=2)
    assert our_texts(stage) == []
