"""Keys and tokens: refreshed once, kept safe, never shown."""

import errno
import json
import logging
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from domain.errors import ChannelError, ConfigError, PermanentError, RetryableError, SendUncertainError
from listener.rotating_tokens import TokenPair
from tests.listener.channel_contract import request_for
from tests.listener.x.stage import Stage, read_mentions
from tests.partners.faulty_proxy import Answer, Cut


def stored(stage: Stage) -> dict[str, str]:
    pair: dict[str, str] = json.loads((stage.home / "state" / "shop.x.json").read_text(encoding="utf-8"))["pair"]
    return pair


def test_a_refresh_token_is_used_once_and_the_new_one_is_kept_for_us_only(stage: Stage) -> None:
    stage.open(oauth2=True).probe()
    stage.open(oauth2=True).probe()  # another process, later

    file = stage.home / "state" / "shop.x.json"
    assert stage.server.door.refreshed == 1
    assert stored(stage)["refresh_token"] == "refresh-1"
    assert file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in file.parent.iterdir() if path.name.startswith(".")] == []


def test_a_token_that_ends_soon_is_refreshed_before_it_is_used(stage: Stage) -> None:
    channel = stage.open(oauth2=True)
    channel.probe()
    stage.clock.advance(timedelta(hours=1, minutes=59))
    channel.probe()

    assert stage.server.door.refreshed == 2
    assert [one.status for one in stage.server.exchanges if one.status == 401] == []


def test_a_token_that_x_took_back_is_refreshed_and_the_reply_leaves_once(stage: Stage) -> None:
    channel = stage.open(oauth2=True)
    stage.world.post("The coat is blue.")
    (mention,) = read_mentions(channel)
    stage.server.door.access_tokens.clear()

    channel.reply(request_for(mention))

    assert stage.server.door.refreshed == 2
    assert len(stage.world.our_posts()) == 1


def test_threads_that_need_a_new_token_at_once_refresh_once(stage: Stage) -> None:
    channels = [stage.open(oauth2=True) for _ in range(4)]

    with ThreadPoolExecutor(4) as pool:
        said = list(pool.map(lambda channel: channel.probe(), channels))

    assert len(said) == 4
    assert stage.server.door.refreshed == 1


def test_a_confidential_client_shows_its_secret(stage: Stage) -> None:
    stage.server.door.keys.client_secret = "client-secret-1"

    assert stage.open(oauth2=True, secrets={"client_secret": "client-secret-1"}).probe()
    with pytest.raises(PermanentError):
        stage.open(oauth2=True, client_id="another").probe()


def test_a_new_sign_in_in_the_settings_replaces_the_stored_one(stage: Stage) -> None:
    stage.open(oauth2=True).probe()
    stage.server.door.revoke()
    stage.server.door.keys.client_id, stage.server.door.keys.refresh_token = "client-1", "fresh-1"

    assert stage.open(oauth2=True, secrets={"refresh_token": "fresh-1"}).probe()


def test_a_torn_token_file_falls_back_to_the_settings(stage: Stage) -> None:
    (stage.home / "state").mkdir()
    (stage.home / "state" / "shop.x.json").write_text('{"origin": "', encoding="utf-8")

    assert stage.open(oauth2=True).probe()


def full_disk(*_given: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def left_over(stage: Stage) -> list[str]:
    return [path.name for path in (stage.home / "state").iterdir() if path.name.startswith(".token-")]


def test_a_full_disk_costs_no_refresh_token(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    channel = stage.open(oauth2=True)
    with monkeypatch.context() as disk:
        disk.setattr("os.fsync", full_disk)
        with pytest.raises(RetryableError) as caught:
            channel.probe()
    assert caught.value.code == "not_saved"
    assert "No space left" in str(caught.value)
    assert stage.server.door.refreshed == 0
    assert left_over(stage) == []

    assert channel.probe()


def test_a_state_folder_that_cannot_be_made_is_told(stage: Stage) -> None:
    (stage.home / "state").write_text("a file where the folder should be", encoding="utf-8")

    with pytest.raises(RetryableError) as caught:
        stage.open(oauth2=True).probe()
    assert caught.value.code == "not_saved"
    assert stage.server.door.refreshed == 0


def test_a_disk_that_fills_up_during_a_refresh_leaves_us_signed_in(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = stage.open(oauth2=True)
    channel.probe()
    stage.clock.advance(timedelta(hours=2))
    with monkeypatch.context() as disk:
        disk.setattr("pathlib.Path.replace", full_disk)
        assert channel.probe()
        assert channel.probe()
    assert (stage.server.door.refreshed, stored(stage)["refresh_token"]) == (2, "refresh-1")
    assert left_over(stage) == []

    channel.probe()

    assert (stage.server.door.refreshed, stored(stage)["refresh_token"]) == (2, "refresh-2")


@pytest.mark.parametrize("fault", [Cut.BEFORE, Cut.HALF, Answer(503, b""), Answer(429, b"{}"), Answer(200, b"<html>")])
def test_a_refresh_that_fails_is_tried_later_and_sends_nothing(stage: Stage, fault: Cut | Answer) -> None:
    stage.world.post("The coat is blue.")
    (mention,) = read_mentions(stage.open())
    channel = stage.open(oauth2=True)
    stage.proxy.fail_next("/oauth2/token", fault)

    with pytest.raises(RetryableError):
        channel.reply(request_for(mention))
    assert stage.world.our_posts() == []


@pytest.mark.parametrize("oauth2", [True, False])
def test_revoked_rights_are_permanent_and_name_the_remedy(stage: Stage, *, oauth2: bool) -> None:
    channel = stage.open(oauth2=oauth2)
    channel.probe()
    stage.server.door.revoke()

    for ask in (channel.probe, lambda: channel.poll(None)):
        with pytest.raises(PermanentError) as caught:
            ask()
        assert caught.value.code in {"signed_out", "bad_credentials"}
        assert "docs/how-to/x.md" in caught.value.remedy


def test_no_secret_shows_in_errors_reprs_or_logs(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    said: list[str] = []
    for oauth2 in (False, True):
        channel = stage.open(oauth2=oauth2, search=["coat"], secrets={"bearer_token": "bearer-1"})
        stage.world.post("The coat is blue.")
        (mention, *_) = read_mentions(channel)
        calls: list[tuple[str, Callable[[], object]]] = [
            ("/mentions", lambda channel=channel: channel.poll(None)),  # type: ignore[misc]
            ("/2/tweets", lambda channel=channel, mention=mention: channel.reply(request_for(mention))),  # type: ignore[misc]
        ]
        for path, ask in calls:
            for fault in (Cut.BEFORE, Cut.HALF, Answer(403, b"{}"), Answer(429, b"{}"), Answer(500, b"{}")):
                stage.proxy.fail_next(path, fault)
                with pytest.raises(ChannelError) as caught:
                    ask()
                said += [str(caught.value), repr(caught.value), repr(caught.value.__cause__), repr(channel)]
    pair = TokenPair(access_token="access-x", refresh_token="refresh-x", ends_at="never")
    said += [repr(pair), caplog.text]

    keys = stage.server.door.keys
    secrets = (*keys.secrets(), *stage.server.door.access_tokens, "refresh-0", "access-x", "refresh-x")
    assert [secret for secret in secrets for line in said if secret in line] == []


def test_a_password_of_the_machine_never_takes_the_tokens_place(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = stage.home / "netrc"
    netrc.write_text("machine 127.0.0.1 login a password b\n", encoding="utf-8")
    monkeypatch.setenv("NETRC", str(netrc))

    assert stage.open(oauth2=True).probe()


def test_a_send_is_a_doubt_only_where_it_may_have_left(stage: Stage) -> None:
    channel = stage.open(oauth2=True)
    stage.world.post("The coat is blue.")
    (mention,) = read_mentions(channel)
    stage.proxy.fail_next("/2/tweets", Cut.BEFORE)

    with pytest.raises(SendUncertainError):
        channel.reply(request_for(mention))


@pytest.mark.parametrize(
    ("options", "secrets", "says"),
    [
        ({"page_size": 4}, {}, "page_size"),
        ({"page_size": 101}, {}, "page_size"),
        ({"serch": "coat"}, {}, "serch"),
        ({"search": ["あ" * 461]}, {}, "460"),
        ({"service": "http://api.x.com"}, {}, "https"),
        ({"direct_message_seconds": 5}, {}, "direct_message_seconds"),
        ({"search_max_posts": True}, {}, "search_max_posts"),
        ({"ai_replies_approved": "maybe"}, {}, "ai_replies_approved"),
        ({}, {"access_token": "two words"}, "access_token"),
        ({}, {"access_token": "トークン"}, "access_token"),
        ({}, {"refresh_token": "r"}, "not both"),
        ({"client_id": "c"}, {}, "not both"),
    ],
)
def test_wrong_options_are_named_and_their_values_are_not(
    stage: Stage, options: dict[str, Any], secrets: dict[str, str], says: str
) -> None:
    with pytest.raises(ConfigError, match=says) as caught:
        stage.open(secrets=secrets, **options)
    assert "channel.shop" in str(caught.value)
    assert not [value for value in secrets.values() if len(value) > 1 and value in str(caught.value)]


def test_half_of_the_keys_is_not_enough(stage: Stage) -> None:
    with pytest.raises(ConfigError, match=re.escape("client_id")):
        stage.open(secrets=dict.fromkeys(("api_key", "access_token"), ""))


def test_a_key_file_may_end_with_a_line_feed(stage: Stage) -> None:
    assert stage.open(secrets={"api_key": "app-key-1\n"}).probe()
