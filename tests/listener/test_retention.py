"""Forgetting in time: the words of old, closed cases go wherever they stand; what is open and what is another's stays."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from config.settings import ChannelSettings, Settings
from domain.clock import FixedClock
from domain.errors import IllegalTransitionError
from domain.ids import ChannelAccountId
from domain.lifecycle import ConversationState, DeliveryState, DraftState, MentionState
from domain.mentions import QUOTED_AUTHOR, QUOTED_TEXT, IncomingAuthor
from domain.replies import hash_text
from domain.words import ClassificationSource
from listener import retention
from listener.intake import store_mentions
from listener.retention import forget_old
from storage.corrections import LeftOut, list_human_labels
from storage.database import Database, Transaction
from storage.edits import EditedText, store_edits
from storage.forgetting import FORGOTTEN, forget_posts
from storage.ignoring import reopen_ignored
from storage.models import (
    AuditEvent,
    Author,
    ChannelAccount,
    Classification,
    Conversation,
    Delivery,
    Digest,
    Draft,
    DraftRevision,
    Mention,
    MentionRevision,
    MentionSketch,
    Reply,
    User,
    WebhookParcel,
)
from storage.threads import read_thread
from tests.cast import NOON, OURS, THEIRS
from tests.listener.posts import make_post
from tests.rows import APOLOGY, WRONG_COAT, Thread, make_account, make_conversation_with_mention, make_delivery
from tests.rows import make_draft as add_draft

SHOP = "shop"
LONG_AGO = timedelta(days=31)
ORDER = "Order A-1234 of Aya Kimura"


@dataclass
class Archive:
    """A channel whose texts are kept for thirty days."""

    database: Database
    settings: Settings
    account_id: ChannelAccountId

    def forget(self) -> int:
        return forget_old(self.database, OURS, settings=self.settings)

    def texts(self) -> list[str]:
        with self.database.snapshot(OURS) as tx:
            return list(tx.session.scalars(select(Mention.text).order_by(Mention.id)))


def add_case(
    tx: Transaction,
    *,
    age: timedelta = LONG_AGO,
    waiting: bool = False,
    **columns: Any,  # noqa: ANN401 - any column
) -> Thread:
    """Add a case of the shop's that was closed long ago, unless told otherwise."""
    account = tx.session.scalars(select(ChannelAccount).where(ChannelAccount.name == SHOP)).one()
    conversation = {"waiting": waiting, **columns.pop("conversation", {})}
    posted: dict[str, Any] = {
        "created_at": tx.now - age,
        "collected_at": tx.now - age,
        "state": MentionState.DRAFTED,
        "url": "https://social.example/aya/1",
        "platform_data": {"said": WRONG_COAT},
        **columns,
    }
    return make_conversation_with_mention(tx, account=account, conversation=conversation, **posted)


def label(mention: Mention, **columns: Any) -> Classification:  # noqa: ANN401 - any column
    told = {
        "source": ClassificationSource.MODEL,
        "model_id": "test-1",
        "language": "en",
        "sentiment": "negative",
        "intent": "complaint",
        "suggestion": False,
        "abuse": False,
        "topic": "product",
        "urgency": "high",
        "needs_reply": True,
        "needs_dm": False,
        "band": "sure",
        "reasons": [{"words": "green winter coat"}],
        "created_at": mention.created_at,
    }
    return Classification(mention_id=mention.id, **(told | columns))


def make_digest(tx: Transaction, *, quotes: list[int], key: str = "daily") -> Digest:
    row = Digest(
        period="daily",
        window_from=tx.now - LONG_AGO,
        window_to=tx.now,
        reader_address="lead@shop.example",
        language="en",
        subject="Today",
        html=f"<p>{WRONG_COAT}</p>",
        text=WRONG_COAT,
        dedupe_key=key,
        message_id=f"<{key}@shop.example>",
        mention_ids=quotes,
        state="sent",
        composed_at=tx.now - timedelta(days=20),
    )
    tx.session.add(row)
    return row


@pytest.fixture
def archive(any_database: Database, tmp_path: Path) -> Archive:
    with any_database.transaction(OURS) as tx:
        account_id = ChannelAccountId(make_account(tx, name=SHOP, kind="x").id)
    channel = ChannelSettings(name=SHOP, kind="x", retention_days=30)
    return Archive(any_database, Settings(home=tmp_path, channel=(channel,)), account_id)


def every_word(database: Database, workspace_id: Any = OURS) -> str:  # noqa: ANN401 - an id
    """Return all that is stored about people and their words, as one text."""
    models = (
        Mention,
        MentionRevision,
        Classification,
        Author,
        Draft,
        DraftRevision,
        Reply,
        Delivery,
        Digest,
        WebhookParcel,
        AuditEvent,
    )
    with database.snapshot(workspace_id) as tx:
        rows = [row for model in models for row in tx.session.scalars(select(model))]
        return "\n".join(str({name: value for name, value in vars(row).items() if name[0] != "_"}) for row in rows)


def fill_case(tx: Transaction, approver: User) -> Thread:
    """Add a case with words wherever there is room for them."""
    case = add_case(tx, author={"handle": "aya", "display_name": "綾", "url": "https://social.example/@aya"})
    mention = case.mention
    tx.session.add(
        MentionRevision(mention_id=mention.id, text=WRONG_COAT, text_original=WRONG_COAT, seen_at=mention.created_at)
    )
    tx.session.add(label(mention))
    tx.session.add(MentionSketch(mention_id=mention.id, number=7, made_at=mention.created_at))
    draft = add_draft(tx, mention=mention, facts_used=[ORDER], open_questions=[ORDER])
    delivery = make_delivery(tx, draft=draft, approved_by=approver, state=DeliveryState.SENT)
    delivery.problem_detail = ORDER
    revision = tx.session.scalars(select(DraftRevision).where(DraftRevision.draft_id == draft.id)).one()
    revision.checks = [{"code": "personal_data", "level": "warn", "values": {"found": ORDER}}]
    make_digest(tx, quotes=[mention.id])
    tx.session.add(
        WebhookParcel(channel_account_id=case.account.id, key="1", text=WRONG_COAT, received_at=tx.now - LONG_AGO)
    )
    return case


def test_every_word_of_an_old_closed_case_goes_and_what_was_done_stays(archive: Archive, ben: User) -> None:
    with archive.database.transaction(OURS) as tx:
        case = fill_case(tx, ben)
        mention_id, conversation_id, author_id = case.mention.id, case.conversation.id, case.author.id
    before = every_word(archive.database)
    for word in (WRONG_COAT, APOLOGY, ORDER, "aya", "綾", "green winter coat"):
        assert word in before
    assert archive.forget() == 1
    after = every_word(archive.database)
    for word in (WRONG_COAT, APOLOGY, ORDER, "aya", "綾", "green winter coat"):
        assert word not in after
    with archive.database.snapshot(OURS) as tx:
        mention = tx.session.get_one(Mention, mention_id)
        assert (mention.forgotten_at, mention.state) == (NOON, MentionState.DRAFTED)
        assert tx.session.get_one(Author, author_id).external_id == "customer-1"
        said = tx.session.scalars(select(Classification)).one()
        assert (said.intent, said.topic, said.reasons) == ("complaint", "product", [])
        reply = tx.session.scalars(select(Reply)).one()
        assert (reply.text, reply.text_hash) == ("", hash_text(APOLOGY))
        assert tx.session.scalars(select(Delivery.state)).all() == [DeliveryState.SENT]
        assert tx.session.scalars(select(MentionSketch.id)).all() == []
        audit = tx.session.scalars(select(AuditEvent)).one()
        assert (audit.verb, audit.conversation_id, audit.detail) == ("texts_forgotten", conversation_id, {"posts": "1"})


def test_nothing_is_forgotten_where_nothing_is_said_of_time(archive: Archive) -> None:
    with archive.database.transaction(OURS) as tx:
        add_case(tx)
    settings = archive.settings.model_copy(update={"channel": (ChannelSettings(name=SHOP, kind="x"),)})
    assert forget_old(archive.database, OURS, settings=settings) == 0
    assert archive.texts() == [WRONG_COAT]


def test_younger_posts_stay(archive: Archive) -> None:
    with archive.database.transaction(OURS) as tx:
        add_case(tx, age=timedelta(days=29))
    assert archive.forget() == 0
    assert archive.texts() == [WRONG_COAT]


def test_a_case_that_waits_keeps_its_words_whatever_its_age(archive: Archive) -> None:
    with archive.database.transaction(OURS) as tx:
        add_case(tx, age=timedelta(days=4000), waiting=True)
        add_case(tx, conversation={"state": ConversationState.SNOOZED})
        lead = add_case(tx, waiting=True)
        add_case(tx, conversation={"gathered_under_id": lead.conversation.id})
    assert archive.forget() == 0
    assert set(archive.texts()) == {WRONG_COAT}


@pytest.mark.parametrize(
    ("state", "forgotten"),
    [
        (DeliveryState.HELD, 0),
        (DeliveryState.QUEUED, 0),
        (DeliveryState.SENDING, 0),
        (DeliveryState.UNCERTAIN, 0),
        (DeliveryState.HANDED_OFF, 0),
        (DeliveryState.SENT, 1),
        (DeliveryState.REFUSED, 1),
        (DeliveryState.CANCELLED, 1),
    ],
)
def test_a_case_with_a_reply_on_its_way_keeps_its_words(
    archive: Archive, ben: User, state: DeliveryState, forgotten: int
) -> None:
    with archive.database.transaction(OURS) as tx:
        draft = add_draft(tx, mention=add_case(tx).mention)
        make_delivery(tx, draft=draft, approved_by=ben, state=state)
    assert archive.forget() == forgotten
    with archive.database.snapshot(OURS) as tx:
        assert (tx.session.scalars(select(Reply.text)).one() == "") is bool(forgotten)


def test_nothing_of_chikas_workspace_is_touched(archive: Archive, ben: User, chika: User) -> None:
    with archive.database.transaction(THEIRS) as tx:
        make_account(tx, name=SHOP, kind="x")
        fill_case(tx, chika)
    before = every_word(archive.database, THEIRS)
    with archive.database.transaction(OURS) as tx:
        fill_case(tx, ben)
    assert archive.forget() == 1
    assert every_word(archive.database, THEIRS) == before


def test_other_accounts_of_ours_keep_their_words(archive: Archive) -> None:
    with archive.database.transaction(OURS) as tx:
        make_conversation_with_mention(
            tx, account=make_account(tx), conversation={"waiting": False}, created_at=tx.now - LONG_AGO
        )
    assert archive.forget() == 0


def test_an_author_with_a_text_left_keeps_the_name(archive: Archive) -> None:
    with archive.database.transaction(OURS) as tx:
        old = add_case(tx)
        young = add_case(tx, age=timedelta(days=1))
        young.mention.author_id = old.author.id
        author_id = old.author.id
    assert archive.forget() == 1
    with archive.database.snapshot(OURS) as tx:
        assert tx.session.get_one(Author, author_id).handle == "customer1"


def test_reading_the_old_post_again_brings_back_neither_words_nor_name(archive: Archive) -> None:
    post = make_post(created_at=NOON - LONG_AGO)
    with archive.database.transaction(OURS) as tx:
        store_mentions(tx, account_id=archive.account_id, own_external_id="us", mentions=[post])
        tx.session.scalars(select(Conversation)).one().waiting = False
    assert archive.forget() == 1
    with archive.database.transaction(OURS) as tx:
        edited = make_post(created_at=post.created_at, text="Now quite another text")
        for again in (post, edited):
            stored = store_mentions(tx, account_id=archive.account_id, own_external_id="us", mentions=[again])
            assert (stored.seen, stored.new, stored.revised) == (1, 0, 0)
    words = every_word(archive.database)
    for word in (post.text, "another text", "@aya", "綾"):
        assert word not in words
    with archive.database.snapshot(OURS) as tx:
        assert tx.session.scalars(select(Conversation.waiting)).all() == [False]
        assert tx.session.scalars(select(Author.display_name)).all() == [""]


def test_a_new_post_in_a_forgotten_case_brings_the_name_back_but_not_the_old_words(archive: Archive) -> None:
    post = make_post(created_at=NOON - LONG_AGO)
    with archive.database.transaction(OURS) as tx:
        store_mentions(tx, account_id=archive.account_id, own_external_id="us", mentions=[post])
        tx.session.scalars(select(Conversation)).one().waiting = False
    archive.forget()
    with archive.database.transaction(OURS) as tx:
        later = make_post("p2", "Still no coat.", parent_external_id="p1")
        store_mentions(tx, account_id=archive.account_id, own_external_id="us", mentions=[post, later])
    assert archive.texts() == ["", "Still no coat."]
    with archive.database.snapshot(OURS) as tx:
        assert tx.session.scalars(select(Conversation.waiting)).all() == [True]
        assert tx.session.scalars(select(Author.display_name)).all() == ["綾"]


@pytest.mark.parametrize(
    ("state", "left"),
    [
        (MentionState.COLLECTED, MentionState.HANDED_OVER),
        (MentionState.UNDERSTOOD, MentionState.UNDRAFTED),
        (MentionState.GONE, MentionState.GONE),
    ],
)
def test_a_post_still_on_the_line_leaves_it(archive: Archive, state: MentionState, left: MentionState) -> None:
    with archive.database.transaction(OURS) as tx:
        mention = add_case(tx, state=state, claim_token="somebody's").mention
        add_draft(tx, mention=mention)
        mention_id = mention.id
    assert archive.forget() == 1
    with archive.database.snapshot(OURS) as tx:
        mention = tx.session.get_one(Mention, mention_id)
        assert (mention.state, mention.claim_token) == (left, None)
        assert (mention.problem == FORGOTTEN) is (state is not MentionState.GONE)
        assert tx.session.scalars(select(Draft.state)).all() == [DraftState.VOIDED]


def test_what_a_person_said_of_a_forgotten_text_teaches_no_longer(archive: Archive, aoi: User) -> None:
    with archive.database.transaction(OURS) as tx:
        account = tx.session.get_one(ChannelAccount, archive.account_id)
        account.kind = "email"
        mention = add_case(tx).mention
        tx.session.add(label(mention, source=ClassificationSource.HUMAN, user_id=aoi.id, trainable=True))
    with archive.database.snapshot(OURS) as tx:
        assert [said.left_out for said in list_human_labels(tx)] == [None]
    archive.forget()
    with archive.database.snapshot(OURS) as tx:
        assert [(said.left_out, said.text) for said in list_human_labels(tx)] == [(LeftOut.FORGOTTEN, "")]


def test_a_forgotten_case_is_not_reopened(archive: Archive) -> None:
    with archive.database.transaction(OURS) as tx:
        case = add_case(tx, conversation={"state": ConversationState.RESOLVED})
        conversation_id = case.conversation.id
    archive.forget()
    with archive.database.transaction(OURS) as tx, pytest.raises(IllegalTransitionError):
        reopen_ignored(tx, tx.session.get_one(Conversation, conversation_id))


def test_a_conversation_says_that_its_text_was_removed_in_time(archive: Archive) -> None:
    with archive.database.transaction(OURS) as tx:
        conversation_id = add_case(tx).conversation.id
    archive.forget()
    with archive.database.snapshot(OURS) as tx:
        thread = read_thread(tx, conversation_id)
        assert thread is not None
        assert [(post.forgotten, post.gone, post.text, post.author_name) for post in thread.posts] == [
            (True, False, "", "")
        ]


def test_many_old_posts_go_in_batches_past_those_that_must_stay(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "AT_ONCE", 2)
    with archive.database.transaction(OURS) as tx:
        for number in range(12):
            add_case(tx, waiting=number % 3 == 0)
    assert archive.forget() == 8
    assert archive.texts().count("") == 8
    assert archive.forget() == 0


def test_a_turn_that_is_killed_midway_is_taken_up_by_the_next(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "AT_ONCE", 2)
    with archive.database.transaction(OURS) as tx:
        for _ in range(5):
            add_case(tx)
    done = 0

    def die_in_the_second(tx: Transaction, posts: Any) -> None:  # noqa: ANN401 - passed through
        nonlocal done
        forget_posts(tx, posts)
        done += 1
        if done == 2:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(retention, "forget_posts", die_in_the_second)
        with pytest.raises(KeyboardInterrupt):
            archive.forget()
    assert archive.texts().count("") == 2
    assert archive.forget() == 3
    assert set(archive.texts()) == {""}


def test_an_edit_read_before_the_forgetting_brings_nothing_back(archive: Archive, clock: FixedClock) -> None:
    with archive.database.transaction(OURS) as tx:
        mention = add_case(tx, external_id="p1").mention
        mention.forgotten_at, mention.text, mention.text_original = clock.now(), "", ""

    with archive.database.transaction(OURS) as tx:
        row = tx.session.scalars(select(Mention)).one()
        edit = EditedText(
            mention_id=row.id,
            conversation_id=row.conversation_id,
            text="back",
            text_original="back",
            kind=row.kind,
            engagement=row.engagement,
            platform_data={},
        )
        store_edits(tx, [edit])
    assert archive.texts() == [""]


@pytest.mark.parametrize(
    "name",
    [
        {"external_id": "Zzkiwi", "handle": "Zzkiwi", "display_name": "Zzkiwi"},
        {"external_id": "zzkiwi@mail.example", "handle": "zzkiwi@mail.example", "display_name": "Z."},
        {"external_id": "blog.example:Zzkiwi", "handle": "Zzkiwi", "display_name": "Zzkiwi"},
        {"external_id": "https://blog.example/zzkiwi", "handle": "Z.", "display_name": "Z."},
    ],
)
def test_an_id_that_is_a_name_goes_with_the_name_and_what_the_person_posts_later_is_somebody_new(
    archive: Archive, name: dict[str, str]
) -> None:
    author = IncomingAuthor(**name)
    for turn in range(2):
        post = make_post(f"p{turn}", created_at=NOON - LONG_AGO, author=author, url="")
        with archive.database.transaction(OURS) as tx:
            stored = store_mentions(tx, account_id=archive.account_id, own_external_id="us", mentions=[post])
            assert stored.new == 1
            for case in tx.session.scalars(select(Conversation)):
                case.waiting = False
        assert archive.forget() == 1
        assert "zzkiwi" not in every_word(archive.database).casefold()
    with archive.database.transaction(OURS) as tx:
        again = store_mentions(tx, account_id=archive.account_id, own_external_id="us", mentions=[post])
        assert (again.new, again.seen) == (0, 1)
        assert len(set(tx.session.scalars(select(Author.external_id)))) == 2
    assert "zzkiwi" not in every_word(archive.database).casefold()


def test_posts_that_quote_a_forgotten_one_lose_its_words(archive: Archive) -> None:
    with archive.database.transaction(OURS) as tx:
        old = add_case(tx)
        quoting = add_case(
            tx,
            age=timedelta(days=1),
            text="Look at this",
            quoted_external_id=old.mention.external_id,
            platform_data={QUOTED_TEXT: WRONG_COAT, QUOTED_AUTHOR: "Zzkiwi", "said": "Look at this"},
        )
        quoting_id = quoting.mention.id
    assert archive.forget() == 1
    with archive.database.snapshot(OURS) as tx:
        assert tx.session.get_one(Mention, quoting_id).platform_data == {"said": "Look at this"}


def test_no_file_holds_what_was_forgotten(database: Database, tmp_path: Path) -> None:
    with database.transaction(OURS) as tx:
        account_id = ChannelAccountId(make_account(tx, name=SHOP, kind="x").id)
        add_case(tx, text="zzkiwi wrote this")
    channel = ChannelSettings(name=SHOP, kind="x", retention_days=30)
    archive = Archive(database, Settings(home=tmp_path, channel=(channel,)), account_id)
    path = Path(database.url.removeprefix("sqlite:///"))

    def in_files() -> bool:
        return any(b"zzkiwi" in file.read_bytes() for file in path.parent.glob(f"{path.name}*"))

    assert in_files()
    assert archive.forget() == 1
    assert not in_files()
