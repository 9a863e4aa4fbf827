"""What of the App Store's reviews arrives, and how the list is walked over the wire."""

from datetime import timedelta

import pytest

from domain.clock import FixedClock
from domain.errors import RetryableError
from domain.words import Engagement, MentionKind
from listener.channels.app_store import AppStoreChannel
from listener.channels.app_store.reading import page_of
from tests.listener.app_store.stage import READ, OpenChannel
from tests.listener.channel_contract import read_all, request_for
from tests.listener.review_stage import JSON, mention_of, texts
from tests.partners.app_store_connect import APP_ID, AppStoreConnect
from tests.partners.faulty_proxy import Answer, FaultyProxy


def test_a_review_arrives_with_title_stars_territory_and_the_page_of_its_store(
    store: AppStoreConnect, channel: AppStoreChannel
) -> None:
    review_id = store.write("箱を開けたら青でした😢", title="色が違う", nickname="あや1999", rating=1, territory="JPN")
    mention = mention_of(channel, review_id)
    assert mention.text == "色が違う\n箱を開けたら青でした😢"
    assert (mention.kind, mention.engagement, mention.rating) == (MentionKind.REVIEW, Engagement.REVIEWED, 1)
    assert mention.platform_data["stars"] == "1"
    assert mention.platform_data["territory"] == "JPN"
    assert mention.url == f"https://apps.apple.com/jp/app/id{APP_ID}?see-all=reviews"
    assert mention.author.handle == "あや1999"
    assert mention.author.external_id == review_id  # nicknames are not unique
    assert mention.created_at == store.reviews[review_id].created


@pytest.mark.parametrize(
    ("territory", "country"), [("USA", "us/"), ("GBR", "gb/"), ("XKS", ""), ("", ""), ("../", ""), ("JP", "")]
)
def test_a_store_nobody_knows_gets_the_apps_own_page(territory: str, country: str) -> None:
    assert page_of("1", territory) == f"https://apps.apple.com/{country}app/id1?see-all=reviews"


def test_hundreds_of_reviews_come_in_pages_by_apples_links(store: AppStoreConnect, open_channel: OpenChannel) -> None:
    written = {store.write(f"number {number}") for number in range(230)}
    found, cursor, pages = read_all(open_channel(page_size=100))
    assert {one.external_id for one in found} == written
    assert pages == 3
    assert texts(open_channel(), cursor) == []


def test_a_link_that_leads_elsewhere_is_not_followed(
    store: AppStoreConnect, channel: AppStoreChannel, proxy: FaultyProxy
) -> None:
    store.write("hello")
    other = f"{proxy.url}/v1/apps/{APP_ID}/customerReviews"
    for link in (
        "https://elsewhere.example/v1/x",
        other.replace("http:", "https:"),
        f"{proxy.url}/v1/users",
        "http://[",
        f"{other}?cursor=\\ud800",
        f"{other}?cursor=\\u0000",
    ):
        proxy.fail_next(READ, Answer(200, f'{{"data": [], "links": {{"next": "{link}"}}}}'.encode(), JSON))
        with pytest.raises(RetryableError) as caught:
            channel.poll(None)
        assert caught.value.code == "foreign_link"
    assert proxy.count("/v1/users") == 0


def test_a_link_that_is_over_begins_the_walk_anew_and_loses_nothing(
    store: AppStoreConnect, open_channel: OpenChannel
) -> None:
    written = {store.write(f"number {number}") for number in range(7)}
    channel = open_channel(page_size=3)
    first = channel.poll(None)
    store.epoch += 1
    rest, _, _ = read_all(channel, first.cursor)
    assert {one.external_id for one in (*first.mentions, *rest)} == written


def test_a_changed_review_comes_again_with_its_new_words_even_if_its_date_stays(
    store: AppStoreConnect, channel: AppStoreChannel
) -> None:
    store.edits_move_date = False
    review_id = store.write("青でした")
    _, cursor, _ = read_all(channel)
    store.change(review_id, "赤でした", rating=5)
    (again,), _, _ = read_all(channel, cursor)
    assert (again.external_id, again.text, again.rating) == (review_id, "赤でした", 5)


def test_a_change_is_noticed_within_the_days_that_are_read_again(
    store: AppStoreConnect, open_channel: OpenChannel, clock: FixedClock
) -> None:
    store.edits_move_date = False
    review_id = store.write("青でした")
    channel = open_channel(reread_days=2, page_size=1)
    _, cursor, _ = read_all(channel)
    clock.advance(timedelta(days=1))
    store.write("ほかの人")
    _, cursor, _ = read_all(channel, cursor)
    store.change(review_id, "赤でした")
    assert texts(channel, cursor) == ["赤でした"]


def test_what_is_no_review_is_told_as_a_gap_once(channel: AppStoreChannel, proxy: FaultyProxy) -> None:
    odd = b'{"data": [{"id": "1", "type": "customerReviews"}, null, 5, {"type": "apps", "id": "2"}]}'
    proxy.fail_next(READ, Answer(200, odd, JSON), times=2)
    page = channel.poll(None)
    assert page.gap == "4 reviews could not be read"
    assert channel.poll(page.cursor).gap == ""


@pytest.mark.parametrize("body", [b"[]", b"null", b"{}", b'{"data": 5}', b"<html>", b"\xff", b"[" * 50_000])
def test_an_answer_that_is_no_list_is_asked_for_again(
    channel: AppStoreChannel, proxy: FaultyProxy, body: bytes
) -> None:
    proxy.fail_next(READ, Answer(200, body, JSON))
    with pytest.raises(RetryableError) as caught:
        channel.poll(None)
    assert caught.value.code == "no_answer"


def test_a_very_long_review_arrives_whole(store: AppStoreConnect, channel: AppStoreChannel) -> None:
    store.write("長い👨‍👩‍👧" * 3_000)
    assert texts(channel) == ["長い👨‍👩‍👧" * 3_000]


def test_reviews_taken_away_are_no_longer_there_whatever_their_turn(
    store: AppStoreConnect, channel: AppStoreChannel
) -> None:
    kept, gone = store.write("stays"), store.write("goes")
    del store.reviews[gone]
    assert channel.still_there([kept, f"{kept}@1795143600000", gone, f"{gone}@1", "../../apps"]) == {
        kept,
        f"{kept}@1795143600000",
    }
    assert channel.eligibility(request_for(mention_of(channel, kept)).target).exists is True


def test_a_review_that_makes_no_sense_keeps_no_other_from_being_asked_about(
    store: AppStoreConnect, channel: AppStoreChannel
) -> None:
    odd, kept, gone = store.write("lost its words later"), store.write("stays"), store.write("goes")
    store.reviews[odd].body = ""
    del store.reviews[gone]
    assert channel.still_there([odd, kept, gone]) == {odd, kept}


def test_the_page_counts_its_requests(store: AppStoreConnect, channel: AppStoreChannel) -> None:
    store.write("hello")
    assert channel.poll(None).requests == 1
    assert len(store.asked) == 1
