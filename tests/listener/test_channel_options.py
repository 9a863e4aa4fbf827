"""Options of every channel: what is wrong with them is told at once; addresses that a password goes to."""

import pytest
from pydantic import Field, SecretStr

from config.section import Section
from config.settings import ChannelSettings
from domain.errors import ConfigError
from listener.channel_options import check_options, safe_address


@pytest.mark.parametrize(
    ("written", "taken"),
    [
        (" https://pds.example/ ", "https://pds.example"),
        ("https://pds.example:8443", "https://pds.example:8443"),
        ("http://127.0.0.1:2583", "http://127.0.0.1:2583"),
        ("http://[::1]:80", "http://[::1]:80"),
    ],
)
def test_tls_and_this_very_machine_are_taken(written: str, taken: str) -> None:
    assert safe_address(written) == taken


@pytest.mark.parametrize(
    "written",
    [
        "", "pds.example", "http://pds.example", "https://pds.example/path", "ftp://pds.example", "https://", "https://pds.example:abc",
        "https://pds.example:99999", "https://pds.example:0", "https://ben:hunter2@pds.example", "https://[::1",
    ],
)  # fmt: skip
def test_anything_else_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        safe_address(written)


class Options(Section):
    """What a channel may be told."""

    handle: str = Field(description="Our handle.", pattern=r"^[a-z.]+$")
    access_token: SecretStr = Field(description="A token.", min_length=1)
    page_size: int = Field(10, ge=1, description="Posts taken at once.")


def refused(options: dict[str, object], secrets: dict[str, str]) -> list[tuple[str, str, str]]:
    """Return place, message and remedy of everything that is wrong."""
    hidden = {name: SecretStr(value) for name, value in secrets.items()}
    settings = ChannelSettings(name="shop", kind="odd", options=options, secrets=hidden)
    with pytest.raises(ConfigError) as caught:
        check_options(Options, settings, secrets=("access_token",))
    assert not any(value in str(caught.value) for value in secrets.values())
    assert all(part in str(caught.value) for one in caught.value.each for part in (one.place.field, one.remedy))
    return [(one.place.field, one.message.partition(": ")[2], one.remedy) for one in caught.value.each]


KNOWN = "Known: handle, access_token, page_size."
GUIDE = "See docs/how-to/odd.md."


def test_a_misspelt_secret_is_named_with_the_one_that_is_meant_and_the_one_that_is_missing() -> None:
    assert refused({"handle": "shop.test"}, {"acces_token": "s3cret"}) == [
        (
            "channel.shop.secrets.acces_token",
            "acces_token: there is no such name.",
            f"{KNOWN} Did you mean 'access_token'?",
        ),
        ("channel.shop.secrets.access_token", "access_token: Field required.", GUIDE),
    ]


def test_everything_that_is_wrong_is_told_at_once() -> None:
    assert refused({"handl": "x", "page_size": 0, "zzz": 1}, {"access_token": "s3cret"}) == [
        ("channel.shop.options.handl", "handl: there is no such name.", f"{KNOWN} Did you mean 'handle'?"),
        ("channel.shop.options.zzz", "zzz: there is no such name.", KNOWN),
        ("channel.shop.options.handle", "handle: Field required.", GUIDE),
        ("channel.shop.options.page_size", "page_size: Input should be greater than or equal to 1.", GUIDE),
    ]


def test_one_thing_that_is_wrong_is_one_error() -> None:
    assert refused({"handle": "Shop!"}, {"access_token": "s3cret"}) == [
        ("channel.shop.options.handle", "handle: has the wrong form. It is: Our handle.", GUIDE)
    ]
