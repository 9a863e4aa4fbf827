"""What the settings of a feed account may say."""

import hashlib
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator

from config.section import Section
from config.settings import ChannelSettings
from listener.channel_options import check_options
from listener.guard import origin
from listener.terms import clean_terms

KEY_LENGTH = 8


@dataclass(frozen=True, kw_only=True)
class Feed:
    """One feed to read."""

    address: str = field(repr=False)
    """May carry a token."""
    shown: str
    """The address as people may see it."""

    @property
    def key(self) -> str:
        """Short, stable, and without the address: begins the ids of the feed's entries."""
        return fingerprint(self.address, KEY_LENGTH)


class FeedOptions(Section):
    """``options`` and ``secrets`` of a ``[[channel]]`` of kind ``feed``."""

    addresses: tuple[str, ...] = Field((), description="Addresses of RSS or Atom feeds.")
    secret_address: SecretStr = Field(
        SecretStr(""), description="One more address, which holds a token and is never shown."
    )
    keywords: tuple[str, ...] = Field((), description="Take only entries that name one of these; none: take all.")
    own_names: tuple[str, ...] = Field((), description="Author names that are ours: their entries are left out.")
    private_hosts: tuple[str, ...] = Field((), description="Hosts of our own network that may be read all the same.")
    first_poll_days: int = Field(7, ge=0, le=90, description="How far back the very first poll reads.")
    page_size: int = Field(100, ge=1, le=500, description="Entries handed on at once.")
    max_megabytes: float = Field(5, gt=0, le=50, description="A feed larger than this is not read.")
    timeout_seconds: float = Field(20, gt=0, le=60, description="Give up on a silent server after this long.")

    @field_validator("addresses", "keywords", "own_names", "private_hosts", mode="before")
    @classmethod
    def clean_lists(cls, value: object) -> object:
        """Drop empty and repeated ones; one may stand without a list."""
        return clean_terms(value)

    @field_validator("addresses")
    @classmethod
    def check_addresses(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        """Every one is a web address without a password."""
        for address in value:
            _check_address(address)
        return value

    @field_validator("secret_address")
    @classmethod
    def check_secret_address(cls, value: SecretStr) -> SecretStr:
        """Check the secret one too, if there is one."""
        if value.get_secret_value():
            _check_address(value.get_secret_value())
        return value

    @model_validator(mode="after")
    def require_an_address(self) -> "FeedOptions":
        """Insist on a feed."""
        if not self.addresses and not self.secret_address.get_secret_value():
            message = "name at least one address in options.addresses"
            raise ValueError(message)
        return self

    @property
    def feeds(self) -> tuple[Feed, ...]:
        """All feeds, the secret one last."""
        open_ones = [Feed(address=address, shown=_shown(address)) for address in self.addresses]
        secret = self.secret_address.get_secret_value()
        hidden = [Feed(address=secret, shown=f"{origin(secret)}/… (secret_address)")] if secret else []
        return tuple({feed.key: feed for feed in (*open_ones, *hidden)}.values())


def read_options(settings: ChannelSettings) -> FeedOptions:
    """Return the options of ``settings``, checked. Raises ``ConfigError`` naming the first wrong one."""
    return check_options(FeedOptions, settings, secrets=("secret_address",))


def fingerprint(text: str, length: int) -> str:
    """Return a short form of ``text``: ``length`` characters of its digest."""
    return urlsafe_b64encode(hashlib.sha256(text.encode("utf-8", "replace")).digest())[:length].decode()


def _check_address(address: str) -> None:
    url = urlsplit(address)
    if url.scheme not in {"http", "https"} or not url.hostname or any(character.isspace() for character in address):
        message = "must be http(s)://host/…"
        raise ValueError(message)
    if url.username is not None or url.password is not None:
        message = "must hold no user name or password"
        raise ValueError(message)
    _ = url.port  # raises ValueError for a port that is none


def _shown(address: str) -> str:
    """Return ``address`` without its query: tokens often stand there."""
    url = urlsplit(address)
    return f"{origin(address)}{url.path}{'?…' if url.query else ''}"
