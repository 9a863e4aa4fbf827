"""Asking an OpenAI-compatible chat server, with an end to the time it may take however slowly it talks."""

import time
from collections.abc import Callable, Generator
from contextlib import closing
from http import HTTPStatus
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Final

import httpx2

from config.chat_settings import ChatServerSettings
from domain.chat import Answer, ChatQuestion, ChatTrouble, NoAnswerError, UnfitAnswerError
from domain.clock import Clock
from kikite.chat.watch import Watch
from kikite.chat.wire import (
    EXPLAINED,
    MOST_BYTES,
    Manners,
    RefusedError,
    explain_refusal,
    guess_tokens,
    read_completion,
    read_stream,
    write_request,
)

COMPLAINT_BYTES: Final = 4_096
"""Read of what a server says when it refuses."""

Heard = bytes | Exception | None


class ChatServer:
    """A ``ChatModel``. Never follows a redirect: texts go to the address in the settings and nowhere else."""

    def __init__(self, settings: ChatServerSettings, *, watch: Watch, clock: Clock) -> None:
        self._settings = settings
        self._watch = watch
        self._clock = clock
        self._manners = Manners()
        key = settings.api_key.get_secret_value()
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._trust = httpx2.create_ssl_context()

    @property
    def name(self) -> str:
        """The model's name on that server."""
        return self._settings.model

    def ask(self, question: ChatQuestion, *, read: Callable[[str], Answer]) -> Answer:
        """Return what ``read`` makes of the answer. Raises ``NoAnswerError`` within ``timeout_seconds``."""
        until = time.monotonic() + self._settings.timeout_seconds
        try:
            answer = self._ask(question, read, until=until)
        except NoAnswerError as error:
            self._watch.failed(error)
            raise
        self._watch.succeeded()
        return answer

    def listen(self, question: ChatQuestion) -> Generator[str, None, None]:
        """Yield the answer piece by piece, all of it within ``timeout_seconds``. Raises ``NoAnswerError``."""
        until = time.monotonic() + self._settings.timeout_seconds
        length = 0
        try:
            with closing(self._exchange(question, until=until, stream=True)) as parts:
                for piece in read_stream(parts):
                    length += len(piece)
                    yield piece
        except NoAnswerError as error:
            self._watch.failed(error)
            raise
        finally:
            self._watch.spend(guess_tokens(self._request(question, stream=True), length) if length else 0)
        self._watch.succeeded()

    def _ask(self, question: ChatQuestion, read: Callable[[str], Answer], *, until: float) -> Answer:
        with closing(self._exchange(question, until=until, stream=False)) as parts:
            raw = b"".join(parts)
        guess = guess_tokens(self._request(question, stream=False), len(raw))
        try:
            said = read_completion(raw)
        except NoAnswerError:
            self._watch.spend(guess)
            raise
        self._watch.spend(guess if said.tokens is None else said.tokens)
        try:
            return read(said.content)
        except UnfitAnswerError as error:
            raise NoAnswerError(f"unfit answer: {error}", trouble=ChatTrouble.UNFIT) from error

    def _exchange(self, question: ChatQuestion, *, until: float, stream: bool) -> Generator[bytes, None, None]:
        """Yield the answer's bytes. A server that lacks something we ask for is asked more simply, and so from then on."""
        while True:
            self._watch.allow()
            try:
                yield from self._talk(self._request(question, stream=stream), until=until)
            except RefusedError as refused:
                simpler = self._manners.learn(refused.said, with_schema=question.schema is not None)
                if refused.may_be_simpler and simpler:
                    self._manners = simpler
                    continue
                raise explain_refusal(refused, now=self._clock.now()) from refused
            except httpx2.HTTPError as error:
                raise NoAnswerError(type(error).__name__, trouble=ChatTrouble.UNREACHABLE) from error
            return

    def _request(self, question: ChatQuestion, *, stream: bool) -> dict[str, object]:
        return write_request(question, model=self._settings.model, manners=self._manners, stream=stream)

    def _talk(self, request: dict[str, object], *, until: float) -> Generator[bytes, None, None]:
        """Talk in a thread of its own and hang up when time is over: a timeout alone begins anew with every byte of a trickle."""
        heard: SimpleQueue[Heard] = SimpleQueue()
        # A client for one question: minutes may lie between two, and hanging up must not reach another's.
        with httpx2.Client(
            headers=self._headers, verify=self._trust, timeout=self._settings.timeout_seconds, follow_redirects=False
        ) as web:
            Thread(target=self._carry, args=(heard, web, request), name="language-model", daemon=True).start()
            while True:
                try:
                    said = heard.get(timeout=max(until - time.monotonic(), 0))
                except Empty:
                    raise NoAnswerError("too slow", trouble=ChatTrouble.SLOW) from None
                if said is None:
                    return
                if isinstance(said, Exception):
                    raise said
                yield said

    def _carry(self, heard: SimpleQueue[Heard], web: httpx2.Client, request: dict[str, object]) -> None:
        try:
            self._read(heard, web, request)
            heard.put(None)
        except Exception as error:  # noqa: BLE001 - whatever it is, the one who waits is told; hung up upon, nobody listens
            heard.put(error)

    def _read(self, heard: SimpleQueue[Heard], web: httpx2.Client, request: dict[str, object]) -> None:
        length = 0
        with web.stream("POST", f"{self._settings.base_url}/chat/completions", json=request) as response:
            if response.status_code != HTTPStatus.OK:
                raise RefusedError(
                    response.status_code,
                    delay=response.headers.get("retry-after", ""),
                    said=_read_complaint(response) if response.status_code in EXPLAINED else "",
                )
            for part in response.iter_bytes():
                length += len(part)
                if length > MOST_BYTES:
                    raise NoAnswerError("answer too long", trouble=ChatTrouble.REFUSED)
                heard.put(part)


def _read_complaint(response: httpx2.Response) -> str:
    raw = b""
    for part in response.iter_bytes():
        raw += part
        if len(raw) >= COMPLAINT_BYTES:
            break
    return raw[:COMPLAINT_BYTES].decode("utf-8", "replace")
