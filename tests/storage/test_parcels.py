"""Parcels: each key once, in the order of their keeping, there until a page was made of them, and no longer."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from config.settings import ChannelSettings
from domain.clock import FixedClock
from domain.ids import ChannelAccountId, WorkspaceId
from domain.mentions import Page
from domain.webhooks import Parcel
from listener.accounts import sync_accounts
from listener.poller import poll_account
from storage.database import Database
from storage.early_deletions import EARLY_KEPT, prune_early_deletions
from storage.listening import due_accounts
from storage.models import ChannelAccount, Mention, WebhookParcel
from storage.parcels import KEYS_KEPT, StoredInbox, empty_parcels, prune_parcels, store_parcels
from tests.cast import NOON, OURS, THEIRS
from tests.desk.setting import QuietChannel
from tests.listener.posts import make_post

CHAT = ChannelSettings(name="chat", kind="webhook")


def connect(database: Database, workspace_id: WorkspaceId = OURS) -> ChannelAccountId:
    with database.transaction(workspace_id) as tx:
        return sync_accounts(tx, [CHAT])["chat"]


def keep(database: Database, account_id: ChannelAccountId, *keys: str, workspace_id: WorkspaceId = OURS) -> int:
    with database.transaction(workspace_id) as tx:
        return store_parcels(tx, account_id, [Parcel(key=key, text=f"text of {key}") for key in keys])


def inbox_of(database: Database, account_id: ChannelAccountId, workspace_id: WorkspaceId = OURS) -> StoredInbox:
    return StoredInbox(database, workspace_id, account_id)


def keys(database: Database, account_id: ChannelAccountId, *, after: int = 0, limit: int = 100) -> list[str]:
    return [parcel.key for parcel in inbox_of(database, account_id).read(after, limit=limit)]


def test_each_key_is_kept_once(any_database: Database) -> None:
    account_id = connect(any_database)
    assert keep(any_database, account_id, "a", "b", "a") == 2
    assert keep(any_database, account_id, "b", "c") == 1
    assert keep(any_database, account_id) == 0
    assert keys(any_database, account_id) == ["a", "b", "c"]


def test_parcels_are_read_in_the_order_in_which_they_were_kept_a_page_at_a_time(any_database: Database) -> None:
    account_id = connect(any_database)
    names = [f"event-{number:04}" for number in reversed(range(1200))]
    keep(any_database, account_id, *names[:1100])
    keep(any_database, account_id, *names[1100:])
    found = inbox_of(any_database, account_id).read(0, limit=5000)
    assert [parcel.key for parcel in found] == names
    assert [parcel.number for parcel in found] == sorted(parcel.number for parcel in found)
    assert (found[0].text, found[0].received_at) == (f"text of {names[0]}", NOON)
    assert keys(any_database, account_id, after=found[9].number, limit=2) == names[10:12]


def test_a_read_parcel_is_emptied_but_its_key_is_still_known(any_database: Database) -> None:
    account_id = connect(any_database)
    keep(any_database, account_id, "a", "b", "c")
    second = inbox_of(any_database, account_id).read(0, limit=2)[-1].number
    with any_database.transaction(OURS) as tx:
        empty_parcels(tx, account_id, upto=second)
    assert keys(any_database, account_id) == ["c"]
    assert keep(any_database, account_id, "a") == 0
    assert keys(any_database, account_id) == ["c"]


def test_keys_go_after_thirty_days_but_what_nobody_read_stays(any_database: Database, clock: FixedClock) -> None:
    account_id = connect(any_database)
    keep(any_database, account_id, "read", "unread")
    first = inbox_of(any_database, account_id).read(0, limit=1)[0].number
    with any_database.transaction(OURS) as tx:
        empty_parcels(tx, account_id, upto=first)
    for passed, gone in ((KEYS_KEPT, 0), (timedelta(seconds=1), 1), (KEYS_KEPT, 0)):
        clock.advance(passed)
        with any_database.transaction(OURS) as tx:
            assert prune_parcels(tx) == gone
    assert keys(any_database, account_id) == ["unread"]


def test_another_workspace_sees_empties_and_prunes_nothing_of_ours(any_database: Database, clock: FixedClock) -> None:
    ours, theirs = connect(any_database), connect(any_database, THEIRS)
    keep(any_database, ours, "a")
    assert keep(any_database, theirs, "a", workspace_id=THEIRS) == 1
    assert list(inbox_of(any_database, ours, THEIRS).read(0, limit=9)) == []
    with any_database.transaction(THEIRS) as tx:
        empty_parcels(tx, ours, upto=10**6)
        empty_parcels(tx, theirs, upto=10**6)
    assert keys(any_database, ours) == ["a"]
    with any_database.transaction(OURS) as tx:
        empty_parcels(tx, ours, upto=10**6)
    clock.advance(2 * KEYS_KEPT)
    with any_database.transaction(THEIRS) as tx:
        assert prune_parcels(tx) == 1
    with any_database.snapshot(OURS) as tx:
        assert tx.session.scalars(select(WebhookParcel.key)).all() == ["a"]


def due_at(database: Database) -> object:
    with database.snapshot(OURS) as tx:
        return tx.session.scalar(select(ChannelAccount.next_poll_at).where(ChannelAccount.name == "chat"))


def test_the_next_poll_becomes_due_when_something_new_came(any_database: Database) -> None:
    account_id = connect(any_database)
    later = NOON + timedelta(hours=1)
    set_account(any_database, next_poll_at=later)
    keep(any_database, account_id, "a")
    assert due_at(any_database) == NOON
    set_account(any_database, next_poll_at=later)
    keep(any_database, account_id, "a")
    assert due_at(any_database) == later, "a repeat brings nothing"


def test_an_account_that_fails_is_polled_when_it_was_planned(any_database: Database) -> None:
    account_id = connect(any_database)
    later = NOON + timedelta(hours=1)
    set_account(any_database, next_poll_at=later, failing_since=NOON)
    assert keep(any_database, account_id, "a") == 1
    assert due_at(any_database) == later


def test_a_poll_that_is_overdue_is_not_put_off(any_database: Database) -> None:
    account_id = connect(any_database)
    earlier = NOON - timedelta(hours=1)
    set_account(any_database, next_poll_at=earlier)
    keep(any_database, account_id, "a")
    assert due_at(any_database) == earlier


def set_account(database: Database, **values: object) -> None:
    with database.transaction(OURS) as tx:
        tx.session.execute(update(ChannelAccount).where(ChannelAccount.name == "chat").values(**values))


@dataclass(frozen=True)
class Reading(QuietChannel):
    """Makes a mention of each of the next two parcels; ``before_answer`` happens while it is at it."""

    inbox: StoredInbox | None = None
    before_answer: Callable[[], object] = bool
    gone: tuple[str, ...] = ()

    def poll(self, cursor: str | None) -> Page:
        assert self.inbox is not None
        found = self.inbox.read(int(cursor or 0), limit=2)
        self.before_answer()
        last = found[-1].number if found else int(cursor or 0)
        mentions = tuple(make_post(parcel.key, parcel.text) for parcel in found)
        return Page(mentions=mentions, cursor=str(last), more=len(found) == 2, gone=self.gone, parcels_read=last)


def poll(database: Database, account_id: ChannelAccountId, channel: Reading, *, pages: int = 10) -> str:
    settings = CHAT.model_copy(update={"max_pages_per_poll": pages})
    return poll_account(
        database, OURS, account_id=account_id, channel=channel, settings=settings, default_poll_seconds=60
    ).outcome


def states(database: Database) -> dict[str, tuple[str, str]]:
    with database.snapshot(OURS) as tx:
        return {row.external_id: (row.state, row.text) for row in tx.session.scalars(select(Mention))}


def test_a_recorded_page_empties_its_parcels_and_no_others(any_database: Database) -> None:
    account_id = connect(any_database)
    keep(any_database, account_id, "a", "b", "c")
    channel = Reading(inbox=inbox_of(any_database, account_id))
    assert poll(any_database, account_id, channel, pages=1) == "done"
    assert keys(any_database, account_id) == ["c"]
    assert poll(any_database, account_id, channel) == "done"
    assert keys(any_database, account_id) == []
    assert set(states(any_database)) == {"a", "b", "c"}


def test_a_poll_that_lost_its_claim_empties_nothing(any_database: Database) -> None:
    account_id = connect(any_database)
    keep(any_database, account_id, "a", "b", "c")

    def lose() -> None:
        set_account(any_database, claim_token="another process")

    channel = Reading(inbox=inbox_of(any_database, account_id), before_answer=lose)
    assert poll(any_database, account_id, channel) == "busy"
    assert keys(any_database, account_id) == ["a", "b", "c"]


def test_a_process_killed_between_page_and_commit_finds_its_parcels_again(any_database: Database) -> None:
    account_id = connect(any_database)
    keep(any_database, account_id, "a", "b")

    def die() -> None:
        raise KeyboardInterrupt

    inbox = inbox_of(any_database, account_id)
    with pytest.raises(KeyboardInterrupt):
        poll(any_database, account_id, Reading(inbox=inbox, before_answer=die))
    assert keys(any_database, account_id) == ["a", "b"]
    set_account(any_database, claim_token=None, claimed_until=None)
    assert poll(any_database, account_id, Reading(inbox=inbox)) == "done"
    assert set(states(any_database)) == {"a", "b"}


def test_a_page_that_tells_of_deletions_blanks_those_posts(any_database: Database) -> None:
    account_id = connect(any_database)
    keep(any_database, account_id, "a", "b")
    inbox = inbox_of(any_database, account_id)
    poll(any_database, account_id, Reading(inbox=inbox))
    poll(any_database, account_id, Reading(inbox=inbox, gone=("a", "never seen")))
    found = states(any_database)
    assert found["a"] == ("gone", "")
    assert found["b"][1] == "text of b"


def test_a_post_that_was_told_deleted_before_it_came_is_not_taken_in(any_database: Database) -> None:
    account_id = connect(any_database)
    inbox = inbox_of(any_database, account_id)
    poll(any_database, account_id, Reading(inbox=inbox, gone=("b", "b")))
    keep(any_database, account_id, "a", "b")
    poll(any_database, account_id, Reading(inbox=inbox))
    assert set(states(any_database)) == {"a"}


def test_a_call_that_comes_during_a_quiet_poll_is_not_left_lying(any_database: Database, clock: FixedClock) -> None:
    account_id = connect(any_database)

    def knock() -> None:
        clock.advance(timedelta(seconds=5))
        keep(any_database, account_id, "late")

    channel = Reading(inbox=inbox_of(any_database, account_id), before_answer=knock)
    settings = CHAT.model_copy(update={"quiet_poll_seconds": 3_600})
    set_account(any_database, quiet_polls=8)
    poll_account(any_database, OURS, account_id=account_id, channel=channel, settings=settings, default_poll_seconds=60)
    with any_database.snapshot(OURS) as tx:
        assert due_accounts(tx, [account_id]) == [(account_id, "chat")]


def test_early_deletions_are_forgotten_after_a_month(any_database: Database, clock: FixedClock) -> None:
    account_id = connect(any_database)
    poll(any_database, account_id, Reading(inbox=inbox_of(any_database, account_id), gone=("b",)))
    for passed, forgotten in ((EARLY_KEPT, 0), (timedelta(seconds=1), 1)):
        clock.advance(passed)
        with any_database.transaction(OURS) as tx:
            assert prune_early_deletions(tx) == forgotten


@pytest.mark.partner
def test_numbers_grow_in_the_order_of_commits_so_that_no_reader_jumps_over_one(postgres_url: str) -> None:
    """Two calls at once: the second waits, else its higher number could be seen before the first's lower one."""
    database = Database(postgres_url, clock=FixedClock(NOON))
    account_id = connect(database)
    began, done = threading.Event(), threading.Event()

    def second() -> None:
        began.set()
        keep(database, account_id, "second")
        done.set()

    other = threading.Thread(target=second)
    with database.transaction(OURS) as tx:
        store_parcels(tx, account_id, [Parcel(key="first", text="1")])
        other.start()
        assert began.wait(10)
        assert not done.wait(0.3)
        assert keys(database, account_id) == []
    other.join(10)
    assert done.is_set()
    assert keys(database, account_id) == ["first", "second"]
    database.close()
