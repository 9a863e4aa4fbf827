"""What the settings may say, and how a wrong one is told."""

import base64

import pytest

from domain.errors import ConfigError
from listener.channels.webhook.options import WebhookOptions
from tests.listener.webhook.stage import OpenChannel
from tests.partners.webhook_chat import REPLY_SECRET, SECRET

SHORT = "whsec_" + base64.b64encode(b"x" * 23).decode()
LONG = "whsec_" + base64.b64encode(b"x" * 65).decode()


@pytest.mark.parametrize("secret", ["", "hunter2", SECRET.removeprefix("whsec_"), "whsec_", "whsec_***", SHORT, LONG])
def test_a_secret_that_is_none_is_refused_and_not_shown(open_channel: OpenChannel, secret: str) -> None:
    with pytest.raises(ConfigError) as caught:
        open_channel(secrets={"secret": secret})
    assert "channel.chat.secrets.secret" in str(caught.value)
    assert "24 to 64 random bytes" in str(caught.value)
    assert not secret.removeprefix("whsec_") or secret.removeprefix("whsec_") not in str(caught.value)


def test_a_secret_is_needed(open_channel: OpenChannel) -> None:
    with pytest.raises(ConfigError, match="secret"):
        open_channel(secrets={"secret": None})


@pytest.mark.parametrize("name", ["previous_secret", "reply_secret", "previous_reply_secret"])
def test_every_secret_is_checked(open_channel: OpenChannel, name: str) -> None:
    with pytest.raises(ConfigError, match=name):
        open_channel(secrets={name: "hunter2"})


@pytest.mark.parametrize(
    ("address", "private_network", "said"),
    [
        ("http://crm.example/replies", False, "https://"),
        ("https://127.0.0.1/replies", False, "private_network = true"),
        ("https://[::1]/replies", False, "private_network = true"),
        ("https://192.168.1.5/replies", False, "private_network = true"),
        ("https://localhost/replies", False, "private_network = true"),
        ("ftp://crm.example/replies", True, "https://host/path"),
        ("crm.example/replies", True, "https://host/path"),
        ("https://user:pass@crm.example/replies", True, "must name no user"),
        ("https://crm.example/replies?token=x", True, "must name no user"),
        ("https://crm.example/a b", True, "https://host/path"),
        ("https://crm.example:0/", True, "port"),
        ("https://crm.example:99999/", True, "port"),
        ("https://crm.example:http/", True, "port"),
        ("https://[::1/", True, "https://host/path"),
    ],
)
@pytest.mark.parametrize("name", ["reply_address", "status_address"])
def test_an_address_nobody_should_send_to_is_refused(
    open_channel: OpenChannel, *, name: str, address: str, private_network: bool, said: str
) -> None:
    addresses = {"reply_address": "https://crm.example/", "status_address": None, name: address}
    with pytest.raises(ConfigError) as caught:
        open_channel(secrets=None, **addresses, private_network=private_network)
    assert said in str(caught.value)
    assert name in str(caught.value)


def test_an_address_in_a_private_network_is_taken_where_it_is_allowed(open_channel: OpenChannel) -> None:
    for address in ("http://192.168.1.5:8080/replies", "http://localhost/replies", "http://crm.internal/replies"):
        assert open_channel(reply_address=address).capabilities.can_reply


def test_replies_need_a_signature_and_a_status_needs_replies(open_channel: OpenChannel) -> None:
    with pytest.raises(ConfigError, match="reply_secret"):
        open_channel(secrets={"reply_secret": None})
    with pytest.raises(ConfigError, match="status_address needs reply_address"):
        open_channel(reply_address=None)


def test_an_unknown_option_is_told_with_those_there_are(open_channel: OpenChannel) -> None:
    with pytest.raises(ConfigError, match="Known: secret"):
        open_channel(reply_adress="https://crm.example/")


def test_no_secret_stands_in_what_is_printed(open_channel: OpenChannel) -> None:
    options = WebhookOptions.model_validate({"secret": SECRET, "reply_secret": REPLY_SECRET})
    for said in (repr(options), str(options), repr(options.keys), repr(options.reply_keys), repr(open_channel())):
        assert "whsec_" not in said
        assert "random" not in said
        assert "the chat signs" not in said
