"""What a fake Mastodon server knows: accounts, posts, notifications; and how it writes them, as the real one does."""

import html
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import regex

from domain.clock import FixedClock

HOME = "mastodon.example"
ALL_SCOPES = ("read", "write")
MENTION = re.compile(r"(?<![/\w=])@([A-Za-z0-9_]+)(?:@([A-Za-z0-9.-]+[A-Za-z0-9]))?")
PIECES = re.compile(rf"(?P<link>https?://[A-Za-z0-9.:/?#_%=&-]+)|(?P<mention>{MENTION.pattern})|(?<!\w)#(?P<tag>\w+)")
SHOWN = 30
"""Characters of an address that people see; the rest is there but hidden."""


@dataclass
class Someone:
    """An account, of this server or (``domain``) of another that it knows."""

    id: str
    name: str
    domain: str = ""
    blocks: set[str] = field(default_factory=set)
    follows: set[str] = field(default_factory=set)
    is_limited: bool = False
    is_suspended: bool = False

    @property
    def acct(self) -> str:
        return f"{self.name}@{self.domain}" if self.domain else self.name

    @property
    def url(self) -> str:
        return f"https://{self.domain or HOME}/@{self.name}"


@dataclass
class Post:
    """A status."""

    id: str
    author: Someone
    text: str
    created_at: datetime
    visibility: str = "public"
    parent: "Post | None" = None
    warning: str = ""
    language: str = "ja"
    edited_at: datetime | None = None
    boosted: "Post | None" = None
    quoted: "Post | None" = None
    markup: str = ""
    """Given: what another software wrote, instead of our own rendering."""


@dataclass
class Notice:
    """A notification."""

    id: str
    to: Someone
    kind: str
    post: Post
    created_at: datetime
    is_filtered: bool = False


class World:
    """The server's memory. Ids sort by time, as text: whoever takes them for numbers is lost."""

    def __init__(self, clock: FixedClock) -> None:
        self.clock = clock
        self.people: dict[str, Someone] = {}
        self.posts: dict[str, Post] = {}
        self.notices: list[Notice] = []
        self._count = 0

    def person(self, name: str, domain: str = "") -> Someone:
        """Return the account, made when it is met first."""
        found = next((one for one in self.people.values() if (one.name, one.domain) == (name, domain)), None)
        if found is None:
            found = Someone(id=f"acct-{len(self.people) + 1}", name=name, domain=domain)
            self.people[found.id] = found
        return found

    def add(self, author: Someone, text: str, *, age: timedelta = timedelta(), **fields: Any) -> Post:  # noqa: ANN401 - Post's
        """Let ``author`` post; whoever is named is told. ``age``: written so long ago, and heard of only now."""
        written = self.clock.now() - age
        post = Post(id=self.make_id(written), author=author, text=text, created_at=written, **fields)
        self.posts[post.id] = post
        for named in self.named(post):
            self._notify(named, "mention", post)
        if post.quoted:
            self._notify(post.quoted.author, "quote", post)
        return post

    def make_id(self, moment: datetime) -> str:
        self._count += 1
        return f"01J{int(moment.timestamp()):012X}{self._count:06X}"

    def edit(self, post_id: str, text: str) -> None:
        post = self.posts[post_id]
        post.text, post.edited_at = text, self.clock.now()

    def delete(self, post_id: str) -> None:
        """Take a post away, and with it the notifications of it."""
        del self.posts[post_id]
        self.notices = [notice for notice in self.notices if notice.post.id != post_id]

    def answers(self, to: str, author: Someone, *, private: bool) -> list[str]:
        """Return the texts that ``author`` wrote below the post ``to``."""
        return [
            post.text
            for post in self.posts.values()
            if post.author is author
            and post.parent is not None
            and post.parent.id == to
            and (post.visibility == "direct") is private
        ]

    def named(self, post: Post) -> list[Someone]:
        """Return whom a post names, but its author."""
        found = [(name.lower(), domain if domain != HOME else "") for name, domain in MENTION.findall(post.text)]
        known = {(one.name, one.domain): one for one in self.people.values()}
        return [known[one] for one in dict.fromkeys(found) if one in known and known[one] is not post.author]

    def can_see(self, reader: Someone, post: Post) -> bool:
        if reader.id in post.author.blocks:
            return False
        if post.visibility in {"public", "unlisted"} or post.author is reader:
            return True
        is_named = any(one is reader for one in self.named(post))
        return is_named or (post.visibility == "private" and post.author.id in reader.follows)

    def _notify(self, to: Someone, kind: str, post: Post) -> None:
        if to.domain or to is post.author or post.author.id in to.blocks:
            return
        # The policy every account begins with: private mentions by people one does not follow are sorted away.
        stranger = post.visibility == "direct" and post.author.id not in to.follows
        self._count += 1
        self.notices.append(
            Notice(
                id=f"N{self._count:08d}",
                to=to,
                kind=kind,
                post=post,
                created_at=self.clock.now(),
                is_filtered=stranger or post.author.is_limited,
            )
        )


def iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def render(post: Post, world: World) -> str:
    """Return a post's HTML: names, tags and addresses as links, long addresses partly hidden, empty lines as paragraphs."""
    if post.markup:
        return post.markup
    people = {(one.name, one.domain): one for one in world.people.values()}
    written: list[str] = []
    position = 0
    for found in PIECES.finditer(post.text):
        written += [html.escape(post.text[position : found.start()]), _link(found, people)]
        position = found.end()
    whole = "".join([*written, html.escape(post.text[position:])]).strip()
    paragraphs = re.split(r"\n{2,}", whole)
    return "".join(f"<p>{paragraph.replace(chr(10), '<br />')}</p>" for paragraph in paragraphs)


def count_characters(text: str) -> int:
    """Return the length of a text as the server counts: addresses as 23, names without their server."""

    def shorten(found: re.Match[str]) -> str:
        if found["link"]:
            return "x" * 23
        return "@" + found["mention"].split("@")[1] if found["mention"] else found.group()

    return len(regex.findall(r"\X", PIECES.sub(shorten, text)))


def _link(found: re.Match[str], people: dict[tuple[str, str], Someone]) -> str:
    if link := found["link"]:
        scheme, rest = re.match(r"(https?://(?:www\.)?)(.*)", link).groups()  # type: ignore[union-attr]
        shown = f'<span class="{"ellipsis" if len(rest) > SHOWN else ""}">{rest[:SHOWN]}</span>'
        hidden = f'<span class="invisible">{scheme}</span>{shown}<span class="invisible">{rest[SHOWN:]}</span>'
        return f'<a href="{html.escape(link)}" target="_blank" rel="nofollow noopener" translate="no">{hidden}</a>'
    if tag := found["tag"]:
        return f'<a href="https://{HOME}/tags/{tag}" class="mention hashtag" rel="tag">#<span>{tag}</span></a>'
    name, _, domain = found["mention"].removeprefix("@").partition("@")
    person = people.get((name.lower(), "" if domain == HOME else domain))
    if person is None:
        return html.escape(found["mention"])
    anchor = f'<a href="{person.url}" class="u-url mention">@<span>{name}</span></a>'
    return f'<span class="h-card" translate="no">{anchor}</span>'
