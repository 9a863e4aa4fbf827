"""What a poll reads: notifications, searches and direct messages, each as pages from the newest back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.errors import PermanentError
from domain.mentions import IncomingAuthor, IncomingMention
from listener.channels.bluesky import wire
from listener.channels.bluesky.progress import fingerprint
from listener.channels.bluesky.reading import read_author, read_message, read_moment, read_post
from listener.channels.bluesky.session import Account

INTERESTING = frozenset({"mention", "reply", "quote"})
CONVOS_AT_ONCE = 20
"""Each may take requests of its own: a page must not outlast the poll's lease."""
MESSAGE_PAGES = 5
"""Pages of one conversation read in one poll."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line of a source."""

    fingerprint: str
    moment: datetime | None
    mention: IncomingMention | None
    """None: not for us (a like, our own post); it still shows how far back the page reaches."""


@dataclass(frozen=True, kw_only=True)
class Batch:
    """One page of a source. ``position`` continues it; empty at the end of everything."""

    entries: tuple[Entry, ...]
    position: str
    requests: int = 1
    gap: str = ""


class Source(Protocol):
    """Something to walk through."""

    @property
    def name(self) -> str:
        """Key in the cursor."""
        ...

    def fetch(self, position: str, *, horizon: datetime, known: frozenset[str]) -> Batch:
        """Return the page at ``position`` (empty: the newest)."""
        ...


class Notifications:
    """Mentions, replies and quotes. Asked for without a filter: the server would only thin the pages out by it, and an
    empty page does not show how far back it reaches.
    """

    name = "notifications"

    def __init__(self, account: Account, *, page_size: int) -> None:
        self._account = account
        self._page_size = page_size

    def fetch(self, position: str, *, horizon: datetime, known: frozenset[str]) -> Batch:  # noqa: ARG002 - a page is a page
        """Return one page of ``app.bsky.notification.listNotifications``."""
        at = {"cursor": position} if position else {}
        answer = self._account.query("app.bsky.notification.listNotifications", limit=self._page_size, **at)
        entries = [self._entry(item) for item in wire.items(answer, "notifications")]
        return Batch(entries=tuple(entries), position=wire.text(answer, "cursor"))

    def _entry(self, item: object) -> Entry:
        interesting = wire.text(item, "reason") in INTERESTING
        mention = read_post(item, own_did=self._account.session.did) if interesting else None
        return Entry(fingerprint=fingerprint(wire.text(item, "uri")), moment=read_moment(item), mention=mention)


class Search:
    """Posts that contain a term."""

    def __init__(self, account: Account, *, term: str, page_size: int) -> None:
        self._account = account
        self._term = term
        self._page_size = page_size

    @property
    def name(self) -> str:
        """Key in the cursor: another term is another source."""
        return f"search:{self._term}"

    def fetch(self, position: str, *, horizon: datetime, known: frozenset[str]) -> Batch:  # noqa: ARG002 - a page is a page
        """Return one page of ``app.bsky.feed.searchPosts``, newest first."""
        at = {"cursor": position} if position else {}
        answer = self._account.query(
            "app.bsky.feed.searchPosts", q=self._term, sort="latest", limit=self._page_size, **at
        )
        own_did = self._account.session.did
        entries = [
            Entry(
                fingerprint=fingerprint(wire.text(post, "uri")),
                moment=read_moment(post),
                mention=read_post(post, own_did=own_did),
            )
            for post in wire.items(answer, "posts")
        ]
        return Batch(entries=tuple(entries), position=wire.text(answer, "cursor"))


class DirectMessages:
    """Messages others sent us, found through the conversations that changed last."""

    name = "messages"

    def __init__(self, account: Account, *, chat: str, page_size: int, on_no_right: Callable[[], None]) -> None:
        self._account = account
        self._chat = chat
        self._page_size = min(page_size, CONVOS_AT_ONCE)
        self._on_no_right = on_no_right

    def fetch(self, position: str, *, horizon: datetime, known: frozenset[str]) -> Batch:
        """Return the new messages of one page of ``chat.bsky.convo.listConvos``; none without the right to them."""
        try:
            return self._read_convos(position, horizon=horizon, known=known)
        except PermanentError as error:
            if error.code != "no_dm_right":
                raise
            self._on_no_right()
            return Batch(entries=(), position="")

    def _read_convos(self, position: str, *, horizon: datetime, known: frozenset[str]) -> Batch:
        at = {"cursor": position} if position else {}
        answer = self._account.query("chat.bsky.convo.listConvos", proxy=self._chat, limit=self._page_size, **at)
        entries: list[Entry] = []
        requests, gap = 1, ""
        for convo in wire.items(answer, "convos"):
            last = wire.part(convo, "lastMessage")
            sent_at = wire.moment(last, "sentAt")
            convo_id = wire.text(convo, "id")
            newest = fingerprint(wire.text(last, "id"))
            entries.append(Entry(fingerprint=newest, moment=sent_at, mention=None))
            if not convo_id or newest in known or (sent_at is not None and sent_at < horizon):
                continue
            found, pages, missed = self._read_convo(convo, convo_id, horizon)
            entries += found
            requests += pages
            gap = gap or missed
        return Batch(entries=tuple(entries), position=wire.text(answer, "cursor"), requests=requests, gap=gap)

    def _read_convo(self, convo: object, convo_id: str, horizon: datetime) -> tuple[list[Entry], int, str]:
        """Return a conversation's entries back to ``horizon``, the pages read, and why it may be incomplete."""
        authors = _others(wire.items(convo, "members"), own_did=self._account.session.did)
        entries: list[Entry] = []
        position = ""
        for page in range(1, MESSAGE_PAGES + 1):
            at = {"cursor": position} if position else {}
            answer = self._account.query(
                "chat.bsky.convo.getMessages", proxy=self._chat, convoId=convo_id, limit=100, **at
            )
            for message in wire.items(answer, "messages"):
                mention = read_message(message, convo_id=convo_id, authors=authors)
                mark = fingerprint(wire.text(message, "id"))
                entries.append(Entry(fingerprint=mark, moment=wire.moment(message, "sentAt"), mention=mention))
            position = wire.text(answer, "cursor")
            if not position or reaches(entries, horizon):
                return entries, page, ""
        return entries, MESSAGE_PAGES, f"conversation {convo_id} has more new messages than one poll reads"


def reaches(entries: Sequence[Entry], horizon: datetime) -> bool:
    """Tell whether ``entries`` go back beyond ``horizon``."""
    return any(entry.moment is not None and entry.moment < horizon for entry in entries)


def _others(members: list[object], *, own_did: str) -> dict[str, IncomingAuthor]:
    authors = [author for member in members if (author := read_author(member))]
    return {author.external_id: author for author in authors if author.external_id != own_did}
