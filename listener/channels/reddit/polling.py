"""One page of a poll: the listings take turns, each walked from its newest entry back to what is known."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from domain.clock import Clock
from domain.errors import ChannelError, PermanentError
from domain.mentions import IncomingMention, Page
from listener.channels.reddit.filling import ThreadFiller
from listener.channels.reddit.progress import (
    LEAST_OVERLAP,
    REMEMBERED,
    REREAD,
    Hole,
    Mark,
    Progress,
    SourceProgress,
    Walk,
    read_progress,
)
from listener.channels.reddit.refusals import RATE_LIMITED
from listener.channels.reddit.sources import Batch, Source, reaches

log = structlog.get_logger(__name__)

PATIENCE = timedelta(minutes=30)
"""A subreddit or the search may be away for so long without a word to people."""
CURSOR_LOST = "the cursor was not readable; read again from the first poll's horizon"
HALF = 0.5
"""Of what Reddit lists may come between two polls; where more would, the next poll comes sooner."""
NEARLY = 0.9
"""Of a ceiling: removed entries leave holes in what is listed."""


class Poller:
    """Walks the listings. Keeps only since when one fails; everything else is in the cursor."""

    def __init__(self, *, clock: Clock, first_poll: timedelta, max_pages: int) -> None:
        self._clock = clock
        self._first_poll = first_poll
        self._max_pages = max_pages
        self._failing_since: dict[str, datetime] = {}

    def poll(self, cursor: str | None, sources: Sequence[Source], filler: ThreadFiller | None = None) -> Page:
        """Return the next page of ``sources``, then of what ``filler`` reads again. Raises when the first one fails, or the
        account's limit is used up.

        Any other is passed over until it answers again (nothing is lost: its mark stays), so that it holds up nobody.
        """
        stored = read_progress(cursor)
        names = [source.name for source in sources] + ([filler.name] if filler else [])
        progress = (stored or Progress()).keep_only(names)
        index = names.index(progress.at) if progress.at else 0
        name, following = names[index], self._next_name(progress, names[index + 1 :], filler)
        try:
            if filler and name == filler.name:
                page = filler.take_page(progress)
            else:
                page = self._take_page(progress, sources[index], filler, following=following)
            self._failing_since.pop(name, None)
        except ChannelError as error:
            if index == 0 or error.code == RATE_LIMITED:
                raise
            page = self._pass_over(progress, name, error, following=following)
        unread = (
            ""
            if page.more
            else "; ".join(f"{one}: not read since {since:%H:%M} UTC" for one, since in self._failing_since.items())
        )
        return replace(page, unread=unread, gap=page.gap or ("" if stored is not None else CURSOR_LOST))

    def _next_name(self, progress: Progress, names: Sequence[str], filler: ThreadFiller | None) -> str:
        """Return whose page comes next; the filler's only where there is a hole."""
        following = names[0] if names else ""
        if filler and following == filler.name and not progress.sources.get(following, SourceProgress()).holes:
            return ""
        return following

    def _pass_over(self, progress: Progress, name: str, error: ChannelError, *, following: str) -> Page:
        """Return an empty page; it speaks of a gap once the listing has failed for long, or refuses for good."""
        now = self._clock.now()
        since = self._failing_since.setdefault(name, now)
        log.warning("source_failed", source=name, code=error.code)
        told = isinstance(error, PermanentError) or now - since >= PATIENCE
        return Page(
            mentions=(),
            cursor=replace(progress, at=following).write(),
            more=bool(following),
            gap=f"{name}: not read since {since:%Y-%m-%d %H:%M} UTC. {error.message}" if told else "",
        )

    def _take_page(self, progress: Progress, source: Source, filler: ThreadFiller | None, *, following: str) -> Page:
        state = progress.sources.get(source.name, SourceProgress())
        floor = state.mark.floor if state.mark else self._clock.now() - self._first_poll
        known = frozenset((*(state.mark.seen if state.mark else ()), *(state.walk.seen if state.walk else ())))
        batch = source.fetch(state.walk.after if state.walk else "", known=known)
        requests = batch.requests
        if state.walk is not None and not batch.entries and state.walk.after != state.walk.vanished:
            # The entry to go on after was deleted meanwhile, or dropped off the list: Reddit then lists nothing. The walk
            # begins anew. Should it come to the same entry again, that one stands and is the last; max_pages ends a walk that loses many.
            state = replace(state, walk=replace(state.walk, entries=0, again=0, low=None, vanished=state.walk.after))
            batch = source.fetch("", known=known)
            requests += batch.requests
        walk = _walk_on(state, batch)
        end = _look_at_end(walk, batch, state, floor=floor, source=source, max_pages=self._max_pages)
        now = self._clock.now()
        if end.is_over:
            new_state = SourceProgress(mark=_close_walk(state.mark, walk, floor), read_at=now)
            if end.gap and filler and state.mark and walk.low and filler.covers(source.name):
                progress = filler.note(progress, Hole(begin=state.mark.high, end=walk.low))
                following = following or filler.name
        else:
            new_state = replace(state, walk=walk)
            following = source.name
        return Page(
            mentions=_new_mentions(batch, known=known, floor=floor),
            cursor=progress.with_source(source.name, new_state, at=following).write(),
            more=bool(following),
            requests=requests,
            gap=end.gap,
            again_seconds=_hurry(state, walk, source, now) if end.is_over else None,
        )


@dataclass(frozen=True)
class _End:
    is_over: bool
    gap: str = ""


def _look_at_end(
    walk: Walk, batch: Batch, state: SourceProgress, *, floor: datetime, source: Source, max_pages: int
) -> _End:
    """Tell whether the walk is over, and what it may have missed.

    It is over well where it is ``OVERLAP`` behind what was known, or where entries come so fast that this would be many. It
    misses something only where it ends before what was known.
    """
    if reaches(batch.entries, state.mark.horizon if state.mark else floor) or _is_enough(walk, batch, state.mark):
        return _End(is_over=True)
    met = state.mark is not None and walk.low is not None and walk.low <= state.mark.high
    if not batch.after:
        at_ceiling = not met and walk.entries >= NEARLY * source.ceiling
        gap = f"{source.name}: Reddit lists about {source.ceiling} entries at most, and there were more"
        return _End(is_over=True, gap=gap if at_ceiling else "")
    if walk.pages >= max_pages:
        return _End(is_over=True, gap="" if met else f"{source.name}: {walk.pages} pages did not reach what was known")
    return _End(is_over=False)


def _is_enough(walk: Walk, batch: Batch, mark: Mark | None) -> bool:
    """Tell whether the walk has come far enough behind the mark though not as far as ``OVERLAP``."""
    if mark is None or walk.low is None or walk.low >= mark.high - LEAST_OVERLAP:
        return False
    return walk.again >= REREAD or all(entry.fingerprint in mark.seen for entry in batch.entries)


def _hurry(state: SourceProgress, walk: Walk, source: Source, now: datetime) -> float | None:
    """Return in how many seconds half of what Reddit lists at most will have come; None where nothing came."""
    new = walk.entries - walk.again
    if state.read_at is None or new <= 0:
        return None
    return source.ceiling * HALF * (now - state.read_at).total_seconds() / new


def _new_mentions(batch: Batch, *, known: frozenset[str], floor: datetime) -> tuple[IncomingMention, ...]:
    """Return what is new, oldest first. What lies before the horizon is taken too when it is unknown: it came late."""
    found = {
        entry.mention.external_id: entry.mention
        for entry in reversed(batch.entries)  # within one second, too, the older first
        if entry.mention is not None
        and entry.fingerprint not in known
        and (entry.moment is None or entry.moment >= floor)
    }
    return tuple(sorted(found.values(), key=lambda mention: mention.created_at))


def _walk_on(state: SourceProgress, batch: Batch) -> Walk:
    walk = state.walk
    moments = [entry.moment for entry in batch.entries if entry.moment is not None]
    highs = (walk.high,) if walk and walk.high else ()
    lows = (walk.low,) if walk and walk.low else ()
    seen = dict.fromkeys((*(walk.seen if walk else ()), *(entry.fingerprint for entry in batch.entries)))
    again = sum(moment <= state.mark.high for moment in moments) if state.mark else 0
    return Walk(
        after=batch.after,
        pages=(walk.pages if walk else 0) + 1,
        entries=(walk.entries if walk else 0) + len(batch.entries),
        high=max((*highs, *moments), default=None),
        low=min((*lows, *moments), default=None),
        again=(walk.again if walk else 0) + again,
        seen=tuple(seen)[:REMEMBERED],
        vanished=walk.vanished if walk else "",
    )


def _close_walk(mark: Mark | None, walk: Walk, floor: datetime) -> Mark:
    """Return the mark after a walk: at least as high as before, and remembering the newest entries of both."""
    high = max(moment for moment in (mark.high if mark else floor, walk.high, floor) if moment is not None)
    seen = dict.fromkeys((*walk.seen, *(mark.seen if mark else ())))
    return Mark(high=high, floor=floor, seen=tuple(seen)[:REMEMBERED])
