"""Reddit without credentials: public feeds, read only."""

from pathlib import Path

import pytest

from domain.errors import PermanentError, RetryableError
from domain.ports import Channel
from domain.replies import PlatformFacts
from domain.words import Engagement, MentionKind, Visibility
from tests.listener.channel_contract import HARD_TEXTS, read_all, request_for
from tests.listener.reddit.stage import OpenChannel, OpenFeeds, RedditStage
from tests.partners.faulty_proxy import Answer, Cut
from tests.partners.reddit_state import OURS, as_typed


def test_posts_and_comments_arrive_with_reddits_own_ids(
    stage: RedditStage, open_feeds: OpenFeeds, open_channel: OpenChannel
) -> None:
    thread = stage.state.add_post(author="aya", title="緑の coat", body="It is **blue** &amp; torn 😢\n\nReally.")
    comment = stage.state.add_comment(as_typed("Mine too, <b>same</b> & colour"), to=thread.name, author="emi")
    found = {one.external_id: one for one in read_all(open_feeds(subreddits=["coats"]))[0]}
    assert found[thread.name].text == "緑の coat\n\nIt is blue & torn 😢\n\nReally."
    assert found[thread.name].kind is MentionKind.POST
    assert found[comment.name].text == "Mine too, <b>same</b> & colour"
    assert found[comment.name].thread_external_id == found[thread.name].thread_external_id == thread.name
    assert found[comment.name].url == f"https://www.reddit.com{comment.path}"
    by_api = {one.external_id: one for one in read_all(open_channel(subreddits=["coats"]))[0]}
    assert {name: one.text for name, one in by_api.items()} == {name: one.text for name, one in found.items()}
    assert [one.created_at for one in found.values()] == [by_api[name].created_at for name in found]


def test_authors_are_known_by_their_names_for_feeds_tell_nothing_else(
    stage: RedditStage, open_feeds: OpenFeeds
) -> None:
    stage.state.add_post(author="Aya_K", title="a coat")
    author = read_all(open_feeds(search=["coat"]))[0][0].author
    assert (author.external_id, author.handle) == ("u/aya_k", "Aya_K")


@pytest.mark.parametrize(
    "text", [HARD_TEXTS[0], "家族👨‍👩‍👧‍👦で使ってます🇯🇵 か\u3099ぎ e\u0301 \"q\" <b>&amp;</b> 'x'"]
)
def test_texts_arrive_as_they_were_written(stage: RedditStage, open_feeds: OpenFeeds, text: str) -> None:
    thread = stage.state.add_post(author="somebody")
    comment = stage.state.add_comment(as_typed(text), to=thread.name, author="aya")
    found = {one.external_id: one.text for one in read_all(open_feeds(subreddits=["coats"]))[0]}
    assert found[comment.name] == text


def test_pages_and_cursors_are_as_with_an_account(stage: RedditStage, open_feeds: OpenFeeds) -> None:
    channel = open_feeds(subreddits=["coats"])
    _, cursor, _ = read_all(channel)
    thread = stage.state.add_post(author="somebody")
    made = {stage.state.add_comment(f"n {number}", to=thread.name, author="aya").name for number in range(8)}
    found, cursor, pages = read_all(channel, cursor)
    assert {one.external_id for one in found} == {*made, thread.name}
    assert pages >= 4
    assert read_all(channel, cursor)[0] == []


def test_an_edited_post_comes_again(stage: RedditStage, open_feeds: OpenFeeds) -> None:
    channel = open_feeds(search=["coat"])
    post = stage.state.add_post(author="aya", title="a coat", body="blue")
    _, cursor, _ = read_all(channel)
    post.body = "green"
    assert [one.text for one in read_all(channel, cursor)[0]] == ["a coat\n\ngreen"]


def test_our_name_tells_our_own_posts_and_who_names_us(stage: RedditStage, open_feeds: OpenFeeds) -> None:
    channel = open_feeds(search=["coat"], username=OURS)
    stage.state.add_post(author=OURS, title="our coat")
    stage.state.add_post(author="aya", title="a coat", body=f"what does u/{OURS} say?")
    stage.state.add_post(author="emi", title="another coat")
    found, _, _ = read_all(channel)
    assert [one.engagement for one in found] == [Engagement.MENTIONED, Engagement.POSTED]
    assert channel.own_author_id == f"u/{OURS}"


def test_what_it_cannot_do_is_said(stage: RedditStage, open_feeds: OpenFeeds) -> None:
    channel = open_feeds(search=["coat"])
    stage.state.add_post(author="aya", title="a coat")
    request = request_for(channel.poll(None).mentions[0])
    assert isinstance(channel, Channel)
    able = channel.capabilities
    assert (able.can_reply, able.can_direct_message, able.tells_deletions) == (False, False, False)
    assert "read only" in channel.probe()
    assert channel.eligibility(request.target) == PlatformFacts()
    assert channel.measure("a" * 10_001, Visibility.PUBLIC).fits is False
    for send in (channel.reply, channel.direct_message):
        with pytest.raises(PermanentError) as caught:
            send(request)
        assert caught.value.code == "read_only"
    with pytest.raises(RetryableError):
        channel.find_reply(request, Visibility.PUBLIC)
    assert stage.proxy.count("access_token") == 0


@pytest.mark.parametrize(
    ("fault", "kind", "code"),
    [
        (Answer(429, b"", {"x-ratelimit-reset": "30"}), RetryableError, "rate_limited"),
        (Answer(503), RetryableError, "server_error"),
        (Answer(403, b"<html>blocked by network security</html>"), PermanentError, "forbidden"),
        (Answer(401), PermanentError, "forbidden"),
        (Answer(302, b"", {"location": "https://elsewhere.example"}), PermanentError, "not_found"),
        (Answer(404), PermanentError, "not_found"),
        (Answer(200, b"<html>please sign in</html>"), RetryableError, "no_answer"),
        (Answer(200, b""), RetryableError, "no_answer"),
        (Cut.AFTER, RetryableError, "no_answer"),
        (Cut.HALF, RetryableError, "no_answer"),
    ],
)
def test_trouble_is_told_and_asked_once(
    stage: RedditStage, open_feeds: OpenFeeds, fault: Answer | Cut, kind: type, code: str
) -> None:
    channel = open_feeds(search=["coat"])
    stage.proxy.fail_next("/search", fault)
    with pytest.raises((PermanentError, RetryableError)) as caught:
        channel.poll(None)
    assert isinstance(caught.value, kind)
    assert caught.value.code == code
    assert len(stage.proxy.seen) == 1


def test_a_page_that_is_not_full_is_not_the_last(stage: RedditStage, open_feeds: OpenFeeds) -> None:
    posts = [stage.state.add_post(author="aya", title="a coat").name for _ in range(8)]
    stage.app.withheld = {posts[6]}  # in the middle of the first page
    channel = open_feeds(search=["coat"])
    found, cursor, _ = read_all(channel)
    assert {one.external_id for one in found} == {*posts} - {posts[6]}
    assert read_all(channel, cursor)[0] == []


def test_a_broken_feed_that_breaks_its_parser_is_asked_for_again(stage: RedditStage, open_feeds: OpenFeeds) -> None:
    channel = open_feeds(search=["coat"])
    stage.proxy.fail_next("/search", Answer(200, b"<feed><entry><title>&#99999999999;</title></entry><entry><b"))
    with pytest.raises(RetryableError) as caught:
        channel.poll(None)
    assert caught.value.code == "no_answer"


@pytest.mark.parametrize(
    "entry",
    [
        '<link href="https://[x/"/><title>a</title>',
        '<title>a</title><link href="//[x"/>',
        "<title>a</title><updated>0001-01-01T00:00:00+14:00</updated>",
        "<title>a</title><published>never</published>",
    ],
)
def test_an_odd_entry_arrives_without_what_is_odd(stage: RedditStage, open_feeds: OpenFeeds, entry: str) -> None:
    whole = f"<entry><id>t3_b</id><author><name>/u/aya</name></author>{entry}</entry>"
    body = f'<feed xmlns="http://www.w3.org/2005/Atom"><title>r</title>{whole}</feed>'
    stage.proxy.fail_next("/search", Answer(200, body.encode(), {"content-type": "application/atom+xml"}))
    found = open_feeds(search=["coat"]).poll(None).mentions
    assert [(one.external_id, one.text, one.url) for one in found] == [("t3_b", "a", "")]


def test_an_answer_that_looks_like_a_files_name_opens_no_file(
    stage: RedditStage, open_feeds: OpenFeeds, tmp_path: Path
) -> None:
    private = tmp_path / "feed.xml"
    private.write_text('<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>t3_b</id></entry></feed>')
    stage.proxy.fail_next("/search", Answer(200, bytes(private)))
    with pytest.raises(RetryableError):
        open_feeds(search=["coat"]).poll(None)


def test_a_hostile_feed_breaks_nothing(stage: RedditStage, open_feeds: OpenFeeds) -> None:
    entries = (
        "<entry></entry><entry><id>t1_a</id></entry><entry><id>javascript:x</id><author><name>/u/aya</name></author></entry>"
        "<entry><id>t3_b</id><author><name>/u/aya</name></author><title>a &lt;script&gt;</title>"
        '<link href="javascript:alert(1)"/><updated>never</updated></entry>'
    )
    body = f'<feed xmlns="http://www.w3.org/2005/Atom"><title>r</title>{entries}</feed>'
    stage.proxy.fail_next("/search", Answer(200, body.encode(), {"content-type": "application/atom+xml"}))
    found = open_feeds(search=["coat"], page_size=100).poll(None).mentions
    assert [(one.external_id, one.url) for one in found] == [("t3_b", "")]
