"""What we ask, what our LINE answers, and the calls it makes are what LINE's published descriptions say."""

import json
from typing import Any

import pytest

from domain.words import Visibility
from listener.channels.line import LineChannel
from tests.listener.channel_contract import request_for
from tests.listener.line.stage import Stage, mention_of, named
from tests.partners.line_api import TOKEN, Exchange, make_call
from tests.partners.line_description import FOLDER, IS_THERE, find_call_faults, find_event_faults, find_faults
from tests.tiers import NOT_OURS

needs_description = pytest.mark.skipif(
    not IS_THERE, reason=f"{NOT_OURS}LINE's description in {FOLDER.name} is not beside the project"
)
EXPECTED = {
    "GET /v2/bot/channel/webhook/endpoint",
    "GET /v2/bot/info",
    "GET /v2/bot/message/quota",
    "GET /v2/bot/message/quota/consumption",
    "GET /v2/bot/profile/{user:str}",
    "GET /v2/bot/{kind:str}/{chat:str}/member/{user:str}",
    "GET /v2/bot/{kind:str}/{chat:str}/members/count",
    "POST /v2/bot/message/push",
}


def use_everything(stage: Stage, channel: LineChannel) -> None:
    """Let the channel make every call it knows, refused ones too."""
    channel.probe()
    alone = request_for(mention_of(channel, stage.say("hello 😀")))
    together = request_for(mention_of(channel, stage.say(named("@shop hi"), chat="friends")), key="o" * 32)
    ways = ((alone, channel.direct_message, Visibility.DM), (together, channel.reply, Visibility.PUBLIC))
    for request, send, visibility in ways:
        channel.eligibility(request.target)
        assert channel.find_reply(request, visibility) is None
        send(request)
        send(request)
        assert channel.find_reply(request, visibility)


def every_event(stage: Stage) -> list[dict[str, Any]]:
    """Return the events that the tests' LINE makes."""
    api = stage.api
    messages: list[dict[str, Any]] = [
        named("@shop $"),
        {"type": "image", "contentProvider": {"type": "line"}, "imageSet": {"id": "E0", "index": 1, "total": 2}},
        {"type": "video", "duration": 60000, "contentProvider": {"type": "line"}},
        {
            "type": "sticker",
            "packageId": "446",
            "stickerId": "1988",
            "stickerResourceType": "STATIC",
            "keywords": ["x"],
        },
    ]
    events = [api.message(one, chat="friends") for one in messages]
    events += [api.message({"type": "text", "text": "x", "quotedMessageId": "1"}), api.unsend("1")]
    events += [api.event("follow", follow={"isUnblocked": False}), api.event("postback", postback={"data": "x"})]
    return events


@needs_description
def test_every_request_and_every_answer_is_as_line_describes_it(stage: Stage, channel: LineChannel) -> None:
    use_everything(stage, channel)
    told = {fault for one in stage.api.exchanges if not is_question(one) for fault in find_faults(one)}
    assert sorted(told) == []


@needs_description
def test_the_question_after_a_send_is_one_that_line_s_own_description_refuses(
    stage: Stage, channel: LineChannel
) -> None:
    use_everything(stage, channel)
    questions = [one for one in stage.api.exchanges if is_question(one)]
    assert {one.status for one in questions} == {400, 409}
    for one in questions:
        (fault,) = find_faults(one)
        assert "$.messages" in fault


@needs_description
def test_every_event_is_as_line_describes_it(stage: Stage) -> None:
    events = every_event(stage)
    assert [fault for event in events for fault in find_event_faults(event)] == []
    assert find_call_faults(json.loads(make_call(events).body)) == []
    assert find_call_faults(json.loads(make_call([]).body)) == []


@needs_description
def test_the_check_sees_what_is_wrong(stage: Stage) -> None:
    body = {"to": 5, "messages": [{"type": "text", "texts": "x"}, {"type": "poem"}]}
    answer = {"sentMessages": [{"id": 5}]}
    said = " ".join(find_faults(Exchange("POST", "/v2/bot/message/push", {"x-line-key": ""}, body, 200, answer)))
    for fault in ("$.to", "no field texts", "no Message poem", "$.sentMessages[0].id", "no header x-line-key"):
        assert fault in said
    event = {**stage.api.unsend("1"), "replyToken": "x", "timestamp": "now"}
    told = " ".join(find_event_faults(event))
    assert "no field replyToken" in told
    assert "$.timestamp" in told


def test_the_channel_makes_these_calls_and_no_others(stage: Stage, channel: LineChannel) -> None:
    use_everything(stage, channel)
    assert {f"{one.method} {one.route}" for one in stage.api.exchanges} == EXPECTED


def test_the_token_is_in_its_header_only(stage: Stage, channel: LineChannel) -> None:
    use_everything(stage, channel)
    for one in stage.api.exchanges:
        assert one.headers["authorization"] == f"Bearer {TOKEN}"
        assert TOKEN not in json.dumps(one.body)
    assert not [path for path in stage.proxy.seen if TOKEN in path]


def is_question(exchange: Exchange) -> bool:
    return exchange.body is not None and exchange.body["messages"] == []
