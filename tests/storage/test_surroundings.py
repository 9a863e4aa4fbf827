"""What a text about a mention is read against: of this workspace, of this person on all profiles, of this day."""

from datetime import timedelta

from domain.clock import FixedClock
from domain.lifecycle import DeliveryState
from storage.database import Database
from storage.models import Author, ChannelAccount, Classification, Customer, User
from storage.surroundings import NOTHING_AROUND, read_said_today, read_surroundings
from tests.cast import OURS, THEIRS
from tests.rows import make_account, make_conversation_with_mention, make_delivery, make_draft

SENT = {"state": DeliveryState.SENT}


def answer(database: Database, ben: User, *, text: str, account_id: int = 0, **author: object) -> tuple[int, int]:
    """Let Ben answer a new post with ``text``; returns the ids of the post and of the account."""
    with database.transaction(OURS) as tx:
        account = tx.session.get(ChannelAccount, account_id) if account_id else make_account(tx, name="shop")
        thread = make_conversation_with_mention(tx, account=account, author=author)
        draft = make_draft(tx, mention=thread.mention, text=text)
        make_delivery(tx, draft=draft, approved_by=ben, sent_at=tx.now, **SENT)
        return thread.mention.id, thread.account.id


def test_what_we_said_to_a_person_counts_on_every_linked_profile(any_database: Database, ben: User) -> None:
    first, account = answer(any_database, ben, text="On one profile.", display_name="Emma")
    second, _ = answer(any_database, ben, text="On the other.", account_id=account, handle="emma_w")
    stranger, _ = answer(any_database, ben, text="To somebody else.", account_id=account)
    with any_database.transaction(OURS) as tx:
        known = Customer(display_name="Em", created_at=tx.now)
        tx.session.add(known)
        tx.session.flush()
        for author in tx.session.query(Author).where(Author.display_name == "Emma"):
            author.customer_id = known.id
        for author in tx.session.query(Author).where(Author.handle == "emma_w"):
            author.customer_id = known.id
    with any_database.snapshot(OURS) as tx:
        assert set(read_surroundings(tx, first).said_to_person) == {"On one profile.", "On the other."}
        assert read_surroundings(tx, second).names == ("emma_w", "Em")
        assert read_surroundings(tx, stranger).said_to_person == ("To somebody else.",)


def test_the_day_before_is_not_today(any_database: Database, ben: User, clock: FixedClock) -> None:
    answer(any_database, ben, text="Said yesterday.")
    clock.advance(timedelta(hours=25))
    with any_database.snapshot(OURS) as tx:
        assert read_said_today(tx) == ()


def test_the_newest_label_tells_how_they_feel(any_database: Database, ben: User) -> None:
    mention, _ = answer(any_database, ben, text="Sorry.")
    with any_database.snapshot(OURS) as tx:
        around = read_surroundings(tx, mention)
        assert (around.intent, around.channel_kind, around.engagement) == ("", "sandbox", "mentioned")
        assert not tx.session.query(Classification).count()


def test_chika_sees_nothing_of_it(any_database: Database, ben: User) -> None:
    mention, _ = answer(any_database, ben, text="Ours.")
    with any_database.snapshot(THEIRS) as tx:
        assert read_surroundings(tx, mention) == NOTHING_AROUND
        assert read_said_today(tx) == ()
