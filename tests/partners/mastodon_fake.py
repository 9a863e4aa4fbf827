"""A fake Mastodon server over real HTTP: keeps state and enforces what the real one documents.

Tokens with scopes, paging by ``min_id``/``max_id``, page ceilings, rate limits with their headers, idempotency keys, length,
visibility, blocks, suspended accounts, filtered private mentions. What it is asked and what it answers is kept, to be held
against the published description of the API.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypeVar

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from domain.clock import FixedClock
from tests.partners import mastodon_entities as entities
from tests.partners.mastodon_entities import Json
from tests.partners.mastodon_world import ALL_SCOPES, Notice, Post, Someone, World, count_characters, iso, render

Entry = TypeVar("Entry", Notice, Post)
WINDOW = timedelta(minutes=5)
SCOPE_MISSING = "This action is outside the authorized scopes"


@dataclass(frozen=True)
class Exchange:
    """One question and its answer."""

    method: str
    route: str
    query: tuple[tuple[str, str], ...]
    form: tuple[tuple[str, str], ...]
    headers: dict[str, str]
    status: int
    body: object


class RefusedError(Exception):
    """The server says no."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass
class MastodonFake:
    """The server. Its fields are what a test may turn."""

    clock: FixedClock
    max_characters: int = 500
    requests_a_window: int = 300
    remembers_keys: bool = True
    has_batches: bool = True
    """False: a server before 4.3."""
    has_search: bool = True
    tells_scopes: bool = True
    tells_sources: bool = True
    exchanges: list[Exchange] = field(default_factory=list)
    tokens: dict[str, tuple[Someone, tuple[str, ...]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.world = World(self.clock)
        self._keys: dict[tuple[str, str], str] = {}
        self._window_ends = self.clock.now() + WINDOW
        self._left = self.requests_a_window

    def sign_in(self, someone: Someone, token: str, scopes: Iterable[str] = ALL_SCOPES) -> None:
        """Let ``token`` be good for ``someone``."""
        self.tokens[token] = (someone, tuple(scopes))

    def app(self) -> Starlette:
        """Return the server as an app."""
        return Starlette(
            routes=[
                self._route("/api/v1/accounts/verify_credentials", self._me, "read:accounts"),
                self._route("/api/v1/accounts/relationships", self._relationships, "read:follows"),
                self._route("/api/v1/accounts/{id}/statuses", self._own, "read:statuses"),
                self._route("/api/v1/apps/verify_credentials", self._application, ""),
                self._route("/api/v2/instance", self._instance, None),
                self._route("/api/v2/instance/", self._instance, None),
                self._route("/api/v1/notifications", self._notifications, "read:notifications"),
                self._route("/api/v1/timelines/tag/{hashtag}", self._hashtag, "read:statuses"),
                self._route("/api/v2/search", self._search, "read:search"),
                self._route("/api/v1/statuses", self._batch, "read:statuses"),
                self._route("/api/v1/statuses", self._create, "write:statuses", method="POST"),
                self._route("/api/v1/statuses/{id}", self._one, "read:statuses"),
                self._route("/api/v1/statuses/{id}/context", self._context, "read:statuses"),
                self._route("/api/v1/statuses/{id}/source", self._source, "read:statuses"),
            ]
        )

    def _route(
        self, path: str, answer: Callable[[Request, Someone, Any], object], scope: str | None, method: str = "GET"
    ) -> Route:
        async def endpoint(request: Request) -> Response:
            form = await request.form()
            try:
                me = self._let_in(request, scope)
                status, body = 200, answer(request, me, form)
            except RefusedError as refusal:
                status, body = refusal.status, {"error": str(refusal)}
            pairs = tuple((name, str(value)) for name, value in form.multi_items())
            query = tuple(request.query_params.multi_items())
            self.exchanges.append(Exchange(method, path, query, pairs, dict(request.headers), status, body))
            headers = {
                "X-RateLimit-Limit": str(self.requests_a_window),
                "X-RateLimit-Remaining": str(max(self._left, 0)),
                "X-RateLimit-Reset": iso(self._window_ends),
            }
            return JSONResponse(body, status_code=status, headers=headers)

        return Route(path, endpoint, methods=[method])

    def _let_in(self, request: Request, scope: str | None) -> Someone:
        """Return whose token it is. Scope None: anybody may ask."""
        now = self.clock.now()
        if now >= self._window_ends:
            self._window_ends, self._left = now + WINDOW, self.requests_a_window
        self._left -= 1
        if self._left < 0:
            raise RefusedError(429, "Too many requests")
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if scope is None and token not in self.tokens:
            return Someone(id="", name="")
        if token not in self.tokens:
            raise RefusedError(401, "The access token is invalid")
        me, scopes = self.tokens[token]
        if scope and not {scope, scope.partition(":")[0]} & set(scopes):
            raise RefusedError(403, SCOPE_MISSING)
        if me.is_suspended:
            raise RefusedError(403, "Your login is currently disabled")
        return me

    # -- reading -------------------------------------------------------------------------------------------------------

    def _me(self, _request: Request, me: Someone, _form: object) -> object:
        return entities.own_account(me)

    def _application(self, request: Request, _me: Someone, _form: object) -> object:
        told = entities.application(list(self.tokens[request.headers["authorization"].removeprefix("Bearer ")][1]))
        if not self.tells_scopes:
            del told["scopes"]
        return told

    def _instance(self, _request: Request, _me: Someone, _form: object) -> object:
        return entities.instance(max_characters=self.max_characters)

    def _notifications(self, request: Request, me: Someone, _form: object) -> object:
        query = request.query_params
        types = query.getlist("types[]")
        found = [
            notice
            for notice in self.world.notices
            if notice.to is me
            and (not types or notice.kind in types)
            and (not notice.is_filtered or query.get("include_filtered") == "true")
        ]
        return [entities.notification(one, self._show(one.post)) for one in self._page(request, found, ceiling=80)]

    def _hashtag(self, request: Request, _me: Someone, _form: object) -> object:
        tag = f"#{request.path_params['hashtag']}".lower()
        posts = [post for post in self.world.posts.values() if post.visibility == "public"]
        return self._show_all(self._page(request, [post for post in posts if tag in post.text.lower().split()]))

    def _search(self, request: Request, me: Someone, _form: object) -> object:
        found: list[Post] = []
        if self.has_search:
            term = request.query_params["q"].lower()
            found = [post for post in self.world.posts.values() if term in post.text.lower()]
        seen = [post for post in sorted(found, key=lambda post: post.id, reverse=True) if self.world.can_see(me, post)]
        start, size = int(request.query_params.get("offset", 0)), int(request.query_params.get("limit", 20))
        return {"accounts": [], "hashtags": [], "statuses": self._show_all(seen[start : start + min(size, 40)])}

    def _own(self, request: Request, me: Someone, _form: object) -> object:
        of = [post for post in self.world.posts.values() if post.author.id == request.path_params["id"]]
        return self._show_all(self._page(request, [post for post in of if self.world.can_see(me, post)]))

    def _batch(self, request: Request, me: Someone, _form: object) -> object:
        if not self.has_batches:
            raise RefusedError(404, "Not Found")
        posts = [self.world.posts.get(one) for one in request.query_params.getlist("id[]")]
        return self._show_all(post for post in posts if post is not None and self.world.can_see(me, post))

    def _one(self, request: Request, me: Someone, _form: object) -> object:
        return self._show(self._find(request.path_params["id"], me))

    def _context(self, request: Request, me: Someone, _form: object) -> object:
        ancestors: list[Post] = []
        post = self._find(request.path_params["id"], me)
        while (parent := post.parent) and parent.id in self.world.posts and self.world.can_see(me, parent):
            post = parent
            ancestors.insert(0, parent)
        return {"ancestors": self._show_all(ancestors), "descendants": []}

    def _source(self, request: Request, me: Someone, _form: object) -> object:
        if not self.tells_sources:
            raise RefusedError(404, "Not Found")
        post = self._find(request.path_params["id"], me)
        return {"id": post.id, "text": post.text, "spoiler_text": post.warning}

    def _relationships(self, request: Request, me: Someone, _form: object) -> object:
        people = [self.world.people.get(one) for one in request.query_params.getlist("id[]")]
        return [entities.relationship(me, them) for them in people if them is not None]

    # -- writing -------------------------------------------------------------------------------------------------------

    def _create(self, request: Request, me: Someone, form: Any) -> object:  # noqa: ANN401 - Starlette's form
        key = request.headers.get("idempotency-key", "")
        if key and self.remembers_keys and (made := self._keys.get((me.id, key))) in self.world.posts:
            return self._show(self.world.posts[str(made)])
        text = str(form.get("status", ""))
        if not text.strip():
            raise RefusedError(422, "Validation failed: Text can't be blank")
        if count_characters(text) > self.max_characters:
            raise RefusedError(422, f"Validation failed: Text character limit of {self.max_characters} exceeded")
        parent = None
        if parent_id := str(form.get("in_reply_to_id", "")):
            parent = self._find(parent_id, me)
        post = self.world.add(
            me,
            text,
            parent=parent,
            visibility=str(form.get("visibility", "public")),
            language=str(form.get("language", "ja")),
        )
        self._keys[me.id, key] = post.id
        return self._show(post)

    # -- shared --------------------------------------------------------------------------------------------------------

    def _find(self, post_id: str, me: Someone) -> Post:
        post = self.world.posts.get(post_id)
        if post is None or not self.world.can_see(me, post):
            raise RefusedError(404, "Record not found")
        return post

    def _page(self, request: Request, found: list[Entry], *, ceiling: int = 40) -> list[Entry]:
        """Return a page, newest first: right after ``min_id``, or the newest before ``max_id``."""
        query = request.query_params
        size = min(int(query.get("limit", 20)), ceiling)
        ordered = sorted(found, key=lambda one: one.id)
        if "max_id" in query:
            ordered = [one for one in ordered if one.id < query["max_id"]]
        if "min_id" in query:
            return list(reversed([one for one in ordered if one.id > query["min_id"]][:size]))
        return list(reversed(ordered))[:size]

    def _show(self, post: Post) -> Json:
        return entities.status(post, self.world, render(post, self.world))

    def _show_all(self, posts: Iterable[Post]) -> list[Json]:
        return [self._show(post) for post in posts]
