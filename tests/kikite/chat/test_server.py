"""The one client for language models against real HTTP on loopback: manners it learns, streams, budget, hanging up."""

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from config.drafter_settings import DrafterSettings
from domain.chat import ChatQuestion, ChatTrouble, NoAnswerError, UnfitAnswerError, unwrap
from domain.clock import FixedClock
from kikite.chat.opening import DRAFTER, open_server
from kikite.chat.server import ChatServer
from tests.partners.chat_server import ChatPartner, Reply, chat_partner, completion

QUESTION = ChatQuestion(instructions="Be kind.", data="Hello", most_tokens=50, schema={"type": "object"})
Open = Callable[..., ChatServer]


@pytest.fixture
def partner() -> Iterator[ChatPartner]:
    with chat_partner() as made:
        yield made


@pytest.fixture
def open_chat(partner: ChatPartner, tmp_path: Path) -> Open:
    clock = FixedClock(datetime(2026, 11, 20, 9, tzinfo=UTC))

    def made(**said: object) -> ChatServer:
        given = {"backend": "server", "base_url": partner.url, "model": "local", "timeout_seconds": 5, **said}
        return open_server(DrafterSettings.model_validate(given), state=tmp_path, purpose=DRAFTER, clock=clock)

    return made


def refusing(partner: ChatPartner, fault: Callable[[dict[str, object]], str], *, status: int = 400) -> None:
    """Answer ``status`` with what ``fault`` says of the newest request, else a completion."""

    def answer(_question: str) -> Reply:
        said = fault(partner.requests[-1])
        return (
            Reply(status=status, body=json.dumps({"error": {"message": said}}).encode()) if said else completion("hi")
        )

    partner.answer = answer


def form_of(request: dict[str, object]) -> str:
    form = request.get("response_format")
    return str(form["type"]) if isinstance(form, dict) else "plain"


@pytest.mark.parametrize("status", [400, 422, 500])
@pytest.mark.parametrize(
    ("known", "tried"),
    [
        ({"json_schema", "json_object", "plain"}, ["json_schema"]),
        ({"json_object", "plain"}, ["json_schema", "json_object"]),
        ({"plain"}, ["json_schema", "json_object", "plain"]),
    ],
)
def test_a_server_that_knows_less_is_asked_more_simply_and_from_then_on(
    partner: ChatPartner, open_chat: Open, known: set[str], tried: list[str], status: int
) -> None:
    refusing(
        partner, lambda request: "" if form_of(request) in known else "response_format is not supported", status=status
    )
    chat = open_chat()

    assert chat.ask(QUESTION, read=str) == "hi"
    assert [form_of(request) for request in partner.requests] == tried
    chat.ask(QUESTION, read=str)
    assert [form_of(request) for request in partner.requests] == [*tried, tried[-1]]


def test_servers_with_other_names_for_the_limit_or_a_fixed_temperature_are_understood(
    partner: ChatPartner, open_chat: Open
) -> None:
    def fault(request: dict[str, object]) -> str:
        if "max_tokens" in request:
            return "Use 'max_completion_tokens' instead."
        return "'temperature' does not support 0" if "temperature" in request else ""

    refusing(partner, fault)

    assert open_chat().ask(QUESTION, read=str) == "hi"
    assert partner.requests[-1]["max_completion_tokens"] == 50
    assert form_of(partner.requests[-1]) == "json_schema"


def test_a_server_that_refuses_everything_is_not_asked_for_ever(partner: ChatPartner, open_chat: Open) -> None:
    refusing(partner, lambda _request: "max_completion_tokens temperature response_format")

    with pytest.raises(NoAnswerError) as refused:
        open_chat().ask(QUESTION, read=str)

    assert refused.value.trouble is ChatTrouble.REFUSED
    assert len(partner.requests) == 5


def test_every_request_counts_against_the_budget_also_a_second_try(partner: ChatPartner, open_chat: Open) -> None:
    refusing(partner, lambda request: "" if form_of(request) == "plain" else "no")

    with pytest.raises(NoAnswerError) as spent:
        open_chat(daily_calls=2).ask(QUESTION, read=str)

    assert spent.value.trouble is ChatTrouble.SPENT
    assert len(partner.requests) == 2


def test_an_answer_its_reader_refuses_is_a_failure_and_three_make_a_rest(partner: ChatPartner, open_chat: Open) -> None:
    def refuse(_content: str) -> str:
        raise UnfitAnswerError("no")

    partner.says(completion("hi"))
    chat = open_chat()
    troubles = []
    for _ in range(4):
        with pytest.raises(NoAnswerError) as refused:
            chat.ask(QUESTION, read=refuse)
        troubles.append(refused.value.trouble)

    assert troubles == [ChatTrouble.UNFIT] * 3 + [ChatTrouble.RESTING]
    assert len(partner.requests) == 3


def stream_of(*pieces: str, end: str = "data: [DONE]\n\n") -> Reply:
    parts = [f"data: {json.dumps({'choices': [{'delta': {'content': piece}}]})}\n\n" for piece in pieces]
    role = 'data: {"choices": [{"delta": {"role": "assistant"}}]}\n\n'
    return Reply(body=f": keep-alive\n\n{role}{''.join(parts)}{end}".encode())


def test_a_streamed_answer_comes_in_its_pieces(partner: ChatPartner, open_chat: Open) -> None:
    partner.says(stream_of("申し訳", "ございません", "。"))

    assert list(open_chat().listen(QUESTION)) == ["申し訳", "ございません", "。"]
    assert partner.requests[-1]["stream"] is True


def test_a_server_that_does_not_stream_is_heard_all_the_same(partner: ChatPartner, open_chat: Open) -> None:
    partner.says(completion("hello"))

    assert list(open_chat().listen(QUESTION)) == ["hello"]


@pytest.mark.parametrize(
    "reply",
    [
        Reply(body=b"data: {nonsense\n\n"),
        Reply(body=b'data: {"choices": 3}\n\n'),
        Reply(body=b"data: " + b"x" * 70_000),
        Reply(status=500),
        Reply(drips=True),
        Reply(stays_silent=True),
    ],
)
def test_a_broken_stream_is_no_answer(partner: ChatPartner, open_chat: Open, reply: Reply) -> None:
    partner.says(reply)

    with pytest.raises(NoAnswerError):
        list(open_chat(timeout_seconds=0.3).listen(QUESTION))


def test_who_stops_listening_hangs_up_and_the_server_is_not_blamed(partner: ChatPartner, open_chat: Open) -> None:
    partner.says(stream_of("one", "two", "three"))
    chat = open_chat()
    for _ in range(5):
        with closing(chat.listen(QUESTION)) as pieces:
            assert next(pieces) == "one"

    assert list(chat.listen(QUESTION)) == ["one", "two", "three"]


@pytest.mark.parametrize(
    ("content", "bare"),
    [
        ('<think>\nhm {"a": 1}\n</think>\n{"texts": []}', '\n{"texts": []}'),
        ('```json\n{"texts": []}\n```', '{"texts": []}\n'),
        ('{"texts": ["<think>"]}', '{"texts": ["<think>"]}'),
    ],
)
def test_thoughts_and_code_blocks_around_an_answer_are_taken_off(content: str, bare: str) -> None:
    assert unwrap(content) == bare
