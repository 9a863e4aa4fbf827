"""Signing in, quotas, broken lines and wrong settings: each told as what it is, with what to do about it, without secrets."""

import traceback
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from domain.clock import FixedClock
from domain.errors import ChannelError, ConfigError, PermanentError, RetryableError
from listener.channels.google_play import GooglePlayChannel
from listener.channels.google_play.quota import ALL_READS, ANSWERS, POLL_READS, Quota
from tests.listener.channel_contract import request_for
from tests.listener.google_play.stage import PEM, READ, SEND, SIGN_IN, OpenChannel, key_file
from tests.listener.review_stage import JSON, mention_of, texts
from tests.partners.faulty_proxy import Answer, Cut, FaultyProxy
from tests.partners.google_play_api import ACCOUNT, PACKAGE, GooglePlayApi


def pem_of(key: ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.fixture
def quota(tmp_path: Path, clock: FixedClock) -> Quota:
    return Quota(tmp_path / "state" / "quota.sqlite", clock=clock)


def test_the_probe_names_app_and_account(channel: GooglePlayChannel) -> None:
    assert channel.probe() == f"Google Play: {PACKAGE} as {ACCOUNT}; reviews can be read"


def test_a_token_is_used_until_shortly_before_it_ends(
    play: GooglePlayApi, channel: GooglePlayChannel, clock: FixedClock
) -> None:
    channel.probe()
    clock.advance(timedelta(minutes=54))
    channel.probe()
    assert len(play.tokens) == 1
    clock.advance(timedelta(minutes=2))
    channel.probe()
    assert len(play.tokens) == 2


def test_a_token_that_google_took_back_costs_no_answer(
    play: GooglePlayApi, channel: GooglePlayChannel, clock: FixedClock
) -> None:
    mention = mention_of(channel, play.write("hello"))
    play.tokens.clear()
    clock.advance(timedelta(minutes=5))
    with pytest.raises(RetryableError) as caught:
        channel.reply(request_for(mention))
    assert caught.value.code == "token_over"
    channel.reply(request_for(mention))
    assert len(play.replies) == 1


def test_a_new_token_that_google_does_not_take_is_refused_for_good(
    play: GooglePlayApi, channel: GooglePlayChannel
) -> None:
    play.write("hello")
    channel.probe()
    play.tokens.clear()
    with pytest.raises(PermanentError) as caught:
        channel.poll(None)
    assert (caught.value.code, bool(caught.value.remedy)) == ("token_refused", True)
    assert texts(channel) == ["hello"]


def test_a_deleted_key_is_refused_for_good(play: GooglePlayApi, channel: GooglePlayChannel) -> None:
    play.is_key_known = False
    with pytest.raises(PermanentError) as caught:
        channel.poll(None)
    assert (caught.value.code, bool(caught.value.remedy)) == ("key_refused", True)


@pytest.mark.parametrize(
    "fault", [Answer(503), Answer(429), Answer(200, b"{}", JSON), Answer(200, b'{"access_token": "a\\nb"}'), *Cut]
)
def test_a_sign_in_that_fails_for_now_sends_nothing_and_is_tried_again_later(
    play: GooglePlayApi, open_channel: OpenChannel, proxy: FaultyProxy, fault: Answer | Cut
) -> None:
    mention = mention_of(open_channel(), play.write("hello"))
    channel = open_channel(timeout_seconds=2 if fault is Cut.SILENT else 5)
    proxy.fail_next(SIGN_IN, fault)
    with pytest.raises(RetryableError):
        channel.reply(request_for(mention))
    assert proxy.count(SIGN_IN) == 2  # the first channel's, and one try of the second
    assert proxy.count(SEND) == 0


def test_an_account_that_was_not_invited_is_told_so(play: GooglePlayApi, channel: GooglePlayChannel) -> None:
    play.is_invited = False
    with pytest.raises(PermanentError) as caught:
        channel.poll(None)
    assert caught.value.code == "no_right"
    assert "Play Console" in caught.value.remedy


def test_another_apps_name_is_told(open_channel: OpenChannel) -> None:
    with pytest.raises(PermanentError) as caught:
        open_channel(package_name="com.other.app").probe()
    assert (caught.value.code, "package_name" in caught.value.remedy) == ("gone", True)


@pytest.mark.parametrize(
    ("status", "body", "headers", "code", "wait"),
    [
        (429, b"", {"retry-after": "90"}, "rate_limited", 90),
        (429, b"", {}, "rate_limited", None),
        (403, b'{"error": {"errors": [{"reason": "quotaExceeded"}]}}', {}, "rate_limited", None),
        (403, b'{"error": {"details": [{"reason": "RATE_LIMIT_EXCEEDED"}]}}', {}, "rate_limited", None),
        (503, b"", {"retry-after": "Fri, 20 Nov 2026 03:02:00 GMT"}, "server_error", 120),
        (500, b"", {}, "server_error", None),
    ],
)
def test_what_passes_is_asked_for_again_after_the_time_that_google_names(
    channel: GooglePlayChannel,
    proxy: FaultyProxy,
    status: int,
    body: bytes,
    headers: dict[str, str],
    code: str,
    wait: float | None,
) -> None:
    proxy.fail_next(READ, Answer(status, body, headers))
    with pytest.raises(RetryableError) as caught:
        channel.poll(None)
    assert (caught.value.code, caught.value.retry_after_seconds) == (code, wait)


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (403, b'{"error": {"errors": [{"reason": "accessNotConfigured"}]}}', "api_off"),
        (403, b'{"error": {"details": [{"reason": "SERVICE_DISABLED"}]}}', "api_off"),
        (403, b"", "no_right"),
        (404, b"", "gone"),
        (400, b"", "refused"),
        (302, b"", "refused"),
    ],
)
def test_what_never_works_has_a_stable_code_and_a_remedy(
    channel: GooglePlayChannel, proxy: FaultyProxy, status: int, body: bytes, code: str
) -> None:
    proxy.fail_next(READ, Answer(status, body, {**JSON, "location": "http://127.0.0.2/"}))
    with pytest.raises(PermanentError) as caught:
        channel.poll(None)
    assert (caught.value.code, bool(caught.value.remedy)) == (code, True)


@pytest.mark.parametrize("cut", list(Cut))
def test_a_torn_page_is_read_again_and_nothing_is_lost(
    play: GooglePlayApi, open_channel: OpenChannel, proxy: FaultyProxy, cut: Cut
) -> None:
    play.write("hello")
    channel = open_channel(timeout_seconds=2 if cut is Cut.SILENT else 5)
    proxy.fail_next(READ, cut)
    with pytest.raises(RetryableError):
        channel.poll(None)
    assert texts(channel) == ["hello"]


# -- Google's limits ---------------------------------------------------------------------------------------------------


def test_polls_leave_reads_for_answers_and_go_on_when_the_oldest_is_an_hour_old(
    quota: Quota, clock: FixedClock
) -> None:
    for _ in range(POLL_READS):
        quota.take_read(polls=True)
    clock.advance(timedelta(minutes=50))
    with pytest.raises(RetryableError) as caught:
        quota.take_read(polls=True)
    assert caught.value.retry_after_seconds == pytest.approx(600, abs=1)
    for _ in range(ALL_READS - POLL_READS):
        quota.take_read()
    with pytest.raises(RetryableError):
        quota.take_read()
    clock.advance(timedelta(minutes=10))
    quota.take_read(polls=True)


def test_a_clock_that_is_set_back_is_not_waited_for(quota: Quota, clock: FixedClock) -> None:
    clock.advance(timedelta(days=30))
    for _ in range(POLL_READS):
        quota.take_read(polls=True)
    clock.advance(timedelta(seconds=-5))  # another thread's notes, made while we waited for the file
    with pytest.raises(RetryableError):
        quota.take_read(polls=True)
    clock.advance(timedelta(days=-30))
    quota.take_read(polls=True)


def test_answers_stop_before_the_days_limit(quota: Quota, clock: FixedClock, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ANSWERS < 2000
    monkeypatch.setattr("listener.channels.google_play.quota.ANSWERS", 20)
    for _ in range(20):
        quota.take_answer()
    with pytest.raises(RetryableError) as caught:
        quota.take_answer()
    assert caught.value.code == "quota"
    clock.advance(timedelta(days=1))
    quota.take_answer()


def test_a_channel_never_meets_googles_own_limit(
    play: GooglePlayApi, open_channel: OpenChannel, clock: FixedClock, tmp_path: Path
) -> None:
    mention = mention_of(open_channel(), play.write("hello"))
    shared = Quota(tmp_path / "state" / f"google_play.{PACKAGE}.sqlite", clock=clock)
    for _ in range(POLL_READS - 1):
        shared.take_read(polls=True)  # another process polls
    before = len(play.reads)
    with pytest.raises(RetryableError) as caught:
        open_channel().poll(None)
    assert caught.value.code == "quota"
    assert len(play.reads) == before
    open_channel().reply(request_for(mention))


def test_a_file_of_counts_that_is_torn_or_cannot_be_written_stops_nothing(
    play: GooglePlayApi, open_channel: OpenChannel, tmp_path: Path
) -> None:
    play.write("hello")
    file = tmp_path / "state" / f"google_play.{PACKAGE}.sqlite"
    file.parent.mkdir()
    file.write_bytes(b"no database" * 100)
    assert texts(open_channel()) == ["hello"]
    file.unlink(missing_ok=True)
    file.mkdir()
    assert texts(open_channel()) == ["hello"]


# -- settings and secrets ----------------------------------------------------------------------------------------------


def test_no_error_carries_the_key_or_a_token_anywhere(
    play: GooglePlayApi, channel: GooglePlayChannel, proxy: FaultyProxy
) -> None:
    said = [repr(channel), str(channel), channel.probe()]
    for path, fault in (
        (READ, Cut.BEFORE),
        (READ, Cut.HALF),
        (READ, Answer(401)),
        (SIGN_IN, Answer(400)),
        (READ, Answer(500)),
    ):
        proxy.fail_next(path, fault)
        with pytest.raises(ChannelError) as caught:
            channel.poll(None)
        assert caught.value.__context__ is None
        said += [repr(caught.value), *traceback.format_exception(caught.value)]
    secrets = [*PEM.splitlines()[1:-1], *play.tokens]
    assert not [line for line in said for secret in secrets if secret in line]


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"package_name": "mizunara"}, "package_name"),
        ({"package_name": "a.b/../c"}, "package_name"),
        ({"service": "http://elsewhere.example"}, "service"),
        ({"page_size": 101}, "page_size"),
        ({"first_poll_days": 8}, "first_poll_days"),
        ({"search": "x"}, "search"),
    ],
)
def test_wrong_options_are_named(open_channel: OpenChannel, options: dict[str, Any], field: str) -> None:
    with pytest.raises(ConfigError) as caught:
        open_channel(**options)
    assert f"channel.android.options.{field}" in str(caught.value)


@pytest.mark.parametrize(
    "changed",
    [
        {"type": "authorized_user"},
        {"private_key": "no key"},
        {"private_key": ""},
        {"private_key": PEM[:200]},
        {"private_key": pem_of(ec.generate_private_key(ec.SECP256R1()))},
        {"private_key": pem_of(ed25519.Ed25519PrivateKey.generate())},
        {"client_email": ""},
        {"token_uri": "http://elsewhere.example/token"},
        {"token_uri": None},
    ],
)
def test_a_key_file_that_is_none_is_named_and_not_repeated(open_channel: OpenChannel, changed: dict[str, Any]) -> None:
    with pytest.raises(ConfigError) as caught:
        open_channel(key=key_file("http://127.0.0.1:9", **changed))
    assert "channel.android.secrets.service_account" in str(caught.value)
    assert "PRIVATE" not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("key", ["no json", "{}", "[]", PEM])
def test_a_file_that_is_no_key_file_at_all_is_named(open_channel: OpenChannel, key: str) -> None:
    with pytest.raises(ConfigError) as caught:
        open_channel(key=key)
    assert "channel.android.secrets.service_account" in str(caught.value)
    assert key not in str(caught.value) or len(key) < 5


def test_a_missing_extra_is_named_with_the_way_to_get_it(
    open_channel: OpenChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("listener.channel_options.find_spec", lambda name: None if name == "google.auth" else object())
    with pytest.raises(ConfigError) as caught:
        open_channel()
    assert "pip install 'kikite[google_play]'" in caught.value.remedy
