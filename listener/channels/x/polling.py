"""One page of a poll: the sources take turns, each walked from its newest entry back to what is known."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

import structlog

from domain.clock import Clock
from domain.errors import ChannelError, PermanentError
from domain.mentions import Page
from listener.channels.x.progress import Progress, SourceProgress, Walk, read_progress
from listener.channels.x.snowflakes import id_at, moment_of
from listener.channels.x.sources import Batch, Source

log = structlog.get_logger(__name__)

OVERLAP: Final = timedelta(minutes=2)
"""Read again behind the newest known id: a post may be listed a little after its moment. X bills it once a day."""
WEIGH_AFTER: Final = timedelta(hours=1)
"""A walk over more time unread than this is weighed beforehand: that is where a search gets expensive."""
EDGE: Final = timedelta(minutes=5)
"""Distance kept from the end of what X lets us ask for."""
NEARLY: Final = 0.95
"""Of the entries that X lists at most, deleted ones are missing."""
PATIENCE: Final = timedelta(minutes=30)
"""A search or the messages may fail for so long without a word to people."""
CURSOR_LOST: Final = "the cursor was not readable; read again from the first poll's horizon"


class Poller:
    """Walks the sources. Keeps only since when a source fails; everything else is in the cursor."""

    def __init__(self, *, clock: Clock, first_poll: timedelta, max_pages: int) -> None:
        self._clock = clock
        self._first_poll = first_poll
        self._max_pages = max_pages
        self._failing_since: dict[str, datetime] = {}

    def poll(self, cursor: str | None, sources: Sequence[Source]) -> Page:
        """Return the next page of ``sources``. Raises when the first source fails; the others are passed over until
        they answer again (nothing is lost: their marks stay), so that they never hold up the first.
        """
        stored = read_progress(cursor)
        names = [source.name for source in sources]
        progress = (stored or Progress()).keep_only(names)
        index = names.index(progress.at) if progress.at else 0
        following = self._next_due(progress, sources[index + 1 :])
        try:
            page = self._take_page(progress, sources[index], following=following)
            self._failing_since.pop(names[index], None)
        except ChannelError as error:
            if index == 0:
                raise
            page = self._pass_over(progress, names[index], error, following=following)
        return page if stored is not None else replace(page, gap=page.gap or CURSOR_LOST)

    def _next_due(self, progress: Progress, sources: Sequence[Source]) -> str:
        """Return the next source that is under way or has rested enough; empty when there is none."""
        for source in sources:
            state = progress.sources.get(source.name, SourceProgress())
            if state.walk or state.read_at is None or self._clock.now() - state.read_at >= source.rest:
                return source.name
        return ""

    def _pass_over(self, progress: Progress, name: str, error: ChannelError, *, following: str) -> Page:
        """Return an empty page; it speaks of a gap once the source has failed for long, or refuses for good."""
        now = self._clock.now()
        since = self._failing_since.setdefault(name, now)
        log.warning("source_failed", source=name, code=error.code)
        told = isinstance(error, PermanentError) or now - since >= PATIENCE
        return Page(
            mentions=(),
            cursor=replace(progress, at=following).write(),
            more=bool(following),
            gap=f"{name}: not read since {since:%Y-%m-%d %H:%M} UTC. {error}" if told else "",
        )

    def _take_page(self, progress: Progress, source: Source, *, following: str) -> Page:
        state = progress.sources.get(source.name, SourceProgress())
        state, since, gap = self._begin(state, source)
        requests = 0
        if state.walk is None and self._clock.now() - (state.read_at or moment_of(since)) > WEIGH_AFTER:
            weight = source.weigh(since)
            requests = 1 if weight else 0
            if weight and weight.posts > source.most_posts > 0:
                return self._leave_out(progress, source, weight.posts, following=following)
        batch = self._fetch(state, source, since)
        state, more, cut = self._walk_on(state, source, batch, since)
        return Page(
            mentions=batch.mentions,
            cursor=progress.with_source(source.name, state, at=source.name if more else following).write(),
            more=more or bool(following),
            requests=batch.requests + requests,
            cost_usd=batch.cost_usd,
            gap=gap or cut,
        )

    def _begin(self, state: SourceProgress, source: Source) -> tuple[SourceProgress, int, str]:
        """Return the state to go on from, the id to read from, and why something may be missing before it.

        A walk is given up when X would refuse for ever what it asks for: it was interrupted for too long.
        """
        now = self._clock.now()
        since = state.walk.since if state.walk else state.since or id_at(now - self._first_poll)
        if source.window is None:
            return state, since, ""
        farthest = now - source.window
        if state.walk is None:
            missed = state.read_at is not None and state.read_at < farthest
        elif source.asks_since and since < id_at(farthest):
            missed = True
        else:
            return state, since, ""
        gap = f"{source.name}: X lets us read {source.window.days} days back, and the last time is longer ago"
        return replace(state, walk=None), max(since, id_at(farthest + EDGE)), gap if missed else ""

    def _fetch(self, state: SourceProgress, source: Source, since: int) -> Batch:
        if state.walk is None:
            return source.fetch("", since)
        try:
            return source.fetch(state.walk.token, since)
        except PermanentError as error:
            if error.code != "refused":
                raise
            # X's own position may go stale; what is known stands, so the walk begins anew.
            return source.fetch("", since)

    def _walk_on(
        self, state: SourceProgress, source: Source, batch: Batch, since: int
    ) -> tuple[SourceProgress, bool, str]:
        """Return the state behind ``batch``, whether the walk goes on, and why it may be incomplete."""
        before = state.walk
        newest = max(before.newest if before else 0, batch.newest)
        pages, taken = (before.pages if before else 0) + 1, (before.taken if before else 0) + batch.taken
        full = pages >= self._max_pages or 0 < source.most_posts <= taken
        if batch.token and not full:
            walk = Walk(token=batch.token, since=since, newest=newest, pages=pages, taken=taken)
            return replace(state, walk=walk), True, ""
        gap = ""
        if batch.token:
            gap = f"{source.name}: {taken} entries on {pages} pages did not reach what was known"
        elif source.ceiling and taken >= source.ceiling * NEARLY:
            gap = f"{source.name}: X lists only the newest {source.ceiling}, and there were more"
        known = id_at(moment_of(newest) - OVERLAP) if newest else 0
        return SourceProgress(since=max(since, known), read_at=self._clock.now()), False, gap

    def _leave_out(self, progress: Progress, source: Source, posts: int, *, following: str) -> Page:
        """Return an empty page that says how many posts were not read, and go on from now."""
        now = self._clock.now()
        state = SourceProgress(since=id_at(now - OVERLAP), read_at=now)
        return Page(
            mentions=(),
            cursor=progress.with_source(source.name, state, at=following).write(),
            more=bool(following),
            gap=f"{source.name}: {posts} posts were not read, as options.search_max_posts is {source.most_posts}",
        )
