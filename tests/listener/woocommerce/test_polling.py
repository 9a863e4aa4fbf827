"""How a shop's reviews are read: windows, pages that move, moderation, and authors without their addresses."""

import json
from datetime import timedelta

import pytest
from starlette.responses import JSONResponse

from domain.clock import FixedClock
from domain.words import Engagement, MentionKind
from tests.cast import NOON
from tests.listener.channel_contract import read_all
from tests.listener.review_stage import texts
from tests.listener.review_window import WindowContract
from tests.listener.woocommerce.stage import OpenChannel, one_mention
from tests.partners.woocommerce_site import WooCommerceSite

DAY = 86_400


class TestWooCommerceByWindows(WindowContract):
    """WooCommerce lists reviews by time."""


def test_a_review_carries_product_stars_and_whether_it_was_bought(
    site: WooCommerceSite, open_channel: OpenChannel
) -> None:
    number = site.review("緑のコートが青でした。", rating=1, age_seconds=60)
    found = one_mention(open_channel())
    assert (found.kind, found.engagement, found.rating) == (MentionKind.REVIEW, Engagement.REVIEWED, 1)
    assert found.created_at == NOON - timedelta(seconds=60)
    assert found.url == f"https://shop.example/product/coat/#comment-{number}"
    assert found.platform_data == {
        "product_id": "77",
        "product": "Coat – green",
        "product_url": "https://shop.example/product/coat/",
        "verified": "yes",
        "status": "approved",
        "rating": "1",
    }


@pytest.mark.parametrize(
    ("kept", "expected"),
    [
        ("Too small &amp; <b>blue</b>", "Too small & blue"),
        ("first\n\nsecond\nthird", "first\n\nsecond\nthird"),
        ("<p>first</p><p>second<br />third</p>", "first\n\nsecond\nthird"),
        ('see <a href="https://a.example/" rel="nofollow ugc">this</a> &#x1f622; &lt;tag&gt;', "see this 😢 <tag>"),
        ("👨‍👩‍👧 緑 か\u3099", "👨‍👩‍👧 緑 か\u3099"),
        ("長い" * 20_000, "長い" * 20_000),
    ],
)
def test_a_review_is_read_as_people_see_it(
    site: WooCommerceSite, open_channel: OpenChannel, kept: str, expected: str
) -> None:
    site.review("", content=kept)
    assert texts(open_channel()) == [expected]


def test_no_mail_address_leaves_the_reader(site: WooCommerceSite, open_channel: OpenChannel) -> None:
    site.customers["emi"] = 42
    site.review("blue", name="aya")
    site.review("blue", name="emi")
    site.review("blue", name="Aya K.", mail="AYA@mail.example ")
    site.review("blue", name="aya@mail.example")
    found = read_all(open_channel())[0]
    assert not [one for one in found if "@mail" in repr(one) or "gravatar" in repr(one)]
    guest, member, same_guest, nameless = (one.author for one in found)
    assert member.external_id == "user:42"
    assert guest.external_id == same_guest.external_id != member.external_id
    assert guest.external_id.startswith("guest:")
    assert nameless.handle == "(no name)"


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("aya@mail.example", ""),
        ("Aya <aya@mail.example>", ""),
        ("aya&#64;mail.example", ""),
        ("a@@b@c.d", ""),
        ("@aya", "@aya"),
        ("aya @ mail.example", "aya @ mail.example"),
        ("Dr. Aya@home", "Dr. Aya@home"),
        ("aya@mail.", "aya@mail."),
    ],
)
def test_a_name_that_is_a_mail_address_is_no_name(
    site: WooCommerceSite, open_channel: OpenChannel, written: str, shown: str
) -> None:
    site.review("blue", name=written)
    assert one_mention(open_channel()).author.display_name == shown


def test_guests_ids_depend_on_the_key_alone(site: WooCommerceSite, open_channel: OpenChannel) -> None:
    site.review("blue")
    site.review("nobody", mail="")
    first, keyed, again = (
        [one.author.external_id for one in read_all(channel)[0]]
        for channel in (
            open_channel(),
            open_channel(secrets={"author_key": "k1"}),
            open_channel(secrets={"author_key": "k1"}),
        )
    )
    assert keyed == again
    assert first[0] != keyed[0]
    assert first[1] == keyed[1] != first[0]


def test_the_teams_own_users_are_left_out(site: WooCommerceSite, open_channel: OpenChannel) -> None:
    site.customers |= {"ben": 8, "aya": 9}
    root = site.review("blue", name="aya")
    site.review("sorry!", name="ben", parent=root)
    assert texts(open_channel(own_users=["8"])) == ["blue"]


def test_an_answer_to_our_answer_belongs_to_the_review_it_began_with(
    site: WooCommerceSite, open_channel: OpenChannel
) -> None:
    root = site.review("blue")
    ours = site.answer_by_hand("we are sorry", to=root)
    later = site.review("thank you", parent=ours)
    by_id = {one.external_id: one for one in read_all(open_channel())[0]}
    assert (by_id[later].parent_external_id, by_id[later].thread_external_id) == (ours, root)
    assert (by_id[later].kind, by_id[later].engagement) == (MentionKind.COMMENT, Engagement.REPLIED)
    assert by_id[root].kind is MentionKind.REVIEW


def test_without_stars_a_review_is_still_a_review_and_a_silent_wordpress_holds_up_nothing(
    site: WooCommerceSite, open_channel: OpenChannel
) -> None:
    site.review("no stars here", rating=0)
    assert one_mention(open_channel()).kind is MentionKind.REVIEW
    site.me.can_moderate = False
    found = one_mention(open_channel())
    assert (found.kind, found.rating) == (MentionKind.REVIEW, None)
    assert one_mention(open_channel(reads_only=True)).text == "no stars here"


@pytest.mark.parametrize(
    ("wanted", "expected"), [("approved", {"shown"}), ("hold", {"waiting"}), ("all", {"shown", "waiting"})]
)
def test_the_settings_say_which_reviews_are_read(
    site: WooCommerceSite, open_channel: OpenChannel, wanted: str, expected: set[str]
) -> None:
    for status, text in (("approve", "shown"), ("hold", "waiting"), ("spam", "spam"), ("trash", "gone")):
        site.review(text, status=status)
    assert set(texts(open_channel(reviews=wanted))) == expected


def test_late_approvals_and_changes_are_found_by_reading_again(
    site: WooCommerceSite, open_channel: OpenChannel, clock: FixedClock
) -> None:
    late = site.review("approved late", status="hold", age_seconds=10 * DAY)
    old = site.review("blue", age_seconds=10 * DAY)
    channel = open_channel(reread_hours=6)
    _, cursor, _ = read_all(channel)
    site.comments[int(late)].status = "approve"
    site.comments[int(old)].content = "green"
    assert texts(channel, cursor) == []
    clock.advance(timedelta(hours=7))
    assert set(texts(channel, cursor)) == {"approved late", "green"}


def test_a_fresh_change_is_found_at_the_next_poll(site: WooCommerceSite, open_channel: OpenChannel) -> None:
    number = site.review("blue")
    channel = open_channel()
    _, cursor, _ = read_all(channel)
    site.comments[int(number)].content = "green at last"
    assert texts(channel, cursor) == ["green at last"]


def test_every_page_of_many_is_read_even_where_many_came_within_one_second(
    site: WooCommerceSite, open_channel: OpenChannel
) -> None:
    posted = [site.review(f"{number}", age_seconds=number // 9) for number in range(40)]
    found, _, pages = read_all(open_channel(page_size=4, max_pages=100))
    assert {one.external_id for one in found} == set(posted)
    assert pages < 30


@pytest.mark.parametrize("hours", [9, -8])
@pytest.mark.parametrize("seconds_between", [60, 3600])
def test_a_site_whose_time_zone_was_changed_hides_no_review(
    site: WooCommerceSite, open_channel: OpenChannel, hours: int, seconds_between: int
) -> None:
    site.zone_change = timedelta(hours=hours)
    posted = {site.review(f"{number}", age_seconds=number * seconds_between) for number in range(40)}
    found = read_all(open_channel(page_size=5, max_pages=60))[0]
    assert {one.external_id for one in found} == posted


def test_a_review_taken_away_between_two_pages_costs_one_more_page_and_no_other(
    site: WooCommerceSite, open_channel: OpenChannel
) -> None:
    posted = [site.review(f"{number}", age_seconds=number * 60) for number in range(20)]

    def take_away(number: int) -> None:
        if number == 2:
            del site.comments[int(posted[4])]  # the one that the next page begins with

    site.before_answer = take_away
    found = read_all(open_channel(page_size=5))[0]
    assert {one.external_id for one in found} == set(posted)


@pytest.mark.parametrize("event", ["new", "gone"])
def test_reviews_that_come_or_go_while_pages_are_read_hide_none(
    site: WooCommerceSite, open_channel: OpenChannel, event: str
) -> None:
    posted = [site.review(f"{number}", age_seconds=10 + number) for number in range(20)]

    def change(number: int) -> None:
        if number in {2, 4} and event == "new":
            site.review("new", rating=5)
        if number == 2 and event == "gone":
            for gone in posted[:3]:
                del site.comments[int(gone)]

    site.before_answer = change
    found = read_all(open_channel(page_size=5))[0]
    assert set(posted[3:]) <= {one.external_id for one in found}


def test_a_page_made_short_by_what_the_key_may_not_see_does_not_end_the_walk(
    site: WooCommerceSite, open_channel: OpenChannel
) -> None:
    posted = [site.review(f"{number}", age_seconds=number) for number in range(12)]
    site.hidden = {int(one) for one in posted[:6]}
    assert set(texts(open_channel(page_size=3))) == {f"{number}" for number in range(6, 12)}


def test_a_storm_beyond_the_ceiling_is_told_as_a_gap(site: WooCommerceSite, open_channel: OpenChannel) -> None:
    for number in range(30):
        site.review(f"{number}", age_seconds=number)
    channel = open_channel(page_size=5, max_pages=2)
    first = channel.poll(None)
    second = channel.poll(first.cursor)
    assert (first.more, second.more) == (True, False)
    assert second.gap == "2 pages did not reach what was known"


@pytest.mark.parametrize("cursor", ["", "nonsense", '{"v":2}', '{"v":1,"site":"another","floor":0}', "[" * 20_000])
def test_a_cursor_that_is_not_ours_is_a_first_poll_with_a_gap(
    site: WooCommerceSite, open_channel: OpenChannel, cursor: str
) -> None:
    site.review("blue")
    page = open_channel().poll(cursor)
    assert [one.text for one in page.mentions] == ["blue"]
    assert "cursor" in page.gap


def test_the_cursor_stays_small_and_the_same_one_gives_the_same_page(
    site: WooCommerceSite, open_channel: OpenChannel
) -> None:
    for number in range(250):
        site.review(f"{number}", age_seconds=number)
    channel = open_channel()
    first = channel.poll(None)
    assert channel.poll(first.cursor) == channel.poll(first.cursor)
    assert len(first.cursor or "") < 300
    assert json.loads(first.cursor or "")["v"] == 1
    assert first.requests == 1


@pytest.mark.parametrize(
    "entry",
    [
        None,
        5,
        {},
        {"id": "1"},
        {"id": -1},
        {"id": 1, "product_id": 7},
        {"id": 1, "product_id": 7, "date_created_gmt": "0000-00-00T00:00:00"},
    ],
)
def test_an_entry_that_makes_no_sense_hides_no_other_and_is_told_once(
    site: WooCommerceSite, open_channel: OpenChannel, entry: object
) -> None:
    good = {"id": 8, "product_id": 7, "date_created_gmt": "2026-11-20T02:00:00", "review": 5, "rating": "3"}
    channel = open_channel(reads_only=True)
    site.once.append(JSONResponse([entry, good]))
    page = channel.poll(None)
    assert [(one.external_id, one.text, one.rating, one.url) for one in page.mentions] == [("8", "", None, "")]
    assert page.gap == "1 reviews could not be read"
    site.once.append(JSONResponse([entry, good]))
    assert channel.poll(page.cursor).gap == ""
