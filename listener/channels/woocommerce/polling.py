"""One page of a poll: reviews from the newest back, in windows of time that grow narrower.

New reviews move all others to later pages, so a page's number alone means nothing: the next page is the first one of the window
that ends where this page ended. Newer reviews are read at every poll; older ones, which are changed or approved late, from time
to time.
"""

from datetime import UTC, datetime, timedelta
from typing import Final

from domain.clock import Clock
from domain.errors import RetryableError
from domain.mentions import Page
from listener.channels.woocommerce.answers import Answer
from listener.channels.woocommerce.client import Client
from listener.channels.woocommerce.options import WooCommerceOptions
from listener.channels.woocommerce.progress import Progress, Walk, digest, read_progress
from listener.channels.woocommerce.reading import Reader, Review, read_mention, user_id
from listener.channels.woocommerce.threads import find_places

OVERLAP: Final = int(timedelta(days=2).total_seconds())
"""Read again at every poll: reviews approved late, and sites whose clock or time zone is not what they say."""
STALE: Final = int(timedelta(days=1).total_seconds())
"""A walk cut off for longer begins anew: a page that always fails must not keep newer reviews out for ever."""
WIDE: Final = int(timedelta(hours=26).total_seconds())
"""WordPress cuts windows by a review's local time, which is another one where the site's time zone was changed since."""
CURSOR_LOST: Final = "the cursor was not this site's; read again from the first poll's horizon"


class Poller:
    """Walks one site's reviews. Keeps nothing between calls: everything is in the cursor."""

    def __init__(self, options: WooCommerceOptions, *, client: Client, reader: Reader, clock: Clock) -> None:
        self._options = options
        self._client = client
        self._reader = reader
        self._clock = clock

    def poll(self, cursor: str | None) -> Page:
        """Return the next page. Raises as ``Channel.poll``."""
        before = self._client.requests
        stored = read_progress(cursor, site=self._options.site)
        gap = CURSOR_LOST if cursor is not None and stored is None else ""
        progress = stored or self._first()
        if progress.floor > self._now():  # set by a clock that ran ahead: nothing would ever be new
            progress = progress.model_copy(update={"floor": self._first().floor})
        walk = progress.walk
        if walk is None or not 0 <= self._now() - walk.began <= STALE:
            walk = self._begin(progress)
        answer = self._ask(walk)
        entries = answer.body if isinstance(answer.body, list) else None
        if entries is None:
            raise RetryableError(f"{self._client.host} gives no list of reviews.", code="no_answer")
        reviews, lost = self._reader.read(entries)
        progress, unreadable = progress.note_unreadable(lost)
        onward, missed = self._walk_on(walk, answer, reviews, count=len(entries))
        if onward is None:
            progress = self._finish(progress, walk)
        taken = [one for one in reviews if _second(one) >= progress.floor and one.author not in self._own()]
        places = find_places(self._client, taken) if self._options.can_answer else {}
        taken.sort(key=lambda one: (one.created, one.id))
        return Page(
            mentions=tuple(read_mention(one, places.get(one.id)) for one in taken),
            cursor=progress.model_copy(update={"walk": onward}).write(),
            more=onward is not None,
            requests=self._client.requests - before,
            gap="; ".join(filter(None, (gap, f"{unreadable} reviews could not be read" if unreadable else "", missed))),
        )

    def _ask(self, walk: Walk) -> Answer:
        parameters: dict[str, str | int] = {
            "context": "edit",  # the text as WordPress keeps it, not as it shows it
            "status": self._options.reviews,
            "orderby": "date_gmt",
            "order": "desc",
            "per_page": self._options.page_size,
            "page": walk.page,
            "after": _iso(max(walk.since - 1, 0)),
        }
        if walk.until is not None:
            parameters["before"] = _iso(walk.until + 1 + (WIDE if walk.is_wide else 0))
        return self._client.ask_shop("/products/reviews", parameters)

    def _first(self) -> Progress:
        floor = self._now() - int(timedelta(days=self._options.first_poll_days).total_seconds())
        return Progress(v=1, site=digest(self._options.site), floor=max(floor, 0))

    def _begin(self, progress: Progress) -> Walk:
        now = self._now()
        # A clock that ran ahead once has left moments behind that are still to come.
        is_reread = not 0 <= now - progress.reread_at < timedelta(hours=self._options.reread_hours).total_seconds()
        since = min(progress.read_until, now) - OVERLAP
        if is_reread:
            since = min(since, now - int(timedelta(days=self._options.reread_days).total_seconds()))
        return Walk(since=max(progress.floor, since), began=now, is_reread=is_reread)

    def _walk_on(
        self, walk: Walk, answer: Answer, reviews: tuple[Review, ...], *, count: int
    ) -> tuple[Walk | None, str]:
        """Return where a walk goes on, None when it ends, and why reviews may be missed."""
        last = answer.number("x-wp-totalpages")
        if walk.anchor and walk.page == 1 and not walk.is_wide and walk.anchor not in {one.id for one in reviews}:
            return walk.model_copy(update={"is_wide": True, "pages": walk.pages + 1}), ""
        # A page may be short though others follow: WooCommerce takes out of it what the key may not see.
        if count < self._options.page_size if last is None else walk.page >= last:
            return None, ""
        pages = walk.pages + 1
        if pages >= self._options.max_pages:
            return None, f"{pages} pages did not reach what was known"
        oldest = min(reviews, key=lambda one: (one.created, one.id), default=None)
        if oldest is not None and not walk.is_wide and (walk.until is None or _second(oldest) < walk.until):
            narrower = {"until": _second(oldest), "anchor": oldest.id, "page": 1, "pages": pages}
            return walk.model_copy(update=narrower), ""
        return walk.model_copy(update={"page": walk.page + 1, "pages": pages}), ""

    def _finish(self, progress: Progress, walk: Walk) -> Progress:
        update = {"read_until": walk.began} | ({"reread_at": walk.began} if walk.is_reread else {})
        return progress.model_copy(update=update)

    def _own(self) -> frozenset[str]:
        return frozenset(map(user_id, self._options.own_users))

    def _now(self) -> int:
        return int(self._clock.now().timestamp())


def _second(review: Review) -> int:
    return int(review.created.timestamp())


def _iso(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).isoformat().replace("+00:00", "Z")
