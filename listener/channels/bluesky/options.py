"""What the settings of a Bluesky account may say."""

from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator

from config.settings import ChannelSettings, Section
from domain.errors import ConfigError, Place

ENTRYWAY = "https://bsky.social"
"""Bluesky's own door: accounts behind it live on many servers, named in their DID document."""
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


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
        url = urlsplit(value.strip().rstrip("/"))
        if url.scheme == "https" and url.hostname and not url.path:
            return f"https://{url.netloc}"
        if url.scheme == "http" and url.hostname in LOOPBACK and not url.path:
            return f"http://{url.netloc}"
        message = "must be https://host (http only on this machine)"
        raise ValueError(message)

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
    given: dict[str, object] = {"max_pages": settings.max_pages_per_poll, **settings.options, **settings.secrets}
    try:
        return BlueskyOptions.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        key = str(first["loc"][0]) if first["loc"] else ""
        table = "secrets" if key == "app_password" or key in settings.secrets else "options"
        known = ", ".join(BlueskyOptions.model_fields)
        raise ConfigError(
            f"{key}: {first['msg']}",
            place=Place(file="kikite.toml", field=f"channel.{settings.name}.{table}.{key}"),
            remedy=f"Known: {known}." if first["type"] == "extra_forbidden" else "See docs/how-to/bluesky.md.",
        ) from None
