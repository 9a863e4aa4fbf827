"""One page of a poll: the sources take turns, each walked from its newest entry back to what is known."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from domain.clock import Clock
from domain.errors import ChannelError, PermanentError
from domain.mentions import IncomingMention, Page
from listener.channels.bluesky.progress import REMEMBERED, Mark, Progress, SourceProgress, Walk, read_progress
from listener.channels.bluesky.sources import Batch, Source, reaches

log = structlog.get_logger(__name__)

PATIENCE = timedelta(minutes=30)
"""A search or the chat service may be away for so long without a word to people."""
CURSOR_LOST = "the cursor was not readable; read again from the first poll's horizon"


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
        source, following = sources[index], names[index + 1 : index + 2]
        try:
            page = self._take_page(progress, source, following=following)
            self._failing_since.pop(source.name, None)
        except ChannelError as error:
            if index == 0:
                raise
            page = self._pass_over(progress, source, error, following=following)
        return page if stored is not None else replace(page, gap=page.gap or CURSOR_LOST)

    def _pass_over(self, progress: Progress, source: Source, error: ChannelError, *, following: list[str]) -> Page:
        """Return an empty page; it speaks of a gap once the source has failed for long, or refuses for good."""
        now = self._clock.now()
        since = self._failing_since.setdefault(source.name, now)
        log.warning("source_failed", source=source.name, code=error.code)
        told = isinstance(error, PermanentError) or now - since >= PATIENCE
        at = following[0] if following else ""
        return Page(
            mentions=(),
            cursor=replace(progress, at=at).write(),
            more=bool(following),
            gap=f"{source.name}: not read since {since:%Y-%m-%d %H:%M} UTC. {error.message}" if told else "",
        )

    def _take_page(self, progress: Progress, source: Source, *, following: list[str]) -> Page:
        state = progress.sources.get(source.name, SourceProgress())
        floor = state.mark.floor if state.mark else self._clock.now() - self._first_poll
        horizon = state.mark.horizon if state.mark else floor
        known = frozenset((*(state.mark.seen if state.mark else ()), *(state.walk.seen if state.walk else ())))
        try:
            batch = source.fetch(state.walk.position if state.walk else "", horizon=horizon, known=known)
        except PermanentError:
            if state.walk is None:
                raise
            # The platform's own position may go stale; the mark still stands, so the walk begins anew.
            batch = source.fetch("", horizon=horizon, known=known)
            state = replace(state, walk=None)
        pages = (state.walk.pages if state.walk else 0) + 1
        reached = not batch.position or reaches(batch.entries, horizon) or _is_known(state.mark, batch)
        walk = _walk_on(state.walk, batch, pages)
        gap = batch.gap
        if reached or pages >= self._max_pages:
            gap = gap or ("" if reached else f"{source.name}: {pages} pages did not reach what was known")
            state = SourceProgress(mark=_close_walk(state.mark, walk, floor))
            at = following[0] if following else ""
            more = bool(following)
        else:
            state = replace(state, walk=walk)
            at, more = source.name, True
        return Page(
            mentions=_new_mentions(batch, known=known, floor=floor),
            cursor=progress.with_source(source.name, state, at=at).write(),
            more=more,
            requests=batch.requests,
            gap=gap,
        )


def _is_known(mark: Mark | None, batch: Batch) -> bool:
    """Tell whether a page brought nothing new: then the rest is known as well."""
    return bool(mark and batch.entries and all(entry.fingerprint in mark.seen for entry in batch.entries))


def _new_mentions(batch: Batch, *, known: frozenset[str], floor: datetime) -> tuple[IncomingMention, ...]:
    """Return what is new, oldest first. What lies before the horizon is taken too when it is unknown: it came late."""
    found = {
        entry.mention.external_id: entry.mention
        for entry in batch.entries
        if entry.mention is not None
        and entry.fingerprint not in known
        and (entry.moment is None or entry.moment >= floor)
    }
    return tuple(sorted(found.values(), key=lambda mention: mention.created_at))


def _walk_on(walk: Walk | None, batch: Batch, pages: int) -> Walk:
    moments = [entry.moment for entry in batch.entries if entry.moment is not None]
    before = (walk.high,) if walk and walk.high else ()
    seen = dict.fromkeys((*(walk.seen if walk else ()), *(entry.fingerprint for entry in batch.entries)))
    return Walk(
        position=batch.position,
        pages=pages,
        high=max((*before, *moments), default=None),
        seen=tuple(seen)[:REMEMBERED],
    )


def _close_walk(mark: Mark | None, walk: Walk, floor: datetime) -> Mark:
    """Return the mark after a walk: at least as high as before, and remembering the newest entries of both."""
    high = max(moment for moment in (mark.high if mark else floor, walk.high, floor) if moment is not None)
    seen = dict.fromkeys((*walk.seen, *(mark.seen if mark else ())))
    return Mark(high=high, floor=floor, seen=tuple(seen)[:REMEMBERED])
