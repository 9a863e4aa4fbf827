"""Orders as shops and files tell them. The buyer's mail address is in here only on its way: what is kept is a keyed hash of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

BuyerKey = Callable[[str], str]
"""Turns a mail address into what may be kept of it; an empty address into nothing."""


class OrderStatus(StrEnum):
    """How far an order is (``config/locale/customers.toml``)."""

    OPEN = "open"
    """Ordered, not paid yet, or held back."""
    PAID = "paid"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"
    OTHER = "other"
    """The shop uses a word of its own."""


@dataclass(frozen=True, kw_only=True, slots=True)
class OrderItem:
    """One line of an order."""

    name: str
    quantity: int = 1
    variant: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    """One order. Times are aware UTC; names come from the shop and are shown escaped."""

    external_id: str
    number: str
    """As the buyer knows it."""
    ordered_at: datetime
    status: OrderStatus
    items: tuple[OrderItem, ...] = ()
    total: str = ""
    currency: str = ""
    buyer_address: str = field(default="", repr=False)
    shipped_at: datetime | None = None
    expected_at: datetime | None = None
    delivered_at: datetime | None = None
    consented: bool = False
    """The buyer agreed that orders are looked up for support."""


@dataclass(frozen=True, kw_only=True, slots=True)
class OrderPage:
    """One page of a shop's orders, those changed longest ago first."""

    orders: tuple[Order, ...]
    cursor: str
    """Where to go on."""
    more: bool
    """True when another page can be had at once."""
    wait_seconds: float = 0.0
    """The shop asks for so much rest before the next request."""
    unreadable: int = 0
    """Orders left out because nothing could be made of them."""
