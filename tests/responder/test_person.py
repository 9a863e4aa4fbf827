"""Drafts stand on what is known of the person: their language, their name, their orders only with consent."""

from config.brand_book import BrandBook
from domain.words import Language
from responder.person import know_person
from storage.customers import CustomerDetails, describe_customer, keep_customer, link_profile
from storage.database import Database
from storage.drafts import claim_understood
from storage.models import User
from tests.cast import NOON, OURS
from tests.responder.composing import demo_book
from tests.responder.test_drafting import FakeChannel, run, stored, understood
from tests.rows import make_account, make_conversation_with_mention, make_delivery, make_draft
from tests.storage.test_customers import at_desk


def describe(database: Database, author_id: int, *, user: User, language: Language | None = None) -> int:
    with database.transaction(OURS) as tx:
        customer = keep_customer(tx, author_id, user=at_desk(user)).id
        details = CustomerDetails(display_name="ミカ", language=language, time_zone="", persona="", tags=())
        describe_customer(tx, customer, details, user=at_desk(user))
    return customer


def test_who_asked_for_english_is_drafted_for_in_english(any_database: Database, aoi: User) -> None:
    thread = understood(any_database)
    describe(any_database, thread.author.id, user=aoi, language=Language.EN)
    run(any_database, FakeChannel(), account_id=thread.account.id)
    _, drafts, _ = stored(any_database, thread)
    assert drafts
    assert {draft.language for draft in drafts} == {Language.EN}


def test_without_a_wish_the_language_is_that_of_the_post(any_database: Database, aoi: User) -> None:
    thread = understood(any_database)
    describe(any_database, thread.author.id, user=aoi)
    run(any_database, FakeChannel(), account_id=thread.account.id)
    assert {draft.language for draft in stored(any_database, thread)[1]} == {Language.JA}


def test_of_the_policies_that_were_cited_those_count_that_offer_something(
    any_database: Database, aoi: User, ben: User
) -> None:
    thread = understood(any_database)
    customer = describe(any_database, thread.author.id, user=aoi)
    book: BrandBook = demo_book()
    offering = next(policy.id for policy in book.policies if policy.offer)
    plain = next(policy.id for policy in book.policies if not policy.offer)
    with any_database.transaction(OURS) as tx:
        earlier = make_conversation_with_mention(tx, account=make_account(tx, kind="x"))
        cited = [{"kind": "policy", "reference": one} for one in (offering, plain)]
        draft = make_draft(tx, mention=earlier.mention, citations=cited)
        make_delivery(tx, draft=draft, approved_by=ben, state="sent", sent_at=NOON)
        link_profile(tx, customer, earlier.author.id, user=at_desk(aoi))
        (mention,) = claim_understood(tx, limit=1, lease=NOON - NOON)
        known = know_person(tx, mention, book).known
        assert known.called == "ミカ"
        assert known.offers == ((offering, NOON.date()),)
        assert know_person(tx, mention, None).known.offers == ()
