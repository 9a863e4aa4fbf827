"""What the fake Reddit knows: accounts, posts, comments and messages, and what Reddit lets one do with them."""

import re
from dataclasses import dataclass, field
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
    order: int
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
    ids: dict[str, str] = field(default_factory=dict)
    banned_in: set[str] = field(default_factory=set)
    private: set[str] = field(default_factory=set)
    blocked_by: set[str] = field(default_factory=set)
    wait_seconds: float = 0
    """Our account wrote too much: RATELIMIT."""
    suspended: bool = False
    lagging: bool = False
    """Our account's own list does not show its newest comments yet."""

    def id_of(self, author: str) -> str:
        return self.ids.setdefault(author, f"t2_{base36(40_000 + len(self.ids))}")

    def add_post(self, *, author: str, subreddit: str = "coats", title: str = "A thread", body: str = "") -> Thing:
        thing = self._add("t3", author, body, subreddit=subreddit, title=title)
        thing.link = thing.name
        return thing

    def add_comment(self, body: str, *, to: str, author: str, inbox: str = "") -> Thing:
        parent = self.things[to]
        answered = {"t1": "comment_reply", "t3": "post_reply"}[parent.kind] if parent.author == OURS != author else ""
        return self._add(
            "t1", author, body, subreddit=parent.subreddit, link=parent.link, parent=to, inbox=answered or inbox
        )

    def add_message(self, body: str, *, author: str, to: str, subject: str = "hello") -> Thing:
        return self._add("t4", author, body, to=to, subject=subject)

    def _add(self, kind: str, author: str, body: str, **more: Any) -> Thing:  # noqa: ANN401 - fields of Thing
        order = len(self.things)
        name = f"{kind}_{base36(1_000_000 + order)}"
        thing = Thing(name=name, order=order, author=author, body=body, created=self.clock.now().timestamp(), **more)
        self.id_of(author)
        self.things[name] = thing
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

    def newest(self, *kinds: str) -> list[Thing]:
        """Return things of ``kinds`` that a listing shows, newest first."""
        shown = [one for one in self.things.values() if one.kind in kinds and not (one.deleted or one.removed)]
        return sorted(shown, key=lambda one: one.order, reverse=True)


def _refuse_length(body: str) -> None:
    if not body.strip():
        raise NotAcceptedError("NO_TEXT", "we need something here")
    if len(body) > 10_000:
        raise NotAcceptedError("TOO_LONG", "this is too long (max: 10000)")
