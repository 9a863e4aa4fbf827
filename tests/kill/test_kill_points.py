"""kill -9 at more than a hundred seeded points across poll, understand, draft, approve and send: nothing lost, nothing twice."""

import collections
import random
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from config.home_writer import write_home
from config.prose import load_books, load_playbooks
from domain.ids import ChannelAccountId, UserId
from domain.lifecycle import DeliveryState, MentionState
from listener.channels.sandbox import SandboxAuthor, SandboxPlatform, SandboxPost
from listener.channels.sandbox.faults import Fault, FaultKind, SandboxCall
from storage.database import Database
from storage.models import Delivery, Mention, Review, User
from tests.conftest import NOON, OURS
from tests.kill.line import Line, Scene, in_child, run_until_killed
from tests.rows import make_account

KILLS = 120
MOST_CHILDREN = 500
STEP = timedelta(minutes=12)
"""Between two children: longer than any lease, so that the next one takes over what the killed one held."""
PARTS = ("poll", "mention", "classification", "draft", "review", "reply", "delivery", "calling", "commit", "select")
"""Kills are spread over the line by what the point is about, and fall at a seeded one of those points."""
LAST_POINT = 12
"""Most of these a child passes twelve times; in one that does not, it lives."""

TEXTS = (
    "@our_shop 緑のコートを注文したのに青いコートが届きました。交換してもらえますか?",
    "@our_shop I ordered a green coat and got a blue one. What now?",
    "@our_shop 先週注文した商品がまだ届いていません。いつ届きますか?",
    "@our_shop My refund still has not arrived and nobody answers my emails.",
    "@our_shop 店員さんがとても親切でした!ありがとうございます",
    "@our_shop The new scarf is lovely, thank you so much!",
)


def post(number: int) -> SandboxPost:
    return SandboxPost(
        external_id=f"post-{number}",
        text=f"{TEXTS[number % len(TEXTS)]} #{number}",
        author=SandboxAuthor(external_id=f"author-{number}", handle=f"customer{number}"),
        created_at=NOON + STEP * (number // 2),
    )


@pytest.fixture
def scene(any_database: Database, ben: User, tmp_path: Path) -> Scene:
    write_home(tmp_path / "home", demo=True)
    books = load_books(tmp_path / "home")
    with any_database.transaction(OURS) as tx:
        account = make_account(tx, name="sandbox", brand=next(iter(books)), own_external_id="own-account")
    platform = SandboxPlatform(tmp_path / "platform.db")
    platform.set_fault(SandboxCall.REPLY, Fault(kind=FaultKind.AMBIGUOUS, times=None, probability=0.2, seed=1))
    platform.set_fault(SandboxCall.REPLY, Fault(kind=FaultKind.LOST, times=None, probability=0.1, seed=2))
    platform.set_fault(
        SandboxCall.REPLY,
        Fault(kind=FaultKind.RETRYABLE, times=None, probability=0.1, seed=3, retry_after_seconds=30),
    )
    return Scene(
        url=any_database.engine.url.render_as_string(hide_password=False),
        platform_file=tmp_path / "platform.db",
        account_id=ChannelAccountId(account.id),
        ben_id=UserId(ben.id),
        books=books,
        playbooks=load_playbooks(None),
        journal=tmp_path / "kills.txt",
    )


@pytest.mark.kill
def test_no_mention_is_lost_and_no_reply_leaves_twice_whatever_is_killed_when(
    scene: Scene,
    any_database: Database,
    capfd: pytest.CaptureFixture[str],
    record_property: Callable[[str, object], None],
) -> None:
    any_database.close()  # children must not inherit open connections
    pick = random.Random(20261121)
    platform = SandboxPlatform(scene.platform_file)
    kills = children = 0
    while kills < KILLS and children < MOST_CHILDREN:
        platform.add_posts([post(2 * children), post(2 * children + 1)])
        moment = NOON + STEP * children
        part, kill_at = pick.choice(PARTS), pick.randint(1, LAST_POINT)
        code = in_child(
            lambda part=part, at=kill_at, when=moment, seed=children: run_until_killed(  # type: ignore[misc]  # defaults bind the loop's values
                scene, moment=when, kill_in=part, kill_at=at, seed=seed
            )
        )
        assert code in {0, -9}, capfd.readouterr().err
        kills += code == -9
        children += 1
    assert kills >= KILLS

    posted = 2 * children
    finish(scene, NOON + STEP * children)
    places = collections.Counter(line.split("(")[0] for line in scene.journal.read_text(encoding="utf-8").splitlines())
    sent = platform.sent_posts()
    kind = any_database.engine.dialect.name
    record_property(
        "figures", f"{kind}: {kills} kills in {children} runs, {posted} posts, {len(sent)} replies; {dict(places)}"
    )

    with any_database.snapshot(OURS) as tx:
        mentions = {row.id: (row.external_id, row.state) for row in tx.session.scalars(select(Mention))}
        deliveries = [(row.mention_id, row.state) for row in tx.session.scalars(select(Delivery))]
        reviews = tx.session.scalar(select(func.count(Review.id)))
    assert sorted(name for name, _ in mentions.values()) == sorted(f"post-{number}" for number in range(posted))
    assert {state for _, state in mentions.values()} <= {MentionState.DRAFTED, MentionState.UNDRAFTED}
    # Exactly one review, one delivery and one post on the platform for each approval, though each press came twice.
    assert reviews == len(deliveries) == len({mention_id for mention_id, _ in deliveries})
    assert {state for _, state in deliveries} == {DeliveryState.SENT}
    targets = collections.Counter(post.target_external_id for post in sent)
    assert max(targets.values()) == 1
    assert set(targets) == {mentions[mention_id][0] for mention_id, _ in deliveries}
    assert len(sent) > posted / 2
    # The kills really fell everywhere.
    assert [part for part in PARTS if not any(part in place for place in places)] == []


def finish(scene: Scene, moment: datetime) -> None:
    """Let a healthy process work until nothing moves, hours after the last kill."""
    for _round in range(12):
        moment += STEP
        line = Line(scene, moment)
        while line.run_once(random.Random(0)):
            pass
        line.close()
