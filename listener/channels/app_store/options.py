"""What the settings of an app in the App Store may say."""

from pydantic import Field, SecretStr, field_validator

from config.section import Section
from config.settings import ChannelSettings
from listener.channel_options import check_options, safe_address


class AppStoreOptions(Section):
    """``options`` and ``secrets`` of a ``[[channel]]`` of kind ``app_store``."""

    app_id: str = Field(description="The app's Apple ID, a number.", pattern=r"^[0-9]{1,20}$")
    issuer_id: str = Field(description="Issuer ID of the team's API keys.", pattern=r"^[0-9A-Fa-f-]{8,64}$")
    key_id: str = Field(description="ID of the API key.", pattern=r"^[0-9A-Za-z]{4,32}$")
    private_key: SecretStr = Field(description="The key's `.p8` file.", min_length=1)
    first_poll_days: int = Field(7, ge=0, le=365, description="How far back the very first poll reads.")
    reread_days: int = Field(3, ge=0, le=30, description="How far back reviews are read again, for those edited since.")
    page_size: int = Field(200, ge=1, le=200, description="Reviews asked for at once.")
    service: str = Field("https://api.appstoreconnect.apple.com", description="Where the API is.")
    timeout_seconds: float = Field(20, gt=0, le=120, description="Give up on a silent server after this long.")
    max_pages: int = Field(20, ge=1, le=1000, description="Pages walked back before a gap is admitted.")

    @field_validator("app_id", mode="before")
    @classmethod
    def take_number(cls, value: object) -> object:
        """Take the id with or without quotation marks."""
        return str(value) if isinstance(value, int) and not isinstance(value, bool) else value

    @field_validator("service")
    @classmethod
    def require_safe_address(cls, value: str) -> str:
        """Insist on TLS, except on this very machine."""
        return safe_address(value)


def read_options(settings: ChannelSettings) -> AppStoreOptions:
    """Return the options of ``settings``, checked. Raises ``ConfigError`` naming the first wrong one."""
    return check_options(AppStoreOptions, settings, secrets=("private_key",))
