"""A fake Reddit over HTTP, with the limits that its API documents: pages of at most 100, listings that end, tokens that end,
an anchor that must still be there, names for who calls, error codes inside answers with status 200.

The inbox is bare, as Reddit's is: a comment there names neither its post nor the id of its author.
"""

import re
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from secrets import token_hex

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.partners.reddit_atom import as_entry
from tests.partners.reddit_state import OURS, NotAcceptedError, RedditState, Thing
from tests.partners.reddit_window import Window

CLIENT_ID, CLIENT_SECRET = "kikite-app-id", "app-secret-7Yq2"
PASSWORD, REFRESH_TOKEN = "shop-password-9Zx4", "refresh-token-5Tk8"
MENTIONS, COMMENT_REPLIES, POST_REPLIES = INBOX = tuple(
    f"inbox/{kind}" for kind in ("username_mention", "comment_reply", "post_reply")
)
SEARCHED = 250
"""Entries a search lists at most."""
AGENT = re.compile(r"python:kikite:v[0-9.]+ \((by /u/\w+|self-hosted)\)")


class RedditApp:
    """The HTTP side of a ``RedditState``."""

    def __init__(self, state: RedditState) -> None:
        self.reset(state)
        listing: list[tuple[str, tuple[str, ...], Callable[[Thing], bool]]] = [
            ("/message/mentions", (MENTIONS,), lambda _: True),
            ("/message/comments/", (COMMENT_REPLIES,), lambda _: True),
            ("/message/selfreply/", (POST_REPLIES,), lambda _: True),
            ("/message/inbox/", (*INBOX, "t4"), lambda one: bool(one.inbox) or one.to == OURS),
            ("/message/sent/", ("t4",), lambda one: one.author == OURS),
        ]
        self.app = Starlette(
            routes=[
                Route("/api/v1/access_token", self.give_token, methods=["POST"]),
                Route("/api/v1/me", self._guarded(self.me)),
                Route("/api/info/", self._guarded(self.info)),
                Route("/api/comment/", self._guarded(self.comment), methods=["POST"]),
                Route("/api/compose/", self._guarded(self.compose), methods=["POST"]),
                *(Route(path, self._guarded(self._inbox(keys, wanted))) for path, keys, wanted in listing),
                Route("/user/{name}/comments", self._guarded(self.user_comments)),
                Route("/comments/{link}/", self._guarded(self.thread)),
                Route("/r/{subs}/comments/.rss", self.feed),
                Route("/r/{subs}/new/.rss", self.feed),
                Route("/r/{subs}/search.rss", self.feed),
                Route("/search.rss", self.feed),
                Route("/r/{subs}/comments/", self._guarded(self.subreddit)),
                Route("/r/{subs}/new", self._guarded(self.subreddit)),
                Route("/r/{subs}/search/", self._guarded(self.search)),
            ]
        )

    def reset(self, state: RedditState) -> None:
        """Begin anew with ``state``; every token is over."""
        self.state = state
        self.tokens: set[str] = set()
        self.ceiling = 1_000
        self.window: Window | None = None
        self.answered: dict[str, list[float]] = {}
        """When each path was answered well, and the answer arrived; noted while there is a window."""
        self.remaining: float | None = None
        """Requests left in the window, told and counted down once it is set."""
        self.stray_body: bytes | None = None
        """What the next POST answers instead of JSON, though it was done."""
        self.names_more = False
        """Listings name a next page even where nothing is left."""
        self.withheld: set[str] = set()
        """Left out of feeds after their pages are cut: such a page is short, and not the last."""

    # -- signing in ----------------------------------------------------------------------------------------------------

    async def give_token(self, request: Request) -> Response:
        form = await request.form()
        expected = b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        if request.headers.get("authorization") != f"Basic {expected}":
            return JSONResponse({"message": "Unauthorized", "error": 401}, 401)
        with_password = form.get("grant_type") == "password" and form.get("password") == PASSWORD
        if (with_password and form.get("username") == OURS) or form.get("refresh_token") == REFRESH_TOKEN:
            token = f"access-token-{token_hex(4)}"
            self.tokens.add(token)
            return JSONResponse({"access_token": token, "expires_in": 86400, "scope": "*", "token_type": "bearer"})
        return JSONResponse({"error": "invalid_grant"})

    def _guarded(self, answer: Callable[[Request], object]) -> Callable[[Request], object]:
        async def guarded(request: Request) -> Response:
            if not AGENT.match(request.headers.get("user-agent", "")):
                return JSONResponse({"message": "Too Many Requests", "error": 429}, 429)
            if request.headers.get("authorization", "").removeprefix("bearer ") not in self.tokens:
                why = {"www-authenticate": 'Bearer realm="reddit", error="invalid_token"'}
                return JSONResponse({"message": "Unauthorized", "error": 401}, 401, headers=why)
            if request.query_params.get("raw_json") != "1":
                return JSONResponse({"message": "escaped entities are not what this test is about", "error": 400}, 400)
            self.state.catch_up()
            told: dict[str, str] = {}
            if self.window is not None:
                arrives = not self.window.unheard
                is_taken, told = self.window.take()
                if not is_taken:
                    return JSONResponse({"message": "Too Many Requests", "error": 429}, 429, headers=told)
                if arrives:
                    path = request.url.path
                    self.answered.setdefault(path, []).append(self.state.clock.now().timestamp())
            given: object = answer(request)
            done = await given if hasattr(given, "__await__") else given
            assert isinstance(done, Response)
            done.headers.update(told)
            if self.remaining is not None:
                self.remaining -= 1
                left = {
                    "x-ratelimit-remaining": str(self.remaining),
                    "x-ratelimit-used": "9",
                    "x-ratelimit-reset": "300",
                }
                done.headers.update(left)
            return done

        return guarded

    def me(self, _request: Request) -> Response:
        plain_id = self.state.id_of(OURS)[3:]
        return JSONResponse({"name": OURS, "id": plain_id, "is_suspended": self.state.suspended})

    # -- reading -------------------------------------------------------------------------------------------------------

    def _inbox(self, keys: tuple[str, ...], wanted: Callable[[Thing], bool]) -> Callable[[Request], Response]:
        def answer(request: Request) -> Response:
            if request.query_params.get("mark") != "false":
                return JSONResponse({"message": "this would mark everything as read", "error": 400}, 400)
            found = filter(wanted, self.state.newest(*keys))
            return self.page(request, found, self._in_inbox)

        return answer

    def page(self, request: Request, found: Iterable[Thing], show: Callable[[Thing], object]) -> Response:
        chosen, after = self.cut(request, found)
        children = [{"kind": one.kind, "data": show(one)} for one in chosen]
        data = {"children": children, "after": after, "before": None, "dist": len(children)}
        return JSONResponse({"kind": "Listing", "data": data})

    def cut(self, request: Request, listed: Iterable[Thing]) -> tuple[list[Thing], str | None]:
        """Return one page and the anchor of the next. An anchor that is gone has nothing behind it."""
        limit = min(int(request.query_params.get("limit", "25")), 100)
        anchor = request.query_params.get("after")
        found = list(islice(listed, self.ceiling))
        names = [one.name for one in found]
        start = 0
        if anchor:
            start = names.index(anchor) + 1 if anchor in names else len(names)
        rest = found[start : start + limit]
        return rest, rest[-1].name if start + limit < len(found) or (rest and self.names_more) else None

    def subreddit(self, request: Request) -> Response:
        subs = request.path_params["subs"].split("+")
        if self.state.private & set(subs):
            return JSONResponse({"reason": "private", "message": "Forbidden", "error": 403}, 403)
        if "nowhere" in subs:
            return Response(status_code=302, headers={"location": "https://www.reddit.com/subreddits/search?q=nowhere"})
        kind = "t3" if request.url.path.endswith("/new") else "t1"
        return self.page(request, self.state.newest(*(f"{kind}/{sub}" for sub in subs)), self.show)

    def search(self, request: Request) -> Response:
        return self.page(request, islice(self.matching(request), SEARCHED), self.show)

    def matching(self, request: Request) -> Iterator[Thing]:
        subs = request.path_params.get("subs", "").split("+")
        words = request.query_params["q"].lower()
        found = (one for one in self.state.newest("t3") if words in f"{one.title} {one.body}".lower())
        return (one for one in found if subs[0] in {"", "all"} or one.subreddit in subs)

    def info(self, request: Request) -> Response:
        names = request.query_params["id"].split(",")
        if len(names) > 100 or any(not name.startswith(("t1_", "t3_", "t5_")) for name in names):
            return JSONResponse({"message": "Bad Request", "error": 400}, 400)
        found = [self.state.things[name] for name in names if name in self.state.things]
        children: list[object] = [{"kind": one.kind, "data": self.show(one)} for one in found]
        for name in names:
            sub = name.removeprefix("t5_")
            if f"t3/{sub}" in self.state.listed:
                banned = sub in self.state.banned_in
                children.append({"kind": "t5", "data": {"name": name, "user_is_banned": banned}})
        return JSONResponse({"kind": "Listing", "data": {"children": children, "after": None}})

    def user_comments(self, request: Request) -> Response:
        found = (one for one in self.state.newest(f"by/{request.path_params['name']}") if one.kind == "t1")
        return self.page(request, [] if self.state.lagging else found, self.show)

    def thread(self, request: Request) -> Response:
        link = self.state.things.get(f"t3_{request.path_params['link']}")
        if link is None:
            return JSONResponse({"message": "Not Found", "error": 404}, 404)
        focus = request.query_params.get("comment")
        limit = int(request.query_params.get("limit", "200"))
        top = list(self.state.newest(f"parent/{link.name}"))
        shown = [self.state.things[f"t1_{focus}"]] if focus else top[:limit]
        listed = [("t1", self._with_replies(one)) for one in shown]
        if folded := [] if focus else top[limit:]:
            listed.append(("more", {"count": len(folded), "children": [one.plain_id for one in folded]}))
        return JSONResponse([_listing([("t3", self.show(link))]), _listing(listed)])

    def _with_replies(self, thing: Thing) -> dict[str, object]:
        below = [("t1", self.show(one)) for one in self.state.newest(f"parent/{thing.name}")]
        return {**self.show(thing), "replies": _listing(below) if below else ""}

    def show(self, thing: Thing) -> dict[str, object]:
        """Return a thing as listings outside the inbox show it."""
        is_gone = thing.deleted or thing.removed
        text = "[deleted]" if thing.deleted else "[removed]" if thing.removed else thing.body
        data: dict[str, object] = {
            "name": thing.name,
            "id": thing.plain_id,
            "author": "[deleted]" if is_gone else thing.author,
            "created_utc": thing.created,
            "edited": thing.edited or False,
            "subreddit": thing.subreddit,
            "subreddit_id": f"t5_{thing.subreddit}",
            "permalink": thing.path,
            "locked": thing.locked,
            "archived": thing.archived,
        }
        if not is_gone:
            data["author_fullname"] = self.state.id_of(thing.author)
        if thing.kind == "t3":
            removal = "deleted" if thing.deleted else "moderator" if thing.removed else None
            more = {"title": thing.title, "selftext": text, "is_self": not thing.url, "url": thing.url}
            more["num_comments"] = len(self.state.listed.get(f"parent/{thing.name}", []))
            return {**data, **more, "removed_by_category": removal}
        return {**data, "body": text, "parent_id": thing.parent, "link_id": thing.link}

    def _in_inbox(self, thing: Thing) -> dict[str, object]:
        data: dict[str, object] = {
            "name": thing.name,
            "id": thing.plain_id,
            "author": thing.author,
            "created_utc": thing.created,
            "body": thing.body,
            "dest": thing.to or OURS,
            "was_comment": thing.kind == "t1",
        }
        if thing.kind == "t4":
            person = self.state.id_of(thing.author)
            return {**data, "subject": thing.subject, "author_fullname": person, "first_message_name": None}
        context = f"{thing.path}?context=3"
        return {
            **data,
            "parent_id": thing.parent,
            "subreddit": thing.subreddit,
            "context": context,
            "type": thing.inbox,
        }

    # -- writing -------------------------------------------------------------------------------------------------------

    async def comment(self, request: Request) -> Response:
        form = await request.form()
        target = str(form["thing_id"])
        parent = self.state.things.get(target)
        if parent and parent.subreddit in self.state.banned_in:
            return JSONResponse({"message": "Forbidden", "error": 403}, 403)
        try:
            made = self.state.accept_comment(target, str(form["text"]))
        except NotAcceptedError as error:
            return self._refuse(error)
        return self._done({"things": [{"kind": "t1", "data": self.show(made)}]})

    async def compose(self, request: Request) -> Response:
        form = await request.form()
        try:
            self.state.accept_message(to=str(form["to"]), subject=str(form["subject"]), body=str(form["text"]))
        except NotAcceptedError as error:
            return self._refuse(error)
        return self._done({})

    def _done(self, data: dict[str, object]) -> Response:
        stray, self.stray_body = self.stray_body, None
        if stray is not None:
            return Response(stray, media_type="text/html")
        return JSONResponse({"json": {"errors": [], "data": data}})

    def _refuse(self, error: NotAcceptedError) -> Response:
        told: dict[str, object] = {"errors": [[error.code, error.words, "text"]]}
        if error.code == "RATELIMIT":
            told["ratelimit"] = self.state.wait_seconds
        return JSONResponse({"json": told})

    # -- feeds, for anybody --------------------------------------------------------------------------------------------

    def feed(self, request: Request) -> Response:
        path = request.url.path
        subs = request.path_params.get("subs", "").split("+")
        if self.state.private & set(subs):
            return Response(status_code=403)
        if "search" in path:
            found = self.matching(request)
        else:
            kind = "t1" if "/comments/" in path else "t3"
            found = self.state.newest(*(f"{kind}/{sub}" for sub in subs))
        shown = [one for one in self.cut(request, found)[0] if one.name not in self.withheld]
        entries = "".join(as_entry(one, self.state.things[one.link].title) for one in shown)
        head = '<?xml version="1.0" encoding="UTF-8"?><feed xmlns="http://www.w3.org/2005/Atom"><title>r</title>'
        return Response(f"{head}<id>/</id>{entries}</feed>", media_type="application/atom+xml; charset=UTF-8")


def _listing(children: list[tuple[str, dict[str, object]]]) -> dict[str, object]:
    return {"kind": "Listing", "data": {"children": [{"kind": kind, "data": data} for kind, data in children]}}
