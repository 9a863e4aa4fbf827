"""Where the reading of connected shops stands: claimed by time, the next look written before anything is asked."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, select, update

from domain.words import AlertSeverity
from storage.alerts import close_alerts, raise_alert
from storage.database import Transaction
from storage.models import ShopAccount
from storage.upserts import insert_or_skip

LONGEST_DETAIL = 300


@dataclass(frozen=True, kw_only=True, slots=True)
class DueShop:
    """A shop whose turn it is."""

    name: str
    cursor: str


def claim_shop(tx: Transaction, name: str, *, pause: timedelta) -> DueShop | None:
    """Return where a shop stands if its time has come, and put the next look off by ``pause`` first: a crash asks nobody twice."""
    insert = insert_or_skip(tx, ShopAccount, "workspace_id", "name")
    tx.session.execute(insert, [{"name": name, "next_poll_at": tx.now}])
    due = (ShopAccount.name == name, ShopAccount.next_poll_at <= tx.now)
    claimed = tx.session.execute(
        update(ShopAccount).where(*due).values(next_poll_at=tx.now + pause).execution_options(synchronize_session=False)
    )
    if cast("CursorResult[Any]", claimed).rowcount != 1:
        return None
    cursor = tx.session.scalars(select(ShopAccount.cursor).where(ShopAccount.name == name)).one()
    return DueShop(name=name, cursor=cursor)


def record_page(tx: Transaction, name: str, *, before: str, cursor: str, more: bool, wait: timedelta | None) -> bool:
    """Move a shop's cursor; False when somebody else moved it meanwhile. ``wait``: the next look comes after so long."""
    values: dict[str, object] = {"cursor": cursor, "failing_since": None, "last_error": ""}
    if not more:
        values["polled_at"] = tx.now
    if wait is not None:
        values["next_poll_at"] = tx.now + wait
    moved = tx.session.execute(
        update(ShopAccount)
        .where(ShopAccount.name == name, ShopAccount.cursor == before)
        .values(values)
        .execution_options(synchronize_session=False)
    )
    close_alerts(tx, _key(name))
    return cast("CursorResult[Any]", moved).rowcount == 1


def record_trouble(tx: Transaction, name: str, *, said: str, wait: timedelta | None, calls_person: bool) -> None:
    """Keep why a shop could not be read. ``calls_person``: nothing but a person can mend it, so an alert is raised."""
    shop = tx.session.scalars(select(ShopAccount).where(ShopAccount.name == name).with_for_update()).one()
    shop.failing_since = shop.failing_since or tx.now
    shop.last_error = said[:LONGEST_DETAIL]
    if wait is not None:
        shop.next_poll_at = tx.now + wait
    tx.session.flush()
    if calls_person:
        values = {"shop": name, "detail": said[:LONGEST_DETAIL]}
        raise_alert(tx, "shop_failing", dedupe_key=_key(name), severity=AlertSeverity.WARNING, values=values)


def _key(name: str) -> str:
    return f"shop_failing:{name}"
