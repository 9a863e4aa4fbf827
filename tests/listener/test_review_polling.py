"""How reviews are walked: what is news, what follows an answer, where a walk ends, and when something may be missing."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from domain.clock import FixedClock
from domain.errors import RetryableError
from domain.mentions import IncomingMention
from domain.words import Engagement
from listener.review_polling import CURSOR_LOST, REMEMBERED, Batch, Reach, ReviewPoller
from listener.reviews import REPLACES, Review, StoreAnswer, fingerprint
from tests.cast import NOON

REACH = Reach(first_poll=timedelta(days=7), overlap=timedelta(hours=6), max_pages=5, kept=timedelta(days=7))
Open = Callable[..., ReviewPoller]


def review(number: int, text: str = "青でした", *, minutes: float = 0, **given: object) -> Review:
    """Return a review written some minutes before noon."""
    plain = Review(
        external_id=f"r{number}",
        text=text,
        rating=3,
        author_name="aya",
        written_at=NOON - timedelta(minutes=minutes),
        url="https://store.example/",
    )
    return replace(plain, **given)  # type: ignore[arg-type]


@dataclass
class Shelf:
    """A store's list in memory."""

    reviews: list[Review] = field(default_factory=list)
    size: int = 3
    asked: list[str] = field(default_factory=list)
    over: set[str] = field(default_factory=set)
    unreadable: tuple[str, ...] = ()
    is_sorted: bool = True

    def read(self, place: str) -> Batch | None:
        self.asked.append(place)
        if place in self.over:
            return None
        newest_first = sorted(self.reviews, key=lambda one: one.written_at, reverse=True)
        shown = newest_first if self.is_sorted else self.reviews
        start = int(place or 0)
        following = str(start + self.size) if start + self.size < len(shown) else ""
        return Batch(reviews=tuple(shown[start : start + self.size]), following=following, unreadable=self.unreadable)


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def open_poller(shelf: Shelf, clock: FixedClock) -> Open:
    def open_one(*, app: str = "app", **reach: object) -> ReviewPoller:
        return ReviewPoller(shelf, app=app, reach=replace(REACH, **reach), clock=clock)  # type: ignore[arg-type]

    return open_one


def walk(poller: ReviewPoller, cursor: str | None = None) -> tuple[list[IncomingMention], str | None, str]:
    """Poll to the end; return the mentions, the cursor and all gaps."""
    found: list[IncomingMention] = []
    gaps = ""
    for _ in range(50):
        page = poller.poll(cursor)
        found, cursor, gaps = [*found, *page.mentions], page.cursor, gaps + page.gap
        if not page.more:
            return found, cursor, gaps
    pytest.fail("the walk has no end")


def ids(found: list[IncomingMention]) -> list[str]:
    return [one.external_id for one in found]


def test_the_same_cursor_gives_the_same_and_what_is_known_comes_no_more(shelf: Shelf, open_poller: Open) -> None:
    shelf.reviews = [review(number, minutes=number) for number in range(8)]
    poller = open_poller()
    found, cursor, gaps = walk(poller)
    assert ids(found) == [f"r{number}" for number in range(8)]
    assert ids(walk(poller)[0]) == ids(found)
    shelf.reviews.append(review(9, "新しい", minutes=-1))
    assert ids(walk(poller, cursor)[0]) == ids(walk(poller, cursor)[0]) == ["r9"]
    assert gaps == ""


def test_a_quiet_app_is_asked_once(shelf: Shelf, open_poller: Open) -> None:
    shelf.reviews = [review(number, minutes=number * 300) for number in range(12)]
    _, cursor, _ = walk(open_poller())
    shelf.asked.clear()
    assert walk(open_poller(), cursor)[0] == []
    assert shelf.asked == [""]


def test_what_is_older_than_the_first_poll_is_never_taken(shelf: Shelf, open_poller: Open) -> None:
    shelf.reviews = [review(1), review(2, minutes=60 * 24 * 6), review(3, minutes=60 * 24 * 8)]
    found, cursor, _ = walk(open_poller())
    assert ids(found) == ["r1", "r2"]
    assert walk(open_poller(first_poll=timedelta(days=30)), cursor)[0] == []


def test_a_text_changed_before_any_answer_is_the_same_mention_again(shelf: Shelf, open_poller: Open) -> None:
    shelf.reviews = [review(1)]
    _, cursor, _ = walk(open_poller())
    shelf.reviews = [review(1, "やはり赤でした", minutes=-5)]
    found, _, _ = walk(open_poller(), cursor)
    assert [(one.external_id, one.text, one.parent_external_id) for one in found] == [("r1", "やはり赤でした", "")]


def test_changed_stars_come_again_too(shelf: Shelf, open_poller: Open) -> None:
    shelf.reviews = [review(1)]
    _, cursor, _ = walk(open_poller())
    shelf.reviews = [review(1, rating=1)]
    assert [one.rating for one in walk(open_poller(), cursor)[0]] == [1]


@pytest.mark.parametrize("moves_date", [True, False])
def test_a_change_after_our_answer_is_a_mention_of_its_own_that_may_replace_it(
    shelf: Shelf, open_poller: Open, *, moves_date: bool
) -> None:
    shelf.reviews = [review(1, minutes=30)]
    _, cursor, _ = walk(open_poller())
    answer = StoreAnswer(text="失礼しました", modified_at=NOON - timedelta(minutes=20))
    shelf.reviews = [review(1, minutes=30, answer=answer)]
    found, cursor, _ = walk(open_poller(), cursor)
    assert found == []  # an answer is no news of theirs
    changed = review(1, "まだ直りません", minutes=10 if moves_date else 30, answer=answer)
    shelf.reviews = [changed]
    (turn,), cursor, _ = walk(open_poller(), cursor)
    assert turn.external_id == f"r1@{int(answer.modified_at.timestamp() * 1000)}"  # type: ignore[union-attr]
    assert (turn.parent_external_id, turn.thread_external_id) == ("r1", "r1")
    assert turn.engagement is Engagement.REPLIED
    assert turn.platform_data[REPLACES] == fingerprint("失礼しました")
    shelf.reviews = [replace(changed, text="もう一度言います")]
    (again,), cursor, _ = walk(open_poller(), cursor)
    assert again.external_id == turn.external_id
    later = StoreAnswer(text="直しました", modified_at=NOON - timedelta(minutes=5))
    shelf.reviews = [replace(changed, text="もう一度言います", answer=later)]
    assert walk(open_poller(), cursor)[0] == []


def test_a_review_already_answered_by_hand_comes_as_it_was_written(shelf: Shelf, open_poller: Open) -> None:
    shelf.reviews = [review(1, minutes=30, answer=StoreAnswer(text="どうも", modified_at=NOON))]
    assert ids(walk(open_poller())[0]) == ["r1"]


def test_an_unreadable_cursor_is_a_first_poll_and_a_gap(shelf: Shelf, open_poller: Open) -> None:
    shelf.reviews = [review(1)]
    for cursor in ("", "{}", "null", "[1]", '{"v":2}', "\ud800", "x" * 10_000):
        found, _, gaps = walk(open_poller(), cursor)
        assert ids(found) == ["r1"]
        assert gaps == CURSOR_LOST


def test_another_apps_cursor_is_not_taken_for_ours(shelf: Shelf, open_poller: Open) -> None:
    shelf.reviews = [review(1)]
    _, cursor, _ = walk(open_poller())
    assert walk(open_poller(app="other"), cursor)[2] == CURSOR_LOST


def test_a_pause_longer_than_the_store_lists_is_a_gap_told_once(open_poller: Open, clock: FixedClock) -> None:
    _, cursor, _ = walk(open_poller())
    clock.advance(timedelta(days=7))
    _, cursor, gaps = walk(open_poller(), cursor)
    assert gaps == ""
    clock.advance(timedelta(days=7, seconds=1))
    assert "7 days" in walk(open_poller(), cursor)[2]
    assert walk(open_poller(kept=None), cursor)[2] == ""
    _, cursor, _ = walk(open_poller(), cursor)
    assert walk(open_poller(), cursor)[2] == ""


def test_a_walk_cut_off_for_days_begins_anew_and_tells_what_the_store_lists_no_more(
    shelf: Shelf, open_poller: Open, clock: FixedClock
) -> None:
    shelf.reviews = [review(number, minutes=number) for number in range(7)]
    page = open_poller().poll(None)
    shelf.asked.clear()
    clock.advance(timedelta(days=2))
    found, _, gaps = walk(open_poller(), page.cursor)
    assert (shelf.asked[0], ids(found), gaps) == ("", ["r3", "r4", "r5", "r6"], "")
    clock.advance(timedelta(days=6))
    assert "7 days" in open_poller().poll(page.cursor).gap


def test_an_answer_that_its_author_has_not_seen_is_not_one_to_be_replaced(shelf: Shelf, open_poller: Open) -> None:
    shelf.reviews = [review(1, minutes=30)]
    _, cursor, _ = walk(open_poller())
    answer = StoreAnswer(text="失礼しました", modified_at=NOON - timedelta(minutes=5))
    shelf.reviews = [review(1, "赤でした", minutes=10, answer=answer)]
    (mention,), _, _ = walk(open_poller(), cursor)
    assert (mention.external_id, REPLACES in mention.platform_data) == ("r1", False)


def test_a_walk_that_reaches_its_ceiling_says_so(shelf: Shelf, open_poller: Open) -> None:
    shelf.reviews = [review(number, minutes=number) for number in range(10)]
    found, cursor, gaps = walk(open_poller(max_pages=2))
    assert len(found) == 6
    assert gaps == "2 pages did not reach what was known"
    assert walk(open_poller(max_pages=2), cursor)[2] != ""  # the window behind the newest is walked again


def test_a_place_that_is_over_begins_the_walk_anew_and_nothing_comes_twice(shelf: Shelf, open_poller: Open) -> None:
    shelf.reviews = [review(number, minutes=number) for number in range(7)]
    page = open_poller().poll(None)
    shelf.over = {"3"}
    shelf.reviews.append(review(9, minutes=-1))
    again = open_poller().poll(page.cursor)
    assert ids(list(again.mentions)) == ["r9"]
    shelf.over = set()
    assert ids(walk(open_poller(), again.cursor)[0]) == ["r3", "r4", "r5", "r6"]


def test_places_that_are_always_over_end_with_a_gap(shelf: Shelf, open_poller: Open) -> None:
    shelf.reviews = [review(number, minutes=number) for number in range(7)]
    shelf.over = {"3"}
    assert "did not reach" in walk(open_poller())[2]


def test_a_store_without_a_first_page_is_asked_again_later(shelf: Shelf, open_poller: Open) -> None:
    shelf.over = {""}
    with pytest.raises(RetryableError):
        open_poller().poll(None)


def test_a_list_out_of_order_is_walked_to_its_end(shelf: Shelf, open_poller: Open) -> None:
    old = [review(number, minutes=600 + number) for number in range(6)]
    shelf.reviews = [*old, review(9)]
    _, cursor, _ = walk(open_poller())
    shelf.is_sorted = False
    shelf.reviews = [old[1], old[0], *old[2:], review(9), review(10, minutes=-1)]
    assert ids(walk(open_poller(), cursor)[0])[-1] == "r10"


def test_what_cannot_be_read_is_told_once_and_taken_when_it_can(shelf: Shelf, open_poller: Open) -> None:
    shelf.unreadable = ("r5",)
    _, cursor, gaps = walk(open_poller())
    assert gaps == "1 reviews could not be read"
    _, cursor, gaps = walk(open_poller(), cursor)
    assert gaps == ""
    shelf.unreadable, shelf.reviews = (), [review(5)]
    assert ids(walk(open_poller(), cursor)[0]) == ["r5"]


def test_what_cannot_be_read_for_a_while_is_no_news_afterwards(shelf: Shelf, open_poller: Open) -> None:
    answer = StoreAnswer(text="失礼しました", modified_at=NOON - timedelta(minutes=20))
    shelf.reviews = [review(1, minutes=30, answer=answer)]
    _, cursor, _ = walk(open_poller())
    shelf.reviews, shelf.unreadable = [], ("r1",)
    _, cursor, _ = walk(open_poller(), cursor)
    shelf.reviews, shelf.unreadable = [review(1, minutes=30, answer=answer)], ()
    found, cursor, _ = walk(open_poller(), cursor)
    assert found == []
    shelf.reviews = [review(1, "まだです", minutes=30, answer=answer)]
    assert "@" in ids(walk(open_poller(), cursor)[0])[0]


def test_a_review_from_the_future_hides_no_later_one(shelf: Shelf, open_poller: Open) -> None:
    shelf.reviews = [review(1, minutes=-60 * 24 * 300)]
    _, cursor, _ = walk(open_poller())
    shelf.reviews.append(review(2, minutes=-1))
    assert ids(walk(open_poller(), cursor)[0]) == ["r2"]


@pytest.mark.parametrize("is_cut_off", [False, True])
def test_a_first_poll_by_a_clock_that_ran_ahead_hides_no_review(
    shelf: Shelf, open_poller: Open, clock: FixedClock, *, is_cut_off: bool
) -> None:
    shelf.reviews = [review(number, minutes=number) for number in range(1, 8)]
    shelf.is_sorted = False  # only its end ends the walk
    poller = open_poller()
    clock.advance(timedelta(days=3650))
    cursor = poller.poll(None).cursor if is_cut_off else walk(poller)[1]
    clock.advance(timedelta(days=-3650))
    shelf.reviews.append(review(0))
    found, cursor, _ = walk(poller, cursor)
    assert set(ids(found)) == {f"r{number}" for number in range(8)}
    shelf.reviews.append(review(8))
    assert ids(walk(poller, cursor)[0]) == ["r8"]


def test_a_storm_fits_into_the_cursor(shelf: Shelf, open_poller: Open) -> None:
    shelf.size = 400
    shelf.reviews = [review(number, "😢" * 900, minutes=number / 100) for number in range(REMEMBERED * 2)]
    found, cursor, _ = walk(open_poller())
    assert len(found) == REMEMBERED * 2
    assert len(cursor or "") < 30_000


def test_in_a_storm_the_newest_are_remembered(shelf: Shelf, open_poller: Open) -> None:
    shelf.size = 400
    shelf.reviews = [review(number, minutes=number / 100) for number in range(REMEMBERED * 2)]
    shelf.unreadable = ("x",)
    _, cursor, _ = walk(open_poller())
    answer = StoreAnswer(text="失礼しました", modified_at=NOON)
    shelf.reviews[0] = review(0, answer=answer)
    found, cursor, gaps = walk(open_poller(), cursor)
    assert ("r0" in ids(found), gaps) == (False, "")
    shelf.reviews[0] = review(0, "まだです", answer=answer)
    assert ids(walk(open_poller(), cursor)[0])[0].startswith("r0@")


def test_a_moment_at_the_edge_of_a_second_is_kept(shelf: Shelf, open_poller: Open) -> None:
    shelf.reviews = [review(1, written_at=datetime.fromisoformat("2026-11-20T02:59:59.999999+00:00"))]
    _, cursor, _ = walk(open_poller())
    assert walk(open_poller(), cursor)[0] == []
