"""WordPress with WooCommerce as far as product reviews and comments go, over real HTTP: keys with rights, application passwords,
moderation, paging in windows of time, the refusal of a second comment in the same words.
"""

import html
import re
from base64 import b64decode
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from domain.clock import Clock

KEY, SECRET = "ck_0a1b2c3d", "cs_9f8e7d6c"
USER, APP_PASSWORD = "aoi", "abcd EFGH 1234 ijkl"
PRODUCT = 77
SHOP = "https://shop.example"
REVIEWS = "/wp-json/wc/v3/products/reviews"
COMMENTS = "/wp-json/wp/v2/comments"
LONGEST = 65_525


@dataclass(kw_only=True)
class SiteUser:
    """A WordPress user."""

    id: int
    name: str
    can_moderate: bool = True


@dataclass(kw_only=True)
class SiteComment:
    """A row of WordPress' comments. ``content`` is HTML as it is kept."""

    id: int
    product: int
    content: str
    name: str
    mail: str
    user: int = 0
    parent: int = 0
    type: str = "review"
    status: str = "approve"
    """approve, hold, spam or trash."""
    rating: int = 2
    written: datetime
    verified: bool = True


def refuse(code: str, status: int) -> Response:
    """Answer as WordPress refuses."""
    return JSONResponse({"code": code, "message": f"Sorry: {code}", "data": {"status": status}}, status_code=status)


@dataclass
class WooCommerceSite:
    """One shop."""

    clock: Clock
    comments: dict[int, SiteComment] = field(default_factory=dict)
    customers: dict[str, int] = field(default_factory=dict)
    """Users by the names of customers who have an account."""
    me: SiteUser = field(default_factory=lambda: SiteUser(id=5, name="Aoi"))
    products: dict[int, bool] = field(default_factory=lambda: {PRODUCT: True})
    """Published products; True where reviews are open."""
    holds_answers: bool = False
    hidden: set[int] = field(default_factory=set)
    """Reviews that the key may not see: WooCommerce counts them and leaves them out."""
    asked: list[Request] = field(default_factory=list)
    once: list[Response] = field(default_factory=list)
    """Answers given in place of the next ones."""
    before_answer: Callable[[int], None] | None = None
    zone_change: timedelta = timedelta()
    """By how much the local times kept with the reviews differ from the site's present time zone."""
    prefix: bytes = b""
    """What PHP prints before the JSON."""
    address: str = ""
    numbers: Iterator[int] = field(default_factory=lambda: count(1000))

    def review(
        self,
        text: str,
        *,
        name: str = "aya",
        age_seconds: int = 0,
        parent: str = "",
        rating: int = 2,
        **given: Any,  # noqa: ANN401 - fields of SiteComment
    ) -> str:
        """Let a customer write a review, or answer one; return its id."""
        number = next(self.numbers)
        written = datetime.fromtimestamp(int(self.clock.now().timestamp()) - age_seconds, UTC)
        row = {
            "content": html.escape(text, quote=False),
            "mail": f"{name}@mail.example",
            "user": self.customers.get(name, 0),
            "parent": int(parent or 0),
            "rating": 0 if parent else rating,
            "product": PRODUCT,
            **given,
        }
        self.comments[number] = SiteComment(id=number, name=name, written=written, **row)
        return str(number)

    def answer_by_hand(self, text: str, *, to: str) -> str:
        """Answer as our own user from the admin's pages."""
        return self._add_comment(to=int(to), content=html.escape(text, quote=False))

    def answers(self, *, to: str) -> list[str]:
        """Return the texts of our comments below a review, as anybody reads them."""
        mine = [one for one in self.comments.values() if one.parent == int(to) and one.user == self.me.id]
        return [html.unescape(one.content) for one in mine]

    async def answer(self, request: Request) -> Response:
        """Answer as the site does."""
        self.asked.append(request)
        if self.before_answer is not None:
            self.before_answer(len(self.asked))
        if self.once:
            return self.once.pop(0)
        told = await self._answer(request)
        if self.prefix:
            told.body = self.prefix + bytes(told.body)
            told.headers["content-length"] = str(len(told.body))
        return told

    async def _answer(self, request: Request) -> Response:
        path = request.url.path
        if path.startswith("/wp-json/wc/v3/"):
            if _sign_in(request) != (KEY, SECRET):
                return refuse("woocommerce_rest_cannot_view", 401)
            return self._shop(request, path)
        if path.startswith("/wp-json/wp/v2/"):
            if _sign_in(request) != (USER, APP_PASSWORD):
                return refuse("incorrect_password", 401)
            return await self._wordpress(request, path)
        return Response("<!doctype html><title>404</title>", status_code=404)

    def _shop(self, request: Request, path: str) -> Response:
        if path == REVIEWS:
            return self._list_reviews(request)
        if found := re.fullmatch(rf"{REVIEWS}/(\d+)", path):
            comment = self.comments.get(int(found[1]))
            if comment is None or comment.type != "review":
                return refuse("woocommerce_rest_review_invalid_id", 404)
            return JSONResponse(self._show_review(comment))
        if found := re.fullmatch(r"/wp-json/wc/v3/products/(\d+)", path):
            number = int(found[1])
            if number not in self.products:
                return refuse("woocommerce_rest_product_invalid_id", 404)
            return JSONResponse({"id": number, "status": "publish", "reviews_allowed": self.products[number]})
        return refuse("rest_no_route", 404)

    def _list_reviews(self, request: Request) -> Response:
        asked = request.query_params
        wanted = {"approved": {"approve"}, "hold": {"hold"}, "all": {"approve", "hold"}}[
            asked.get("status", "approved")
        ]
        found = [one for one in self.comments.values() if one.type == "review" and one.status in wanted]
        if "include" in asked:
            found = [one for one in found if one.id in map(int, asked["include"].split(","))]
        if "after" in asked:
            found = [one for one in found if one.written + self.zone_change > datetime.fromisoformat(asked["after"])]
        if "before" in asked:
            found = [one for one in found if one.written + self.zone_change < datetime.fromisoformat(asked["before"])]
        found.sort(key=lambda one: (one.written, one.id), reverse=asked.get("order", "desc") == "desc")
        return self._page(request, found, self._show_review)

    def _page(self, request: Request, found: list[SiteComment], show: Callable[[SiteComment], object]) -> Response:
        size, page = int(request.query_params.get("per_page", 10)), int(request.query_params.get("page", 1))
        if not 1 <= size <= 100 or page < 1:
            return refuse("rest_invalid_param", 400)
        shown = [one for one in found[(page - 1) * size : page * size] if one.id not in self.hidden]
        headers = {"X-WP-Total": str(len(found)), "X-WP-TotalPages": str(-(-len(found) // size))}
        return JSONResponse([show(one) for one in shown], headers=headers)

    async def _wordpress(self, request: Request, path: str) -> Response:
        if path == "/wp-json/wp/v2/users/me":
            rights = {"read": True} | ({"moderate_comments": True, "edit_posts": True} if self.me.can_moderate else {})
            return JSONResponse({"id": self.me.id, "name": self.me.name, "capabilities": rights})
        if path == COMMENTS and request.method == "POST":
            return self._create(await request.json())
        if path == COMMENTS:
            return self._list_comments(request)
        return refuse("rest_no_route", 404)

    def _list_comments(self, request: Request) -> Response:
        asked = request.query_params
        if not self.me.can_moderate:
            return refuse("rest_forbidden_context", 403)
        states = {"approve": {"approve"}, "all": {"approve", "hold"}, "any": {"approve", "hold", "spam", "trash"}}
        found = [one for one in self.comments.values() if one.status in states[asked.get("status", "approve")]]
        if not {"parent", "include", "type"} & set(asked):
            found = []  # WooCommerce keeps comments on products out of general questions
        if asked.get("type", "comment") != "all":
            found = [one for one in found if one.type == asked.get("type", "comment")]
        for name, value in (("parent", "parent"), ("author", "user"), ("include", "id")):
            if name in asked:
                found = [one for one in found if getattr(one, value) in map(int, asked[name].split(","))]
        found.sort(key=lambda one: (one.written, one.id), reverse=True)
        return self._page(request, found, _show_comment)

    def _create(self, given: dict[str, Any]) -> Response:
        content, parent, product = str(given.get("content", "")), int(given.get("parent", 0)), int(given["post"])
        if product not in self.products:
            return refuse("rest_comment_invalid_post_id", 403)
        if not self.products[product]:
            return refuse("rest_comment_closed", 403)
        if not content.strip():
            return refuse("rest_comment_content_invalid", 400)
        if len(content.encode()) > LONGEST:
            return refuse("comment_content_column_length", 400)
        same = [
            one
            for one in self.comments.values()
            if (one.product, one.parent, one.user) == (product, parent, self.me.id)
        ]
        if any(one.content == content and one.status != "trash" for one in same):
            return refuse("comment_duplicate", 409)
        number = self._add_comment(to=parent, content=content, product=product)
        return JSONResponse(_show_comment(self.comments[int(number)]), status_code=201)

    def _add_comment(self, *, to: int, content: str, product: int = PRODUCT) -> str:
        number = next(self.numbers)
        self.comments[number] = SiteComment(
            id=number,
            product=product,
            content=content,
            name=self.me.name,
            mail="aoi@shop.example",
            user=self.me.id,
            parent=to,
            type="comment",
            status="hold" if self.holds_answers else "approve",
            rating=0,
            written=self.clock.now(),
        )
        return str(number)

    def _show_review(self, one: SiteComment) -> dict[str, object]:
        links = (
            {"reviewer": [{"embeddable": True, "href": f"{SHOP}/wp-json/wp/v2/users/{one.user}"}]} if one.user else {}
        )
        return {
            "id": one.id,
            "date_created_gmt": one.written.strftime("%Y-%m-%dT%H:%M:%S"),
            "product_id": one.product,
            "product_name": "Coat &#8211; green",
            "product_permalink": f"{SHOP}/product/coat/",
            "status": {"approve": "approved"}.get(one.status, one.status),
            "reviewer": one.name,
            "reviewer_email": one.mail,
            "review": one.content,
            "rating": one.rating,
            "verified": one.verified,
            "reviewer_avatar_urls": {"96": "https://secure.gravatar.example/avatar/0123"},
            "_links": links,
        }


def _show_comment(one: SiteComment) -> dict[str, object]:
    return {
        "id": one.id,
        "post": one.product,
        "parent": one.parent,
        "author": one.user,
        "date_gmt": one.written.strftime("%Y-%m-%dT%H:%M:%S"),
        "content": {"rendered": f"<p>{one.content}</p>\n", "raw": one.content},
        "link": f"{SHOP}/product/coat/#comment-{one.id}",
        "status": {"approve": "approved"}.get(one.status, one.status),
    }


def _sign_in(request: Request) -> tuple[str, str]:
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    name, _, password = b64decode(given).decode().partition(":") if scheme == "Basic" else ("", "", "")
    return name, password
