"""One page of a poll: the sources take turns; each is walked from its newest thread back, then its long threads are read."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from domain.clock import Clock
from domain.errors import ChannelError, PermanentError
from domain.mentions import IncomingMention, Page
from listener.channels.youtube.progress import ID_LENGTH, Progress, SourceProgress, Waiting, Walk, read_progress
from listener.channels.youtube.refusals import OF_EVERY_REQUEST
from listener.channels.youtube.sources import Batch, Entry, Replies, Source

log = structlog.get_logger(__name__)

PATIENCE = timedelta(minutes=30)
"""A video may be away for so long without a word to people."""
BETWEEN_LONG_WALKS = timedelta(hours=6)
REPLY_PAGES = 10
"""Of one thread: a thousand replies."""
PLACE_LOST = frozenset({"page_lost", "refused", "processing_failed"})
"""What YouTube may say of a page that it does not know any more."""
THREAD_REFUSED = frozenset({"refused", "replies_not_allowed", "processing_failed"})
"""What it may say of one thread: the poll must not stand still before it for ever."""
CURSOR_LOST = "the cursor was not ours or not readable; read again from the first poll's beginning"


@dataclass(frozen=True, kw_only=True)
class _Step:
    """What one page of a source came to."""

    mentions: tuple[IncomingMention, ...]
    state: SourceProgress
    gap: str = ""


class Poller:
    """Walks the sources. Keeps only since when one fails; everything else is in the cursor."""

    def __init__(self, *, clock: Clock, first_poll: timedelta, look_back: timedelta, max_pages: int) -> None:
        self._clock = clock
        self._first_poll = first_poll
        self._look_back = look_back
        self._max_pages = max_pages
        self._failing_since: dict[str, datetime] = {}

    def poll(self, cursor: str | None, sources: Sequence[Source], *, origin: str) -> Page:
        """Return the next page. Raises when the first source fails, or for what stands in the way of every request.

        Another source that fails is passed over until it works again, so that a video never holds up our own channel; its
        place in the cursor stays.
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
            if index == 0 or error.code in OF_EVERY_REQUEST:
                raise
            page = self._pass_over(progress, names[index], error, following=following)
        return page if stored is not None else replace(page, gap=page.gap or CURSOR_LOST)

    def _pass_over(self, progress: Progress, name: str, error: ChannelError, *, following: str) -> Page:
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
        step = self._read_replies(source, state) if state.waiting else self._walk(source, state)
        has_more = bool(step.state.waiting) or step.state.walk is not None
        wanted = {one.external_id: one for one in step.mentions if one.created_at >= state.floor}
        return Page(
            mentions=tuple(sorted(wanted.values(), key=lambda mention: mention.created_at)),
            cursor=progress.with_source(source.name, step.state, at=source.name if has_more else following).write(),
            more=has_more or bool(following),
            gap=step.gap,
        )

    def _walk(self, source: Source, state: SourceProgress) -> _Step:
        """Take the next page of threads."""
        walk = state.walk or Walk(is_long=self._is_long_walk_due(state))
        batch = _fetch(source, walk)
        states = state.states
        fresh = [entry for entry in batch.entries if states.get(entry.mark[:ID_LENGTH]) != entry.mark]
        walk = replace(
            walk,
            page=batch.next_page,
            pages=walk.pages + 1,
            seen=(*walk.seen, *(entry.mark for entry in batch.entries)),
            has_met=walk.has_met or _meets(batch, state),
        )
        is_over = self._is_over(walk, batch, state)
        state = replace(state, walk=walk, waiting=tuple(entry.waiting for entry in fresh if entry.waiting))
        gap = "" if walk.has_met or not is_over else f"{source.name}: {walk.pages} pages did not reach what was known"
        return _Step(
            mentions=tuple(mention for entry in reversed(fresh) for mention in entry.mentions),
            state=self._close(state, walk, source) if is_over else state,
            gap=gap,
        )

    def _is_over(self, walk: Walk, batch: Batch, state: SourceProgress) -> bool:
        if not batch.next_page or walk.pages >= self._max_pages:
            return True
        if not walk.has_met:
            return False
        oldest = _oldest(batch.entries)
        return not walk.is_long or (oldest is not None and oldest < max(state.floor, self._look_back_to()))

    def _is_long_walk_due(self, state: SourceProgress) -> bool:
        return state.long_walk_at is not None and self._clock.now() - state.long_walk_at >= BETWEEN_LONG_WALKS

    def _look_back_to(self) -> datetime:
        return self._clock.now() - self._look_back

    def _close(self, state: SourceProgress, walk: Walk, source: Source) -> SourceProgress:
        """Return the progress after a walk: each thread's newest state, the newest threads first."""
        marks: dict[str, str] = {}
        for mark in (*walk.seen, *state.seen):
            marks.setdefault(mark[:ID_LENGTH], mark)
        has_looked_back = walk.is_long or state.long_walk_at is None
        return replace(
            state,
            seen=tuple(marks.values())[: source.remembered],
            walk=None,
            long_walk_at=self._clock.now() if has_looked_back else state.long_walk_at,
        )

    def _read_replies(self, source: Source, state: SourceProgress) -> _Step:
        """Take the next page of the first thread that waits."""
        waiting, others = state.waiting[0], state.waiting[1:]
        try:
            replies = _fetch_replies(source, waiting)
        except ChannelError as error:
            if error.code not in THREAD_REFUSED:
                raise
            gap = f"{source.name}: the replies of thread {waiting.thread.id} were not read. {error.message}"
            return _Step(mentions=(), state=replace(state, waiting=others), gap=gap)
        waiting = replace(waiting, page=replies.next_page, pages=waiting.pages + 1)
        is_cut = bool(replies.next_page) and waiting.pages >= REPLY_PAGES
        rest = others if is_cut or not replies.next_page else (waiting, *others)
        gap = f"{source.name}: thread {waiting.thread.id} has more replies than are read" if is_cut else ""
        return _Step(mentions=replies.mentions, state=replace(state, waiting=rest), gap=gap)


def _fetch(source: Source, walk: Walk) -> Batch:
    """Return the page to go on with. A place that YouTube has forgotten means beginning anew; what is known stays known."""
    try:
        return source.fetch(walk.page)
    except ChannelError as error:
        if not walk.page or error.code not in PLACE_LOST:
            raise
    return source.fetch("")


def _fetch_replies(source: Source, waiting: Waiting) -> Replies:
    try:
        return source.fetch_replies(waiting)
    except ChannelError as error:
        if not waiting.page or error.code not in PLACE_LOST:
            raise
    return source.fetch_replies(replace(waiting, page=""))


def _meets(batch: Batch, state: SourceProgress) -> bool:
    """Tell whether a page ends at what earlier walks have seen, at the floor, or with the list.

    Only its last thread counts: one that is pinned, or let through late, may stand anywhere.
    """
    if not batch.next_page:
        return True
    known = {mark[:ID_LENGTH] for mark in state.seen}
    oldest = _oldest(batch.entries)
    is_known = bool(batch.entries) and batch.entries[-1].mark[:ID_LENGTH] in known
    return is_known or (oldest is not None and oldest < state.floor)


def _oldest(entries: Sequence[Entry]) -> datetime | None:
    """Return when the last thread that tells its time began."""
    return next((entry.moment for entry in reversed(entries) if entry.moment is not None), None)
