"""The people behind the profiles: customers, links, notes, purchases, who wants to be left alone."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, RowId, WorkspaceScoped, reference, row_id


class Customer(WorkspaceScoped, Base):
    """A person across channels. Profiles are linked by a person at the desk, never by a guess."""

    __tablename__ = "customer"
    id: Mapped[int] = row_id()
    display_name: Mapped[str]
    """As they want to be called; empty: as each profile says."""
    language: Mapped[str] = mapped_column(String(8), default="")
    """They asked to be answered in it; empty: in the language of each post."""
    time_zone: Mapped[str] = mapped_column(String(64), default="")
    persona: Mapped[str] = mapped_column(String(40), default="")
    """Which of the brand's personas they are (R7); empty: none."""
    tags: Mapped[list[Any]] = mapped_column(default=list)
    purchases_consent: Mapped[str] = mapped_column(String(8), default="")
    """``given`` or ``refused``, as they told somebody at the desk; empty: each order says it itself (``Purchase.consented``)."""
    purchases_consented_at: Mapped[datetime | None]
    """When they told so."""
    created_at: Mapped[datetime]


class CustomerLink(WorkspaceScoped, Base):
    """Who linked which profile to whom, or took it off again. Append-only; ``Author.customer_id`` is what holds now."""

    __tablename__ = "customer_link"
    id: Mapped[int] = row_id()
    author_id: Mapped[int] = reference("author.id")
    customer_id: Mapped[int] = reference("customer.id")
    linked: Mapped[bool]
    """False: taken off, or a suggestion that was declined."""
    user_id: Mapped[int | None] = mapped_column(RowId)
    created_at: Mapped[datetime]


class CustomerNote(WorkspaceScoped, Base):
    """What the team wrote down about a customer."""

    __tablename__ = "customer_note"
    id: Mapped[int] = row_id()
    customer_id: Mapped[int] = reference("customer.id")
    user_id: Mapped[int] = reference("user_account.id")
    text: Mapped[str]
    created_at: Mapped[datetime]


class Purchase(WorkspaceScoped, Base):
    """One order from a shop system or a file. Used for a reply only with the customer's consent."""

    __tablename__ = "purchase"
    __table_args__ = (
        UniqueConstraint("workspace_id", "source", "external_id"),
        Index("ix_purchase_customer_ordered", "customer_id", "ordered_at"),
        Index("ix_purchase_number", "workspace_id", "number"),
    )
    id: Mapped[int] = row_id()
    source: Mapped[str] = mapped_column(String(40))
    """Name of the connected shop, or ``file``."""
    external_id: Mapped[str] = mapped_column(String(120))
    number: Mapped[str] = mapped_column(String(40), default="")
    """As the buyer knows it."""
    customer_id: Mapped[int | None] = mapped_column(RowId)
    """None: nobody was linked to it. No foreign key: erasing a customer leaves the order without one."""
    buyer_key: Mapped[str] = mapped_column(String(80), default="", index=True)
    """Keyed hash of the buyer's mail address, for a suggestion; the address itself is not kept."""
    status: Mapped[str] = mapped_column(String(24), default="")
    items: Mapped[list[Any]] = mapped_column(default=list)
    """As ``{"name", "quantity", "variant"}``."""
    total: Mapped[str] = mapped_column(String(24), default="")
    currency: Mapped[str] = mapped_column(String(3), default="")
    ordered_at: Mapped[datetime]
    shipped_at: Mapped[datetime | None]
    expected_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    consented: Mapped[bool] = mapped_column(default=False)
    """The shop says that this buyer agreed."""
    updated_at: Mapped[datetime]


class ShopAccount(WorkspaceScoped, Base):
    """Where the reading of one connected shop's orders stands."""

    __tablename__ = "shop_account"
    __table_args__ = (UniqueConstraint("workspace_id", "name"),)
    id: Mapped[int] = row_id()
    name: Mapped[str] = mapped_column(String(40))
    cursor: Mapped[str] = mapped_column(default="")
    next_poll_at: Mapped[datetime]
    polled_at: Mapped[datetime | None]
    """When orders were last read to their end."""
    failing_since: Mapped[datetime | None]
    last_error: Mapped[str] = mapped_column(default="")


class OptOut(WorkspaceScoped, Base):
    """Somebody who is not to be written to of our own accord (S8)."""

    __tablename__ = "opt_out"
    __table_args__ = (UniqueConstraint("author_id"),)
    id: Mapped[int] = row_id()
    author_id: Mapped[int] = reference("author.id", index=False)
    reason: Mapped[str] = mapped_column(String(24))
    """``asked`` (they said so), ``person`` (somebody at the desk decided), ``lifted`` (somebody let them be written to again)."""
    mention_id: Mapped[int | None] = mapped_column(RowId)
    """The post in which they said so."""
    user_id: Mapped[int | None] = mapped_column(RowId)
    created_at: Mapped[datetime]
