"""X's API over real HTTP, as far as the channel asks it: paging, windows, ceilings, limits and money as documented."""

import base64
import hashlib
import json
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from domain.clock import Clock
from tests.partners.x_compliance import ComplianceDesk
from tests.partners.x_door import Door
from tests.partners.x_views import TWEETS, Names, Views
from tests.partners.x_world import SEARCHED, Post, RefusedError, XWorld, ids, moment_of

Json = dict[str, Any]
CREATES = {("POST", "/2/tweets"), ("POST", "/2/dm_conversations/with/{participant_id}/messages")}
"""What answers 201."""
PRICES = {"own": 0.001, "post": 0.005, "user": 0.010, "message": 0.010, "count": 0.005}


@dataclass(frozen=True)
class Exchange:
    """One request and its answer, kept for checking against X's published description."""

    method: str
    route: str
    query: dict[str, str]
    body: Any
    status: int
    answer: Any


class XServer:
    """The server. ``begin`` gives each test a world of its own."""

    def __init__(self) -> None:
        routes: list[tuple[str, str, Callable[[Request], Json]]] = [
            ("GET", "/2/users/me", self._me),
            ("GET", "/2/users/{id}/mentions", self._mentions),
            ("GET", "/2/users/{id}/tweets", self._own),
            ("GET", "/2/tweets/search/recent", self._search),
            ("GET", "/2/tweets/counts/recent", self._count),
            ("GET", "/2/tweets", self._look_up),
            ("POST", "/2/tweets", self._write),
            ("GET", "/2/dm_events", self._messages),
            ("GET", "/2/dm_conversations/with/{participant_id}/dm_events", self._messages),
            ("POST", "/2/dm_conversations/with/{participant_id}/messages", self._say),
            ("POST", "/2/compliance/jobs", self._create_job),
            ("GET", "/2/compliance/jobs", self._list_jobs),
            ("GET", "/2/compliance/jobs/{id}", self._tell_job),
        ]
        made = [Route(path, self._answer(path, step), methods=[method]) for method, path, step in routes]
        token = Route("/2/oauth2/token", self._refresh, methods=["POST"])
        store = Route("/store/{id}/{way}", self._store, methods=["PUT", "GET"])
        self.app = Starlette(routes=[*made, token, store])

    def begin(self, clock: Clock, *, public_url: str, names: Names = TWEETS) -> None:
        """Start anew."""
        self.world = XWorld(clock)
        self.door = Door(clock, public_url)
        self.compliance = ComplianceDesk(self.world, clock, public_url)
        self.names = names
        self.views = Views(self.world, names)
        self.exchanges: list[Exchange] = []
        self.keeps_exchanges = True
        self.answered: dict[str, list[datetime]] = {}
        """When each ``METHOD /route`` was answered well, and the answer arrived."""
        self.billed: set[tuple[str, str, str]] = set()
        self.bill_usd = 0.0
        self.hides_fields = False
        """True: as when X stops to know the old name of a parameter, it is passed over in silence."""

    def seen(self, method: str, route: str) -> list[Exchange]:
        """Return the exchanges on one route."""
        return [one for one in self.exchanges if (one.method, one.route) == (method, route)]

    def _answer(self, route: str, step: Callable[[Request], Json]) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            body = await request.json() if request.method == "POST" else None
            request.state.body = body
            headers: dict[str, str] = {}
            self.world.catch_up()
            will_arrive = not self.door.unheard
            try:
                self.door.admit(request)
                headers = self.door.count(request, route)
                status, said = (201 if (request.method, route) in CREATES else 200), step(request)
            except RefusedError as refused:
                status = refused.status
                said = self.views.problem(refused.kind, refused.detail) | {"status": status}
                headers |= refused.headers
            else:
                if will_arrive:
                    self.answered.setdefault(f"{request.method} {route}", []).append(self.world.clock.now())
            query = dict(request.query_params)
            if self.keeps_exchanges:
                self.exchanges.append(Exchange(request.method, route, query, body, status, said))
            return JSONResponse(said, status_code=status, headers=headers)

        return answer

    async def _refresh(self, request: Request) -> Response:
        form = {name: str(value) for name, value in (await request.form()).items()}
        try:
            return JSONResponse(self.door.refresh(form, request.headers.get("authorization", "")))
        except RefusedError as refused:
            return JSONResponse({"error": refused.kind, "error_description": str(refused)}, status_code=refused.status)

    async def _store(self, request: Request) -> Response:
        return await self.compliance.store(request)

    def _create_job(self, request: Request) -> Json:
        return self.compliance.create(request.state.body)

    def _list_jobs(self, _request: Request) -> Json:
        return self.compliance.list_jobs()

    def _tell_job(self, request: Request) -> Json:
        return self.compliance.tell(request.path_params["id"])

    # -- reading -------------------------------------------------------------------------------------------------------

    def _me(self, _request: Request) -> Json:
        self._bill("user", [self.world.us.id])
        return {"data": self.views.person(self.world.us)}

    def _mentions(self, request: Request) -> Json:
        self._need_us(request)
        posts = [post for post in self.world.mentions_of_us() if int(post.id) > self._since(request)]
        return self._page(request, posts, least=5, price="own")

    def _own(self, request: Request) -> Json:
        self._need_us(request)
        start = request.query_params.get("start_time")
        since = datetime.fromisoformat(start) if start else None
        posts = [post for post in self.world.our_posts() if since is None or post.created_at >= since]
        return self._page(request, posts, least=5, price="own")

    def _search(self, request: Request) -> Json:
        return self._page(request, self._find(request), least=10, price="post")

    def _count(self, request: Request) -> Json:
        found = self._find(request)
        self.bill_usd += PRICES["count"]
        now = self.world.clock.now()
        bucket = {"start": (now - timedelta(days=1)).isoformat(), "end": now.isoformat(), self.names.count: len(found)}
        return {"data": [bucket], "meta": {self.names.total: len(found)}}

    def _find(self, request: Request) -> list[Post]:
        query = request.query_params.get("query", "")
        if len(query) > 512:
            raise RefusedError(400, "invalid-request", "Rule length exceeds 512 characters")
        since = self._since(request)
        if since and moment_of(str(since)) < self.world.clock.now() - SEARCHED:
            raise RefusedError(400, "invalid-request", "'since_id' must be a tweet id created after the last 7 days")
        return self.world.search(query, since=since, until=int(request.query_params.get("until_id", "0")))

    def _look_up(self, request: Request) -> Json:
        wanted = request.query_params.get("ids", "").split(",")
        if not 1 <= len(wanted) <= 100:
            raise RefusedError(400, "invalid-request", "The number of values in the `ids` query parameter is too high")
        posts = [post for one in wanted if (post := self.world.find(one))]
        errors = []
        for one in wanted:
            if self.world.find(one) is None:
                kind = "not-authorized-for-resource" if one in self.world.posts else "resource-not-found"
                errors.append(self.views.problem(kind, f"Could not find post with ids: [{one}].", post_id=one))
        return self._show(request, posts, price="post") | ({"errors": errors} if errors else {})

    def _messages(self, request: Request) -> Json:
        self._need_size(request, 1)
        found = self.world.conversations(request.path_params.get("participant_id", ""))
        page, meta = self._cut(request, found)
        self._bill("message", [one.id for one in page])
        people = {one.sender for one in page} if "sender_id" in request.query_params.get("expansions", "") else set()
        answer: dict[str, Any] = {"meta": meta}
        if page:
            answer["data"] = [self.views.message(one) for one in page]
        if people:
            self._bill("user", people)
            answer["includes"] = {"users": [self.views.person(self.world.people[one]) for one in sorted(people)]}
        return answer

    # -- writing -------------------------------------------------------------------------------------------------------

    def _write(self, request: Request) -> Json:
        body = request.state.body
        post = self.world.write(body["text"], reply_to=body.get("reply", {}).get("in_reply_to_tweet_id", ""))
        return {"data": {"id": post.id, "text": post.text, self.names.history: post.history}}

    def _say(self, request: Request) -> Json:
        person = self.world.people.get(request.path_params["participant_id"])
        if person is None:
            raise RefusedError(404, "resource-not-found", "no such person")
        message = self.world.say(request.state.body["text"], sender=self.world.us.username, to=person.username)
        return {"data": {"dm_conversation_id": message.conversation_id, "dm_event_id": message.id}}

    # -- what all lists share ------------------------------------------------------------------------------------------

    def _page(self, request: Request, posts: list[Post], *, least: int, price: str) -> Json:
        self._need_size(request, least)
        page, meta = self._cut(request, posts)
        if page:
            meta |= {"newest_id": page[0].id, "oldest_id": page[-1].id}
        return self._show(request, page, price=price) | {"meta": meta}

    def _show(self, request: Request, posts: list[Post], *, price: str) -> dict[str, Any]:
        fields = {name for name in request.query_params.get(self.names.fields, "").split(",") if name}
        if fields - self.names.askable:
            raise RefusedError(400, "invalid-request", f"The query parameter value {fields - self.names.askable}")
        if "tweet.fields" in request.query_params and self.names.fields != "tweet.fields" and not self.hides_fields:
            raise RefusedError(400, "invalid-request", "The query parameter [tweet.fields] is not one of those known")
        expansions = set(request.query_params.get("expansions", "").split(",")) - {""}
        if self.hides_fields:
            fields, expansions = set(), set()
        answer: dict[str, Any] = {}
        if posts:
            answer["data"] = [self.views.post(post, fields, expansions) for post in posts]
        self._bill("post", ids(posts), price=price)
        if along := self.views.along(posts, expansions):
            answer["includes"] = along
            self._bill("user", [user["id"] for user in along.get("users", [])])
            self._bill("post", [post["id"] for post in along.get("posts", [])])
        return answer

    def _cut(self, request: Request, found: list[Any]) -> tuple[list[Any], dict[str, Any]]:
        """Return the page that is asked for. A token belongs to its question, as with X."""
        asked = request.query_params
        question = {name: asked[name] for name in asked if name not in {"pagination_token", "next_token"}}
        mark = hashlib.sha256(json.dumps([request.url.path, sorted(question.items())]).encode()).hexdigest()[:16]
        token = asked.get("pagination_token") or asked.get("next_token")
        if token:
            try:
                below, made_for = json.loads(base64.b32hexdecode(token.upper()))
            except ValueError:
                below, made_for = "0", ""
            if made_for != mark:
                raise RefusedError(400, "invalid-request", "The `pagination_token` query parameter value is not valid")
            found = [one for one in found if int(one.id) < int(below)]
        page = found[: int(asked.get("max_results", 10))]
        meta: dict[str, Any] = {"result_count": len(page)}
        if len(found) > len(page):
            meta["next_token"] = base64.b32hexencode(json.dumps([page[-1].id, mark]).encode()).decode().lower()
        return page, meta

    def _need_us(self, request: Request) -> None:
        if request.path_params["id"] != self.world.us.id:
            raise RefusedError(403, "about:blank", "not our account")

    def _need_size(self, request: Request, least: int) -> None:
        if not least <= int(request.query_params.get("max_results", 10)) <= 100:
            raise RefusedError(400, "invalid-request", f"max_results is not between {least} and 100")

    def _since(self, request: Request) -> int:
        return int(request.query_params.get("since_id", "0"))

    def _bill(self, kind: str, found: Iterable[str], *, price: str = "") -> None:
        """Add each once in a UTC day."""
        today = self.world.clock.now().date().isoformat()
        for one in found:
            if (today, kind, one) not in self.billed:
                self.billed.add((today, kind, one))
                self.bill_usd += PRICES[price or kind]
