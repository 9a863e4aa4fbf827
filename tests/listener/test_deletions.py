"""What is deleted upstream: the text goes, drafts and waiting replies with it, and nothing else."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from time import monotonic

import pytest
from sqlalchemy import select

from config.settings import Settings
from domain.clock import FixedClock
from domain.ids import ChannelAccountId
from domain.lifecycle import ConversationState, DeliveryState, DraftState, MentionState
from listener.channels.import_file import ImportChannel
from listener.channels.sandbox import SandboxAuthor, SandboxCall, SandboxChannel, SandboxPlatform, SandboxPost
from listener.channels.sandbox.faults import FaultKind
from listener.deletions import check_deletions
from listener.intake import store_mentions
from listener.retention import forget_old
from storage.database import Database
from storage.models import (
    AuditEvent,
    Author,
    Conversation,
    Delivery,
    Digest,
    Draft,
    DraftRevision,
    LiveEvent,
    Mention,
    MentionRevision,
    Reply,
    User,
)
from tests.cast import NOON, OURS
from tests.listener.posts import load_case, load_mention
from tests.rows import make_account, make_delivery, make_draft

NAME = "account-1"


class Desk:
    """A sandbox with posts that were taken in an hour ago. Each account has its own platform behind it."""

    def __init__(self, database: Database, tmp_path: Path, clock: FixedClock) -> None:
        self.database = database
        self.clock = clock
        self.platform = SandboxPlatform(tmp_path / "platform.db", clock=clock)
        self.channel = SandboxChannel(self.platform, clock=clock)
        with database.transaction(OURS) as tx:
            self.account_id = ChannelAccountId(make_account(tx, name=NAME).id)
        self.settings = Settings(home=tmp_path)

    def take_in(self, *names: str, parent: str = "") -> None:
        author = SandboxAuthor(external_id="aya-id", handle="aya")
        self.platform.add_posts(
            [
                SandboxPost(text=f"text of {name}", author=author, external_id=name, parent_external_id=parent)
                for name in names
            ]
        )
        with self.database.transaction(OURS) as tx:
            store_mentions(
                tx, account_id=self.account_id, own_external_id="us", mentions=self.channel.poll(None).mentions
            )
        self.clock.advance(timedelta(hours=1))

    def check(self) -> int:
        return check_deletions(self.database, OURS, channels={self.account_id: self.channel}, settings=self.settings)


@pytest.fixture
def desk(any_database: Database, tmp_path: Path, clock: FixedClock) -> Desk:
    return Desk(any_database, tmp_path, clock)


def test_a_deleted_post_loses_its_text_and_leaves_the_queue(desk: Desk) -> None:
    desk.take_in("kept", "gone")
    with desk.database.transaction(OURS) as tx:
        draft_id = make_draft(tx, mention=load_mention(tx, "gone")).id
    desk.platform.delete_post("gone")
    assert desk.check() == 1
    with desk.database.snapshot(OURS) as tx:
        mention, case = load_mention(tx, "gone"), load_case(tx, "gone")
        assert (mention.state, mention.text, mention.text_original) == (MentionState.GONE, "", "")
        assert mention.gone_at == NOON + timedelta(hours=1)
        assert (case.waiting, case.waiting_since, case.lead_mention_id) == (False, None, None)
        assert tx.session.get_one(Draft, draft_id).state == DraftState.VOIDED
        assert load_mention(tx, "kept").text == "text of kept"
        assert load_case(tx, "kept").waiting is True
        audit = tx.session.scalars(select(AuditEvent).where(AuditEvent.verb == "mention_gone")).one()
        assert (audit.actor, audit.subject) == ("listener", f"mention:{mention.id}")
        told = tx.session.scalars(select(LiveEvent.conversation_id).order_by(LiveEvent.id.desc())).first()
        assert told == case.id


def test_earlier_texts_of_a_deleted_post_go_too(desk: Desk) -> None:
    desk.take_in("p")
    desk.platform.edit_post("p", "changed")
    desk.take_in()
    desk.platform.delete_post("p")
    assert desk.check() == 1
    with desk.database.snapshot(OURS) as tx:
        revision = tx.session.scalars(select(MentionRevision)).one()
        assert (revision.text, revision.text_original) == ("", "")


def test_a_stored_digest_that_quotes_a_deleted_post_is_blanked(desk: Desk) -> None:
    desk.take_in("p")
    with desk.database.transaction(OURS) as tx:
        digest = Digest(
            period="daily",
            window_from=NOON - timedelta(days=1),
            window_to=NOON,
            reader_address="lead@shop.example",
            language="en",
            subject="Today",
            html="<p>text of p</p>",
            text="text of p",
            dedupe_key="daily",
            message_id="<1@shop.example>",
            mention_ids=[load_mention(tx, "p").id],
            state="sent",
            composed_at=tx.now,
        )
        tx.session.add(digest)
    desk.platform.delete_post("p")
    assert desk.check() == 1
    with desk.database.snapshot(OURS) as tx:
        row = tx.session.scalars(select(Digest)).one()
        assert "text of p" not in row.text + row.html


@pytest.mark.parametrize("state", [DeliveryState.HELD, DeliveryState.QUEUED])
def test_a_reply_that_has_not_left_is_cancelled(desk: Desk, ben: User, state: DeliveryState) -> None:
    desk.take_in("p")
    with desk.database.transaction(OURS) as tx:
        make_delivery(tx, draft=make_draft(tx, mention=load_mention(tx, "p")), approved_by=ben, state=state)
    desk.platform.delete_post("p")
    assert desk.check() == 1
    with desk.database.snapshot(OURS) as tx:
        delivery = tx.session.scalars(select(Delivery)).one()
        assert (delivery.state, delivery.problem) == (DeliveryState.CANCELLED, "post_gone")
        assert tx.session.scalars(select(Draft.state)).all() == [DraftState.VOIDED]
        assert load_case(tx, "p").waiting is False


def test_a_reply_that_has_left_stays_what_it_is(desk: Desk, ben: User) -> None:
    desk.take_in("p")
    with desk.database.transaction(OURS) as tx:
        draft = make_draft(tx, mention=load_mention(tx, "p"))
        make_delivery(tx, draft=draft, approved_by=ben, state=DeliveryState.SENT, sent_at=tx.now)
        load_case(tx, "p").waiting = True
    desk.platform.delete_post("p")
    assert desk.check() == 1
    with desk.database.snapshot(OURS) as tx:
        assert tx.session.scalars(select(Delivery.state)).all() == [DeliveryState.SENT]
        assert tx.session.scalars(select(Draft.state)).all() == [DraftState.APPROVED]


def test_a_case_with_another_post_that_waits_stays_in_the_queue_with_that_posts_clock(desk: Desk) -> None:
    desk.take_in("first")
    desk.take_in("second", parent="first")
    desk.platform.delete_post("first")
    assert desk.check() == 1
    with desk.database.snapshot(OURS) as tx:
        case = load_case(tx, "first")
        assert (case.waiting, case.waiting_since) == (True, NOON + timedelta(hours=1))
        assert case.lead_mention_id == load_mention(tx, "second").id


def test_an_answered_post_in_the_thread_does_not_keep_the_case_waiting(desk: Desk) -> None:
    desk.take_in("answered")
    with desk.database.transaction(OURS) as tx:
        case = load_case(tx, "answered")
        case.waiting, case.waiting_since = False, None
    desk.take_in("thanks", parent="answered")
    desk.platform.delete_post("thanks")
    assert desk.check() == 1
    with desk.database.snapshot(OURS) as tx:
        case = load_case(tx, "answered")
        assert (case.waiting, case.lead_mention_id) == (False, load_mention(tx, "answered").id)


def test_only_waiting_posts_not_asked_about_lately_are_asked_about(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    ask = desk.channel.still_there

    def note(external_ids: Sequence[str]) -> frozenset[str]:
        asked.extend(external_ids)
        return ask(external_ids)

    monkeypatch.setattr(desk.channel, "still_there", note)
    desk.take_in("open", "closed")
    with desk.database.transaction(OURS) as tx:
        case = load_case(tx, "closed")
        case.waiting, case.state = False, ConversationState.RESOLVED
    assert desk.check() == 0
    assert asked == ["open"]
    desk.clock.advance(timedelta(minutes=20))
    desk.check()
    assert asked == ["open"]
    desk.clock.advance(timedelta(minutes=20))
    desk.check()
    assert asked == ["open", "open"]


@pytest.mark.parametrize("fault", [FaultKind.RETRYABLE, FaultKind.PERMANENT])
def test_a_platform_that_does_not_answer_takes_nothing_away(desk: Desk, fault: FaultKind) -> None:
    desk.take_in("p")
    desk.platform.delete_post("p")
    desk.platform.set_fault(SandboxCall.STILL_THERE, fault)
    assert desk.check() == 0
    with desk.database.snapshot(OURS) as tx:
        assert load_mention(tx, "p").text == "text of p"
    desk.clock.advance(timedelta(hours=2))
    assert desk.check() == 1


def test_a_fault_of_a_channel_takes_nothing_away(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.take_in("p")
    monkeypatch.setattr(desk.channel, "still_there", lambda _: dict[str, frozenset[str]]()["broken"])
    assert desk.check() == 0


def test_what_is_gone_is_gone_once_and_does_not_come_back_with_the_next_poll(desk: Desk) -> None:
    desk.take_in("p")
    post = desk.channel.poll(None).mentions
    desk.platform.delete_post("p")
    assert [desk.check(), desk.check()] == [1, 0]
    with desk.database.transaction(OURS) as tx:
        store_mentions(tx, account_id=desk.account_id, own_external_id="us", mentions=post)
    with desk.database.snapshot(OURS) as tx:
        assert load_mention(tx, "p").text == ""
        assert tx.session.scalars(select(Conversation.waiting)).all() == [False]


def test_a_channel_that_does_not_tell_deletions_is_never_asked(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.take_in("p")
    silent = ImportChannel()
    monkeypatch.setattr(silent, "still_there", lambda _: frozenset())
    assert check_deletions(desk.database, OURS, channels={desk.account_id: silent}, settings=desk.settings) == 0
    with desk.database.snapshot(OURS) as tx:
        assert tx.session.scalars(select(Mention.checked_at)).all() == [None]


# -- names and our own words -------------------------------------------------------------------------------------------

HI = "Hi Zzkiwi"


def _know_by_name(desk: Desk, *posts: str) -> int:
    """Give the author of ``posts`` a name that stands nowhere else; return their id."""
    with desk.database.transaction(OURS) as tx:
        for post in posts:
            load_mention(tx, post).url = f"https://social.example/zzkiwi/{post}"
        author = tx.session.scalars(select(Author)).one()
        author.handle, author.display_name, author.url = "zzkiwi", "Zzkiwi", "https://social.example/@zzkiwi"
        return author.id


def test_what_nobody_approved_the_name_and_the_address_go_with_the_post(desk: Desk, ben: User) -> None:
    desk.take_in("p")
    author_id = _know_by_name(desk, "p")
    with desk.database.transaction(OURS) as tx:
        mention = load_mention(tx, "p")
        make_draft(tx, mention=mention, text=HI, facts_used=["Zzkiwi ordered"], open_questions=["Zzkiwi?"])
        sent = make_draft(tx, mention=mention, text="Approved for Zzkiwi", facts_used=["Zzkiwi"])
        make_delivery(tx, draft=sent, approved_by=ben, state=DeliveryState.SENT, sent_at=tx.now)
        load_case(tx, "p").waiting = True
    desk.platform.delete_post("p")
    assert desk.check() == 1
    with desk.database.snapshot(OURS) as tx:
        assert load_mention(tx, "p").url == ""
        author = tx.session.get_one(Author, author_id)
        assert (author.external_id, author.handle, author.display_name, author.url) == ("aya-id", "", "", "")
        texts = set(tx.session.scalars(select(DraftRevision.text)))
        assert texts == {"", "Approved for Zzkiwi"}
        assert tx.session.scalars(select(Reply.text)).all() == ["Approved for Zzkiwi"]
        assert tx.session.scalars(select(Draft.facts_used)).all() == [[], []]
        assert [] in tx.session.scalars(select(Draft.open_questions)).all()


def test_a_person_of_whom_another_post_is_there_keeps_the_name_until_that_is_gone(desk: Desk) -> None:
    desk.take_in("first", "second")
    author_id = _know_by_name(desk, "first", "second")
    desk.platform.delete_post("first")
    assert desk.check() == 1
    with desk.database.snapshot(OURS) as tx:
        assert tx.session.get_one(Author, author_id).handle == "zzkiwi"
    desk.platform.delete_post("second")
    desk.clock.advance(timedelta(hours=1))
    assert desk.check() == 1
    with desk.database.snapshot(OURS) as tx:
        assert tx.session.get_one(Author, author_id).handle == ""


def test_somebody_whose_reply_may_still_be_looked_for_keeps_the_name(desk: Desk, ben: User) -> None:
    desk.take_in("p")
    author_id = _know_by_name(desk, "p")
    with desk.database.transaction(OURS) as tx:
        draft = make_draft(tx, mention=load_mention(tx, "p"))
        make_delivery(tx, draft=draft, approved_by=ben, state=DeliveryState.UNCERTAIN)
        load_case(tx, "p").waiting = True
    desk.platform.delete_post("p")
    assert desk.check() == 1
    with desk.database.snapshot(OURS) as tx:
        assert tx.session.get_one(Author, author_id).handle == "zzkiwi"


# -- the files ---------------------------------------------------------------------------------------------------------

SECRET = "zzkiwi-wrote-this "


def _bytes_of(database: Database) -> bytes:
    path = Path(database.url.removeprefix("sqlite:///"))
    return b"".join(file.read_bytes() for file in sorted(path.parent.glob(f"{path.name}*")))


@pytest.mark.parametrize("times", [1, 3_000], ids=["short", "over many pages"])
def test_no_file_holds_what_was_deleted(database: Database, tmp_path: Path, clock: FixedClock, times: int) -> None:
    desk = Desk(database, tmp_path, clock)
    desk.take_in("p", "stays")
    with database.transaction(OURS) as tx:
        load_mention(tx, "p").text = SECRET * times
    assert SECRET.encode() in _bytes_of(database)
    desk.platform.delete_post("p")
    assert desk.check() == 1
    assert SECRET.encode() not in _bytes_of(database)
    assert b"text of stays" in _bytes_of(database)


def test_a_reader_holds_nothing_up_and_the_file_is_cleared_by_the_next_round(
    database: Database, tmp_path: Path, clock: FixedClock
) -> None:
    desk = Desk(database, tmp_path, clock)
    desk.take_in("p")
    with database.transaction(OURS) as tx:
        load_mention(tx, "p").text = SECRET
    desk.platform.delete_post("p")
    with database.snapshot(OURS) as tx:
        assert load_mention(tx, "p").text == SECRET
        before = monotonic()
        assert desk.check() == 1
        assert monotonic() - before < 5
    assert SECRET.encode() in _bytes_of(database)
    forget_old(database, OURS, settings=desk.settings)
    assert SECRET.encode() not in _bytes_of(database)
