"""Orders of shops and files: stored once each, joined to a customer by a person, shown and used only with consent."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, func, or_, select, update

from domain.cleaning import clean_id, clean_original
from domain.errors import NotFoundError
from domain.purchases import BuyerKey, Order
from storage.customers import GIVEN, REFUSED, load_customer
from storage.database import Transaction
from storage.known_rows import of_ours
from storage.mentions import in_chunks
from storage.models import Customer, Purchase
from storage.people import SignedInUser
from storage.upserts import insert_or_skip

MOST_ITEMS: Final = 50
LONGEST: Final = {"external_id": 120, "number": 40, "total": 24, "currency": 3}
LONGEST_ITEM: Final = 200
MOST_PIECES: Final = 1_000_000


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredOrders:
    """What storing one page of orders did."""

    new: int = 0
    changed: int = 0
    same: int = 0


def store_orders(tx: Transaction, source: str, orders: Sequence[Order], *, buyer_key: BuyerKey) -> StoredOrders:
    """Insert or refresh orders of one source; of two with one id the last counts. Mail addresses are not kept.

    An order of a buyer whose other orders a person joined to a customer belongs to that customer, too.
    """
    fresh = {clean_id(order.external_id, LONGEST["external_id"]): order for order in orders}
    known: dict[str, Purchase] = {}
    for chunk in in_chunks(sorted(fresh)):
        wanted = select(Purchase).where(Purchase.source == source, Purchase.external_id.in_(chunk))
        known |= {row.external_id: row for row in tx.session.scalars(wanted.with_for_update())}
    columns = {key: _columns(order, buyer_key) for key, order in fresh.items()}
    owners = _owners(tx, [str(one["buyer_key"]) for one in columns.values()])
    changed = 0
    for key, row in known.items():
        values = columns[key]
        differs = {name: value for name, value in values.items() if getattr(row, name) != value}
        if differs:
            for name, value in differs.items():
                setattr(row, name, value)
            row.updated_at = tx.now
            changed += 1
        if row.customer_id is None:
            row.customer_id = owners.get(row.buyer_key)
    tx.session.flush()
    rows = [
        {
            **columns[key],
            "source": source,
            "external_id": key,
            "customer_id": owners.get(str(columns[key]["buyer_key"])),
            "updated_at": tx.now,
        }
        for key in sorted(fresh.keys() - known.keys())
    ]
    new = 0
    if rows:
        insert = insert_or_skip(tx, Purchase, "workspace_id", "source", "external_id")
        new = len(list(tx.session.execute(insert.returning(Purchase.id), rows)))
    return StoredOrders(new=new, changed=changed, same=len(fresh) - new - changed)


def _owners(tx: Transaction, keys: Sequence[str]) -> dict[str, int]:
    """Return the customer of each buyer whose earlier orders were joined to one; a buyer with two customers has none."""
    owners: dict[str, set[int]] = {}
    for chunk in in_chunks(sorted({key for key in keys if key})):
        joined = (
            select(Purchase.buyer_key, Purchase.customer_id)
            .where(Purchase.buyer_key.in_(chunk), Purchase.customer_id.is_not(None))
            .distinct()
        )
        for key, customer_id in tx.session.execute(joined):
            owners.setdefault(key, set()).add(customer_id or 0)
    return {key: next(iter(found)) for key, found in owners.items() if len(found) == 1}


def _columns(order: Order, buyer_key: BuyerKey) -> dict[str, Any]:
    items = [
        {
            "name": clean_original(item.name)[:LONGEST_ITEM],
            "quantity": min(item.quantity, MOST_PIECES),
            "variant": clean_original(item.variant)[:LONGEST_ITEM],
        }
        for item in order.items[:MOST_ITEMS]
    ]
    return {
        "number": clean_original(order.number)[: LONGEST["number"]],
        "buyer_key": buyer_key(order.buyer_address),
        "status": str(order.status),
        "items": items,
        "total": clean_original(order.total)[: LONGEST["total"]],
        "currency": clean_original(order.currency)[: LONGEST["currency"]],
        "ordered_at": order.ordered_at,
        "shipped_at": order.shipped_at,
        "expected_at": order.expected_at,
        "delivered_at": order.delivered_at,
        "consented": order.consented,
    }


def is_usable() -> ColumnElement[bool]:
    """Return the condition, on ``Purchase`` joined to ``Customer``, that an order may be looked at and used.

    What the customer told somebody at the desk counts first; where they told nothing, what the order itself says.
    """
    told = Customer.purchases_consent
    return and_(
        Purchase.customer_id == Customer.id,
        or_(told == GIVEN, and_(told != REFUSED, Purchase.consented.is_(True))),
    )


def list_usable(tx: Transaction, customer_id: int, *, limit: int) -> list[Purchase]:
    """Return the latest orders of a customer that may be looked at, newest first."""
    wanted = (
        select(Purchase)
        .join(Customer, Customer.id == Purchase.customer_id)
        .where(Purchase.customer_id == customer_id, is_usable())
        .order_by(Purchase.ordered_at.desc(), Purchase.id.desc())
        .limit(limit)
    )
    return list(tx.session.scalars(of_ours(wanted)))


def count_joined(tx: Transaction, customer_id: int) -> int:
    """Return how many orders were joined to a customer, whether they may be looked at or not."""
    counted = select(func.count()).select_from(Purchase).where(Purchase.customer_id == customer_id)
    return tx.session.scalar(of_ours(counted)) or 0


def join_order(tx: Transaction, customer_id: int, number: str, *, user: SignedInUser) -> int:
    """Join the order of that number, and every other of the same buyer, to a customer; returns how many are theirs by it.

    Raises ``NotFoundError`` when there is no such order, when two shops have one, or when it is another customer's: a number
    alone opens nobody else's orders.
    """
    customer = load_customer(tx, customer_id, lock=True)
    wanted = number.strip().removeprefix("#").strip()
    spelled = {wanted, f"#{wanted}"}
    found = list(
        tx.session.scalars(select(Purchase).where(Purchase.number.in_(spelled)).with_for_update().limit(2))
        if wanted
        else ()
    )
    if len(found) != 1 or found[0].customer_id not in (None, customer.id):
        raise NotFoundError("There is no order of that number to join.", remedy="Compare the number with the shop.")
    return _join(tx, customer, found, user=user)


def join_buyer(tx: Transaction, customer_id: int, buyer_key: str, *, user: SignedInUser) -> int:
    """Join every order of one mail address that is nobody's yet to a customer; returns how many. Raises ``NotFoundError``."""
    customer = load_customer(tx, customer_id, lock=True)
    free = (Purchase.buyer_key == buyer_key, Purchase.customer_id.is_(None), Purchase.buyer_key != "")
    return _join(tx, customer, list(tx.session.scalars(select(Purchase).where(*free).with_for_update())), user=user)


def _join(tx: Transaction, customer: Customer, found: Sequence[Purchase], *, user: SignedInUser) -> int:
    keys = {row.buyer_key for row in found if row.buyer_key}
    ids = {row.id for row in found}
    of_buyer = select(Purchase.id).where(Purchase.buyer_key.in_(keys), Purchase.customer_id.is_(None))
    ids.update(tx.session.scalars(of_buyer))
    joined = update(Purchase).where(Purchase.id.in_(ids)).values(customer_id=customer.id)
    tx.session.execute(joined.execution_options(synchronize_session="fetch"))
    _note(tx, "customer_orders_joined", customer.id, user=user, count=len(ids))
    return len(ids)


def part_orders(tx: Transaction, customer_id: int, *, user: SignedInUser) -> int:
    """Take every order off a customer again; returns how many. Raises ``NotFoundError``."""
    customer = load_customer(tx, customer_id, lock=True)
    ids = list(tx.session.scalars(select(Purchase.id).where(Purchase.customer_id == customer.id)))
    parted = update(Purchase).where(Purchase.id.in_(ids)).values(customer_id=None)
    tx.session.execute(parted.execution_options(synchronize_session="fetch"))
    if ids:
        _note(tx, "customer_orders_parted", customer.id, user=user, count=len(ids))
    return len(ids)


def _note(tx: Transaction, verb: str, customer_id: int, *, user: SignedInUser, count: int) -> None:
    tx.audit(
        verb,
        actor=user.display_name,
        user_id=user.user_id,
        subject=f"customer:{customer_id}",
        detail={"orders": str(count)},
    )
