"""The other side of a simulated day: twelve kinds of platforms over real HTTP on loopback, a world for each account.

They are the fakes that the tests of the channels use, which enforce the limits their vendors publish. One process serves all of
them, an account behind each port, and reads the simulated time from a number it shares with the process that is measured.
"""

import multiprocessing
import random
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from http import HTTPStatus
from multiprocessing.sharedctypes import Synchronized
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tests.listener.app_store import stage as app_store
from tests.listener.google_play import stage as google_play
from tests.listener.mastodon.stage import TOKEN as MASTODON_TOKEN
from tests.listener.youtube import stage as youtube
from tests.partners.app_store_connect import APP_ID, ISSUER, KEY_ID, AppStoreConnect
from tests.partners.etsy_site import KEYSTRING, SHARED_SECRET, SHOP, EtsySite
from tests.partners.feed_site import FeedSite
from tests.partners.google_play_api import PACKAGE, GooglePlayApi
from tests.partners.graph_app import GraphApp
from tests.partners.graph_world import ACCOUNT, APP, PAGE, SECRET, TOKEN, VERIFY
from tests.partners.graph_world import World as GraphWorld
from tests.partners.hackernews_site import HackerNewsSite
from tests.partners.mastodon_fake import MastodonFake
from tests.partners.reddit_app import CLIENT_ID, CLIENT_SECRET, REFRESH_TOKEN, RedditApp
from tests.partners.reddit_state import OURS, RedditState
from tests.partners.woocommerce_site import APP_PASSWORD, KEY, USER, WooCommerceSite
from tests.partners.woocommerce_site import SECRET as WOO_SECRET
from tests.partners.x_door import Keys
from tests.partners.x_server import XServer
from tests.partners.youtube_app import YouTubeFake

SERVICES = ("service", "instance", "api_url", "site_url")
Clock = Any
Post = Callable[[str], object]
World = tuple[ASGIApp, Post]


class SharedClock:
    """The simulated time as the process that is measured writes it down."""

    def __init__(self, moment: "Synchronized[float]") -> None:
        self._moment = moment

    def now(self) -> datetime:
        return datetime.fromtimestamp(self._moment.value, UTC)


def over_http(answer: Callable[[Request], Any]) -> Starlette:
    async def asked(request: Request) -> Response:
        given = answer(request)
        return given if isinstance(given, Response) else await given

    return Starlette(routes=[Route("/{path:path}", asked, methods=["GET", "POST"])])


def make_x(clock: Clock, address: str) -> World:
    server = XServer()
    server.begin(clock, public_url=address)
    return server.app, server.world.post


def make_reddit(clock: Clock, address: str) -> World:
    del address
    state = RedditState(clock=clock)
    app = RedditApp(state)

    def post(text: str) -> None:
        thread = state.add_post(author="somebody")
        state.add_comment(text, to=thread.name, author="aya", inbox="username_mention")

    return app.app, post


def make_mastodon(clock: Clock, address: str) -> World:
    del address
    fake = MastodonFake(clock)
    fake.sign_in(fake.world.person("shop"), MASTODON_TOKEN)
    return fake.app(), lambda text: fake.world.add(fake.world.person("aya", "far.example"), f"@shop {text}")


def make_youtube(clock: Clock, address: str) -> World:
    del address
    fake = YouTubeFake(clock, client_secret=youtube.CLIENT_SECRET, api_keys={youtube.API_KEY})
    shop = fake.world.person("shop")
    fake.sign_in(shop, youtube.REFRESH_TOKEN)
    video = fake.world.video(shop)
    return fake.app(), lambda text: fake.world.add(fake.world.person("aya"), text, video=video)


def make_graph(kind: str) -> Callable[[Clock, str], World]:
    def make(clock: Clock, address: str) -> World:
        del address
        world = GraphWorld(clock, kind)
        root = world.post("The new coats are here.")
        return GraphApp(world).app(), lambda text: world.comment(text, on=root)

    return make


def make_app_store(clock: Clock, address: str) -> World:
    store = AppStoreConnect(clock, app_store.KEY)
    store.address = address
    return store.app(), store.write


def make_google_play(clock: Clock, address: str) -> World:
    play = GooglePlayApi(clock, google_play.KEY)
    play.address = address
    return play.app(), play.write


def make_woocommerce(clock: Clock, address: str) -> World:
    site = WooCommerceSite(clock=clock, address=address)
    return over_http(site.answer), site.review


def make_etsy(clock: Clock, address: str) -> World:
    site = EtsySite(clock=clock, address=address)
    return over_http(site.answer), site.review


def make_feed(clock: Clock, address: str) -> World:
    site = FeedSite(feeds={"blog": []}, address=address, shown_at_once=50)
    return over_http(site.answer), lambda text: site.add(text, published=clock.now())


def make_hackernews(clock: Clock, address: str) -> World:
    site = HackerNewsSite(address=address)
    return over_http(site.answer), lambda text: site.story(f"Mizunara: {text}", time=int(clock.now().timestamp()))


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of account: its world, its settings, and how often its guide says to poll it (None: as the clock does)."""

    make: Callable[[Clock, str], World]
    service: str
    """Options that take the address, with spaces between."""
    options: dict[str, Any]
    secrets: dict[str, str]
    poll_seconds: int | None = None


KINDS: dict[str, Kind] = {
    "x": Kind(
        make=make_x,
        service="service",
        options={"ai_replies_approved": True},
        secrets={
            name: getattr(Keys(), name) for name in ("api_key", "api_key_secret", "access_token", "access_token_secret")
        },
    ),
    "reddit": Kind(
        make=make_reddit,
        service="api_url site_url",
        options={"username": OURS, "client_id": CLIENT_ID},
        secrets={"client_secret": CLIENT_SECRET, "refresh_token": REFRESH_TOKEN},
    ),
    "mastodon": Kind(make=make_mastodon, service="instance", options={}, secrets={"access_token": MASTODON_TOKEN}),
    "youtube": Kind(
        make=make_youtube,
        service="api_url sign_in_url",
        options={"client_id": "client-of-the-shop"},
        secrets={"client_secret": youtube.CLIENT_SECRET, "refresh_token": youtube.REFRESH_TOKEN},
        poll_seconds=300,
    ),
    "facebook": Kind(
        make=make_graph("facebook"),
        service="service",
        options={"app_id": APP, "page_id": PAGE},
        secrets={"access_token": TOKEN, "app_secret": SECRET, "verify_token": VERIFY},
    ),
    "instagram": Kind(
        make=make_graph("instagram"),
        service="service",
        options={"app_id": APP, "account_id": ACCOUNT},
        secrets={"access_token": TOKEN, "app_secret": SECRET, "verify_token": VERIFY},
    ),
    "app_store": Kind(
        make=make_app_store,
        service="service",
        options={"app_id": APP_ID, "issuer_id": ISSUER, "key_id": KEY_ID},
        secrets={"private_key": app_store.PEM},
        poll_seconds=600,
    ),
    "google_play": Kind(
        make=make_google_play, service="service", options={"package_name": PACKAGE}, secrets={}, poll_seconds=600
    ),
    "woocommerce": Kind(
        make=make_woocommerce,
        service="site",
        options={"username": USER},
        secrets={"consumer_key": KEY, "consumer_secret": WOO_SECRET, "application_password": APP_PASSWORD},
    ),
    "etsy": Kind(
        make=make_etsy,
        service="service token_service",
        options={"shop_id": SHOP},
        secrets={"keystring": KEYSTRING, "shared_secret": SHARED_SECRET},
        poll_seconds=600,
    ),
    "feed": Kind(make=make_feed, service="", options={"private_hosts": ["127.0.0.1"]}, secrets={}, poll_seconds=900),
    "hackernews": Kind(
        make=make_hackernews,
        service="search_service item_service",
        options={"terms": ["Mizunara"]},
        secrets={},
        poll_seconds=300,
    ),
}


@dataclass(frozen=True, kw_only=True)
class Seat:
    """One account: where its platform is."""

    number: int
    kind: str
    address: str

    @property
    def name(self) -> str:
        return f"{self.kind.replace('_', '-')}-{self.number:03d}"


@dataclass(frozen=True, kw_only=True)
class Weather:
    """What goes wrong, the same on both sides of the wire. Hosts by number, moments in simulated seconds."""

    seed: int
    begins: float
    silent_hosts: int
    """So many accounts have a host that answers nothing for two hours: the caller's timeout runs out at each call."""
    accounts: int
    limited: float = 0.003
    failed: float = 0.003

    def is_silent(self, number: int, moment: float) -> bool:
        chance = random.Random(f"{self.seed}-{number}")
        if chance.random() >= self.silent_hosts / self.accounts:
            return False
        start = self.begins + chance.uniform(1, 20) * 3600
        return start <= moment < start + 7200


class Platforms:
    """All worlds behind one server: the port says which. What customers posted meanwhile is there when a call comes."""

    def __init__(self, seats: list[Seat], clock: SharedClock, weather: Weather, *, posts_an_hour: float) -> None:
        self._clock, self._weather, self._rate = clock, weather, posts_an_hour / 3600
        self._chance = random.Random(weather.seed)
        self._seats = {int(seat.address.rpartition(":")[2]): seat for seat in seats}
        self._worlds = {port: KINDS[seat.kind].make(clock, seat.address) for port, seat in self._seats.items()}
        self._next_post = {port: weather.begins + self._chance.expovariate(self._rate) for port in self._seats}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        port, now = scope["server"][1], self._clock.now()
        app, post = self._worlds[port]
        while self._next_post[port] <= now.timestamp():
            post(f"The coat of order {self._chance.randrange(10**6)} is blue, 緑を注文したのに。")
            self._next_post[port] += self._chance.expovariate(self._rate)
        dated = [(b"date", format_datetime(now, usegmt=True).encode())]
        status = self._trouble(self._seats[port].number, now.timestamp())
        if status:
            app = Response(
                status_code=status, headers={"retry-after": "60"} if status == HTTPStatus.TOO_MANY_REQUESTS else None
            )

        async def send_dated(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", ()), *dated]}
            await send(message)

        await app(scope, receive, send_dated)

    def _trouble(self, number: int, moment: float) -> int:
        if self._weather.is_silent(number, moment):
            return 504
        drawn = self._chance.random()
        if drawn < self._weather.limited:
            return 429
        return 503 if drawn < self._weather.limited + self._weather.failed else 0


def _serve(
    sockets: list[socket.socket], seats: list[Seat], moment: "Synchronized[float]", weather: Weather, posts: float
) -> None:
    app = Platforms(seats, SharedClock(moment), weather, posts_an_hour=posts)
    config = uvicorn.Config(app, log_level="error", lifespan="off", date_header=False, timeout_graceful_shutdown=1)
    uvicorn.Server(config).run(sockets=sockets)


@contextmanager
def serve_platforms(
    seats: int, moment: "Synchronized[float]", weather: Weather, *, posts_an_hour: float
) -> Iterator[list[Seat]]:
    """Yield the accounts, one after the other of each kind; their platforms are served by one process until the block ends."""
    names = list(KINDS)
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(seats)]
    made = [
        Seat(number=number, kind=names[number % len(names)], address=f"http://127.0.0.1:{one.getsockname()[1]}")
        for number, one in enumerate(sockets)
    ]
    process = multiprocessing.get_context("fork").Process(
        target=_serve, args=(sockets, made, moment, weather, posts_an_hour), daemon=True
    )
    process.start()
    for one in sockets:
        one.close()
    try:
        yield made
    finally:
        process.terminate()
        process.join()
