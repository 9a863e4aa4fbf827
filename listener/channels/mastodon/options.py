"""What the settings of a Mastodon account may say."""

import re
from typing import Literal

from pydantic import Field, SecretStr, field_validator

from config.section import Section
from config.settings import ChannelSettings
from listener.channel_options import check_options, safe_address

HASHTAG = re.compile(r"[\w·・]{1,100}")
"""What may stand behind ``#``; nothing that means something in an address."""
MOST_SOURCES = 20
"""Hashtags, and again searches: each is a request or more in every poll, and a server allows 300 in five minutes."""


class MastodonOptions(Section):
    """``options`` and ``secrets`` of a ``[[channel]]`` of kind ``mastodon``."""

    instance: str = Field(description="Our server, e.g. `mastodon.example`.", min_length=3, max_length=253)
    access_token: SecretStr = Field(description="Access token of an application made on that server.", min_length=1)
    hashtags: tuple[str, ...] = Field(
        (), description="Hashtags whose posts are collected too.", max_length=MOST_SOURCES
    )
    search: tuple[str, ...] = Field((), description="Terms whose posts are collected too.", max_length=MOST_SOURCES)
    direct_messages: bool = Field(True, description="False: private mentions are neither read nor sent.")
    reply_visibility: Literal["public", "unlisted"] = Field(
        "public", description="`unlisted`: replies stay out of public timelines. Never wider than the answered post."
    )
    first_poll_days: int = Field(7, ge=0, le=90, description="How far back the very first poll reads.")
    page_size: int = Field(40, ge=1, le=40, description="Entries asked for at once.")
    timeout_seconds: float = Field(20, gt=0, le=120, description="Give up on a silent server after this long.")
    max_pages: int = Field(20, ge=1, le=1000, description="Pages walked back in one source before a gap is admitted.")

    @field_validator("instance", mode="before")
    @classmethod
    def require_safe_address(cls, value: object) -> object:
        """Take ``mastodon.example`` as ``https://mastodon.example``; insist on TLS but on this very machine."""
        if not isinstance(value, str) or not value.strip():
            return value
        return safe_address(value if "://" in value else f"https://{value.strip()}")

    @field_validator("access_token")
    @classmethod
    def require_header_value(cls, value: SecretStr) -> SecretStr:
        """Refuse what cannot stand in a header, for example a file with more than the token in it."""
        token = value.get_secret_value()
        if not token.isascii() or not token.isprintable() or " " in token:
            message = "must be the token and nothing else"
            raise ValueError(message)
        return value

    @field_validator("hashtags", "search", mode="before")
    @classmethod
    def clean_terms(cls, value: object) -> object:
        """Drop empty and repeated ones; one may stand without a list."""
        terms = [value] if isinstance(value, str) else value
        if not isinstance(terms, list | tuple):
            return value
        return tuple(dict.fromkeys(str(term).strip() for term in terms if str(term).strip()))

    @field_validator("hashtags")
    @classmethod
    def check_hashtags(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        """Take them with or without ``#``."""
        tags = tuple(dict.fromkeys(tag.lstrip("#＃") for tag in value))
        if not all(HASHTAG.fullmatch(tag) for tag in tags):
            message = "a hashtag is one word of letters, digits and _"
            raise ValueError(message)
        return tags


def read_options(settings: ChannelSettings) -> MastodonOptions:
    """Return the options of ``settings``, checked. Raises ``ConfigError`` naming the first wrong one."""
    return check_options(MastodonOptions, settings, secrets=("access_token",))
