"""What the settings of a YouTube account may say. With an API key alone, comments are read and nothing can be sent."""

import re
from typing import Self
from urllib.parse import parse_qs, urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator

from config.section import Section
from config.settings import ChannelSettings
from listener.channel_options import check_options, safe_address
from listener.terms import clean_terms

VIDEO = re.compile(r"[A-Za-z0-9_-]{11}")
MOST_QUESTIONS = 50
"""Videos times terms: each is a request in every poll, and a project has 10,000 units a day."""
NOTHING = SecretStr("")


class YouTubeOptions(Section):
    """``options`` and ``secrets`` of a ``[[channel]]`` of kind ``youtube``."""

    channel: str = Field(
        "", description="Our channel's id, `UC…`. Needed with an API key.", pattern=r"^$|^UC[A-Za-z0-9_-]{22}$"
    )
    client_id: str = Field("", description="Id of our OAuth client. Empty: an API key, reading only.")
    client_secret: SecretStr = Field(NOTHING, description="That client's secret.")
    refresh_token: SecretStr = Field(NOTHING, description="Our channel's token for it, scope `youtube.force-ssl`.")
    api_key: SecretStr = Field(NOTHING, description="An API key instead: comments are read, nothing is sent.")
    videos: tuple[str, ...] = Field((), description="Others' videos whose comments are collected: ids or addresses.")
    search: tuple[str, ...] = Field((), description="Terms: of those videos, only comments that name one.")
    daily_units: int = Field(
        8_000, ge=100, le=10_000_000, description="Quota units a day for reading; the rest is left for replies."
    )
    first_poll_days: int = Field(7, ge=0, le=90, description="How far back the very first poll reads.")
    look_back_days: int = Field(14, ge=0, le=365, description="How far back edits and late replies are looked for.")
    page_size: int = Field(100, ge=1, le=100, description="Threads asked for at once.")
    timeout_seconds: float = Field(20, gt=0, le=120, description="Give up on a silent server after this long.")
    api_url: str = Field("https://youtube.googleapis.com", description="Where the API answers.")
    sign_in_url: str = Field("https://oauth2.googleapis.com", description="Where access tokens are given out.")
    max_pages: int = Field(20, ge=1, le=1000, description="Pages read of one source before a gap is admitted.")

    @property
    def can_write(self) -> bool:
        """True: signed in as our channel; False: an API key, which only reads what is public."""
        return bool(self.client_id)

    @field_validator("channel", "client_id", mode="before")
    @classmethod
    def strip(cls, value: object) -> object:
        """Take pasted ids with blanks around them."""
        return value.strip() if isinstance(value, str) else value

    @field_validator("client_secret", "refresh_token", "api_key")
    @classmethod
    def require_header_value(cls, value: SecretStr) -> SecretStr:
        """Refuse what cannot stand in a header, for example a file with more than the secret in it."""
        secret = value.get_secret_value()
        if not secret.isascii() or (secret and not secret.isprintable()) or " " in secret:
            message = "must be the secret and nothing else"
            raise ValueError(message)
        return value

    @field_validator("api_url", "sign_in_url")
    @classmethod
    def require_safe_address(cls, value: str) -> str:
        """Insist on TLS, except on this very machine: tokens go there."""
        return safe_address(value)

    @field_validator("search", mode="before")
    @classmethod
    def clean_search(cls, value: object) -> object:
        """Drop empty and repeated terms; one may stand without a list."""
        return clean_terms(value)

    @field_validator("videos", mode="before")
    @classmethod
    def find_ids(cls, value: object) -> object:
        """Take addresses as they are copied from a browser."""
        given = clean_terms(value)
        if not isinstance(given, tuple):
            return value
        found = {one: read_video_id(one) for one in given}
        wrong = [one for one, video_id in found.items() if not video_id]
        if wrong:
            message = f"'{wrong[0][:60]}' is neither a video's id nor its address"
            raise ValueError(message)
        return tuple(dict.fromkeys(found.values()))

    @model_validator(mode="after")
    def require_one_whole_way_in(self) -> Self:
        """Half a set of credentials is a mistake, and so are two."""
        given = [bool(secret.get_secret_value()) for secret in (self.client_secret, self.refresh_token)]
        has_key = bool(self.api_key.get_secret_value())
        message = ""
        if self.can_write and not all(given):
            message = "client_id needs secrets.client_secret and secrets.refresh_token"
        elif self.can_write and has_key:
            message = "give either client_id with its secrets or secrets.api_key, not both"
        elif not self.can_write and any(given):
            message = "secrets without options.client_id"
        elif not self.can_write and not has_key:
            message = "client_id with its secrets is needed, or secrets.api_key for reading only"
        elif has_key and not self.channel:
            message = "an API key does not tell who we are: name options.channel"
        elif self.search and not self.videos:
            message = "search looks within options.videos: name some"
        elif len(self.videos) * max(1, len(self.search)) > MOST_QUESTIONS:
            message = f"videos times search terms may be {MOST_QUESTIONS} at most: each is a request in every poll"
        if message:
            raise ValueError(message)
        return self


def read_video_id(given: str) -> str:
    """Return the id in ``given``, an id or a video's address; empty when there is none."""
    if VIDEO.fullmatch(given):
        return given
    try:
        url = urlsplit(given if "://" in given else f"https://{given}")
        host = (url.hostname or "").removeprefix("www.").removeprefix("m.")
    except ValueError:
        return ""
    steps = [step for step in url.path.split("/") if step]
    candidate = ""
    if host == "youtu.be" and steps:
        candidate = steps[0]
    elif host == "youtube.com" and steps[:1] == ["watch"]:
        candidate = parse_qs(url.query).get("v", [""])[0]
    elif host == "youtube.com" and len(steps) > 1 and steps[0] in {"shorts", "live", "embed"}:
        candidate = steps[1]
    return candidate if VIDEO.fullmatch(candidate) else ""


def read_options(settings: ChannelSettings) -> YouTubeOptions:
    """Return the options of ``settings``, checked. Raises ``ConfigError`` naming the first wrong one."""
    return check_options(YouTubeOptions, settings, secrets=("client_secret", "refresh_token", "api_key"))
