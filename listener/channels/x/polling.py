"""One page of a poll: the sources take turns, each walked from its newest entry back to what is known."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

import structlog

from domain.clock import Clock
from domain.errors import ChannelError, PermanentError, RetryableError
from domain.mentions import Page
from listener.channels.x.filling import EDGE, add_hole, describe, fetch_page, fill_page
from listener.channels.x.post_reader import Batch
from listener.channels.x.progress import Hole, Progress, SourceProgress, Walk, read_progress
from listener.channels.x.refusals import RATE_LIMITED
from listener.channels.x.snowflakes import id_at, moment_of
from listener.channels.x.sources import Source

log = structlog.get_logger(__name__)

OVERLAP: Final = timedelta(minutes=2)
"""Always read again behind the newest known id: a post may be listed a little after its moment. X bills it once a day."""
DEEPER: Final = timedelta(minutes=15)
"""Read again as far as this while it is little (``Source.reread``)."""
WEIGH_AFTER: Final = timedelta(hours=1)
"""A walk over more time unread than this is weighed beforehand: that is where a search gets expensive."""
NEARLY: Final = 0.95
"""Of the entries that X lists at most, deleted ones are missing."""
HALF: Final = 0.5
"""Of those entries may come between two polls; where more would, the next poll comes sooner."""
FRESH: Final = timedelta(minutes=3)
"""A walk through a list that ends somewhere goes on for so long; an older one begins anew, which costs nothing on one day."""
PATIENCE: Final = timedelta(minutes=30)
"""A search or the messages may fail for so long without a word to people."""
CURSOR_LOST: Final = "the cursor was not readable; read again from the first poll's horizon"


@dataclass(frozen=True, kw_only=True)
class _Step:
    """What one page did to its source."""

    state: SourceProgress
    more: bool = False
    gap: str = ""
    hole: Hole | None = None
    again_seconds: float | None = None


class Poller:
    """Walks the sources. Keeps only since when a source fails; everything else is in the cursor."""

    def __init__(self, *, clock: Clock, first_poll: timedelta, max_pages: int) -> None:
        self._clock = clock
        self._first_poll = first_poll
        self._max_pages = max_pages
        self._failing_since: dict[str, datetime] = {}

    def poll(self, cursor: str | None, sources: Sequence[Source]) -> Page:
        """Return the next page of ``sources``. Raises when the first source fails; the others are passed over until
        they answer again (nothing is lost: their marks stay), so that they never hold up the first. While X has only the
        first one closed, that is passed over, too.
        """
        stored = read_progress(cursor)
        names = [source.name for source in sources]
        progress = (stored or Progress()).keep_only(names)
        index = names.index(progress.at) if progress.at else 0
        following = self._next_due(progress, sources[index + 1 :])
        try:
            page = self._take_page(progress, sources[index], sources[index + 1 :])
            self._failing_since.pop(names[index], None)
        except ChannelError as error:
            if index == 0:
                self._require_way_on(error, progress, sources, following=following)
            page = self._pass_over(progress, sources[index], error, following=following)
        unread = "" if page.more else self._tell_unread(page.cursor)
        return replace(page, unread=unread, gap=page.gap or ("" if stored is not None else CURSOR_LOST))

    def _next_due(self, progress: Progress, sources: Sequence[Source]) -> str:
        """Return the next source that is under way, has a hole to fill or has rested enough; empty when there is none."""
        for source in sources:
            state = progress.sources.get(source.name, SourceProgress())
            rested = state.read_at is None or self._clock.now() - state.read_at >= source.rest
            if state.walk or state.holes or (rested and not source.fills):
                return source.name
        return ""

    def _require_way_on(
        self, error: ChannelError, progress: Progress, sources: Sequence[Source], *, following: str
    ) -> None:
        """Raise what the first source failed with, unless X merely has it closed and another one is due.

        Then the rest comes until it opens, or until another one is due if that is sooner.
        """
        wait = error.retry_after_seconds if isinstance(error, RetryableError) else None
        state = progress.sources.get(sources[0].name, SourceProgress())
        if error.code != RATE_LIMITED or wait is None or (state.read_at is None and state.walk is None):
            raise error
        if not following:
            now, waits = self._clock.now(), [wait]
            for source in sources[1:]:
                read_at = progress.sources.get(source.name, SourceProgress()).read_at
                waits += [(read_at + source.rest - now).total_seconds()] if read_at and not source.fills else []
            raise RetryableError(error.message, code=error.code, retry_after_seconds=max(1.0, min(waits)))

    def _pass_over(self, progress: Progress, source: Source, error: ChannelError, *, following: str) -> Page:
        """Return an empty page; it speaks of a gap once the source has failed for long, or refuses for good."""
        now, name = self._clock.now(), source.name
        since = self._failing_since.setdefault(name, now)
        log.warning("source_failed", source=name, code=error.code)
        told = isinstance(error, PermanentError) or now - since >= PATIENCE
        gap = f"{name}: not read since {since:%Y-%m-%d %H:%M} UTC. {error}" if told else ""
        holes = progress.sources.get(name, SourceProgress()).holes
        if holes and isinstance(error, PermanentError):
            gap = f"{'; '.join(describe(hole) for hole in holes)}: dropped from X's list, and not found by search. {error}"
            progress = progress.with_source(name, SourceProgress(), at="")
        return Page(mentions=(), cursor=replace(progress, at=following).write(), more=bool(following), gap=gap)

    def _tell_unread(self, cursor: str | None) -> str:
        """Return what the poll leaves for a later one."""
        progress = read_progress(cursor) or Progress()
        holes = sum(len(state.holes) for state in progress.sources.values())
        failing = [f"{name}: not read since {since:%H:%M} UTC" for name, since in self._failing_since.items()]
        return "; ".join([*failing, f"mentions: {holes} holes to fill by search"] if holes else failing)

    def _take_page(self, progress: Progress, source: Source, later: Sequence[Source]) -> Page:
        state = progress.sources.get(source.name, SourceProgress())
        if source.fills:
            return self._fill(progress, state, source, later)
        state, since, gap = self._begin(state, source)
        requests = 0
        if state.walk is None and self._clock.now() - (state.read_at or moment_of(since)) > WEIGH_AFTER:
            weight = source.weigh(since)
            requests = 1 if weight else 0
            if weight and weight.posts > source.most_posts > 0:
                return self._leave_out(progress, source, weight.posts, following=self._next_due(progress, later))
        batch = fetch_page(source, state.walk, since)
        step = self._walk_on(state, source, batch, since)
        filler = next((one.name for one in later if one.fills), "")
        gap = gap or step.gap
        if step.hole and filler and state.read_at is not None:
            missed = progress.sources.get(filler, SourceProgress())
            progress, gap = progress.with_source(filler, add_hole(missed, step.hole), at=""), ""
        following = source.name if step.more else self._next_due(progress, later)
        return Page(
            mentions=batch.mentions,
            cursor=progress.with_source(source.name, step.state, at=following).write(),
            more=bool(following),
            requests=batch.requests + requests,
            cost_usd=batch.cost_usd,
            gap=gap,
            again_seconds=step.again_seconds,
        )

    def _fill(self, progress: Progress, state: SourceProgress, source: Source, later: Sequence[Source]) -> Page:
        if not state.holes:
            following = self._next_due(progress, later)
            return Page(mentions=(), cursor=replace(progress, at=following).write(), more=bool(following), requests=0)
        done = fill_page(state, source, self._clock.now())
        following = source.name if done.state.holes else self._next_due(progress, later)
        return Page(
            mentions=done.batch.mentions,
            cursor=progress.with_source(source.name, done.state, at=following).write(),
            more=bool(following),
            requests=done.batch.requests,
            cost_usd=done.batch.cost_usd,
            gap=done.gap,
            filled=done.filled,
        )

    def _begin(self, state: SourceProgress, source: Source) -> tuple[SourceProgress, int, str]:
        """Return the state to go on from, the id to read from, and why something may be missing before it.

        A walk is given up when X would refuse for ever what it asks for: it was interrupted for too long.
        """
        now = self._clock.now()
        if state.walk and source.ceiling and (state.walk.began_at is None or now - state.walk.began_at > FRESH):
            state = replace(state, walk=None)  # what comes next may have dropped off the list: only a new walk can tell
        if state.walk:
            since = state.walk.since
        elif state.since:
            since = max(state.floor, id_at(moment_of(state.since) - DEEPER))
        else:
            since = id_at(now - self._first_poll)
            state = replace(state, floor=since)
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

    def _walk_on(self, state: SourceProgress, source: Source, batch: Batch, since: int) -> _Step:
        """Return the state behind ``batch``, whether the walk goes on, and what it may have missed."""
        before = state.walk or Walk(
            token="", since=since, newest=0, oldest=0, pages=0, taken=0, began_at=self._clock.now()
        )
        walk = replace(
            before,
            token=batch.token,
            newest=max((before.newest, *batch.ids)),
            oldest=min((before.oldest or batch.ids[0], *batch.ids) if batch.ids else (before.oldest,)),
            pages=before.pages + 1,
            taken=before.taken + len(batch.ids),
            again=before.again + sum(one <= state.since for one in batch.ids),
        )
        wanted = id_at(moment_of(state.since) - OVERLAP) if state.since else since
        enough = walk.oldest <= wanted and walk.again >= source.reread
        bound = walk.taken >= source.most_posts if source.most_posts else walk.pages >= self._max_pages
        if walk.token and not bound and not enough:
            return _Step(state=replace(state, walk=walk), more=True)
        gap = ""
        if walk.oldest > wanted:
            gap = _tell_short(source, walk, bound=bound)
        known = max(state.since, walk.newest, since)
        now = self._clock.now()
        return _Step(
            state=replace(state, since=known, read_at=now, walk=None),
            gap=gap,
            hole=_find_hole(state, wanted, walk.oldest) if gap and source.ceiling else None,
            again_seconds=_hurry(state, source, walk, now),
        )

    def _leave_out(self, progress: Progress, source: Source, posts: int, *, following: str) -> Page:
        """Return an empty page that says how many posts were not read, and go on from now."""
        now = self._clock.now()
        begin = id_at(now - OVERLAP)
        state = SourceProgress(since=begin, floor=begin, read_at=now)
        return Page(
            mentions=(),
            cursor=progress.with_source(source.name, state, at=following).write(),
            more=bool(following),
            gap=f"{source.name}: {posts} posts were not read, as options.search_max_posts is {source.most_posts}",
        )


def _tell_short(source: Source, walk: Walk, *, bound: bool) -> str:
    """Return why a walk ended before what was known; empty when X had no more."""
    if walk.token and bound:
        return f"{source.name}: {walk.taken} entries on {walk.pages} pages did not reach what was known"
    if source.ceiling and walk.taken >= source.ceiling * NEARLY:
        return f"{source.name}: X lists only the newest {source.ceiling}, and there were more"
    return ""


def _find_hole(state: SourceProgress, wanted: int, oldest: int) -> Hole:
    """Return what lies between the known and ``oldest``. After a long silence, the last reading tells better where it begins."""
    read = id_at(state.read_at - DEEPER) if state.read_at else 0
    return Hole(since=max(wanted, state.floor, read if read < oldest else 0), until=oldest)


def _hurry(state: SourceProgress, source: Source, walk: Walk, now: datetime) -> float | None:
    """Return in how many seconds half of what X lists at most will have come; None where there is no such limit."""
    new = walk.taken - walk.again
    if not source.ceiling or state.read_at is None or new <= 0:
        return None
    return source.ceiling * HALF * (now - state.read_at).total_seconds() / new
