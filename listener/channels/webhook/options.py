"""What the settings of a webhook account may say."""

from ipaddress import ip_address
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator

from config.section import Section
from config.settings import ChannelSettings
from listener.channel_options import check_options
from listener.channels.webhook.signatures import Key, read_key

SECRETS = ("secret", "previous_secret", "reply_secret", "previous_reply_secret")


class WebhookOptions(Section):
    """``options`` and ``secrets`` of a ``[[channel]]`` of kind ``webhook``."""

    secret: SecretStr = Field(description="Signs what is sent to us: `whsec_` and the base64 of 24 to 64 random bytes.")
    previous_secret: SecretStr = Field(
        SecretStr(""), description="Taken beside `secret` while the sender changes from one to the other."
    )
    reply_address: str = Field(
        "", description="Replies are sent here, https://…; empty: people answer by hand.", max_length=2000
    )
    reply_secret: SecretStr = Field(SecretStr(""), description="Signs what we send; needed with `reply_address`.")
    previous_reply_secret: SecretStr = Field(
        SecretStr(""), description="Signs beside `reply_secret` while the receiver changes from one to the other."
    )
    status_address: str = Field(
        "", description="Answers whether a reply arrived: asked as `<address>/<webhook-id>`.", max_length=2000
    )
    private_replies: bool = Field(True, description="False: the other side takes no private replies.")
    private_network: bool = Field(
        False, description="True: both addresses may lie on this machine or in a private network, also with http://."
    )
    own_author_ids: frozenset[str] = Field(
        frozenset(), description="Author ids of people of ours, as the sender writes them: their messages are left out."
    )
    longest_reply: int = Field(5000, ge=0, description="Characters a reply may have; 0: any number.")
    page_size: int = Field(200, ge=1, le=1000, description="Events taken at once.")
    timeout_seconds: float = Field(20, gt=0, le=60, description="Give up on a silent server after this long.")

    @field_validator(*SECRETS)
    @classmethod
    def check_secrets(cls, value: SecretStr) -> SecretStr:
        """Each that is there is a key."""
        if value.get_secret_value():
            read_key(value.get_secret_value())
        return value

    @field_validator("secret")
    @classmethod
    def require_secret(cls, value: SecretStr) -> SecretStr:
        """Without one anybody could write to us."""
        read_key(value.get_secret_value())
        return value

    @model_validator(mode="after")
    def check_addresses(self) -> "WebhookOptions":
        """Insist on TLS but inside a private network that is allowed, and on a signature."""
        for name in ("reply_address", "status_address"):
            if address := getattr(self, name):
                _check_address(name, address, private_network=self.private_network)
        if self.reply_address and not self.reply_secret.get_secret_value():
            message = "reply_address needs the secret reply_secret, by which the other side knows us"
            raise ValueError(message)
        if self.status_address and not self.reply_address:
            message = "status_address needs reply_address"
            raise ValueError(message)
        return self

    @property
    def keys(self) -> tuple[Key, ...]:
        """What calls to us may be signed with."""
        return _keys(self.secret, self.previous_secret)

    @property
    def reply_keys(self) -> tuple[Key, ...]:
        """What our calls are signed with."""
        return _keys(self.reply_secret, self.previous_reply_secret)


def read_options(settings: ChannelSettings) -> WebhookOptions:
    """Return the options of ``settings``, checked. Raises ``ConfigError`` naming the first wrong one."""
    return check_options(WebhookOptions, settings, secrets=SECRETS)


def _keys(*secrets: SecretStr) -> tuple[Key, ...]:
    return tuple(read_key(secret.get_secret_value()) for secret in secrets if secret.get_secret_value())


def _check_address(name: str, address: str, *, private_network: bool) -> None:
    try:
        url = urlsplit(address)
        port = url.port
    except ValueError:
        message = f"{name} must be https://host/path, a port from 1 to 65535"
        raise ValueError(message) from None
    if port == 0 or url.username is not None or url.fragment or url.query:
        message = f"{name} must name no user, no ? and no #, and a port from 1 to 65535"
        raise ValueError(message)
    if not url.hostname or url.scheme not in {"http", "https"} or not address.isprintable() or " " in address:
        message = f"{name} must be https://host/path"
        raise ValueError(message)
    if url.scheme == "http" and not private_network:
        message = f"{name} must be https:// (http:// only in a private network, with private_network = true)"
        raise ValueError(message)
    if not private_network and _is_private(url.hostname):
        message = f"{name} lies in a private network: set private_network = true if it is yours"
        raise ValueError(message)


def _is_private(host: str) -> bool:
    """Tell whether an address written as numbers, or this machine's name, is private; other names are asked when connecting."""
    try:
        return not ip_address(host).is_global
    except ValueError:
        return host == "localhost"
