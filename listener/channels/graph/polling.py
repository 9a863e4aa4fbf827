"""One page of a poll: first what Meta brought by itself, then, every few minutes, a sweep through the lists as a safety net."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from domain.clock import Clock
from domain.errors import ChannelError, PermanentError
from domain.mentions import IncomingMention, Page
from listener.channels.graph.progress import MOST_INNER, Progress, Sweep, read_progress
from listener.channels.graph.sources import Batch, NestedSource, Reach, Source
from listener.channels.graph.unpacking import Unpacker

log = structlog.get_logger(__name__)

PATIENCE = timedelta(minutes=30)
"""A list beside the first may fail for so long without a word to people."""
SWEEP = "sweep"
CURSOR_LOST = "the cursor was not ours or not readable; read again from the first poll's beginning"
LOST_PLACE = frozenset({"refused", "gone"})
"""Answers to a place in a list that is no more."""


@dataclass(frozen=True, kw_only=True)
class Pace:
    """How far and how often a sweep reads."""

    first_poll: timedelta
    watch: timedelta
    reread: timedelta
    every: timedelta
    max_pages: int


class Poller:
    """Makes pages. Keeps only since when a list, or one within it, fails; everything else is in the cursor."""

    def __init__(
        self, *, origin: str, pace: Pace, clock: Clock, unpacker: Unpacker, held_back: Callable[[], str]
    ) -> None:
        self._origin = origin
        self._pace = pace
        self._clock = clock
        self._unpacker = unpacker
        self._held_back = held_back
        self._failing_since: dict[str, datetime] = {}

    def poll(self, cursor: str | None, sources: Sequence[Source]) -> Page:
        """Return the next page. Raises ``PermanentError`` or ``RetryableError`` where the first list fails or Meta asks to wait."""
        now = self._clock.now()
        stored = read_progress(cursor, origin=self._origin) if cursor is not None else None
        progress = stored or Progress(origin=self._origin, floor=now - self._pace.first_poll)
        if progress.floor > now:  # set by a clock that ran ahead: nothing would ever be new
            progress = Progress(origin=self._origin, floor=now - self._pace.first_poll, parcel=progress.parcel)
        page = self._next_page(progress, sources)
        if cursor is not None and stored is None:
            page = replace(page, gap=page.gap or CURSOR_LOST)
        return page

    def _next_page(self, progress: Progress, sources: Sequence[Source]) -> Page:
        unpacked = self._unpacker.unpack(progress.parcel)
        if unpacked.last:
            progress = replace(progress, parcel=unpacked.last)
            return Page(
                mentions=unpacked.mentions,
                gone=unpacked.gone,
                cursor=progress.write(),
                more=unpacked.more or self._is_sweeping(progress),
                gap=unpacked.gap,
                parcels_read=unpacked.last,
            )
        if not self._is_sweeping(progress):
            return Page(mentions=(), cursor=progress.write(), more=False)
        return self._sweep(progress, {source.name: source for source in sources})

    def _is_sweeping(self, progress: Progress) -> bool:
        last = progress.swept
        # A clock that ran ahead once has left a moment behind that is still to come.
        is_fresh = last is not None and timedelta() <= self._clock.now() - last < self._pace.every
        return progress.sweep is not None or not is_fresh

    def _sweep(self, progress: Progress, sources: dict[str, Source]) -> Page:
        names = list(sources)
        sweep = progress.sweep
        if sweep is None or sweep.source not in sources:
            sweep = Sweep(began=sweep.began if sweep else self._clock.now(), source=names[0])
        progress = replace(progress, sweep=sweep)
        index = names.index(sweep.source)
        following = names[index + 1] if index + 1 < len(names) else ""
        if held := self._held_back():
            return self._wait(progress, held)
        self._failing_since.pop(SWEEP, None)
        try:
            page = self._step(progress, sweep, sources[sweep.source], following=following)
        except ChannelError as error:
            if error.code in {"rate_limited", "token_refused"}:
                raise
            if sweep.inner and self._is_hopeless(sweep, error):
                return self._leave_out_inner(progress, sweep, error, following=following)
            if not (index or (error.code in LOST_PLACE and sweep.after)):
                raise
            return self._leave_out(progress, sweep, error, following=following)
        self._failing_since.pop(f"{sweep.source}/{sweep.inner[0].id}" if sweep.inner else sweep.source, None)
        return page

    def _wait(self, progress: Progress, held: str) -> Page:
        """Leave the lists for later, without an error: what Meta brings by itself costs no request and goes on."""
        now = self._clock.now()
        since = self._failing_since.setdefault(SWEEP, now)
        log.warning("sweep_waits", reason=held)
        is_told = now - since >= PATIENCE
        gap = f"lists at Meta not read since {since:%Y-%m-%d %H:%M} UTC. {held}" if is_told else ""
        return Page(mentions=(), cursor=progress.write(), more=False, gap=gap)

    def _leave_out(self, progress: Progress, sweep: Sweep, error: ChannelError, *, following: str) -> Page:
        """Go on without a list that fails: its time in the cursor stays, so the next sweep reads all of it again."""
        now = self._clock.now()
        since = self._failing_since.setdefault(sweep.source, now)
        log.warning("source_failed", source=sweep.source, code=error.code)
        is_told = isinstance(error, PermanentError) or now - since >= PATIENCE
        gap = f"{sweep.source}: not read since {since:%Y-%m-%d %H:%M} UTC. {error.message}" if is_told else ""
        progress = progress.finish_source(following, is_read=False)
        return Page(mentions=(), cursor=progress.write(), more=bool(following), gap=gap)

    def _is_hopeless(self, sweep: Sweep, error: ChannelError) -> bool:
        """Tell whether the list within the list is to be left out: Meta says no, or fails over it for long."""
        now = self._clock.now()
        since = self._failing_since.setdefault(f"{sweep.source}/{sweep.inner[0].id}", now)
        return isinstance(error, PermanentError) or (error.code == "server_error" and now - since >= PATIENCE)

    def _leave_out_inner(self, progress: Progress, sweep: Sweep, error: ChannelError, *, following: str) -> Page:
        """Go on without the rest below one post: it is in no other's way."""
        key, now = f"{sweep.source}/{sweep.inner[0].id}", self._clock.now()
        gap = ""
        if error.code == "gone":  # the post whose comments were being read was deleted meanwhile
            since, is_whole = self._failing_since.pop(key), sweep.is_whole
        else:
            since = self._failing_since[key]
            log.warning("rest_left_out", source=sweep.source, code=error.code)
            gap = f"{sweep.source}: the rest below {sweep.inner[0].id} not read since {since:%Y-%m-%d %H:%M} UTC. {error.message}"
            # A lost place is found again by the next sweep. What Meta refuses for long holds its time back no more.
            is_whole = sweep.is_whole and isinstance(error, PermanentError) and now - since >= PATIENCE
        rest = replace(sweep, inner=sweep.inner[1:], is_whole=is_whole)
        progress, more = self._advance(progress, rest, following=following)
        return Page(mentions=(), cursor=progress.write(), more=more, gap=gap)

    def _step(self, progress: Progress, sweep: Sweep, source: Source, *, following: str) -> Page:
        read = min(progress.read.get(source.name, progress.floor), self._clock.now())
        since = max(progress.floor, read - self._pace.reread)
        reach = Reach(since=since, watched=sweep.began - self._pace.watch)
        if sweep.inner and isinstance(source, NestedSource):
            batch = source.read_inner(sweep.inner[0], reach)
            sweep = replace(sweep, inner=(*batch.inner, *sweep.inner[1:]))
        else:
            batch = source.read(sweep.after, reach)
            sweep = replace(sweep, after=batch.after, is_outer_done=not batch.after, inner=batch.inner)
        sweep = replace(sweep, pages=sweep.pages + 1)
        gaps = []
        if len(sweep.inner) > MOST_INNER:
            gaps.append(f"{source.name}: {len(sweep.inner) - MOST_INNER} posts have more comments than were read")
            sweep = replace(sweep, inner=sweep.inner[:MOST_INNER])
        if sweep.pages >= self._pace.max_pages and (sweep.inner or not sweep.is_outer_done):
            gaps.append(f"{source.name}: {sweep.pages} pages did not reach what was known")
            sweep = replace(sweep, inner=(), is_outer_done=True)
        if batch.unreadable:
            gaps.append(f"{source.name}: {batch.unreadable} entries could not be read")
        progress, more = self._advance(progress, sweep, following=following)
        return Page(mentions=_once(batch, since), cursor=progress.write(), more=more, gap="; ".join(gaps))

    def _advance(self, progress: Progress, sweep: Sweep, *, following: str) -> tuple[Progress, bool]:
        progress = replace(progress, sweep=sweep)
        if sweep.inner or not sweep.is_outer_done:
            return progress, True
        return progress.finish_source(following, is_read=sweep.is_whole), bool(following)


def _once(batch: Batch, since: datetime) -> tuple[IncomingMention, ...]:
    """Return each mention once, the oldest first, without those from before ``since``."""
    by_id = {mention.external_id: mention for mention in batch.mentions if mention.created_at >= since}
    return tuple(sorted(by_id.values(), key=lambda mention: mention.created_at))
