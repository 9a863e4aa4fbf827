"""A site that publishes feeds and the pages of their entries, over real HTTP: with validators, like any blog's."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from email.utils import format_datetime
from xml.sax.saxutils import escape, quoteattr

from starlette.requests import Request
from starlette.responses import Response

from tests.cast import NOON

Answerer = Callable[[Request], Response]


@dataclass(frozen=True, kw_only=True)
class Item:
    """One entry of a feed."""

    guid: str
    text: str
    author: str = "aya"
    title: str = ""
    answers: str = ""
    published: datetime | None = NOON
    kind: str = "text"
    """Type of the content in Atom."""
    link: str = "https://blog.example/entry"


@dataclass
class FeedSite:
    """Feeds by name, each a list of items, newest first. ``answers`` replaces what a path says, ``once`` its next answer."""

    feeds: dict[str, list[Item]] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    """Paths of pages that were taken down."""
    answers: dict[str, Answerer] = field(default_factory=dict)
    once: dict[str, Answerer] = field(default_factory=dict)
    shown_at_once: int = 1000
    """How many entries a feed holds before the oldest fall out of it."""
    asked: list[Request] = field(default_factory=list)
    address: str = ""
    _count: int = 0

    def add(self, text: str, *, feed: str = "blog", published: datetime | None = None, **given: str) -> str:
        """Publish an entry; return its guid, which is the address of its page. Each is a second newer than the last."""
        self._count += 1
        guid = given.pop("guid", f"{self.address}/entry/{self._count}")
        moment = published or NOON + timedelta(seconds=self._count)
        item = Item(guid=guid, text=text, published=moment, **given)
        self.feeds.setdefault(feed, []).insert(0, item)
        return guid

    def edit(self, guid: str, text: str) -> None:
        """Change what an entry says."""
        for name, items in self.feeds.items():
            self.feeds[name] = [replace(item, text=text) if item.guid == guid else item for item in items]

    def take_down(self, guid: str) -> None:
        """Delete an entry and its page."""
        for name, items in self.feeds.items():
            self.feeds[name] = [item for item in items if item.guid != guid]
        self.gone.add(guid.removeprefix(self.address))

    def answer(self, request: Request) -> Response:
        self.asked.append(request)
        path = request.url.path
        answerer = self.once.pop(path, None) or self.answers.get(path)
        if answerer is not None:
            return answerer(request)
        if path.startswith("/entry/"):
            return Response("<p>an entry</p>", status_code=410 if path in self.gone else 200, media_type="text/html")
        name = path.strip("/")
        if name not in self.feeds:
            return Response("nothing here", status_code=404)
        body = write_atom(self.feeds[name][: self.shown_at_once]).encode()
        etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        headers = {
            "etag": etag,
            "content-type": "application/atom+xml",
            "last-modified": format_datetime(NOON, usegmt=True),
        }
        if request.headers.get("if-none-match") == etag:
            return Response(status_code=304, headers={"etag": etag})
        return Response(body, headers=headers)


def write_atom(items: list[Item], *, title: str = "A blog", declaration: str = "") -> str:
    """Return an Atom document."""
    entries = "".join(_write_entry(item) for item in items)
    head = '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:thr="http://purl.org/syndication/thread/1.0" xml:lang="ja">'
    return f"{declaration}{head}<title>{escape(title)}</title><id>urn:blog</id>{entries}</feed>"


def _write_entry(item: Item) -> str:
    moment = f"<published>{item.published.isoformat()}</published>" if item.published else ""
    answer = f"<thr:in-reply-to ref={quoteattr(item.answers)}/>" if item.answers else ""
    author = f"<author><name>{escape(item.author)}</name></author>" if item.author else ""
    title = f"<title>{escape(item.title)}</title>" if item.title else ""
    return (
        f"<entry><id>{escape(item.guid)}</id>{title}{moment}{answer}{author}<link href={quoteattr(item.link)}/>"
        f'<summary>a summary</summary><content type="{item.kind}">{escape(item.text)}</content></entry>'
    )
