"""The feed channel: what the port promises of a source that can only be read."""

from collections.abc import Sequence
from urllib.parse import urlsplit

import regex

from domain.cleaning import ID_LIMIT
from domain.errors import ChannelError, PermanentError, RetryableError
from domain.mentions import Page
from domain.replies import Capabilities, Measure, PlatformFacts, SendRequest, SendTarget, SentPost
from domain.words import Visibility
from listener.channels.feed.fetching import Fetcher
from listener.channels.feed.options import KEY_LENGTH, Feed, FeedOptions
from listener.channels.feed.polling import Poller
from listener.channels.feed.reading import Entry, external_id, read_document
from listener.channels.feed.refusals import NOT_THERE
from listener.registry import ChannelContext

PAGES_AT_ONCE = 10
"""Asked for at most, once each feed was read: a question is over before its lease, however slow the site."""


class FeedChannel:
    """The RSS and Atom feeds of one account. Thread-safe; asks nobody who we are."""

    def __init__(self, options: FeedOptions, *, context: ChannelContext) -> None:
        self._feeds = options.feeds
        self._fetcher = Fetcher(
            clock=context.clock,
            timeout_seconds=options.timeout_seconds,
            max_bytes=int(options.max_megabytes * 1_000_000),
            private_hosts=options.private_hosts,
        )
        self._poller = Poller(options, fetcher=self._fetcher, clock=context.clock)

    def __repr__(self) -> str:
        """Without tokens."""
        return f"FeedChannel({', '.join(feed.shown for feed in self._feeds)})"

    @property
    def kind(self) -> str:
        """Always ``feed``."""
        return "feed"

    @property
    def own_author_id(self) -> str:
        """Nobody's id: a feed knows no accounts. Entries signed with ``own_names`` are left out by the channel itself."""
        return "feed:ourselves"

    @property
    def capabilities(self) -> Capabilities:
        """Reading. A deleted entry is noticed when its own page says so."""
        return Capabilities(
            can_reply=False, can_direct_message=False, tells_deletions=True, asked_at_once=PAGES_AT_ONCE
        )

    def poll(self, cursor: str | None) -> Page:
        """Return the next feed's new and edited entries."""
        return self._poller.poll(cursor)

    def reply(self, request: SendRequest) -> SentPost:
        """Refuse: a feed takes nothing."""
        raise _no_sending(request)

    def direct_message(self, request: SendRequest) -> SentPost:
        """Refuse: a feed takes nothing."""
        raise _no_sending(request)

    def find_reply(self, request: SendRequest, visibility: Visibility) -> SentPost | None:
        """Nothing was ever sent from here."""
        del request, visibility
        return None

    def still_there(self, external_ids: Sequence[str]) -> frozenset[str]:
        """Return all but those that left their feed and whose own page is gone: feeds drop old entries all the time."""
        there = set(external_ids)
        for feed in self._feeds:
            mine = [one for one in there if one.startswith(f"{feed.key}:")]
            if not mine:
                continue
            try:
                listed = {external_id(feed, entry.entry_id) for entry in self._read(feed)}
            except (PermanentError, RetryableError):
                continue
            for asked in sorted(set(mine) - listed):
                if _is_whole(asked) and self._page_is_gone(asked[KEY_LENGTH + 1 :], feed):
                    there.discard(asked)
        return frozenset(there)

    def eligibility(self, target: SendTarget) -> PlatformFacts:
        """Tell whether the entry still stands, as far as that can be told; nobody says who may answer there."""
        return PlatformFacts(exists=bool(self.still_there([target.external_id])), dm_allowed=False)

    def measure(self, text: str, visibility: Visibility) -> Measure:
        """Count graphemes; nothing limits what is posted by hand."""
        del visibility
        return Measure(length=len(regex.findall(r"\X", text)), limit=0)

    def probe(self) -> str:
        """Say what each feed holds. Raises when none can be read."""
        said: list[str] = []
        errors: list[ChannelError] = []
        for feed in self._feeds:
            try:
                said.append(f"{feed.shown}: {len(self._read(feed))} entries")
            except (PermanentError, RetryableError) as error:
                errors.append(error)
                said.append(f"NOT READ: {error}")
        if len(errors) == len(self._feeds):
            raise errors[0]
        return "; ".join(said)

    def close(self) -> None:
        """Nothing stays open between calls."""

    def _read(self, feed: Feed) -> tuple[Entry, ...]:
        fetched = self._fetcher.fetch(feed)
        return read_document(fetched, feed).entries

    def _page_is_gone(self, entry_id: str, feed: Feed) -> bool:
        """Ask the entry's page when its id is one, on the feed's own site: a feed must not send us anywhere else."""
        if not _same_site(entry_id, feed.address):
            return False
        try:
            return self._fetcher.page_status(entry_id, feed) in NOT_THERE
        except (PermanentError, RetryableError):
            return False


def _is_whole(stored_id: str) -> bool:
    """Tell whether an id is surely stored as its feed gave it: what was cut or mended is no page's address any more."""
    return len(stored_id) < ID_LIMIT and "\ufffd" not in stored_id


def _same_site(page: str, feed: str) -> bool:
    """Tell whether ``page`` is a web page of the feed's host, of a part of it, or of the one that it is a part of."""
    try:
        parts, host = urlsplit(page), urlsplit(feed).hostname or ""
        asked = parts.hostname or ""
    except ValueError:
        return False
    if parts.scheme not in {"http", "https"} or not asked:
        return False
    return asked == host or asked.endswith(f".{host}") or host.endswith(f".{asked}")


def _no_sending(request: SendRequest) -> PermanentError:
    return PermanentError(
        "A feed can only be read.",
        code="read_only",
        remedy=f"Answer by hand at {request.target.url}." if request.target.url else "Answer where it was written.",
    )
