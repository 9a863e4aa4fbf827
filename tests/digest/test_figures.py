"""The figures of a day, on both databases."""

from datetime import timedelta
from typing import Any

import pytest

from config.settings import TargetSettings
from domain.clock import FixedClock
from domain.lifecycle import ConversationState, DeliveryState, MentionState
from domain.words import ClassificationSource, Engagement, Intent, Language, MentionKind, Topic, Urgency
from storage.database import Database
from storage.figures import Figures, ResponseTimes, Window, gather_figures, percentile
from storage.gatherings import gather
from storage.models import User
from tests.cast import NOON, OURS, THEIRS
from tests.digest.news import Newsroom, label, open_newsroom
from tests.rows import make_delivery, make_draft

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
TODAY = Window(start=NOON - timedelta(days=1), end=NOON)
PRAISE = {"intent": Intent.PRAISE, "constructive": None}
QUESTION = {"intent": Intent.QUESTION, "constructive": None}


@pytest.fixture
def news(any_database: Database, clock: FixedClock) -> Newsroom:
    return open_newsroom(any_database, clock)


def figures(news: Newsroom, window: Window = TODAY) -> Figures:
    with news.database.snapshot(OURS) as tx:
        return gather_figures(tx, window, targets=TargetSettings())


def test_an_empty_day_has_figures_too(news: Newsroom) -> None:
    empty = figures(news)
    assert (empty.labels.total, empty.backlog.waiting, empty.backlog.overdue) == (0, 0, 0)
    assert empty.times == ResponseTimes(answered=0, median_minutes=None, p90_minutes=None, within_target=0)
    assert (empty.trends, empty.longest_waiting, empty.praise, empty.constructive, empty.troubles) == ((),) * 5


def test_new_mentions_are_counted_by_every_label(news: Newsroom) -> None:
    news.post("a", labels={})
    news.post("b", labels={"constructive": False, "topic": Topic.DELIVERY, "language": Language.EN})
    news.post("c", labels=PRAISE | {"sentiment": "positive"})
    news.post("d")
    labels = figures(news).labels
    assert labels.total == 4
    assert labels.intents == {"complaint": 2, "praise": 1, "unread": 1}
    assert labels.sentiments == {"negative": 2, "positive": 1, "unread": 1}
    assert labels.topics == {"product": 2, "delivery": 1, "unread": 1}
    assert labels.languages == {"ja": 2, "en": 1, "unread": 1}
    assert labels.complaint_topics == {"product": 1, "delivery": 1}
    assert (labels.constructive, labels.venting) == (1, 1)


def test_only_the_newest_label_of_a_mention_counts(news: Newsroom) -> None:
    thread = news.post("a", labels={})
    with news.database.transaction(OURS) as tx:
        label(tx, thread, source=ClassificationSource.HUMAN, **PRAISE)
    counted = figures(news)
    assert counted.labels.intents == {"praise": 1}
    assert [case.mention_id for case in counted.praise] == [thread.mention.id]
    assert counted.constructive == ()


def test_a_window_takes_its_first_moment_and_leaves_its_last_to_the_next(news: Newsroom) -> None:
    news.post("first moment", ago=timedelta(days=1))
    news.post("now", ago=timedelta(0))
    news.post("before", ago=timedelta(days=1, microseconds=1))
    assert figures(news).labels.total == 1
    assert figures(news, Window(start=NOON, end=NOON + HOUR)).labels.total == 1
    assert figures(news, TODAY.previous).labels.total == 1


def test_complaints_are_compared_with_the_window_before(news: Newsroom) -> None:
    for _ in range(3):
        news.post("wrong coat", labels={})
    news.post("wrong coat yesterday", ago=30 * HOUR, labels={})
    for _ in range(2):
        news.post("late yesterday", ago=30 * HOUR, labels={"topic": Topic.DELIVERY})
    news.post("lovely", labels=PRAISE)
    trends = figures(news).trends
    assert [(trend.topic, trend.before, trend.now, trend.rise) for trend in trends] == [
        ("product", 1, 3, 2),
        ("delivery", 2, 0, -2),
    ]


def test_who_waits_longest_stands_first_and_five_are_shown(news: Newsroom) -> None:
    threads = [news.post(str(hours), ago=hours * HOUR, waiting=True, labels={}) for hours in (3, 7, 1, 5, 2, 6)]
    counted = figures(news)
    assert [case.text for case in counted.longest_waiting] == ["7", "6", "5", "3", "2"]
    assert counted.backlog.waiting == 6
    assert counted.longest_waiting[0].conversation_id == threads[1].conversation.id
    assert counted.longest_waiting[0].waiting_since == NOON - 7 * HOUR


def test_snoozed_and_answered_cases_do_not_wait(news: Newsroom) -> None:
    thread = news.post("later", waiting=True, overdue=True)
    news.post("answered")
    with news.database.transaction(OURS) as tx:
        tx.session.merge(thread.conversation).state = ConversationState.SNOOZED
    counted = figures(news)
    assert (counted.backlog.waiting, counted.backlog.overdue, counted.longest_waiting) == (0, 0, ())


def test_overdue_is_who_waits_beyond_the_target(news: Newsroom) -> None:
    news.post("late", waiting=True, overdue=True)
    news.post("in time", waiting=True)
    assert figures(news).backlog.overdue == 1


@pytest.mark.parametrize("private", [{"kind": MentionKind.MESSAGE}, {"engagement": Engagement.WROTE_DM}])
def test_the_words_of_a_direct_message_never_get_into_the_figures(news: Newsroom, private: dict[str, Any]) -> None:
    news.post("my secret", waiting=True, labels={}, **private)
    news.post("thank you in secret", labels=PRAISE, **private)
    counted = figures(news)
    assert [(case.text, case.by_dm) for case in counted.longest_waiting] == [("", True)]
    assert [(case.text, case.by_dm) for case in counted.constructive] == [("", True)]
    assert counted.praise == ()
    assert "secret" not in repr(counted)


def test_posts_that_are_gone_are_counted_and_never_quoted(news: Newsroom) -> None:
    news.post("deleted", waiting=True, labels={}, state=MentionState.GONE)
    news.post("deleted praise", labels=PRAISE, state=MentionState.GONE)
    counted = figures(news)
    assert counted.labels.total == 2
    assert "deleted" not in repr(counted)


def test_the_praise_the_model_is_surest_of_is_shown(news: Newsroom) -> None:
    for sureness in (0.5, 0.9, 0.7, 0.8):
        news.post(str(sureness), labels=PRAISE | {"scores": {"intent": sureness}})
    news.post("without scores", labels=PRAISE | {"scores": {}})
    assert [case.text for case in figures(news).praise] == ["0.9", "0.8", "0.7"]


def test_the_constructive_list_is_newest_first_and_bounded(news: Newsroom) -> None:
    for number in range(12):
        news.post(str(number), ago=(13 - number) * MINUTE, labels={})
    news.post("venting", labels={"constructive": False})
    counted = figures(news)
    assert [case.text for case in counted.constructive] == [str(number) for number in range(11, 1, -1)]
    assert counted.labels.constructive == 12


def test_a_storm_is_counted_in_full_and_quoted_once(news: Newsroom) -> None:
    lead = news.post("the same", ago=3 * HOUR, waiting=True, labels={})
    again = [news.post("the same", ago=2 * HOUR, waiting=True, labels={}) for _ in range(3)]
    with news.database.transaction(OURS) as tx:
        gather(tx, {thread.conversation.id: lead.conversation.id for thread in again})
    counted = figures(news)
    assert (counted.labels.total, counted.labels.constructive, counted.backlog.waiting) == (4, 4, 1)
    assert [case.text for case in counted.constructive] == ["the same"]
    assert [case.text for case in counted.longest_waiting] == ["the same"]


def test_first_replies_are_measured_from_when_the_person_began_to_wait(news: Newsroom, ben: User) -> None:
    for minutes in (10, 20, 30, 100):
        news.answer(news.post("q", ago=5 * HOUR, labels=QUESTION), ben, after=minutes * MINUTE)
    counted = figures(news)
    assert counted.times == ResponseTimes(answered=4, median_minutes=25, p90_minutes=100, within_target=3)
    assert counted.replies_sent == 4


def test_the_target_is_the_one_of_the_posts_urgency(news: Newsroom, ben: User) -> None:
    for urgency in (Urgency.CRITICAL, Urgency.LOW):
        news.answer(news.post("q", ago=5 * HOUR, labels={"urgency": urgency}), ben, after=20 * MINUTE)
    assert figures(news).times.within_target == 1


def test_a_later_reply_in_the_same_case_is_no_first_reply(news: Newsroom, ben: User) -> None:
    thread = news.post("q", ago=30 * HOUR, labels=QUESTION)
    news.answer(thread, ben, after=29 * HOUR)
    with news.database.transaction(OURS) as tx:
        tx.session.merge(thread.conversation).first_reply_at = NOON - 29 * HOUR
    counted = figures(news)
    assert (counted.times.answered, counted.replies_sent) == (0, 1)


def test_a_clock_set_back_makes_no_negative_times(news: Newsroom, ben: User) -> None:
    news.answer(news.post("q", ago=HOUR, labels=QUESTION), ben, after=-5 * MINUTE)
    assert figures(news).times.median_minutes == 0


def test_replies_in_trouble_are_listed(news: Newsroom, ben: User) -> None:
    for state in (DeliveryState.UNCERTAIN, DeliveryState.REFUSED, DeliveryState.SENT, DeliveryState.HANDED_OFF):
        thread = news.post(state, labels={})
        with news.database.transaction(OURS) as tx:
            make_delivery(tx, draft=make_draft(tx, mention=thread.mention), approved_by=ben, state=state)
    counted = figures(news)
    assert [trouble.state for trouble in counted.troubles] == ["refused", "uncertain"]
    assert counted.backlog.to_post_by_hand == 1
    later = figures(news, Window(start=NOON + HOUR, end=NOON + 2 * HOUR))
    assert [trouble.state for trouble in later.troubles] == ["uncertain"]


def test_chika_counts_nothing_of_ours(news: Newsroom, ben: User) -> None:
    news.answer(news.post("q", ago=HOUR, waiting=True, labels={}), ben, after=MINUTE)
    with news.database.snapshot(THEIRS) as tx:
        theirs = gather_figures(tx, TODAY, targets=TargetSettings())
    assert theirs.labels.total == theirs.backlog.waiting == theirs.replies_sent == 0


@pytest.mark.parametrize(
    ("values", "share", "found"),
    [([], 0.9, None), ([5.0], 0.9, 5.0), ([1.0, 2.0], 0.5, 1.0), ([3.0, 1.0, 2.0], 1.0, 3.0)],
)
def test_a_percentile_is_one_of_the_values(values: list[float], share: float, found: float | None) -> None:
    assert percentile(values, share) == found
