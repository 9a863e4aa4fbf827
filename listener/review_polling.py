"""Polling a store's reviews: newest first, walked back to what is known and a little beyond, because reviews are edited.

The cursor keeps a mark in time, what the reviews near it said (so that only news is handed in), and a walk between two pages.
"""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from domain.clock import Clock
from domain.errors import RetryableError
from domain.mentions import IncomingMention, Page
from listener.reviews import Review, moment_of, read_mention

REMEMBERED = 500
"""Reviews whose last text is remembered."""
DIGEST = 10
"""Characters; a collision (2^-60) would hide one change."""
STALE = timedelta(days=1)
"""A walk cut off for longer begins anew: its list has moved on."""
UNREADABLE = "-"
"""State of a review that could not be read: it is told once."""
CURSOR_LOST = "the cursor was not readable; read again from the first poll's horizon"


@dataclass(frozen=True, kw_only=True)
class Batch:
    """One page as a store gives it."""

    reviews: tuple[Review, ...]
    following: str
    """The place of the next page; empty when this is the last one."""
    unreadable: tuple[str, ...] = ()
    """What names entries that made no sense."""


class ReviewSource(Protocol):
    """A store's list, newest first."""

    def read(self, place: str) -> Batch | None:
        """Return the page at ``place`` (empty: the first one); None for a place that the store does not know any more."""
        ...


@dataclass(frozen=True, kw_only=True)
class Reach:
    """How far a store's list is read."""

    first_poll: timedelta
    overlap: timedelta
    """Read again behind the newest review known: for what is edited or listed late."""
    max_pages: int
    kept: timedelta | None = None
    """How long the store lists a review; None: for ever. After a longer pause reviews are missing."""


class Known(BaseModel):
    """What a review said when it was last seen."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    s: str
    """State: digest of text and stars."""
    t: int = 0
    """Turn it was handed in as."""
    a: int = 0
    """Its answer's moment, 0 without one."""
    m: int = 0
    """When it was written or last changed: the newest are remembered."""


class Walk(BaseModel):
    """A walk from the newest review back, between two pages."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    place: str = ""
    pages: int = Field(0, ge=0)
    high: int
    began: int
    last: int | None = None
    """Moment of the review read last; what comes next must be older."""
    is_sorted: bool = True
    """False once the list was not newest first: then only its end ends the walk."""


class Progress(BaseModel):
    """The whole cursor. Moments are milliseconds since 1970."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    v: Literal[1]
    app: str
    floor: int
    """Where the very first poll stopped; what is older is never taken."""
    high: int
    """The newest moment read."""
    asked: int
    """When the last whole walk began."""
    known: Mapping[str, Known] = {}
    walk: Walk | None = None


class ReviewPoller:
    """Walks one app's reviews. Keeps nothing between calls: everything is in the cursor."""

    def __init__(self, source: ReviewSource, *, app: str, reach: Reach, clock: Clock) -> None:
        self._source = source
        self._app = app
        self._reach = reach
        self._clock = clock

    def poll(self, cursor: str | None) -> Page:
        """Return the next page. Raises as ``Channel.poll``."""
        stored = self._read_progress(cursor)
        progress = stored or self._first()
        if progress.floor > self._now():  # set by a clock that ran ahead: nothing would ever be new
            begun = self._first()
            progress = progress.model_copy(update={"floor": begun.floor, "high": begun.high, "walk": None})
        gaps = [CURSOR_LOST] if cursor is not None and stored is None else []
        walk = progress.walk
        if walk is None or self._now() - walk.began > _milliseconds(STALE):
            walk = Walk(high=progress.high, began=self._now())
            gaps.append(self._missed(progress))
        walk, batch = self._read(walk)
        horizon = max(progress.floor, progress.high - _milliseconds(self._reach.overlap))
        known = dict(progress.known)
        mentions = _take_news(batch.reviews, known, horizon=horizon)
        gaps.append(_note_unreadable(batch.unreadable, known))
        onward, gap = self._walk_on(walk, batch, horizon)
        gaps.append(gap)
        update: dict[str, object] = {"known": _newest(known), "walk": onward}
        if onward is None:
            update |= {"high": self._high(walk, batch), "asked": walk.began}
        after = progress.model_copy(update=update)
        return Page(
            mentions=mentions,
            cursor=after.model_dump_json(exclude_defaults=True),
            more=onward is not None,
            gap="; ".join(filter(None, gaps)),
        )

    def _read(self, walk: Walk) -> tuple[Walk, Batch]:
        batch = self._source.read(walk.place)
        if batch is None and walk.place:  # the place is over: from the newest again, what is known is passed over
            walk = walk.model_copy(update={"place": "", "last": None})
            batch = self._source.read("")
        if batch is None:
            raise RetryableError("The store does not know its own first page.", code="no_answer")
        return walk, batch

    def _walk_on(self, walk: Walk, batch: Batch, horizon: int) -> tuple[Walk | None, str]:
        """Return where a walk goes on, None when it ends, and why reviews may be missed."""
        moments = [moment_of(review.written_at) for review in batch.reviews]
        met = moments if walk.last is None else [walk.last, *moments]
        is_sorted = walk.is_sorted and met == sorted(met, reverse=True)
        last = met[-1] if met else None
        if not batch.following or (moments and is_sorted and moments[-1] < horizon):
            return None, ""
        pages = walk.pages + 1
        if pages >= self._reach.max_pages:
            return None, f"{pages} pages did not reach what was known"
        onward = {"place": batch.following, "pages": pages, "high": self._high(walk, batch)}
        return walk.model_copy(update={**onward, "last": last, "is_sorted": is_sorted}), ""

    def _high(self, walk: Walk, batch: Batch) -> int:
        """Return the newest moment read, by a clock that is not ahead of ours."""
        newest = max((moment_of(review.written_at) for review in batch.reviews), default=0)
        return min(max(walk.high, newest), max(self._now(), walk.high))

    def _missed(self, progress: Progress) -> str:
        kept, since = self._reach.kept, progress.asked or (progress.walk.began if progress.walk else 0)
        if kept is None or not since or self._now() - since <= _milliseconds(kept):
            return ""
        return f"nothing was read for more than {kept.days} days, and the store lists no older reviews"

    def _first(self) -> Progress:
        floor = self._now() - _milliseconds(self._reach.first_poll)
        return Progress(v=1, app=self._app, floor=floor, high=floor, asked=0)

    def _read_progress(self, cursor: str | None) -> Progress | None:
        """Return what ``cursor`` holds; None when it is none of ours, or of another app."""
        try:
            progress = Progress.model_validate_json(cursor or "")
        except ValidationError:
            return None
        return progress if progress.app == self._app else None

    def _now(self) -> int:
        return moment_of(self._clock.now())


def _take_news(reviews: Sequence[Review], known: dict[str, Known], *, horizon: int) -> tuple[IncomingMention, ...]:
    """Return what is new or changed, and remember it in ``known``."""
    news = []
    for review in reviews:
        key, state = _digest(review.external_id), _digest(f"{review.rating}\0{review.text}")
        before = known.pop(key, None)
        if before is None and moment_of(review.written_at) < horizon:
            continue
        answered = moment_of(review.answer.modified_at) if review.answer else 0
        turn = before.t if before else 0
        if before is None or before.s != state:
            if _follows_answer(review, answered, before):
                turn = answered
            news.append(read_mention(review, turn=turn))
        known[key] = Known(s=state, t=turn, a=answered, m=moment_of(review.written_at))
    return tuple(news)


def _follows_answer(review: Review, answered: int, before: Known | None) -> bool:
    """Tell whether the text was changed after the answer: by its time, or because it said something else below this answer."""
    if not answered:
        return False
    return moment_of(review.written_at) > answered or (
        before is not None and before.a == answered and before.s != UNREADABLE
    )


def _note_unreadable(names: Sequence[str], known: dict[str, Known]) -> str:
    fresh = [name for name in names if _digest(name) not in known]
    newest = max((one.m for one in known.values()), default=0)  # it bears no moment, and must be told once only
    for name in names:  # what was known of it stays: it may be readable again, and its turn is needed then
        known[_digest(name)] = known.pop(_digest(name), Known(s=UNREADABLE, m=newest))
    return f"{len(fresh)} reviews could not be read" if fresh else ""


def _newest(known: Mapping[str, Known]) -> dict[str, Known]:
    return dict(sorted(known.items(), key=lambda item: item[1].m)[-REMEMBERED:])


def _digest(text: str) -> str:
    return urlsafe_b64encode(hashlib.sha256(text.encode("utf-8", "replace")).digest())[:DIGEST].decode()


def _milliseconds(span: timedelta) -> int:
    return int(span.total_seconds() * 1000)
