"""The Google Play Developer API as Google describes it, as far as reviews go: signed statements for tokens, the last week only,
pages by token, quotas by hour and day, one reply that a later one replaces and that loses its tags.
"""

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from domain.clock import FixedClock

PACKAGE = "example.mizunara.app"
ACCOUNT, KEY_ID = "kikite@mizunara-care.iam.gserviceaccount.example", "a1b2c3"
SCOPE = "https://www.googleapis.com/auth/androidpublisher"
LISTED = timedelta(days=7)
LARGEST_PAGE, LONGEST_REPLY = 100, 350
ROOT = f"/androidpublisher/v3/applications/{PACKAGE}/reviews"


@dataclass(kw_only=True)
class PlayReview:
    """A review of a production user. ``text`` is as the API gives it: title, tab, body."""

    id: str
    author: str
    text: str
    modified: datetime
    stars: int = 3
    language: str = "ja"
    reply: str = ""
    replied: datetime | None = None


class RefusedError(Exception):
    """An answer in Google's form of errors."""

    def __init__(self, status: int, reason: str, message: str) -> None:
        super().__init__(message)
        errors = [{"message": message, "domain": "androidpublisher", "reason": reason}]
        body = {"error": {"code": status, "message": message, "errors": errors}}
        self.response = JSONResponse(body, status_code=status)


@dataclass
class GooglePlayApi:
    """One developer with one app."""

    clock: FixedClock
    private_key: rsa.RSAPrivateKey
    address: str = ""
    reviews: dict[str, PlayReview] = field(default_factory=dict)
    is_invited: bool = True
    is_key_known: bool = True
    shows_old: bool = False
    """A single review can be asked for after its week."""
    epoch: int = 0
    """Page tokens of another epoch are over."""
    reads: list[datetime] = field(default_factory=list)
    replies: list[datetime] = field(default_factory=list)
    reads_an_hour: int = 200
    replies_a_day: int = 2000
    tokens: dict[str, datetime] = field(default_factory=dict)
    """Valid until."""

    def app(self) -> Starlette:
        """Return what serves it."""
        return Starlette(routes=[Route("/{path:path}", self._answer, methods=["GET", "POST"])])

    def write(self, body: str, *, title: str = "", author: str = "aya", **given: Any) -> str:  # noqa: ANN401 - fields of PlayReview
        """Let somebody write a review, a second after the last one; return its id."""
        review_id = f"gp:AOqpTOE{len(self.reviews) + 1:04d}_x-Y"
        modified = given.pop("modified", self._next_moment())
        self.reviews[review_id] = PlayReview(
            id=review_id, author=author, text=f"{title}\t{body}", modified=modified, **given
        )
        return review_id

    def change(self, review_id: str, body: str, *, stars: int | None = None) -> None:
        """Let its author change a review."""
        review = self.reviews[review_id]
        review.text, review.stars, review.modified = f"\t{body}", stars or review.stars, self._next_moment()

    def answer_to(self, review_id: str) -> str:
        """Return the answer that stands below a review."""
        return self.reviews[review_id].reply

    def answer_by_hand(self, review_id: str, text: str, *, at: datetime | None = None) -> None:
        """Answer in Play Console."""
        review = self.reviews[review_id]
        review.reply, review.replied = text, at or self._next_moment()

    def _next_moment(self) -> datetime:
        known = [review.modified for review in self.reviews.values()]
        known += [review.replied for review in self.reviews.values() if review.replied]
        return max([self.clock.now(), *(one + timedelta(seconds=1) for one in known)])

    async def _answer(self, request: Request) -> Response:
        try:
            if request.url.path == "/token":
                return self._sign_in(dict(await request.form()))
            self._check_token(request)
            if request.method == "POST":
                return self._reply(request.url.path, await request.json())
            self._count(self.reads, timedelta(hours=1), self.reads_an_hour)
            return self._list(request) if request.url.path == ROOT else self._get(request.url.path)
        except RefusedError as refused:
            return refused.response

    def _sign_in(self, form: dict[str, Any]) -> Response:
        now = self.clock.now()
        try:
            said = jwt.decode(
                form["assertion"],
                self.private_key.public_key(),
                algorithms=["RS256"],
                audience=f"{self.address}/token",
                issuer=ACCOUNT,
                options={"verify_exp": False, "verify_iat": False, "require": ["exp", "iat"]},
            )
            is_known = self.is_key_known and jwt.get_unverified_header(form["assertion"])["kid"] == KEY_ID
            is_fresh = said["iat"] <= now.timestamp() + 60 < said["exp"] + 60 <= said["iat"] + 3660
            is_right = form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer" and said["scope"] == SCOPE
        except jwt.PyJWTError:
            is_known = is_fresh = is_right = False
        if not (is_known and is_fresh and is_right):
            error = {"error": "invalid_grant", "error_description": "Invalid JWT Signature."}
            return JSONResponse(error, status_code=400)
        token = f"ya29.c.secret-{len(self.tokens)}"
        self.tokens[token] = now + timedelta(hours=1)
        return JSONResponse({"access_token": token, "expires_in": 3599, "token_type": "Bearer"})

    def _check_token(self, request: Request) -> None:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if self.tokens.get(token, self.clock.now()) <= self.clock.now():
            raise RefusedError(401, "authError", "Request had invalid authentication credentials.")
        if not self.is_invited:
            raise RefusedError(403, "permissionDenied", "The current user has insufficient permissions.")
        if not request.url.path.startswith(ROOT):
            raise RefusedError(404, "applicationNotFound", "No application was found for the given package name.")

    def _count(self, made: list[datetime], span: timedelta, limit: int) -> None:
        now = self.clock.now()
        made[:] = [one for one in made if now - one < span]
        if len(made) >= limit:
            raise RefusedError(403, "quotaExceeded", "The quota is used up.")
        made.append(now)

    def _is_listed(self, review: PlayReview) -> bool:
        return self.clock.now() - review.modified < LISTED and bool(review.text.strip())

    def _list(self, request: Request) -> Response:
        size = int(request.query_params.get("maxResults", "10"))
        epoch, _, start = request.query_params.get("token", f"{self.epoch}-0").partition("-")
        if not 0 < size <= LARGEST_PAGE or "translationLanguage" in request.query_params or int(epoch) != self.epoch:
            raise RefusedError(400, "invalid", "Invalid value.")
        newest_first = sorted(self.reviews.values(), key=lambda one: (one.modified, one.id), reverse=True)
        waiting = [review for review in newest_first if self._is_listed(review)][int(start) :]
        body: dict[str, object] = {}
        if waiting:
            body["reviews"] = [_entry(review) for review in waiting[:size]]
        if len(waiting) > size:
            body["tokenPagination"] = {"nextPageToken": f"{self.epoch}-{int(start) + size}"}
        return JSONResponse(body)

    def _find(self, review_id: str) -> PlayReview:
        review = self.reviews.get(review_id)
        if review is None or not (self.shows_old or self._is_listed(review)):
            raise RefusedError(404, "reviewNotFound", "No review was found for the given id.")
        return review

    def _get(self, path: str) -> Response:
        return JSONResponse(_entry(self._find(path.removeprefix(f"{ROOT}/"))))

    def _reply(self, path: str, body: dict[str, str]) -> Response:
        self._count(self.replies, timedelta(days=1), self.replies_a_day)
        review = self._find(path.removeprefix(f"{ROOT}/").removesuffix(":reply"))
        text = re.sub(r"</?[A-Za-z!][^>]*>", "", body["replyText"])
        if not text.strip() or len(body["replyText"]) > LONGEST_REPLY:
            raise RefusedError(400, "invalid", "The reply is empty or too long.")
        review.reply, review.replied = text, self._next_moment()
        return JSONResponse({"result": {"replyText": text, "lastEdited": _stamp(review.replied)}})


def _entry(review: PlayReview) -> dict[str, object]:
    said: dict[str, object] = {
        "text": review.text,
        "lastModified": _stamp(review.modified),
        "starRating": review.stars,
        "reviewerLanguage": review.language,
        "device": "trout",
        "androidOsVersion": 34,
        "appVersionCode": 20417,
        "appVersionName": "2.4.17",
        "deviceMetadata": {"productName": "trout (Trout 7)", "manufacturer": "Fishy", "deviceClass": "phone"},
    }
    comments: list[dict[str, object]] = [{"userComment": said}]
    if review.reply and review.replied:
        comments.append({"developerComment": {"text": review.reply, "lastModified": _stamp(review.replied)}})
    return {"reviewId": review.id, "authorName": review.author, "comments": comments}


def _stamp(moment: datetime) -> dict[str, object]:
    return {"seconds": str(int(moment.timestamp())), "nanos": moment.microsecond * 1000}
