"""Orders of a WooCommerce shop: ``GET /wp-json/wc/v3/orders`` by the time of their last change, with a key that may only read.

Only the fields that are used are asked for (``_fields``): no name, no postal address, no payment data leaves the shop.
https://woocommerce.github.io/woocommerce-rest-api-docs/#list-all-orders
"""

from datetime import UTC, datetime, timedelta
from typing import Final

from config.shop_settings import ShopSettings
from domain.clock import Clock
from domain.errors import ConfigError, Place, RetryableError
from domain.purchases import Order, OrderItem, OrderPage, OrderStatus
from listener.channels.woocommerce.client import Client
from listener.channels.woocommerce.options import WooCommerceOptions
from listener.shops.progress import OVERLAP, Progress, agrees
from listener.wire import items, moment, part, text, whole

PAGE_SIZE: Final = 100
FIELDS: Final = "id,number,status,currency,total,date_created_gmt,date_modified_gmt,date_completed_gmt,billing.email,line_items,meta_data"
STATUSES: Final = {
    "pending": OrderStatus.OPEN,
    "on-hold": OrderStatus.OPEN,
    "failed": OrderStatus.OPEN,
    "processing": OrderStatus.PAID,
    "completed": OrderStatus.SHIPPED,
    "cancelled": OrderStatus.CANCELLED,
    "refunded": OrderStatus.REFUNDED,
}
UNFINISHED: Final = ("checkout-draft", "auto-draft", "trash")
"""Never placed, or thrown away."""


class WooCommerceShop:
    """One shop. Keeps nothing between calls: everything is in the cursor."""

    def __init__(self, settings: ShopSettings, *, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        try:
            options = WooCommerceOptions(
                site=settings.url,
                consumer_key=settings.secrets["consumer_key"],
                consumer_secret=settings.secrets["consumer_secret"],
                timeout_seconds=settings.timeout_seconds,
            )
        except ValueError as error:
            place = Place(file="kikite.toml", field=f"shop.{settings.name}")
            raise ConfigError(
                "address or key is not WooCommerce's.",
                place=place,
                remedy="Copy both as WooCommerce shows them: Settings, Advanced, REST API.",
            ) from error
        self._client = Client(options, clock=clock)

    def read(self, cursor: str) -> OrderPage:
        """Return the next page. Raises as ``Shop.read``."""
        now = self._clock.now()
        progress = Progress.read(cursor, self._settings.url) or Progress.begin(
            self._settings.url, first_poll_days=self._settings.first_poll_days, now=now
        )
        number = int(progress.after) if progress.after.isdecimal() else 1
        answer = self._client.ask_shop(
            "/orders",
            {
                "modified_after": _iso(progress.since - timedelta(seconds=1)),
                "dates_are_gmt": "true",
                "orderby": "modified",
                "order": "asc",
                "per_page": PAGE_SIZE,
                "page": number,
                "status": "any",
                "_fields": FIELDS,
            },
        )
        if not isinstance(answer.body, list):
            raise RetryableError(f"{self._client.host} gives no list of orders.", code="no_answer")
        rows: list[object] = answer.body
        read = [self._order(row) for row in rows if text(row, "status") not in UNFINISHED]
        changed = [at for at in (moment(row, "date_modified_gmt") for row in rows) if at is not None]
        onward = self._walk_on(progress, changed, number=number, full=len(rows) >= PAGE_SIZE)
        return OrderPage(
            orders=tuple(order for order in read if order is not None),
            cursor=onward.write(),
            more=len(rows) >= PAGE_SIZE,
            unreadable=sum(order is None for order in read),
        )

    def close(self) -> None:
        """Give back the connections."""
        self._client.close()

    def _walk_on(self, progress: Progress, changed: list[datetime], *, number: int, full: bool) -> Progress:
        """Return where to go on: behind the last change seen, as page numbers shift while orders change."""
        last = max(changed, default=progress.since)
        if not full:
            return progress.model_copy(update={"since": max(progress.since, last - OVERLAP), "after": ""})
        if last > progress.since:
            return progress.model_copy(update={"since": last, "after": ""})
        return progress.model_copy(update={"after": str(number + 1)})  # a whole page within one second

    def _order(self, row: object) -> Order | None:
        number, ordered = whole(row, "id"), moment(row, "date_created_gmt")
        if number is None or ordered is None:
            return None
        status = STATUSES.get(text(row, "status"), OrderStatus.OTHER)
        return Order(
            external_id=str(number),
            number=text(row, "number") or str(number),
            ordered_at=ordered,
            status=status,
            items=tuple(_item(line) for line in items(row, "line_items") if text(line, "name")),
            total=text(row, "total"),
            currency=text(row, "currency"),
            buyer_address=text(row, "billing", "email"),
            shipped_at=moment(row, "date_completed_gmt") if status is OrderStatus.SHIPPED else None,
            consented=self._is_consented(row),
        )

    def _is_consented(self, row: object) -> bool:
        wanted = self._settings.consent_field
        return bool(wanted) and any(
            text(meta, "key") == wanted and agrees(part(meta, "value")) for meta in items(row, "meta_data")
        )


def _item(line: object) -> OrderItem:
    # Variations are meta data with a readable key; keys with an underscore are the shop's own.
    said = [
        text(meta, "display_value") or text(meta, "value")
        for meta in items(line, "meta_data")
        if not text(meta, "key").startswith("_")
    ]
    return OrderItem(
        name=text(line, "name"), quantity=max(whole(line, "quantity") or 1, 0), variant=", ".join(filter(None, said))
    )


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
