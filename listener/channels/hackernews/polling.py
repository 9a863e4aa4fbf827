"""One page of a poll: the terms take turns, each walked from its newest post back to what is known.

The search gives no more than 1,000 hits to one question. A walk never asks for more: each page is the first page of a
narrower window in time.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from domain.clock import Clock
from domain.errors import RetryableError
from domain.mentions import Page
from listener.channels.hackernews.client import Client
from listener.channels.hackernews.options import HackerNewsOptions
from listener.channels.hackernews.progress import (
    Mark,
    Progress,
    Walk,
    digests,
    read_progress,
    remember,
    unreadable_digests,
)
from listener.channels.hackernews.reading import Answer, Hit, is_for_us, read_answer, read_mentions
from listener.terms import Terms

MOST_HITS = 1000
CURSOR_LOST = "the cursor was not readable; read again from the first poll's horizon"


class Poller:
    """Walks the terms. Keeps nothing between calls: everything is in the cursor."""

    def __init__(self, options: HackerNewsOptions, *, client: Client, clock: Clock) -> None:
        self._options = options
        self._client = client
        self._clock = clock

    def poll(self, cursor: str | None) -> Page:
        """Return the next page. Raises as ``Channel.poll``."""
        terms = self._options.terms
        stored = read_progress(cursor)
        progress = (stored or Progress(v=1)).keep_only(terms)
        term = progress.at or terms[0]
        page, mark = self._take_page(term, progress.terms.get(term) or self._first_mark())
        following = "".join(terms[terms.index(term) + 1 :][:1])
        at = term if page.more else following
        gap = page.gap if stored is not None else "; ".join(filter(None, (CURSOR_LOST, page.gap)))
        return replace(page, cursor=progress.with_mark(term, mark, at=at).write(), more=bool(at), gap=gap)

    def search(self, term: str, *, since: int, until: int | None, page: int, size: int) -> Answer:
        """Return one page of hits, newest first."""
        window = f"created_at_i>={since}" + ("" if until is None else f",created_at_i<={until}")
        parameters: dict[str, str | int] = {
            "query": f'"{term}"',
            "tags": "(story,comment)",
            "numericFilters": window,
            "hitsPerPage": size,
            "page": page,
        }
        found = read_answer(self._client.get(f"{self._options.search_service}/api/v1/search_by_date", parameters))
        if found is None:
            raise RetryableError("The search's answer makes no sense.", code="no_answer")
        return found

    def _take_page(self, term: str, mark: Mark) -> tuple[Page, Mark]:
        """Return one page, without its cursor, and the mark behind it. ``more``: the walk goes on."""
        walk = mark.walk
        size = self._options.page_size
        until, number = (walk.until, walk.page) if walk else (None, 0)
        answer = self.search(term, since=mark.horizon, until=until, page=number, size=size)
        hits = answer.hits
        known = mark.known
        fresh = [hit for hit, (entry, state) in zip(hits, map(digests, hits), strict=True) if known.get(entry) != state]
        named = Terms([term])
        whole_threads = self._options.whole_threads
        mentions = read_mentions([hit for hit in fresh if is_for_us(hit, named, whole_threads=whole_threads)])
        onward, gap = self._walk_on(mark, hits) if answer.count >= size else (None, "")
        skipped = sum(unreadable_digests(one)[0] not in known for one in answer.unreadable)
        gap = "; ".join(filter(None, (f"{skipped} posts could not be read" if skipped else "", gap)))
        after = Mark(floor=mark.floor, high=mark.high, seen=remember(mark, answer), walk=onward)
        if onward is None:
            after = after.model_copy(update={"high": self._high(mark, hits)})
        gap = f"{term}: {gap}" if gap else ""
        return Page(mentions=mentions, cursor=None, more=onward is not None, gap=gap), after

    def _walk_on(self, mark: Mark, hits: Sequence[Hit]) -> tuple[Walk | None, str]:
        """Return where a walk goes on behind a full page, None when it ends, and why posts may be missed."""
        walk = mark.walk
        pages = (walk.pages if walk else 0) + 1
        high = self._high(mark, hits)
        if not hits:
            return None, "a whole page of posts could not be read"
        if pages >= self._options.max_pages:
            return None, f"{pages} pages did not reach what was known"
        oldest = min(hit.created_at_i for hit in hits)
        if walk is None or oldest < walk.until:
            return Walk(until=oldest, pages=pages, high=high), ""
        if (walk.page + 2) * self._options.page_size <= MOST_HITS:
            return Walk(until=walk.until, page=walk.page + 1, pages=pages, high=high), ""
        before = Walk(until=max(walk.until - 1, 0), pages=pages, high=high)
        return before, f"more than {MOST_HITS} posts within one second; the search shows no more"

    def _high(self, mark: Mark, hits: Sequence[Hit]) -> int:
        """Return the newest second seen, by a clock that is not ahead of ours."""
        seen = max((hit.created_at_i for hit in hits), default=0)
        return min(max(mark.high, mark.walk.high if mark.walk else 0, seen), self._seconds())

    def _first_mark(self) -> Mark:
        floor = self._seconds() - int(timedelta(days=self._options.first_poll_days).total_seconds())
        return Mark(floor=floor, high=floor)

    def _seconds(self) -> int:
        return int(self._clock.now().timestamp())
