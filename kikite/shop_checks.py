"""Whether shops let us read their orders: each is asked for one page, and nothing of it is kept."""

from collections.abc import Iterator
from pathlib import Path

from config.buyer_keys import load_buyer_key
from config.shop_settings import ShopSettings
from domain.clock import Clock, SystemClock
from domain.errors import KikiteError
from kikite.findings import Finding, Health
from listener.shops import make_shop


def check_shops(shops: tuple[ShopSettings, ...], home: Path, *, clock: Clock | None = None) -> Iterator[Finding]:
    """Say of each shop whether its orders of the last day can be read, and whether the key for mail addresses is sound."""
    for settings in shops:
        what = f"shop {settings.name}"
        try:
            shop = make_shop(settings.model_copy(update={"first_poll_days": 1}), clock=clock or SystemClock())
            try:
                page = shop.read("")
            finally:
                shop.close()
        except KikiteError as error:
            yield Finding(what=what, health=Health.BAD, says=error.message, remedy=error.remedy)
        except Exception as error:  # noqa: BLE001 - a doctor reports whatever it meets and goes on
            yield Finding(what=what, health=Health.BAD, says=type(error).__name__, remedy="Read the log.")
        else:
            yield _describe(what, settings, len(page.orders))
    if shops:
        try:
            load_buyer_key(home)
        except KikiteError as error:
            yield Finding(what="buyer_key", health=Health.BAD, says=str(error), remedy=error.remedy)


def _describe(what: str, settings: ShopSettings, count: int) -> Finding:
    if settings.consent_field:
        return Finding(what=what, health=Health.GOOD, says=f"Orders can be read ({count} changed in the last day).")
    return Finding(
        what=what,
        health=Health.WARNING,
        says="Orders can be read, but none says that its buyer agreed: they are not shown until a customer agrees.",
        remedy="Name the order's field in shop.consent_field, or record consent on each customer's page.",
    )
