"""The wire of OpenAI-compatible servers: what a request looks like, what of an answer is read, and what a refusal tells us to change."""

import json
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Annotated, Final, Literal

from pydantic import BaseModel, Field, ValidationError

from domain.chat import ChatQuestion, ChatTrouble, NoAnswerError

MOST_BYTES: Final = 65_536
"""Of an answer: labels are a few hundred, drafts a few thousand."""
BUSY: Final = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})
POINTLESS: Final = frozenset(
    {
        HTTPStatus.UNAUTHORIZED,
        HTTPStatus.PAYMENT_REQUIRED,
        HTTPStatus.FORBIDDEN,
        HTTPStatus.NOT_FOUND,
        HTTPStatus.METHOD_NOT_ALLOWED,
    }
)
"""Asking again soon cannot help: key, address or model name is wrong, or nothing is paid for."""
NOT_UNDERSTOOD: Final = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY})
"""The server may lack something we asked for: it is asked more simply."""
EXPLAINED: Final = NOT_UNDERSTOOD | {HTTPStatus.INTERNAL_SERVER_ERROR}
"""What such a refusal says is read."""
LEAST_DELAY, MOST_DELAY = 1.0, 86_400.0

Form = Literal["json_schema", "json_object", "plain"]
_SIMPLER: Final[dict[Form, Form]] = {"json_schema": "json_object", "json_object": "plain"}


class RefusedError(Exception):
    """The server answered with a status other than 200."""

    def __init__(self, status: int, *, delay: str, said: str) -> None:
        super().__init__(f"status {status}")
        self.status = status
        self.delay = delay
        self.said = said
        """Beginning of the body."""

    @property
    def may_be_simpler(self) -> bool:
        """Whether asking more simply may help. The server of llama-cpp-python 0.3 calls a form it does not know its own failure (seen 2026-11-23)."""
        failed = self.status == HTTPStatus.INTERNAL_SERVER_ERROR and "response_format" in self.said
        return failed or self.status in NOT_UNDERSTOOD


@dataclass(frozen=True, kw_only=True, slots=True)
class Manners:
    """How one server wants to be asked; learned from its refusals."""

    form: Form = "json_schema"
    limit: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    says_temperature: bool = True

    def learn(self, said: str, *, with_schema: bool) -> "Manners | None":
        """Return what to try after a refusal that says ``said``; None when there is nothing left to change."""
        if "max_completion_tokens" in said and self.limit == "max_tokens":
            return replace(self, limit="max_completion_tokens")
        if "temperature" in said and self.says_temperature:
            return replace(self, says_temperature=False)
        if with_schema and self.form in _SIMPLER:
            return replace(self, form=_SIMPLER[self.form])
        return None


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """A whole answer."""

    content: str
    tokens: int | None
    """Used, question included; None when the server does not tell."""


class _Message(BaseModel):
    content: str


class _Choice(BaseModel):
    message: _Message


class _Usage(BaseModel):
    total_tokens: Annotated[int, Field(ge=0, le=10_000_000)]


class _Completion(BaseModel):
    choices: Annotated[list[_Choice], Field(min_length=1)]
    usage: _Usage | None = None


class _Delta(BaseModel):
    content: str | None = None


class _Part(BaseModel):
    delta: _Delta


class _Chunk(BaseModel):
    choices: list[_Part] = []


def write_request(question: ChatQuestion, *, model: str, manners: Manners, stream: bool) -> dict[str, object]:
    """Return the body of a request."""
    body: dict[str, object] = {
        "model": model,
        manners.limit: question.most_tokens,
        "messages": [
            {"role": "system", "content": question.instructions},
            {"role": "user", "content": question.data},
        ],
    }
    if manners.says_temperature:
        body["temperature"] = 0
    if stream:
        body["stream"] = True
    if question.schema is not None and manners.form == "json_schema":
        named = {"name": "answer", "strict": True, "schema": dict(question.schema)}
        body["response_format"] = {"type": "json_schema", "json_schema": named}
    elif question.schema is not None and manners.form == "json_object":
        body["response_format"] = {"type": "json_object"}
    return body


def read_completion(raw: bytes) -> Said:
    """Return the first choice of a chat completion. Raises ``NoAnswerError`` for anything else."""
    try:
        completion = _Completion.model_validate_json(raw)
    except ValidationError as error:
        raise NoAnswerError("not a chat completion", trouble=ChatTrouble.REFUSED) from error
    tokens = completion.usage.total_tokens if completion.usage else None
    return Said(content=completion.choices[0].message.content, tokens=tokens)


def read_stream(parts: Iterable[bytes]) -> Iterator[str]:
    """Yield the pieces of a streamed completion; one of a server that does not stream is yielded whole. Raises ``NoAnswerError``."""
    rest, streams = b"", None
    for part in parts:
        rest += part
        if streams is None and rest.strip():
            streams = not rest.lstrip().startswith(b"{")
        while streams and b"\n" in rest:
            line, _, rest = rest.partition(b"\n")
            said = _read_line(line)
            if said is None:
                return
            if said:
                yield said
    if streams is False:
        yield read_completion(rest).content


def _read_line(line: bytes) -> str | None:
    """Return what one line of an event stream says; None at its end."""
    if not line.startswith(b"data:"):
        return ""
    data = line.removeprefix(b"data:").strip()
    if data == b"[DONE]":
        return None
    try:
        chunk = _Chunk.model_validate_json(data)
    except ValidationError as error:
        raise NoAnswerError("not a chat completion", trouble=ChatTrouble.REFUSED) from error
    return (chunk.choices[0].delta.content or "") if chunk.choices else ""


def explain_refusal(refused: RefusedError, *, now: datetime) -> NoAnswerError:
    """Return the error a refusal amounts to."""
    rest = read_retry_after(refused.delay, now=now) if refused.status in BUSY else None
    return NoAnswerError(str(refused), trouble=ChatTrouble.REFUSED, rest=rest, pointless=refused.status in POINTLESS)


def read_retry_after(said: str, *, now: datetime) -> timedelta | None:
    """Return the delay that a ``Retry-After`` header asks for (RFC 9110: seconds or a date), None when it says nothing usable."""
    try:
        seconds = float(said)
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(said).astimezone(UTC) - now).total_seconds()
        except (ValueError, TypeError, OverflowError):
            return None
    if not math.isfinite(seconds):
        return None
    return timedelta(seconds=min(max(seconds, LEAST_DELAY), MOST_DELAY))


def guess_tokens(request: dict[str, object], answered: int) -> int:
    """Return a careful guess for a server that does not say what it used: two characters a token."""
    return (len(json.dumps(request)) + answered) // 2
