"""Keys, limits, broken lines and wrong settings: each told as what it is, with what to do about it, and without secrets."""

import traceback
from datetime import timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from domain.clock import FixedClock
from domain.errors import ChannelError, ConfigError, PermanentError, RetryableError
from listener.channels.app_store import AppStoreChannel
from tests.listener.app_store.stage import PEM, READ, OpenChannel
from tests.listener.review_stage import JSON, texts
from tests.partners.app_store_connect import ISSUER, KEY_ID, AppStoreConnect
from tests.partners.faulty_proxy import Answer, Cut, FaultyProxy


def pem(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def test_the_token_is_signed_as_apple_asks_and_lives_for_minutes(
    store: AppStoreConnect, channel: AppStoreChannel, clock: FixedClock
) -> None:
    channel.probe()
    said = jwt.decode(store.tokens[0], options={"verify_signature": False})
    assert jwt.get_unverified_header(store.tokens[0])["kid"] == KEY_ID
    assert (said["iss"], said["aud"]) == (ISSUER, "appstoreconnect-v1")
    assert 0 < said["exp"] - said["iat"] <= 20 * 60
    by_apples_clock = clock.now() - timedelta(seconds=30)
    assert said["iat"] <= by_apples_clock.timestamp()
    clock.advance(timedelta(minutes=11))
    channel.probe()
    assert len(set(store.tokens)) == 1
    clock.advance(timedelta(minutes=2))
    channel.probe()
    assert len(set(store.tokens)) == 2


def test_a_revoked_key_is_refused_for_good_and_works_once_it_is_taken_again(
    store: AppStoreConnect, channel: AppStoreChannel
) -> None:
    store.write("hello")
    store.is_revoked = True
    with pytest.raises(PermanentError) as caught:
        channel.poll(None)
    assert caught.value.code == "key_refused"
    store.is_revoked = False
    assert texts(channel) == ["hello"]


def test_another_apps_id_is_told(open_channel: OpenChannel) -> None:
    with pytest.raises(PermanentError) as caught:
        open_channel(app_id="99").probe()
    assert caught.value.code == "gone"
    assert "app_id" in caught.value.remedy


def test_the_probe_names_the_app_and_what_is_left(channel: AppStoreChannel) -> None:
    assert channel.probe() == (
        "App Store: Mizunara (example.mizunara.app, 1234567890); reviews can be read; requests left this hour: 3598"
    )


def test_polls_stop_before_the_hours_requests_are_used_up_and_go_on_later(
    store: AppStoreConnect, channel: AppStoreChannel, clock: FixedClock
) -> None:
    store.write("hello")
    store.hour_limit = 50
    cursor = channel.poll(None).cursor
    with pytest.raises(RetryableError) as caught:
        channel.poll(cursor)
    assert (caught.value.code, caught.value.retry_after_seconds) == ("rate_limited", 300)
    assert len(store.asked) == 1
    assert channel.still_there(list(store.reviews))  # a look at a review is still allowed
    clock.advance(timedelta(minutes=61))
    store.hour_limit = 3600
    channel.poll(cursor)


@pytest.mark.parametrize(
    ("status", "headers", "code", "wait"),
    [
        (429, {"retry-after": "90"}, "rate_limited", 90),
        (429, {}, "rate_limited", None),
        (429, {"x-rate-limit": "user-hour-lim:3600;user-hour-rem:0;"}, "rate_limited", 600),
        (429, {"x-rate-limit": "user-hour-lim:3600;user-hour-rem:3000;"}, "rate_limited", 60),
        (429, {"x-rate-limit": "nonsense"}, "rate_limited", None),
        (503, {"retry-after": "Fri, 20 Nov 2026 03:02:00 GMT"}, "server_error", 120),
        (500, {}, "server_error", None),
        (408, {}, "server_error", None),
    ],
)
def test_what_passes_is_asked_for_again_after_the_time_that_apple_names(
    channel: AppStoreChannel, proxy: FaultyProxy, status: int, headers: dict[str, str], code: str, wait: float | None
) -> None:
    proxy.fail_next(READ, Answer(status, b"", headers))
    with pytest.raises(RetryableError) as caught:
        channel.poll(None)
    assert (caught.value.code, caught.value.retry_after_seconds) == (code, wait)


@pytest.mark.parametrize(("status", "code"), [(401, "key_refused"), (403, "no_right"), (404, "gone"), (302, "refused")])
def test_what_never_works_has_a_stable_code_and_a_remedy(
    channel: AppStoreChannel, proxy: FaultyProxy, status: int, code: str
) -> None:
    words = b'{"errors": [{"detail": "no\\n' + b"x" * 900 + b'"}]}'
    proxy.fail_next(READ, Answer(status, words, {**JSON, "location": "http://127.0.0.2/"}))
    with pytest.raises(PermanentError) as caught:
        channel.poll(None)
    assert caught.value.code == code
    assert caught.value.remedy
    assert len(caught.value.message) < 300
    assert "\n" not in caught.value.message


@pytest.mark.parametrize("cut", list(Cut))
def test_a_torn_page_is_read_again_and_nothing_is_lost(
    store: AppStoreConnect, open_channel: OpenChannel, proxy: FaultyProxy, cut: Cut
) -> None:
    store.write("hello")
    channel = open_channel(timeout_seconds=2 if cut is Cut.SILENT else 5)
    proxy.fail_next(READ, cut)
    with pytest.raises(RetryableError):
        channel.poll(None)
    assert texts(channel) == ["hello"]


def test_a_service_that_cannot_be_reached_is_told(open_channel: OpenChannel) -> None:
    channel = open_channel(service="http://127.0.0.1:9")
    with pytest.raises(RetryableError) as caught:
        channel.poll(None)
    assert caught.value.code == "unreachable"


def test_no_error_carries_the_key_or_a_token_anywhere(
    store: AppStoreConnect, channel: AppStoreChannel, proxy: FaultyProxy
) -> None:
    said = [repr(channel), str(channel)]
    for fault in (Cut.BEFORE, Cut.HALF, Answer(401), Answer(500), Answer(403, b"{}", JSON)):
        proxy.fail_next(READ, fault)
        with pytest.raises(ChannelError) as caught:
            channel.poll(None)
        assert caught.value.__context__ is None
        said += [repr(caught.value), *traceback.format_exception(caught.value)]
    secrets = [*PEM.splitlines()[1:-1], *filter(None, store.tokens)]
    assert secrets
    assert not [line for line in said for secret in secrets if secret in line]


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"app_id": "com.example"}, "options.app_id"),
        ({"app_id": ""}, "options.app_id"),
        ({"issuer_id": "me"}, "options.issuer_id"),
        ({"key_id": "a/b"}, "options.key_id"),
        ({"service": "http://elsewhere.example"}, "options.service"),
        ({"page_size": 201}, "options.page_size"),
        ({"reread_days": -1}, "options.reread_days"),
        ({"search": "x"}, "options.search"),
    ],
)
def test_wrong_options_are_named(open_channel: OpenChannel, options: dict[str, Any], field: str) -> None:
    with pytest.raises(ConfigError) as caught:
        open_channel(**options)
    assert f"channel.ios.{field}" in str(caught.value)


@pytest.mark.parametrize(
    "key",
    [
        "no key",
        PEM[:60],
        pem(ec.generate_private_key(ec.SECP384R1())),
        pem(rsa.generate_private_key(public_exponent=65537, key_size=2048)),
    ],
)
def test_a_file_that_is_no_p8_key_is_named_and_not_repeated(open_channel: OpenChannel, key: str) -> None:
    with pytest.raises(ConfigError) as caught:
        open_channel(key=key)
    assert "channel.ios.secrets.private_key" in str(caught.value)
    assert key not in str(caught.value)


def test_the_app_id_may_be_written_as_a_number(open_channel: OpenChannel) -> None:
    assert open_channel(app_id=1234567890).probe()


def test_a_key_file_with_spaces_around_it_is_taken(store: AppStoreConnect, open_channel: OpenChannel) -> None:
    store.write("hello")
    assert texts(open_channel(key=f"\n{PEM}\r\n ")) == ["hello"]


def test_a_missing_extra_is_named_with_the_way_to_get_it(
    open_channel: OpenChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("listener.channel_options.find_spec", lambda name: None if name == "jwt" else object())
    with pytest.raises(ConfigError) as caught:
        open_channel()
    assert "pip install 'kikite[app_store]'" in caught.value.remedy
