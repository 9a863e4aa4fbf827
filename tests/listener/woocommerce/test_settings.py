"""What the settings may say, what the check says, and that no secret shows."""

from pathlib import Path

import pytest
from pydantic import SecretStr
from starlette.responses import JSONResponse

from config.settings import ChannelSettings
from domain.clock import FixedClock
from domain.errors import ChannelError, ConfigError, PermanentError
from listener.channels.woocommerce import make_channel
from listener.channels.woocommerce.options import read_options
from listener.registry import ChannelContext
from tests.listener.woocommerce.stage import OpenChannel
from tests.partners.woocommerce_site import APP_PASSWORD, KEY, SECRET, WooCommerceSite

KEYS = {"consumer_key": "ck_1", "consumer_secret": "cs_1"}
SITE: dict[str, str | int | float | bool | list[str]] = {"site": "https://shop.example"}


def settings_of(options: dict[str, str | int | float | bool | list[str]], secrets: dict[str, str]) -> ChannelSettings:
    kept = {name: SecretStr(value) for name, value in secrets.items()}
    return ChannelSettings(name="shop", kind="woocommerce", options=options, secrets=kept)


def test_the_probe_says_which_shop_it_is_and_who_answers(site: WooCommerceSite, open_channel: OpenChannel) -> None:
    site.review("blue")
    host = site.address.removeprefix("http://")
    assert open_channel().probe() == f"WooCommerce at {host}; 1 reviews; answers as Aoi (5)"
    assert open_channel(reads_only=True).probe() == f"WooCommerce at {host}; 1 reviews; read only"


@pytest.mark.parametrize(
    ("secrets", "code"),
    [({"consumer_secret": "cs_wrong"}, "key_refused"), ({"application_password": "wrong"}, "password_refused")],
)
def test_a_wrong_or_revoked_secret_is_told_by_the_probe(
    site: WooCommerceSite, open_channel: OpenChannel, secrets: dict[str, str], code: str
) -> None:
    site.review("blue")
    with pytest.raises(PermanentError) as caught:
        open_channel(secrets=secrets).probe()
    assert caught.value.code == code
    assert caught.value.remedy


def test_secrets_show_nowhere_even_where_the_site_repeats_them(
    site: WooCommerceSite, open_channel: OpenChannel, caplog: pytest.LogCaptureFixture
) -> None:
    channel = open_channel()
    said = [repr(channel), channel.probe()]
    for echo in (KEY, SECRET, APP_PASSWORD):
        site.once.append(JSONResponse({"code": "refused", "message": echo}, status_code=400))
        with pytest.raises(ChannelError) as caught:
            channel.poll(None)
        said += [str(caught.value), repr(caught.value), caught.value.remedy]
    for secret in (KEY, SECRET, APP_PASSWORD):
        assert not [line for line in [*said, caplog.text] if secret in line]


def test_keys_travel_in_a_header_only(site: WooCommerceSite, open_channel: OpenChannel) -> None:
    site.review("blue")
    open_channel().poll(None)
    assert not [one for one in site.asked if KEY in str(one.url) or SECRET in str(one.url)]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("https://shop.example/", "https://shop.example"),
        (" https://shop.example:8443/store/ ", "https://shop.example:8443/store"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
    ],
)
def test_a_wordpress_may_lie_in_a_folder(given: str, expected: str) -> None:
    assert read_options(settings_of({"site": given}, KEYS)).site == expected


@pytest.mark.parametrize(
    ("options", "secrets", "says"),
    [
        ({}, KEYS, "site"),
        ({"site": "http://shop.example"}, KEYS, "site"),
        ({"site": "https://aoi:pw@shop.example"}, KEYS, "site"),
        ({"site": "https://shop.example/a?b=c"}, KEYS, "site"),
        ({"site": "https://shop.example/../x"}, KEYS, "site"),
        (SITE, {"consumer_key": "ck_1"}, "consumer_secret"),
        (SITE, KEYS | {"consumer_key": "ck 1"}, "consumer_key"),
        (SITE | {"username": "aoi"}, KEYS, "application_password"),
        (SITE, KEYS | {"application_password": "abcd"}, "username"),
        (SITE | {"username": "a:b"}, KEYS | {"application_password": "abcd"}, "username"),
        (SITE | {"username": "aoi"}, KEYS | {"application_password": "a\nb"}, "application_password"),
        (SITE | {"reviews": "spam"}, KEYS, "reviews"),
        (SITE | {"own_users": ["ben"]}, KEYS, "own_users"),
        (SITE | {"page_size": 101}, KEYS, "page_size"),
        (SITE | {"colour": "red"}, KEYS, "colour"),
    ],
)
def test_wrong_options_are_named(
    options: dict[str, str | int | float | bool | list[str]],
    secrets: dict[str, str],
    says: str,
    tmp_path: Path,
    clock: FixedClock,
) -> None:
    with pytest.raises(ConfigError) as caught:
        make_channel(settings_of(options, secrets), ChannelContext(state_dir=tmp_path, clock=clock))
    assert says in str(caught.value)
    assert "docs/how-to/woocommerce.md" in caught.value.remedy or "Known:" in caught.value.remedy
