"""Connected shops: where orders are read from. Each is a ``[[shop]]`` table; its secrets stand in files."""

from typing import Annotated, Final, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, field_validator, model_validator

from config.section import Name, Section

SECRETS: Final = {"woocommerce": ("consumer_key", "consumer_secret"), "shopify": ("access_token",)}
LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")
FILE: Final = "file"
"""Source of orders that came from a file."""


class ShopSettings(Section):
    """One connected shop. Orders are only read."""

    name: Name = Field(description="Your name for this shop.")
    kind: Literal["woocommerce", "shopify"] = Field(description="Shop system.")
    url: str = Field(description="Its address: `https://shop.example` (WordPress) or `https://NAME.myshopify.com`.")
    poll_minutes: int = Field(15, ge=1, le=1440, description="Between two looks for new and changed orders.")
    first_poll_days: int = Field(
        60,
        ge=1,
        le=3650,
        description="How far back the first look reads. Shopify gives 60 days without a further right.",
    )
    consent_field: str = Field(
        "",
        max_length=80,
        description="Field of an order (WooCommerce: meta data, Shopify: attribute) that says the buyer agrees to support looking at orders. Empty: nobody did.",
    )
    timeout_seconds: float = Field(30, gt=0, le=120, description="Give up on a silent server after this long.")
    secrets: dict[str, SecretStr] = Field(
        default_factory=dict,
        description="WooCommerce: `consumer_key_file`, `consumer_secret_file`. Shopify: `access_token_file`.",
    )

    @field_validator("name")
    @classmethod
    def _keep_file_free(cls, value: str) -> str:
        if value == FILE:
            msg = "'file' is what imported orders are kept under; choose another name."
            raise ValueError(msg)
        return value

    @field_validator("url")
    @classmethod
    def _require_safe_address(cls, value: str) -> str:
        """Insist on TLS, except on this very machine: keys go there."""
        said = value.strip().rstrip("/")
        try:
            parts = urlsplit(said)
            is_plain = not (parts.query or parts.fragment or parts.username) and parts.port != 0
        except ValueError:
            is_plain = False
        safe = is_plain and parts.hostname and (parts.scheme == "https" or parts.hostname in LOOPBACK)
        if not safe or parts.scheme not in ("http", "https"):
            msg = "must be https://host (http only on this machine)."
            raise ValueError(msg)
        return said

    @model_validator(mode="after")
    def _require_secrets(self) -> Self:
        wanted = SECRETS[self.kind]
        missing = [name for name in wanted if not self.secret(name)]
        if missing:
            msg = f"{self.kind} needs the secret '{missing[0]}'."
            raise ValueError(msg)
        strange = sorted(self.secrets.keys() - set(wanted))
        if strange:
            msg = f"{self.kind} knows no secret '{strange[0]}'."
            raise ValueError(msg)
        return self

    def secret(self, name: str) -> str:
        """Return one secret without the space around it; empty when it is not there."""
        held = self.secrets.get(name)
        return held.get_secret_value().strip() if held else ""


def _name_once(shops: tuple[ShopSettings, ...]) -> tuple[ShopSettings, ...]:
    names = [shop.name for shop in shops]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice:
        msg = f"two shops are called '{twice}'."
        raise ValueError(msg)
    return shops


Shops = Annotated[tuple[ShopSettings, ...], AfterValidator(_name_once)]
