"""A day on the made-up Reddit: comments in two subreddits, people who name or answer us anywhere, posts found by search."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from pydantic import SecretStr

from config.settings import ChannelSettings
from domain.clock import FixedClock
from domain.ports import Channel
from listener.channels.reddit import make_channel
from listener.registry import ChannelContext
from tests.partners.loopback_app import serve
from tests.partners.reddit_app import CLIENT_ID, CLIENT_SECRET, REFRESH_TOKEN, RedditApp
from tests.partners.reddit_state import OURS, RedditState, Thing
from tests.partners.reddit_window import Window
from tests.storm.faults import StormProxy
from tests.storm.report import Report, Served, compare
from tests.storm.truth import Truth
from tests.storm.voyage import Voyage
from tests.storm.weather import Weather

WORD: Final = "mizunara"
SUBREDDITS: Final = ("coats", "hats")
KINDS: Final = {"comment": 75, "named here": 5, "named elsewhere": 6, "answer": 5, "post": 5, "found": 2, "message": 2}
OWN, EDITED, DELETED = 0.01, 0.01, 0.01
PEOPLE: Final = 8_000
THREADS: Final = 120
CLOSED: Final = (
    (timedelta(hours=1, minutes=13), timedelta(minutes=4)),
    (timedelta(hours=2, minutes=4), timedelta(minutes=2)),
    (timedelta(hours=7, minutes=33), timedelta(minutes=5)),
    (timedelta(hours=11, minutes=5), timedelta(minutes=9)),
    (timedelta(hours=20, minutes=50), timedelta(minutes=10)),
)
"""When another program of ours uses up the account's requests, and for how long."""
LISTS: Final = {
    "comment": "/r/coats+hats/comments/",
    "named here": "/message/mentions",
    "named elsewhere": "/message/mentions",
    "answer": "/message/selfreply/",
    "post": "/r/coats+hats/new",
    "found": "/r/all/search/",
    "message": "/message/inbox/",
}


class RedditStorm:
    """Fills the platform with a plan of the day."""

    def __init__(self, app: RedditApp, *, weather: Weather, clock: FixedClock) -> None:
        self.app = app
        self.weather = weather
        self.clock = clock
        self.truth = Truth()
        self._pick = random.Random(f"{weather.seed} reddit")
        before = weather.begin - timedelta(hours=3)
        state = app.state
        self._ours = [state.add_post(author=OURS, title=f"New coats {number}", at=before) for number in range(8)]
        self._here = [
            state.add_post(author="host", subreddit=SUBREDDITS[number % 2], title=f"Talk {number}", at=before)
            for number in range(THREADS)
        ]
        for thread in self._here:
            self.truth.texts[thread.name] = thread.title
        self._elsewhere = [
            state.add_post(author="host", subreddit="elsewhere", title=f"Far talk {number}", at=before)
            for number in range(30)
        ]
        for number, moment in enumerate(weather.moments(weather.posts)):
            kind = self._pick.choices(list(KINDS), weights=list(KINDS.values()))[0]
            listed = moment + weather.lag(self._pick)
            state.plan(listed, self._happening(number, kind, moment, listed))
        for after, how_long in CLOSED:
            state.plan(weather.begin + weather.scaled(after), self._closing(weather.scaled(how_long)))

    def _closing(self, how_long: timedelta) -> Callable[[], None]:
        def close() -> None:
            if self.app.window:
                self.app.window.close(how_long)

        return close

    def _happening(self, number: int, kind: str, moment: datetime, listed: datetime) -> Callable[[], None]:
        author = f"person{self._pick.randrange(PEOPLE)}"
        places = {"named elsewhere": self._elsewhere, "answer": self._ours}.get(kind, self._here)
        thread, fate = self._pick.choice(places), self._pick.random()
        edited_at = listed + timedelta(seconds=self._pick.uniform(5, 40))
        deleted_at = listed + timedelta(minutes=self._pick.uniform(12, 50))

        def happen() -> None:
            thing = self._write(number, kind, author, moment, thread)
            if fate < EDITED:
                self.app.state.plan(edited_at, lambda: self._edit(thing))
            elif fate < EDITED + DELETED and kind != "message":
                self.app.state.plan(deleted_at, lambda: self._delete(thing, LISTS[kind], listed))
            elif fate < EDITED + DELETED + OWN and thing.kind == "t1":
                self.app.state.add_comment(f"thanks {number}", to=thing.name, author=OURS)

        return happen

    def _write(self, number: int, kind: str, author: str, moment: datetime, thread: Thing) -> Thing:
        state = self.app.state
        if kind == "message":
            made = state.add_message(f"message {number}", author=author, to=OURS, subject="hello")
            text = f"hello\n\nmessage {number}"
        elif kind == "post":
            place = SUBREDDITS[number % 2]
            made, text = (
                state.add_post(author=author, subreddit=place, title=f"post {number}", at=moment),
                f"post {number}",
            )
        elif kind == "found":
            text = f"post {number} {WORD}"
            made = state.add_post(author=author, subreddit="elsewhere", title=text, at=moment)
        else:
            text = f"{kind} {number}, written {moment:%H:%M:%S}"
            named = "username_mention" if kind.startswith("named") else ""
            made = state.add_comment(text, to=thread.name, author=author, inbox=named, at=moment)
        self.truth.texts[made.name] = text
        return made

    def _edit(self, thing: Thing) -> None:
        """Change a comment; a post's title and a message cannot be changed."""
        if thing.kind == "t1" and not thing.deleted:
            thing.body += ", edited"
            self.truth.texts[thing.name] = thing.body

    def _delete(self, thing: Thing, path: str, listed: datetime) -> None:
        self.truth.deleted[thing.name] = self.clock.now()
        answered = self.app.answered.get(path, [0.0])[-1]
        if answered < listed.timestamp():
            self.truth.out_of_reach.add(thing.name)
        thing.deleted = True


@contextmanager
def reddit_storm(weather: Weather, folder: Path) -> Iterator[tuple[Voyage, Callable[[], Report]]]:
    """Yield the voyage through a day on Reddit, and what reports on it afterwards."""
    clock = FixedClock(weather.begin)
    app = RedditApp(RedditState(clock=clock))
    app.window = window = Window(clock)
    storm = RedditStorm(app, weather=weather, clock=clock)

    def torn() -> None:
        window.unheard = True

    with serve(app.app) as address, StormProxy(address, weather=weather, clock=clock, torn=torn) as proxy:
        settings = _settings(proxy.url)

        def open_channel() -> Channel:
            return make_channel(settings, ChannelContext(state_dir=folder / "state", clock=clock))

        with Voyage(folder, weather=weather, clock=clock, settings=settings, open_channel=open_channel) as voyage:
            yield voyage, lambda: _report(storm, voyage, proxy)


def _settings(address: str) -> ChannelSettings:
    where: dict[str, str | int | float | bool | list[str]] = {"api_url": address, "site_url": address}
    wanted: dict[str, str | int | float | bool | list[str]] = {"subreddits": list(SUBREDDITS), "search": [WORD]}
    ours: dict[str, str | int | float | bool | list[str]] = {"username": OURS, "client_id": CLIENT_ID}
    return ChannelSettings(
        name="shop",
        kind="reddit",
        options={**ours, **where, **wanted, "direct_messages": True, "timeout_seconds": 5},
        secrets={"client_secret": SecretStr(CLIENT_SECRET), "refresh_token": SecretStr(REFRESH_TOKEN)},
    )


def _report(storm: RedditStorm, voyage: Voyage, proxy: StormProxy) -> Report:
    window = storm.app.window
    assert window is not None
    return compare(
        voyage,
        platform="reddit",
        truth=storm.truth,
        served=Served(
            requests=proxy.requests,
            faults=proxy.faults + proxy.in_outage,
            refused=window.refused,
            asked_while_closed=window.asked_while_closed,
        ),
    )
