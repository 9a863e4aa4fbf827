"""A day on the made-up X: people mention us, answer us, only speak of us, edit, delete and repeat; limits close and open."""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from pydantic import SecretStr

from config.settings import ChannelSettings
from domain.clock import FixedClock
from domain.ports import Channel
from listener.channels.x import make_channel
from listener.registry import ChannelContext
from tests.partners.loopback_app import serve
from tests.partners.x_server import XServer
from tests.partners.x_world import XWorld
from tests.storm.faults import StormProxy
from tests.storm.report import Report, Served, compare
from tests.storm.truth import Truth
from tests.storm.voyage import Voyage
from tests.storm.weather import Weather

WORD: Final = "mizunara"
MOST: Final = 100_000
"""What the operator of this account pays for: searches are not cut."""
KINDS: Final = {"mention": 54, "mention and word": 15, "word": 20, "reply": 6, "thread": 3, "message": 2}
REPEATS, OWN, EDITED, DELETED = 0.01, 0.01, 0.01, 0.01
PEOPLE: Final = 8_000
MENTIONS, SEARCH, MESSAGES = "GET /2/users/{id}/mentions", "GET /2/tweets/search/recent", "GET /2/dm_events"
CLOSED: Final = (
    (MENTIONS, timedelta(hours=1, minutes=13), timedelta(minutes=8)),
    (SEARCH, timedelta(hours=2, minutes=4), timedelta(minutes=11)),
    (MESSAGES, timedelta(hours=4), timedelta(minutes=30)),
    (MENTIONS, timedelta(hours=7, minutes=33), timedelta(minutes=12)),
    (SEARCH, timedelta(hours=11, minutes=5), timedelta(minutes=9)),
    (SEARCH, timedelta(hours=20, minutes=50), timedelta(minutes=14)),
    (MENTIONS, timedelta(hours=22), timedelta(minutes=15)),
)
"""Routes that another program of ours uses up, when, and for how long."""


class XStorm:
    """Fills the world with a plan of the day."""

    def __init__(self, server: XServer, *, weather: Weather, clock: FixedClock) -> None:
        self.server = server
        self.weather = weather
        self.clock = clock
        self.truth = Truth()
        self._pick = random.Random(f"{weather.seed} x")
        world = server.world
        self._ours = [world.post(f"New coats, part {number}", author="shop", mention=False).id for number in range(20)]
        self._theirs = [world.post(f"Talk {number}", author=f"host{number}", mention=False).id for number in range(100)]
        for number, moment in enumerate(weather.moments(weather.posts)):
            kind = self._pick.choices(list(KINDS), weights=list(KINDS.values()))[0]
            listed = moment + weather.lag(self._pick)
            world.plan(listed, self._happening(number, kind, moment, listed))
        for route, after, how_long in CLOSED:
            world.plan(weather.begin + weather.scaled(after), self._closing(route, weather.scaled(how_long)))

    @property
    def world(self) -> XWorld:
        return self.server.world

    def _closing(self, route: str, how_long: timedelta) -> Callable[[], None]:
        return lambda: self.server.door.close(route, how_long)

    def _happening(self, number: int, kind: str, moment: datetime, listed: datetime) -> Callable[[], None]:
        author = f"person{self._pick.randrange(PEOPLE)}"
        thread = self._pick.choice(self._ours if kind == "reply" else self._theirs)
        fate = self._pick.random()
        later = listed + timedelta(minutes=self._pick.uniform(10, 50))

        def happen() -> None:
            if kind == "message":
                said = self.world.say(f"message {number}", sender=author, to="shop", at=moment)
                self.truth.texts[f"dm:{said.id}"] = said.text
                return
            named = kind != "word"
            text = f"{'@shop ' if named else ''}post {number}{f' {WORD}' if 'word' in kind else ''}"
            answers = thread if kind in {"reply", "thread"} else ""
            post = self.world.post(text, author=author, mention=named, reply_to=answers, at=moment)
            self.truth.texts[post.id] = text
            if fate < EDITED:
                self.world.plan(later, lambda: self._edit(post.id, f"{text}, edited"))
            elif fate < EDITED + DELETED:
                lists = [MENTIONS] * named + [SEARCH] * ("word" in kind)
                self.world.plan(later, lambda: self._delete(post.id, listed, lists))
            elif fate < EDITED + DELETED + REPEATS:
                self.world.post(f"RT @{author}: {text}", author="echo", mention=named, repeats=post.id)
            elif fate < EDITED + DELETED + REPEATS + OWN:
                self.world.post(f"@{author} {WORD}, thank you!", author="shop", mention=False, reply_to=post.id)

        return happen

    def _edit(self, post_id: str, text: str) -> None:
        self.world.edit(post_id, text)
        self.truth.texts[post_id] = text

    def _delete(self, post_id: str, listed: datetime, lists: list[str]) -> None:
        last = max((self.server.answered.get(one, [self.weather.begin])[-1] for one in lists), default=listed)
        if last < listed:
            self.truth.out_of_reach.add(post_id)
        self.truth.deleted[post_id] = self.clock.now()
        self.world.delete(post_id)


@contextmanager
def x_storm(weather: Weather, folder: Path) -> Iterator[tuple[Voyage, Callable[[], Report]]]:
    """Yield the voyage through a day on X, and what reports on it afterwards."""
    clock = FixedClock(weather.begin)
    server = XServer()
    with serve(server.app) as address:
        server.begin(clock, public_url="")
        server.keeps_exchanges = False

        def torn() -> None:
            server.door.unheard = True

        with StormProxy(address, weather=weather, clock=clock, torn=torn) as proxy:
            server.door.public_url = proxy.url
            storm = XStorm(server, weather=weather, clock=clock)
            settings = _settings(server, proxy.url)

            def open_channel() -> Channel:
                return make_channel(settings, ChannelContext(state_dir=folder / "state", clock=clock))

            with Voyage(folder, weather=weather, clock=clock, settings=settings, open_channel=open_channel) as voyage:
                yield voyage, lambda: _report(storm, voyage, proxy)


def _settings(server: XServer, service: str) -> ChannelSettings:
    keys = server.door.keys
    names = ("api_key", "api_key_secret", "access_token", "access_token_secret")
    return ChannelSettings(
        name="shop",
        kind="x",
        options={
            "service": service,
            "timeout_seconds": 5,
            "search": [WORD],
            "search_max_posts": MOST,
            "fill_max_posts": MOST,
        },
        secrets={name: SecretStr(getattr(keys, name)) for name in names},
    )


def _report(storm: XStorm, voyage: Voyage, proxy: StormProxy) -> Report:
    door, server = storm.server.door, storm.server
    kinds = Counter(kind for _, kind, _ in server.billed)
    return compare(
        voyage,
        platform="x",
        truth=storm.truth,
        served=Served(
            requests=proxy.requests,
            faults=proxy.faults + proxy.in_outage,
            refused=door.refused,
            asked_while_closed=door.asked_while_closed,
            billed=kinds["post"] + kinds["message"],
            bill_usd=server.bill_usd,
        ),
    )
