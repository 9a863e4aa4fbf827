"""What the settings of a Bluesky account may say."""

from pydantic import Field, SecretStr, field_validator

from config.section import Section
from config.settings import ChannelSettings
from listener.channel_options import check_options, safe_address

ENTRYWAY = "https://bsky.social"
"""Bluesky's own door: accounts behind it live on many servers, named in their DID document."""


class BlueskyOptions(Section):
    """``options`` and ``secrets`` of a ``[[channel]]`` of kind ``bluesky``."""

    handle: str = Field(description="Our handle, e.g. `shop.example.com`; or our DID.", min_length=3, max_length=253)
    app_password: SecretStr = Field(description="An app password (never the account's own), best with the DM right.")
    service: str = Field(
        ENTRYWAY, description="Where the account signs in: bsky.social, or the address of our own PDS."
    )
    search: tuple[str, ...] = Field((), description="Terms whose posts are collected too, e.g. the brand's name.")
    direct_messages: bool = Field(True, description="False: direct messages are neither read nor sent.")
    chat_did: str = Field("did:web:api.bsky.chat", description="DID of the chat service.", pattern=r"^did:[a-z]+:\S+$")
    first_poll_days: int = Field(7, ge=0, le=90, description="How far back the very first poll reads.")
    page_size: int = Field(100, ge=1, le=100, description="Entries asked for at once.")
    timeout_seconds: float = Field(20, gt=0, le=120, description="Give up on a silent server after this long.")
    max_pages: int = Field(20, ge=1, le=1000, description="Pages read of one source before a gap is admitted.")

    @field_validator("handle")
    @classmethod
    def drop_at_sign(cls, value: str) -> str:
        """People write ``@shop.example.com``."""
        return value.strip().removeprefix("@")

    @field_validator("service")
    @classmethod
    def require_safe_address(cls, value: str) -> str:
        """Insist on TLS, except on this very machine: a password goes there."""
        return safe_address(value)

    @field_validator("search", mode="before")
    @classmethod
    def clean_terms(cls, value: object) -> object:
        """Drop empty and repeated terms; one term may stand without a list."""
        terms = [value] if isinstance(value, str) else value
        if not isinstance(terms, list | tuple):
            return value
        return tuple(dict.fromkeys(str(term).strip() for term in terms if str(term).strip()))


def read_options(settings: ChannelSettings) -> BlueskyOptions:
    """Return the options of ``settings``, checked. Raises ``ConfigError`` naming the first wrong one."""
    return check_options(BlueskyOptions, settings, secrets=("app_password",))
