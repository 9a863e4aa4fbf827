"""One page of a poll: the feeds take turns; what a feed holds now is compared with what it held last."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from domain.clock import Clock
from domain.errors import ChannelError, PermanentError, RetryableError
from domain.mentions import IncomingMention, Page
from listener.channels.feed.fetching import Fetcher
from listener.channels.feed.news import MOST_READ, compare
from listener.channels.feed.options import Feed, FeedOptions
from listener.channels.feed.progress import Mark, Progress, id_digest, newest, read_progress, write_seen
from listener.channels.feed.reading import Document, Entry, entry_author, read_document, read_mention
from listener.terms import Terms

log = structlog.get_logger(__name__)

PATIENCE = timedelta(minutes=30)
"""A feed of several may be away for so long without a word to people; what it holds meanwhile is read later."""
POLL_SECONDS = 60
"""After so long no further feed is tried in the same page: others' leases end."""
CURSOR_LOST = "the cursor was not readable; feeds are read again from the first poll's horizon"


@dataclass(frozen=True, kw_only=True)
class Turn:
    """What one feed gave."""

    mentions: tuple[IncomingMention, ...] = ()
    mark: Mark
    waits: bool = False
    """More of the same document waits."""
    gap: str = ""
    requests: int = 1


class Poller:
    """Reads the feeds of one account in turn. Keeps nothing between calls: everything is in the cursor."""

    def __init__(self, options: FeedOptions, *, fetcher: Fetcher, clock: Clock) -> None:
        self._feeds = options.feeds
        self._first_poll = timedelta(days=options.first_poll_days)
        self._page_size = options.page_size
        self._terms = Terms(options.keywords)
        self._own_names = frozenset(name.casefold() for name in options.own_names)
        self._fetcher = fetcher
        self._clock = clock

    def poll(self, cursor: str | None) -> Page:
        """Return the page of the next feed that answers. Raises when every feed of the account failed in this very poll;
        otherwise a failing feed is passed over, and the page's ``gap`` names it: at once when it refuses for good, else
        when it has failed for ``PATIENCE``.
        """
        stored = read_progress(cursor)
        progress = (stored or Progress(v=1)).keep_only([feed.key for feed in self._feeds])
        gaps = [] if stored is not None else [CURSOR_LOST]
        keys = [feed.key for feed in self._feeds]
        first = keys.index(progress.at) if progress.at else 0
        errors: list[ChannelError] = []
        until = time.monotonic() + POLL_SECONDS
        for index in range(first, len(self._feeds)):
            feed = self._feeds[index]
            try:
                turn = self._take_turn(feed, progress.feeds.get(feed.key))
            except (PermanentError, RetryableError) as error:
                errors.append(error)
                progress, told = self._note_failure(progress, feed, error)
                gaps += told
                if time.monotonic() > until and index + 1 < len(self._feeds):
                    return _page(progress.go_on_at(keys[index + 1]), gaps=gaps, more=True, requests=len(errors))
                continue
            following = feed.key if turn.waits else "".join(keys[index + 1 : index + 2])
            progress = progress.with_mark(feed.key, turn.mark).go_on_at(following)
            gaps += [turn.gap] if turn.gap else []
            requests = len(errors) + turn.requests
            return _page(progress, gaps=gaps, more=bool(following), requests=requests, mentions=turn.mentions)
        if first == 0:
            raise _worst(errors)
        return _page(progress.go_on_at(""), gaps=gaps, more=False, requests=len(errors))

    def _note_failure(self, progress: Progress, feed: Feed, error: ChannelError) -> tuple[Progress, list[str]]:
        """Return the progress with the failure noted, and what people must be told of it."""
        now = self._clock.now()
        mark = progress.feeds.get(feed.key) or Mark(floor=now - self._first_poll)
        since = mark.failing_since or now
        wait = error.retry_after_seconds if isinstance(error, RetryableError) else None
        until = now + timedelta(seconds=wait) if wait else None
        log.warning("feed_failed", feed=feed.shown, code=error.code)
        failing = mark.model_copy(update={"failing_since": since, "wait_until": until})
        told = f"not read: {error.message}" if isinstance(error, PermanentError) else _told_of(feed, failing, now=now)
        return progress.with_mark(feed.key, failing), [told] if told else []

    def _take_turn(self, feed: Feed, mark: Mark | None) -> Turn:
        now = self._clock.now()
        mark = mark or Mark(floor=now - self._first_poll)
        if mark.wait_until is not None and now < mark.wait_until and len(self._feeds) > 1:
            return Turn(mark=mark, requests=0, gap=_told_of(feed, mark, now=now))
        mark = mark.model_copy(update={"wait_until": None, "failing_since": None})
        fetched = self._fetcher.fetch(feed, etag=mark.etag, modified=mark.modified)
        if fetched.body is None:
            return Turn(mark=mark, requests=fetched.requests)
        document = read_document(fetched, feed)
        news = compare(document, mark)
        # What does not fit waits for the next page, but not forever: a site may change its ids at every request.
        whole = len(news.arrived) <= self._page_size or (mark.pages + 1) * self._page_size >= MOST_READ
        taken = news.arrived if whole else news.arrived[: self._page_size]
        left = frozenset(id_digest(entry) for entry in news.arrived[len(taken) :])
        after = mark.model_copy(
            update={
                "seen": write_seen(news.remember(mark, without=left)),
                "high": newest([mark.high, *(entry.moment for entry in taken)], now=now),
                "pages": 0 if whole else mark.pages + 1,
                # Until a document was compared whole in one go, the next poll needs it again.
                "etag": fetched.etag if whole and not mark.pages else "",
                "modified": fetched.modified if whole and not mark.pages else "",
            }
        )
        return Turn(
            mentions=self._mentions((*taken, *news.edited), document, feed),
            mark=after,
            waits=not whole,
            gap=f"{feed.shown}: {news.gap}" if news.gap else "",
            requests=fetched.requests,
        )

    def _mentions(self, entries: Sequence[Entry], document: Document, feed: Feed) -> tuple[IncomingMention, ...]:
        """Return those of ``entries`` that are for us."""
        now = self._clock.now()
        mentions = [read_mention(entry, document, feed, now=now) for entry in entries if not self._is_ours(entry)]
        return tuple(mention for mention in mentions if self._terms.named_in(mention.text))

    def _is_ours(self, entry: Entry) -> bool:
        return bool(self._own_names) and entry_author(entry).casefold() in self._own_names


def _told_of(feed: Feed, mark: Mark, *, now: datetime) -> str:
    """Return what people must be told of a feed that is away: nothing for a while."""
    since = mark.failing_since
    if since is None or now - since < PATIENCE:
        return ""
    return f"{feed.shown} has not answered since {since:%Y-%m-%d %H:%M} UTC"


def _page(
    progress: Progress, *, gaps: Sequence[str], more: bool, requests: int, mentions: Sequence[IncomingMention] = ()
) -> Page:
    return Page(mentions=tuple(mentions), cursor=progress.write(), more=more, requests=requests, gap="; ".join(gaps))


def _worst(errors: Sequence[ChannelError]) -> ChannelError:
    """Return the error that speaks for all: one that may pass, if there is one."""
    return next((error for error in errors if isinstance(error, RetryableError)), errors[0])
