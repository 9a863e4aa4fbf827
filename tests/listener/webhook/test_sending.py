"""Replies at the other side: once, signed, told apart by what it answers."""

import json
import socket
from dataclasses import replace

import pytest
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response

from domain.errors import ChannelError, PermanentError, RetryableError, SendUncertainError
from domain.mentions import IncomingMention
from domain.replies import SentPost
from domain.words import Visibility
from listener.channels.webhook import WebhookChannel
from listener.guard import is_public
from tests.listener.channel_contract import REPLY_TEXT, read_all, request_for
from tests.listener.webhook.stage import OpenChannel, Shop
from tests.partners.faulty_proxy import Answer, Cut, FaultyProxy
from tests.partners.webhook_chat import REPLIES, REPLY_SECRET, SECRET, STATUS, WebhookChat


def refusal(channel: WebhookChannel, mention: IncomingMention) -> ChannelError:
    with pytest.raises(ChannelError) as caught:
        channel.reply(request_for(mention))
    return caught.value


def test_a_reply_says_all_that_the_other_side_needs(shop: Shop) -> None:
    shop.write("青いコート", id="m-1", thread_id="t-1", visibility="private", custom={"order": "A-12", "x.y": "z"})
    (mention,) = shop.channel.poll(None).mentions
    sent = shop.channel.direct_message(request_for(mention))
    assert sent == SentPost(external_id="answer-1", url="https://chat.example/answers/1")
    (_, path, headers, body) = shop.chat.asked[-1]
    assert path == REPLIES
    assert headers["content-type"] == "application/json"
    said = json.loads(body)
    assert said == {
        "type": "reply.created",
        "timestamp": "2026-11-20T03:00:00Z",
        "reply": {
            "id": headers["webhook-id"],
            "visibility": "private",
            "text": REPLY_TEXT,
            "language": "ja",
            "message_id": "m-1",
            "thread_id": "t-1",
            "author": {"id": "aya-id", "handle": "aya"},
            "url": mention.url,
            "custom": {"order": "A-12", "x.y": "z"},
        },
    }


def test_a_thread_that_nobody_named_is_not_told(shop: Shop) -> None:
    """Intake gathers a person's private messages below a name of its own, which would lead nowhere at the other side."""
    shop.write("青いコート", visibility="private")
    (mention,) = shop.channel.poll(None).mentions
    request = request_for(mention)
    shop.channel.direct_message(replace(request, target=replace(request.target, thread_external_id="dm:aya-id")))
    (reply,) = shop.chat.replies.values()
    assert reply["thread_id"] == ""


def test_the_key_of_a_reply_is_the_same_at_every_attempt_and_another_for_every_reply(
    shop: Shop, mention: IncomingMention
) -> None:
    request = request_for(mention)
    for _ in range(3):
        shop.channel.reply(request)
    shop.channel.direct_message(request)
    shop.channel.reply(request_for(mention, key="o" * 32))
    assert shop.chat.posts == 3
    assert len({headers["webhook-id"] for _, _, headers, _ in shop.chat.asked}) == 3
    assert all("k" * 32 not in key for key in shop.chat.replies)


def test_409_is_success_with_the_first_attempts_id(shop: Shop, mention: IncomingMention) -> None:
    first = shop.channel.reply(request_for(mention))
    assert shop.channel.reply(request_for(mention)) == first
    assert shop.chat.posts == 1


@pytest.mark.parametrize(
    "answer",
    [
        Response(status_code=204),
        PlainTextResponse("OK"),
        PlainTextResponse("accepted", status_code=202),
        JSONResponse([1, 2]),
        JSONResponse({"id": 7}),
        JSONResponse({"url": "javascript:alert(1)"}),
        JSONResponse({"id": "null\x00byte"}),
        JSONResponse({"url": "https://chat.example/\x00"}),
        PlainTextResponse("x" * 200_000),
        Response(status_code=409),
    ],
)
def test_any_success_is_success_whatever_its_body(shop: Shop, mention: IncomingMention, answer: Response) -> None:
    shop.chat.once.append(answer)
    sent = shop.channel.reply(request_for(mention))
    assert sent == SentPost(external_id=shop.chat.asked[-1][2]["webhook-id"])


@pytest.mark.parametrize(
    ("status", "code"),
    [(400, "refused"), (401, "unauthorized"), (403, "unauthorized"), (404, "refused"), (410, "gone"), (422, "refused")],
)
def test_a_refusal_is_permanent_with_the_reason_and_a_remedy(
    shop: Shop, mention: IncomingMention, status: int, code: str
) -> None:
    shop.chat.once.append(JSONResponse({"error": "The case is closed."}, status_code=status))
    error = refusal(shop.channel, mention)
    assert isinstance(error, PermanentError)
    assert (error.code, "The case is closed" in error.message, bool(error.remedy)) == (code, True, True)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (PlainTextResponse("no\n\x00\u202esuch\tcase", status_code=400), ": no \ufffdsuch case."),
        (PlainTextResponse("x" * 5000, status_code=400), f": {'x' * 200}."),
        (JSONResponse({"message": "因为"}, status_code=400), ": 因为."),
        (JSONResponse({"error": {"deep": 1}}, status_code=400), "(400)."),
        (JSONResponse(["x"], status_code=400), "(400)."),
        (Response(b"\xff\xfe", status_code=400, media_type="text/plain"), ": ��."),
        (Response(b"<html>Oops</html>", status_code=400, media_type="text/html"), "(400)."),
        (Response(b"[" * 50_000, status_code=400, media_type="application/json"), "(400)."),
    ],
)
def test_a_reason_is_one_short_line(shop: Shop, mention: IncomingMention, answer: Response, said: str) -> None:
    shop.chat.once.append(answer)
    assert refusal(shop.channel, mention).message.endswith(said)


def test_a_reason_that_repeats_our_secret_is_not_passed_on(shop: Shop, mention: IncomingMention) -> None:
    words = f"expected {REPLY_SECRET} or {SECRET.removeprefix('whsec_')}"
    shop.chat.once.append(JSONResponse({"error": words}, status_code=401))
    error = refusal(shop.channel, mention)
    assert "expected … or …" in error.message
    for secret in (SECRET, REPLY_SECRET):
        assert secret.removeprefix("whsec_") not in f"{error!r} {error.__cause__!r} {error.__context__!r}"


@pytest.mark.parametrize(("status", "asked", "wait"), [(429, "30", 30.0), (429, "", None), (503, "120", 120.0)])
def test_a_busy_receiver_is_asked_again_when_it_says(
    shop: Shop, mention: IncomingMention, status: int, asked: str, wait: float | None
) -> None:
    shop.chat.once.append(Response(status_code=status, headers={"retry-after": asked} if asked else {}))
    error = refusal(shop.channel, mention)
    assert isinstance(error, RetryableError)
    assert error.retry_after_seconds == wait
    assert shop.chat.posts == 0


@pytest.mark.parametrize("status", [303, 408, 500, 502, 503, 504])
def test_a_receiver_in_trouble_leaves_a_doubt(shop: Shop, mention: IncomingMention, status: int) -> None:
    shop.chat.once.append(Response(status_code=status))
    assert isinstance(refusal(shop.channel, mention), SendUncertainError)


@pytest.mark.parametrize("cut", list(Cut))
def test_a_connection_that_breaks_leaves_a_doubt(
    open_channel: OpenChannel, shop: Shop, proxy: FaultyProxy, mention: IncomingMention, cut: Cut
) -> None:
    channel = open_channel(timeout_seconds=1 if cut is Cut.SILENT else 10)
    proxy.fail_next(f"POST {REPLIES}", cut)
    assert isinstance(refusal(channel, mention), SendUncertainError)
    assert shop.chat.posts == (cut in {Cut.AFTER, Cut.HALF})


def test_twenty_replies_behind_a_dying_connection_are_there_once_each(shop: Shop, proxy: FaultyProxy) -> None:
    for number in range(20):
        shop.write(f"number {number}")
    for number, mention in enumerate(read_all(shop.channel)[0]):
        request = request_for(mention, key=f"{number:032}")
        proxy.fail_next(f"POST {REPLIES}", Cut.BEFORE if number % 3 == 0 else Cut.AFTER)
        with pytest.raises(SendUncertainError):
            shop.channel.reply(request)
        if shop.channel.find_reply(request, Visibility.PUBLIC) is None:
            shop.channel.reply(request)
        assert shop.channel.find_reply(request, Visibility.PUBLIC) is not None
    assert shop.chat.posts == 20
    assert len({reply["message_id"] for reply in shop.chat.replies.values()}) == 20


def test_a_receiver_that_is_not_there_got_nothing(open_channel: OpenChannel, mention: IncomingMention) -> None:
    error = refusal(open_channel(reply_address="http://127.0.0.1:9/replies"), mention)
    assert (type(error), error.code) == (RetryableError, "unreachable")


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(shop: Shop, proxy: FaultyProxy, mention: IncomingMention, status: int) -> None:
    shop.chat.once.append(RedirectResponse(f"{proxy.url}/elsewhere", status_code=status))
    error = refusal(shop.channel, mention)
    assert (type(error), error.code) == (PermanentError, "moved")
    assert proxy.count("elsewhere") == 0


def test_a_private_address_is_refused_unless_the_option_allows_it(
    open_channel: OpenChannel, mention: IncomingMention, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A public name that leads inside, be it by a mistake or by somebody who took over its name server."""
    inside = [(2, 1, 6, "", ("10.0.0.7", 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: inside)
    channel = open_channel(reply_address="https://crm.example/replies", status_address=None, private_network=False)
    error = refusal(channel, mention)
    assert (type(error), error.code) == (PermanentError, "private_address")
    assert "private_network" in error.remedy


def test_nothing_is_said_in_the_clear_to_a_host_that_is_not_private_after_all(
    open_channel: OpenChannel, mention: IncomingMention, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside = [(2, 1, 6, "", ("93.184.216.34", 80))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: outside)
    channel = open_channel(reply_address="http://crm.example/replies", status_address=None)
    error = refusal(channel, mention)
    assert (type(error), error.code) == (PermanentError, "not_private")


@pytest.mark.parametrize("address", ["fec0::1", "::ffff:0:127.0.0.1"])
def test_old_ways_to_write_an_inner_address_are_not_public(address: str) -> None:
    assert not is_public(address)


def test_an_answer_without_end_is_cut(shop: Shop, proxy: FaultyProxy, mention: IncomingMention) -> None:
    proxy.fail_next(f"POST {REPLIES}", Answer(200, b'{"id": "' + b"x" * 150_000, {}))
    assert shop.channel.reply(request_for(mention)).external_id.startswith("reply_")


def test_without_a_status_address_nobody_can_tell(
    open_channel: OpenChannel, proxy: FaultyProxy, mention: IncomingMention
) -> None:
    channel = open_channel(status_address=None)
    proxy.fail_next(f"POST {REPLIES}", Cut.AFTER)
    with pytest.raises(SendUncertainError):
        channel.reply(request_for(mention))
    with pytest.raises(RetryableError) as caught:
        channel.find_reply(request_for(mention), Visibility.PUBLIC)
    assert caught.value.code == "cannot_tell"


@pytest.mark.parametrize(
    "answer",
    [
        Response(status_code=404),
        PlainTextResponse("Not Found", status_code=404),
        JSONResponse({"error": "no such page"}, status_code=404),
        JSONResponse({"state": "accepted"}, status_code=404),
        JSONResponse({"state": "unknown"}),
        JSONResponse({"state": "unknown"}, status_code=410),
        JSONResponse({}),
        Response(status_code=204),
        PlainTextResponse("OK"),
        RedirectResponse("/elsewhere"),
        JSONResponse({"error": "who are you?"}, status_code=401),
        Response(status_code=500),
        Response(status_code=429, headers={"retry-after": "9"}),
    ],
)
def test_only_a_clear_word_says_that_a_reply_is_not_there(
    shop: Shop, mention: IncomingMention, answer: Response
) -> None:
    shop.chat.once.append(answer)
    with pytest.raises(RetryableError):
        shop.channel.find_reply(request_for(mention), Visibility.PUBLIC)
    assert shop.channel.find_reply(request_for(mention), Visibility.PUBLIC) is None


def test_the_status_of_a_private_reply_is_not_that_of_a_public_one(shop: Shop, mention: IncomingMention) -> None:
    shop.channel.reply(request_for(mention))
    assert shop.channel.find_reply(request_for(mention), Visibility.DM) is None
    assert shop.chat.asked[-1][:2] == ("GET", f"{STATUS}/{shop.chat.asked[-1][2]['webhook-id']}")


def test_both_of_our_secrets_sign_while_the_receiver_changes(
    open_channel: OpenChannel, chat: WebhookChat, mention: IncomingMention
) -> None:
    channel = open_channel(secrets={"reply_secret": SECRET, "previous_reply_secret": REPLY_SECRET})
    for number, known in enumerate(((SECRET,), (REPLY_SECRET,))):
        chat.secrets = known
        channel.reply(request_for(mention, key=f"{number:032}"))
    assert chat.posts == 2


def test_an_account_without_an_address_hands_off(open_channel: OpenChannel, mention: IncomingMention) -> None:
    channel = open_channel(reply_address=None, status_address=None, secrets={"reply_secret": None})
    assert not channel.capabilities.can_reply
    assert not channel.capabilities.can_direct_message
    for send in (channel.reply, channel.direct_message):
        with pytest.raises(PermanentError) as caught:
            send(request_for(mention))
        assert mention.url in caught.value.remedy
        with pytest.raises(PermanentError, match="where the message came from"):
            send(replace(request_for(mention), target=replace(request_for(mention).target, url="")))
    with pytest.raises(RetryableError) as doubt:  # it may have been sent while there was an address
        channel.find_reply(request_for(mention), Visibility.PUBLIC)
    assert doubt.value.code == "cannot_tell"
    assert "answer by hand" in channel.probe()


def test_private_replies_can_be_switched_off(open_channel: OpenChannel, mention: IncomingMention) -> None:
    channel = open_channel(private_replies=False)
    assert channel.capabilities.can_reply
    assert not channel.capabilities.can_direct_message
    with pytest.raises(PermanentError, match="switched off"):
        channel.direct_message(request_for(mention))


def test_a_probe_pings_and_shows_nothing_to_anybody(shop: Shop) -> None:
    said = shop.channel.probe()
    assert "took our ping" in said
    assert (shop.chat.pings, shop.chat.posts) == (1, 0)


def test_a_probe_notices_a_status_address_that_claims_everything(shop: Shop, proxy: FaultyProxy) -> None:
    says_yes = Answer(200, b'{"state": "accepted"}', {"content-type": "application/json"})
    proxy.fail_next(f"GET {STATUS}", says_yes)
    with pytest.raises(PermanentError, match="never sent"):
        shop.channel.probe()


def test_a_probe_without_an_answer_is_no_doubt_but_a_later_question(shop: Shop, proxy: FaultyProxy) -> None:
    for fault in (Cut.AFTER, Answer(500)):
        proxy.fail_next(f"POST {REPLIES}", fault)
        with pytest.raises(RetryableError):
            shop.channel.probe()
