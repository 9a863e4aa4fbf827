"""Refusals, limits and broken lines: each told as what it is, with what to do about it."""

import socket
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from domain.errors import ChannelError, PermanentError, RetryableError
from listener.channels.mastodon import MastodonChannel
from listener.channels.mastodon.refusals import Refusal, explain_refusal, read_wait
from listener.retry_after import LONGEST_WAIT
from tests.listener.channel_contract import read_all
from tests.listener.mastodon.stage import JSON, TOKEN, OpenChannel, answer, mention_of
from tests.partners.faulty_proxy import Answer, Cut, FaultyProxy
from tests.partners.mastodon_fake import MastodonFake
from tests.partners.mastodon_world import Someone

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
HTTP_NOW = format_datetime(NOW, usegmt=True)
READ = "GET /api/v1/notifications"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"x-ratelimit-reset": "2026-11-20T03:02:00.123456Z"}, 120.123456),
        ({"x-ratelimit-reset": str(int(NOW.timestamp()) + 90)}, 90),
        ({"x-ratelimit-reset": "2026-11-20T03:02:00"}, 120),
        ({"retry-after": "45", "x-ratelimit-reset": "2026-11-20T03:02:00Z"}, 45),
        ({"retry-after": format_datetime(NOW + timedelta(seconds=75), usegmt=True)}, 75),
        (
            {
                "date": format_datetime(NOW + timedelta(hours=9), usegmt=True),
                "x-ratelimit-reset": "2026-11-20T12:01:00Z",
            },
            60,
        ),
        ({"date": "yesterday", "x-ratelimit-reset": "2026-11-20T03:01:00Z"}, 60),
        ({"x-ratelimit-reset": "2026-11-20T02:00:00Z"}, 1),
        ({"x-ratelimit-reset": "9" * 400}, None),
        ({"retry-after": "1e300"}, LONGEST_WAIT),
        ({"retry-after": "nan", "x-ratelimit-reset": "soon"}, None),
    ],
)
def test_the_wait_is_read_from_whatever_header_tells_it(headers: dict[str, str], seconds: float | None) -> None:
    assert read_wait(headers, NOW) == (None if seconds is None else pytest.approx(seconds))


@pytest.mark.parametrize(
    ("status", "words", "code"),
    [
        (401, "The access token was revoked", "token_refused"),
        (401, "The access token expired", "token_refused"),
        (403, "This action is outside the authorized scopes", "missing_scope"),
        (403, "Your login is currently disabled", "account_disabled"),
        (403, "Your login is missing a confirmed e-mail address", "account_disabled"),
        (403, "Your login is currently pending approval by staff", "account_disabled"),
        (403, "This action is not allowed", "refused"),
        (404, "Record not found", "gone"),
        (410, "", "gone"),
        (422, "Validation failed: Text character limit of 500 exceeded", "too_long"),
        (422, "Validation failed: Text can't be blank", "refused"),
        (301, "", "moved"),
        (501, "", "unsupported"),
    ],
)
def test_every_refusal_for_good_has_a_stable_code(status: int, words: str, code: str) -> None:
    error = explain_refusal(Refusal(status=status, message=words), sends=True, now=NOW)
    assert isinstance(error, PermanentError)
    assert error.code == code
    assert error.remedy or code == "gone"


def test_a_servers_own_words_are_repeated_briefly_and_on_one_line() -> None:
    error = explain_refusal(Refusal(status=400, message="no\n" * 500), sends=False, now=NOW)
    assert len(error.message) < 250
    assert "\n" not in error.message


def test_the_five_minutes_limit_is_kept_and_then_all_is_read(
    open_channel: OpenChannel, fake: MastodonFake, mina: Someone
) -> None:
    fake.requests_a_window = fake._left = 4
    for number in range(6):
        fake.world.add(mina, f"@shop {number}")
    channel = open_channel(page_size=2)
    cursor, found = channel.poll(None).cursor, 2  # who we are, the instance, a page
    page = channel.poll(cursor)
    with pytest.raises(RetryableError) as caught:
        channel.poll(page.cursor)
    assert caught.value.code == "rate_limited"
    assert caught.value.retry_after_seconds == pytest.approx(300, abs=5)
    fake.clock.advance(timedelta(minutes=5))
    found += len(page.mentions) + len(read_all(channel, page.cursor)[0])
    assert found == 6


def test_a_429_without_any_time_leaves_the_wait_to_the_poller(channel: MastodonChannel, proxy: FaultyProxy) -> None:
    assert channel.own_author_id
    proxy.fail_next(READ, Answer(429, b"", {}))
    with pytest.raises(RetryableError) as caught:
        channel.poll(None)
    assert caught.value.retry_after_seconds is None


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_server_in_trouble_is_asked_again_later(channel: MastodonChannel, proxy: FaultyProxy, status: int) -> None:
    assert channel.own_author_id
    proxy.fail_next(READ, Answer(status, b"<html>", {"retry-after": "7"}))
    with pytest.raises(RetryableError) as caught:
        channel.poll(None)
    assert (caught.value.code, caught.value.retry_after_seconds) == ("server_error", 7)


def test_a_silent_server_is_given_up_in_time(
    open_channel: OpenChannel, fake: MastodonFake, mina: Someone, proxy: FaultyProxy
) -> None:
    mention = mention_of(open_channel(), fake.world.add(mina, "@shop hello").id)
    hasty = open_channel(timeout_seconds=1)
    assert hasty.own_author_id
    proxy.fail_next(READ, Cut.SILENT)
    with pytest.raises(RetryableError):
        hasty.poll(None)
    proxy.fail_next("POST /api/v1/statuses", Cut.SILENT)
    with pytest.raises(ChannelError) as caught:
        hasty.reply(answer(mention, "hello"))
    assert caught.value.code == "no_answer"


def test_a_server_that_cannot_be_reached_surely_did_nothing(
    open_channel: OpenChannel, fake: MastodonFake, mina: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = open_channel()
    mention = mention_of(channel, fake.world.add(mina, "@shop hello").id)
    with socket.create_server(("127.0.0.1", 0)) as free:
        nobody = f"http://127.0.0.1:{free.getsockname()[1]}"
    away = open_channel(instance=nobody)
    for call in (lambda: away.poll(None), away.probe, lambda: away.reply(answer(mention, "hello"))):
        with pytest.raises(RetryableError) as caught:
            call()
        assert caught.value.code == "unreachable"
    monkeypatch.setattr(channel._client, "_options", away._options)
    with pytest.raises(RetryableError):
        channel.reply(answer(mention, "hello"))


@pytest.mark.parametrize("body", [b"", b"<html>", b"{}", b'{"error": "odd"}', b"null", b'"x"', b"[" * 100_000])
def test_an_answer_of_another_shape_is_no_answer(channel: MastodonChannel, proxy: FaultyProxy, body: bytes) -> None:
    assert channel.own_author_id
    proxy.fail_next(READ, Answer(200, body, JSON))
    with pytest.raises(RetryableError) as caught:
        channel.poll(None)
    assert caught.value.code == "no_answer"


def test_hostile_statuses_are_passed_over_or_read_without_harm(channel: MastodonChannel, proxy: FaultyProxy) -> None:
    assert channel.own_author_id
    body = (
        b'[{"id": "9", "type": "mention", "created_at": "never", "status": {"id": "1", "account": {"id": "2"}, '
        b'"content": 7, "created_at": "9999-99-99", "mentions": "x", "spoiler_text": [], "url": "javascript:alert(1)"}}, '
        b'{"id": "8", "status": {"id": "3", "account": null}}, {"id": 7, "status": "x"}, {"status": {}}, 5]'
    )
    proxy.fail_next(READ, Answer(200, body, JSON))
    (mention,) = channel.poll(None).mentions
    assert (mention.external_id, mention.text, mention.url) == ("1", "", "")


def test_a_revoked_token_says_how_to_make_another(channel: MastodonChannel, fake: MastodonFake, mina: Someone) -> None:
    mention = mention_of(channel, fake.world.add(mina, "@shop hello").id)
    fake.tokens.clear()
    for call in (lambda: channel.poll(None), channel.probe, lambda: channel.reply(answer(mention, "hello"))):
        with pytest.raises(PermanentError) as caught:
            call()
        assert caught.value.code == "token_refused"
        assert "Development" in caught.value.remedy


def test_our_own_suspended_account_is_told(channel: MastodonChannel, shop: Someone) -> None:
    shop.is_suspended = True
    with pytest.raises(PermanentError) as caught:
        channel.poll(None)
    assert caught.value.code == "account_disabled"


def test_blocks_in_either_direction_are_known_before_a_draft_is_written(
    channel: MastodonChannel, fake: MastodonFake, shop: Someone, mina: Someone
) -> None:
    target = answer(mention_of(channel, fake.world.add(mina, "@shop hello").id), "x").target
    facts = channel.eligibility(target)
    assert (facts.exists, facts.replies_allowed, facts.dm_allowed) == (True, True, None)
    mina.follows.add(shop.id)
    assert channel.eligibility(target).dm_allowed is True
    shop.blocks.add(mina.id)
    facts = channel.eligibility(target)
    assert (facts.exists, facts.replies_allowed, facts.dm_allowed) == (True, False, False)
    shop.blocks.clear()
    mina.blocks.add(shop.id)
    assert channel.eligibility(target).exists is False


def test_a_suspended_author_is_not_answered(channel: MastodonChannel, fake: MastodonFake, mina: Someone) -> None:
    target = answer(mention_of(channel, fake.world.add(mina, "@shop hello").id), "x").target
    mina.is_suspended = True
    facts = channel.eligibility(target)
    assert (facts.replies_allowed, facts.dm_allowed) == (False, False)


def test_without_the_right_to_see_follows_nothing_is_claimed_about_messages(
    channel: MastodonChannel, fake: MastodonFake, shop: Someone, mina: Someone
) -> None:
    target = answer(mention_of(channel, fake.world.add(mina, "@shop hello").id), "x").target
    fake.sign_in(shop, TOKEN, ("read:accounts", "read:statuses"))
    facts = channel.eligibility(target)
    assert (facts.exists, facts.replies_allowed, facts.dm_allowed) == (True, True, None)


def test_who_wrote_in_private_may_be_answered_there(
    channel: MastodonChannel, fake: MastodonFake, mina: Someone
) -> None:
    mention = mention_of(channel, fake.world.add(mina, "@shop hello", visibility="direct").id)
    assert channel.eligibility(answer(mention, "x").target).dm_allowed is True


def test_deletions_are_told_in_batches_and_one_by_one_on_old_servers(
    channel: MastodonChannel, fake: MastodonFake, mina: Someone, proxy: FaultyProxy
) -> None:
    ids = [fake.world.add(mina, f"@shop {number}").id for number in range(25)]
    fake.world.delete(ids[3])
    proxy.seen.clear()
    assert channel.still_there([*ids, "never-was"]) == set(ids) - {ids[3]}
    assert len(proxy.seen) == 2
    fake.has_batches = False
    assert channel.still_there(ids[:5]) == set(ids[:5]) - {ids[3]}
    proxy.seen.clear()
    assert channel.still_there(ids[:2]) == set(ids[:2])
    assert len(proxy.seen) == 2


def test_a_server_in_trouble_never_looks_like_a_deletion(
    channel: MastodonChannel, fake: MastodonFake, mina: Someone, proxy: FaultyProxy
) -> None:
    post = fake.world.add(mina, "@shop hello")
    faults: list[Answer | Cut] = [Answer(503), Answer(429), Cut.BEFORE, Answer(200, b"<html>")]
    for fault in faults:
        proxy.fail_next("GET /api/v1/statuses", fault)
        with pytest.raises(ChannelError):
            channel.still_there([post.id])
    proxy.fail_next("GET /api/v1/statuses", Answer(200, b'{"error": "odd"}', JSON))
    with pytest.raises(ChannelError):
        channel.still_there([post.id])


def test_the_token_shows_nowhere(
    open_channel: OpenChannel, fake: MastodonFake, mina: Someone, proxy: FaultyProxy
) -> None:
    channel = open_channel()
    mention = mention_of(channel, fake.world.add(mina, "@shop hello").id)
    said = [repr(channel), str(channel), channel.probe(), channel.poll(None).cursor or ""]
    faults: list[Answer | Cut] = [
        Answer(401),
        Answer(403),
        Answer(422),
        Answer(429),
        Answer(500),
        Cut.BEFORE,
        Cut.HALF,
        Answer(200, b"<"),
    ]
    for fault in faults:
        for path, call in ((READ, lambda: channel.poll(None)), ("POST", lambda: channel.reply(answer(mention, "x")))):
            proxy.fail_next(path, fault)
            with pytest.raises(ChannelError) as caught:
                call()
            error = caught.value
            assert (error.__cause__, error.__context__) == (None, None)  # what hangs on an error is printed with it
            said += [str(error), repr(error), repr(vars(error))]
    assert not [line for line in said if TOKEN in line]


def test_a_token_that_is_also_a_files_name_is_still_a_token(
    open_channel: OpenChannel,
    fake: MastodonFake,
    shop: Someone,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("cwd")
    (folder / TOKEN).write_text("another-token\nhttps://elsewhere.invalid\n", encoding="utf-8")
    monkeypatch.chdir(folder)
    assert fake
    assert open_channel().own_author_id == shop.id
