"""What a poll makes of the events that were kept."""

import json
from collections.abc import Sequence
from datetime import timedelta

import pytest

from domain.clock import FixedClock
from domain.errors import StorageError
from domain.mentions import IncomingMention
from domain.webhooks import KeptParcel, Parcel, Receipt
from domain.words import Engagement, MentionKind
from listener.channels.webhook import WebhookChannel
from listener.channels.webhook.receiving import read_event
from tests.listener.channel_contract import read_all, request_for
from tests.listener.inbox import MemoryInbox
from tests.listener.webhook.stage import OpenChannel, Shop


def texts(mentions: Sequence[IncomingMention]) -> list[str]:
    return [mention.text for mention in mentions]


def test_a_message_comes_with_all_that_was_told(shop: Shop, clock: FixedClock) -> None:
    shop.write(
        "コートが青いです",
        id="m-1",
        thread_id="t-1",
        parent_id="m-0",
        language="ja",
        author={"id": "c-7", "name": "綾", "handle": "aya", "url": "https://crm.example/c/7"},
        created_at="2026-11-20T11:30:00+09:00",
        url="https://chat.example/m-1",
        custom={"order": "A-12"},
        attachments=[
            {"name": "coat.png", "type": "image/png", "url": "https://chat.example/coat.png"},
            {"name": "請求書.pdf"},
        ],
    )
    (mention,) = shop.channel.poll(None).mentions
    assert mention.text == "コートが青いです\n\n📎 coat.png (image/png) https://chat.example/coat.png, 請求書.pdf"
    assert (mention.external_id, mention.thread_external_id, mention.parent_external_id) == ("m-1", "t-1", "m-0")
    assert (mention.author.external_id, mention.author.handle, mention.author.display_name) == ("c-7", "aya", "綾")
    assert mention.author.url == "https://crm.example/c/7"
    assert mention.created_at == clock.now() - timedelta(minutes=30)
    assert (mention.url, mention.language_hint) == ("https://chat.example/m-1", "ja")
    assert mention.platform_data == {"visibility": "public", "thread_id": "t-1", "custom.order": "A-12"}
    assert (mention.kind, mention.engagement) == (MentionKind.COMMENT, Engagement.REPLIED)


@pytest.mark.parametrize(
    ("fields", "kind", "engagement"),
    [
        ({}, MentionKind.POST, Engagement.MENTIONED),
        ({"parent_id": "m"}, MentionKind.COMMENT, Engagement.REPLIED),
        ({"visibility": "private"}, MentionKind.MESSAGE, Engagement.WROTE_DM),
        ({"rating": 2}, MentionKind.REVIEW, Engagement.REVIEWED),
        ({"rating": 2, "visibility": "private"}, MentionKind.REVIEW, Engagement.WROTE_DM),
    ],
)
def test_kind_and_engagement_follow_from_what_is_told(
    shop: Shop, fields: dict[str, object], kind: MentionKind, engagement: Engagement
) -> None:
    shop.write("x", **fields)
    (mention,) = shop.channel.poll(None).mentions
    assert (mention.kind, mention.engagement, mention.rating) == (kind, engagement, fields.get("rating"))


@pytest.mark.parametrize(
    ("author", "handle"),
    [({"id": "7"}, "7"), ({"id": "7", "name": "綾"}, "綾"), ({"id": "7", "name": "綾", "handle": "aya"}, "aya")],
)
def test_an_author_without_a_handle_goes_by_name_or_id(shop: Shop, author: dict[str, str], handle: str) -> None:
    shop.write("x", author=author)
    assert shop.channel.poll(None).mentions[0].author.handle == handle


def test_an_edit_brings_the_message_again_with_its_new_text(shop: Shop) -> None:
    message = shop.chat.message("The coat is bleu.")
    shop.bring(shop.chat.event("message.created", message))
    first = shop.channel.poll(None)
    shop.bring(shop.chat.event("message.edited", message | {"text": "The coat is blue."}))
    second = shop.channel.poll(first.cursor)
    assert [(one.external_id, one.text) for one in second.mentions] == [(message["id"], "The coat is blue.")]


def test_a_deletion_is_told_by_the_page(shop: Shop) -> None:
    message_id = shop.write("not meant for you")
    first = shop.channel.poll(None)
    assert (texts(first.mentions), first.gone) == (["not meant for you"], ())
    shop.delete(message_id)
    second = shop.channel.poll(first.cursor)
    assert (second.mentions, second.gone) == ((), (message_id,))


def test_what_was_deleted_within_a_page_is_never_stored(shop: Shop) -> None:
    message_id = shop.write("oops")
    shop.write("stays")
    shop.delete(message_id)
    page = shop.channel.poll(None)
    assert (texts(page.mentions), page.gone) == (["stays"], (message_id,))


def test_a_deletion_that_nobody_has_read_yet_stops_an_answer(shop: Shop, mention: IncomingMention) -> None:
    target = request_for(mention).target
    assert shop.channel.eligibility(target).exists
    shop.delete(mention.external_id)
    assert shop.channel.eligibility(target).exists is False


def test_events_come_in_the_order_in_which_they_were_brought(open_channel: OpenChannel, shop: Shop) -> None:
    for start in range(0, 300, 50):
        messages = [shop.chat.message(f"number {number}") for number in range(start, start + 50)]
        shop.bring(*[shop.chat.event("message.created", one) for one in messages])
    found, _, pages = read_all(open_channel(page_size=7))
    assert texts(found) == [f"number {number}" for number in range(300)]
    assert pages == 43


def test_a_page_tells_which_parcels_are_done_with(open_channel: OpenChannel, shop: Shop) -> None:
    for number in range(5):
        shop.write(f"number {number}")
    channel = open_channel(page_size=2)
    cursor, told = None, []
    for _ in range(4):
        page = channel.poll(cursor)
        cursor = page.cursor
        told.append((page.parcels_read, page.more, page.requests))
    assert told == [(2, True, 0), (4, True, 0), (5, False, 0), (0, False, 0)]


def test_a_full_last_page_is_the_last(open_channel: OpenChannel, shop: Shop) -> None:
    for number in range(2):
        shop.write(f"number {number}")
    assert open_channel(page_size=2).poll(None).more is False


def test_a_parcel_that_cannot_be_read_is_passed_over_and_told(shop: Shop, inbox: MemoryInbox) -> None:
    shop.write("before")
    strange = ("", "no json", '{"type": "message.moved", "id": "e"}', '{"type": "message.created"}', "[" * 5000)
    inbox.keep(Receipt(parcels=tuple(Parcel(key=f"s{n}", text=text) for n, text in enumerate(strange))))
    shop.write("after")
    page = shop.channel.poll(None)
    assert texts(page.mentions) == ["before", "after"]
    assert page.gap == "5 events could not be read"
    assert page.parcels_read == 7
    assert shop.channel.poll(page.cursor).gap == ""


def test_the_same_cursor_gives_the_same_page(shop: Shop) -> None:
    """As after a kill between page and commit."""
    shop.write("one")
    cursor = shop.channel.poll(None).cursor
    shop.write("two")
    pages = [shop.channel.poll(cursor) for _ in range(3)]
    assert texts(pages[0].mentions) == ["two"]
    assert pages[0] == pages[1] == pages[2]


@pytest.mark.parametrize(
    "cursor", ["", "nonsense", "[]", '{"v": 9, "parcel": 1}', '{"v": 1}', '{"v": 1, "parcel": -1}', "[" * 5000, "null"]
)
def test_an_unreadable_cursor_begins_anew_and_says_so(shop: Shop, cursor: str) -> None:
    shop.write("still here")
    page = shop.channel.poll(cursor)
    assert texts(page.mentions) == ["still here"]
    assert "cursor" in page.gap
    assert json.loads(page.cursor or "") == {"v": 1, "parcel": 1}


def test_messages_of_each_of_our_people_carry_our_own_id(open_channel: OpenChannel, shop: Shop) -> None:
    for agent in ("desk", "担当7", "customer-1"):
        shop.write("written in the chat", author={"id": agent, "name": "The team"})
    channel = open_channel(own_author_ids=["desk", "担当7"])
    own = channel.own_author_id
    assert [one.author.external_id for one in channel.poll(None).mentions] == [own, own, "customer-1"]


@pytest.mark.parametrize("name", ["us", "ours", "shop"])
def test_a_customer_of_any_name_is_a_customer(open_channel: OpenChannel, shop: Shop, name: str) -> None:
    shop.write("hello", author={"id": name, "name": name})
    channel = open_channel(own_author_ids=[])
    (mention,) = channel.poll(None).mentions
    assert mention.author.external_id == name != channel.own_author_id


def test_no_sender_can_write_under_our_own_id(shop: Shop) -> None:
    event = shop.chat.event("message.created", shop.chat.message("hi", author={"id": shop.channel.own_author_id}))
    with pytest.raises(ValueError, match=r"author\.id"):
        read_event(json.dumps(event))


def test_what_may_be_answered_in_private_is_what_the_sender_said(shop: Shop) -> None:
    shop.write("public")
    shop.write("public, may be written to", private_reply=True)
    shop.write("private", visibility="private")
    shop.write("private, from a form without a way back", visibility="private", private_reply=False)
    facts = [shop.channel.eligibility(request_for(one).target) for one in shop.channel.poll(None).mentions]
    assert [one.dm_allowed for one in facts] == [None, True, True, False]
    assert [one.replies_allowed for one in facts] == [True, True, False, False]


def test_a_database_that_is_away_is_told_as_such(channel: WebhookChannel, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object, **__: object) -> Sequence[KeptParcel]:
        raise StorageError("PostgreSQL does not answer.")

    monkeypatch.setattr(MemoryInbox, "read", away)
    for ask in (lambda: channel.poll(None), lambda: channel.still_there(["m"])):
        with pytest.raises(StorageError):
            ask()
