"""Etsy's Open API v3 as far as reviews go, over real HTTP: keys in two parts, sign-ins whose refresh tokens work once, pages by
offset, allowances a second and a day.
"""

import html
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from domain.clock import Clock

KEYSTRING, SHARED_SECRET = "keystring-abc123", "shared-xyz789"
SHOP, SHOP_NAME = 4711, "MizunaraCoats"
REVIEWS = f"/v3/application/shops/{SHOP}/reviews"
MOST = 100
EARLIEST = 946_684_800
"""Least value of min_created and max_created (Etsy's API reference)."""


@dataclass(kw_only=True)
class SiteReview:
    """One review. ``text`` is as its buyer wrote it; None: nothing was written."""

    transaction: int
    buyer: int | None
    text: str | None
    rating: int
    created: int
    updated: int
    listing: int = 900_100
    language: str = "ja"
    image: str | None = None


@dataclass
class EtsySite:
    """One shop, its reviews and its keys."""

    clock: Clock
    reviews: dict[int, SiteReview] = field(default_factory=dict)
    buyers: dict[str, int] = field(default_factory=dict)
    wants_shared_secret: bool = True
    wants_sign_in: bool = False
    lists_oldest_first: bool = False
    daily: int = 10_000
    used: int = 0
    refresh_token: str = "refresh-0"
    access_tokens: set[str] = field(default_factory=set)
    refreshed: int = 0
    asked: list[Request] = field(default_factory=list)
    once: list[Response] = field(default_factory=list)
    """Answers given in place of the next ones."""
    before_answer: Callable[[int], None] | None = None
    """Called with the number of the question, for what happens between two pages."""
    address: str = ""
    numbers: Iterator[int] = field(default_factory=lambda: count(3_000_000_000))

    def review(
        self,
        text: str | None,
        *,
        buyer: str | None = "aya",
        rating: int = 2,
        age_seconds: int = 0,
        listing: int = 900_100,
    ) -> str:
        """Let a buyer review a purchase; return the transaction's number. ``buyer`` None: they keep to themselves."""
        transaction = next(self.numbers)
        created = int(self.clock.now().timestamp()) - age_seconds
        number = None if buyer is None else self.buyers.setdefault(buyer, 55_000 + len(self.buyers))
        self.reviews[transaction] = SiteReview(
            transaction=transaction,
            buyer=number,
            text=text,
            rating=rating,
            created=created,
            updated=created,
            listing=listing,
        )
        return str(transaction)

    def edit(self, transaction: str, text: str, *, rating: int = 5) -> None:
        """Let the buyer change a review."""
        review = self.reviews[int(transaction)]
        review.text, review.rating, review.updated = text, rating, int(self.clock.now().timestamp())

    async def answer(self, request: Request) -> Response:
        """Answer as Etsy does."""
        self.asked.append(request)
        if self.before_answer is not None:
            self.before_answer(len(self.asked))
        if self.once:
            return self.once.pop(0)
        if request.url.path == "/v3/public/oauth/token" and request.method == "POST":
            return self._renew(parse_qs((await request.body()).decode()))
        if refused := self._refuse(request):
            return refused
        self.used += 1
        headers = {"x-limit-per-day": str(self.daily), "x-remaining-today": str(self.daily - self.used)}
        answer = self._tell(request)
        answer.headers.update(headers)
        return answer

    def _tell(self, request: Request) -> Response:
        if request.url.path == REVIEWS:
            return self._list(request)
        if request.url.path == f"/v3/application/shops/{SHOP}":
            return JSONResponse({"shop_id": SHOP, "shop_name": SHOP_NAME, "review_count": len(self.reviews)})
        return JSONResponse({"error": "Shop not found"}, status_code=404)

    def _refuse(self, request: Request) -> Response | None:
        key = request.headers.get("x-api-key", "")
        if self.wants_shared_secret and key == KEYSTRING:
            return JSONResponse({"error": "Shared secret is required in x-api-key header."}, status_code=403)
        if key not in {f"{KEYSTRING}:{SHARED_SECRET}", KEYSTRING}:
            return JSONResponse({"error": "API key not found or not active."}, status_code=403)
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if (self.wants_sign_in or token) and token not in self.access_tokens:
            return JSONResponse({"error": "invalid_token", "error_description": "access token is expired"}, 401)
        if self.used >= self.daily:
            told = {"x-remaining-today": "0", "x-limit-per-day": str(self.daily)}
            return JSONResponse({"error": "You have exceeded your daily rate limit"}, 429, told)
        return None

    def _renew(self, form: dict[str, list[str]]) -> Response:
        given = {name: values[0] for name, values in form.items()}
        if given.get("grant_type") != "refresh_token" or given.get("client_id") != KEYSTRING:
            return JSONResponse({"error": "invalid_client"}, status_code=401)
        if given.get("refresh_token") != self.refresh_token:
            return JSONResponse({"error": "invalid_grant", "error_description": "token was used"}, status_code=400)
        self.refreshed += 1
        self.refresh_token = f"refresh-{self.refreshed}"
        token = f"123.access-{self.refreshed}"
        self.access_tokens = {token}
        return JSONResponse(
            {"access_token": token, "token_type": "Bearer", "expires_in": 3600, "refresh_token": self.refresh_token}
        )

    def _list(self, request: Request) -> Response:
        asked = {name: int(value) for name, value in request.query_params.items()}
        limit, offset = asked.get("limit", 25), asked.get("offset", 0)
        if not 1 <= limit <= MOST or offset < 0 or set(asked) - {"limit", "offset", "min_created", "max_created"}:
            return JSONResponse({"error": "Invalid parameter"}, status_code=400)
        if min(asked.get("min_created", EARLIEST), asked.get("max_created", EARLIEST)) < EARLIEST:
            return JSONResponse({"error": "Invalid parameter"}, status_code=400)
        since, until = asked.get("min_created", 0), asked.get("max_created", 10**12)
        found = [one for one in self.reviews.values() if since <= one.created <= until]
        found.sort(key=lambda one: (one.created, one.transaction), reverse=not self.lists_oldest_first)
        return JSONResponse({"count": len(found), "results": [_show(one) for one in found[offset : offset + limit]]})


def _show(review: SiteReview) -> dict[str, object]:
    return {
        "shop_id": SHOP,
        "listing_id": review.listing,
        "transaction_id": review.transaction,
        "buyer_user_id": review.buyer,
        "rating": review.rating,
        "review": None if review.text is None else html.escape(review.text),
        "language": review.language,
        "image_url_fullxfull": review.image,
        "create_timestamp": review.created,
        "created_timestamp": review.created,
        "update_timestamp": review.updated,
        "updated_timestamp": review.updated,
    }
