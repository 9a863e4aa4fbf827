"""What the settings of a Reddit account may say. Without credentials, public feeds are read and nothing can be sent."""

import re
from typing import Self

from pydantic import Field, SecretStr, field_validator, model_validator

from config.section import Section
from config.settings import ChannelSettings
from listener.channel_options import check_options, safe_address

SUBREDDIT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_]{1,20}")
NOTHING = SecretStr("")


class RedditOptions(Section):
    """``options`` and ``secrets`` of a ``[[channel]]`` of kind ``reddit``."""

    username: str = Field(
        "", description="Our account, without `u/`. Needed with credentials.", pattern=r"^$|^[A-Za-z0-9_-]{3,20}$"
    )
    client_id: str = Field("", description="Id of the app that Reddit approved. Empty: public feeds only.")
    client_secret: SecretStr = Field(NOTHING, description="The app's secret; an installed app has none.")
    refresh_token: SecretStr = Field(NOTHING, description="A permanent token of our account for this app.")
    password: SecretStr = Field(NOTHING, description="The account's password: script apps only, instead of a token.")
    subreddits: tuple[str, ...] = Field((), description="Subreddits whose new posts and comments are collected.")
    search: tuple[str, ...] = Field((), description="Terms whose posts are collected, e.g. the brand's name.")
    search_in: tuple[str, ...] = Field((), description="Subreddits to search in; none: all of Reddit.")
    fill_max_threads: int = Field(
        300, ge=0, le=1000, description="Threads read again where comments were dropped from Reddit's list; 0: none."
    )
    direct_messages: bool = Field(False, description="True: private messages are read, and answered where they began.")
    first_poll_days: int = Field(7, ge=0, le=90, description="How far back the very first poll reads.")
    page_size: int = Field(100, ge=1, le=100, description="Entries asked for at once.")
    timeout_seconds: float = Field(20, gt=0, le=120, description="Give up on a silent server after this long.")
    api_url: str = Field("https://oauth.reddit.com", description="Where the API answers.")
    site_url: str = Field("https://www.reddit.com", description="Where tokens are given out and feeds are read.")
    max_pages: int = Field(20, ge=1, le=1000, description="Pages read of one source before a gap is admitted.")

    @property
    def has_credentials(self) -> bool:
        """True: the API is used; False: public feeds only."""
        return bool(self.client_id)

    @field_validator("username", mode="before")
    @classmethod
    def drop_prefix(cls, value: object) -> object:
        """People write ``u/shop``."""
        return re.sub(r"^/?u/", "", value.strip()) if isinstance(value, str) else value

    @field_validator("api_url", "site_url")
    @classmethod
    def require_safe_address(cls, value: str) -> str:
        """Insist on TLS, except on this very machine: tokens go there."""
        return safe_address(value)

    @field_validator("subreddits", "search_in", mode="before")
    @classmethod
    def split_names(cls, value: object) -> object:
        """Names may come as ``r/a``, as ``a+b``, or as a list."""
        given = [value] if isinstance(value, str) else value
        if not isinstance(given, list | tuple):
            return value
        names = [re.sub(r"^/?r/", "", name.strip()) for one in given for name in re.split(r"[+,]", str(one))]
        wrong = [name for name in names if name and not SUBREDDIT.fullmatch(name)]
        if wrong:
            message = f"'{wrong[0][:40]}' is not the name of a subreddit"
            raise ValueError(message)
        return tuple({name.lower(): name for name in names if name}.values())

    @field_validator("search", mode="before")
    @classmethod
    def clean_terms(cls, value: object) -> object:
        """Drop empty and repeated terms; one term may stand without a list."""
        terms = [value] if isinstance(value, str) else value
        if not isinstance(terms, list | tuple):
            return value
        return tuple(dict.fromkeys(str(term).strip() for term in terms if str(term).strip()))

    @model_validator(mode="after")
    def require_whole_credentials(self) -> Self:
        """Half a set of credentials is a mistake, and so is nothing to read."""
        secrets = (self.client_secret, self.refresh_token, self.password)
        given = [bool(secret.get_secret_value()) for secret in secrets]
        has_secret, has_token, has_password = given
        message = ""
        if not self.has_credentials:
            if any(given):
                message = "secrets without options.client_id"
            elif self.direct_messages:
                message = "direct_messages needs credentials: client_id and its secrets"
            elif not (self.subreddits or self.search):
                message = "without credentials there is nothing to read: name subreddits or search"
        elif not self.username:
            message = "client_id needs username beside it"
        elif not (has_token or (has_secret and has_password)):
            message = "client_id needs secrets.refresh_token, or secrets.client_secret and secrets.password"
        if message:
            raise ValueError(message)
        return self


def read_options(settings: ChannelSettings) -> RedditOptions:
    """Return the options of ``settings``, checked. Raises ``ConfigError`` naming the first wrong one."""
    return check_options(RedditOptions, settings, secrets=("client_secret", "refresh_token", "password"))
