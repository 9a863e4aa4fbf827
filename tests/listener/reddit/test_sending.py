"""A reply leaves once, whatever breaks, and reads as it was approved."""

import socket
import time
from datetime import timedelta
from typing import NoReturn

import praw
import pytest
import requests
from prawcore.exceptions import PrawcoreException

from domain.clock import FixedClock
from domain.errors import ChannelError, PermanentError, RetryableError, SendUncertainError
from domain.mentions import IncomingMention
from domain.words import Visibility
from listener.channels.reddit import RedditChannel
from tests.listener.channel_contract import read_all, request_for
from tests.listener.reddit.stage import OpenChannel, RedditStage
from tests.partners.faulty_proxy import Answer, Cut
from tests.partners.reddit_app import CLIENT_ID, CLIENT_SECRET, PASSWORD
from tests.partners.reddit_state import OURS

ROUNDS = 50


@pytest.fixture
def no_sleep(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody may sleep from now on."""

    def refuse(seconds: float) -> NoReturn:
        pytest.fail(f"something slept for {seconds} s")

    monkeypatch.setattr(time, "sleep", refuse)


@pytest.fixture
def channel(open_channel: OpenChannel) -> RedditChannel:
    return open_channel()


@pytest.fixture
def mention(stage: RedditStage, channel: RedditChannel) -> IncomingMention:
    stage.post("The coat is blue, I ordered green.")
    return channel.poll(None).mentions[0]


# -- once --------------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("no_sleep")
def test_a_connection_killed_after_reddit_accepted_leaves_one_comment_every_time(
    stage: RedditStage, channel: RedditChannel
) -> None:
    posted = [stage.post(f"coat {number}") for number in range(ROUNDS)]
    by_id = {one.external_id: one for one in read_all(channel)[0]}
    for number, name in enumerate(posted):
        request = request_for(by_id[name], f"The right coat is on its way ({number}).", key=f"{number:032}")
        stage.proxy.fail_next("/api/comment", Cut.AFTER)
        with pytest.raises(SendUncertainError):
            channel.reply(request)
        found = channel.find_reply(request, Visibility.PUBLIC)
        assert found is not None
        assert len(stage.public_texts(to=name)) == 1
    assert stage.proxy.count("/api/comment") == ROUNDS


def test_praw_by_itself_would_have_posted_three_times(
    stage: RedditStage, mention: IncomingMention, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The trap is real: without our requestor this very break makes three comments."""
    monkeypatch.setattr(time, "sleep", lambda _: None)
    with requests.Session() as session:
        reddit = praw.Reddit(
            client_id=CLIENT_ID,
            client_secret=CLIENT_SECRET,
            username=OURS,
            password=PASSWORD,
            user_agent="python:kikite:v0.0.0 (by /u/somebody)",
            oauth_url=stage.proxy.url,
            reddit_url=stage.proxy.url,
            check_for_updates=False,
            requestor_kwargs={"session": session},
        )
        reddit.user.me()  # the sign-in's connection closes; a first send that ran into that would not arrive, and not count
        stage.proxy.fail_next("/api/comment", Cut.AFTER, times=3)
        with pytest.raises(PrawcoreException):
            reddit.comment(mention.external_id.removeprefix("t1_")).reply("Sorry!")
    assert len(stage.public_texts(to=mention.external_id)) == 3


@pytest.mark.usefixtures("no_sleep")
@pytest.mark.parametrize("fault", [Cut.AFTER, Cut.HALF], ids=str)
def test_an_answer_that_breaks_is_uncertain(
    stage: RedditStage, channel: RedditChannel, mention: IncomingMention, fault: Cut
) -> None:
    stage.proxy.fail_next("/api/comment", fault)
    with pytest.raises(SendUncertainError):
        channel.reply(request_for(mention))
    assert stage.proxy.count("/api/comment") == len(stage.public_texts(to=mention.external_id)) == 1


@pytest.mark.usefixtures("no_sleep")
@pytest.mark.parametrize("status", [408, 500, 502, 503, 504, 520, 522, 599])
def test_a_failing_server_is_asked_once_and_leaves_a_doubt(
    stage: RedditStage, channel: RedditChannel, mention: IncomingMention, status: int
) -> None:
    stage.proxy.fail_next("/api/comment", Answer(status, b"<html>upstream</html>"))
    with pytest.raises(SendUncertainError):
        channel.reply(request_for(mention))
    assert stage.proxy.count("/api/comment") == 1


def test_a_silent_server_is_given_up_after_our_timeout(
    stage: RedditStage, open_channel: OpenChannel, mention: IncomingMention
) -> None:
    hasty = open_channel(timeout_seconds=1)
    assert hasty.own_author_id
    stage.proxy.fail_next("/api/comment", Cut.SILENT)
    begun = time.monotonic()
    with pytest.raises(SendUncertainError):
        hasty.reply(request_for(mention))
    assert time.monotonic() - begun < 3
    assert stage.proxy.count("/api/comment") == 1


@pytest.mark.parametrize("body", [b"", b"<html>Sign in to this network</html>", b"[", b"null", b'{"json": 5}'])
def test_an_accepted_send_whose_answer_is_nonsense_is_uncertain(
    stage: RedditStage, channel: RedditChannel, mention: IncomingMention, body: bytes
) -> None:
    stage.app.stray_body = body
    with pytest.raises(SendUncertainError):
        channel.reply(request_for(mention))
    assert len(stage.public_texts(to=mention.external_id)) == 1


def test_a_closed_door_surely_did_nothing(open_channel: OpenChannel, mention: IncomingMention) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    nowhere = open_channel(api_url=address)
    with pytest.raises(RetryableError) as caught:
        nowhere.reply(request_for(mention))
    assert caught.value.code == "unreachable"


# -- limits ------------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("no_sleep")
@pytest.mark.parametrize("seconds", [540.0, 3.0, 0.5])
def test_writing_too_often_is_said_and_never_slept(
    stage: RedditStage, channel: RedditChannel, mention: IncomingMention, seconds: float
) -> None:
    stage.state.wait_seconds = seconds
    with pytest.raises(RetryableError) as caught:
        channel.reply(request_for(mention))
    assert caught.value.retry_after_seconds == seconds
    assert stage.proxy.count("/api/comment") == 1


@pytest.mark.parametrize(
    ("words", "seconds"),
    [
        ("you are doing that too much. try again in 9 minutes.", 540),
        ("Take a break for 1 second before trying again.", 1),
        ("try again in 2 hours", 7200),
        ("しばらくお待ちください。", None),
    ],
)
def test_the_wait_is_read_from_the_words_where_no_number_stands_beside(
    stage: RedditStage, channel: RedditChannel, mention: IncomingMention, words: str, seconds: float | None
) -> None:
    body = f'{{"json": {{"errors": [["RATELIMIT", "{words}", "ratelimit"]]}}}}'
    stage.proxy.fail_next("/api/comment", Answer(200, body.encode()))
    with pytest.raises(RetryableError) as caught:
        channel.reply(request_for(mention))
    assert caught.value.retry_after_seconds == seconds


@pytest.mark.usefixtures("no_sleep")
def test_a_window_used_up_keeps_the_next_request_at_home(
    stage: RedditStage, channel: RedditChannel, mention: IncomingMention, clock: FixedClock
) -> None:
    stage.app.remaining = 1  # the next answer says: none left, 300 seconds to go
    channel.still_there([mention.external_id])
    seen = len(stage.proxy.seen)
    for _ in range(2):
        with pytest.raises(RetryableError) as caught:
            channel.reply(request_for(mention))
        assert caught.value.retry_after_seconds == 300
    assert len(stage.proxy.seen) == seen
    stage.app.remaining = None
    clock.advance(timedelta(seconds=301))
    assert channel.reply(request_for(mention)).external_id


@pytest.mark.usefixtures("no_sleep")
def test_a_window_nearly_used_up_slows_nobody_down(stage: RedditStage, channel: RedditChannel) -> None:
    """prawcore would spread what is left over the window, sleeping up to ten seconds before each request."""
    stage.app.remaining = 20
    for _ in range(6):
        channel.still_there(["t1_abc"])
    assert stage.app.remaining == 14


# -- signing in --------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("no_sleep")
def test_a_token_that_is_over_is_renewed_before_the_next_reading(
    stage: RedditStage, channel: RedditChannel, mention: IncomingMention
) -> None:
    stage.app.tokens.clear()
    assert channel.still_there([mention.external_id]) == {mention.external_id}
    assert stage.proxy.count("access_token") == 2


@pytest.mark.usefixtures("no_sleep")
def test_a_send_is_not_repeated_even_when_only_the_token_was_over(
    stage: RedditStage, channel: RedditChannel, mention: IncomingMention
) -> None:
    stage.app.tokens.clear()
    with pytest.raises(RetryableError):
        channel.reply(request_for(mention))
    assert stage.proxy.count("/api/comment") == 1
    assert stage.public_texts(to=mention.external_id) == []
    channel.reply(request_for(mention))
    assert len(stage.public_texts(to=mention.external_id)) == 1


def test_a_revoked_token_is_a_refusal_for_good_that_tells_no_secret(open_channel: OpenChannel) -> None:
    revoked = open_channel(secrets={"client_secret": CLIENT_SECRET, "refresh_token": "revoked-token-1Bc9"})
    with pytest.raises(PermanentError) as caught:
        revoked.poll(None)
    assert caught.value.code == "bad_credentials"
    said = f"{caught.value} {caught.value!r} {revoked!r} {caught.value.__cause__}"
    assert "revoked-token" not in said
    assert CLIENT_SECRET not in said


def test_a_wrong_app_secret_is_a_refusal_for_good(open_channel: OpenChannel) -> None:
    with pytest.raises(PermanentError) as caught:
        open_channel(secrets={"client_secret": "wrong", "password": PASSWORD}).probe()
    assert caught.value.code == "bad_credentials"


def test_a_script_app_signs_in_with_the_password(open_channel: OpenChannel) -> None:
    scripted = open_channel(secrets={"client_secret": CLIENT_SECRET, "password": PASSWORD})
    assert OURS in scripted.probe()


@pytest.mark.parametrize("answer", [Answer(500), Answer(200, b"{}"), Answer(200, b"<html>"), Cut.AFTER, Answer(429)])
def test_trouble_at_the_token_door_leaves_no_doubt_about_a_send(
    stage: RedditStage, open_channel: OpenChannel, mention: IncomingMention, answer: Answer | Cut
) -> None:
    stage.proxy.fail_next("access_token", answer)
    fresh = open_channel()
    with pytest.raises(RetryableError):
        fresh.reply(request_for(mention))
    assert stage.proxy.count("/api/comment") == 0


def test_a_token_of_another_account_is_noticed(open_channel: OpenChannel) -> None:
    with pytest.raises(PermanentError) as caught:
        open_channel(username="other_shop").probe()
    assert caught.value.code == "other_account"


def test_a_suspended_account_is_told_apart(stage: RedditStage, channel: RedditChannel) -> None:
    stage.state.suspended = True
    with pytest.raises(PermanentError) as caught:
        channel.probe()
    assert caught.value.code == "account_suspended"


def test_a_missing_scope_names_the_remedy(stage: RedditStage, channel: RedditChannel, mention: IncomingMention) -> None:
    told = {"www-authenticate": 'Bearer realm="reddit", error="insufficient_scope"'}
    stage.proxy.fail_next("/api/comment", Answer(403, b"{}", told))
    with pytest.raises(PermanentError) as caught:
        channel.reply(request_for(mention))
    assert caught.value.code == "no_scope"
    assert "scopes" in caught.value.remedy


def test_the_probe_names_what_cannot_be_read(stage: RedditStage, open_channel: OpenChannel) -> None:
    stage.state.private.add("backroom")
    assert "not read: comments:backroom" in open_channel(subreddits=["backroom"]).probe()


# -- closed threads ----------------------------------------------------------------------------------------------------


def close(stage: RedditStage, how: str, mention: IncomingMention) -> None:
    thing = stage.state.things[mention.external_id]
    link = stage.state.things[thing.link]
    match how:
        case "locked thread":
            link.locked = True
        case "locked comment":
            thing.locked = True
        case "archived":
            link.archived = True
        case "banned":
            stage.state.banned_in.add(thing.subreddit)
        case "removed":
            thing.removed = True
        case "blocked":
            stage.state.blocked_by.add("aya")


@pytest.mark.parametrize(
    ("how", "code", "exists", "allowed"),
    [
        ("locked thread", "replies_not_allowed", True, False),
        ("locked comment", "replies_not_allowed", True, False),
        ("archived", "replies_not_allowed", True, False),
        ("banned", "banned", True, False),
        ("removed", "gone", False, False),
        ("blocked", "blocked", True, True),  # Reddit tells of a block only when one writes
    ],
)
def test_where_nobody_may_reply_it_is_known_before_and_refused_for_good(
    stage: RedditStage,
    channel: RedditChannel,
    mention: IncomingMention,
    how: str,
    code: str,
    exists: bool,  # noqa: FBT001 - a column of the table
    allowed: bool,  # noqa: FBT001 - the same
) -> None:
    close(stage, how, mention)
    facts = channel.eligibility(request_for(mention).target)
    assert (facts.exists, facts.replies_allowed) == (exists, allowed)
    with pytest.raises(PermanentError) as caught:
        channel.reply(request_for(mention))
    assert caught.value.code == code
    assert stage.public_texts(to=mention.external_id) == []


@pytest.mark.parametrize(
    ("errors", "kind", "code"),
    [
        ('[["SUBREDDIT_OUTBOUND_LINKING_DISALLOWED", "no links", "text"]]', PermanentError, "refused"),
        ('[["SOMETHING_IS_BROKEN", "oh", null]]', SendUncertainError, "server_error"),
        ('["odd"]', PermanentError, "refused"),
        ("[[]]", PermanentError, "refused"),
    ],
)
def test_error_codes_inside_a_good_answer_are_read(
    stage: RedditStage, channel: RedditChannel, mention: IncomingMention, errors: str, kind: type, code: str
) -> None:
    stage.proxy.fail_next("/api/comment", Answer(200, f'{{"json": {{"errors": {errors}}}}}'.encode()))
    with pytest.raises(ChannelError) as caught:
        channel.reply(request_for(mention))
    assert isinstance(caught.value, kind)
    assert caught.value.code == code


# -- the words ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "お世話になっております。\n\nご注文の#1234は*本日*発送しました。\n1. 追跡番号\n2. お届け日\n- 以上です",
        "See https://shop.example/a_b_c*d?x=1&y_z=2 or mail <care@shop.example>",
        "# not a heading\n> not a quote\n===\n2026. not a list\n    not code",
        "snake_case, ~~not struck~~, ^not raised, `not code`, [not](a link), >!no spoiler!<, &copy; | a | b |",
        "(^_^) ¯\\_(ツ)_/¯ m(_ _)m 😢👨‍👩‍👧‍👦 \\* \\\\",
    ],
)
def test_a_reply_reads_as_it_was_approved_line_by_line(
    stage: RedditStage, channel: RedditChannel, mention: IncomingMention, text: str
) -> None:
    request = request_for(mention, text)
    sent = channel.reply(request)
    shown = stage.public_texts(to=mention.external_id)[0]
    assert [line.strip() for line in shown.split("\n")] == [line.strip() for line in text.split("\n")]
    found = channel.find_reply(request, Visibility.PUBLIC)
    assert found == sent


def test_addresses_leave_without_marks_so_that_they_become_links(
    stage: RedditStage, channel: RedditChannel, mention: IncomingMention
) -> None:
    channel.reply(request_for(mention, "Look: https://shop.example/a_b*c_(d) *please*"))
    assert stage.public_bodies(to=mention.external_id) == ["Look: https://shop.example/a_b*c_(d) \\*please\\*"]


@pytest.mark.parametrize(
    ("text", "code"), [("あ" * 10_001, "too_long"), ("*" * 5_001, "too_long"), (" \n", "empty"), ("\ud83d", "bad_text")]
)
def test_a_text_that_reddit_would_not_take_does_not_leave(
    stage: RedditStage, channel: RedditChannel, mention: IncomingMention, text: str, code: str
) -> None:
    with pytest.raises(PermanentError) as caught:
        channel.reply(request_for(mention, text))
    assert caught.value.code == code
    assert stage.proxy.count("/api/comment") == 0


def test_the_longest_text_arrives(stage: RedditStage, channel: RedditChannel, mention: IncomingMention) -> None:
    text = "長" * 10_000
    assert channel.measure(text, Visibility.PUBLIC).fits
    channel.reply(request_for(mention, text))
    assert stage.public_texts(to=mention.external_id) == [text]
