"""Signing in on the real network: rarely, and never with a secret in a message."""

import json
import stat
from pathlib import Path

import pytest

from domain.errors import PermanentError
from tests.listener.bluesky.stage import OpenChannel
from tests.partners.bluesky_customer import Customer
from tests.partners.faulty_proxy import Answer, FaultyProxy

pytestmark = pytest.mark.partner


def test_the_session_is_reused_without_a_second_sign_in(
    shop: Customer, open_channel: OpenChannel, proxy: FaultyProxy, tmp_path: Path
) -> None:
    said = open_channel().probe()
    assert said == f"@{shop.handle} ({shop.did}) on {proxy.url}; direct messages: yes"
    again = open_channel()
    assert again.own_author_id == shop.did
    assert again.probe() == said
    assert proxy.count("createSession") == 1
    (file,) = (tmp_path / "sessions").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_an_expired_access_token_is_refreshed_and_kept(
    open_channel: OpenChannel, proxy: FaultyProxy, tmp_path: Path
) -> None:
    open_channel().probe()
    before = stored_session(tmp_path)
    expired = Answer(
        400, b'{"error":"ExpiredToken","message":"Token has expired"}', {"content-type": "application/json"}
    )
    proxy.fail_next("getSession", expired)
    open_channel().probe()
    assert proxy.count("refreshSession") == 1
    assert proxy.count("createSession") == 1
    assert stored_session(tmp_path)["refresh_token"] != before["refresh_token"]


def test_a_broken_stored_session_signs_in_again(open_channel: OpenChannel, proxy: FaultyProxy, tmp_path: Path) -> None:
    open_channel().probe()
    (file,) = (tmp_path / "sessions").iterdir()
    content = json.loads(file.read_text())
    content["session"] |= {"access_token": "nonsense", "refresh_token": "nonsense"}
    file.write_text(json.dumps(content))
    open_channel().probe()
    assert proxy.count("createSession") == 2


def test_a_wrong_password_is_refused_with_the_remedy_and_without_the_secret(open_channel: OpenChannel) -> None:
    channel = open_channel(app_password="aaaa-bbbb-cccc-dddd", folder="wrong")
    for _ in range(2):
        with pytest.raises(PermanentError) as caught:
            channel.poll(None)
        assert caught.value.code == "bad_credentials"
        assert "App passwords" in caught.value.remedy
        assert "aaaa-bbbb" not in f"{caught.value} {caught.value!r} {channel!r}"


def stored_session(tmp_path: Path) -> dict[str, str]:
    (file,) = (tmp_path / "sessions").iterdir()
    session: dict[str, str] = json.loads(file.read_text())["session"]
    return session
