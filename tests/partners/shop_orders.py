"""Orders of WooCommerce and of Shopify as far as reading them goes, over real HTTP: keys, order by change, pages, limits."""

import re
from base64 import b64encode
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

KEY, SECRET, TOKEN = "ck_0a1b2c3d", "cs_9f8e7d6c", "shpat_0123"


@dataclass
class WooOrders:
    """The orders of a WooCommerce shop."""

    orders: list[dict[str, Any]] = field(default_factory=list)
    asked: list[dict[str, str]] = field(default_factory=list)
    once: list[Response] = field(default_factory=list)
    after_page: Any = None
    """Called after each page: orders change while they are read."""

    def add(self, number: int, *, changed: datetime, **columns: Any) -> None:  # noqa: ANN401 - fields of an order
        """Let somebody order."""
        given = {
            "id": number,
            "number": str(number),
            "status": "processing",
            "currency": "JPY",
            "total": "9800",
            "date_created_gmt": _local(changed),
            "date_modified_gmt": _local(changed),
            "date_completed_gmt": None,
            "billing": {"email": "mika@example.com", "phone": "090-0000-0000"},
            "line_items": [
                {
                    "name": "緑の冬コート",
                    "quantity": 1,
                    "meta_data": [{"key": "pa_size", "display_value": "M"}, {"key": "_sku", "value": "x1"}],
                }
            ],
            "meta_data": [],
        }
        self.orders.append(given | columns)

    async def answer(self, request: Request) -> Response:
        """Answer as the shop does."""
        self.asked.append(dict(request.query_params))
        if self.once:
            return self.once.pop(0)
        wanted = "Basic " + b64encode(f"{KEY}:{SECRET}".encode()).decode()
        if request.headers.get("authorization") != wanted:
            return JSONResponse({"code": "woocommerce_rest_cannot_view", "message": "no"}, status_code=401)
        said = request.query_params
        assert (said["orderby"], said["order"], said["dates_are_gmt"]) == ("modified", "asc", "true")
        after = said["modified_after"]
        found = sorted(
            (one for one in self.orders if one["date_modified_gmt"] > after),
            key=lambda one: (one["date_modified_gmt"], one["id"]),
        )
        size, page = int(said["per_page"]), int(said["page"])
        fields = {name.partition(".")[0] for name in said["_fields"].split(",")}
        shown = [{name: value for name, value in one.items() if name in fields} for one in found]
        answer = JSONResponse(shown[(page - 1) * size : page * size])
        if self.after_page is not None:
            self.after_page()
        return answer


@dataclass
class ShopifyOrders:
    """The orders of a Shopify shop."""

    orders: list[dict[str, Any]] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)
    once: list[Response] = field(default_factory=list)
    page_size: int = 2
    available: float = 1900.0
    hides_mail: bool = False

    def add(self, number: int, *, changed: datetime, **columns: Any) -> None:  # noqa: ANN401 - fields of an order
        """Let somebody order."""
        given: dict[str, Any] = {
            "id": f"gid://shopify/Order/{number}",
            "name": f"#{number}",
            "email": "mika@example.com",
            "createdAt": _utc(changed),
            "updatedAt": _utc(changed),
            "cancelledAt": None,
            "displayFinancialStatus": "PAID",
            "displayFulfillmentStatus": "UNFULFILLED",
            "totalPriceSet": {"shopMoney": {"amount": "98.00", "currencyCode": "EUR"}},
            "customAttributes": [],
            "lineItems": {
                "nodes": [{"title": "Winter coat", "name": "Winter coat - M", "quantity": 1, "variantTitle": "M"}]
            },
            "fulfillments": [],
        }
        self.orders.append(given | columns)

    async def answer(self, request: Request) -> Response:
        """Answer as the Admin API does."""
        body = await request.json()
        self.asked.append(body)
        if self.once:
            return self.once.pop(0)
        if request.headers.get("x-shopify-access-token") != TOKEN:
            return JSONResponse({"errors": "[API] Invalid API key or access token"}, status_code=401)
        since = re.fullmatch(r"updated_at:>='([^']+)'", body["variables"]["changed"])
        assert since is not None
        assert "sortKey: UPDATED_AT" in body["query"]
        found = sorted((one for one in self.orders if one["updatedAt"] >= since[1]), key=lambda one: one["updatedAt"])
        start = int(body["variables"]["after"] or 0)
        shown = [dict(one) for one in found[start : start + self.page_size]]
        for one in shown if self.hides_mail else ():
            one["email"] = None
        end = start + len(shown)
        told: dict[str, Any] = {
            "data": {"orders": {"nodes": shown, "pageInfo": {"hasNextPage": end < len(found), "endCursor": str(end)}}},
            "extensions": {
                "cost": {
                    "requestedQueryCost": 100,
                    "throttleStatus": {"currentlyAvailable": self.available, "restoreRate": 50.0},
                }
            },
        }
        if self.hides_mail:
            told["errors"] = [{"message": "no", "extensions": {"code": "ACCESS_DENIED"}}]
        return JSONResponse(told)


def woo_app(shop: WooOrders) -> Starlette:
    """Return the shop as an application."""
    return Starlette(routes=[Route("/wp-json/wc/v3/orders", shop.answer)])


def shopify_app(shop: ShopifyOrders, *, version: str) -> Starlette:
    """Return the shop as an application."""
    return Starlette(routes=[Route(f"/admin/api/{version}/graphql.json", shop.answer, methods=["POST"])])


def _local(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")


def _utc(at: datetime) -> str:
    return f"{_local(at)}Z"
