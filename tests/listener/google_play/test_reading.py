"""What of Google Play's reviews arrives, and how the week is walked over the wire."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.clock import FixedClock
from domain.errors import RetryableError
from domain.words import Engagement, MentionKind
from listener.channels.google_play import GooglePlayChannel
from listener.channels.google_play.reading import read_moment, read_review, read_text
from tests.cast import NOON
from tests.listener.channel_contract import read_all
from tests.listener.google_play.stage import READ, OpenChannel
from tests.listener.review_stage import JSON, mention_of, texts
from tests.partners.faulty_proxy import Answer, FaultyProxy
from tests.partners.google_play_api import PACKAGE, GooglePlayApi


def test_a_review_arrives_with_title_stars_device_version_and_its_page(
    play: GooglePlayApi, channel: GooglePlayChannel
) -> None:
    written = NOON.replace(microsecond=250_000)
    review_id = play.write("箱を開けたら青でした😢", title="色が違う", author="あや", stars=1, modified=written)
    mention = mention_of(channel, review_id)
    assert mention.text == "色が違う\n箱を開けたら青でした😢"
    assert (mention.kind, mention.engagement, mention.rating) == (MentionKind.REVIEW, Engagement.REVIEWED, 1)
    data = mention.platform_data
    assert (data["stars"], data["app_version"], data["android_api"]) == ("1", "2.4.17", "34")
    assert data["device"] == "Fishy trout (Trout 7)"
    assert mention.created_at == written
    assert mention.language_hint == "ja"
    assert mention.url.startswith(f"https://play.google.com/store/apps/details?id={PACKAGE}&reviewId=gp%3AAOqp")
    assert (mention.author.handle, mention.author.external_id) == ("あや", review_id)


def test_a_review_without_a_name_is_still_a_review(play: GooglePlayApi, channel: GooglePlayChannel) -> None:
    review_id = play.write("よい", author="")
    assert mention_of(channel, review_id).author.handle


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ("\tbody only", "body only"),
        ("title\tbody", "title\nbody"),
        ("title\t", "title"),
        ("no tab", "no tab"),
        ("\tin\tside", "in\tside"),
    ],
)
def test_a_tab_stands_between_title_and_body(given: str, text: str) -> None:
    assert read_text(given) == text


@pytest.mark.parametrize(
    ("stamp", "moment"),
    [
        ({"seconds": "1795143600", "nanos": 999_999_999}, datetime(2026, 11, 20, 3, 0, 0, 999_999, tzinfo=UTC)),
        ({"seconds": 1_795_143_600}, datetime(2026, 11, 20, 3, 0, tzinfo=UTC)),
        ({"seconds": "9" * 30}, None),
        ({"seconds": "soon"}, None),
        ({"seconds": True}, None),
        ({}, None),
        (None, None),
    ],
)
def test_moments_are_seconds_and_nanoseconds(stamp: object, moment: datetime | None) -> None:
    assert read_moment(stamp) == moment


def test_words_that_were_translated_are_given_in_the_original() -> None:
    said = {"text": "\tThe coat is blue", "originalText": "\t青でした", "lastModified": {"seconds": "1"}}
    review = read_review({"reviewId": "a", "comments": [{"userComment": said}]}, package_name=PACKAGE)
    assert review is not None
    assert review.text == "青でした"


def test_of_several_comments_by_one_side_the_last_counts() -> None:
    comments = [
        {"userComment": {"text": "\tfirst", "lastModified": {"seconds": "1"}}},
        {"developerComment": {"text": "answer", "lastModified": {"seconds": "2"}}},
        {"userComment": {"text": "\tsecond", "lastModified": {"seconds": "3"}}},
    ]
    review = read_review({"reviewId": "a", "comments": comments}, package_name=PACKAGE)
    assert review is not None
    assert review.answer is not None
    assert (review.text, review.answer.text) == ("second", "answer")


def test_hundreds_of_reviews_come_in_pages_by_googles_tokens(play: GooglePlayApi, channel: GooglePlayChannel) -> None:
    written = {play.write(f"number {number}") for number in range(230)}
    found, cursor, pages = read_all(channel)
    assert {one.external_id for one in found} == written
    assert pages == 3
    assert texts(channel, cursor) == []


def test_a_token_that_is_over_begins_the_walk_anew_and_loses_nothing(
    play: GooglePlayApi, open_channel: OpenChannel
) -> None:
    written = {play.write(f"number {number}") for number in range(7)}
    channel = open_channel(page_size=3)
    first = channel.poll(None)
    play.epoch += 1
    rest, _, _ = read_all(channel, first.cursor)
    assert {one.external_id for one in (*first.mentions, *rest)} == written


def test_a_changed_review_comes_to_the_top_with_its_new_words(play: GooglePlayApi, channel: GooglePlayChannel) -> None:
    review_id = play.write("青でした", modified=NOON - timedelta(days=3))
    play.write("ほかの人")
    _, cursor, _ = read_all(channel)
    play.change(review_id, "赤でした", stars=5)
    (again,), _, _ = read_all(channel, cursor)
    assert (again.external_id, again.text, again.rating) == (review_id, "赤でした", 5)


def test_after_a_pause_of_more_than_a_week_the_desk_is_told_that_reviews_are_missing(
    play: GooglePlayApi, channel: GooglePlayChannel, clock: FixedClock
) -> None:
    play.write("before")
    page = channel.poll(None)
    assert page.gap == ""
    play.write("never seen", modified=NOON + timedelta(hours=1))
    clock.advance(timedelta(days=8))
    play.write("after")
    page = channel.poll(page.cursor)
    assert [one.text for one in page.mentions] == ["after"]
    assert "7 days" in page.gap


def test_an_app_without_reviews_is_silent(channel: GooglePlayChannel) -> None:
    page = channel.poll(None)
    assert (page.mentions, page.more, page.gap) == ((), False, "")


def test_what_is_no_review_is_told_as_a_gap_once(channel: GooglePlayChannel, proxy: FaultyProxy) -> None:
    odd = b'{"reviews": [{"reviewId": "1"}, null, 5, {"reviewId": "2", "comments": [{"userComment": {"text": "x"}}]}]}'
    proxy.fail_next(READ, Answer(200, odd, JSON), times=2)
    page = channel.poll(None)
    assert page.gap == "4 reviews could not be read"
    assert channel.poll(page.cursor).gap == ""


def test_half_a_sign_in_an_id_stops_no_page(channel: GooglePlayChannel, proxy: FaultyProxy) -> None:
    said = b'{"text": "\\tx", "lastModified": {"seconds": "1795143600"}}'
    odd = b'{"reviews": [{"reviewId": "a\\ud800", "comments": [{"userComment": %s}]}]}' % said
    proxy.fail_next(READ, Answer(200, odd, JSON))
    assert [one.text for one in channel.poll(None).mentions] == ["x"]


@pytest.mark.parametrize("token", [b"\\ud800", b"\\u0000", b"\\u3042"])
def test_a_token_that_cannot_be_asked_for_is_no_answer(
    channel: GooglePlayChannel, proxy: FaultyProxy, token: bytes
) -> None:
    proxy.fail_next(READ, Answer(200, b'{"tokenPagination": {"nextPageToken": "%s"}}' % token, JSON))
    with pytest.raises(RetryableError) as caught:
        channel.poll(None)
    assert caught.value.code == "no_answer"


@pytest.mark.parametrize("body", [b"[]", b"null", b'{"reviews": 5}', b'{"error": {}}', b"<html>", b"\xff"])
def test_an_answer_that_is_no_list_is_asked_for_again(
    channel: GooglePlayChannel, proxy: FaultyProxy, body: bytes
) -> None:
    proxy.fail_next(READ, Answer(200, body, JSON))
    with pytest.raises(RetryableError) as caught:
        channel.poll(None)
    assert caught.value.code == "no_answer"


def test_the_page_counts_its_requests_and_signs_in_once(play: GooglePlayApi, channel: GooglePlayChannel) -> None:
    play.write("hello")
    assert channel.poll(None).requests == 2
    assert channel.poll(None).requests == 1
    assert len(play.tokens) == 1
