"""What the fake Reddit knows: accounts, posts, comments and messages, and what Reddit lets one do with them."""

import heapq
import re
from bisect import insort
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bs4 import BeautifulSoup
from markdown_it import MarkdownIt

from domain.clock import Clock

OURS = "mizunara_shop"
TYPING = re.compile(r"([!-/:-@\[-`{-~])")
SIGNS = "0123456789abcdefghijklmnopqrstuvwxyz"


def as_typed(text: str) -> str:
    """Return the markdown that Reddit's editor makes of plain text: every sign that could be a mark is escaped."""
    return TYPING.sub(r"\\\1", text)


def as_read(body: str) -> str:
    """Return a body as people read it, by somebody else's markdown."""
    html = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"]).render(body)
    html = html.replace("<br />\n", "<br />").replace("<br />", "\n").replace("</p>\n<p>", "\n\n")
    return BeautifulSoup(html, "html.parser").get_text().strip("\n")


def base36(number: int) -> str:
    digits = ""
    while number:
        number, rest = divmod(number, 36)
        digits = SIGNS[rest] + digits
    return digits


@dataclass(kw_only=True)
class Thing:
    """A post (t3), a comment (t1) or a private message (t4)."""

    name: str
    order: tuple[float, int]
    """Its place in lists: they are sorted by when a thing was written."""
    author: str
    body: str
    created: float
    subreddit: str = ""
    link: str = ""
    parent: str = ""
    title: str = ""
    subject: str = ""
    to: str = ""
    inbox: str = ""
    """username_mention, comment_reply or post_reply."""
    url: str = ""
    deleted: bool = False
    removed: bool = False
    locked: bool = False
    archived: bool = False
    edited: float = 0

    @property
    def kind(self) -> str:
        return self.name[:2]

    @property
    def plain_id(self) -> str:
        return self.name[3:]

    @property
    def path(self) -> str:
        end = f"{self.plain_id}/" if self.kind == "t1" else ""
        return f"/r/{self.subreddit}/comments/{self.link[3:]}/_/{end}"


@dataclass(frozen=True)
class NotAcceptedError(Exception):
    """An error code in an answer with status 200."""

    code: str
    words: str = ""


@dataclass(kw_only=True)
class RedditState:
    """The whole platform."""

    clock: Clock
    things: dict[str, Thing] = field(default_factory=dict)
    listed: dict[str, list[Thing]] = field(default_factory=dict)
    """By what a list is asked for (kind, kind/subreddit, inbox/kind of entry, parent/id, by/author), oldest first."""
    coming: list[tuple[float, int, Callable[[], object]]] = field(default_factory=list)
    ids: dict[str, str] = field(default_factory=dict)
    banned_in: set[str] = field(default_factory=set)
    private: set[str] = field(default_factory=set)
    blocked_by: set[str] = field(default_factory=set)
    wait_seconds: float = 0
    """Our account wrote too much: RATELIMIT."""
    suspended: bool = False
    last_order: float = 0
    lagging: bool = False
    """Our account's own list does not show its newest comments yet."""

    def id_of(self, author: str) -> str:
        return self.ids.setdefault(author, f"t2_{base36(40_000 + len(self.ids))}")

    def add_post(
        self,
        *,
        author: str,
        subreddit: str = "coats",
        title: str = "A thread",
        body: str = "",
        at: datetime | None = None,
    ) -> Thing:
        thing = self._add("t3", author, body, at=at, subreddit=subreddit, title=title)
        thing.link = thing.name
        return thing

    def add_comment(self, body: str, *, to: str, author: str, inbox: str = "", at: datetime | None = None) -> Thing:
        parent = self.things[to]
        answered = {"t1": "comment_reply", "t3": "post_reply"}[parent.kind] if parent.author == OURS != author else ""
        found = answered or inbox
        return self._add(
            "t1", author, body, at=at, subreddit=parent.subreddit, link=parent.link, parent=to, inbox=found
        )

    def add_message(self, body: str, *, author: str, to: str, subject: str = "hello") -> Thing:
        return self._add("t4", author, body, to=to, subject=subject)

    def plan(self, moment: datetime, happen: Callable[[], object]) -> None:
        """Let something happen at ``moment``: whoever looks later finds it done."""
        heapq.heappush(self.coming, (moment.timestamp(), len(self.coming), happen))

    def catch_up(self) -> None:
        """Let happen what is due by the clock."""
        while self.coming and self.coming[0][0] <= self.clock.now().timestamp():
            heapq.heappop(self.coming)[2]()

    def _add(
        self,
        kind: str,
        author: str,
        body: str,
        *,
        at: datetime | None = None,
        **more: Any,  # noqa: ANN401 - fields of Thing
    ) -> Thing:
        """Add a thing; with ``at`` it is from then, though no list showed it before now."""
        number = len(self.things)
        name = f"{kind}_{base36(1_000_000 + number)}"
        now = self.clock.now().timestamp()
        created = at.timestamp() if at else now
        order = created if at else max(created, self.last_order)
        self.last_order = max(self.last_order, order)
        thing = Thing(name=name, order=(order, number), author=author, body=body, created=created, **more)
        self.id_of(author)
        self.things[name] = thing
        for key in (
            kind,
            f"{kind}/{thing.subreddit}",
            f"inbox/{thing.inbox}",
            f"parent/{thing.parent}",
            f"by/{author}",
        ):
            insort(self.listed.setdefault(key, []), thing, key=lambda one: one.order)
        return thing

    def accept_comment(self, target: str, body: str) -> Thing:
        """Post a comment of ours, or raise ``NotAcceptedError`` as Reddit does."""
        parent = self.things.get(target)
        self._refuse_flood()
        if parent is None or parent.deleted or parent.removed:
            raise NotAcceptedError("DELETED_COMMENT", "that comment has been deleted")
        link = self.things[parent.link]
        if parent.locked or link.locked:
            raise NotAcceptedError("THREAD_LOCKED", "Comments are locked.")
        if link.archived:
            raise NotAcceptedError("TOO_OLD", "that's a piece of history now; it's too late to reply to it")
        if parent.author in self.blocked_by:
            raise NotAcceptedError("USER_BLOCKED", "you can't do that to somebody who blocked you")
        _refuse_length(body)
        return self.add_comment(body, to=target, author=OURS)

    def accept_message(self, *, to: str, subject: str, body: str) -> Thing:
        """Send a message of ours."""
        self._refuse_flood()
        if to not in self.ids:
            raise NotAcceptedError("USER_DOESNT_EXIST", "that user doesn't exist")
        if to in self.blocked_by:
            raise NotAcceptedError("NOT_WHITELISTED_BY_USER_MESSAGE", "they take messages of trusted users only")
        if len(subject) > 100 or not subject:
            raise NotAcceptedError("TOO_LONG", "this is too long (max: 100)")
        _refuse_length(body)
        return self.add_message(body, author=OURS, to=to, subject=subject)

    def _refuse_flood(self) -> None:
        if self.wait_seconds:
            minutes = round(self.wait_seconds / 60) or 1
            raise NotAcceptedError("RATELIMIT", f"Take a break for {minutes} minutes before trying again.")

    def newest(self, *keys: str) -> Iterator[Thing]:
        """Yield what listings of ``keys`` show (see ``listed``), newest first."""
        merged = heapq.merge(
            *(reversed(self.listed.get(key, [])) for key in keys), key=lambda one: one.order, reverse=True
        )
        return (one for one in merged if not (one.deleted or one.removed))


def _refuse_length(body: str) -> None:
    if not body.strip():
        raise NotAcceptedError("NO_TEXT", "we need something here")
    if len(body) > 10_000:
        raise NotAcceptedError("TOO_LONG", "this is too long (max: 10000)")
