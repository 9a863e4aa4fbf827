"""What the settings of any account at Meta may say."""

from pydantic import Field, SecretStr, field_validator

from config.section import Section
from listener.channel_options import safe_address

SECRETS = ("access_token", "app_secret", "verify_token")
ID = r"^[0-9]{1,30}$"


class GraphOptions(Section):
    """``options`` and ``secrets`` that a Page and an Instagram account have in common."""

    app_id: str = Field(description="ID of your app at Meta, a number.", pattern=ID)
    access_token: SecretStr = Field(description="Access token of the Page.", min_length=1)
    app_secret: SecretStr = Field(
        description="The app's secret: signs what leaves and proves what comes.", min_length=1
    )
    verify_token: SecretStr = Field(
        description="A word of your own, told to Meta with the webhook's address.", min_length=8, max_length=200
    )
    direct_messages: bool = Field(True, description="False: private messages are neither read nor sent.")
    human_agent: bool = Field(
        False, description="True: the app has Human Agent, so messages may be answered for 7 days instead of 24 hours."
    )
    hidden_comments: bool = Field(
        False, description="True: comments that were hidden before they were read come in, too."
    )
    version: str = Field("v25.0", description="Version of the Graph API.", pattern=r"^v[0-9]{2}\.[0-9]$")
    first_poll_days: int = Field(7, ge=0, le=90, description="How far back the very first poll reads.")
    watch_days: int = Field(30, ge=1, le=365, description="Posts older than this are not asked for new comments.")
    reread_hours: int = Field(6, ge=1, le=168, description="How far back comments are read again, for those edited.")
    sweep_minutes: int = Field(10, ge=0, le=1440, description="Time between two readings of everything by poll.")
    page_size: int = Field(50, ge=1, le=100, description="Entries asked for at once.")
    service: str = Field("https://graph.facebook.com", description="Where the API is.")
    timeout_seconds: float = Field(20, gt=0, le=120, description="Give up on a silent server after this long.")
    max_pages: int = Field(20, ge=1, le=1000, description="Pages walked back in one list before a gap is admitted.")

    @field_validator("app_id", "page_id", "account_id", mode="before", check_fields=False)
    @classmethod
    def take_number(cls, value: object) -> object:
        """Take an id with or without quotation marks."""
        return str(value) if isinstance(value, int) and not isinstance(value, bool) else value

    @field_validator("access_token", "app_secret", "verify_token")
    @classmethod
    def require_one_word(cls, value: SecretStr) -> SecretStr:
        """Refuse what cannot stand in a header, for example a file with more than the token in it."""
        word = value.get_secret_value()
        if not word.isascii() or not word.isprintable() or " " in word:
            message = "must be the secret and nothing else"
            raise ValueError(message)
        return value

    @field_validator("service")
    @classmethod
    def require_safe_address(cls, value: str) -> str:
        """Insist on TLS, except on this very machine."""
        return safe_address(value)
