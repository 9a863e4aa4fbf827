"""What the settings may say, and what check answers."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from domain.clock import FixedClock
from domain.errors import ConfigError, PermanentError, RetryableError
from listener.channels.line import LineChannel, make_channel
from listener.registry import ChannelContext, options_of
from tests.listener.line.stage import INFO, SECRETS, OpenChannel, Stage, settings_of
from tests.partners.faulty_proxy import Answer, Cut
from tests.partners.line_api import BOT, SECRET, TOKEN


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"service": "http://api.line.me"}, "options.service"),
        ({"service": "https://api.line.me/v2"}, "options.service"),
        ({"group_messages": "some"}, "options.group_messages"),
        ({"profile_hours": -1}, "options.profile_hours"),
        ({"page_size": 0}, "options.page_size"),
        ({"timeout_seconds": 0}, "options.timeout_seconds"),
        ({"reply_token": "x"}, "options.reply_token"),
    ],
)
def test_a_wrong_option_is_named(open_channel: OpenChannel, options: dict[str, Any], field: str) -> None:
    with pytest.raises(ConfigError) as caught:
        open_channel(**options)
    assert caught.value.place.field == f"channel.shop.{field}"
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("channel_secret", None),
        ("channel_access_token", None),
        ("channel_secret", ""),
        ("channel_access_token", "two words"),
        ("channel_access_token", "with\nline"),
        ("channel_access_token", "全角"),
    ],
)
def test_a_wrong_secret_is_named_and_never_shown(
    tmp_path: Path, clock: FixedClock, name: str, value: str | None
) -> None:
    secrets = {"channel_secret": SecretStr(SECRET), "channel_access_token": SecretStr(TOKEN)}
    secrets = {key: one for key, one in secrets.items() if key != name} | (
        {name: SecretStr(value)} if value is not None else {}
    )
    with pytest.raises(ConfigError) as caught:
        make_channel(settings_of({}, secrets), ChannelContext(state_dir=tmp_path, clock=clock))
    assert caught.value.place.field == f"channel.shop.secrets.{name}"
    assert not value or value not in str(caught.value)


def test_making_it_asks_nothing_and_writes_nothing(stage: Stage, channel: LineChannel, tmp_path: Path) -> None:
    assert repr(channel) == "LineChannel(shop)"
    assert stage.proxy.seen == []
    assert list(tmp_path.iterdir()) == []


def test_its_options_are_offered() -> None:
    offered = options_of("line")
    assert offered is not None
    assert {"channel_secret", "channel_access_token", "group_messages"} <= set(offered.model_fields)


def test_check_says_who_we_are_whether_line_calls_us_and_what_is_left(stage: Stage, channel: LineChannel) -> None:
    stage.api.used = 12
    assert channel.probe() == (
        f"ミズナラ 公式 (@216ruxyz, {BOT}); webhook: on; messages this month: 12 of 200; chat by hand: on"
    )


def test_a_refused_token_is_told_without_it(stage: Stage, channel: LineChannel) -> None:
    stage.api.token = "another"
    with pytest.raises(PermanentError) as caught:
        channel.probe()
    assert caught.value.code == "token_refused"
    assert not [secret for secret in SECRETS if secret in f"{caught.value!r}{caught.value}"]


@pytest.mark.parametrize("fault", [Cut.HALF, Cut.BEFORE, Answer(500), Answer(200, b"{}"), Answer(200, b"[]")])
def test_an_answer_that_tells_nobody_is_passing(stage: Stage, channel: LineChannel, fault: Cut | Answer) -> None:
    stage.proxy.fail_next(INFO, fault)
    with pytest.raises(RetryableError):
        assert channel.own_author_id
    assert channel.own_author_id == BOT
