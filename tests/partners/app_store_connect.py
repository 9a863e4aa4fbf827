"""App Store Connect as Apple describes it, as far as customer reviews go: signed tokens, roles, the rolling hour, pages by link,
one response to a review that a later one replaces.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from domain.clock import FixedClock

APP_ID = "1234567890"
ISSUER, KEY_ID = "69a6de70-03db-47e3-e053-5b8c7c11a4d1", "2X9R4HXF34"
LONGEST_TOKEN = timedelta(minutes=20)
LONGEST_RESPONSE = 5970
LARGEST_PAGE = 200


@dataclass(kw_only=True)
class StoreResponse:
    """An answer of the developer."""

    id: str
    text: str
    modified: datetime
    state: str = "PENDING_PUBLISH"


@dataclass(kw_only=True)
class StoreReview:
    """A review."""

    id: str
    title: str
    body: str
    nickname: str
    created: datetime
    rating: int = 3
    territory: str = "JPN"
    response: StoreResponse | None = None


class RefusedError(Exception):
    """An answer in Apple's form of errors."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(detail)
        entry = {"id": "0", "status": str(status), "code": code, "title": "No.", "detail": detail}
        self.response = JSONResponse({"errors": [entry]}, status_code=status)


@dataclass
class AppStoreConnect:
    """One team with one app."""

    clock: FixedClock
    private_key: ec.EllipticCurvePrivateKey
    address: str = ""
    """Where links lead."""
    reviews: dict[str, StoreReview] = field(default_factory=dict)
    hour_limit: int = 3600
    can_answer: bool = True
    is_revoked: bool = False
    edits_move_date: bool = True
    """A changed review gets a new createdDate."""
    epoch: int = 0
    """Places of another epoch are over."""
    asked: list[datetime] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    responses_made: int = 0

    def app(self) -> Starlette:
        """Return what serves it."""
        return Starlette(routes=[Route("/{path:path}", self._answer, methods=["GET", "POST"])])

    def write(self, body: str, *, title: str = "", nickname: str = "aya", **given: Any) -> str:  # noqa: ANN401 - fields of StoreReview
        """Let somebody write a review, a second after the last one; return its id."""
        number = len(self.reviews) + 1
        review_id = f"00000025-1ff4-6e5f-0b82-{number:012d}"
        created = given.pop("created", self._next_moment())
        self.reviews[review_id] = StoreReview(
            id=review_id, title=title, body=body, nickname=nickname, created=created, **given
        )
        return review_id

    def change(self, review_id: str, body: str, *, rating: int | None = None) -> None:
        """Let its author change a review."""
        review = self.reviews[review_id]
        review.body, review.rating = body, rating or review.rating
        if self.edits_move_date:
            review.created = self._next_moment()

    def answer_to(self, review_id: str) -> str:
        """Return the answer that stands below a review."""
        response = self.reviews[review_id].response
        return response.text if response else ""

    def answer_by_hand(self, review_id: str, text: str, *, at: datetime | None = None) -> None:
        """Answer in App Store Connect's own pages."""
        self._respond(self.reviews[review_id], text)
        if at and (response := self.reviews[review_id].response):
            response.modified = at

    def _next_moment(self) -> datetime:
        known = [review.created for review in self.reviews.values()]
        known += [review.response.modified for review in self.reviews.values() if review.response]
        return max([self.clock.now(), *(one + timedelta(seconds=1) for one in known)])

    def _respond(self, review: StoreReview, text: str) -> StoreResponse:
        self.responses_made += 1
        moment = self._next_moment()
        if review.response is None:
            review.response = StoreResponse(id=f"r-{review.id}", text=text, modified=moment)
        else:
            review.response.text, review.response.modified, review.response.state = text, moment, "PENDING_PUBLISH"
        return review.response

    async def _answer(self, request: Request) -> Response:
        try:
            self._check_token(request)
            self._count()
            response = await self._serve(request)
        except RefusedError as refused:
            response = refused.response
        left = max(self.hour_limit - len(self.asked), 0)
        response.headers["X-Rate-Limit"] = f"user-hour-lim:{self.hour_limit};user-hour-rem:{left};"
        return response

    def _check_token(self, request: Request) -> None:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        self.tokens.append(token)
        try:
            said = jwt.decode(
                token,
                self.private_key.public_key(),
                algorithms=["ES256"],
                audience="appstoreconnect-v1",
                issuer=ISSUER,
                options={"verify_exp": False, "verify_iat": False, "require": ["exp", "iat"]},
            )
            is_known = jwt.get_unverified_header(token)["kid"] == KEY_ID and not self.is_revoked
        except jwt.PyJWTError:
            is_known, said = False, {"iat": 0, "exp": 0}
        now = self.clock.now().timestamp()
        is_fresh = now < said["exp"] <= said["iat"] + LONGEST_TOKEN.total_seconds() and said["iat"] <= now + 60
        if not is_known or not is_fresh:
            raise RefusedError(401, "NOT_AUTHORIZED", "Provide a properly configured and signed bearer token.")

    def _count(self) -> None:
        now = self.clock.now()
        self.asked = [one for one in self.asked if now - one < timedelta(hours=1)]
        if len(self.asked) >= self.hour_limit:
            raise RefusedError(429, "RATE_LIMIT_EXCEEDED", "The request rate limit has been reached.")
        self.asked.append(now)

    async def _serve(self, request: Request) -> Response:
        parts = request.url.path.strip("/").split("/")
        if request.method == "POST" and parts == ["v1", "customerReviewResponses"]:
            return self._make_response(await request.json())
        if parts[:2] == ["v1", "apps"] and parts[2] != APP_ID:
            raise RefusedError(404, "NOT_FOUND", "There is no resource of type 'apps' with this id.")
        if parts == ["v1", "apps", APP_ID]:
            attributes = {"name": "Mizunara", "bundleId": "example.mizunara.app"}
            return JSONResponse({"data": {"type": "apps", "id": APP_ID, "attributes": attributes}})
        if parts == ["v1", "apps", APP_ID, "customerReviews"]:
            return self._list(request)
        if parts[:2] == ["v1", "customerReviews"] and len(parts) == 3:
            review = self.reviews.get(parts[2])
            if review is None:
                raise RefusedError(404, "NOT_FOUND", "There is no resource of type 'customerReviews' with this id.")
            shows = request.query_params.get("include") == "response"
            return JSONResponse({"data": self._entry(review, shows=shows), **self._included([review], shows=shows)})
        raise RefusedError(404, "NOT_FOUND", "The path does not exist.")

    def _list(self, request: Request) -> Response:
        asked = request.query_params
        limit = int(asked.get("limit", "50"))
        if not 0 < limit <= LARGEST_PAGE or asked.get("sort") != "-createdDate":
            raise RefusedError(400, "PARAMETER_ERROR.INVALID", "A parameter has an invalid value.")
        after = None
        if "cursor" in asked:
            epoch, created, last = json.loads(urlsafe_b64decode(asked["cursor"]))
            if epoch != self.epoch:
                raise RefusedError(400, "PARAMETER_ERROR.INVALID", "The cursor is not valid.")
            after = (created, last)
        newest_first = sorted(self.reviews.values(), key=_place, reverse=True)
        waiting = [review for review in newest_first if after is None or _place(review) < after]
        page, shows = waiting[:limit], asked.get("include") == "response"
        links = {"self": str(request.url)}
        if len(waiting) > limit:
            cursor = urlsafe_b64encode(json.dumps([self.epoch, *_place(page[-1])]).encode()).decode()
            links["next"] = f"{self.address}{request.url.path}?{urlencode({**asked, 'cursor': cursor})}"
        entries = [self._entry(review, shows=shows) for review in page]
        return JSONResponse({"data": entries, "links": links, **self._included(page, shows=shows)})

    def _entry(self, review: StoreReview, *, shows: bool) -> dict[str, object]:
        response: dict[str, object] = {"links": {"related": f"{self.address}/v1/customerReviews/{review.id}/response"}}
        if shows:
            named = {"type": "customerReviewResponses", "id": review.response.id} if review.response else None
            response["data"] = named
        attributes = {
            "rating": review.rating,
            "title": review.title,
            "body": review.body,
            "reviewerNickname": review.nickname,
            "createdDate": review.created.isoformat(),
            "territory": review.territory,
        }
        return {
            "type": "customerReviews",
            "id": review.id,
            "attributes": attributes,
            "relationships": {"response": response},
        }

    def _included(self, reviews: list[StoreReview], *, shows: bool) -> dict[str, object]:
        made = [_response_entry(review.response) for review in reviews if review.response]
        return {"included": made} if shows and made else {}

    def _make_response(self, body: dict[str, Any]) -> Response:
        data = body["data"]
        text, review_id = data["attributes"]["responseBody"], data["relationships"]["review"]["data"]["id"]
        if not self.can_answer:
            raise RefusedError(403, "FORBIDDEN_ERROR", "The API key in use does not allow this request.")
        if review_id not in self.reviews:
            raise RefusedError(409, "ENTITY_ERROR.RELATIONSHIP.INVALID", "The relationship 'review' is not valid.")
        if not text.strip() or len(text) > LONGEST_RESPONSE:
            raise RefusedError(409, "ENTITY_ERROR.ATTRIBUTE.INVALID", "The attribute 'responseBody' is not valid.")
        return JSONResponse({"data": _response_entry(self._respond(self.reviews[review_id], text))}, status_code=201)


def _place(review: StoreReview) -> tuple[str, str]:
    return review.created.isoformat(), review.id


def _response_entry(response: StoreResponse) -> dict[str, object]:
    attributes = {
        "responseBody": response.text,
        "lastModifiedDate": response.modified.isoformat(),
        "state": response.state,
    }
    return {"type": "customerReviewResponses", "id": response.id, "attributes": attributes}
