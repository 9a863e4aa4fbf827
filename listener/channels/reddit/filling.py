"""Comments that a subreddit's list had dropped before we came: Reddit has no search for them, so their threads are read again.

Nobody can tell whether every thread of that time was among those that Reddit still lists, nor whether it showed all comments of
a long one: the gap stays told, and what was found in it is told beside it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

from domain.mentions import Page
from listener.channels.reddit import wire
from listener.channels.reddit.client import RedditClient
from listener.channels.reddit.options import RedditOptions
from listener.channels.reddit.progress import LEAST_OVERLAP, Filling, Hole, Progress, SourceProgress
from listener.channels.reddit.reading import COMMENT, POST, Surroundings, fullname, known_id, link_of, read_thing

THREADS_REACH = timedelta(days=7)
"""Threads that began longer before a hole are not looked through."""
SHOWN = 500
"""Comments that Reddit shows of one thread at once."""
MOST_FOLDED = 1_000
"""Comments of one thread that are asked for by their ids: those it names without showing them."""
DEEPEST = 64
"""Answers below answers, at most."""


class ThreadFiller:
    """Reads the threads of the chosen subreddits again, one in a page, for the oldest hole in their comments."""

    def __init__(self, client: RedditClient, options: RedditOptions) -> None:
        self._client = client
        self._names = "+".join(options.subreddits)
        self._most = options.fill_max_threads
        self.name = f"missed:{self._names}"

    def covers(self, source: str) -> bool:
        """Tell whether holes in ``source`` can be looked for."""
        return bool(self._names) and self._most > 0 and source == f"comments:{self._names}"

    def note(self, progress: Progress, hole: Hole) -> Progress:
        """Return ``progress`` with a hole to fill; what is under way goes on and then begins anew for all of it."""
        state = progress.sources.get(self.name, SourceProgress())
        if len(state.holes) > 1:
            last = state.holes[-1]
            holes = (*state.holes[:-1], Hole(begin=min(last.begin, hole.begin), end=max(last.end, hole.end)))
        else:
            holes = (*state.holes, hole)
        return progress.with_source(self.name, replace(state, holes=holes), at="")

    def take_page(self, progress: Progress) -> Page:
        """Return the next page: more threads of the time, or what one of them holds."""
        state = progress.sources.get(self.name, SourceProgress())
        if not state.holes:
            return Page(mentions=(), cursor=replace(progress, at="").write(), more=False, requests=0)
        hole, filling = state.holes[0], state.filling or Filling()
        if not filling.is_listed:
            return self._turn(progress, replace(state, filling=self._list_threads(hole, filling)))
        if not filling.threads:
            rest = SourceProgress(holes=state.holes[1:])
            told = f"comments:{self._names} from {hole.begin:%Y-%m-%d %H:%M} to {hole.end:%H:%M} UTC: {filling.found} comments found"
            return self._turn(progress, rest, filled=f"{told} in {filling.count} threads", requests=0)
        return self._read_thread(progress, state, hole, filling)

    def _list_threads(self, hole: Hole, filling: Filling) -> Filling:
        """Name more threads: first those that people write in now, for old ones live long, then those begun lately."""
        at = {"after": filling.after} if filling.after else {}
        path = f"r/{self._names}/{'new' if filling.is_past_comments else 'comments/'}"
        answer = self._client.read_listing(path, limit=100, **at)
        things = [wire.part(child, "data") for child in wire.items(answer, "data", "children")]
        reach = hole.begin - THREADS_REACH if filling.is_past_comments else hole.end
        is_over = any(created < reach for thing in things if (created := wire.moment(thing, "created_utc")))
        named = (link_of(thing) or fullname(thing, POST) for thing in things if wire.number(thing, "num_comments") != 0)
        threads = tuple(dict.fromkeys((*filling.threads, *(name for name in named if name))))[: self._most]
        after = wire.text(answer, "data", "after")
        goes_on = after and not is_over and len(threads) < self._most
        return replace(
            filling,
            after=after if goes_on else "",
            is_past_comments=filling.is_past_comments or not goes_on,
            is_listed=filling.is_past_comments and not goes_on,
            threads=threads,
        )

    def _read_thread(self, progress: Progress, state: SourceProgress, hole: Hole, filling: Filling) -> Page:
        link_id = filling.threads[0].removeprefix(POST)
        answer = self._client.read(f"comments/{link_id}/", sort="new", limit=SHOWN, depth=10)
        listings = answer if isinstance(answer, list) else []
        things = [thing for listing in listings for thing in _flatten(wire.items(listing, "data", "children"))]
        folded = list(dict.fromkeys(_folded(things)))[:MOST_FOLDED]
        more = self._client.find_things(folded)
        things += [(COMMENT.removesuffix("_"), data) for data in more.things.values()]
        around = Surroundings(own=self._client.own, things={wire.text(data, "name"): data for _, data in things})
        mentions = []
        for kind, data in things:
            moment = wire.moment(data, "created_utc")
            in_hole = moment and hole.begin - LEAST_OVERLAP <= moment <= hole.end + LEAST_OVERLAP
            if kind == "t1" and in_hole and (mention := read_thing(kind, data, around)):
                mentions.append(mention)
        done = replace(
            filling,
            threads=filling.threads[1:],
            count=filling.count + 1,
            found=filling.found + len(mentions),
        )
        page = self._turn(progress, replace(state, filling=done), requests=1 + more.requests)
        return replace(page, mentions=tuple(sorted(mentions, key=lambda mention: mention.created_at)))

    def _turn(self, progress: Progress, state: SourceProgress, *, filled: str = "", requests: int = 1) -> Page:
        at = self.name if state.holes else ""
        cursor = progress.with_source(self.name, state, at=at).write()
        return Page(mentions=(), cursor=cursor, more=bool(at), requests=requests, filled=filled)


def _folded(things: Sequence[tuple[str, object]]) -> Iterator[str]:
    """Yield the ids that a thread names without showing them."""
    for kind, data in things:
        if kind == "more":
            names = (f"{COMMENT}{one}" for one in wire.items(data, "children") if isinstance(one, str))
            yield from (name for name in names if known_id(name))


def _flatten(children: Sequence[object], depth: int = 0) -> Iterator[tuple[str, object]]:
    """Yield a thread's things, answers after what they answer."""
    for child in children:
        data = wire.part(child, "data")
        yield wire.text(child, "kind"), data
        if depth < DEEPEST:
            yield from _flatten(wire.items(data, "replies", "data", "children"), depth + 1)
