"""Answering once, in the right thread, and finding the answer again after a doubt."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.clock import FixedClock
from domain.errors import PermanentError, RetryableError, SendUncertainError
from domain.mentions import IncomingMention
from domain.words import Visibility
from listener.channels.youtube import YouTubeChannel
from tests.listener.channel_contract import HARD_TEXTS
from tests.listener.youtube.stage import (
    API_KEY,
    JSON,
    REPLIES,
    SEND,
    THREADS,
    OpenChannel,
    answer,
    google_error,
    mention_of,
)
from tests.partners.faulty_proxy import Answer, Cut, FaultyProxy
from tests.partners.youtube_app import YouTubeFake
from tests.partners.youtube_world import Comment, Person, Video


def ours(fake: YouTubeFake, shop: Person) -> list[Comment]:
    """Return what our account wrote."""
    return [one for one in fake.world.comments.values() if one.author is shop]


def test_a_reply_is_found_where_it_says_it_stands(
    channel: YouTubeChannel, mention: IncomingMention, fake: YouTubeFake, shop: Person, video: Video
) -> None:
    sent = channel.reply(answer(mention, HARD_TEXTS[1]))
    (comment,) = ours(fake, shop)
    assert (comment.id, comment.text) == (sent.external_id, HARD_TEXTS[1])
    assert sent.url == f"https://www.youtube.com/watch?v={video.id}&lc={comment.id}"


def test_an_answer_to_a_reply_stands_in_the_thread_with_the_name_in_front(
    channel: YouTubeChannel, fake: YouTubeFake, shop: Person, mina: Person, video: Video
) -> None:
    top = fake.world.add(fake.world.person("emi"), "Blue?", video=video)
    reply = fake.world.add(mina, "Mine is blue, too", video=video, parent=top)
    request = answer(mention_of(channel, reply.id), "We are sorry.")
    sent = channel.reply(request)
    assert [(one.parent, one.text) for one in ours(fake, shop)] == [(top, "@mina We are sorry.")]
    found = channel.find_reply(request, Visibility.PUBLIC)
    assert found is not None
    assert found.external_id == sent.external_id
    channel.reply(replace(request, text="@Mina once more"))
    assert ours(fake, shop)[-1].text == "@Mina once more"


def test_the_same_words_to_somebody_else_in_the_thread_are_another_answer(
    channel: YouTubeChannel, fake: YouTubeFake, mina: Person, video: Video
) -> None:
    top = fake.world.add(mina, "Blue?", video=video)
    replies = [fake.world.add(fake.world.person(name), "me", video=video, parent=top) for name in ("emi", "ken")]
    emi, ken = (answer(mention_of(channel, one.id), "We are sorry.") for one in replies)
    channel.reply(emi)
    fake.clock.advance(timedelta(hours=1))
    assert channel.find_reply(emi, Visibility.PUBLIC) is not None
    assert channel.find_reply(ken, Visibility.PUBLIC) is None


def test_a_connection_killed_after_youtube_took_the_reply_leaves_exactly_one(
    channel: YouTubeChannel, fake: YouTubeFake, shop: Person, mina: Person, video: Video, proxy: FaultyProxy
) -> None:
    for number in range(10):
        mention = mention_of(channel, fake.world.add(mina, f"number {number}", video=video).id)
        request = answer(mention, f"answer {number}")
        proxy.fail_next(SEND, Cut.AFTER if number % 2 else Cut.HALF)
        with pytest.raises(SendUncertainError):
            channel.reply(request)
        found = channel.find_reply(request, Visibility.PUBLIC)
        assert found is not None
    assert sorted(one.text for one in ours(fake, shop)) == sorted(f"answer {number}" for number in range(10))
    assert proxy.count(SEND) == 10


def test_a_reply_is_found_in_a_thread_of_many_pages_and_however_youtube_writes_it(
    channel: YouTubeChannel, fake: YouTubeFake, shop: Person, mina: Person, video: Video
) -> None:
    top = fake.world.add(mina, "Blue?", video=video)
    reply = fake.world.add(mina, "well?", video=video, parent=top)
    request = answer(mention_of(channel, reply.id), "We are\nsorry.")
    channel.reply(request)
    (comment,) = ours(fake, shop)
    comment.text = "@@mina\u00a0We are sorry.\u200b"
    for number in range(210):
        fake.world.add(mina, f"and {number}", video=video, parent=top)
    found = channel.find_reply(request, Visibility.PUBLIC)
    assert found is not None
    assert found.external_id == comment.id


def test_an_older_reply_in_the_same_words_is_not_this_one(
    channel: YouTubeChannel, mention: IncomingMention, fake: YouTubeFake, clock: FixedClock
) -> None:
    channel.reply(answer(mention, "Thank you!"))
    clock.advance(timedelta(days=1))
    later = replace(answer(mention, "Thank you!"), approved_at=clock.now() - timedelta(minutes=30))
    assert channel.find_reply(later, Visibility.PUBLIC) is None
    assert fake.asked[-1] == "comments parentId"


def test_a_clock_that_goes_ahead_does_not_make_our_answer_another_one(
    channel: YouTubeChannel, mention: IncomingMention, clock: FixedClock
) -> None:
    request = answer(mention, "Thank you!")
    channel.reply(request)
    clock.advance(timedelta(hours=1))
    ahead = replace(request, approved_at=request.approved_at + timedelta(minutes=10))
    with pytest.raises(RetryableError) as caught:
        channel.find_reply(ahead, Visibility.PUBLIC)
    assert "clock" in caught.value.remedy


def test_somebody_elses_same_words_are_not_ours(
    channel: YouTubeChannel, mention: IncomingMention, fake: YouTubeFake, video: Video
) -> None:
    top = fake.world.comments[mention.external_id]
    fake.world.add(fake.world.person("emi"), "Thank you!", video=video, parent=top)
    fake.clock.advance(timedelta(hours=1))
    assert channel.find_reply(answer(mention, "Thank you!"), Visibility.PUBLIC) is None


def test_right_after_the_approval_absence_proves_nothing(
    channel: YouTubeChannel, mention: IncomingMention, clock: FixedClock
) -> None:
    request = replace(answer(mention, "Thank you!"), approved_at=clock.now() - timedelta(minutes=1))
    with pytest.raises(RetryableError) as caught:
        channel.find_reply(request, Visibility.PUBLIC)
    assert (caught.value.code, caught.value.retry_after_seconds) == ("not_found_yet", 240)
    clock.advance(timedelta(minutes=4))
    assert channel.find_reply(request, Visibility.PUBLIC) is None


def test_a_thread_that_is_gone_holds_no_reply_and_one_that_cannot_be_read_tells_nothing(
    channel: YouTubeChannel, mention: IncomingMention, fake: YouTubeFake, proxy: FaultyProxy, clock: FixedClock
) -> None:
    request = answer(mention, "Thank you!")
    clock.advance(timedelta(hours=1))
    faults: list[Answer | Cut] = [
        Answer(403, google_error("forbidden"), JSON),
        Answer(503),
        Cut.HALF,
        Answer(200, b'{"items": []}', JSON),
    ]
    for fault in faults:
        proxy.fail_next(REPLIES, fault)
        with pytest.raises(RetryableError):
            channel.find_reply(request, Visibility.PUBLIC)
    fake.world.delete(mention.external_id)
    assert channel.find_reply(request, Visibility.PUBLIC) is None


@pytest.mark.parametrize(
    ("status", "reason"), [(500, "backendError"), (503, "backendError"), (400, "processingFailure"), (408, "")]
)
def test_a_platform_that_fails_during_a_send_leaves_a_doubt(
    channel: YouTubeChannel, mention: IncomingMention, proxy: FaultyProxy, status: int, reason: str
) -> None:
    proxy.fail_next(SEND, Answer(status, google_error(reason), JSON))
    with pytest.raises(SendUncertainError):
        channel.reply(answer(mention, "Thank you!"))


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"{}", b'{"id": 7}'])
def test_a_success_that_names_no_comment_is_a_doubt(
    channel: YouTubeChannel, mention: IncomingMention, proxy: FaultyProxy, body: bytes
) -> None:
    proxy.fail_next(SEND, Answer(200, body, JSON))
    with pytest.raises(SendUncertainError):
        channel.reply(answer(mention, "Thank you!"))


def test_what_youtube_would_not_take_is_refused_before_it_is_sent(
    channel: YouTubeChannel, mention: IncomingMention, proxy: FaultyProxy
) -> None:
    for text, code in ((" \n", "empty"), ("\ud83d", "bad_text"), ("a\x00b", "bad_text"), ("😢" * 5_001, "too_long")):
        with pytest.raises(PermanentError) as caught:
            channel.reply(answer(mention, text))
        assert (caught.value.code, bool(caught.value.remedy)) == (code, True)
    assert proxy.count(SEND) == 0


def test_a_text_that_fits_also_fits_with_the_longest_name_in_front(
    channel: YouTubeChannel, fake: YouTubeFake, shop: Person, mina: Person, video: Video
) -> None:
    longest = fake.world.person("h" * 30)
    top = fake.world.add(mina, "Blue?", video=video)
    reply = fake.world.add(longest, "well?", video=video, parent=top)
    text = "長" * channel.measure("", Visibility.PUBLIC).limit
    assert channel.measure(text, Visibility.PUBLIC).fits
    channel.reply(answer(mention_of(channel, reply.id), text))
    assert len(ours(fake, shop)[0].text) == 10_000


@pytest.mark.parametrize(
    ("field", "code"), [("has_comments", "comments_disabled"), ("takes_replies", "replies_not_allowed")]
)
def test_a_thread_that_was_closed_is_known_beforehand_and_refused(
    channel: YouTubeChannel, mention: IncomingMention, fake: YouTubeFake, field: str, code: str
) -> None:
    comment = fake.world.comments[mention.external_id]
    request = answer(mention, "Thank you!")
    assert channel.eligibility(request.target).replies_allowed is True
    setattr(comment if field == "takes_replies" else comment.video, field, False)
    assert channel.eligibility(request.target).replies_allowed is False
    with pytest.raises(PermanentError) as caught:
        channel.reply(request)
    assert caught.value.code == code


def test_a_deleted_reply_is_known_though_its_thread_stands(
    channel: YouTubeChannel, fake: YouTubeFake, mina: Person, video: Video
) -> None:
    top = fake.world.add(mina, "Blue?", video=video)
    reply = fake.world.add(mina, "well?", video=video, parent=top)
    target = answer(mention_of(channel, reply.id), "x").target
    fake.world.delete(reply.id)
    facts = channel.eligibility(target)
    assert (facts.exists, facts.replies_allowed, facts.dm_allowed) == (False, False, False)


def test_deletions_are_asked_for_fifty_at_a_time(
    channel: YouTubeChannel, fake: YouTubeFake, mina: Person, video: Video
) -> None:
    ids = [fake.world.add(mina, f"number {number}", video=video).id for number in range(60)]
    fake.world.delete(ids[3])
    assert channel.still_there([*ids, "never,was", ""]) == set(ids) - {ids[3]}
    assert fake.asked == ["comments id", "comments id"]


@pytest.mark.parametrize("finds_replies_by_id", [True, False])
def test_a_reply_that_is_not_found_by_its_id_but_stands_in_its_thread_is_not_gone(
    channel: YouTubeChannel, fake: YouTubeFake, mina: Person, video: Video, *, finds_replies_by_id: bool
) -> None:
    fake.finds_replies_by_id = finds_replies_by_id
    tops = [fake.world.add(mina, f"number {number}", video=video) for number in range(2)]
    replies = [fake.world.add(mina, f"and {n}", video=video, parent=top).id for top in tops for n in range(120)]
    target = answer(mention_of(channel, replies[0]), "x").target
    fake.world.delete(replies[1])
    assert channel.still_there(replies[:50]) == {replies[0], *replies[2:50]}
    assert channel.eligibility(target).exists
    fake.asked.clear()
    fake.world.delete(tops[1].id)  # with all that stood below
    assert channel.still_there([tops[0].id, replies[0], *replies[120:160]]) == {tops[0].id, replies[0]}
    assert fake.asked.count("comments parentId") == (1 if finds_replies_by_id else 3)


def test_a_reply_whose_thread_cannot_be_looked_through_is_not_taken_for_deleted(
    channel: YouTubeChannel, fake: YouTubeFake, mina: Person, video: Video, proxy: FaultyProxy
) -> None:
    fake.finds_replies_by_id = False
    top = fake.world.add(mina, "Blue?", video=video)
    reply = fake.world.add(mina, "well?", video=video, parent=top).id
    nothing = Answer(200, b'{"kind": "youtube#commentListResponse"}', JSON)
    for reason in ("forbidden", "operationNotSupported"):
        proxy.fail_next(REPLIES, nothing)
        proxy.fail_next(REPLIES, Answer(403, google_error(reason), JSON))
        assert channel.still_there([reply]) == {reply}
    for fault in (Answer(503), Answer(429), Cut.HALF):
        proxy.fail_next(REPLIES, nothing)
        proxy.fail_next(REPLIES, fault)
        with pytest.raises(RetryableError):
            channel.still_there([reply])
    for number in range(1_000):
        fake.world.add(mina, f"and {number}", video=video, parent=top)
    assert channel.still_there([reply]) == {reply}  # newest first: it stands behind a thousand others


def test_one_comment_that_is_refused_hides_no_other_and_trouble_is_no_deletion(
    channel: YouTubeChannel, fake: YouTubeFake, mina: Person, video: Video, proxy: FaultyProxy
) -> None:
    ids = [fake.world.add(mina, f"number {number}", video=video).id for number in range(4)]
    proxy.fail_next(REPLIES, Answer(403, google_error("commentsDisabled"), JSON))
    assert channel.still_there(ids) == set(ids)
    proxy.fail_next(REPLIES, Answer(403, google_error("forbidden"), JSON))
    assert channel.still_there(ids[:1]) == set(ids[:1])
    proxy.fail_next(REPLIES, Answer(400, google_error("processingFailure"), JSON), times=2)
    assert channel.still_there(ids) == set(ids)
    for fault in (Answer(503), Answer(429), Answer(200, b"<html>")):
        proxy.fail_next(REPLIES, fault)
        with pytest.raises(RetryableError):
            channel.still_there(ids)


@pytest.mark.parametrize("status", [400, 403, 404])
def test_a_gateways_page_is_no_word_of_youtubes(
    channel: YouTubeChannel, mention: IncomingMention, proxy: FaultyProxy, clock: FixedClock, status: int
) -> None:
    clock.advance(timedelta(hours=1))
    for call in (
        lambda: channel.still_there([mention.external_id]),
        lambda: channel.find_reply(answer(mention, "Thank you!"), Visibility.PUBLIC),
    ):
        proxy.fail_next(REPLIES, Answer(status, b"<html>"))
        with pytest.raises(RetryableError):
            call()


def test_a_key_never_sends_and_says_how_to_change_that(
    open_channel: OpenChannel, fake: YouTubeFake, mina: Person, video: Video, proxy: FaultyProxy
) -> None:
    reader = open_channel(key=API_KEY)
    mention = mention_of(reader, fake.world.add(mina, "hello", video=video).id)
    with pytest.raises(PermanentError) as caught:
        reader.reply(answer(mention, "Thank you!"))
    assert caught.value.code == "read_only"
    assert reader.eligibility(answer(mention, "x").target).replies_allowed is None
    assert (proxy.count(SEND), proxy.count(THREADS)) == (0, 2)
