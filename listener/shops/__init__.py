"""Shops whose orders are read: one file a shop system, one poller for all. They never post, so they are no channels.

See docs/adr/0011.
"""

from typing import Protocol

from config.shop_settings import ShopSettings
from domain.clock import Clock
from domain.purchases import OrderPage


class Shop(Protocol):
    """A connected shop."""

    def read(self, cursor: str) -> OrderPage:
        """Return the next page of orders, those changed longest ago first; an empty ``cursor`` begins.

        One request. Raises ``PermanentError`` or ``RetryableError``.
        """
        ...

    def close(self) -> None:
        """Give back the connections."""
        ...


def make_shop(settings: ShopSettings, *, clock: Clock) -> Shop:
    """Return the adapter for a shop's kind. Raises ``ConfigError`` for settings that it cannot work with."""
    if settings.kind == "shopify":
        from listener.shops.shopify import ShopifyShop  # noqa: PLC0415 - only what is connected is loaded

        return ShopifyShop(settings, clock=clock)
    from listener.shops.woocommerce import WooCommerceShop  # noqa: PLC0415 - the same

    return WooCommerceShop(settings, clock=clock)
