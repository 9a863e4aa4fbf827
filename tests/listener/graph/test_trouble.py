"""What Meta's errors mean for a poll and for a send."""

import traceback

import pytest

from domain.errors import ChannelError, ConfigError, PermanentError, RetryableError, SendUncertainError
from listener.channels.graph.channel import GraphChannel
from tests.listener.channel_contract import read_all, request_for
from tests.listener.graph.stage import JSON, OpenChannel, refusal
from tests.partners.faulty_proxy import Answer, Cut, FaultyProxy
from tests.partners.graph_world import SECRET, TOKEN, VERIFY, World

PERMANENT: list[tuple[int, int, str]] = [
    (190, 0, "token_refused"),
    (190, 458, "token_refused"),
    (190, 460, "token_refused"),
    (190, 463, "token_refused"),
    (190, 467, "token_refused"),
    (190, 492, "token_refused"),
    (102, 0, "token_refused"),
    (10, 0, "no_right"),
    (200, 0, "no_right"),
    (299, 0, "no_right"),
    (10, 2018278, "window_closed"),
    (10, 2534022, "window_closed"),
    (100, 33, "gone"),
    (803, 0, "gone"),
    (100, 0, "refused"),
    (368, 0, "blocked"),
    (506, 0, "duplicate"),
    (551, 0, "not_reachable"),
    (551, 1545041, "not_reachable"),
    (100, 2018001, "not_reachable"),
    (10900, 0, "already_replied"),
    (424242, 0, "refused"),
]


in_the_shared_part = pytest.mark.parametrize("kind", ["facebook"])
"""What one client does for both."""


def send(channel: GraphChannel, world: World) -> None:
    world.comment("hello", on=world.post())
    mention = read_all(channel)[0][0]
    channel.reply(request_for(mention))


def fail(channel: GraphChannel, world: World, proxy: FaultyProxy, answer: Answer) -> tuple[ChannelError, ChannelError]:
    """Return what ``answer`` means to a poll, and to a send."""
    world.post()
    proxy.fail_next("GET ", answer)
    with pytest.raises(ChannelError) as polled:
        channel.poll(None)
    proxy.fail_next("POST ", answer)
    with pytest.raises(ChannelError) as sent:
        send(channel, world)
    assert not [node for node in world.nodes.values() if node.author == world.own and node.post]
    return polled.value, sent.value


@in_the_shared_part
@pytest.mark.parametrize(("code", "subcode", "expected"), PERMANENT)
def test_a_refusal_for_good_says_what_to_do(
    channel: GraphChannel, world: World, proxy: FaultyProxy, code: int, subcode: int, expected: str
) -> None:
    for error in fail(channel, world, proxy, refusal(code, subcode)):
        assert isinstance(error, PermanentError)
        assert error.code == expected
        assert error.remedy


@in_the_shared_part
@pytest.mark.parametrize("code", [4, 17, 32, 613, 80001, 80002, 80006])
@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({}, 300),
        ({"retry-after": "42"}, 42),
        (
            {"x-business-use-case-usage": '{"1":[{"call_count":100,"estimated_time_to_regain_access":3}]}'},
            180,
        ),
    ],
)
def test_too_many_requests_are_asked_again_when_meta_says(
    channel: GraphChannel, proxy: FaultyProxy, code: int, headers: dict[str, str], wait: float
) -> None:
    proxy.fail_next("GET ", refusal(code, headers=headers))
    with pytest.raises(RetryableError) as caught:
        channel.poll(None)
    assert (caught.value.code, caught.value.retry_after_seconds) == ("rate_limited", wait)


def test_a_send_for_which_there_are_too_many_requests_was_surely_not_accepted(
    channel: GraphChannel, world: World, proxy: FaultyProxy
) -> None:
    for error in fail(channel, world, proxy, refusal(32, is_transient=True)):
        assert isinstance(error, RetryableError)


@in_the_shared_part
@pytest.mark.parametrize(
    "answer",
    [
        refusal(1),
        refusal(2, status=500),
        refusal(999, is_transient=True),
        refusal(999, status=503),
        refusal(-1),
        refusal(1200),
        Answer(200, b'{"id": "1_2", "error": {}}', JSON),
        Answer(500),
        Answer(502, b"<html>"),
        Answer(503, b"{}"),
        Answer(408),
    ],
)
def test_passing_trouble_is_a_doubt_for_a_send_only(
    channel: GraphChannel, world: World, proxy: FaultyProxy, answer: Answer
) -> None:
    polled, sent = fail(channel, world, proxy, answer)
    assert isinstance(polled, RetryableError)
    assert isinstance(sent, SendUncertainError)


def test_a_question_that_is_too_large_says_which_option_to_change(
    channel: GraphChannel, world: World, proxy: FaultyProxy
) -> None:
    world.post()
    proxy.fail_next("GET ", refusal(1, status=500, message="Please reduce the amount of data you're asking for"))
    with pytest.raises(PermanentError) as caught:
        channel.poll(None)
    assert "page_size" in caught.value.remedy


@pytest.mark.parametrize("answer", [Answer(200, b"{}"), Answer(200, b"[]"), Answer(200, b"{"), Answer(204)])
def test_an_answer_to_a_send_that_names_nothing_is_a_doubt(
    channel: GraphChannel, world: World, proxy: FaultyProxy, answer: Answer
) -> None:
    proxy.fail_next("POST ", answer)
    with pytest.raises(SendUncertainError):
        send(channel, world)


def test_nobody_is_followed_elsewhere(channel: GraphChannel, world: World, proxy: FaultyProxy) -> None:
    world.post()
    proxy.fail_next("GET ", Answer(302, b"", {"location": f"{proxy.url}/elsewhere"}))
    with pytest.raises(PermanentError):
        channel.poll(None)
    assert proxy.count("elsewhere") == 0


def test_a_server_that_cannot_be_reached_took_no_reply(open_channel: OpenChannel, world: World) -> None:
    world.comment("hello", on=world.post())
    mention = read_all(open_channel())[0][0]
    nobody = open_channel(service="http://127.0.0.1:1")
    with pytest.raises(RetryableError) as caught:
        nobody.reply(request_for(mention))
    assert caught.value.code == "unreachable"


@pytest.mark.parametrize("fault", [refusal(190, 463), refusal(200), refusal(32), Answer(500), Cut.AFTER, Cut.HALF])
def test_secrets_stand_in_no_error_and_in_nothing_that_hangs_on_it(
    channel: GraphChannel, world: World, proxy: FaultyProxy, fault: Answer | Cut
) -> None:
    world.post()
    read_all(channel)
    for call in (lambda: channel.poll(None), channel.probe):
        proxy.fail_next("GET ", fault)
        with pytest.raises(ChannelError) as caught:
            call()
        said = "".join(traceback.TracebackException.from_exception(caught.value, capture_locals=False).format())
        said += repr(caught.value.__context__) + repr(caught.value.__cause__) + repr(channel) + repr(channel._client)
        assert not [secret for secret in (TOKEN, SECRET, VERIFY) if secret in said]


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"app_id": "my-app"}, "options.app_id"),
        ({"version": "25"}, "options.version"),
        ({"service": "http://graph.facebook.com"}, "options.service"),
        ({"service": "https://user:word@graph.facebook.com"}, "options.service"),
        ({"page_size": 0}, "options.page_size"),
        ({"page_size": 101}, "options.page_size"),
        ({"timeout_seconds": 0}, "options.timeout_seconds"),
        ({"colour": "green"}, "options.colour"),
        ({"access_token": ""}, "secrets.access_token"),
        ({"access_token": "two words"}, "secrets.access_token"),
        ({"app_secret": "秘密の言葉です"}, "secrets.app_secret"),
        ({"verify_token": "short"}, "secrets.verify_token"),
    ],
)
def test_a_wrong_option_is_named(open_channel: OpenChannel, options: dict[str, object], field: str) -> None:
    with pytest.raises(ConfigError) as caught:
        open_channel(**options)
    assert caught.value.place.field == f"channel.shop.{field}"
    assert "two words" not in str(caught.value)


def test_an_account_is_named_by_its_number(open_channel: OpenChannel, world: World) -> None:
    key = "page_id" if world.kind == "facebook" else "account_id"
    assert open_channel(**{key: 12345}).own_author_id == "12345"
    with pytest.raises(ConfigError):
        open_channel(**{key: "mizunara"})
