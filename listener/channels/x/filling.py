"""Holes in the mentions: what X's list of the newest 800 had dropped before we came, read by search, oldest hole first."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from domain.errors import PermanentError
from listener.channels.x.post_reader import Batch
from listener.channels.x.progress import Hole, SourceProgress, Walk
from listener.channels.x.snowflakes import id_at, moment_of
from listener.channels.x.sources import SEARCHED, Source

EDGE: Final = timedelta(minutes=5)
"""Distance kept from the end of what X lets us ask for."""
MOST_HOLES: Final = 50
"""More are put together: what lies between two is then read again, which X does not charge on the same day."""


@dataclass(frozen=True, kw_only=True)
class Filled:
    """One page of a hole."""

    state: SourceProgress
    batch: Batch
    filled: str = ""
    gap: str = ""


def add_hole(state: SourceProgress, hole: Hole) -> SourceProgress:
    """Return ``state`` with one more hole to fill."""
    holes = (*state.holes, hole)
    if len(holes) > MOST_HOLES:  # the first may be half read; the two newest before this one grow together
        *kept, one, other, last = holes
        holes = (*kept, replace(one, until=max(one.until, other.until)), last)
    return replace(state, holes=holes)


def fill_page(state: SourceProgress, source: Source, now: datetime) -> Filled:
    """Read the next page of the oldest hole. Raises as ``Source.fetch``."""
    hole, gap = state.holes[0], ""
    since = state.walk.since if state.walk else hole.since
    if since < id_at(now - SEARCHED):
        gap = f"{describe(hole)} were dropped from X's list, and lie further back than X lets us search"
        since, state = max(since, id_at(now - SEARCHED + EDGE)), replace(state, walk=None)
    if since >= hole.until:
        return Filled(state=_without_first(state), batch=Batch(mentions=(), token="", requests=0), gap=gap)
    batch = fetch_page(source, state.walk, since, until=hole.until)
    taken = (state.walk.taken if state.walk else 0) + len(batch.ids)
    if batch.token and taken < source.most_posts:
        walk = Walk(token=batch.token, since=since, newest=0, oldest=0, pages=0, taken=taken)
        return Filled(state=replace(state, walk=walk), batch=batch, gap=gap)
    if batch.token:
        gap = f"{describe(hole)}: more than options.fill_max_posts = {source.most_posts} were dropped from X's list"
    told = "" if gap else f"{describe(hole)} were read by search ({taken} posts), as X's list had dropped them"
    return Filled(state=_without_first(state), batch=batch, filled=told, gap=gap)


def fetch_page(source: Source, walk: Walk | None, since: int, *, until: int = 0) -> Batch:
    """Return the page that ``walk`` goes on with, or the first one. Raises as ``Source.fetch``."""
    if walk is None:
        return source.fetch("", since, until)
    try:
        return source.fetch(walk.token, since, until)
    except PermanentError as error:
        if error.code != "refused":
            raise
        # X's own position may go stale; what is known stands, so the walk begins anew.
        return source.fetch("", since, until)


def describe(hole: Hole) -> str:
    """Return which mentions a hole holds, in words."""
    return f"mentions from {moment_of(hole.since):%Y-%m-%d %H:%M} to {moment_of(hole.until):%H:%M} UTC"


def _without_first(state: SourceProgress) -> SourceProgress:
    return replace(state, walk=None, holes=state.holes[1:])
