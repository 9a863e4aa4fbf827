"""The demo's posts: enough, varied, natural in form, and labelled."""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import combinations, pairwise
from pathlib import Path

import pytest

from config.demo import DemoPost, demo_script, parse_script
from domain.errors import ConfigError
from domain.words import Engagement, Intent, MentionKind, Topic, Urgency

SCRIPT = demo_script()
PAST = [post for post in SCRIPT if post.offset < timedelta()]
LIVE = [post for post in SCRIPT if post.offset >= timedelta()]


def line(**changes: object) -> str:
    said: dict[str, object] = {
        "external_id": "a",
        "at_minutes_before": 10,
        "author": {"external_id": "1", "handle": "h", "display_name": "H"},
        "kind": "post",
        "engagement": "mentioned",
        "text": "はい",
        "language": "ja",
        "expect": {"intent": "praise", "topic": "other", "constructive": None, "urgency": "low"},
    }
    said |= changes
    return json.dumps({key: value for key, value in said.items() if value != "away"})


def pieces(text: str) -> set[str]:
    return {text[at : at + 5] for at in range(max(len(text) - 4, 1))}


def test_two_weeks_lie_behind_and_half_an_hour_ahead() -> None:
    assert len(PAST) >= 90
    assert len(LIVE) >= 60
    assert timedelta(days=13) < -PAST[0].offset <= timedelta(days=14)
    gaps = [later.offset - sooner.offset for sooner, later in pairwise(LIVE)]
    assert all(timedelta(seconds=20) <= gap <= timedelta(seconds=40) for gap in gaps)
    assert LIVE[-1].offset >= timedelta(minutes=30)


def test_enough_is_left_waiting_for_a_newcomer() -> None:
    assert len([post for post in PAST if -post.offset <= timedelta(hours=20)]) >= 25


@pytest.mark.parametrize("posts", [PAST, LIVE], ids=["past", "live"])
def test_both_languages_and_every_kind_of_case_appear(posts: list[DemoPost]) -> None:
    languages = Counter(post.language for post in posts)
    assert set(languages) == {"ja", "en"}
    assert min(languages.values()) >= len(posts) // 4
    for language in languages:
        assert {post.expect.intent for post in posts if post.language == language} == set(Intent)
    assert {post.expect.urgency for post in posts} == set(Urgency)
    assert {post.expect.constructive for post in posts} == {True, False, None}
    assert {MentionKind.POST, MentionKind.REVIEW, MentionKind.MESSAGE} <= {post.kind for post in posts}


def test_every_topic_and_engagement_appears() -> None:
    assert {post.expect.topic for post in SCRIPT} == set(Topic)
    assert {post.engagement for post in SCRIPT} == set(Engagement)


def test_no_text_is_another_with_words_swapped() -> None:
    # The one storm is the exception, and says so: everybody who joins in begins with "RT".
    cut = [(post.text, pieces(post.text)) for post in SCRIPT if not post.text.startswith("RT @")]
    near = [(one, other) for (one, a), (other, b) in combinations(cut, 2) if len(a & b) > 0.5 * len(a | b)]
    assert near == []


def test_one_text_is_repeated_by_four_people_and_by_nobody_else() -> None:
    reposts = [post for post in SCRIPT if post.text.startswith("RT @")]
    (said,) = {post.text.partition(": ")[2].partition(" @our_shop")[0] for post in reposts}
    assert len({post.author.external_id for post in reposts}) == len(reposts) == 4
    assert [post.text.startswith(said) for post in SCRIPT].count(True) == 1


def test_an_author_has_one_name_and_second_messages_come_from_whoever_began() -> None:
    authors = {post.author.external_id: post.author for post in SCRIPT}
    assert all(post.author == authors[post.author.external_id] for post in SCRIPT)
    roots = {post.external_id: post for post in SCRIPT}
    threaded = [post for post in SCRIPT if post.thread_external_id]
    assert len(threaded) >= 4
    assert all(roots[post.thread_external_id].author == post.author for post in threaded)


def test_nothing_that_understands_or_answers_can_read_the_labels() -> None:
    house = Path(__file__).parents[2]
    sources = [file for stage in ("classifier", "responder", "listener") for file in (house / stage).rglob("*.py")]
    assert sources
    assert [file for file in sources if "config.demo" in file.read_text(encoding="utf-8")] == []


def test_links_lead_nowhere() -> None:
    linked = [post.text for post in SCRIPT if "://" in post.text]
    assert linked
    assert all(".example" in text for text in linked)


def test_the_wrong_coat_is_waiting_in_both_languages() -> None:
    waiting = [post for post in PAST if -post.offset <= timedelta(hours=20)]
    assert any("グリーンの冬コート" in post.text and post.expect.urgency is Urgency.HIGH for post in waiting)
    assert any("green winter coat" in post.text and post.expect.urgency is Urgency.HIGH for post in waiting)


def test_a_post_knows_its_moment() -> None:
    begun = datetime(2026, 11, 20, tzinfo=UTC)
    (post,) = parse_script([line()])
    assert post.moment(begun) == begun - timedelta(minutes=10)
    with pytest.raises(ValueError, match="naive"):
        post.moment(datetime(2026, 11, 20))  # noqa: DTZ001 - what is refused


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"text": "away"}, "'text' is missing."),
        ({"text": " "}, "there is no text."),
        ({"kind": "tweet"}, "'tweet' is not a valid MentionKind."),
        ({"after_seconds": 3}, "give either 'at_minutes_before' or 'after_seconds'."),
        ({"at_minutes_before": "away"}, "give either 'at_minutes_before' or 'after_seconds'."),
        ({"rating": 3}, "stars belong to reviews, 1 to 5."),
        ({"kind": "review"}, "stars belong to reviews, 1 to 5."),
        ({"kind": "review", "rating": 6}, "stars belong to reviews, 1 to 5."),
        ({"thread_external_id": "nobody"}, "a thread needs an earlier post."),
        ({"parent_external_id": "first", "at_minutes_before": 99}, "a thread needs an earlier post."),
        ({"external_id": "first"}, "the id is taken."),
        (
            {"expect": {"intent": "praise", "topic": "other", "constructive": True, "urgency": "low"}},
            "only complaints are constructive or not.",
        ),
        (
            {"expect": {"intent": "complaint", "topic": "other", "constructive": None, "urgency": "low"}},
            "only complaints are constructive or not.",
        ),
    ],
)
def test_a_wrong_line_is_named(changes: dict[str, object], said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_script([line(external_id="first", at_minutes_before=20), line(**changes)])
    assert (caught.value.place.file, caught.value.place.line) == ("script.jsonl", 2)
    assert caught.value.message == f"script.jsonl:2: {said}"


def test_a_line_that_is_no_json_is_named() -> None:
    with pytest.raises(ConfigError) as caught:
        parse_script([line(), "{"])
    assert caught.value.place.line == 2
