"""Orders of a Shopify shop: the Admin GraphQL API, by the time of their last change, with a token that may only read orders.

Asked for is what is used: no name, no postal address, no payment data. The mail address is asked for to find the buyer's other
orders; where the app may not see it, it is empty and the orders come all the same.
https://shopify.dev/docs/api/admin-graphql/2026-10/queries/orders
"""

from datetime import UTC, datetime
from typing import Final

from config.shop_settings import ShopSettings
from domain.clock import Clock
from domain.errors import ChannelError, PermanentError, RetryableError
from domain.purchases import Order, OrderItem, OrderPage, OrderStatus
from listener.json_http import JsonAnswer, JsonClient
from listener.retry_after import bound_wait, read_retry_after
from listener.shops.progress import OVERLAP, Progress, agrees
from listener.wire import items, moment, part, text, whole

VERSION: Final = "2026-10"
PAGE_SIZE: Final = 50
TOO_MANY, SERVER_ERRORS, REQUEST_TIMEOUT = 429, 500, 408
QUERY: Final = """
query KikiteOrders($first: Int!, $after: String, $changed: String!) {
  orders(first: $first, after: $after, sortKey: UPDATED_AT, query: $changed) {
    pageInfo { hasNextPage endCursor }
    nodes {
      id name email createdAt updatedAt cancelledAt displayFinancialStatus displayFulfillmentStatus
      totalPriceSet { shopMoney { amount currencyCode } }
      customAttributes { key value }
      lineItems(first: 20) { nodes { name title quantity variantTitle } }
      fulfillments(first: 5) { createdAt inTransitAt estimatedDeliveryAt deliveredAt }
    }
  }
}
"""
RIGHTS: Final = "Give the app the right read_orders in Shopify and put its token into secrets.access_token."


class ShopifyShop:
    """One shop. Keeps nothing between calls: everything is in the cursor."""

    def __init__(self, settings: ShopSettings, *, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._client = JsonClient(timeout_seconds=settings.timeout_seconds)
        self._address = f"{settings.url}/admin/api/{VERSION}/graphql.json"

    def read(self, cursor: str) -> OrderPage:
        """Return the next page. Raises as ``Shop.read``."""
        progress = Progress.read(cursor, self._settings.url) or Progress.begin(
            self._settings.url, first_poll_days=self._settings.first_poll_days, now=self._clock.now()
        )
        body = self._ask(progress)
        nodes = items(body, "data", "orders", "nodes")
        read = [self._order(node) for node in nodes]
        more = part(body, "data", "orders", "pageInfo", "hasNextPage") is True
        end = text(body, "data", "orders", "pageInfo", "endCursor")
        more = more and bool(end) and end != progress.after
        changed = [at for at in (moment(node, "updatedAt") for node in nodes) if at is not None]
        if more:
            onward = progress.model_copy(update={"after": end})
        else:
            # Within a walk `since` stays, so the latest change may stand on an earlier page than an empty last one.
            last = max((at - OVERLAP for at in changed), default=progress.since)
            onward = progress.model_copy(update={"since": max(progress.since, last), "after": ""})
        return OrderPage(
            orders=tuple(order for order in read if order is not None),
            cursor=onward.write(),
            more=more,
            wait_seconds=_rest_needed(body) if more else 0.0,
            unreadable=sum(order is None for order in read),
        )

    def close(self) -> None:
        """Give back the connections."""
        self._client.close()

    def _ask(self, progress: Progress) -> object:
        since = progress.since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        variables = {"first": PAGE_SIZE, "after": progress.after or None, "changed": f"updated_at:>='{since}'"}
        answer = self._client.ask(
            "POST",
            self._address,
            headers={"X-Shopify-Access-Token": self._settings.secret("access_token")},
            json={"query": QUERY, "variables": variables},
        )
        if not answer.is_success:
            raise explain_refusal(answer, now=self._clock.now())
        if not isinstance(part(answer.body, "data", "orders"), dict):
            raise explain_errors(answer.body)
        return answer.body

    def _order(self, node: object) -> Order | None:
        gid, ordered = text(node, "id"), moment(node, "createdAt")
        if not gid or ordered is None:
            return None
        parcels = items(node, "fulfillments")
        shipped = _latest(parcels, "inTransitAt") or _latest(parcels, "createdAt")
        delivered = _latest(parcels, "deliveredAt") if all(moment(one, "deliveredAt") for one in parcels) else None
        return Order(
            external_id=gid.rpartition("/")[2],
            number=text(node, "name"),
            ordered_at=ordered,
            status=_status(node, delivered=delivered is not None),
            items=tuple(
                OrderItem(
                    name=text(line, "title") or text(line, "name"),
                    quantity=max(whole(line, "quantity") or 1, 0),
                    variant=text(line, "variantTitle"),
                )
                for line in items(node, "lineItems", "nodes")
            ),
            total=text(node, "totalPriceSet", "shopMoney", "amount"),
            currency=text(node, "totalPriceSet", "shopMoney", "currencyCode"),
            buyer_address=text(node, "email"),
            shipped_at=shipped,
            expected_at=_latest(parcels, "estimatedDeliveryAt"),
            delivered_at=delivered,
            consented=self._is_consented(node),
        )

    def _is_consented(self, node: object) -> bool:
        wanted = self._settings.consent_field
        return bool(wanted) and any(
            text(one, "key") == wanted and agrees(text(one, "value")) for one in items(node, "customAttributes")
        )


def _status(node: object, *, delivered: bool) -> OrderStatus:
    money, parcels = text(node, "displayFinancialStatus"), text(node, "displayFulfillmentStatus")
    if moment(node, "cancelledAt"):
        return OrderStatus.CANCELLED
    if money == "REFUNDED":
        return OrderStatus.REFUNDED
    if parcels == "FULFILLED":
        return OrderStatus.DELIVERED if delivered else OrderStatus.SHIPPED
    if money in ("PAID", "PARTIALLY_REFUNDED"):
        return OrderStatus.PAID
    return OrderStatus.OPEN if money in ("PENDING", "AUTHORIZED", "PARTIALLY_PAID", "EXPIRED") else OrderStatus.OTHER


def _latest(parcels: list[object], key: str) -> datetime | None:
    return max((at for at in (moment(one, key) for one in parcels) if at is not None), default=None)


def _rest_needed(body: object) -> float:
    """Return the seconds until the shop's bucket of points holds another request of this cost."""
    cost = part(body, "extensions", "cost")
    wanted = _number(cost, "requestedQueryCost")
    held, rate = _number(cost, "throttleStatus", "currentlyAvailable"), _number(cost, "throttleStatus", "restoreRate")
    return bound_wait((wanted - held) / rate) if rate > 0 and wanted > held else 0.0


def _number(value: object, *path: str) -> float:
    found = part(value, *path)
    return float(found) if isinstance(found, int | float) and not isinstance(found, bool) else 0.0


def explain_refusal(answer: JsonAnswer, *, now: datetime) -> ChannelError:
    """Return the error for an answer that is no success."""
    wait = read_retry_after(answer.headers.get("retry-after", ""), now=now)
    if answer.status == TOO_MANY:
        return RetryableError("Shopify asks us to wait.", code="rate_limited", retry_after_seconds=wait)
    if answer.status >= SERVER_ERRORS or answer.status == REQUEST_TIMEOUT:
        return RetryableError(f"Shopify has trouble ({answer.status}).", code="server_error", retry_after_seconds=wait)
    known = {
        401: ("Shopify does not take the token.", "key_refused", RIGHTS),
        402: ("The shop is frozen: its bill is not paid.", "frozen", "Look at the shop's admin page."),
        403: ("The token lacks a right.", "missing_right", RIGHTS),
        404: (
            f"There is no shop at this address, or no API version {VERSION} any more.",
            "not_found",
            "Check shop.url (https://NAME.myshopify.com), else install a newer Kikite.",
        ),
        423: ("The shop is locked.", "locked", "Ask Shopify's support."),
    }
    said = known.get(answer.status, (f"Shopify refuses ({answer.status}).", "refused", RIGHTS))
    return PermanentError(said[0], code=said[1], remedy=said[2])


def explain_errors(body: object) -> ChannelError:
    """Return the error for an answer of GraphQL that holds no orders."""
    codes = {text(one, "extensions", "code") for one in items(body, "errors")}
    if "THROTTLED" in codes:
        return RetryableError(
            "Shopify asks us to wait.", code="rate_limited", retry_after_seconds=_rest_needed(body) or None
        )
    if "ACCESS_DENIED" in codes:
        return PermanentError("The token may not read orders.", code="missing_right", remedy=RIGHTS)
    if codes & {"INTERNAL_SERVER_ERROR", "TIMEOUT"} or not codes:
        return RetryableError("Shopify gives no orders.", code="no_answer")
    return PermanentError(
        f"Shopify does not take the question ({', '.join(sorted(codes))[:80]}).",
        code="refused",
        remedy="Install a newer Kikite: the API has changed.",
    )
