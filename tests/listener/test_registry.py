"""The registry: channels by entry point; what is missing is said with its remedy."""

from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from config.settings import ChannelSettings
from domain.clock import FixedClock
from domain.errors import ConfigError, PermanentError
from domain.ports import Channel
from domain.replies import SendRequest, SendTarget
from domain.words import Language, Visibility
from listener import registry
from listener.registry import ChannelContext, known_kinds, make_channel
from tests.cast import NOON


@pytest.fixture
def context(tmp_path: Path, clock: FixedClock) -> ChannelContext:
    return ChannelContext(state_dir=tmp_path, clock=clock)


def test_the_shipped_channels_are_known() -> None:
    assert {"bluesky", "import", "sandbox"} <= set(known_kinds())


@pytest.mark.parametrize("kind", ["import", "sandbox"])
def test_a_channel_is_made_from_its_settings(kind: str, context: ChannelContext) -> None:
    channel = make_channel(ChannelSettings(name="mine", kind=kind), context)
    assert isinstance(channel, Channel)
    assert channel.kind == kind
    assert channel.probe()
    channel.close()


def test_an_unknown_kind_lists_the_known_ones(context: ChannelContext) -> None:
    with pytest.raises(ConfigError, match=r"channel\.mine\.kind.*no channel 'telegraph'") as caught:
        make_channel(ChannelSettings(name="mine", kind="telegraph"), context)
    assert "sandbox" in caught.value.remedy


def test_a_missing_extra_tells_what_to_install(context: ChannelContext, monkeypatch: pytest.MonkeyPatch) -> None:
    point = EntryPoint(name="bluesky", value="no_such_sdk.channel:make_channel", group=registry.GROUP)
    monkeypatch.setattr(registry, "entry_points", lambda **_: [point])
    with pytest.raises(ConfigError, match="no_such_sdk") as caught:
        make_channel(ChannelSettings(name="mine", kind="bluesky"), context)
    assert caught.value.remedy == "Run: pip install 'kikite[bluesky]'"


def test_an_option_the_sandbox_does_not_know_is_named(context: ChannelContext) -> None:
    with pytest.raises(ConfigError, match=r"channel\.mine\.options\.pagesize") as caught:
        make_channel(ChannelSettings(name="mine", kind="sandbox", options={"pagesize": 3}), context)
    assert "page_size" in caught.value.remedy


def test_the_import_channel_reads_nothing_and_sends_nothing(context: ChannelContext) -> None:
    channel = make_channel(ChannelSettings(name="import", kind="import"), context)
    can = channel.capabilities
    assert (can.can_reply, can.can_direct_message, can.reads_by_poll, can.tells_deletions) == (False,) * 4
    assert channel.poll(None).mentions == ()
    target = SendTarget(external_id="r1", author_external_id="a", author_handle="a")
    request = SendRequest(idempotency_key="k", approved_at=NOON, text="Hi", language=Language.EN, target=target)
    for send in (channel.reply, channel.direct_message):
        with pytest.raises(PermanentError) as caught:
            send(request)
        assert caught.value.remedy
    assert channel.find_reply(request, Visibility.PUBLIC) is None
    assert channel.still_there(["r1"]) == {"r1"}
    assert channel.eligibility(target).replies_allowed is False
    assert channel.measure("コート", Visibility.PUBLIC).fits
