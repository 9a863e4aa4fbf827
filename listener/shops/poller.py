"""Reading orders of connected shops when their time has come: a page, a transaction, the next page. Never sleeps."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

import structlog

from config.shop_settings import ShopSettings
from domain.errors import ChannelError, PermanentError, RetryableError
from domain.ids import WorkspaceId
from domain.purchases import BuyerKey, OrderPage
from listener.shops import Shop
from storage.database import Database
from storage.purchases import store_orders
from storage.shop_accounts import DueShop, claim_shop, record_page, record_trouble

MOST_PAGES: Final = 20
"""In one go; the rest at the next look, which then comes at once."""
SOON: Final = timedelta(seconds=5)

log = structlog.get_logger(__name__)


def read_due_shops(
    database: Database,
    workspace_id: WorkspaceId,
    *,
    shops: Mapping[str, tuple[ShopSettings, Shop]],
    buyer_key: BuyerKey,
) -> int:
    """Read every shop that is due; returns how many orders were new or changed. A shop in trouble leaves the others alone."""
    changed = 0
    for name, (settings, shop) in sorted(shops.items()):
        with database.transaction(workspace_id) as tx:
            due = claim_shop(tx, name, pause=timedelta(minutes=settings.poll_minutes))
        if due is not None:
            changed += _read_shop(database, workspace_id, due=due, shop=shop, buyer_key=buyer_key)
    return changed


def _read_shop(database: Database, workspace_id: WorkspaceId, *, due: DueShop, shop: Shop, buyer_key: BuyerKey) -> int:
    changed, cursor = 0, due.cursor
    for number in range(1, MOST_PAGES + 1):
        try:
            page = shop.read(cursor)
        except Exception as error:  # noqa: BLE001 - a step's edge: one shop must not stop the others
            _note_trouble(database, workspace_id, due.name, error)
            return changed
        stops = not page.more or page.wait_seconds > 0 or number == MOST_PAGES
        with database.transaction(workspace_id) as tx:
            moved = record_page(
                tx, due.name, before=cursor, cursor=page.cursor, more=page.more, wait=_pause(page) if stops else None
            )
            if moved:
                stored = store_orders(tx, due.name, page.orders, buyer_key=buyer_key)
                changed += stored.new + stored.changed
        if page.unreadable:
            log.warning("orders_unreadable", shop=due.name, count=page.unreadable)
        if stops or not moved:
            return changed
        cursor = page.cursor
    return changed


def _pause(page: OrderPage) -> timedelta | None:
    """Return when to look again where more is left; None: as the settings say."""
    return max(SOON, timedelta(seconds=page.wait_seconds)) if page.more else None


def _note_trouble(database: Database, workspace_id: WorkspaceId, name: str, error: Exception) -> None:
    wait = None
    if isinstance(error, RetryableError) and error.retry_after_seconds:
        wait = timedelta(seconds=error.retry_after_seconds)
    # Of a fault of ours only its kind: its words could hold an order.
    said = f"{error.message} {error.remedy}".strip() if isinstance(error, ChannelError) else type(error).__name__
    if not isinstance(error, ChannelError):
        log.error("shop_broke", shop=name, error=said)
    with database.transaction(workspace_id) as tx:
        calls = isinstance(error, PermanentError) or not isinstance(error, ChannelError)
        record_trouble(tx, name, said=said, wait=wait, calls_person=calls)
