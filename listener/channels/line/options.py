"""What the settings of a LINE Official Account may say."""

from enum import StrEnum

from pydantic import Field, SecretStr, field_validator

from config.section import Section
from config.settings import ChannelSettings
from listener.channel_options import check_options, safe_address


class GroupMessages(StrEnum):
    """Which messages of group chats come in."""

    NAMED = "named"
    """Those that name our account with ``@``."""
    ALL = "all"
    NONE = "none"


class LineOptions(Section):
    """``options`` and ``secrets`` of a ``[[channel]]`` of kind ``line``."""

    channel_secret: SecretStr = Field(description="The channel secret; LINE signs its calls with it.", min_length=1)
    channel_access_token: SecretStr = Field(description="A long-lived channel access token.", min_length=1)
    group_messages: GroupMessages = Field(
        GroupMessages.NAMED, description="Messages in group chats: `named` (those that name us), `all` or `none`."
    )
    profile_hours: float = Field(24, ge=0, le=720, description="How long a person's name is remembered.")
    page_size: int = Field(100, ge=1, le=500, description="Events taken at once.")
    service: str = Field("https://api.line.me", description="Where the API is.")
    timeout_seconds: float = Field(10, gt=0, le=60, description="Give up on a silent server after this long.")

    @field_validator("channel_secret", "channel_access_token")
    @classmethod
    def require_plain_value(cls, value: SecretStr) -> SecretStr:
        """Refuse what cannot stand in a header, for example a file with more than the token in it."""
        token = value.get_secret_value()
        if not token.isascii() or not token.isprintable() or " " in token:
            message = "must be the value and nothing else"
            raise ValueError(message)
        return value

    @field_validator("service")
    @classmethod
    def require_safe_address(cls, value: str) -> str:
        """Insist on TLS, except on this very machine."""
        return safe_address(value)


def read_options(settings: ChannelSettings) -> LineOptions:
    """Return the options of ``settings``, checked. Raises ``ConfigError`` naming the first wrong one."""
    return check_options(LineOptions, settings, secrets=("channel_secret", "channel_access_token"))
