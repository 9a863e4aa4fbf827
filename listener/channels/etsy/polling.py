"""One page of a poll: the reviews of a window in time, page by page.

Etsy does not say in which order it lists reviews, and lists them by offset only. So a window is always read to its end, each page
shows the last review of the page before again, and when it does not, the window is read anew. Newer reviews are read at every
poll; older ones, which buyers may still change, from time to time.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from domain.clock import Clock
from domain.errors import RetryableError
from domain.mentions import Page
from listener.channels.etsy.client import Client
from listener.channels.etsy.options import EtsyOptions
from listener.channels.etsy.progress import Progress, Walk, read_progress
from listener.channels.etsy.reading import EARLIEST, Answer, read_answer, read_mention

OVERLAP: Final = int(timedelta(days=2).total_seconds())
"""Read again at every poll: reviews listed late, and clocks that differ."""
STALE: Final = int(timedelta(days=1).total_seconds())
"""A walk cut off for longer begins anew: a page that always fails must not keep newer reviews out for ever."""
RESTARTS: Final = 3
CURSOR_LOST: Final = "the cursor was not this shop's; read again from the first poll's horizon"


class Poller:
    """Walks one shop's reviews. Keeps nothing between calls: everything is in the cursor."""

    def __init__(self, options: EtsyOptions, *, client: Client, clock: Clock) -> None:
        self._options = options
        self._client = client
        self._clock = clock

    def poll(self, cursor: str | None) -> Page:
        """Return the next page. Raises as ``Channel.poll``."""
        before = self._client.requests
        stored = read_progress(cursor, shop=self._options.shop_id)
        gap = CURSOR_LOST if cursor is not None and stored is None else ""
        progress = stored or self._first()
        if progress.floor > self._now():  # set by a clock that ran ahead: nothing would ever be new
            progress = progress.model_copy(update={"floor": self._first().floor})
        walk = progress.walk
        if walk is None or not 0 <= self._now() - walk.began <= STALE:
            walk = self._begin(progress)
        answer = self.read(walk.since, offset=walk.offset)
        progress, unreadable = progress.note_unreadable(answer.unreadable)
        onward, missed = self._walk_on(walk, answer)
        if onward is None:
            progress = self._finish(progress, walk)
        gaps = (gap, f"{unreadable} reviews could not be read" if unreadable else "", missed)
        taken = sorted(
            (one for one in answer.reviews if one.created >= progress.floor), key=lambda one: (one.created, int(one.id))
        )
        return Page(
            mentions=tuple(read_mention(one, shop_name=self._options.shop_name) for one in taken),
            cursor=progress.model_copy(update={"walk": onward}).write(),
            more=onward is not None,
            requests=self._client.requests - before,
            gap="; ".join(filter(None, gaps)),
        )

    def read(self, since: int, *, until: int | None = None, offset: int = 0, size: int | None = None) -> Answer:
        """Return one page of the reviews written from ``since`` to ``until``, in seconds since 1970."""
        parameters: Mapping[str, int] = {
            "limit": size or self._options.page_size,
            "offset": offset,
            "min_created": max(since, EARLIEST),
            **({} if until is None else {"max_created": max(until, EARLIEST)}),
        }
        answer = read_answer(self._client.get(f"/shops/{self._options.shop_id}/reviews", parameters))
        if answer is None:
            raise RetryableError("Etsy's answer makes no sense.", code="no_answer")
        return answer

    def _first(self) -> Progress:
        floor = self._now() - int(timedelta(days=self._options.first_poll_days).total_seconds())
        return Progress(v=1, shop=self._options.shop_id, floor=max(floor, 0))

    def _begin(self, progress: Progress) -> Walk:
        now = self._now()
        # A clock that ran ahead once has left moments behind that are still to come.
        is_reread = not 0 <= now - progress.reread_at < timedelta(hours=self._options.reread_hours).total_seconds()
        since = min(progress.read_until, now) - OVERLAP
        if is_reread:
            since = min(since, now - int(timedelta(days=self._options.reread_days).total_seconds()))
        return Walk(since=max(progress.floor, since), began=now, offset=0, anchor="", pages=0, is_reread=is_reread)

    def _walk_on(self, walk: Walk, answer: Answer) -> tuple[Walk | None, str]:
        """Return where a walk goes on, None when it ends, and why reviews may be missed."""
        pages = walk.pages + 1
        ids = [one.id for one in answer.reviews]
        has_moved = bool(walk.anchor) and walk.anchor not in ids
        if has_moved and walk.restarts < RESTARTS and pages < self._options.max_pages:
            again = {"offset": 0, "anchor": "", "pages": pages, "restarts": walk.restarts + 1}
            return walk.model_copy(update=again), ""
        moved = "reviews were taken away while they were read" if has_moved else ""
        if answer.count < self._options.page_size:
            return None, moved
        if pages >= self._options.max_pages:
            return None, "; ".join(filter(None, (moved, f"{pages} pages did not reach the end of the reviews")))
        onward = {
            "offset": walk.offset + answer.count - 1,
            # A page of nothing but nonsense has nothing to hold on to.
            "anchor": ids[-1] if ids and not answer.unreadable else "",
            "pages": pages,
        }
        return walk.model_copy(update=onward), moved

    def _finish(self, progress: Progress, walk: Walk) -> Progress:
        update = {"read_until": walk.began} | ({"reread_at": walk.began} if walk.is_reread else {})
        return progress.model_copy(update=update)

    def _now(self) -> int:
        return int(self._clock.now().timestamp())
