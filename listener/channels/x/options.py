"""What the settings of an X account may say."""

from typing import Final, Self

from pydantic import Field, SecretStr, field_validator, model_validator

from config.section import Section
from config.settings import ChannelSettings
from listener.channel_options import check_options, safe_address

LONGEST_RULE: Final = 460
"""X takes 512 characters; what we put around a rule takes the rest."""
NO_SECRET: Final = SecretStr("")
OAUTH1: Final = ("api_key", "api_key_secret", "access_token", "access_token_secret")
OAUTH2: Final = ("client_id", "refresh_token")
SECRETS: Final = (*OAUTH1, "refresh_token", "client_secret", "bearer_token")


class XOptions(Section):
    """``options`` and ``secrets`` of a ``[[channel]]`` of kind ``x``."""

    api_key: SecretStr = Field(NO_SECRET, description="OAuth 1.0a: the app's key.")
    api_key_secret: SecretStr = Field(NO_SECRET, description="OAuth 1.0a: the app's secret.")
    access_token: SecretStr = Field(NO_SECRET, description="OAuth 1.0a: our account's token.")
    access_token_secret: SecretStr = Field(NO_SECRET, description="OAuth 1.0a: our account's token secret.")
    client_id: str = Field("", description="OAuth 2.0: the app's client id.")
    client_secret: SecretStr = Field(NO_SECRET, description="OAuth 2.0: only for a confidential client.")
    refresh_token: SecretStr = Field(NO_SECRET, description="OAuth 2.0: as the sign-in gave it; kept fresh by us.")
    bearer_token: SecretStr = Field(NO_SECRET, description="The app's own token, to count posts before a long search.")
    ai_replies_approved: bool = Field(False, description="True: X has approved AI-written replies for this app.")
    owns_app: bool = Field(True, description="True: the app belongs to our account, so its own reads cost less.")
    search: tuple[str, ...] = Field((), description="Search rules in X's own language whose posts are collected too.")
    search_max_posts: int = Field(1000, ge=10, le=100_000, description="A search that would bring more is not read.")
    fill_max_posts: int = Field(
        5000, ge=0, le=100_000, description="Mentions beyond X's list of 800 that a search may fill in; 0: none."
    )
    compliance_jobs: bool = Field(
        False, description="True: X is asked in bulk which old posts are deleted; needs bearer_token and that right."
    )
    direct_messages: bool = Field(True, description="False: direct messages are neither read nor sent.")
    direct_message_seconds: int = Field(300, ge=60, le=86_400, description="Least time between two reads of messages.")
    direct_message_page_size: int = Field(20, ge=1, le=100, description="Message events asked for at once.")
    first_poll_days: int = Field(7, ge=0, le=30, description="How far back the very first poll reads.")
    page_size: int = Field(100, ge=5, le=100, description="Posts asked for at once.")
    post_fields: bool = Field(False, description="True: ask for `post.fields`, X's new name of `tweet.fields`.")
    service: str = Field("https://api.x.com", description="Address of X's API.")
    timeout_seconds: float = Field(20, gt=0, le=120, description="Give up on a silent server after this long.")
    max_pages: int = Field(20, ge=1, le=1000, description="Pages read of one source before a gap is admitted.")

    @property
    def signs_requests(self) -> bool:
        """True for OAuth 1.0a, False for OAuth 2.0."""
        return bool(self.api_key.get_secret_value())

    @field_validator(*SECRETS)
    @classmethod
    def _trim(cls, value: SecretStr) -> SecretStr:
        """Drop the line feed a file ends with; anything but letters and signs would break a header."""
        trimmed = value.get_secret_value().strip()
        if not trimmed.isascii() or (trimmed and not trimmed.isprintable()) or " " in trimmed:
            message = "must be one word of letters, digits and signs, as X shows it"
            raise ValueError(message)
        return SecretStr(trimmed)

    @field_validator("service")
    @classmethod
    def _require_safe_address(cls, value: str) -> str:
        return safe_address(value)

    @field_validator("search", mode="before")
    @classmethod
    def _clean_rules(cls, value: object) -> object:
        """Drop empty and repeated rules; one rule may stand without a list."""
        rules = [value] if isinstance(value, str) else value
        if not isinstance(rules, list | tuple):
            return value
        return tuple(dict.fromkeys(str(rule).strip() for rule in rules if str(rule).strip()))

    @field_validator("search")
    @classmethod
    def _know_length(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if any(len(rule) > LONGEST_RULE for rule in value):
            message = f"a rule has more than {LONGEST_RULE} characters; X takes no longer ones"
            raise ValueError(message)
        return value

    @model_validator(mode="after")
    def _require_one_way_in(self) -> Self:
        one, two = ([self._has(name) for name in names] for names in (OAUTH1, OAUTH2))
        if any(one) and any(two):
            message = "give the four secrets of OAuth 1.0a or those of OAuth 2.0, not both"
            raise ValueError(message)
        if not all(one) and not all(two):
            message = f"give secrets {', '.join(OAUTH1)}, or option client_id and secret refresh_token"
            raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _require_app_token(self) -> Self:
        if self.compliance_jobs and not self._has("bearer_token"):
            message = "compliance_jobs needs secret bearer_token: X answers it to the app alone"
            raise ValueError(message)
        return self

    def _has(self, name: str) -> bool:
        value = getattr(self, name)
        return bool(value.get_secret_value() if isinstance(value, SecretStr) else value)


def read_options(settings: ChannelSettings) -> XOptions:
    """Return the options of ``settings``, checked. Raises ``ConfigError`` naming the first wrong one."""
    return check_options(XOptions, settings, secrets=SECRETS)
