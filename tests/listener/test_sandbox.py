"""The sandbox beyond the contract: time, faults, rules, and several processes on one file."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from domain.clock import FixedClock
from domain.errors import PermanentError, RetryableError, SendUncertainError
from domain.replies import SendRequest
from domain.words import Engagement, MentionKind, Visibility
from listener.channels.sandbox import (
    OWN_ACCOUNT,
    SandboxAuthor,
    SandboxCall,
    SandboxChannel,
    SandboxPlatform,
    SandboxPost,
)
from listener.channels.sandbox.faults import Fault, FaultKind
from tests.cast import NOON
from tests.listener.channel_contract import read_all, request_for

AYA = SandboxAuthor(external_id="aya-id", handle="aya", display_name="綾")


@pytest.fixture
def platform(tmp_path: Path, clock: FixedClock) -> SandboxPlatform:
    return SandboxPlatform(tmp_path / "platform.db", clock=clock)


@pytest.fixture
def channel(platform: SandboxPlatform, clock: FixedClock) -> SandboxChannel:
    return SandboxChannel(platform, clock=clock, wait=lambda _: pytest.fail("it waits"))


@pytest.fixture
def request_to_aya(platform: SandboxPlatform, channel: SandboxChannel) -> SendRequest:
    platform.add_post(SandboxPost(text="blue, not green", author=AYA, external_id="coat"))
    return request_for(channel.poll(None).mentions[0], "So sorry!")


def texts(channel: SandboxChannel, cursor: str | None = None) -> list[str]:
    return [mention.text for mention in read_all(channel, cursor)[0]]


def test_a_post_of_the_future_appears_when_its_time_comes(
    platform: SandboxPlatform, channel: SandboxChannel, clock: FixedClock
) -> None:
    platform.add_post(SandboxPost(text="later", author=AYA, external_id="l", created_at=NOON + timedelta(minutes=5)))
    _, cursor, _ = read_all(channel)
    assert channel.still_there(["l"]) == frozenset()
    clock.advance(timedelta(minutes=5))
    assert texts(channel, cursor) == ["later"]
    assert channel.still_there(["l"]) == {"l"}


def test_a_post_added_late_with_an_early_time_is_not_missed(platform: SandboxPlatform, channel: SandboxChannel) -> None:
    platform.add_post(SandboxPost(text="new", author=AYA))
    _, cursor, _ = read_all(channel)
    platform.add_post(SandboxPost(text="backdated", author=AYA, created_at=NOON - timedelta(days=3)))
    assert texts(channel, cursor) == ["backdated"]


def test_an_edited_post_is_seen_again_with_its_new_text(platform: SandboxPlatform, channel: SandboxChannel) -> None:
    external_id = platform.add_post(SandboxPost(text="bleu", author=AYA))
    _, cursor, _ = read_all(channel)
    platform.edit_post(external_id, "blue")
    assert texts(channel, cursor) == ["blue"]


def test_adding_the_same_posts_twice_adds_them_once(platform: SandboxPlatform, channel: SandboxChannel) -> None:
    posts = [SandboxPost(text=f"t{number}", author=AYA, external_id=f"e{number}") for number in range(3)]
    assert platform.add_posts(posts) == platform.add_posts(posts) == ["e0", "e1", "e2"]
    assert len(texts(channel)) == 3


def test_every_kind_of_post_arrives_with_its_profile(platform: SandboxPlatform, channel: SandboxChannel) -> None:
    for kind, engagement, rating in (
        (MentionKind.COMMENT, Engagement.REPLIED, None),
        (MentionKind.POST, Engagement.QUOTED, None),
        (MentionKind.MESSAGE, Engagement.WROTE_DM, None),
        (MentionKind.REVIEW, Engagement.REVIEWED, 2),
    ):
        platform.add_post(
            SandboxPost(text="x", author=AYA, kind=kind, engagement=engagement, rating=rating, language="ja")
        )
        mention = read_all(channel)[0][-1]
        assert (mention.kind, mention.engagement, mention.rating) == (kind, engagement, rating)
        assert (mention.author.handle, mention.author.display_name, mention.language_hint) == ("aya", "綾", "ja")
    platform.add_post(SandboxPost(text="x", author=replace(AYA, handle="aya2")))
    assert {mention.author.handle for mention in read_all(channel)[0]} == {"aya2"}


def test_text_no_database_takes_comes_through(platform: SandboxPlatform, channel: SandboxChannel) -> None:
    hostile = "null\x00 half \ud83d '; DROP TABLE post; --"
    platform.add_post(SandboxPost(text=hostile, author=AYA))
    assert texts(channel) == [hostile]


def test_threads_name_their_roots_author(platform: SandboxPlatform, channel: SandboxChannel) -> None:
    root = platform.add_post(SandboxPost(text="Sale!", author=OWN_ACCOUNT))
    platform.add_post(SandboxPost(text="How long?", author=AYA, parent_external_id=root))
    assert read_all(channel)[0][-1].platform_data == {"root_author": OWN_ACCOUNT.external_id}


def test_a_blind_resend_makes_a_second_post_unless_the_platform_helps(
    platform: SandboxPlatform, channel: SandboxChannel, clock: FixedClock, request_to_aya: SendRequest
) -> None:
    for _ in range(2):
        channel.reply(request_to_aya)
    assert len(platform.sent_posts()) == 2
    careful = SandboxChannel(platform, clock=clock, options={"dedupe_sends": True})
    other = replace(request_to_aya, idempotency_key="other")
    assert careful.reply(other) == careful.reply(other)
    assert len(platform.sent_posts()) == 3


def test_what_was_sent_is_told_with_key_target_and_time(
    platform: SandboxPlatform, channel: SandboxChannel, request_to_aya: SendRequest
) -> None:
    channel.direct_message(request_to_aya)
    sent = platform.sent_posts(Visibility.DM)[0]
    assert (sent.text, sent.target_external_id, sent.created_at) == ("So sorry!", "coat", NOON)
    assert sent.idempotency_key == request_to_aya.idempotency_key
    assert platform.sent_posts(Visibility.PUBLIC) == []


def test_an_author_can_forbid_replies_and_messages(platform: SandboxPlatform, channel: SandboxChannel) -> None:
    platform.add_post(SandboxPost(text="quiet", author=AYA, replies_allowed=False, dm_allowed=False))
    request = request_for(channel.poll(None).mentions[0], "Hello")
    facts = channel.eligibility(request.target)
    assert (facts.exists, facts.replies_allowed, facts.dm_allowed) == (True, False, False)
    for send, code in ((channel.reply, "replies_not_allowed"), (channel.direct_message, "dm_not_allowed")):
        with pytest.raises(PermanentError) as caught:
            send(request)
        assert caught.value.code == code


def test_what_is_too_long_is_refused(channel: SandboxChannel, request_to_aya: SendRequest) -> None:
    family = "👨‍👩‍👧‍👦"
    channel.reply(replace(request_to_aya, text=family * 300))
    with pytest.raises(PermanentError):
        channel.reply(replace(request_to_aya, text=family * 301))
    channel.direct_message(replace(request_to_aya, text=family * 1000))


def test_an_account_without_messages_says_so(
    platform: SandboxPlatform, clock: FixedClock, request_to_aya: SendRequest
) -> None:
    channel = SandboxChannel(platform, clock=clock, options={"can_direct_message": False})
    assert channel.capabilities.can_direct_message is False
    with pytest.raises(PermanentError):
        channel.direct_message(request_to_aya)


def test_the_rate_limit_names_its_delay_and_ends(platform: SandboxPlatform, clock: FixedClock) -> None:
    channel = SandboxChannel(platform, clock=clock, options={"requests_per_minute": 2})
    channel.poll(None)
    clock.advance(timedelta(seconds=20))
    channel.poll(None)
    with pytest.raises(RetryableError) as caught:
        channel.poll(None)
    assert caught.value.retry_after_seconds == 40
    clock.advance(timedelta(seconds=40))
    channel.poll(None)


def test_slow_answers_wait_before_and_after_acceptance(
    platform: SandboxPlatform, clock: FixedClock, request_to_aya: SendRequest
) -> None:
    sent_at_wait: list[tuple[float, int]] = []
    channel = SandboxChannel(
        platform, clock=clock, wait=lambda seconds: sent_at_wait.append((seconds, len(platform.sent_posts())))
    )
    platform.set_fault(SandboxCall.REPLY, Fault(kind=FaultKind.SLOW, seconds=4))
    channel.reply(request_to_aya)
    assert sent_at_wait == [(2, 0), (2, 1)]


def test_faults_strike_as_often_as_told_and_can_be_cleared(platform: SandboxPlatform, channel: SandboxChannel) -> None:
    platform.set_fault(SandboxCall.POLL, Fault(kind=FaultKind.RETRYABLE, times=2))
    for _ in range(2):
        with pytest.raises(RetryableError):
            channel.poll(None)
    channel.poll(None)
    platform.set_fault(SandboxCall.POLL, Fault(kind=FaultKind.PERMANENT, times=None))
    for _ in range(3):
        with pytest.raises(PermanentError):
            channel.poll(None)
    platform.clear_faults()
    channel.poll(None)


def test_a_doubt_while_reading_is_only_a_retry(platform: SandboxPlatform, channel: SandboxChannel) -> None:
    for kind in (FaultKind.LOST, FaultKind.AMBIGUOUS):
        platform.set_fault(SandboxCall.POLL, kind)
        with pytest.raises(RetryableError):
            channel.poll(None)


def test_faults_by_chance_repeat_with_their_seed(tmp_path: Path, clock: FixedClock) -> None:
    def run(name: str, seed: int) -> str:
        platform = SandboxPlatform(tmp_path / f"{name}.db", clock=clock)
        platform.add_post(SandboxPost(text="x", author=AYA, external_id="p"))
        channel = SandboxChannel(platform, clock=clock)
        request = request_for(channel.poll(None).mentions[0])
        platform.set_fault(SandboxCall.REPLY, Fault(kind=FaultKind.AMBIGUOUS, times=None, probability=0.3, seed=seed))
        seen = ""
        for _ in range(60):
            try:
                channel.reply(request)
                seen += "."
            except SendUncertainError:
                seen += "?"
        assert len(platform.sent_posts()) == 60
        return seen

    first = run("first", 1)
    assert run("again", 1) == first != run("other", 2)
    assert 8 <= first.count("?") <= 30


WRITER = """
import sys
from pathlib import Path
from listener.channels.sandbox import SandboxAuthor, SandboxPlatform, SandboxPost
platform = SandboxPlatform(Path(sys.argv[1]))
author = SandboxAuthor(external_id=sys.argv[2], handle="w")
for number in range(8):
    platform.add_post(SandboxPost(text="x", author=author, external_id=f"{sys.argv[2]}-{number}"))
"""


def test_several_processes_and_a_poller_share_one_file_and_nothing_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "shared.db"
    platform = SandboxPlatform(path)
    channel = SandboxChannel(platform, clock=platform.clock)
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(path), f"w{number}"]) for number in range(2)]
    seen: list[str] = []
    cursor: str | None = None
    for writer in writers * 20:
        with suppress(subprocess.TimeoutExpired):
            writer.wait(0.05)
        page = channel.poll(cursor)
        cursor = page.cursor
        seen.extend(mention.external_id for mention in page.mentions)
    assert [writer.wait(60) for writer in writers] == [0, 0]
    seen.extend(mention.external_id for mention in read_all(channel, cursor)[0])
    assert sorted(seen) == sorted(f"w{writer}-{number}" for writer in range(2) for number in range(8))


def test_threads_share_one_channel(
    platform: SandboxPlatform, channel: SandboxChannel, request_to_aya: SendRequest
) -> None:
    with ThreadPoolExecutor(8) as pool:
        sent = list(
            pool.map(lambda number: channel.reply(replace(request_to_aya, idempotency_key=f"k{number}")), range(24))
        )
    assert len({one.external_id for one in sent}) == len(platform.sent_posts()) == 24
