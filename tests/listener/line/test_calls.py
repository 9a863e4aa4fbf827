"""LINE's calls at our door."""

import json
from dataclasses import replace
from typing import Any

import pytest

from domain.webhooks import LONGEST_KEY, Receipt, WebhookCall, WebhookRefusedError
from listener.channels.line import LineChannel
from tests.listener.line.stage import SECRETS, Stage
from tests.partners.line_api import SECRET, make_call, sign


def signed(body: bytes) -> WebhookCall:
    return WebhookCall(method="POST", query={}, headers={"x-line-signature": sign(body)}, body=body)


def refused(channel: LineChannel, call: WebhookCall) -> WebhookRefusedError:
    with pytest.raises(WebhookRefusedError) as caught:
        channel.receive(call)
    return caught.value


def test_a_signed_call_brings_one_parcel_for_each_event_under_line_s_own_id(stage: Stage, channel: LineChannel) -> None:
    events = [stage.api.message("one"), stage.api.message("二つ目 😀")]
    parcels = channel.receive(make_call(events)).parcels
    assert [parcel.key for parcel in parcels] == [event["webhookEventId"] for event in events]
    assert json.loads(parcels[1].text)["message"]["text"] == "二つ目 😀"


def test_line_s_own_check_has_no_events_and_is_welcome(channel: LineChannel) -> None:
    assert channel.receive(make_call([])) == Receipt()


@pytest.mark.parametrize(
    "signature", ["", "nonsense", "署名", sign(b"another body"), sign(b'{"events":[]}', "another secret")]
)
def test_a_call_without_line_s_signature_is_refused_before_anything_is_read(
    channel: LineChannel, signature: str
) -> None:
    for body in (b'{"events":[]}', b"[" * 100_000, b"\xff"):
        call = replace(signed(body), headers={"x-line-signature": signature} if signature else {})
        error = refused(channel, call)
        assert (error.code, error.status) == ("wrong_signature", 401)
        assert error.remedy
        assert not [secret for secret in SECRETS if secret in f"{error!r}{error}"]


def test_one_changed_byte_is_noticed(stage: Stage, channel: LineChannel) -> None:
    call = make_call([stage.api.message("send 100 yen")])
    assert refused(channel, replace(call, body=call.body.replace(b"100", b"900"))).code == "wrong_signature"


def test_a_signature_of_the_old_secret_is_refused(stage: Stage, channel: LineChannel) -> None:
    call = make_call([stage.api.message("x")], secret=SECRET[::-1])
    assert refused(channel, call).status == 401


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "not_json"),
        (b"{", "not_json"),
        (b"\xff\xfe", "not_json"),
        (b"[" * 200_000, "not_json"),
        (b"[]", "no_events"),
        (b"{}", "no_events"),
        (b'{"events": {}}', "no_events"),
        (b"null", "no_events"),
    ],
)
def test_what_is_no_call_of_line_s_is_refused(channel: LineChannel, body: bytes, code: str) -> None:
    error = refused(channel, signed(body))
    assert (error.code, error.status) == (code, 400)


def test_a_get_is_refused(channel: LineChannel) -> None:
    assert refused(channel, replace(signed(b"{}"), method="GET")).status == 405


def test_a_redelivered_event_is_the_same_event(stage: Stage, channel: LineChannel) -> None:
    event = stage.api.message("hello")
    again = {**event, "deliveryContext": {"isRedelivery": True}, "replyToken": "another"}
    assert stage.bring(event) == 1
    assert stage.bring(again) == 0
    assert stage.bring(again, event) == 0
    assert len(channel.poll(None).mentions) == 1


def test_two_events_with_one_key_in_a_call_are_kept_once(stage: Stage) -> None:
    event = stage.api.message("hello")
    assert stage.bring(event, event) == 1


@pytest.mark.parametrize("key", [None, "", "k" * (LONGEST_KEY + 1), 5, "\x00", "鍵"])
def test_an_event_without_a_usable_id_is_kept_under_its_hash(stage: Stage, channel: LineChannel, key: object) -> None:
    event = {**stage.api.message("hello"), "webhookEventId": key}
    (parcel,) = channel.receive(make_call([event])).parcels
    assert parcel.key.startswith("sha256:")
    assert len(parcel.key) <= LONGEST_KEY
    assert stage.bring(event) + stage.bring(event) == 1


@pytest.mark.parametrize(
    "kind",
    [
        "join",
        "leave",
        "memberJoined",
        "memberLeft",
        "postback",
        "beacon",
        "accountLink",
        "videoPlayComplete",
        "yet-to-come",
        "",
    ],
)
def test_events_that_are_no_messages_are_passed_over(stage: Stage, channel: LineChannel, kind: str) -> None:
    assert channel.receive(make_call([stage.api.event(kind, postback={"data": "x"})])) == Receipt()


@pytest.mark.parametrize("event", [None, 5, "x", [], {}, {"type": 5}, {"type": ["message"]}])
def test_an_event_that_is_none_is_passed_over(stage: Stage, channel: LineChannel, event: Any) -> None:  # noqa: ANN401 - any JSON
    assert len(channel.receive(make_call([event, stage.api.message("x")])).parcels) == 1


def test_short_lived_tokens_are_not_kept(stage: Stage, channel: LineChannel) -> None:
    event = stage.api.message({"type": "text", "text": "x", "markAsReadToken": "secret-mark"})
    (parcel,) = channel.receive(make_call([event])).parcels
    assert event["replyToken"] not in parcel.text
    assert "secret-mark" not in parcel.text


def test_a_huge_call_is_read_whole(stage: Stage, channel: LineChannel) -> None:
    events = [stage.api.message("緑" * 5000) for _ in range(200)]
    assert len(channel.receive(make_call(events)).parcels) == 200


def test_a_text_of_broken_characters_is_kept_in_plain_ascii(stage: Stage, channel: LineChannel) -> None:
    body = json.dumps({"events": [stage.api.message("half \ud83d and \x00")]}).encode()
    (parcel,) = channel.receive(signed(body)).parcels
    assert parcel.text.isascii()
    assert "\x00" not in parcel.text
