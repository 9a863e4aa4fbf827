"""Meta at our door: the proof of the address, signatures, and what of a call is kept."""

import json

import pytest

from domain.webhooks import LONGEST_KEY, WebhookCall, WebhookRefusedError
from listener.channels.graph.channel import GraphChannel
from tests.listener.graph.stage import OpenChannel
from tests.partners.graph_world import SECRET, TOKEN, VERIFY, World


def ask(**query: str) -> WebhookCall:
    return WebhookCall(method="GET", query={f"hub.{key}": value for key, value in query.items()}, headers={}, body=b"")


def refuse(channel: GraphChannel, call: WebhookCall) -> WebhookRefusedError:
    with pytest.raises(WebhookRefusedError) as caught:
        channel.receive(call)
    return caught.value


@pytest.fixture
def comment(world: World) -> str:
    return world.comment("緑のコートはありますか？😢", on=world.post())


def test_the_challenge_is_answered_for_our_own_word(channel: GraphChannel) -> None:
    receipt = channel.receive(ask(mode="subscribe", verify_token=VERIFY, challenge="1158201444"))
    assert receipt.answer == "1158201444"
    assert receipt.parcels == ()


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"mode": "subscribe", "challenge": "1"},
        {"mode": "subscribe", "verify_token": "another", "challenge": "1"},
        {"mode": "subscribe", "verify_token": VERIFY + "😢", "challenge": "1"},
        {"mode": "unsubscribe", "verify_token": VERIFY, "challenge": "1"},
        {"mode": "subscribe", "verify_token": VERIFY},
    ],
)
def test_any_other_question_is_refused(channel: GraphChannel, query: dict[str, str]) -> None:
    error = refuse(channel, ask(**query))
    assert (error.code, error.status) == ("wrong_token", 403)
    assert error.remedy
    assert VERIFY not in str(error)


def test_a_signed_call_is_kept_event_by_event(channel: GraphChannel, world: World, comment: str) -> None:
    other = world.comment("another", on=world.nodes[comment].post)
    call = world.call(world.tell_comment(comment), world.tell_comment(other))
    assert b"\\u7dd1" in call.body, "Meta escapes before it signs"
    assert len(channel.receive(call).parcels) == 2


@pytest.mark.parametrize("signature", ["", "sha256=", "sha256=" + "0" * 64, "sha1=abc", "名前", "sha256=\udcff"])
def test_a_call_without_metas_signature_is_refused_before_it_is_read(channel: GraphChannel, signature: str) -> None:
    headers = {"x-hub-signature-256": signature} if signature else {}
    error = refuse(channel, WebhookCall(method="POST", query={}, headers=headers, body=b"{ no json"))
    assert (error.code, error.status) == ("wrong_signature", 401)
    assert SECRET not in str(error)


def test_another_apps_signature_is_refused(channel: GraphChannel, world: World, comment: str) -> None:
    assert refuse(channel, world.call(world.tell_comment(comment), secret="another")).code == "wrong_signature"


def test_a_changed_byte_is_refused(channel: GraphChannel, world: World, comment: str) -> None:
    call = world.call(world.tell_comment(comment))
    changed = WebhookCall(method="POST", query={}, headers=call.headers, body=call.body + b" ")
    assert refuse(channel, changed).code == "wrong_signature"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "not_json"),
        (b"\xff\xfe", "not_json"),
        (b"[" * 100_000, "not_json"),
        (b"[]", "no_events"),
        (b'{"object": "page", "entry": 5}', "no_events"),
        (b'{"object": "user", "entry": []}', "wrong_object"),
    ],
)
def test_a_signed_call_that_is_none_of_ours_is_refused(
    channel: GraphChannel, world: World, body: bytes, code: str
) -> None:
    error = refuse(channel, world.sign(body))
    assert (error.code, error.status) == (code, 400)


def test_a_call_that_comes_again_has_the_same_keys(channel: GraphChannel, world: World, comment: str) -> None:
    first = channel.receive(world.call(world.tell_comment(comment))).parcels
    change = world.tell_comment(comment)
    turned = {**change, "value": dict(reversed(change["value"].items()))}
    again = channel.receive(world.call(turned)).parcels
    assert [parcel.key for parcel in first] == [parcel.key for parcel in again]
    assert len(first[0].key) <= LONGEST_KEY


def test_two_equal_events_have_one_key_and_different_ones_two(
    channel: GraphChannel, world: World, comment: str
) -> None:
    other = world.comment("another", on=world.nodes[comment].post)
    tell = world.tell_comment
    keys = [parcel.key for parcel in channel.receive(world.call(tell(comment), tell(comment), tell(other))).parcels]
    assert keys[0] == keys[1] != keys[2]


def test_a_thousand_events_in_one_call_are_kept(channel: GraphChannel, world: World) -> None:
    root = world.post()
    told = [
        world.tell_comment(world.comment(f"number {number}", on=root, created=world.clock.now()))
        for number in range(1000)
    ]
    parcels = channel.receive(world.call(*told)).parcels
    assert len({parcel.key for parcel in parcels}) == 1000


def test_what_nobody_knows_and_what_is_anothers_is_left_out(channel: GraphChannel, world: World, comment: str) -> None:
    unknown = {"field": "ratings", "value": {"item": "rating"}}
    reaction = {"field": "feed", "value": {"item": "reaction", "verb": "add"}}
    read = {"sender": {"id": "1"}, "recipient": {"id": world.own}, "read": {"watermark": 1}}
    assert channel.receive(world.call(unknown, reaction, read)).parcels == ()
    assert channel.receive(world.call(world.tell_comment(comment), own="999")).parcels == ()


@pytest.mark.parametrize("entry", [None, 5, {}, {"id": None}, {"changes": 5}, {"messaging": [None, 5, {}]}])
def test_an_odd_entry_keeps_no_other_out(channel: GraphChannel, world: World, comment: str, entry: object) -> None:
    body = json.loads(world.call(world.tell_comment(comment)).body)
    if isinstance(entry, dict) and entry.get("id", "") == "":
        entry = {"id": world.own, **entry}
    body["entry"].insert(0, entry)
    assert len(channel.receive(world.sign(json.dumps(body).encode())).parcels) == 1


def test_messages_stay_outside_where_they_are_switched_off(open_channel: OpenChannel, world: World) -> None:
    told = world.tell_message(world.write("hello"))
    assert len(open_channel().receive(world.call(told)).parcels) == 1
    assert open_channel(direct_messages=False).receive(world.call(told)).parcels == ()


def test_no_secret_is_kept(channel: GraphChannel, world: World, comment: str) -> None:
    kept = repr(channel.receive(world.call(world.tell_comment(comment))))
    assert not [secret for secret in (TOKEN, SECRET, VERIFY) if secret in kept]
