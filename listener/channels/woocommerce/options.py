"""What the settings of a WooCommerce shop may say."""

import re
from typing import Final, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator

from config.section import Section
from config.settings import ChannelSettings
from listener.channel_options import check_options, safe_address

NO_SECRET: Final = SecretStr("")
SECRETS: Final = ("consumer_key", "consumer_secret", "application_password", "author_key")
PATH: Final = re.compile(r"(?:/[A-Za-z0-9._~%-]+)*")


class WooCommerceOptions(Section):
    """``options`` and ``secrets`` of a ``[[channel]]`` of kind ``woocommerce``."""

    site: str = Field(description="Address of the shop's WordPress, as its settings show it (https://shop.example).")
    consumer_key: SecretStr = Field(
        description="WooCommerce REST API key with the right to read (ck_...).", min_length=1
    )
    consumer_secret: SecretStr = Field(description="That key's secret (cs_...).", min_length=1)
    username: str = Field("", description="WordPress user who answers; a shop manager. Empty: reviews are only read.")
    application_password: SecretStr = Field(NO_SECRET, description="An application password of that user.")
    author_key: SecretStr = Field(
        NO_SECRET, description="Makes guests' ids out of their mail addresses; without it the consumer secret does."
    )
    reviews: Literal["approved", "hold", "all"] = Field(
        "approved", description="Which reviews are read: published ones, those waiting for moderation, or both."
    )
    own_users: tuple[int, ...] = Field(
        (), description="Ids of WordPress users of the team: what they write is left out."
    )
    first_poll_days: int = Field(30, ge=0, le=3650, description="How far back the very first poll reads.")
    reread_days: int = Field(30, ge=1, le=400, description="How old a review may be to be read again for changes.")
    reread_hours: int = Field(6, ge=1, le=720, description="How often that is done; newer ones are read at every poll.")
    page_size: int = Field(100, ge=2, le=100, description="Reviews asked for at once.")
    timeout_seconds: float = Field(30, gt=0, le=120, description="Give up on a silent server after this long.")
    max_pages: int = Field(20, ge=1, le=1000, description="Pages read in a row before a gap is admitted.")

    @property
    def can_answer(self) -> bool:
        """True with a WordPress user besides the key."""
        return bool(self.username)

    @field_validator("site")
    @classmethod
    def _require_safe_site(cls, value: str) -> str:
        """Insist on TLS, except on this very machine. A WordPress may lie in a folder."""
        address = urlsplit(value.strip().rstrip("/"))
        if address.query or address.fragment or not PATH.fullmatch(address.path) or ".." in address.path:
            message = "must be the site's address and nothing else"
            raise ValueError(message)
        return safe_address(f"{address.scheme}://{address.netloc}") + address.path

    @field_validator("consumer_key", "consumer_secret")
    @classmethod
    def _require_key(cls, value: SecretStr) -> SecretStr:
        trimmed = value.get_secret_value().strip()
        if not re.fullmatch(r"[A-Za-z0-9_-]+", trimmed):
            message = "must be one word of letters, digits, - and _, as WooCommerce shows it"
            raise ValueError(message)
        return SecretStr(trimmed)

    @field_validator("application_password", "author_key")
    @classmethod
    def _trim(cls, value: SecretStr) -> SecretStr:
        """Drop the line feed a file ends with. WordPress shows an application password in groups; their spaces mean nothing."""
        trimmed = value.get_secret_value().strip()
        if trimmed and not trimmed.isprintable():
            message = "must be one line, as WordPress shows it"
            raise ValueError(message)
        return SecretStr(trimmed)

    @field_validator("username")
    @classmethod
    def _require_name(cls, value: str) -> str:
        name = value.strip()
        if ":" in name or (name and not name.isprintable()):
            message = "must be a WordPress user name, which has no colon"
            raise ValueError(message)
        return name

    @model_validator(mode="after")
    def _require_both(self) -> Self:
        if bool(self.username) != bool(self.application_password.get_secret_value()):
            message = "give option username and secret application_password, or neither of them to read only"
            raise ValueError(message)
        return self


def read_options(settings: ChannelSettings) -> WooCommerceOptions:
    """Return the options of ``settings``, checked. Raises ``ConfigError`` naming the first wrong one."""
    return check_options(WooCommerceOptions, settings, secrets=SECRETS)
