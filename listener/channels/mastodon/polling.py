"""One page of a poll: the sources take turns; in each, forward from what is known without losing an entry."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from domain.clock import Clock
from domain.errors import ChannelError, PermanentError
from domain.mentions import IncomingMention, Page
from listener.channels.mastodon.progress import Progress, SourceProgress, Walk, read_progress
from listener.channels.mastodon.sources import Batch, Entry, ForwardSource, Source

log = structlog.get_logger(__name__)

PATIENCE = timedelta(minutes=30)
"""A hashtag or search may fail for so long without a word to people."""
CURSOR_LOST = "the cursor was not ours or not readable; read again from the first poll's beginning"


@dataclass(frozen=True, kw_only=True)
class _Step:
    """What one page of a source came to."""

    entries: tuple[Entry, ...]
    state: SourceProgress
    more: bool
    gap: str = ""


class Poller:
    """Pages through sources. Keeps only since when a source fails; everything else is in the cursor."""

    def __init__(
        self, *, clock: Clock, first_poll: timedelta, max_pages: int, read: Callable[[Entry], IncomingMention | None]
    ) -> None:
        self._clock = clock
        self._first_poll = first_poll
        self._max_pages = max_pages
        self._read = read
        self._failing_since: dict[str, datetime] = {}

    def poll(self, cursor: str | None, sources: Sequence[Source], *, origin: str) -> Page:
        """Return the next page. Raises when the first source fails, or the server asks to wait. Another source that fails is
        left out until it works again, so that a search never holds up the mentions; its place in the cursor stays.
        """
        stored = read_progress(cursor, origin=origin)
        names = [source.name for source in sources]
        progress = (stored or Progress(origin=origin)).keep_only(names)
        index = names.index(progress.at) if progress.at else 0
        following = names[index + 1] if index + 1 < len(names) else ""
        try:
            page = self._take_page(progress, sources[index], following=following)
            self._failing_since.pop(names[index], None)
        except ChannelError as error:
            if index == 0 or error.code == "rate_limited":
                raise
            page = self._leave_out(progress, names[index], error, following=following)
        return page if stored is not None else replace(page, gap=page.gap or CURSOR_LOST)

    def _leave_out(self, progress: Progress, name: str, error: ChannelError, *, following: str) -> Page:
        """Return an empty page; it speaks of a gap once the source has failed for long, or refuses for good."""
        now = self._clock.now()
        since = self._failing_since.setdefault(name, now)
        log.warning("source_failed", source=name, code=error.code)
        is_told = isinstance(error, PermanentError) or now - since >= PATIENCE
        return Page(
            mentions=(),
            cursor=replace(progress, at=following).write(),
            more=bool(following),
            gap=f"{name}: not read since {since:%Y-%m-%d %H:%M} UTC. {error.message}" if is_told else "",
        )

    def _take_page(self, progress: Progress, source: Source, *, following: str) -> Page:
        state = progress.sources.get(source.name) or SourceProgress(floor=self._clock.now() - self._first_poll)
        step = self._step(source, state)
        mentions: dict[str, IncomingMention] = {}
        for entry in reversed(step.entries):  # the oldest first: threads are then found from their roots on
            is_old = entry.moment is not None and entry.moment < state.floor
            if not is_old and entry.mark not in state.seen and (mention := self._read(entry)) is not None:
                mentions[mention.external_id] = mention
        state = step.state.remember((entry.mark for entry in step.entries), goes_back=state.walk is not None)
        at = source.name if step.more else following
        return Page(
            mentions=tuple(sorted(mentions.values(), key=lambda mention: mention.created_at)),
            cursor=progress.with_source(source.name, state, at=at).write(),
            more=step.more or bool(following),
            gap=step.gap,
        )

    def _step(self, source: Source, state: SourceProgress) -> _Step:
        if state.walk is not None:
            return self._walk(source, state, source.older(state.walk.position), state.walk)
        if state.is_forward and isinstance(source, ForwardSource):
            return _go_forward(state, source.newer(state.newest))
        newest = source.older("")
        if state.newest and (not newest.entries or any(state.knows(entry.id, entry.mark) for entry in newest.entries)):
            latest = newest.entries[0].id if newest.entries else state.newest
            return _Step(entries=newest.entries, state=replace(state, newest=latest), more=False)
        if state.newest and isinstance(source, ForwardSource):
            return self._leave_newest(source, state, newest)
        return self._walk(source, state, newest, None)

    def _leave_newest(self, source: ForwardSource, state: SourceProgress, newest: Batch) -> _Step:
        """Begin to go forward: nothing in the newest page is known, so there is more between it and us."""
        step = _go_forward(state, source.newer(state.newest))
        if step.entries:
            return step
        # Yet nothing follows the entry we know: ids that do not sort any more, since the server began anew.
        step = self._walk(source, replace(state, newest="", seen=()), newest, None)
        return replace(step, gap=f"{source.name}: the server's ids began anew; read again from the newest")

    def _walk(self, source: Source, state: SourceProgress, batch: Batch, walk: Walk | None) -> _Step:
        """Go back by ``batch`` until the floor, what is known, or the end."""
        newest = walk.newest if walk else (batch.entries[0].id if batch.entries else state.newest)
        pages = (walk.pages if walk else 0) + 1
        is_repeated = walk is not None and all(entry.mark in state.seen for entry in batch.entries)
        reached = (
            not batch.position
            or is_repeated  # a server that knows no offset gives its first page again
            or any(entry.moment is not None and entry.moment < state.floor for entry in batch.entries)
            or (bool(state.newest) and any(entry.id == state.newest for entry in batch.entries))
        )
        if reached or pages >= self._max_pages:
            gap = "" if reached else f"{source.name}: {pages} pages did not reach what was known"
            return _Step(entries=batch.entries, state=replace(state, newest=newest, walk=None), more=False, gap=gap)
        walked = Walk(position=batch.position, pages=pages, newest=newest)
        return _Step(entries=batch.entries, state=replace(state, walk=walked), more=True)


def _go_forward(state: SourceProgress, batch: Batch) -> _Step:
    """Take the page right after the newest known entry. Only an empty page is the end: servers thin pages out."""
    newest = batch.entries[0].id if batch.entries else state.newest
    more = bool(batch.entries)
    return _Step(entries=batch.entries, state=replace(state, newest=newest, is_forward=more), more=more)
