"""Reading without losing a comment: pages, long threads, late ones, edits, and videos that cannot be read."""

import json
from datetime import timedelta

import pytest

from domain.clock import FixedClock
from domain.errors import ChannelError, PermanentError, RetryableError
from domain.words import Engagement
from listener.channels.youtube import YouTubeChannel
from tests.listener.channel_contract import read_all
from tests.listener.youtube.stage import API_KEY, JSON, NOW, REPLIES, THREADS, OpenChannel, google_error
from tests.partners.faulty_proxy import Answer, Cut, FaultyProxy
from tests.partners.youtube_app import YouTubeFake
from tests.partners.youtube_world import Person, Video

LONG_WALK = timedelta(hours=6)


def ids(channel: YouTubeChannel, cursor: str | None = None) -> tuple[list[str], str | None]:
    """Return the ids of what is polled, and the last cursor."""
    found, after, _ = read_all(channel, cursor)
    return [one.external_id for one in found], after


def test_a_quiet_poll_brings_nothing_and_takes_one_unit_a_source(
    open_channel: OpenChannel, fake: YouTubeFake, mina: Person, video: Video, theirs: Video
) -> None:
    channel = open_channel(videos=[theirs.id])
    for number in range(8):
        fake.world.add(mina, f"number {number}", video=video)
    found, cursor = ids(channel)
    assert len(found) == 8
    fake.asked.clear()
    assert ids(channel, cursor)[0] == []
    assert fake.asked == ["commentThreads allThreadsRelatedToChannelId", "commentThreads videoId"]


def test_many_comments_come_in_pages_each_once_and_in_any_cut(
    open_channel: OpenChannel, fake: YouTubeFake, mina: Person, video: Video
) -> None:
    posted = [fake.world.add(mina, f"number {number}", video=video).id for number in range(23)]
    cursor, seen = None, list[str]()
    for _ in range(40):
        page = open_channel(page_size=4).poll(cursor)  # another process takes over after each page
        seen += [one.external_id for one in page.mentions]
        assert page.requests <= 2
        cursor = page.cursor
        if not page.more:
            break
    assert sorted(seen) == sorted(posted)


def test_comments_that_arrive_between_two_pages_are_read_by_the_next_poll(
    open_channel: OpenChannel, fake: YouTubeFake, mina: Person, video: Video
) -> None:
    channel = open_channel(page_size=3)
    posted = [fake.world.add(mina, f"number {number}", video=video).id for number in range(7)]
    page = channel.poll(None)
    posted.append(fake.world.add(mina, "meanwhile", video=video).id)
    rest, cursor = ids(channel, page.cursor)
    later, _ = ids(channel, cursor)
    assert sorted([*(one.external_id for one in page.mentions), *rest, *later]) == sorted(posted)


def test_more_replies_than_come_along_are_asked_for_thread_by_thread(
    channel: YouTubeChannel, fake: YouTubeFake, mina: Person, video: Video
) -> None:
    top = fake.world.add(mina, "The coat is blue.", video=video)
    replies = [fake.world.add(mina, f"and {number}", video=video, parent=top).id for number in range(9)]
    small = fake.world.add(mina, "Me too", video=video)
    found, cursor = ids(channel)
    assert {*replies, top.id, small.id} <= set(found)
    assert fake.asked.count("comments parentId") == 1
    fake.asked.clear()
    late = fake.world.add(mina, "still blue", video=video, parent=top)
    assert late.id in ids(channel, cursor)[0]
    assert fake.asked.count("comments parentId") == 1


@pytest.mark.parametrize(("shown", "shows_oldest"), [(5, True), (2, False), (2, True), (0, False)])
def test_whichever_replies_youtube_shows_with_a_thread_none_is_lost(
    channel: YouTubeChannel, fake: YouTubeFake, mina: Person, video: Video, shown: int, *, shows_oldest: bool
) -> None:
    fake.replies_shown, fake.shows_oldest = shown, shows_oldest
    top = fake.world.add(mina, "The coat is blue.", video=video)
    replies = {fake.world.add(mina, f"and {number}", video=video, parent=top).id for number in range(shown + 2)}
    found, cursor = ids(channel)
    assert {top.id, *replies} == set(found)
    late = fake.world.add(mina, "still blue", video=video, parent=top)
    found, cursor = ids(channel, cursor)
    assert late.id in found
    assert ids(channel, cursor)[0] == []


def test_a_thread_with_more_replies_than_are_read_is_told_as_a_gap(
    channel: YouTubeChannel, fake: YouTubeFake, mina: Person, video: Video
) -> None:
    top = fake.world.add(mina, "The coat is blue.", video=video)
    for number in range(1_001):
        fake.world.add(mina, f"and {number}", video=video, parent=top)
    cursor, gaps = None, list[str]()
    for _ in range(11):
        page = channel.poll(cursor)
        gaps.append(page.gap)
        cursor = page.cursor
    assert gaps == [*[""] * 10, f"channel: thread {top.id} has more replies than are read"]
    assert not page.more


def test_a_place_in_a_thread_that_youtube_forgot_begins_the_thread_anew(
    channel: YouTubeChannel, fake: YouTubeFake, mina: Person, video: Video
) -> None:
    top = fake.world.add(mina, "The coat is blue.", video=video)
    replies = {fake.world.add(mina, f"and {number}", video=video, parent=top).id for number in range(150)}
    first = channel.poll(channel.poll(None).cursor)
    assert len(first.mentions) == 100
    fake.page_secret = "b"
    rest, _ = ids(channel, first.cursor)
    assert {*(one.external_id for one in first.mentions), *rest} == replies


def test_a_poll_that_fails_within_a_thread_goes_on_there(
    channel: YouTubeChannel, fake: YouTubeFake, mina: Person, video: Video, proxy: FaultyProxy
) -> None:
    top = fake.world.add(mina, "The coat is blue.", video=video)
    replies = {fake.world.add(mina, f"and {number}", video=video, parent=top).id for number in range(130)}
    page = channel.poll(None)
    assert page.more
    proxy.fail_next(REPLIES, Cut.HALF)
    with pytest.raises(RetryableError):
        channel.poll(page.cursor)
    assert replies <= set(ids(channel, page.cursor)[0])
    assert fake.asked.count("comments parentId") >= 2


def test_a_thread_deleted_before_its_replies_are_read_stops_nothing(
    channel: YouTubeChannel, fake: YouTubeFake, mina: Person, video: Video
) -> None:
    top = fake.world.add(mina, "The coat is blue.", video=video)
    for number in range(9):
        fake.world.add(mina, f"and {number}", video=video, parent=top)
    page = channel.poll(None)
    fake.world.delete(top.id)
    found, _ = ids(channel, page.cursor)
    assert found == []


def test_an_edited_comment_comes_again_with_its_new_text_and_back_again(
    channel: YouTubeChannel, fake: YouTubeFake, mina: Person, video: Video
) -> None:
    comment = fake.world.add(mina, "青いコートが届きました", video=video)
    _, cursor, _ = read_all(channel)
    for text in ("緑のコートを注文しました", "青いコートが届きました"):
        fake.world.edit(comment, text)
        (again,), cursor, _ = read_all(channel, cursor)
        assert (again.external_id, again.text) == (comment.id, text)
        assert ids(channel, cursor)[0] == []


def test_likes_alone_bring_nothing_back(channel: YouTubeChannel, fake: YouTubeFake, mina: Person, video: Video) -> None:
    comment = fake.world.add(mina, "Lovely", video=video)
    comment.likes = 3
    (mention,), cursor, _ = read_all(channel)
    assert mention.platform_data["likes"] == "3"
    comment.likes = 400
    assert ids(channel, cursor)[0] == []


def test_what_happens_further_back_is_found_by_the_long_walk(
    open_channel: OpenChannel, fake: YouTubeFake, mina: Person, video: Video, clock: FixedClock
) -> None:
    channel = open_channel(page_size=5)
    tops = [fake.world.add(mina, f"number {number}", video=video) for number in range(14)]
    cursor = ids(channel)[1]
    reply = fake.world.add(mina, "any news?", video=video, parent=tops[0])
    held = fake.world.add(mina, "held", video=video, at=tops[1].published_at)
    fake.world.edit(tops[2], "changed")
    found, cursor = ids(channel, cursor)
    assert found == []
    clock.advance(LONG_WALK)
    found, cursor = ids(channel, cursor)
    assert {reply.id, held.id, tops[2].id} <= set(found)
    assert ids(channel, cursor)[0] == []


def test_a_comment_held_for_review_is_read_once_it_is_let_through(
    channel: YouTubeChannel, fake: YouTubeFake, mina: Person, video: Video
) -> None:
    held = fake.world.add(mina, "http://a.example", video=video)
    held.is_held = True
    top = fake.world.add(mina, "open", video=video)
    found, cursor = ids(channel)
    assert found == [top.id]
    held.is_held = False
    assert ids(channel, cursor)[0] == [held.id]


def test_a_pinned_old_comment_in_front_ends_no_walk(
    open_channel: OpenChannel, fake: YouTubeFake, mina: Person, shop: Person, video: Video
) -> None:
    channel = open_channel(page_size=3)
    fake.world.pinned = fake.world.add(shop, "Welcome!", video=video, at=NOW - timedelta(days=100))
    cursor = ids(channel)[1]
    posted = {fake.world.add(mina, f"number {number}", video=video).id for number in range(8)}
    assert posted <= set(ids(channel, cursor)[0])


def test_the_first_poll_goes_back_as_far_as_it_is_told(
    open_channel: OpenChannel, fake: YouTubeFake, mina: Person, video: Video
) -> None:
    fake.world.add(mina, "long ago", video=video, at=NOW - timedelta(days=9))
    young = fake.world.add(mina, "lately", video=video, at=NOW - timedelta(days=6))
    assert ids(open_channel(page_size=1))[0] == [young.id]


def test_too_many_pages_are_admitted_as_a_gap(
    open_channel: OpenChannel, fake: YouTubeFake, mina: Person, video: Video
) -> None:
    channel = open_channel(page_size=2, max_pages=3)
    fake.world.add(mina, "before", video=video)
    cursor = ids(channel)[1]
    for number in range(9):
        fake.world.add(mina, f"number {number}", video=video)
    gaps = []
    for _ in range(3):
        page = channel.poll(cursor)
        gaps.append(page.gap)
        cursor = page.cursor
    assert gaps == ["", "", "channel: 3 pages did not reach what was known"]
    assert not page.more


@pytest.mark.parametrize("cursor", ["", "{", "[]", '{"v":9}', '{"v":1,"of":"UCother","sources":{}}', "[" * 100_000])
def test_a_cursor_that_cannot_be_read_begins_anew_and_says_so(
    channel: YouTubeChannel, fake: YouTubeFake, mina: Person, video: Video, cursor: str
) -> None:
    comment = fake.world.add(mina, "hello", video=video)
    page = channel.poll(cursor)
    assert [one.external_id for one in page.mentions] == [comment.id]
    assert "cursor" in page.gap
    assert channel.poll(page.cursor).gap == ""


def test_a_cursor_is_small_versioned_json(
    channel: YouTubeChannel, fake: YouTubeFake, mina: Person, video: Video
) -> None:
    for number in range(100):
        fake.world.add(mina, f"number {number}", video=video)
    cursor = ids(channel)[1] or ""
    assert json.loads(cursor)["v"] == 1
    assert len(cursor) < 2_000


def test_a_place_in_a_list_that_youtube_forgot_begins_anew_without_loss(
    open_channel: OpenChannel, fake: YouTubeFake, mina: Person, video: Video
) -> None:
    channel = open_channel(page_size=3)
    posted = {fake.world.add(mina, f"number {number}", video=video).id for number in range(8)}
    page = channel.poll(None)
    fake.page_secret = "b"
    rest, _ = ids(channel, page.cursor)
    assert {*(one.external_id for one in page.mentions), *rest} == posted


@pytest.mark.parametrize("reason", ["invalidPageToken", "processingFailure", "badRequest"])
def test_a_page_that_youtube_refuses_by_whatever_name_does_not_hold_the_poll_for_ever(
    open_channel: OpenChannel, fake: YouTubeFake, mina: Person, video: Video, proxy: FaultyProxy, reason: str
) -> None:
    channel = open_channel(page_size=3)
    posted = {fake.world.add(mina, f"number {number}", video=video).id for number in range(8)}
    page = channel.poll(None)
    proxy.fail_next(THREADS, Answer(400, google_error(reason), JSON))
    rest, _ = ids(channel, page.cursor)
    assert {*(one.external_id for one in page.mentions), *rest} == posted


@pytest.mark.parametrize("reason", ["forbidden", "operationNotSupported", "processingFailure"])
def test_one_thread_whose_replies_are_refused_is_a_gap_and_stops_nothing(
    channel: YouTubeChannel, fake: YouTubeFake, mina: Person, video: Video, proxy: FaultyProxy, reason: str
) -> None:
    first, second = (fake.world.add(mina, "The coat is blue.", video=video) for _ in range(2))
    replies = {fake.world.add(mina, f"and {number}", video=video, parent=first).id for number in range(9)}
    for number in range(9):
        fake.world.add(mina, f"or {number}", video=video, parent=second)
    cursor = channel.poll(None).cursor
    proxy.fail_next(REPLIES, Answer(403, google_error(reason), JSON))
    page = channel.poll(cursor)
    assert f"thread {second.id} were not read" in page.gap
    assert set(ids(channel, page.cursor)[0]) == replies


@pytest.mark.parametrize("reason", ["quotaExceeded", "rateLimitExceeded", "insufficientPermissions"])
def test_what_refuses_every_request_is_not_laid_upon_one_thread(
    channel: YouTubeChannel, fake: YouTubeFake, mina: Person, video: Video, proxy: FaultyProxy, reason: str
) -> None:
    top = fake.world.add(mina, "The coat is blue.", video=video)
    replies = {fake.world.add(mina, f"and {number}", video=video, parent=top).id for number in range(9)}
    cursor = channel.poll(None).cursor
    proxy.fail_next(REPLIES, Answer(403, google_error(reason), JSON))
    with pytest.raises(ChannelError):
        channel.poll(cursor)
    assert set(ids(channel, cursor)[0]) == replies


def test_a_torn_page_changes_nothing(
    channel: YouTubeChannel, fake: YouTubeFake, mina: Person, video: Video, proxy: FaultyProxy
) -> None:
    cursor = ids(channel)[1]
    comment = fake.world.add(mina, "hello", video=video)
    proxy.fail_next(THREADS, Cut.HALF)
    with pytest.raises(RetryableError) as caught:
        channel.poll(cursor)
    assert caught.value.code == "no_answer"
    assert ids(channel, cursor)[0] == [comment.id]


# -- others' videos ----------------------------------------------------------------------------------------------------


def test_on_others_videos_only_who_names_or_answers_us_turned_to_us(
    open_channel: OpenChannel, fake: YouTubeFake, mina: Person, shop: Person, theirs: Video
) -> None:
    channel = open_channel(videos=[f"https://www.youtube.com/watch?v={theirs.id}&t=3s"])
    plain = fake.world.add(mina, "Nice coat", video=theirs)
    naming = fake.world.add(mina, "@shop how much?", video=theirs)
    other = fake.world.add(mina, "@shopkeeper how much?", video=theirs)
    ours = fake.world.add(shop, "We are here", video=theirs)
    reply = fake.world.add(mina, "Great", video=theirs, parent=ours)
    by_id = {one.external_id: one for one in read_all(channel)[0]}
    assert by_id[plain.id].engagement is Engagement.POSTED
    assert by_id[naming.id].engagement is Engagement.MENTIONED
    assert by_id[other.id].engagement is Engagement.POSTED
    assert by_id[reply.id].engagement is Engagement.REPLIED
    assert by_id[reply.id].platform_data["root_author"] == shop.id
    assert ours.id not in by_id


def test_a_search_takes_threads_that_name_a_term_and_of_their_replies_those_that_do(
    open_channel: OpenChannel, fake: YouTubeFake, mina: Person, theirs: Video
) -> None:
    channel = open_channel(videos=[theirs.id], search=["ミズナラ"])
    fake.world.add(mina, "first!", video=theirs)
    top = fake.world.add(mina, "ミズナラのコートですか？", video=theirs)
    fake.world.add(mina, "+1", video=theirs, parent=top)
    naming = fake.world.add(mina, "ﾐｽﾞﾅﾗだと思います", video=theirs, parent=top)
    assert set(ids(channel)[0]) == {top.id, naming.id}


def test_terms_that_differ_by_a_colon_are_two_questions_and_the_poll_ends(
    open_channel: OpenChannel, fake: YouTubeFake, theirs: Video
) -> None:
    assert ids(open_channel(videos=[theirs.id], search=["coat", "coat:"]))[0] == []
    assert fake.asked.count("commentThreads videoId") == 2


def test_a_video_with_comments_switched_off_stops_no_other_and_is_no_gap(
    open_channel: OpenChannel, fake: YouTubeFake, mina: Person, theirs: Video, video: Video
) -> None:
    closed = fake.world.video(theirs.owner)
    closed.has_comments = False
    channel = open_channel(videos=[closed.id, theirs.id])
    wanted = {fake.world.add(mina, "hello", video=one).id for one in (video, theirs)}
    cursor, found, gaps = None, set[str](), set[str]()
    for _ in range(3):
        page = channel.poll(cursor)
        found |= {one.external_id for one in page.mentions}
        gaps.add(page.gap)
        cursor = page.cursor
    assert (found, gaps, page.more) == (wanted, {""}, False)


def test_a_video_that_is_gone_is_told_and_stops_no_other(
    open_channel: OpenChannel, fake: YouTubeFake, mina: Person, theirs: Video
) -> None:
    channel = open_channel(videos=["AAAAAAAAAAA", theirs.id])
    comment = fake.world.add(mina, "hello", video=theirs)
    page = channel.poll(channel.poll(None).cursor)
    assert "video:AAAAAAAAAAA: not read since" in page.gap
    assert ids(channel, page.cursor)[0] == [comment.id]
    assert "not there: AAAAAAAAAAA" in channel.probe()


def test_a_video_that_fails_passingly_is_told_of_only_after_half_an_hour(
    open_channel: OpenChannel, theirs: Video, proxy: FaultyProxy, clock: FixedClock
) -> None:
    channel = open_channel(videos=[theirs.id])
    gaps = []
    for _ in range(2):
        page = channel.poll(None)
        proxy.fail_next(THREADS, Answer(503))
        gaps.append(channel.poll(page.cursor).gap)
        clock.advance(timedelta(minutes=31))
    assert gaps[0] == ""
    assert f"video:{theirs.id}: not read since" in gaps[1]


def test_our_own_channels_trouble_and_a_used_up_quota_end_the_poll(
    open_channel: OpenChannel, theirs: Video, proxy: FaultyProxy
) -> None:
    channel = open_channel(videos=[theirs.id])
    cursor = channel.poll(None).cursor
    proxy.fail_next(THREADS, Answer(403, google_error("quotaExceeded"), JSON))
    with pytest.raises(RetryableError) as caught:
        channel.poll(cursor)
    assert caught.value.code == "quota_used_up"
    proxy.fail_next(THREADS, Answer(403, google_error("forbidden"), JSON))
    with pytest.raises(PermanentError):
        channel.poll(None)


def test_with_a_key_everything_public_is_read_and_nobody_is_asked_who_we_are(
    open_channel: OpenChannel, fake: YouTubeFake, mina: Person, shop: Person, video: Video
) -> None:
    channel = open_channel(key=API_KEY)
    comment = fake.world.add(mina, "hello", video=video)
    assert channel.own_author_id == shop.id
    (mention,), _, _ = read_all(channel)
    assert (mention.external_id, mention.engagement) == (comment.id, Engagement.POSTED)
    assert fake.asked == ["commentThreads allThreadsRelatedToChannelId"]
