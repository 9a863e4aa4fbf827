"""Hacker News as its two public interfaces show it, over real HTTP: the search, which learns of posts late and gives a thousand
hits at most, and the official one for single items.
"""

import html
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.cast import NOON

CEILING_SAID = "you can only fetch the 1000 hits for this query"
FILTER = re.compile(r"created_at_i(>=|<=|>|<)(\d+)")
COMPARISONS: dict[str, Callable[[int, int], bool]] = {
    ">=": int.__ge__,
    "<=": int.__le__,
    ">": int.__gt__,
    "<": int.__lt__,
}


@dataclass(kw_only=True)
class Post:
    """A story or a comment. ``text`` is HTML; a story's ``title`` carries entities."""

    number: int
    by: str
    time: int
    title: str = ""
    url: str = ""
    text: str = ""
    parent: int = 0
    deleted: bool = False
    dead: bool = False
    indexed: bool = True


@dataclass
class HackerNewsSite:
    """Posts by number."""

    posts: dict[int, Post] = field(default_factory=dict)
    users: set[str] = field(default_factory=set)
    ceiling: int = 1000
    asked: list[Request] = field(default_factory=list)
    once: list[Response] = field(default_factory=list)
    """Answers given in place of the next ones."""
    address: str = ""

    def story(self, title: str, *, by: str = "aya", time: int | None = None, **given: Any) -> str:  # noqa: ANN401 - fields of Post
        """Submit a story; return its id. Each post is a second newer than the last."""
        return self._add(by=by, time=time, title=html.escape(title), **given)

    def comment(self, text: str, *, to: str, by: str = "aya", time: int | None = None, **given: Any) -> str:  # noqa: ANN401 - the same
        """Comment on a story or another comment, in HTML; return the comment's id."""
        return self._add(by=by, time=time, text=text, parent=int(to), **given)

    def answer(self, request: Request) -> Response:
        """Answer as the site does."""
        self.asked.append(request)
        if self.once:
            return self.once.pop(0)
        path = request.url.path
        if path == "/api/v1/search_by_date":
            return self._search(request)
        if found := re.fullmatch(r"/v0/item/(\d+)\.json", path):
            return JSONResponse(self._item(int(found.group(1))))
        if found := re.fullmatch(r"/v0/user/([^/]+)\.json", path):
            return JSONResponse({"id": found.group(1)} if found.group(1) in self.users else None)
        return Response(status_code=404)

    def _add(self, *, time: int | None, by: str, **given: Any) -> str:  # noqa: ANN401 - the same
        number = 40_000_000 + len(self.posts)
        moment = int(NOON.timestamp()) + len(self.posts) if time is None else time
        self.posts[number] = Post(number=number, by=by, time=moment, **given)
        return str(number)

    def _search(self, request: Request) -> Response:
        asked = request.query_params
        page, size = int(asked["page"]), min(int(asked["hitsPerPage"]), self.ceiling)
        filters = FILTER.findall(asked.get("numericFilters", ""))
        quoted = re.fullmatch(r'"([^"]+)"', asked["query"])
        if asked["tags"] != "(story,comment)" or not filters or not quoted:
            return JSONResponse({"message": "unexpected question"}, status_code=400)
        words = quoted.group(1).lower()
        found = [
            post
            for post in self.posts.values()
            if post.indexed
            and not post.dead
            and words in self._searchable(post).lower()
            and all(COMPARISONS[sign](post.time, int(second)) for sign, second in filters)
        ]
        found.sort(key=lambda post: (-post.time, -post.number))
        if page * size >= self.ceiling:
            return JSONResponse({"hits": [], "page": page, "nbHits": 0, "nbPages": 0, "message": CEILING_SAID})
        hits = [self._hit(post) for post in found[: self.ceiling][page * size : (page + 1) * size]]
        pages = -(-min(len(found), self.ceiling) // size)
        return JSONResponse(
            {"hits": hits, "page": page, "nbHits": len(found), "nbPages": pages, "hitsPerPage": size, "query": words}
        )

    def _root(self, post: Post) -> Post:
        while post.parent:
            post = self.posts[post.parent]
        return post

    def _searchable(self, post: Post) -> str:
        root = self._root(post)
        return html.unescape(f"{post.title} {post.url} {post.text} {post.by} {root.title} {root.url}")

    def _hit(self, post: Post) -> dict[str, object]:
        root = self._root(post)
        common: dict[str, object] = {
            "objectID": str(post.number),
            "created_at_i": post.time,
            "author": None if post.deleted else post.by,
            "story_id": root.number,
            "_tags": ["comment" if post.parent else "story", f"author_{post.by}"],
        }
        if post.parent:
            text = None if post.deleted else post.text
            return common | {
                "comment_text": text,
                "parent_id": post.parent,
                "story_title": html.unescape(root.title),
                "story_url": root.url or None,
            }
        return common | {"title": post.title, "url": post.url or None, "story_text": post.text or None, "points": 1}

    def _item(self, number: int) -> dict[str, object] | None:
        post = self.posts.get(number)
        if post is None:
            return None
        if post.deleted:
            return {"id": number, "deleted": True, "time": post.time, "type": "comment" if post.parent else "story"}
        dead = {"dead": True} if post.dead else {}
        return {"id": number, "by": post.by, "time": post.time, "text": post.text, "title": post.title} | dead
