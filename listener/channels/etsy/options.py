"""What the settings of an Etsy shop may say."""

from typing import Final

from pydantic import Field, SecretStr, field_validator

from config.section import Section
from config.settings import ChannelSettings
from listener.channel_options import check_options, safe_address

NO_SECRET: Final = SecretStr("")
SECRETS: Final = ("keystring", "shared_secret", "refresh_token")


class EtsyOptions(Section):
    """``options`` and ``secrets`` of a ``[[channel]]`` of kind ``etsy``."""

    shop_id: int = Field(ge=1, description="The shop's number (not its name).")
    keystring: SecretStr = Field(description="The app's keystring, as Etsy shows it.", min_length=1)
    shared_secret: SecretStr = Field(
        NO_SECRET, description="The app's shared secret; Etsy asks for it since 2026-02-09."
    )
    refresh_token: SecretStr = Field(NO_SECRET, description="OAuth 2.0, if Etsy asks for a sign-in; kept fresh by us.")
    shop_name: str = Field(
        "", description="The shop's name in its address, for links to its reviews.", pattern=r"^[A-Za-z0-9]{0,40}$"
    )
    first_poll_days: int = Field(30, ge=0, le=3650, description="How far back the very first poll reads.")
    reread_days: int = Field(100, ge=1, le=400, description="How old a review may be to be read again for changes.")
    reread_hours: int = Field(
        12, ge=1, le=720, description="How often that is done; newer ones are read at every poll."
    )
    page_size: int = Field(100, ge=2, le=100, description="Reviews asked for at once.")
    service: str = Field("https://openapi.etsy.com", description="Address of Etsy's API.")
    token_service: str = Field("https://api.etsy.com", description="Where a sign-in is renewed.")
    timeout_seconds: float = Field(20, gt=0, le=120, description="Give up on a silent server after this long.")
    max_pages: int = Field(20, ge=1, le=1000, description="Pages read in a row before a gap is admitted.")

    @property
    def api_key(self) -> str:
        """Value of the header ``x-api-key``: both parts, or the keystring alone where there is no shared secret."""
        both = (self.keystring.get_secret_value(), self.shared_secret.get_secret_value())
        return ":".join(filter(None, both))

    @property
    def client_id(self) -> str:
        """What a sign-in calls the app: the keystring, also where somebody wrote both parts into it."""
        return self.keystring.get_secret_value().partition(":")[0]

    @property
    def signs_in(self) -> bool:
        """True with OAuth 2.0 besides the key."""
        return bool(self.refresh_token.get_secret_value())

    @field_validator(*SECRETS)
    @classmethod
    def _trim(cls, value: SecretStr) -> SecretStr:
        """Drop the line feed a file ends with; anything but letters and signs would break a header."""
        trimmed = value.get_secret_value().strip()
        if not trimmed.isascii() or (trimmed and not trimmed.isprintable()) or " " in trimmed:
            message = "must be one word of letters, digits and signs, as Etsy shows it"
            raise ValueError(message)
        return SecretStr(trimmed)

    @field_validator("keystring")
    @classmethod
    def _require_key(cls, value: SecretStr) -> SecretStr:
        if not value.get_secret_value():
            message = "must not be empty"
            raise ValueError(message)
        return value

    @field_validator("service", "token_service")
    @classmethod
    def _require_safe_address(cls, value: str) -> str:
        return safe_address(value)


def read_options(settings: ChannelSettings) -> EtsyOptions:
    """Return the options of ``settings``, checked. Raises ``ConfigError`` naming the first wrong one."""
    return check_options(EtsyOptions, settings, secrets=SECRETS)
