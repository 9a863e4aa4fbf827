"""``kikite demo``: a desk filled from the sandbox platform, two weeks of history and a live trickle.

The history is made by the product itself: posts are polled, understood, drafted for, approved by the demo's people and sent to
the sandbox, with the clock set to the day. Only the newest posts are left for the newcomer.
"""

import secrets
import tempfile
import webbrowser
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from config.demo import DemoPost, demo_script
from domain.clock import FixedClock, SystemClock
from domain.errors import KikiteError
from domain.ids import UserId
from domain.words import Role
from kikite import steps
from kikite.commands.options import Bar, progress
from kikite.demo_people import DemoReader
from kikite.first_run import make_home, make_link
from kikite.product import Product, open_product
from kikite.running import bind, run
from listener.channels.sandbox import SandboxAuthor, SandboxChannel, SandboxPost
from storage.people import SignedInUser, create_user

LEFT_WAITING = timedelta(hours=8)
"""Posts younger than this are left for the newcomer."""

ANSWER_AFTER_MINUTES = (4, 11, 23, 38, 52, 75, 9, 17)
"""How long the demo's people take, in turn."""

PEOPLE = (
    ("aoi", "あおい", Role.AGENT, "ja"),
    ("ben", "べん", Role.APPROVER, "ja"),
    ("chris", "Chris", Role.APPROVER, "en"),
)


@dataclass(frozen=True, kw_only=True)
class DemoPeople:
    """Who works at the demo's desk."""

    users: dict[str, SignedInUser]
    password: str


def run_demo(home: Path | None, *, port: int, open_browser: bool) -> None:
    """Make the demo home if it is not there, fill it, and run the product on it until a signal."""
    with ExitStack() as kept:
        if home is None:
            home = Path(kept.enter_context(tempfile.TemporaryDirectory(prefix="kikite-demo-")))
        port = _free_port(port)
        fresh = not (home / "kikite.toml").exists()
        password = fill(home) if fresh else ""
        with open_product(home, port=port, log_level="warning") as product:
            run(product, ready=lambda url: _welcome(product, url, password, open_browser=open_browser))


def _free_port(port: int) -> int:
    """Return ``port``, or 0 (any free one) when another program has it."""
    try:
        bind("127.0.0.1", port).close()
    except KikiteError:
        return 0
    return port


def fill(home: Path) -> str:
    """Make the home and two weeks of its life; return the password of the demo's people."""
    begun = SystemClock().now()
    make_home(home, demo=True, login="admin")
    posts = sorted(demo_script(), key=lambda post: post.moment(begun))
    clock = FixedClock(posts[0].moment(begun))
    with progress("Filling the desk") as bar, open_product(home, clock=clock, log_level="error") as product:
        people = _add_people(product)
        _schedule(product, posts, begun)
        past = [post for post in posts if post.moment(begun) <= begun]
        _live_through(product, past, clock, people, begun, bar)
    return people.password


def _add_people(product: Product) -> DemoPeople:
    password = secrets.token_urlsafe(9)
    users = {}
    with product.database.transaction(product.workspace_id) as tx:
        for login, name, role, language in PEOPLE:
            added = create_user(tx, login=login, display_name=name, password=password, role=role, language=language)
            users[login] = SignedInUser(
                user_id=UserId(added.id),
                login=login,
                display_name=name,
                role=role,
                language=language,
                theme=added.theme,
                single_keys=added.single_keys,
            )
    return DemoPeople(users=users, password=password)


def _sandbox(product: Product) -> SandboxChannel:
    for channel in product.channels.values():
        if isinstance(channel, SandboxChannel):
            return channel
    raise KikiteError("This home has no sandbox channel.", remedy="Choose another --home for the demo.")


def _schedule(product: Product, posts: Sequence[DemoPost], begun: datetime) -> None:
    """Put every post on the platform; those of the future appear when their time comes."""
    _sandbox(product).platform.add_posts(
        [
            SandboxPost(
                external_id=post.external_id,
                text=post.text,
                author=SandboxAuthor(
                    external_id=post.author.external_id,
                    handle=post.author.handle,
                    display_name=post.author.display_name,
                ),
                kind=post.kind,
                engagement=post.engagement,
                created_at=post.moment(begun),
                parent_external_id=post.parent_external_id,
                thread_external_id=post.thread_external_id,
                language=post.language,
                rating=post.rating,
            )
            for post in posts
        ]
    )


def _live_through(
    product: Product, past: Sequence[DemoPost], clock: FixedClock, people: DemoPeople, begun: datetime, bar: Bar
) -> None:
    reader = DemoReader(product=product, meant={post.external_id: post.expect for post in past})
    for number, post in enumerate(past):
        bar(number, len(past))
        _set(clock, post.moment(begun) + timedelta(minutes=1))
        _work_through(product)
        if post.moment(begun) < begun - LEFT_WAITING:
            wait = timedelta(minutes=ANSWER_AFTER_MINUTES[number % len(ANSWER_AFTER_MINUTES)])
            _set(clock, clock.now() + wait)
            reader.answer_waiting(people.users["ben" if number % 3 else "chris"])
            _set(clock, clock.now() + timedelta(seconds=product.settings.desk.hold_seconds + 1))
            while steps.send(product):
                pass
    _set(clock, begun)
    _work_through(product)
    bar(len(past), len(past))


def _set(clock: FixedClock, moment: datetime) -> None:
    clock.advance(max(moment - clock.now(), timedelta()))


def _work_through(product: Product) -> None:
    for account_id in product.channels:
        steps.listen(product, account_id)
    for step in (steps.understand, steps.draft):
        while step(product):
            pass


def _welcome(product: Product, url: str, password: str, *, open_browser: bool) -> None:
    link = make_link(product.settings.home, login="ben", desk_url=url)
    print(f"\n  Kikite is at {url}\n")  # noqa: T201 - this is the command line
    print(f"  Open this once to sign in as Ben, an approver:\n  {link}\n")  # noqa: T201 - the same
    if password:
        print(f"  Others: aoi (agent), chris (approver, English); password for all: {password}")  # noqa: T201 - the same
    print("  New posts keep arriving. Nothing leaves this machine. Ctrl+C ends it.\n", flush=True)  # noqa: T201 - the same
    if open_browser:
        webbrowser.open(link)
