"""What the doctor is told: who we are, which permissions are missing, when the token ends."""

from datetime import timedelta

import pytest

from domain.clock import FixedClock
from domain.errors import PermanentError
from domain.ports import ExpiringAccess
from listener.channels.graph.channel import GraphChannel
from tests.listener.graph.stage import OpenChannel
from tests.partners.graph_world import World


def test_a_good_token_is_said_to_be_complete(channel: GraphChannel, world: World) -> None:
    assert channel.probe().startswith(
        "Facebook Page Mizunara Store (102" if world.kind == "facebook" else "Instagram @mizunara (178"
    )
    assert "Graph API v25.0; permissions: complete" in channel.probe()
    assert "ATTENTION" not in channel.probe()


def test_missing_permissions_are_named(channel: GraphChannel, world: World) -> None:
    world.token["told"] = {"scopes": ["pages_read_engagement", "pages_manage_metadata", None]}
    said = channel.probe()
    assert "permissions missing: " in said
    assert "pages_read_engagement" not in said
    assert ("pages_messaging" if world.kind == "facebook" else "instagram_manage_messages") in said


def test_the_permission_for_messages_is_not_missed_where_there_are_none(
    open_channel: OpenChannel, world: World
) -> None:
    world.token["told"] = {"scopes": []}
    said = open_channel(direct_messages=False).probe()
    assert "messaging" not in said
    assert "manage_messages" not in said


@pytest.mark.parametrize("key", ["expires_at", "data_access_expires_at"])
def test_the_end_of_a_token_is_told_seven_days_ahead(
    channel: GraphChannel, world: World, clock: FixedClock, key: str
) -> None:
    end = clock.now() + timedelta(days=7, seconds=1)
    world.token["told"] = {key: int(end.timestamp())}
    assert "ATTENTION" not in channel.probe()
    clock.advance(timedelta(days=1))
    assert f"ends on {end:%Y-%m-%d}, in 6 days" in channel.probe()


def test_the_first_end_of_token_and_data_is_told_to_whoever_warns_of_it(
    channel: GraphChannel, world: World, clock: FixedClock
) -> None:
    assert isinstance(channel, ExpiringAccess)
    assert channel.access_expires_at is None
    channel.probe()
    assert channel.access_expires_at is None, "a token without end"
    end = clock.now() + timedelta(days=30)
    later = end + timedelta(days=30)
    world.token["told"] = {"expires_at": int(later.timestamp()), "data_access_expires_at": int(end.timestamp())}
    channel.probe()
    assert channel.access_expires_at == end


@pytest.mark.parametrize("told", [{"is_valid": False}, {"app_id": "1"}])
def test_a_token_that_is_over_or_another_apps_is_refused(
    channel: GraphChannel, world: World, told: dict[str, object]
) -> None:
    world.token["told"] = told
    with pytest.raises(PermanentError) as caught:
        channel.probe()
    assert caught.value.remedy


@pytest.mark.parametrize("kind", ["facebook"])
def test_a_token_of_another_page_is_refused(open_channel: OpenChannel) -> None:
    with pytest.raises(PermanentError) as caught:
        open_channel(page_id="999").probe()
    assert caught.value.code == "wrong_page"
