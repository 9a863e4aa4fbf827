"""A person beside the conversation and on a page of their own: seen by viewers, edited by agents, nothing of it next door."""

import html
import re
from pathlib import Path

import pytest
from sqlalchemy import select

from config.buyer_keys import load_buyer_key
from desk.text_rules import clean_typed
from domain.lifecycle import DeliveryState
from storage.customers import GIVEN, add_note, keep_customer, link_profile, say_consent
from storage.database import Database
from storage.models import Author, Customer, CustomerNote, Delivery, OptOut, User
from storage.opt_outs import is_opted_out
from storage.purchases import join_order, store_orders
from tests.cast import OURS
from tests.desk.conftest import OpenDesk
from tests.desk.stage import Scene
from tests.desk.test_hostile_posts import NASTY
from tests.desk.test_permissions import form_of
from tests.rows import make_account, make_conversation_with_mention
from tests.storage.test_customers import at_desk, order


@pytest.fixture
def twin(database: Database, scene: Scene) -> Author:
    """Mika of the wrong coat on another channel, with an open case."""
    handle = scene.coat.author.handle
    with database.transaction(OURS) as tx:
        thread = make_conversation_with_mention(
            tx,
            text="配送がいつになるか知りたいです",
            account=make_account(tx, kind="x", name="x-shop"),
            author={"handle": handle, "display_name": "ミカさん"},
        )
    return thread.author


@pytest.fixture
def customer(database: Database, scene: Scene, aoi: User) -> int:
    with database.transaction(OURS) as tx:
        return keep_customer(tx, scene.coat.author.id, user=at_desk(aoi)).id


def case_of(scene: Scene) -> str:
    return f"/inbox/{scene.coat.conversation.id}"


def background(page: str) -> str:
    return page.split('id="background"')[1]


def test_aoi_sees_why_two_may_be_one_and_links_them(
    open_desk: OpenDesk, database: Database, scene: Scene, twin: Author, aoi: User
) -> None:
    desk = open_desk(aoi)
    page = background(desk.get(case_of(scene)).text)
    assert "The same handle" in page
    assert "配送がいつになるか" not in page
    form = {"author": scene.coat.author.id, "other": twin.id, "back": case_of(scene)}
    answer = desk.post("/customers/link", data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{case_of(scene)}?said=customer_linked")
    page = desk.get(answer.headers["location"]).text
    assert "Linked as one person." in page
    page = background(page)
    assert "The same handle" not in page
    assert page.count("配送がいつになるか") == 2, "among the open cases and in the history"
    with database.snapshot(OURS) as tx:
        assert len(set(tx.session.scalars(select(Author.customer_id).where(Author.handle == twin.handle)))) == 1


def test_what_aoi_declined_is_not_suggested_again(
    open_desk: OpenDesk, database: Database, scene: Scene, twin: Author, aoi: User
) -> None:
    desk = open_desk(aoi)
    form = {"author": scene.coat.author.id, "other": twin.id, "back": case_of(scene)}
    desk.post("/customers/decline", data=form)
    assert "The same handle" not in desk.get(case_of(scene)).text
    with database.snapshot(OURS) as tx:
        assert tx.session.get_one(Author, twin.id).customer_id is None


@pytest.mark.usefixtures("twin")
def test_dana_reads_the_card_and_changes_nothing(
    open_desk: OpenDesk, database: Database, scene: Scene, dana: User, customer: int, twin: Author
) -> None:
    desk = open_desk(dana)
    page = desk.get(f"/customers/{customer}").text
    assert "みか" in page
    assert "<button" not in page.split('id="main"')[1].split("</main>")[0]
    author = scene.coat.author.id
    attempts = [
        desk.post(path, data={"author": author, "other": twin.id, "text": "x", "number": "1"})
        for path in (
            "/customers",
            "/customers/link",
            "/customers/decline",
            f"/customers/{customer}/unlink",
            f"/customers/{customer}/details",
            f"/customers/{customer}/notes",
            f"/customers/{customer}/notes/1/remove",
            f"/customers/{customer}/consent",
            f"/customers/{customer}/orders",
            f"/customers/{customer}/orders/part",
            f"/customers/{customer}/erase",
            f"/profiles/{author}/opt-out",
            f"/profiles/{author}/opt-in",
        )
    ]
    assert {answer.status_code for answer in attempts} == {403}
    with database.snapshot(OURS) as tx:
        assert tx.session.scalars(select(CustomerNote)).all() == []
        assert not is_opted_out(tx, author)


def test_chika_sees_and_changes_nothing_of_ours(
    open_desk: OpenDesk, database: Database, scene: Scene, chika: User, customer: int, twin: Author
) -> None:
    desk = open_desk(chika)
    author = scene.coat.author.id
    assert desk.get(f"/customers/{customer}").status_code == 404
    attempts = [
        desk.post(path, data={"author": author, "other": twin.id, "text": "x", "number": "1"})
        for path in (
            "/customers",
            "/customers/link",
            "/customers/decline",
            f"/customers/{customer}/unlink",
            f"/customers/{customer}/details",
            f"/customers/{customer}/notes",
            f"/customers/{customer}/notes/1/remove",
            f"/customers/{customer}/consent",
            f"/customers/{customer}/orders",
            f"/customers/{customer}/orders/part",
            f"/customers/{customer}/erase",
            f"/profiles/{author}/opt-out",
        )
    ]
    assert [answer.status_code for answer in attempts] == [404] * len(attempts)
    desk.post(f"/profiles/{author}/opt-in")
    with database.snapshot(OURS) as tx:
        assert tx.session.get_one(Customer, customer).display_name == ""
        assert tx.session.scalars(select(OptOut)).all() == []


def test_what_aoi_tells_of_a_customer_is_kept_and_nonsense_is_not(
    open_desk: OpenDesk, database: Database, aoi: User, customer: int
) -> None:
    desk = open_desk(aoi)
    form = {
        "display_name": "  ミカ \n さま ",
        "language": "en",
        "time_zone": "Mars/Olympus",
        "persona": "nobody",
        "tags": "常連、VIP,常連, ,",
    }
    assert desk.post(f"/customers/{customer}/details", data=form).status_code == 303
    desk.post(f"/customers/{customer}/notes", data={"text": "ウールが苦手"})
    page = desk.get(f"/customers/{customer}").text
    assert "ウールが苦手" in page
    with database.snapshot(OURS) as tx:
        row = tx.session.get_one(Customer, customer)
        assert (row.display_name, row.language, row.time_zone, row.persona) == ("ミカ さま", "en", "", "")
        assert row.tags == ["常連", "VIP"]
        note = tx.session.scalars(select(CustomerNote.id)).one()
    desk.post(f"/customers/{customer}/notes/{note}/remove")
    assert "ウールが苦手" not in desk.get(f"/customers/{customer}").text
    assert desk.post(f"/customers/{customer}/details", data={"language": "xx"}).status_code == 422


@pytest.mark.parametrize("text", NASTY)
def test_names_notes_tags_and_orders_are_shown_as_text(
    open_desk: OpenDesk, database: Database, scene: Scene, aoi: User, customer: int, text: str
) -> None:
    plain = clean_typed(text)[:80]
    with database.transaction(OURS) as tx:
        row = tx.session.get_one(Customer, customer)
        row.display_name, row.tags = plain, [plain[:40]]
        author = tx.session.get_one(Author, scene.coat.author.id)
        author.display_name = author.handle = plain
        add_note(tx, customer, plain, user=at_desk(aoi))
        store_orders(tx, "shop", [order(number="7", currency="<b>", total=plain[:20])], buyer_key=lambda _: "")
        join_order(tx, customer, "7", user=at_desk(aoi))
    for path in (f"/customers/{customer}", case_of(scene)):
        page = open_desk(aoi).get(path)
        assert page.status_code == 200
        assert "<script>alert" not in page.text
        assert "<img src=x" not in page.text
        assert "<hx-partial" not in page.text
        assert html.escape(plain[:10]).replace("&#x27;", "&#39;").replace("&quot;", "&#34;") in page.text


def test_orders_without_consent_are_only_said_to_be_none_to_see(
    open_desk: OpenDesk, database: Database, scene: Scene, aoi: User, customer: int, tmp_path: Path
) -> None:
    with database.transaction(OURS) as tx:
        store_orders(tx, "shop", [order(consented=False)], buyer_key=load_buyer_key(tmp_path))
    desk = open_desk(aoi)
    assert "No order is joined" in desk.get(f"/customers/{customer}").text
    missed = desk.post(f"/customers/{customer}/orders", data={"number": "9999"})
    assert missed.headers["location"].endswith("said=customer_order_unknown")
    desk.post(f"/customers/{customer}/orders", data={"number": "1001"})
    for path in (f"/customers/{customer}", case_of(scene)):
        page = desk.get(path).text
        assert "There are none to see without consent." in page
        assert "冬コート</bdi>" not in page
        assert "#1001" not in page
    desk.post(f"/customers/{customer}/consent", data={"consent": GIVEN})
    for path in (f"/customers/{customer}", case_of(scene)):
        assert "#1001" in desk.get(path).text
    desk.post(f"/customers/{customer}/orders/part")
    assert "#1001" not in desk.get(f"/customers/{customer}").text


def test_orders_of_the_mail_address_are_joined_with_one_press(
    open_desk: OpenDesk, database: Database, aoi: User, tmp_path: Path, scene: Scene
) -> None:
    assert scene.coat
    with database.transaction(OURS) as tx:
        letter = make_conversation_with_mention(
            tx,
            account=make_account(tx, kind="email"),
            author={"external_id": "mika@example.com", "handle": "mika@example.com"},
        )
        number = keep_customer(tx, letter.author.id, user=at_desk(aoi)).id
        store_orders(tx, "shop", [order(), order("1002")], buyer_key=load_buyer_key(tmp_path))
    desk = open_desk(aoi)
    assert "2 orders with this mail address" in desk.get(f"/customers/{number}").text
    desk.post(f"/customers/{number}/orders", data={"by": "mail"})
    assert "#1002" in desk.get(f"/customers/{number}").text


def test_who_is_left_alone_gets_no_approval_and_what_waits_is_taken_back(
    open_desk: OpenDesk, database: Database, scene: Scene, ben: User
) -> None:
    desk = open_desk(ben)
    form = form_of(scene)
    approved = desk.post("/drafts/approve", data=form)
    assert approved.status_code == 303, approved.text
    author = scene.coat.author.id
    answer = desk.post(f"/profiles/{author}/opt-out", data={"back": case_of(scene)})
    assert answer.headers["location"] == f"{case_of(scene)}?said=opted_out"
    with database.snapshot(OURS) as tx:
        delivery = tx.session.scalars(select(Delivery).where(Delivery.mention_id == scene.coat.mention.id)).one()
        assert (delivery.state, delivery.problem) == (DeliveryState.CANCELLED, "opted_out")
    page = desk.get(case_of(scene)).text
    assert "decided on" in page
    refused = desk.post("/drafts/approve", data=form | {"revision": 2})
    assert refused.status_code == 409
    assert "This person asked to be left alone" in refused.text
    desk.post(f"/profiles/{author}/opt-in", data={"back": case_of(scene)})
    assert desk.post("/drafts/approve", data=form | {"revision": 2}).status_code == 303


def test_words_that_may_mean_it_are_pointed_out_and_kept_as_evidence(
    open_desk: OpenDesk, database: Database, scene: Scene, aoi: User
) -> None:
    with database.transaction(OURS) as tx:
        tx.session.merge(scene.coat.mention).text = "青いコートが届いた。リプ不要。"
    desk = open_desk(aoi)
    page = desk.get(case_of(scene)).text
    assert "They seem not to want an answer" in page
    assert f'name="mention" value="{scene.coat.mention.id}"' in page
    form = {"back": "https://evil.example/x", "mention": scene.coat.mention.id}
    answer = desk.post(f"/profiles/{scene.coat.author.id}/opt-out", data=form)
    assert answer.headers["location"] == "/inbox?said=opted_out"
    with database.snapshot(OURS) as tx:
        assert tx.session.scalars(select(OptOut.mention_id)).one() == scene.coat.mention.id


def test_a_blank_reply_to_who_is_left_alone_is_not_allowed(open_desk: OpenDesk, scene: Scene, aoi: User) -> None:
    desk = open_desk(aoi)
    desk.post(f"/profiles/{scene.venting.author.id}/opt-out")
    case = scene.venting.conversation.id
    desk.post(f"/conversations/{case}/write", data={"visibility": "public"})
    assert "house.opted-out" in desk.get(f"/inbox/{case}").text


def test_the_desk_counts_our_replies_to_the_post(open_desk: OpenDesk, scene: Scene, ben: User) -> None:
    desk = open_desk(ben)
    assert "of ours to this post" not in desk.get(case_of(scene)).text
    desk.post("/drafts/approve", data=form_of(scene))
    assert "One reply of ours to this post" in desk.get(case_of(scene)).text


def test_a_long_history_is_read_page_by_page(open_desk: OpenDesk, database: Database, aoi: User, customer: int) -> None:
    with database.transaction(OURS) as tx:
        account = make_account(tx, kind="x")
        for number in range(25):
            thread = make_conversation_with_mention(tx, text=f"投稿その{number:02}", account=account)
            link_profile(tx, customer, thread.author.id, user=at_desk(aoi))
    desk = open_desk(aoi)
    address, seen = f"/customers/{customer}", []
    while address:
        page = desk.get(address).text
        seen += re.findall(r"投稿その\d\d|緑の冬コート", page.split("<h2>History</h2>")[1])
        found = re.search(r'href="([^"]+before=[^"]+)"', page)
        address = html.unescape(found[1]) if found else ""
    assert len(seen) == 26
    assert len(set(seen)) == 26
    for wrong in ("x", "1-", "99999999999999999999-1", "-", "٣-٤"):
        assert desk.get(f"/customers/{customer}?before={wrong}").status_code == 200


def test_only_an_approver_erases_and_then_nothing_is_left_of_the_card(
    open_desk: OpenDesk, database: Database, aoi: User, ben: User, customer: int
) -> None:
    with database.transaction(OURS) as tx:
        say_consent(tx, customer, consent=GIVEN, user=at_desk(aoi))
    assert open_desk(aoi).post(f"/customers/{customer}/erase").status_code == 403
    desk = open_desk(ben)
    assert desk.post(f"/customers/{customer}/erase").headers["location"] == "/inbox?said=customer_erased"
    assert desk.get(f"/customers/{customer}").status_code == 404
