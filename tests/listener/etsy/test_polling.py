"""How reviews are read: windows, pages that move, changes, and what makes no sense."""

import json
from datetime import timedelta

import pytest
from starlette.responses import JSONResponse, Response

from domain.clock import FixedClock
from domain.errors import ChannelError, PermanentError, RetryableError
from tests.cast import NOON
from tests.listener.channel_contract import read_all, request_for
from tests.listener.etsy.stage import OpenChannel
from tests.listener.review_stage import texts
from tests.listener.review_window import WindowContract
from tests.partners.etsy_site import SHOP, SHOP_NAME, EtsySite
from tests.partners.faulty_proxy import Cut, FaultyProxy

DAY = 86_400


class TestEtsyByWindows(WindowContract):
    """Etsy lists reviews by time."""


def test_a_review_carries_stars_listing_language_and_a_link_to_answer_by(
    site: EtsySite, open_channel: OpenChannel
) -> None:
    number = site.review("緑のコートが青でした。", rating=1, age_seconds=60)
    site.reviews[int(number)].image = "https://i.etsystatic.example/1.jpg"
    (review,) = read_all(open_channel(shop_name=SHOP_NAME))[0]
    assert (review.rating, review.language_hint, review.thread_external_id) == (1, "ja", "")
    assert review.created_at == NOON - timedelta(seconds=60)
    assert review.url == f"https://www.etsy.com/shop/{SHOP_NAME}#reviews"
    assert review.platform_data["listing_id"] == "900100"
    assert review.platform_data["image"] == "https://i.etsystatic.example/1.jpg"
    assert read_all(open_channel())[0][0].url == "https://www.etsy.com/listing/900100#reviews"


def test_stars_alone_arrive_without_words(site: EtsySite, open_channel: OpenChannel) -> None:
    site.review(None, rating=1)
    site.review("", rating=5)
    found = read_all(open_channel())[0]
    assert [(one.text, one.rating) for one in found] == [("", 1), ("", 5)]


@pytest.mark.parametrize("number", [None, 0, -1])
def test_buyers_who_keep_to_themselves_are_never_one_person(
    site: EtsySite, open_channel: OpenChannel, number: int | None
) -> None:
    for _ in range(2):
        site.reviews[int(site.review("a", buyer=None))].buyer = number
    authors = {one.author.external_id for one in read_all(open_channel())[0]}
    assert len(authors) == 2
    assert not any(one.isdecimal() for one in authors)


def test_a_very_long_review_arrives_whole(site: EtsySite, open_channel: OpenChannel) -> None:
    long = "緑のコート👨‍👩‍👧 & <more> " * 2000
    site.review(long)
    assert texts(open_channel()) == [long]


def test_the_first_poll_reads_as_far_back_as_the_settings_say(site: EtsySite, open_channel: OpenChannel) -> None:
    for days in (40, 6, 1):
        site.review(f"{days}", age_seconds=days * DAY)
    assert texts(open_channel(first_poll_days=7)) == ["6", "1"]


def test_a_changed_review_comes_again_with_its_new_text(
    site: EtsySite, open_channel: OpenChannel, clock: FixedClock
) -> None:
    fresh, old = site.review("blue"), site.review("late", age_seconds=20 * DAY)
    channel = open_channel(reread_hours=12)
    _, cursor, _ = read_all(channel)
    site.edit(fresh, "green at last")
    site.edit(old, "it came")
    assert texts(channel, cursor) == ["green at last"]
    clock.advance(timedelta(hours=13))
    assert set(texts(channel, cursor)) == {"green at last", "it came"}


@pytest.mark.parametrize("order", ["newest first", "oldest first"])
def test_every_page_of_many_is_read_in_whichever_order_they_are_listed(
    site: EtsySite, open_channel: OpenChannel, order: str
) -> None:
    site.lists_oldest_first = order == "oldest first"
    posted = {site.review(f"{number}", age_seconds=number) for number in range(57)}
    found, _, pages = read_all(open_channel(page_size=10))
    assert {one.external_id for one in found} == posted
    assert pages == 7


def test_reviews_that_come_while_pages_are_read_hide_none(site: EtsySite, open_channel: OpenChannel) -> None:
    posted = {site.review(f"{number}", age_seconds=10 + number) for number in range(20)}

    def add(number: int) -> None:
        if number in {2, 3}:
            site.review("new")

    site.before_answer = add
    found = read_all(open_channel(page_size=5))[0]
    assert posted <= {one.external_id for one in found}


def test_reviews_taken_away_while_pages_are_read_hide_none_that_stay(site: EtsySite, open_channel: OpenChannel) -> None:
    posted = [site.review(f"{number}", age_seconds=10 + number) for number in range(20)]

    def take_away(number: int) -> None:
        if number == 2:
            for gone in posted[:5]:
                del site.reviews[int(gone)]

    site.before_answer = take_away
    found, cursor, _ = read_all(open_channel(page_size=5))
    assert set(posted[5:]) <= {one.external_id for one in found}
    assert cursor is not None


def test_a_list_that_never_holds_still_is_told_as_a_gap(site: EtsySite, open_channel: OpenChannel) -> None:
    for number in range(60):
        site.review(f"{number}", age_seconds=10 + number)

    def take_away(_number: int) -> None:
        for gone in sorted(site.reviews, reverse=False)[:3]:
            del site.reviews[gone]

    site.before_answer = take_away
    channel, cursor, gaps = open_channel(page_size=5), None, []
    for _ in range(40):
        page = channel.poll(cursor)
        cursor = page.cursor
        gaps.append(page.gap)
        if not page.more:
            break
    assert not page.more
    assert any("taken away" in gap for gap in gaps)


def test_a_storm_beyond_the_ceiling_is_told_as_a_gap(site: EtsySite, open_channel: OpenChannel) -> None:
    for number in range(30):
        site.review(f"{number}", age_seconds=number)
    channel = open_channel(page_size=5, max_pages=3)
    first = channel.poll(None)
    second = channel.poll(first.cursor)
    third = channel.poll(second.cursor)
    assert [page.more for page in (first, second, third)] == [True, True, False]
    assert third.gap == "3 pages did not reach the end of the reviews"


@pytest.mark.parametrize("cursor", ["", "nonsense", '{"v":2}', '{"v":1,"shop":1,"floor":0}', "null", "[" * 20_000])
def test_a_cursor_that_is_not_ours_is_a_first_poll_with_a_gap(
    site: EtsySite, open_channel: OpenChannel, cursor: str
) -> None:
    site.review("blue")
    page = open_channel().poll(cursor)
    assert [one.text for one in page.mentions] == ["blue"]
    assert "cursor" in page.gap


def test_the_cursor_stays_small_and_the_same_one_gives_the_same_page(site: EtsySite, open_channel: OpenChannel) -> None:
    for number in range(300):
        site.review(f"{number}", age_seconds=number)
    channel = open_channel()
    first = channel.poll(None)
    again = channel.poll(first.cursor)
    assert again == channel.poll(first.cursor)
    assert len(first.cursor or "") < 400
    assert json.loads(first.cursor or "")["shop"] == SHOP
    assert again.requests == 1


@pytest.mark.parametrize(
    "entry",
    [
        None,
        5,
        {},
        {"transaction_id": "7", "create_timestamp": 1_795_000_000},
        {"transaction_id": 7, "create_timestamp": 10**18},
        {"transaction_id": -7, "create_timestamp": 1_795_000_000},
        {"transaction_id": True, "create_timestamp": 1_795_000_000},
    ],
)
def test_an_entry_that_makes_no_sense_hides_no_other_and_is_told_once(
    site: EtsySite, open_channel: OpenChannel, entry: object
) -> None:
    good = {"transaction_id": 8, "create_timestamp": int(NOON.timestamp()), "review": 5, "rating": 9}
    channel = open_channel()
    site.once.append(JSONResponse({"count": 2, "results": [entry, good]}))
    page = channel.poll(None)
    assert [(one.external_id, one.text, one.rating) for one in page.mentions] == [("8", "", None)]
    assert page.gap == "1 reviews could not be read"
    site.once.append(JSONResponse({"count": 2, "results": [entry, good]}))
    assert channel.poll(page.cursor).gap == ""


@pytest.mark.parametrize("cut", list(Cut))
def test_a_broken_answer_is_read_again_and_nothing_is_lost(site: EtsySite, open_channel: OpenChannel, cut: Cut) -> None:
    site.review("blue")
    with FaultyProxy(site.address) as proxy:
        channel = open_channel(service=proxy.url, timeout_seconds=0.6)
        proxy.fail_next("/reviews", cut)
        with pytest.raises(RetryableError):
            channel.poll(None)
        assert proxy.count("/reviews") == 1
        assert texts(channel) == ["blue"]
        channel.close()
    with pytest.raises(RetryableError) as caught:
        channel.poll(None)
    assert caught.value.code == "unreachable"


@pytest.mark.parametrize(
    ("status", "headers", "expected", "code", "wait"),
    [
        (429, {"retry-after": "90"}, RetryableError, "rate_limited", 90),
        (429, {}, RetryableError, "rate_limited", None),
        (429, {"x-remaining-today": "0"}, RetryableError, "rate_limited", 3600),
        (503, {"retry-after": "Fri, 20 Nov 2026 03:02:00 GMT"}, RetryableError, "server_error", 120),
        (500, {}, RetryableError, "server_error", None),
        (403, {}, PermanentError, "forbidden", None),
        (401, {}, PermanentError, "signed_out", None),
        (404, {}, PermanentError, "no_such_shop", None),
        (400, {}, PermanentError, "refused", None),
        (302, {"location": "http://127.0.0.2/"}, PermanentError, "moved", None),
    ],
)
def test_a_refusal_says_what_it_means(
    site: EtsySite,
    open_channel: OpenChannel,
    status: int,
    headers: dict[str, str],
    expected: type[ChannelError],
    code: str,
    wait: float | None,
) -> None:
    site.once.append(Response(status_code=status, headers=headers))
    with pytest.raises(expected) as caught:
        open_channel().poll(None)
    assert caught.value.code == code
    assert getattr(caught.value, "retry_after_seconds", None) == wait
    assert len(site.asked) == 1


@pytest.mark.parametrize(
    "body", [b"", b"<html>Sign in</html>", b"[]", b"null", b'{"results": 5}', b"{}", b"\xff", b"[" * 50_000]
)
def test_an_answer_that_makes_no_sense_is_asked_for_again(
    site: EtsySite, open_channel: OpenChannel, body: bytes
) -> None:
    site.once.append(Response(body))
    with pytest.raises(RetryableError) as caught:
        open_channel().poll(None)
    assert caught.value.code == "no_answer"


def test_a_used_up_day_asks_to_wait(site: EtsySite, open_channel: OpenChannel) -> None:
    site.daily = 1
    channel = open_channel()
    channel.poll(None)
    with pytest.raises(RetryableError) as caught:
        channel.poll(None)
    assert caught.value.retry_after_seconds == 3600


# -- whether reviews stand, and answering by hand ------------------------------------------------------------------------


def test_a_review_is_looked_for_at_its_moment_and_found_in_one_question(
    site: EtsySite, open_channel: OpenChannel
) -> None:
    for number in range(120):
        site.review(f"{number}", age_seconds=number)
    channel = open_channel()
    oldest = read_all(channel)[0][0]
    site.asked.clear()
    assert channel.eligibility(request_for(oldest).target).exists is True
    assert len(site.asked) == 1
    del site.reviews[int(oldest.external_id)]
    assert channel.eligibility(request_for(oldest).target).exists is False


def test_what_lies_beyond_the_first_thousand_counts_as_there(
    site: EtsySite, open_channel: OpenChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("listener.channels.etsy.channel.QUESTION_PAGES", 1)
    posted = [site.review(f"{number}", age_seconds=number) for number in range(101)]
    assert open_channel().still_there([posted[-1], "99"]) == {posted[-1], "99"}


@pytest.mark.parametrize(
    "lie", [{"results": []}, {"count": 1, "results": []}, {"count": 0, "results": [None]}, {"count": 2, "results": [5]}]
)
def test_a_list_that_is_shorter_than_its_count_blanks_nothing(
    site: EtsySite, open_channel: OpenChannel, lie: dict[str, object]
) -> None:
    posted = site.review("blue")
    channel = open_channel()
    site.once.append(JSONResponse(lie))
    with pytest.raises(RetryableError):
        channel.still_there([posted])
    assert channel.still_there([posted, "99"]) == {posted}


def test_a_review_taken_away_between_two_pages_makes_no_other_seem_gone(
    site: EtsySite, open_channel: OpenChannel
) -> None:
    posted = [site.review(f"{number}", age_seconds=number) for number in range(150)]

    def take_away(number: int) -> None:
        if number == 2:
            del site.reviews[int(posted[0])]

    site.before_answer = take_away
    channel = open_channel()
    with pytest.raises(RetryableError):
        channel.still_there([posted[100], "99"])
    assert channel.still_there([posted[100], "99"]) == {posted[100]}


@pytest.mark.parametrize("stars", [1, 3, 4, 5])
def test_only_reviews_up_to_three_stars_can_be_answered_by_hand(
    site: EtsySite, open_channel: OpenChannel, stars: int
) -> None:
    site.review("a", rating=stars)
    channel = open_channel()
    request = request_for(read_all(channel)[0][0])
    assert channel.eligibility(request.target).replies_allowed is (stars <= 3)
    for send in (channel.reply, channel.direct_message):
        with pytest.raises(PermanentError) as caught:
            send(request)
        assert "etsy.com/listing/900100" in caught.value.remedy


def test_the_moment_is_that_of_writing_not_of_changing(site: EtsySite, open_channel: OpenChannel) -> None:
    number = site.review("blue", age_seconds=3 * DAY)
    site.edit(number, "green")
    (found,) = read_all(open_channel())[0]
    assert found.created_at == NOON - timedelta(days=3)
    assert found.platform_data["updated"] == str(int(NOON.timestamp()))
