"""A person across channels: linked by people, suggested with a reason, never merged silently; gone when they are to be gone."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from config.buyer_keys import make_buyer_key
from domain.errors import NotFoundError
from domain.ids import UserId
from domain.purchases import Order, OrderItem, OrderStatus
from domain.words import Intent, Language, Role, Topic
from storage.customer_history import Before, read_history
from storage.customer_pages import read_card
from storage.customer_suggestions import suggest_links
from storage.customers import (
    GIVEN,
    REFUSED,
    CustomerDetails,
    add_note,
    decline_link,
    describe_customer,
    erase_customer,
    find_profiles,
    keep_customer,
    link_profile,
    say_consent,
    unlink_profile,
)
from storage.database import Database, Transaction
from storage.edits import mark_gone
from storage.models import AuditEvent, Author, Customer, CustomerLink, CustomerNote, Purchase, User
from storage.people import SignedInUser
from storage.person_known import gather_person
from storage.purchases import count_joined, join_order, list_usable, store_orders
from tests.cast import NOON, OURS, THEIRS
from tests.rows import Thread, make_account, make_conversation_with_mention, make_delivery, make_draft

KEY = make_buyer_key("0123456789abcdef" * 4)
MIKA: dict[str, object] = {"handle": "mika_s", "display_name": "みか"}


def at_desk(user: User) -> SignedInUser:
    return SignedInUser(
        user_id=UserId(user.id),
        login=user.login,
        display_name=user.display_name,
        role=Role(user.role),
        language="ja",
        theme="auto",
        single_keys=True,
    )


def post(
    tx: Transaction,
    kind: str,
    text: str = "届きません",
    *,
    author: dict[str, object] = MIKA,
    conversation: dict[str, object] | None = None,
    created_at: datetime = NOON - timedelta(hours=1),
) -> Thread:
    return make_conversation_with_mention(
        tx,
        text=text,
        account=make_account(tx, kind=kind),
        author=author,
        conversation=conversation,
        created_at=created_at,
    )


def order(number: str = "1001", **columns: object) -> Order:
    given: dict[str, object] = {
        "external_id": number,
        "number": f"#{number}",
        "ordered_at": NOON - timedelta(days=3),
        "status": OrderStatus.SHIPPED,
        "items": (OrderItem(name="緑の冬コート", variant="M"),),
        "buyer_address": "mika@example.com",
        "consented": True,
        **columns,
    }
    return Order(**given)  # type: ignore[arg-type]  # each by its name


def test_two_profiles_become_one_person_only_by_a_person(any_database: Database, aoi: User) -> None:
    with any_database.transaction(OURS) as tx:
        first, second = post(tx, "bluesky"), post(tx, "x")
        assert first.author.customer_id is None
        assert find_profiles(tx, first.author.id) == (first.author.id,)
        (found,) = suggest_links(tx, [first.author.id], buyer_key=KEY)
        assert (found.author_id, found.reasons) == (second.author.id, ("same_handle", "same_name"))
        assert first.author.customer_id is None
        customer = keep_customer(tx, first.author.id, user=at_desk(aoi))
        link_profile(tx, customer.id, second.author.id, user=at_desk(aoi))
        link_profile(tx, customer.id, second.author.id, user=at_desk(aoi))
        assert find_profiles(tx, second.author.id) == (first.author.id, second.author.id)
        assert suggest_links(tx, [first.author.id, second.author.id], buyer_key=KEY) == ()
        links = list(tx.session.scalars(select(CustomerLink)))
        assert [(row.author_id, row.linked, row.user_id) for row in links] == [
            (first.author.id, True, aoi.id),
            (second.author.id, True, aoi.id),
        ]
        verbs = list(tx.session.scalars(select(AuditEvent.verb).order_by(AuditEvent.id)))
        assert verbs == ["customer_created", "customer_linked", "customer_linked"]


def test_what_was_declined_or_taken_off_is_not_suggested_again_from_either_side(
    any_database: Database, aoi: User
) -> None:
    with any_database.transaction(OURS) as tx:
        first, second, third = post(tx, "bluesky"), post(tx, "x"), post(tx, "mastodon")
        customer = keep_customer(tx, first.author.id, user=at_desk(aoi))
        decline_link(tx, customer.id, second.author.id, user=at_desk(aoi))
        link_profile(tx, customer.id, third.author.id, user=at_desk(aoi))
        unlink_profile(tx, customer.id, third.author.id, user=at_desk(aoi))
        assert suggest_links(tx, [first.author.id], buyer_key=KEY) == ()
        named = suggest_links(tx, [second.author.id], buyer_key=KEY)
        assert [one.author_id for one in named] == [third.author.id]


def test_a_link_that_was_made_cannot_be_rewritten(any_database: Database, aoi: User) -> None:
    with any_database.transaction(OURS) as tx:
        keep_customer(tx, post(tx, "bluesky").author.id, user=at_desk(aoi))
    with pytest.raises(IntegrityError), any_database.transaction(OURS) as tx:
        tx.session.execute(update(CustomerLink).values(linked=False))


def test_a_name_that_many_carry_is_no_clue(database: Database) -> None:
    with database.transaction(OURS) as tx:
        anna = post(tx, "bluesky", author={"display_name": "Anna", "handle": "anna1"})
        for number in range(4):
            post(tx, "x", author={"display_name": "Anna", "handle": f"other{number}"})
        assert suggest_links(tx, [anna.author.id], buyer_key=KEY) == ()


@pytest.mark.parametrize(
    ("one", "other", "reason"),
    [
        ({"handle": "Mika_S"}, {"handle": "mika_s"}, "same_handle"),
        ({"handle": "mika.bsky.social"}, {"handle": "@mika"}, "same_handle"),
        ({"handle": "mika@social.example"}, {"handle": "mika"}, "same_handle"),
        ({"handle": "a1", "url": "https://mika.example"}, {"handle": "b1", "url": "https://mika.example"}, "same_link"),
        ({"handle": "a1", "display_name": "美香"}, {"handle": "b1", "display_name": "美香"}, "same_name"),
    ],
)
def test_every_clue_has_its_reason(
    database: Database, one: dict[str, object], other: dict[str, object], reason: str
) -> None:
    with database.transaction(OURS) as tx:
        first, second = post(tx, "bluesky", author=one), post(tx, "x", author=other)
        (found,) = suggest_links(tx, [first.author.id], buyer_key=KEY)
        assert (found.author_id, found.reasons) == (second.author.id, (reason,))


def test_nothing_of_ours_is_suggested_or_found_next_door(any_database: Database, chika: User, aoi: User) -> None:
    with any_database.transaction(OURS) as tx:
        ours = post(tx, "bluesky").author.id
        customer = keep_customer(tx, ours, user=at_desk(aoi)).id
        store_orders(tx, "shop", [order()], buyer_key=KEY)
    with any_database.transaction(THEIRS) as tx:
        theirs = post(tx, "x").author.id
        assert suggest_links(tx, [theirs], buyer_key=KEY) == ()
        assert read_card(tx, ours, buyer_key=KEY) is None
        mine = keep_customer(tx, theirs, user=at_desk(chika)).id
        with pytest.raises(NotFoundError):
            link_profile(tx, customer, theirs, user=at_desk(chika))
        with pytest.raises(NotFoundError):
            link_profile(tx, mine, ours, user=at_desk(chika))
        with pytest.raises(NotFoundError):
            join_order(tx, mine, "1001", user=at_desk(chika))


def test_a_card_that_turns_out_to_be_the_same_person_brings_its_notes_and_a_refusal(
    any_database: Database, aoi: User
) -> None:
    with any_database.transaction(OURS) as tx:
        first, second = post(tx, "bluesky"), post(tx, "x")
        one = keep_customer(tx, first.author.id, user=at_desk(aoi)).id
        other = keep_customer(tx, second.author.id, user=at_desk(aoi)).id
        add_note(tx, other, "ウールが苦手", user=at_desk(aoi))
        say_consent(tx, one, consent=GIVEN, user=at_desk(aoi))
        say_consent(tx, other, consent=REFUSED, user=at_desk(aoi))
        link_profile(tx, one, second.author.id, user=at_desk(aoi))
        card = read_card(tx, first.author.id, buyer_key=KEY)
        assert card is not None
        assert card.customer is not None
        assert [note.text for note in card.notes] == ["ウールが苦手"]
        assert card.customer.purchases_consent == REFUSED
        assert tx.session.get(Customer, other) is None


def test_orders_are_seen_only_with_consent_and_what_the_person_says_counts_first(
    any_database: Database, aoi: User
) -> None:
    with any_database.transaction(OURS) as tx:
        customer = keep_customer(tx, post(tx, "bluesky").author.id, user=at_desk(aoi)).id
        rows = [order("1001"), order("1002", consented=False, ordered_at=NOON)]
        stored = store_orders(tx, "shop", rows, buyer_key=KEY)
        assert (stored.new, stored.changed, stored.same) == (2, 0, 0)
        assert join_order(tx, customer, "1001", user=at_desk(aoi)) == 2

        def seen() -> list[str]:
            return [row.number for row in list_usable(tx, customer, limit=5)]

        assert seen() == ["#1001"]
        assert count_joined(tx, customer) == 2
        say_consent(tx, customer, consent=GIVEN, user=at_desk(aoi))
        assert seen() == ["#1002", "#1001"]
        say_consent(tx, customer, consent=REFUSED, user=at_desk(aoi))
        assert seen() == []
        later = store_orders(tx, "shop", [order("1003", ordered_at=NOON + timedelta(1))], buyer_key=KEY)
        assert (later.new, seen()) == (1, [])
        assert count_joined(tx, customer) == 3


def test_the_same_orders_again_change_nothing_and_no_address_is_kept(any_database: Database) -> None:
    with any_database.transaction(OURS) as tx:
        store_orders(tx, "shop", [order()], buyer_key=KEY)
        again = store_orders(tx, "shop", [order()], buyer_key=KEY)
        moved = store_orders(tx, "shop", [order(status=OrderStatus.DELIVERED, delivered_at=NOON)], buyer_key=KEY)
        assert (again.same, again.changed, moved.changed, moved.new) == (1, 0, 1, 0)
        row = tx.session.scalars(select(Purchase)).one()
        assert (row.status, row.delivered_at) == ("delivered", NOON)
        assert "mika" not in f"{vars(row)}"
        assert row.buyer_key == KEY(" Mika@Example.com ")


def test_a_number_opens_nobody_elses_orders(any_database: Database, aoi: User) -> None:
    with any_database.transaction(OURS) as tx:
        first = keep_customer(tx, post(tx, "bluesky").author.id, user=at_desk(aoi)).id
        second = keep_customer(tx, post(tx, "x").author.id, user=at_desk(aoi)).id
        store_orders(tx, "shop", [order()], buyer_key=KEY)
        join_order(tx, first, "#1001", user=at_desk(aoi))
        for wrong in ("1001", "", "9999", "%"):
            with pytest.raises(NotFoundError):
                join_order(tx, second, wrong, user=at_desk(aoi))


def test_orders_of_the_mail_address_they_write_from_suggest_the_buyer(any_database: Database, aoi: User) -> None:
    with any_database.transaction(OURS) as tx:
        letter = post(tx, "email", author={"external_id": "mika@example.com", "handle": "mika@example.com"})
        public = post(tx, "bluesky", author={"handle": "zzz"})
        customer = keep_customer(tx, public.author.id, user=at_desk(aoi)).id
        store_orders(tx, "shop", [order()], buyer_key=KEY)
        card = read_card(tx, letter.author.id, buyer_key=KEY)
        assert card is not None
        assert card.orders_by_mail == 1
        join_order(tx, customer, "1001", user=at_desk(aoi))
        (found,) = suggest_links(tx, [letter.author.id], buyer_key=KEY)
        assert (found.author_id, found.reasons) == (public.author.id, ("same_buyer",))


def test_a_drafter_knows_the_person_on_every_linked_channel(any_database: Database, aoi: User, ben: User) -> None:
    with any_database.transaction(OURS) as tx:
        now = post(tx, "bluesky", conversation={"topic": Topic.DELIVERY})
        before = post(tx, "x", conversation={"topic": Topic.DELIVERY, "intent": Intent.COMPLAINT})
        praise = post(tx, "x", conversation={"state": "resolved", "intent": Intent.PRAISE, "waiting": False})
        old = post(tx, "x", conversation={"topic": Topic.DELIVERY, "created_at": NOON - timedelta(days=200)})
        post(tx, "x", author={"handle": "stranger"})
        citing = [{"kind": "policy", "reference": "coupon"}, {"kind": "faq", "reference": "tracking"}]
        draft = make_draft(tx, mention=before.mention, citations=citing, text="お調べします。")
        make_delivery(tx, draft=draft, approved_by=ben, state="sent", sent_at=NOON - timedelta(hours=2))
        held = make_draft(tx, mention=praise.mention, text="送っていない返信")
        make_delivery(tx, draft=held, approved_by=ben)
        customer = keep_customer(tx, now.author.id, user=at_desk(aoi)).id
        for thread in (before, praise, old):
            link_profile(tx, customer, thread.author.id, user=at_desk(aoi))
        details = CustomerDetails(
            display_name="ミカ", language=Language.EN, time_zone="Europe/Paris", persona="", tags=("常連", "常連", " ")
        )
        describe_customer(tx, customer, details, user=at_desk(aoi))
        store_orders(tx, "shop", [order(), order("1002", consented=False)], buyer_key=KEY)
        join_order(tx, customer, "1001", user=at_desk(aoi))
        known = gather_person(tx, author_id=now.author.id, conversation_id=now.conversation.id, topic="delivery")
    assert (known.called, known.language, known.time_zone) == ("ミカ", Language.EN, "Europe/Paris")
    assert (known.cases, known.open_cases, known.same_topic, known.praises) == (3, 2, 1, 1)
    assert [reply.text for reply in known.replies] == ["お調べします。"]
    assert known.offers == (("coupon", (NOON - timedelta(hours=2)).date()),)
    assert [facts.items for facts in known.purchases] == [("緑の冬コート",)]


def test_the_history_goes_back_page_by_page_over_all_profiles(any_database: Database, aoi: User) -> None:
    with any_database.transaction(OURS) as tx:
        threads = [
            post(tx, "x" if n % 2 else "bluesky", f"投稿{n}", created_at=NOON - timedelta(hours=n)) for n in range(5)
        ]
        twin = post(tx, "mastodon", "同じ時刻", created_at=NOON - timedelta(hours=2))
        customer = keep_customer(tx, threads[0].author.id, user=at_desk(aoi)).id
        for thread in (*threads[1:], twin):
            link_profile(tx, customer, thread.author.id, user=at_desk(aoi))
        authors = find_profiles(tx, threads[0].author.id)
        read: list[str] = []
        before: Before | None = None
        more = True
        while more:
            posts, more = read_history(tx, authors, before=before, limit=2)
            read += [one.text for one in posts]
            before = Before(posts[-1].at, posts[-1].mention_id)
        assert read == ["投稿0", "投稿1", "同じ時刻", "投稿2", "投稿3", "投稿4"]


def test_erasing_takes_notes_and_links_and_leaves_posts_and_orders_without_a_person(
    any_database: Database, aoi: User
) -> None:
    with any_database.transaction(OURS) as tx:
        thread = post(tx, "bluesky")
        customer = keep_customer(tx, thread.author.id, user=at_desk(aoi)).id
        add_note(tx, customer, "秘密のメモ", user=at_desk(aoi))
        store_orders(tx, "shop", [order()], buyer_key=KEY)
        join_order(tx, customer, "1001", user=at_desk(aoi))
        erase_customer(tx, customer, user=at_desk(aoi))
        author_id = thread.author.id
    with any_database.transaction(OURS) as tx:
        assert tx.session.scalars(select(Customer)).all() == []
        assert tx.session.scalars(select(CustomerNote)).all() == []
        assert tx.session.scalars(select(CustomerLink)).all() == []
        assert tx.session.get_one(Author, author_id).customer_id is None
        assert tx.session.scalars(select(Purchase.customer_id)).all() == [None]
        said = [f"{row.subject} {row.detail}" for row in tx.session.scalars(select(AuditEvent))]
        assert "秘密" not in " ".join(said)


def test_the_name_goes_with_the_last_profile_that_is_forgotten(any_database: Database, aoi: User) -> None:
    with any_database.transaction(OURS) as tx:
        first, second = post(tx, "bluesky"), post(tx, "x")
        customer = keep_customer(tx, first.author.id, user=at_desk(aoi)).id
        link_profile(tx, customer, second.author.id, user=at_desk(aoi))
        details = CustomerDetails(display_name="ミカ", language=None, time_zone="", persona="", tags=())
        describe_customer(tx, customer, details, user=at_desk(aoi))
        mark_gone(tx, [first.mention.id])
        assert tx.session.scalar(select(Customer.display_name)) == "ミカ"
        mark_gone(tx, [second.mention.id])
        assert tx.session.scalar(select(Customer.display_name)) == ""
