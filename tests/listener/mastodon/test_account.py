"""Who we are, what the server allows, what the token may do; and settings that are wrong."""

import stat
from pathlib import Path

import pytest
from pydantic import SecretStr

from config.settings import ChannelSettings
from domain.clock import FixedClock
from domain.errors import ConfigError, PermanentError
from domain.words import Visibility
from listener.channels.mastodon import make_channel
from listener.registry import ChannelContext
from tests.listener.mastodon.stage import TOKEN, OpenChannel
from tests.partners.faulty_proxy import Answer, FaultyProxy
from tests.partners.mastodon_fake import MastodonFake
from tests.partners.mastodon_world import Someone


def test_the_probe_tells_account_server_limit_and_rights(
    open_channel: OpenChannel, shop: Someone, proxy: FaultyProxy
) -> None:
    host = proxy.url.removeprefix("http://")
    assert open_channel().probe() == (
        f"@shop@mastodon.example ({shop.id}) on {host} (4.7.0); 500 characters; scopes: complete; direct messages: yes"
    )


@pytest.mark.parametrize(
    ("scopes", "said"),
    [
        (("read",), "missing scopes: write:statuses"),
        (("profile", "read:notifications", "write"), "missing scopes: read:follows, read:statuses, read:search"),
        (("read", "write:statuses"), "scopes: complete"),
    ],
)
def test_the_probe_names_missing_scopes(
    open_channel: OpenChannel, fake: MastodonFake, shop: Someone, *, scopes: tuple[str, ...], said: str
) -> None:
    fake.sign_in(shop, TOKEN, (*scopes, "read:accounts"))
    assert f"; {said};" in open_channel(search=["coat"]).probe()


def test_where_the_server_does_not_tell_scopes_a_read_is_tried(
    open_channel: OpenChannel, fake: MastodonFake, shop: Someone
) -> None:
    fake.tells_scopes = False
    assert "scopes: not told by the server, reading works" in open_channel().probe()
    fake.sign_in(shop, TOKEN, ("read:accounts",))
    assert "missing scopes: read:notifications" in open_channel().probe()


def test_the_probe_tells_that_moderators_limited_us(open_channel: OpenChannel, shop: Someone) -> None:
    shop.is_limited = True
    assert "limited by the server's moderators" in open_channel().probe()


def test_the_probe_tells_that_private_mentions_are_switched_off(open_channel: OpenChannel) -> None:
    assert open_channel(direct_messages=False).probe().endswith("direct messages: switched off")


def test_the_limit_is_the_usual_one_until_the_server_told_its_own_and_is_then_remembered(
    open_channel: OpenChannel, fake: MastodonFake, tmp_path: Path
) -> None:
    fake.max_characters = 5_000
    channel = open_channel()
    assert channel.measure("", Visibility.PUBLIC).limit == 500 - 32
    assert channel.own_author_id
    assert channel.measure("", Visibility.PUBLIC).limit == 5_000 - 32
    assert open_channel().measure("", Visibility.DM).limit == 5_000 - 32
    (file,) = (tmp_path / "state").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    file.write_text("{", encoding="utf-8")
    assert open_channel().measure("", Visibility.PUBLIC).limit == 500 - 32


def test_a_limit_that_cannot_be_kept_is_used_all_the_same(
    open_channel: OpenChannel, fake: MastodonFake, tmp_path: Path
) -> None:
    fake.max_characters = 5_000
    (tmp_path / "state").write_text("a file where the folder should be", encoding="utf-8")
    channel = open_channel()
    assert channel.own_author_id
    assert channel.measure("", Visibility.PUBLIC).limit == 5_000 - 32


def test_posts_of_many_servers_train_no_model(open_channel: OpenChannel) -> None:
    assert open_channel().capabilities.trains_models is False


def test_a_server_that_does_not_tell_its_limits_is_taken_for_a_usual_one(
    open_channel: OpenChannel, proxy: FaultyProxy
) -> None:
    proxy.fail_next("GET /api/v2/instance", Answer(404, b"{}"))
    channel = open_channel()
    assert channel.own_author_id
    assert channel.measure("", Visibility.PUBLIC).limit == 500 - 32


def test_a_server_that_is_none_of_mastodons_kind_is_told(open_channel: OpenChannel, proxy: FaultyProxy) -> None:
    proxy.fail_next("verify_credentials", Answer(404, b"<html>Nothing here</html>"))
    with pytest.raises(PermanentError) as caught:
        open_channel().probe()
    assert caught.value.code == "unsupported"
    assert "options.instance" in caught.value.remedy


def test_who_we_are_is_asked_once(open_channel: OpenChannel, proxy: FaultyProxy) -> None:
    channel = open_channel()
    assert channel.own_author_id == channel.own_author_id
    channel.poll(channel.poll(None).cursor)
    assert proxy.count("verify_credentials") == 1
    assert proxy.count("/api/v2/instance") == 1


def test_no_request_is_made_before_one_is_needed(open_channel: OpenChannel, proxy: FaultyProxy) -> None:
    channel = open_channel(hashtags=["coat"])
    channel.measure("x", Visibility.PUBLIC)
    assert channel.capabilities.can_reply
    channel.close()
    assert proxy.seen == []


@pytest.mark.parametrize(
    ("options", "secrets", "field"),
    [
        ({}, {"access_token": TOKEN}, "options.instance"),
        ({"instance": ""}, {"access_token": TOKEN}, "options.instance"),
        ({"instance": "http://mastodon.example"}, {"access_token": TOKEN}, "options.instance"),
        ({"instance": "https://mastodon.example/@shop"}, {"access_token": TOKEN}, "options.instance"),
        ({"instance": 7}, {"access_token": TOKEN}, "options.instance"),
        ({"instance": "mastodon.example"}, {}, "access_token"),
        ({"instance": "mastodon.example"}, {"access_token": "two words"}, "secrets.access_token"),
        ({"instance": "mastodon.example"}, {"access_token": "two\nlines"}, "secrets.access_token"),
        ({"instance": "mastodon.example"}, {"access_token": "トークン"}, "secrets.access_token"),
        ({"instance": "mastodon.example", "hashtags": ["two words"]}, {"access_token": TOKEN}, "options.hashtags"),
        ({"instance": "mastodon.example", "hashtags": ["../x"]}, {"access_token": TOKEN}, "options.hashtags"),
        ({"instance": "mastodon.example", "hashtags": ["#"]}, {"access_token": TOKEN}, "options.hashtags"),
        (
            {"instance": "mastodon.example", "search": [str(n) for n in range(21)]},
            {"access_token": TOKEN},
            "options.search",
        ),
        (
            {"instance": "mastodon.example", "reply_visibility": "direct"},
            {"access_token": TOKEN},
            "options.reply_visibility",
        ),
        ({"instance": "mastodon.example", "page_size": 41}, {"access_token": TOKEN}, "options.page_size"),
        ({"instance": "mastodon.example", "pagesize": 4}, {"access_token": TOKEN}, "options.pagesize"),
    ],
)
def test_a_wrong_setting_is_named_without_its_value(
    tmp_path: Path, clock: FixedClock, *, options: dict[str, object], secrets: dict[str, str], field: str
) -> None:
    given = {name: SecretStr(value) for name, value in secrets.items()}
    settings = ChannelSettings(name="shop", kind="mastodon", options=options, secrets=given)
    with pytest.raises(ConfigError) as caught:
        make_channel(settings, ChannelContext(state_dir=tmp_path, clock=clock))
    assert field in str(caught.value)
    for value in secrets.values():
        assert value not in str(caught.value)
        assert value not in repr(caught.value)


def test_a_bare_host_means_tls_and_hashtags_may_carry_their_sign(tmp_path: Path, clock: FixedClock) -> None:
    settings = ChannelSettings(
        name="shop",
        kind="mastodon",
        options={
            "instance": " Mastodon.example ",
            "hashtags": ["#コート", "コート", "＃coat_2026"],
            "search": "Mizunara",
        },
        secrets={"access_token": SecretStr(TOKEN)},
    )
    channel = make_channel(settings, ChannelContext(state_dir=tmp_path, clock=clock))
    assert channel._options.instance == "https://Mastodon.example"
    assert channel._options.hashtags == ("コート", "coat_2026")
    assert channel._options.search == ("Mizunara",)
    assert list(tmp_path.iterdir()) == []
