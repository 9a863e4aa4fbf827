"""What the settings of an app on Google Play may say."""

from typing import Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator

from config.section import Section
from config.settings import ChannelSettings
from listener.channel_options import check_options, safe_address


class ServiceAccount(BaseModel):
    """What we need out of a service account's key file."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    type: Literal["service_account"]
    client_email: str = Field(min_length=3, max_length=320)
    private_key: SecretStr = Field(min_length=1)
    private_key_id: str = ""
    token_uri: str

    @field_validator("token_uri")
    @classmethod
    def require_safe_address(cls, value: str) -> str:
        """Insist on TLS, except on this very machine."""
        url = urlsplit(value)
        return f"{safe_address(f'{url.scheme}://{url.netloc}')}{url.path}"


class GooglePlayOptions(Section):
    """``options`` and ``secrets`` of a ``[[channel]]`` of kind ``google_play``."""

    package_name: str = Field(
        description="The app's package name, e.g. `com.example.shop`.",
        pattern=r"^[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*)+$",
        max_length=150,
    )
    service_account: SecretStr = Field(description="The service account's JSON key file.", min_length=1)
    first_poll_days: int = Field(7, ge=0, le=7, description="How far back the very first poll reads.")
    page_size: int = Field(100, ge=1, le=100, description="Reviews asked for at once.")
    service: str = Field("https://androidpublisher.googleapis.com", description="Where the API is.")
    timeout_seconds: float = Field(20, gt=0, le=120, description="Give up on a silent server after this long.")
    max_pages: int = Field(20, ge=1, le=1000, description="Pages walked back before a gap is admitted.")

    @field_validator("service")
    @classmethod
    def require_safe_address(cls, value: str) -> str:
        """Insist on TLS, except on this very machine."""
        return safe_address(value)

    @field_validator("service_account")
    @classmethod
    def require_key_file(cls, value: SecretStr) -> SecretStr:
        """Refuse what is no key file, without repeating it."""
        try:
            ServiceAccount.model_validate_json(value.get_secret_value())
        except ValidationError:
            message = "is not the JSON key file of a service account"
            raise ValueError(message) from None
        return value

    @property
    def account(self) -> ServiceAccount:
        """The key file, read."""
        return ServiceAccount.model_validate_json(self.service_account.get_secret_value())


def read_options(settings: ChannelSettings) -> GooglePlayOptions:
    """Return the options of ``settings``, checked. Raises ``ConfigError`` naming the first wrong one."""
    return check_options(GooglePlayOptions, settings, secrets=("service_account",))
