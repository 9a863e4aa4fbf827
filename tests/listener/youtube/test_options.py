"""Settings that are wrong are told with the field to mend, before any request."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from config.settings import ChannelSettings
from domain.clock import FixedClock
from domain.errors import ConfigError
from listener.channels.youtube import make_channel
from listener.channels.youtube.options import read_video_id
from listener.registry import ChannelContext
from tests.listener.youtube.stage import NOW

CLIENT: dict[str, object] = {"client_id": "c"}
SECRETS = {"client_secret": "s", "refresh_token": "r"}
KEY = {"api_key": "k"}
OURS = "UC" + "a" * 22
VIDEO = "abcDEF_-123"


@pytest.mark.parametrize(
    ("options", "secrets", "said"),
    [
        ({}, {}, "api_key for reading only"),
        (CLIENT, {}, "client_id needs secrets.client_secret and secrets.refresh_token"),
        (CLIENT, {"client_secret": "s"}, "secrets.refresh_token"),
        ({}, SECRETS, "secrets without options.client_id"),
        (CLIENT, {**SECRETS, **KEY}, "not both"),
        ({}, KEY, "name options.channel"),
        ({"channel": "@shop"}, KEY, "channel.tube.options.channel"),
        (CLIENT | {"search": ["coat"]}, SECRETS, "search looks within options.videos"),
        (CLIENT | {"videos": ["https://example.org/watch?v=x"]}, SECRETS, "neither a video's id nor its address"),
        (CLIENT | {"videos": [VIDEO], "search": [f"t{n}" for n in range(51)]}, SECRETS, "50 at most"),
        (CLIENT | {"api_url": "http://youtube.example"}, SECRETS, "must be https"),
        (CLIENT | {"page_size": 101}, SECRETS, "page_size"),
        (CLIENT | {"daily_units": 0}, SECRETS, "daily_units"),
        (CLIENT | {"colour": "blue"}, SECRETS, "colour"),
        (CLIENT, SECRETS | {"refresh_token": "two words"}, "the secret and nothing else"),
    ],
)
def test_what_is_wrong_is_named_with_its_field(
    tmp_path: Path, options: dict[str, object], secrets: dict[str, str], said: str
) -> None:
    settings = ChannelSettings.model_validate(
        {
            "name": "tube",
            "kind": "youtube",
            "options": options,
            "secrets": {name: SecretStr(value) for name, value in secrets.items()},
        }
    )
    with pytest.raises(ConfigError) as caught:
        make_channel(settings, ChannelContext(state_dir=tmp_path, clock=FixedClock(NOW)))
    assert said in str(caught.value)
    assert "two words" not in str(caught.value)


def test_googles_library_is_needed_for_a_sign_in_and_not_for_a_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("listener.channel_options.find_spec", lambda _module: None)
    context = ChannelContext(state_dir=tmp_path, clock=FixedClock(NOW))
    key = {"api_key": SecretStr("k")}
    assert (
        make_channel(
            ChannelSettings(name="tube", kind="youtube", options={"channel": OURS}, secrets=key), context
        ).capabilities.can_reply
        is False
    )
    secrets = {name: SecretStr(value) for name, value in SECRETS.items()}
    with pytest.raises(ConfigError, match=r"kikite\[youtube\]"):
        make_channel(ChannelSettings(name="tube", kind="youtube", options={"client_id": "c"}, secrets=secrets), context)


@pytest.mark.parametrize(
    "address",
    [
        VIDEO,
        f"https://www.youtube.com/watch?v={VIDEO}&t=3s",
        f"youtube.com/watch?v={VIDEO}",
        f"https://m.youtube.com/watch?list=x&v={VIDEO}",
        f"https://youtu.be/{VIDEO}?si=x",
        f"https://www.youtube.com/shorts/{VIDEO}",
        f"https://www.youtube.com/live/{VIDEO}",
    ],
)
def test_a_videos_address_is_taken_as_it_is_copied(address: str) -> None:
    assert read_video_id(address) == VIDEO


@pytest.mark.parametrize("address", ["", "short", "https://youtube.com/@shop", "https://[", "https://youtu.be/", "x/y"])
def test_anything_else_is_none(address: str) -> None:
    assert read_video_id(address) == ""
