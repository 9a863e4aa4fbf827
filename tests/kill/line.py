"""The whole line in a child process that may be killed at any point: poll, understand, draft, approve, send, reconcile."""

import os
import random
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from classifier.backends import make_backend
from classifier.service import classify_pending
from config.brand_book import BrandBook
from config.playbook import Playbook
from config.settings import ChannelSettings, ClassifierSettings, TargetSettings
from desk.decisions import AlreadyDecidedError, PostGoneError, TypedText, approve
from desk.text_rules import TextRules
from domain.clock import FixedClock
from domain.errors import AlreadyAnsweredError, BlockedByCheckError, StaleDraftError, StorageError
from domain.ids import ChannelAccountId, UserId
from domain.words import Role, Route
from listener.channels.sandbox import SandboxChannel, SandboxPlatform
from listener.poller import poll_account
from responder.dispatch import dispatch_due
from responder.drafting import draft_pending
from responder.reconcile import reconcile_uncertain
from storage.database import Database
from storage.inbox import Split, list_queue
from storage.people import SignedInUser
from storage.threads import read_thread
from tests.conftest import OURS
from tests.kill.kill_points import KillPoints

HOLD_SECONDS = 0
SETTINGS = ChannelSettings(name="sandbox", kind="sandbox", poll_seconds=5)
EDITED = " ✓"


@dataclass(frozen=True, kw_only=True)
class Scene:
    """What every child works on."""

    url: str
    platform_file: Path
    account_id: ChannelAccountId
    ben_id: UserId
    books: dict[str, BrandBook]
    playbooks: tuple[Playbook, ...]
    journal: Path
    """Where children write, one line each, at which point they died."""


class Line:
    """The steps as ``kikite run`` runs them, over one database and one sandbox."""

    def __init__(self, scene: Scene, moment: datetime) -> None:
        clock = FixedClock(moment)
        self.scene = scene
        self.database = Database(scene.url, clock=clock)
        self.channel = SandboxChannel(SandboxPlatform(scene.platform_file, clock=clock), clock=clock)
        self.channels = {scene.account_id: self.channel}
        self.backend = make_backend(ClassifierSettings(backend="keyword"))

    def run_once(self, choose: random.Random) -> int:
        """One pass of every step; returns how much was done."""
        outcome = poll_account(
            self.database,
            OURS,
            account_id=self.scene.account_id,
            channel=self.channel,
            settings=SETTINGS,
            default_poll_seconds=5,
        )
        done = outcome.new_count
        done += classify_pending(
            self.database,
            OURS,
            backend=self.backend,
            targets=TargetSettings(),
            books=self.scene.books,
            limit=8,
        )
        done += draft_pending(
            self.database,
            OURS,
            channels=self.channels,
            books=self.scene.books,
            playbooks=self.scene.playbooks,
            limit=8,
        )
        done += self.approve_waiting(choose)
        done += dispatch_due(self.database, OURS, channels=self.channels).moved
        return done + reconcile_uncertain(self.database, OURS, channels=self.channels)

    def approve_waiting(self, choose: random.Random) -> int:
        """Ben approves what waits, every other one after changing a word; each press comes twice."""
        with self.database.snapshot(OURS) as tx:
            rows = list_queue(tx, split=Split.REVIEW, user_id=self.scene.ben_id).rows
        return sum(self._approve(row.key.conversation_id, edit=choose.random() < 0.5) for row in rows)

    def _approve(self, conversation_id: int, *, edit: bool) -> int:
        with self.database.snapshot(OURS) as tx:
            thread = read_thread(tx, conversation_id)
        options = [o for o in thread.options if o.text and o.route == Route.API_PUBLIC] if thread else []
        if not options:
            return 0
        typed = TypedText(
            draft_id=options[0].draft_id,
            revision=options[0].revision,
            text=options[0].text + (EDITED if edit else ""),
        )
        ben = SignedInUser(
            user_id=self.scene.ben_id,
            login="ben",
            display_name="Ben",
            role=Role.APPROVER,
            language="en",
            theme="auto",
            single_keys=True,
        )
        rules = TextRules(channels=dict(self.channels), books=self.scene.books)
        approved = 0
        for _press in range(2):
            try:
                with self.database.transaction(OURS) as tx:
                    approve(tx, typed, user=ben, rules=rules, hold_seconds=HOLD_SECONDS, accepted=_Everything())
                approved += 1
            except (AlreadyDecidedError, AlreadyAnsweredError, BlockedByCheckError, PostGoneError, StaleDraftError):
                continue
        return approved

    def close(self) -> None:
        self.channel.close()
        self.database.close()


class _Everything(frozenset[str]):
    """Ben has read every warning."""

    __slots__ = ()

    def __contains__(self, _code: object) -> bool:
        return True


def in_child(work: Callable[[], None]) -> int:
    """Run ``work`` in a fork and return how it ended: 0 done, negative the signal, else it broke."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            work()
            code = 0
        except BaseException:  # noqa: BLE001 - the child must never return into the test runner
            traceback.print_exc(file=sys.stderr)
        finally:
            os._exit(code)
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status)


def run_until_killed(scene: Scene, *, moment: datetime, kill_in: str, kill_at: int, seed: int) -> None:
    """What a child does: passes of the line until nothing is left or the chosen point is reached."""

    def note(place: str) -> None:
        with scene.journal.open("a", encoding="utf-8") as journal:
            journal.write(place + "\n")
            journal.flush()

    points = KillPoints(part=kill_in, at=kill_at, on_kill=note)
    line = Line(scene, moment)
    points.watch_database(line.database)
    points.watch_channel(line.channel)
    choose = random.Random(seed)
    try:
        while line.run_once(choose):
            pass
    except StorageError:
        # PostgreSQL may still hold the row of the child killed before; the next one finds it free.
        return
    line.close()
