"""What a poll reads: mentions, hashtag timelines and searches, each a list from the newest entry back."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from domain.mentions import IncomingMention
from listener.channels.mastodon import wire
from listener.channels.mastodon.account import Account
from listener.channels.mastodon.progress import fingerprint
from listener.channels.mastodon.reading import DIRECT, is_ours_or_noise, read_status
from listener.channels.mastodon.threads import Threads

if TYPE_CHECKING:
    from mastodon import Mastodon

MENTION_TYPES = ("mention", "quote")


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line of a source."""

    id: str
    mark: str
    moment: datetime | None
    status: object
    quotes_us: bool = False


@dataclass(frozen=True, kw_only=True)
class Batch:
    """One page of a source, the newest entry first. ``position`` leads to the page behind it; empty at the end."""

    entries: tuple[Entry, ...]
    position: str = ""


class Source(Protocol):
    """Something to page through."""

    @property
    def name(self) -> str:
        """Key in the cursor."""
        ...

    def older(self, position: str) -> Batch:
        """Return the page behind ``position``; empty: the newest page."""
        ...


@runtime_checkable
class ForwardSource(Source, Protocol):
    """One that gives what follows an entry directly."""

    def newer(self, newest: str) -> Batch:
        """Return the page right after the entry ``newest``."""
        ...


class Mentions:
    """Notifications of mentions, private ones included, and of quotes.

    Mastodon sorts private mentions by strangers away by default (notification policy), so what it filters is asked for too:
    who writes to a shop in private is seldom somebody whom the shop follows.
    """

    name = "mentions"

    def __init__(self, account: Account) -> None:
        self._account = account

    def older(self, position: str) -> Batch:
        """Return a page of ``GET /api/v1/notifications`` with ``max_id``."""
        return self._ask(max_id=position or None)

    def newer(self, newest: str) -> Batch:
        """Return a page of ``GET /api/v1/notifications`` with ``min_id``."""
        return self._ask(min_id=newest)

    def _ask(self, *, min_id: str | None = None, max_id: str | None = None) -> Batch:
        size = self._account.options.page_size

        def call(api: "Mastodon") -> object:
            api.session.params = {"include_filtered": "true"}  # the SDK's call has no such argument
            return api.notifications(types=list(MENTION_TYPES), min_id=min_id, max_id=max_id, limit=size)

        found = self._account.client.ask_list(call)
        return _batch([_entry_of_notification(one) for one in found])


class Hashtag:
    """Public posts with a hashtag, as far as our server knows them."""

    def __init__(self, account: Account, *, tag: str) -> None:
        self._account = account
        self._tag = tag
        self.name = f"#{tag}"

    def older(self, position: str) -> Batch:
        """Return a page of ``GET /api/v1/timelines/tag/:hashtag`` with ``max_id``."""
        return self._ask(max_id=position or None)

    def newer(self, newest: str) -> Batch:
        """Return a page of ``GET /api/v1/timelines/tag/:hashtag`` with ``min_id``."""
        return self._ask(min_id=newest)

    def _ask(self, *, min_id: str | None = None, max_id: str | None = None) -> Batch:
        size = self._account.options.page_size
        found = self._account.client.ask_list(
            lambda api: api.timeline_hashtag(self._tag, min_id=min_id, max_id=max_id, limit=size)
        )
        return _batch([_entry(status) for status in found])


class Search:
    """Posts that contain a term. The server gives them by offset only, the newest first."""

    def __init__(self, account: Account, *, term: str) -> None:
        self._account = account
        self._term = term
        self.name = f"search:{term}"

    def older(self, position: str) -> Batch:
        """Return a page of ``GET /api/v2/search``; the position is the offset."""
        offset = int(position) if position.isdecimal() else 0
        size = self._account.options.page_size
        found = self._account.client.ask(
            lambda api: api.search_v2(self._term, resolve=False, result_type="statuses", offset=offset, limit=size)
        )
        entries = [_entry(status) for status in wire.items(found, "statuses")]
        return Batch(entries=tuple(entries), position=str(offset + len(entries)) if len(entries) >= size else "")


class Reader:
    """Makes mentions of entries. Asks for the thread of those that are answers."""

    def __init__(self, account: Account, *, threads: Threads) -> None:
        self._account = account
        self._threads = threads

    def read(self, entry: Entry) -> IncomingMention | None:
        """Return the mention; None when the entry is none of our business."""
        me = self._account.me
        if is_ours_or_noise(entry.status, own_id=me.id):
            return None
        if wire.text(entry.status, "visibility") == DIRECT and not self._account.options.direct_messages:
            return None
        return read_status(
            entry.status,
            own_id=me.id,
            own_handle=me.handle,
            root=self._threads.find_root(entry.status),
            quotes_us=entry.quotes_us,
        )


def _entry_of_notification(notification: object) -> Entry:
    status = wire.part(notification, "status")
    notification_id = wire.text(notification, "id")
    return Entry(
        id=notification_id,
        mark=fingerprint(notification_id, wire.moment(status, "edited_at")),
        moment=wire.moment(notification, "created_at"),
        status=status,
        quotes_us=wire.text(notification, "type") == "quote",
    )


def _entry(status: object) -> Entry:
    status_id = wire.text(status, "id")
    return Entry(
        id=status_id,
        mark=fingerprint(status_id, wire.moment(status, "edited_at")),
        moment=wire.moment(status, "created_at"),
        status=status,
    )


def _batch(entries: list[Entry]) -> Batch:
    """Return a page. A short one need not be the last, since servers thin pages out; only an empty one is."""
    whole = tuple(entry for entry in entries if entry.id)
    return Batch(entries=whole, position=whole[-1].id if whole else "")


def make_sources(account: Account) -> list[Source]:
    """Return what the settings ask for, mentions first."""
    options = account.options
    return [
        Mentions(account),
        *(Hashtag(account, tag=tag) for tag in options.hashtags),
        *(Search(account, term=term) for term in options.search),
    ]
