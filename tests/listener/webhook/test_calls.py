"""What calls us: whose it is, what of it is kept, and what its sender is told."""

import json
from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from domain.clock import FixedClock
from domain.webhooks import LONGEST_KEY, Receipt, WebhookRefusedError
from listener.channels.webhook import WebhookChannel
from listener.channels.webhook.receiving import read_event
from listener.channels.webhook.signatures import Key, read_key, sign, verify
from tests.listener.channel_contract import read_all
from tests.listener.webhook.stage import OpenChannel, Shop, receive
from tests.partners.webhook_chat import REPLY_SECRET, SECRET, WebhookChat


def refused(channel: WebhookChannel, headers: dict[str, str], body: bytes) -> tuple[str, int]:
    with pytest.raises(WebhookRefusedError) as caught:
        receive(channel, headers, body)
    assert caught.value.remedy
    assert SECRET not in str(caught.value)
    return caught.value.code, caught.value.status


def bring_raw(channel: WebhookChannel, chat: WebhookChat, body: bytes) -> Receipt:
    return receive(channel, chat.headers(body), body)


def created(chat: WebhookChat, text: str = "Hello", **fields: Any) -> dict[str, Any]:  # noqa: ANN401 - any field of a message
    return chat.event("message.created", chat.message(text, **fields))


def test_signatures_are_those_of_the_specification() -> None:
    """As the published library for Python, standardwebhooks 1.1.0, signs."""
    key = read_key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    signed = key.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", b'{"test": 2432232314}')
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_call_without_a_signature_is_refused(channel: WebhookChannel, chat: WebhookChat) -> None:
    headers, body = chat.call([created(chat)])
    for name in ("webhook-id", "webhook-timestamp", "webhook-signature"):
        assert refused(channel, headers | {name: ""}, body) == ("wrong_signature", 401)
    assert refused(channel, {}, body) == ("wrong_signature", 401)


@pytest.mark.parametrize(
    "changed",
    [
        {"webhook-id": "another"},
        {"webhook-id": "呼び出し"},
        {"webhook-id": "x" * 300},
        {"webhook-timestamp": "1"},
        {"webhook-timestamp": "１７６３６"},
        {"webhook-timestamp": "-5"},
        {"webhook-timestamp": "1e9"},
        {"webhook-timestamp": "9" * 400},
        {"webhook-signature": "v1"},
        {"webhook-signature": "v1,"},
        {"webhook-signature": "v1,====="},
        {"webhook-signature": "v2,AAAA v1a,BBBB"},
        {"webhook-signature": "署名"},
        {"webhook-signature": "v1,AAAA " * 10_000},
    ],
)
def test_a_wrong_signature_is_refused_whatever_it_looks_like(
    channel: WebhookChannel, chat: WebhookChat, changed: dict[str, str]
) -> None:
    headers, body = chat.call([created(chat)])
    assert refused(channel, headers | changed, body) == ("wrong_signature", 401)


def test_a_body_that_changed_by_a_byte_is_refused_before_it_is_read(channel: WebhookChannel, chat: WebhookChat) -> None:
    headers, body = chat.call([created(chat)])
    assert refused(channel, headers, body + b" ") == ("wrong_signature", 401)
    assert refused(channel, headers, b"\xff" * 100) == ("wrong_signature", 401)


def test_our_own_calls_cannot_be_sent_back_to_us(channel: WebhookChannel, chat: WebhookChat) -> None:
    assert refused(channel, *chat.call([created(chat)], secret=REPLY_SECRET)) == ("wrong_signature", 401)


@pytest.mark.parametrize("seconds", [-301, 301, -86_400])
def test_a_call_of_another_time_is_stale(
    channel: WebhookChannel, chat: WebhookChat, clock: FixedClock, seconds: int
) -> None:
    headers, body = chat.call([created(chat)])
    clock.advance(timedelta(seconds=seconds))
    assert refused(channel, headers, body) == ("stale", 401)


@pytest.mark.parametrize("seconds", [-300, 0, 300])
def test_five_minutes_between_the_clocks_are_borne(
    channel: WebhookChannel, chat: WebhookChat, clock: FixedClock, seconds: int
) -> None:
    headers, body = chat.call([created(chat)])
    clock.advance(timedelta(seconds=seconds))
    assert len(receive(channel, headers, body).parcels) == 1


def test_two_secrets_are_taken_while_one_is_changed_for_the_other(open_channel: OpenChannel, chat: WebhookChat) -> None:
    changing = open_channel(secrets={"secret": REPLY_SECRET, "reply_secret": SECRET, "previous_secret": SECRET})
    changed = open_channel(secrets={"secret": REPLY_SECRET, "reply_secret": SECRET})
    old, new = chat.call([created(chat)]), chat.call([created(chat)], secret=REPLY_SECRET)
    assert receive(changing, *old).parcels
    assert receive(changing, *new).parcels
    assert receive(changed, *new).parcels
    assert refused(changed, *old) == ("wrong_signature", 401)


def test_of_several_signatures_one_must_be_right(channel: WebhookChannel, chat: WebhookChat) -> None:
    headers, body = chat.call([created(chat)])
    signatures = f"v1a,abc v1,AAAA {headers['webhook-signature']}"
    assert receive(channel, headers | {"webhook-signature": signatures}, body).parcels


def test_we_sign_with_two_secrets_in_one_header(clock: FixedClock) -> None:
    old, new = Key(b"o" * 32), Key(b"n" * 32)
    headers = sign((new, old), "reply_1", b"{}", now=clock.now())
    for key in (old, new):
        verify((key,), headers, b"{}", now=clock.now())
    assert len(headers["webhook-signature"].split(" ")) == 2


@pytest.mark.parametrize("body", [b"", b"no json", b"\xff\xfe", b'{"events": [', b"[" * 100_000, b'{"a": NaN}'])
def test_a_body_that_is_no_json_is_refused(channel: WebhookChannel, chat: WebhookChat, body: bytes) -> None:
    with pytest.raises(WebhookRefusedError) as caught:
        bring_raw(channel, chat, body)
    assert (caught.value.code, caught.value.status) == ("not_json", 400)


@pytest.mark.parametrize(
    "body", [b"{}", b"[]", b'{"events": []}', b'{"events": 3}', b"null", b'"x"', b'{"events": {}}']
)
def test_a_body_without_events_is_refused(channel: WebhookChannel, chat: WebhookChat, body: bytes) -> None:
    with pytest.raises(WebhookRefusedError) as caught:
        bring_raw(channel, chat, body)
    assert (caught.value.code, caught.value.status) == ("no_events", 400)


def test_a_thousand_events_are_taken_and_one_more_is_too_many(channel: WebhookChannel, chat: WebhookChat) -> None:
    events = [created(chat, f"number {number}") for number in range(1001)]
    assert len(receive(channel, *chat.call(events[:1000])).parcels) == 1000
    assert refused(channel, *chat.call(events)) == ("too_many_events", 400)


def test_one_event_alone_and_a_plain_list_are_taken_too(channel: WebhookChannel, chat: WebhookChat) -> None:
    event = created(chat)
    for said in (event, [event], {"events": [event]}):
        (parcel,) = bring_raw(channel, chat, json.dumps(said).encode()).parcels
        assert parcel.key == event["id"]


def test_a_repeated_call_is_known_by_its_events(shop: Shop) -> None:
    call = shop.chat.call([created(shop.chat), created(shop.chat)])
    assert [shop.inbox.keep(receive(shop.channel, *call)) for _ in range(3)] == [2, 0, 0]


def test_an_event_that_stands_twice_in_a_call_is_kept_once(channel: WebhookChannel, chat: WebhookChat) -> None:
    event = created(chat)
    receipt = receive(channel, *chat.call([event, dict(event)]))
    assert (len(receipt.parcels), receipt.refused) == (1, ())


def test_two_different_events_with_one_id_are_told_so(channel: WebhookChannel, chat: WebhookChat) -> None:
    one, two = created(chat), created(chat)
    receipt = receive(channel, *chat.call([one, two | {"id": one["id"]}]))
    assert [parcel.key for parcel in receipt.parcels] == [one["id"]]
    (wrong,) = receipt.refused
    assert (wrong.number, wrong.field) == (2, "id")


def test_events_of_kinds_that_nobody_knows_are_left_out(channel: WebhookChannel, chat: WebhookChat) -> None:
    receipt = receive(channel, *chat.call([{"type": "contact.updated"}, created(chat), {"type": "message.create"}]))
    assert (len(receipt.parcels), receipt.refused, receipt.left_out) == (1, (), 2)


def test_fields_that_nobody_knows_are_ignored(channel: WebhookChannel, chat: WebhookChat) -> None:
    event = created(chat, mood="cross")
    receipt = receive(channel, *chat.call([event | {"tenant": 7}]))
    assert receipt.refused == ()
    assert "mood" not in receipt.parcels[0].text


WRONG: list[tuple[dict[str, object], str]] = [
    ({"id": ""}, "message.id"),
    ({"id": 12}, "message.id"),
    ({"id": "x" * 513}, "message.id"),
    ({"id": "a\nb"}, "message.id"),
    ({"text": None}, "message.text"),
    ({"text": "x" * 100_001}, "message.text"),
    ({"author": {"name": "Aya"}}, "message.author.id"),
    ({"author": {"id": "a", "url": "javascript:alert(1)"}}, "message.author.url"),
    ({"author": "aya"}, "message.author"),
    ({"created_at": "yesterday"}, "message.created_at"),
    ({"created_at": "2026-11-20T10:00:00"}, "message.created_at"),
    ({"created_at": 1763600000}, "message.created_at"),
    ({"created_at": "1970-01-01T00:00:00Z"}, "message.created_at"),
    ({"created_at": "2031-01-01T00:00:00Z"}, "message.created_at"),
    ({"url": "data:text/html,x"}, "message.url"),
    ({"url": "https://chat.example/\x00"}, "message.url"),
    ({"visibility": "secret"}, "message.visibility"),
    ({"rating": 0}, "message.rating"),
    ({"rating": "5"}, "message.rating"),
    ({"private_reply": "yes"}, "message.private_reply"),
    ({"language": "x" * 17}, "message.language"),
    ({"attachments": [{"type": "image/png"}]}, "message.attachments.0.name"),
    ({"attachments": [{"name": "n"}] * 21}, "message.attachments"),
    ({"custom": {"order": 12}}, "message.custom.order"),
    ({"custom": {"bad key": "x"}}, "message.custom.bad key.[key]"),
    ({"custom": {f"k{number}": "x" for number in range(21)}}, "message.custom"),
    ({"thread_id": "x" * 513}, "message.thread_id"),
]


@pytest.mark.parametrize(("fields", "field"), WRONG)
def test_a_wrong_event_is_named_with_its_field_and_the_good_ones_are_kept(
    channel: WebhookChannel, chat: WebhookChat, fields: dict[str, object], field: str
) -> None:
    bad = created(chat)
    bad["message"] |= fields
    receipt = receive(channel, *chat.call([created(chat), bad, created(chat)]))
    assert len(receipt.parcels) == 2
    (wrong,) = receipt.refused
    assert (wrong.number, wrong.event_id, wrong.field) == (2, bad["id"], field)
    assert wrong.problem.endswith(".")


def test_what_follows_a_wrong_event_of_the_same_message_waits_for_it(
    channel: WebhookChannel, chat: WebhookChat
) -> None:
    """Kept at once, a good edit would be older than the mended creation, and the first text would win."""
    bad, other = created(chat, rating=0), created(chat)
    edited = chat.event("message.edited", bad["message"] | {"rating": 1})
    receipt = receive(channel, *chat.call([bad, other, edited]))
    assert [parcel.key for parcel in receipt.parcels] == [other["id"]]
    assert [(wrong.number, wrong.event_id) for wrong in receipt.refused] == [(1, bad["id"]), (3, edited["id"])]
    mended = [bad | {"message": bad["message"] | {"rating": 2}}, other, edited]
    assert [parcel.key for parcel in receive(channel, *chat.call(mended)).parcels] == [one["id"] for one in mended]


def test_a_wrong_event_of_a_message_that_is_deleted_need_not_be_mended(shop: Shop) -> None:
    """Sent again it would come after its deletion, and nobody would take it away again."""
    bad = created(shop.chat, rating=0)
    gone = shop.chat.event("message.deleted", {"id": bad["message"]["id"]})
    receipt = shop.bring(bad, gone)
    assert ([parcel.key for parcel in receipt.parcels], receipt.refused) == ([gone["id"]], ())


@pytest.mark.parametrize(
    ("event", "field"),
    [
        (3, ""),
        (None, ""),
        ([], ""),
        ({"id": "e"}, "type"),
        ({"id": "e", "type": 3}, "type"),
        ({"type": "message.deleted", "message": {"id": "m"}}, "id"),
        ({"id": "a b", "type": "message.deleted", "message": {"id": "m"}}, "id"),
        ({"id": "x" * 121, "type": "message.deleted", "message": {"id": "m"}}, "id"),
        ({"id": "e", "type": "message.deleted"}, "message"),
        ({"id": "e", "type": "message.deleted", "message": {}}, "message.id"),
    ],
)
def test_what_is_no_event_is_told_so(channel: WebhookChannel, chat: WebhookChat, event: object, field: str) -> None:
    receipt = receive(channel, *chat.call([event, created(chat)]))
    assert len(receipt.parcels) == 1
    assert [(wrong.number, wrong.field) for wrong in receipt.refused] == [(1, field)]


def test_nonsense_in_a_long_list_is_not_counted_to_its_end(chat: WebhookChat) -> None:
    """A million wrong entries fit into four megabytes; an error for each takes seconds."""
    with pytest.raises(ValidationError) as caught:
        read_event(json.dumps(created(chat, attachments=[1] * 1000)))
    assert caught.value.error_count() == 1


def test_the_longest_ids_fit_where_they_are_kept(channel: WebhookChannel, chat: WebhookChat) -> None:
    event = created(chat, id="m" * 512) | {"id": "e" * LONGEST_KEY}
    (parcel,) = receive(channel, *chat.call([event])).parcels
    assert parcel.key == "e" * 120
    assert read_event(parcel.text).message.id == "m" * 512


def test_half_an_emoji_and_null_bytes_harm_nobody(shop: Shop) -> None:
    body = json.dumps(created(shop.chat, "cut \ud83d here \x00 and 😀")).encode()
    shop.inbox.keep(receive(shop.channel, shop.chat.headers(body), body))
    (mention,) = read_all(shop.channel)[0]
    assert mention.text == "cut \ufffd here \x00 and 😀"
    shop.inbox.kept[0].text.encode()
    assert "\x00" not in shop.inbox.kept[0].text


def test_what_a_refusal_repeats_of_a_wrong_event_can_be_kept_and_shown(
    channel: WebhookChannel, chat: WebhookChat
) -> None:
    bad = created(chat, custom={"\x00\u202e\ud800" + "k" * 500: "x"})
    body = json.dumps(bad | {"id": "\ud83d\x00 evt"}).encode()
    (first,) = bring_raw(channel, chat, body).refused
    body = json.dumps(bad | {"id": "evt"}).encode()
    (second,) = bring_raw(channel, chat, body).refused
    assert first.event_id == "\ufffd\ufffd evt"
    assert second.field.startswith("message.custom.")
    for said in (str(first), str(second)):
        assert said.encode()
        assert not {"\x00", "\u202e"} & set(said)
        assert len(said) < 400


@pytest.mark.parametrize("depth", [150, 300, *range(850, 1000, 3)])
def test_whatever_is_nested_is_read_refused_or_no_json_but_never_a_fault(
    channel: WebhookChannel, chat: WebhookChat, depth: int
) -> None:
    body = json.dumps(created(chat)).replace('{"id"', '{"deep": ' + "[" * depth + "]" * depth + ', "id"', 1).encode()
    kept = refused_count = no_json = 0
    try:
        receipt = bring_raw(channel, chat, body)
        kept, refused_count = len(receipt.parcels), len(receipt.refused)
    except WebhookRefusedError as error:
        no_json = error.code == "not_json"
    assert kept + refused_count + no_json == 1
    assert kept == (depth == 150)


def test_a_person_who_opens_the_address_is_told_what_it_is(channel: WebhookChannel) -> None:
    receipt = receive(channel, {}, b"", method="GET")
    assert (receipt.parcels, "by POST" in receipt.answer) == ((), True)
