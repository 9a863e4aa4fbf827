"""Quotas, refusals, sign-ins that end and broken lines: each told as what it is, with what to do about it."""

import socket
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from domain.clock import FixedClock
from domain.errors import ChannelError, PermanentError, RetryableError
from domain.mentions import IncomingMention
from listener.channels.youtube import YouTubeChannel
from listener.channels.youtube.meter import Meter, Used
from listener.channels.youtube.pacific import seconds_until_midnight
from listener.channels.youtube.refusals import Refusal, explain_refusal
from tests.listener.youtube.stage import (
    API_KEY,
    CLIENT_SECRET,
    JSON,
    NOW,
    REFRESH_TOKEN,
    SEND,
    THREADS,
    OpenChannel,
    answer,
    google_error,
    mention_of,
)
from tests.partners.faulty_proxy import Answer, Cut, FaultyProxy
from tests.partners.youtube_app import YouTubeFake
from tests.partners.youtube_world import Person, Video

HOUR = 3600
TOKEN = "POST /token"


@pytest.mark.parametrize(
    ("now", "hours"),
    [
        (datetime(2026, 11, 20, 12, 0, tzinfo=UTC), 20),
        (datetime(2026, 7, 1, 12, 0, tzinfo=UTC), 19),
        (datetime(2026, 11, 20, 8, 0, tzinfo=UTC), 24),
        (datetime(2026, 11, 1, 7, 0, tzinfo=UTC), 25),
        (datetime(2026, 3, 8, 8, 0, tzinfo=UTC), 23),
    ],
)
def test_googles_day_ends_at_midnight_in_california_summer_and_winter(now: datetime, hours: int) -> None:
    assert seconds_until_midnight(now) == hours * HOUR


@pytest.mark.parametrize(
    ("status", "reason", "code"),
    [
        (401, "authError", "token_refused"),
        (401, "youtubeSignupRequired", "no_channel"),
        (403, "insufficientPermissions", "missing_scope"),
        (403, "accessNotConfigured", "api_disabled"),
        (403, "ineligibleAccount", "no_channel"),
        (403, "authenticatedUserAccountSuspended", "account_closed"),
        (403, "commentsDisabled", "comments_disabled"),
        (403, "forbidden", "refused"),
        (400, "keyInvalid", "bad_key"),
        (400, "commentTextTooLong", "too_long"),
        (400, "operationNotSupported", "replies_not_allowed"),
        (400, "parentCommentIsPrivate", "replies_not_allowed"),
        (400, "invalidPageToken", "page_lost"),
        (404, "parentCommentNotFound", "gone"),
        (404, "", "gone"),
        (302, "", "moved"),
    ],
)
def test_every_refusal_for_good_has_a_stable_code(status: int, reason: str, code: str) -> None:
    body = {"error": {"message": "no", "errors": [{"reason": reason}]}}
    error = explain_refusal(Refusal(status=status, body=body), sends=True, now=NOW)
    assert isinstance(error, PermanentError)
    assert error.code == code


@pytest.mark.parametrize(
    ("status", "body", "headers", "code", "seconds"),
    [
        (403, {"errors": [{"reason": "quotaExceeded"}]}, {}, "quota_used_up", 20 * HOUR),
        (403, {"errors": [{"reason": "dailyLimitExceeded"}]}, {}, "quota_used_up", 20 * HOUR),
        (
            429,
            {"details": [{"reason": "RATE_LIMIT_EXCEEDED", "metadata": {"quota_limit": "defaultPerDayPerProject"}}]},
            {},
            "quota_used_up",
            20 * HOUR,
        ),
        (
            429,
            {"details": [{"reason": "RATE_LIMIT_EXCEEDED", "metadata": {"quota_limit": "defaultPerMinutePerProject"}}]},
            {},
            "rate_limited",
            60,
        ),
        (403, {"errors": [{"reason": "userRateLimitExceeded"}]}, {}, "rate_limited", 60),
        (403, {"errors": [{"reason": "rateLimitExceeded"}]}, {"retry-after": "7"}, "rate_limited", 7),
        (429, None, {"retry-after": "9"}, "rate_limited", 9),
        (429, None, {}, "rate_limited", 60),
    ],
)
def test_limits_say_how_long_to_wait(
    status: int, body: object, headers: dict[str, str], code: str, seconds: float
) -> None:
    refusal = Refusal(status=status, body={"error": body}, headers=headers)
    for sends in (False, True):
        error = explain_refusal(refusal, sends=sends, now=NOW)
        assert isinstance(error, RetryableError)
        assert (error.code, error.retry_after_seconds) == (code, seconds)


def test_googles_own_words_are_repeated_briefly_and_on_one_line() -> None:
    error = explain_refusal(Refusal(status=400, body={"error": {"message": "no\n" * 500}}), sends=False, now=NOW)
    assert len(error.message) < 250
    assert "\n" not in error.message


def test_a_project_whose_quota_is_used_up_waits_for_googles_next_day(
    channel: YouTubeChannel, mention: IncomingMention, fake: YouTubeFake, clock: FixedClock
) -> None:
    fake.units_a_day = 0
    for call in (lambda: channel.poll(None), lambda: channel.reply(answer(mention, "Thank you!"))):
        with pytest.raises(RetryableError) as caught:
            call()
        assert (caught.value.code, caught.value.retry_after_seconds) == ("quota_used_up", 20 * HOUR)
    fake.units_a_day = 10_000
    clock.advance(timedelta(hours=20))
    assert channel.poll(None).mentions


def test_reading_stops_at_its_units_and_replies_still_leave(
    open_channel: OpenChannel, fake: YouTubeFake, mina: Person, video: Video, clock: FixedClock
) -> None:
    channel = open_channel(daily_units=100)
    mention = mention_of(channel, fake.world.add(mina, "hello", video=video).id)
    for _ in range(98):
        channel.poll(None)
    for reader in (channel, open_channel(daily_units=100)):  # another process counts on
        with pytest.raises(RetryableError) as caught:
            reader.poll(None)
        assert (caught.value.code, caught.value.retry_after_seconds) == ("units_used_up", 20 * HOUR)
        assert "daily_units" in caught.value.remedy
    assert fake.units[NOW.date()] == 100
    assert channel.reply(answer(mention, "Thank you!")).external_id
    assert "units today: 102 of 100 for reading, 50 for replies" in channel.probe()
    clock.advance(timedelta(hours=20))
    assert channel.poll(None).mentions


def test_a_torn_or_forbidden_meter_stops_nothing(tmp_path: Path, clock: FixedClock) -> None:
    torn = tmp_path / "torn.sqlite"
    torn.write_bytes(b"no database at all" * 100)
    meter = Meter(torn, clock=clock, daily_units=100)
    for _ in range(3):
        meter.charge_read()
    assert meter.used().read >= 2
    nowhere = Meter(tmp_path / "torn.sqlite" / "below", clock=clock, daily_units=2)
    nowhere.charge_read()
    nowhere.charge_read()
    with pytest.raises(RetryableError):
        nowhere.require_room()


def test_units_that_a_full_disk_refuses_are_counted_all_the_same_and_written_later(
    tmp_path: Path, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, write = tmp_path / "meter.sqlite", Meter._add_to_file
    Meter(path, clock=clock, daily_units=100).charge_read()
    meter = Meter(path, clock=clock, daily_units=5)

    def refuse_more(self: Meter, today: str, more: Used) -> Used:
        if more != Used():  # what changes nothing needs no room
            raise sqlite3.OperationalError
        return write(self, today, more)

    with monkeypatch.context() as full_disk:
        full_disk.setattr(Meter, "_add_to_file", refuse_more)
        meter.require_room()
        for _ in range(4):
            meter.charge_read()
        meter.charge_send()
        with pytest.raises(RetryableError):
            meter.require_room()
    meter.charge_read()
    assert Meter(path, clock=clock, daily_units=100).used() == Used(read=6, sent=50)


def test_an_access_token_that_ends_is_renewed_before_and_after_it_is_refused(
    channel: YouTubeChannel, mention: IncomingMention, fake: YouTubeFake, proxy: FaultyProxy, clock: FixedClock
) -> None:
    assert proxy.count(TOKEN) == 1
    clock.advance(timedelta(minutes=59))
    assert channel.poll(None).mentions
    assert proxy.count(TOKEN) == 2
    fake.access_tokens.clear()
    assert channel.poll(None).mentions
    assert proxy.count(TOKEN) == 3
    fake.access_tokens.clear()
    with pytest.raises(RetryableError) as caught:  # a send leaves once: the next try has another token
        channel.reply(answer(mention, "Thank you!"))
    assert (caught.value.code, caught.value.retry_after_seconds) == ("token_refused", 1)
    assert channel.reply(answer(mention, "Thank you!")).external_id
    assert proxy.count(SEND) == 2


def test_a_revoked_sign_in_says_how_to_make_another(
    channel: YouTubeChannel, mention: IncomingMention, fake: YouTubeFake
) -> None:
    fake.refresh_tokens.clear()
    fake.access_tokens.clear()
    with pytest.raises(RetryableError):
        channel.reply(answer(mention, "Thank you!"))
    for call in (lambda: channel.poll(None), channel.probe, lambda: channel.reply(answer(mention, "Thank you!"))):
        with pytest.raises(PermanentError) as caught:
            call()
        assert caught.value.code == "signed_out"
        assert "production" in caught.value.remedy


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Answer(500), "server_error"),
        (Answer(400, b'{"error": "temporarily_unavailable"}', JSON), "server_error"),
        (Answer(429, b"", {"retry-after": "5"}), "rate_limited"),
        (Answer(200, b"<html>"), "no_answer"),
        (Answer(200, b'{"access_token": 7, "expires_in": 3599}', JSON), "no_answer"),
        (Answer(200, b'{"access_token": "x", "expires_in": 1' + b"0" * 30 + b"}", JSON), "no_answer"),
        (Answer(200, b'{"access_token": "x", "expires_in": -5}', JSON), "no_answer"),
        (Answer(200, rb'{"access_token": "x\ud83d\n", "expires_in": 3599}', JSON), "no_answer"),
        (Answer(200, '{"access_token": "x", "expires_in": 3599}'.encode("utf-16"), JSON), "no_answer"),
        (Cut.BEFORE, "no_answer"),
    ],
)
def test_a_sign_in_in_trouble_is_asked_once_and_again_later(
    open_channel: OpenChannel, proxy: FaultyProxy, fault: Answer | Cut, code: str
) -> None:
    channel = open_channel()
    proxy.fail_next(TOKEN, fault)
    with pytest.raises(RetryableError) as caught:
        channel.poll(None)
    assert caught.value.code == code
    assert proxy.count(TOKEN) == 1
    assert channel.own_author_id


def test_a_wrong_client_a_wrong_key_a_missing_scope_and_no_channel_are_told_apart(
    open_channel: OpenChannel, fake: YouTubeFake, shop: Person, mina: Person
) -> None:
    fake.sign_in(shop, "narrow", "https://www.googleapis.com/auth/youtube.readonly")
    fake.sign_in(mina, "of-mina")
    channels = [
        (open_channel(client_id="another"), "signed_out"),
        (open_channel(key="AIza-wrong"), "bad_key"),
        (open_channel(token="narrow"), "missing_scope"),
        (open_channel(token="of-mina", channel=shop.id), "other_account"),
        (open_channel(key=API_KEY, channel="UC" + "0" * 22), "no_channel"),
    ]
    for channel, code in channels:
        with pytest.raises(PermanentError) as caught:
            channel.probe()
        assert (caught.value.code, bool(caught.value.remedy)) == (code, True)
    shop.has_channel = False
    with pytest.raises(PermanentError) as caught:
        open_channel().probe()
    assert caught.value.code == "no_channel"


def test_a_probe_says_who_we_are_what_is_read_and_what_it_costs(open_channel: OpenChannel, theirs: Video) -> None:
    said = open_channel(videos=[theirs.id], search=["coat", "コート"]).probe()
    assert "Shop (@shop, UCshop" in said
    assert "and on others' videos: 1; replies: yes; units today: 3 of 8000 for reading" in said
    assert said.endswith("a quiet poll takes 3")
    assert "replies: no" in open_channel(key=API_KEY).probe()


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_platform_in_trouble_is_asked_again_later(channel: YouTubeChannel, proxy: FaultyProxy, status: int) -> None:
    assert channel.own_author_id
    proxy.fail_next(THREADS, Answer(status, b"<html>", {"retry-after": "7"}))
    with pytest.raises(RetryableError) as caught:
        channel.poll(None)
    assert (caught.value.code, caught.value.retry_after_seconds) == ("server_error", 7)


@pytest.mark.parametrize("body", [b"", b"<html>", b"{}", b"null", b'{"items": []}', b'{"error": 1}', b"[" * 100_000])
def test_an_answer_of_another_shape_is_no_answer(channel: YouTubeChannel, proxy: FaultyProxy, body: bytes) -> None:
    assert channel.own_author_id
    proxy.fail_next(THREADS, Answer(200, body, JSON))
    with pytest.raises(RetryableError) as caught:
        channel.poll(None)
    assert caught.value.code == "no_answer"


def test_a_silent_platform_is_given_up_in_time(
    open_channel: OpenChannel, mention: IncomingMention, proxy: FaultyProxy
) -> None:
    hasty = open_channel(timeout_seconds=2)
    assert hasty.own_author_id
    for path, call in ((THREADS, lambda: hasty.poll(None)), (SEND, lambda: hasty.reply(answer(mention, "hello")))):
        proxy.fail_next(path, Cut.SILENT)
        with pytest.raises(ChannelError) as caught:
            call()
        assert caught.value.code == "no_answer"


@pytest.mark.parametrize("option", ["api_url", "sign_in_url"])
def test_a_platform_that_cannot_be_reached_surely_did_nothing(
    open_channel: OpenChannel, mention: IncomingMention, option: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        nobody = f"http://127.0.0.1:{free.getsockname()[1]}"
    away = open_channel(**{option: nobody})
    for call in (lambda: away.poll(None), away.probe, lambda: away.reply(answer(mention, "hello"))):
        with pytest.raises(RetryableError) as caught:
            call()
        assert caught.value.code == "unreachable"


def test_no_secret_shows_anywhere(
    open_channel: OpenChannel, mention: IncomingMention, proxy: FaultyProxy, fake: YouTubeFake
) -> None:
    channel = open_channel()
    said = [repr(channel), str(channel), channel.probe(), channel.poll(None).cursor or "", repr(channel._options)]
    faults: list[Answer | Cut] = [
        Answer(400),
        Answer(401),
        Answer(403, google_error("forbidden"), JSON),
        Answer(429),
        Answer(500),
        Cut.HALF,
    ]
    for fault in faults:
        for path, times, call in (
            (THREADS, 2, lambda: channel.poll(None)),
            (SEND, 1, lambda: channel.reply(answer(mention, "x"))),
            (TOKEN, 1, lambda: open_channel().poll(None)),
        ):
            proxy.fail_next(path, fault, times=times if fault == Answer(401) else 1)
            with pytest.raises(ChannelError) as caught:
                call()
            error = caught.value
            assert (error.__cause__, error.__context__) == (None, None)  # what hangs on an error is printed with it
            said += [str(error), repr(error), repr(vars(error))]
    secrets = (REFRESH_TOKEN, CLIENT_SECRET, API_KEY, *fake.access_tokens)
    assert not [line for line in said for secret in secrets if secret in line]
    assert not [line for line in proxy.seen for secret in secrets if secret in line]
