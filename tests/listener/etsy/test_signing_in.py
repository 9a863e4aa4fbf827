"""Keys and sign-ins: both forms of the key, a refresh token that works once and is never lost, and settings that are wrong."""

import errno
import json
import os
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from starlette.responses import JSONResponse

from config.settings import ChannelSettings
from domain.clock import FixedClock
from domain.errors import ChannelError, ConfigError, PermanentError, RetryableError
from domain.ports import ExpiringAccess
from listener import rotating_tokens
from listener.channels.etsy import make_channel
from listener.registry import ChannelContext
from tests.listener.etsy.stage import OpenChannel
from tests.partners.etsy_site import KEYSTRING, SHARED_SECRET, SHOP, SHOP_NAME, EtsySite
from tests.partners.faulty_proxy import Cut, FaultyProxy

SIGN_IN: dict[str, str | None] = {"refresh_token": "refresh-0"}


def stored(tmp_path: Path) -> dict[str, str]:
    pair: dict[str, str] = json.loads((tmp_path / "state" / "shop.etsy.json").read_text(encoding="utf-8"))["pair"]
    return pair


def test_the_key_has_both_parts_where_both_are_given(site: EtsySite, open_channel: OpenChannel) -> None:
    open_channel().poll(None)
    assert site.asked[-1].headers["x-api-key"] == f"{KEYSTRING}:{SHARED_SECRET}"
    open_channel({"keystring": f"{KEYSTRING}:{SHARED_SECRET}\n", "shared_secret": None}).poll(None)
    assert site.asked[-1].headers["x-api-key"] == f"{KEYSTRING}:{SHARED_SECRET}"


def test_the_keystring_alone_works_where_etsy_takes_it(site: EtsySite, open_channel: OpenChannel) -> None:
    channel = open_channel({"shared_secret": None})
    with pytest.raises(PermanentError) as caught:
        channel.poll(None)
    assert caught.value.code == "no_shared_secret"
    assert "secrets.shared_secret" in caught.value.remedy
    site.wants_shared_secret = False
    channel.poll(None)
    assert site.asked[-1].headers["x-api-key"] == KEYSTRING


def test_no_sign_in_is_made_where_none_is_asked_for(site: EtsySite, open_channel: OpenChannel) -> None:
    open_channel().poll(None)
    assert "authorization" not in site.asked[-1].headers
    site.wants_sign_in = True
    with pytest.raises(PermanentError) as caught:
        open_channel().poll(None)
    assert caught.value.code == "signed_out"


def test_a_refresh_token_is_used_once_and_the_new_one_is_kept_for_us_only(
    site: EtsySite, open_channel: OpenChannel, tmp_path: Path
) -> None:
    site.wants_sign_in = True
    open_channel(SIGN_IN).poll(None)
    open_channel(SIGN_IN).poll(None)  # another process, later
    file = tmp_path / "state" / "shop.etsy.json"
    assert site.refreshed == 1
    assert stored(tmp_path)["refresh_token"] == "refresh-1"
    assert file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in file.parent.iterdir() if path.name.startswith(".")] == []


def test_the_end_of_the_sign_in_is_ninety_days_after_its_last_renewal(
    site: EtsySite, open_channel: OpenChannel, clock: FixedClock, tmp_path: Path
) -> None:
    assert open_channel().access_expires_at is None
    site.wants_sign_in = True
    channel = open_channel(SIGN_IN)
    assert isinstance(channel, ExpiringAccess)
    assert channel.access_expires_at is None, "nobody knows how old the token in the settings is"
    channel.poll(None)
    assert channel.access_expires_at == clock.now() + timedelta(days=90)
    clock.advance(timedelta(days=2))
    channel.poll(None)
    assert channel.access_expires_at == clock.now() + timedelta(days=90)
    file = tmp_path / "state" / "shop.etsy.json"
    written = json.loads(file.read_text(encoding="utf-8"))
    del written["pair"]["given_at"]  # by an older Kikite
    file.write_text(json.dumps(written), encoding="utf-8")
    assert open_channel(SIGN_IN).access_expires_at is None


def test_a_token_that_ends_soon_or_was_taken_back_is_renewed(
    site: EtsySite, open_channel: OpenChannel, clock: FixedClock
) -> None:
    site.wants_sign_in = True
    channel = open_channel(SIGN_IN)
    channel.poll(None)
    clock.advance(timedelta(minutes=59))
    channel.poll(None)
    assert site.refreshed == 2
    site.access_tokens.clear()
    channel.poll(None)
    assert site.refreshed == 3


def test_threads_that_need_a_token_at_once_renew_once(site: EtsySite, open_channel: OpenChannel) -> None:
    site.wants_sign_in = True
    channels = [open_channel(SIGN_IN) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        pages = list(pool.map(lambda channel: channel.poll(None), channels))
    assert len(pages) == 4
    assert site.refreshed == 1


def test_a_revoked_sign_in_is_refused_for_good_and_a_new_one_in_the_settings_is_taken(
    site: EtsySite, open_channel: OpenChannel
) -> None:
    site.wants_sign_in = True
    open_channel(SIGN_IN).poll(None)
    site.access_tokens.clear()
    site.refresh_token = "fresh-1"
    with pytest.raises(PermanentError) as caught:
        open_channel(SIGN_IN).poll(None)
    assert caught.value.code == "signed_out"
    open_channel({"refresh_token": "fresh-1"}).poll(None)


def test_without_room_on_disk_etsy_is_not_asked_and_the_token_stays_good(
    site: EtsySite, open_channel: OpenChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.wants_sign_in = True
    channel = open_channel(SIGN_IN)

    def refuse(_path: Path, _written: str) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(rotating_tokens, "_write", refuse)
        with pytest.raises(RetryableError) as caught:
            channel.poll(None)
    assert caught.value.code == "not_saved"
    assert site.refreshed == 0
    channel.poll(None)
    assert site.refreshed == 1


def test_a_disk_that_fails_after_etsy_answered_keeps_the_new_token_in_force_and_saves_it_later(
    site: EtsySite, open_channel: OpenChannel, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    site.wants_sign_in = True
    channel = open_channel(SIGN_IN)

    def fail(*_: object) -> None:
        raise OSError(errno.EIO, "broken")

    with monkeypatch.context() as patch:
        patch.setattr(rotating_tokens.TokenFile, "save", fail)
        channel.poll(None)
    assert site.refreshed == 1
    channel.poll(None)
    assert site.refreshed == 1
    assert stored(tmp_path)["refresh_token"] == "refresh-1"


def test_a_process_stopped_before_the_pair_is_in_place_leaves_the_old_pair_whole(
    site: EtsySite, open_channel: OpenChannel, tmp_path: Path, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.wants_sign_in = True
    open_channel(SIGN_IN).poll(None)
    clock.advance(timedelta(minutes=59))

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", stop)
    with pytest.raises(KeyboardInterrupt):
        open_channel(SIGN_IN).poll(None)
    assert site.refreshed == 2
    assert stored(tmp_path)["refresh_token"] == "refresh-1"


def test_an_unanswered_renewal_may_be_tried_again(site: EtsySite, open_channel: OpenChannel) -> None:
    site.wants_sign_in = True
    with FaultyProxy(site.address) as proxy:
        channel = open_channel(SIGN_IN, token_service=proxy.url)
        proxy.fail_next("/oauth/token", Cut.BEFORE)
        with pytest.raises(RetryableError):
            channel.poll(None)
        channel.poll(None)
        channel.close()
    assert site.refreshed == 1


def test_secrets_show_nowhere(site: EtsySite, open_channel: OpenChannel, caplog: pytest.LogCaptureFixture) -> None:
    site.wants_sign_in = True
    channel = open_channel(SIGN_IN)
    said = [
        repr(channel),
        channel.probe(),
        repr(rotating_tokens.TokenPair(access_token="A", refresh_token="B", ends_at="C")),
    ]
    for body in (f"bad key {KEYSTRING}:{SHARED_SECRET}", "token refresh-1 123.access-1"):
        site.once.append(JSONResponse({"error": body}, status_code=400))
        with pytest.raises(ChannelError) as caught:
            channel.poll(None)
        said += [str(caught.value), repr(caught.value), caught.value.remedy]
    for secret in (KEYSTRING, SHARED_SECRET, "refresh-1", "123.access-1"):
        assert not [line for line in [*said, caplog.text] if secret in line]


def test_the_probe_names_the_shop_and_helps_with_its_name(site: EtsySite, open_channel: OpenChannel) -> None:
    site.review("blue")
    assert open_channel(shop_name=SHOP_NAME).probe() == f"Etsy: {SHOP_NAME} ({SHOP}); 1 reviews; read only"
    assert f"set options.shop_name = '{SHOP_NAME}'" in open_channel().probe()
    with pytest.raises(PermanentError) as caught:
        open_channel(shop_id=1).probe()
    assert caught.value.code == "no_such_shop"


@pytest.mark.parametrize(
    ("options", "secrets", "field"),
    [
        ({}, {"keystring": "a"}, "options.shop_id"),
        ({"shop_id": "MizunaraCoats"}, {"keystring": "a"}, "options.shop_id"),
        ({"shop_id": 1}, {}, "options.keystring"),
        ({"shop_id": 1}, {"keystring": " \n"}, "secrets.keystring"),
        ({"shop_id": 1}, {"keystring": "a b"}, "secrets.keystring"),
        ({"shop_id": 1}, {"keystring": "a", "shared_secret": "鍵"}, "secrets.shared_secret"),
        ({"shop_id": 1, "service": "http://elsewhere.example"}, {"keystring": "a"}, "options.service"),
        ({"shop_id": 1, "shop_name": "a/../b"}, {"keystring": "a"}, "options.shop_name"),
        ({"shop_id": 1, "page_size": 101}, {"keystring": "a"}, "options.page_size"),
        ({"shop_id": 1, "colour": "red"}, {"keystring": "a"}, "options.colour"),
    ],
)
def test_wrong_options_are_named(
    options: dict[str, str | int | float | bool | list[str]],
    secrets: dict[str, str],
    field: str,
    tmp_path: Path,
    clock: FixedClock,
) -> None:
    settings = ChannelSettings(
        name="shop", kind="etsy", options=options, secrets={name: SecretStr(value) for name, value in secrets.items()}
    )
    with pytest.raises(ConfigError) as caught:
        make_channel(settings, ChannelContext(state_dir=tmp_path, clock=clock))
    assert field.partition(".")[2] in str(caught.value)
