"""What the settings of a Hacker News account may say."""

from pydantic import Field, field_validator

from config.section import Section
from config.settings import ChannelSettings
from listener.channel_options import check_options, safe_address
from listener.terms import clean_terms


class HackerNewsOptions(Section):
    """``options`` of a ``[[channel]]`` of kind ``hackernews``."""

    terms: tuple[str, ...] = Field(description="Take stories and comments that name one of these.", min_length=1)
    whole_threads: bool = Field(False, description="Take every comment below a story whose title or address names one.")
    account: str = Field(
        "", description="Our own user name, if we have one: its posts are left out.", pattern=r"^[A-Za-z0-9_-]{0,60}$"
    )
    search_service: str = Field("https://hn.algolia.com", description="Where the search is.")
    item_service: str = Field("https://hacker-news.firebaseio.com", description="Where the official API is.")
    first_poll_days: int = Field(7, ge=0, le=365, description="How far back the very first poll reads.")
    page_size: int = Field(100, ge=1, le=1000, description="Posts asked for at once.")
    timeout_seconds: float = Field(20, gt=0, le=120, description="Give up on a silent server after this long.")
    max_pages: int = Field(20, ge=1, le=1000, description="Pages read for one term before a gap is admitted.")

    @field_validator("terms", mode="before")
    @classmethod
    def clean(cls, value: object) -> object:
        """Drop empty and repeated terms; one term may stand without a list."""
        cleaned = clean_terms(value)
        # The search takes quotation marks as its own.
        return clean_terms([str(term).replace('"', " ") for term in cleaned]) if isinstance(cleaned, tuple) else cleaned

    @field_validator("search_service", "item_service")
    @classmethod
    def require_safe_address(cls, value: str) -> str:
        """Insist on TLS, except on this very machine."""
        return safe_address(value)


def read_options(settings: ChannelSettings) -> HackerNewsOptions:
    """Return the options of ``settings``, checked. Raises ``ConfigError`` naming the first wrong one."""
    return check_options(HackerNewsOptions, settings)
