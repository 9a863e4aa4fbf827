"""What a poll reads through the API: inbox, subreddits and searches, each as pages from the newest entry back."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from domain.mentions import IncomingMention
from listener.channels.reddit import wire
from listener.channels.reddit.client import RedditClient
from listener.channels.reddit.options import RedditOptions
from listener.channels.reddit.progress import fingerprint
from listener.channels.reddit.reading import COMMENT, POST, Surroundings, fullname, link_of, read_thing

LISTING_CEILING, SEARCH_CEILING = 1_000, 250
"""Entries that Reddit lists at most, however many there are."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line of a listing."""

    fingerprint: str
    moment: datetime | None
    mention: IncomingMention | None
    """None: known already, or not for us; it still shows how far back the page reaches."""


@dataclass(frozen=True, kw_only=True)
class Batch:
    """One page of a listing. ``after`` continues it; empty at its end."""

    entries: tuple[Entry, ...]
    after: str
    requests: int = 1


class Source(Protocol):
    """Something to walk through."""

    @property
    def name(self) -> str:
        """Key in the cursor: another question is another source."""
        ...

    @property
    def ceiling(self) -> int:
        """Entries that are listed at most."""
        ...

    def fetch(self, after: str, *, known: frozenset[str]) -> Batch:
        """Return the page behind the entry ``after`` (empty: the newest). Entries in ``known`` come without mention."""
        ...


@dataclass(frozen=True, kw_only=True)
class Listing:
    """One listing of the API. ``kinds`` are the things wanted of it."""

    client: RedditClient
    name: str
    path: str
    kinds: frozenset[str]
    page_size: int
    params: Mapping[str, str | int] = field(default_factory=dict)
    ceiling: int = LISTING_CEILING

    def fetch(self, after: str, *, known: frozenset[str]) -> Batch:
        """Return one page, its new entries read together with their posts and parents."""
        at = {"after": after} if after else {}
        answer = self.client.read_listing(self.path, limit=self.page_size, **self.params, **at)
        things = [
            (wire.text(child, "kind"), wire.part(child, "data")) for child in wire.items(answer, "data", "children")
        ]
        marks = [_mark(data) for _, data in things]
        wanted = [
            (kind, data)
            for (kind, data), mark in zip(things, marks, strict=True)
            if mark not in known and kind in self.kinds
        ]
        found = self.client.find_things(_surroundings([data for kind, data in wanted if kind == "t1"]))
        around = Surroundings(own=self.client.own, things=found.things)
        mentions = {id(data): read_thing(kind, data, around) for kind, data in wanted}
        entries = [
            Entry(fingerprint=mark, moment=wire.moment(data, "created_utc"), mention=mentions.get(id(data)))
            for (_, data), mark in zip(things, marks, strict=True)
        ]
        return Batch(entries=tuple(entries), after=wire.text(answer, "data", "after"), requests=1 + found.requests)


def list_sources(client: RedditClient, options: RedditOptions) -> list[Listing]:
    """Return what ``options`` ask for: the inbox first, for those people turned to us."""
    size = options.page_size
    comments, posts, messages = frozenset({"t1"}), frozenset({"t3"}), frozenset({"t4"})
    unmarked: dict[str, str | int] = {"mark": "false"}  # what people see as unread stays so

    def inbox(name: str, path: str, kinds: frozenset[str]) -> Listing:
        return Listing(client=client, name=name, path=path, kinds=kinds, page_size=size, params=unmarked)

    sources = [
        inbox("mentions", "message/mentions", comments),
        inbox("comment_replies", "message/comments/", comments),
        inbox("post_replies", "message/selfreply/", comments),
    ]
    if options.direct_messages:
        sources.append(inbox("messages", "message/inbox/", messages))
    if options.subreddits:
        names = "+".join(options.subreddits)
        for name, path, kinds in (("comments", "comments/", comments), ("posts", "new", posts)):
            sources.append(
                Listing(client=client, name=f"{name}:{names}", path=f"r/{names}/{path}", kinds=kinds, page_size=size)
            )
    return [*sources, *(_search(client, options, term) for term in options.search)]


def search_name(options: RedditOptions, term: str) -> str:
    """Return a search's key in the cursor."""
    return f"search:{'+'.join(options.search_in)}:{term}"


def _search(client: RedditClient, options: RedditOptions, term: str) -> Listing:
    params: dict[str, str | int] = {"q": term, "sort": "new", "type": "link", "t": "all"}
    within = "+".join(options.search_in)
    return Listing(
        client=client,
        name=search_name(options, term),
        path=f"r/{within or 'all'}/search/",
        kinds=frozenset({"t3"}),
        page_size=options.page_size,
        params={**params, "restrict_sr": 1} if within else params,
        ceiling=SEARCH_CEILING,
    )


def reaches(entries: Sequence[Entry], horizon: datetime) -> bool:
    """Tell whether ``entries`` go back beyond ``horizon``."""
    return any(entry.moment is not None and entry.moment < horizon for entry in entries)


def _mark(data: object) -> str:
    words = (wire.text(data, key) for key in ("subject", "title", "body", "selftext"))
    return fingerprint(wire.text(data, "name"), "\n".join(words))


def _surroundings(comments: Iterable[object]) -> list[str]:
    """Return the ids to look up: the posts (who wrote the root), the parents (do they answer us), and bare inbox entries."""
    wanted: list[str] = []
    for data in comments:
        bare = not wire.text(data, "author_fullname") or not wire.text(data, "subreddit_id")
        parent = wire.text(data, "parent_id")
        wanted += [link_of(data), parent if parent.startswith((COMMENT, POST)) else ""]
        wanted += [fullname(data, COMMENT)] if bare else []
    return [name for name in dict.fromkeys(wanted) if name]
