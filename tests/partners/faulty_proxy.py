"""An HTTP proxy on loopback between a channel and its partner server, which fails when told: for any channel's tests.

It carries whole requests, so each fault happens at an exact point: before the server, after it, or in its answer.
"""

import http.client
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length", "content-encoding", "host"})


class Cut(StrEnum):
    """Where the connection breaks."""

    BEFORE = "before"
    """The request is read but never reaches the server."""
    AFTER = "after"
    """The server did it; not a byte of its answer comes."""
    HALF = "half"
    """The server did it; its answer breaks off in the middle."""
    SILENT = "silent"
    """The request is read, never reaches the server, and the connection stays open until the client gives up."""


@dataclass(frozen=True)
class Answer:
    """What the proxy says itself instead of asking the server."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


class FaultyProxy:
    """Carries HTTP to ``target``; ``fail_next`` arms one fault for the next request whose method and path contain a word."""

    def __init__(self, target: str) -> None:
        self._target = urlsplit(target)
        self._armed: deque[tuple[str, Cut | Answer]] = deque()
        self._lock = threading.Lock()
        self.seen: list[str] = []
        """Methods and paths of all requests (``GET /path``), without their queries."""
        proxy = self

        class Door(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # else an answer's body waits 40 ms behind its head

            def do_GET(self) -> None:
                proxy.carry(self)

            def do_POST(self) -> None:
                proxy.carry(self)

            def do_PUT(self) -> None:
                proxy.carry(self)

            def log_message(self, *_arguments: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True, name="faulty proxy").start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def fail_next(self, path: str, fault: Cut | Answer, *, times: int = 1) -> None:
        """Let the next requests whose ``METHOD /path`` contains ``path`` run into ``fault``."""
        with self._lock:
            self._armed.extend([(path, fault)] * times)

    def count(self, path: str) -> int:
        """Return how many requests contained ``path``."""
        return sum(path in one for one in self.seen)

    def stop(self) -> None:
        """Stop listening: from now on, connections are refused. Harmless when repeated."""
        self._server.shutdown()
        self._server.server_close()

    def carry(self, door: BaseHTTPRequestHandler) -> None:
        """Carry one request, or fail it."""
        body = door.rfile.read(int(door.headers.get("content-length", 0)))
        path = f"{door.command} {urlsplit(door.path).path}"
        fault = self._take_fault(path)
        if isinstance(fault, Answer):
            self._answer(door, fault)
            return
        door.close_connection = door.close_connection or fault is not None
        if fault is Cut.SILENT:
            door.rfile.read(1)  # returns when the client hangs up
        if fault in {Cut.BEFORE, Cut.SILENT}:
            return
        answer = self._ask(door, body)
        if fault is Cut.HALF:
            self._answer(door, answer, bytes_sent=len(answer.body) // 2)
        elif fault is None:
            self._answer(door, answer)

    def _take_fault(self, path: str) -> Cut | Answer | None:
        with self._lock:
            self.seen.append(path)
            for index, (word, fault) in enumerate(self._armed):
                if word in path:
                    del self._armed[index]
                    return fault
        return None

    def _ask(self, door: BaseHTTPRequestHandler, body: bytes) -> Answer:
        connection = http.client.HTTPConnection(self._target.hostname or "", self._target.port, timeout=30)
        headers = {name: value for name, value in door.headers.items() if name.lower() not in {*HOP, "accept-encoding"}}
        connection.request(door.command, door.path, body=body or None, headers=headers)
        response = connection.getresponse()
        told = {name: value for name, value in response.getheaders() if name.lower() not in HOP}
        answer = Answer(response.status, response.read(), told)
        connection.close()
        return answer

    def _answer(self, door: BaseHTTPRequestHandler, answer: Answer, *, bytes_sent: int | None = None) -> None:
        door.send_response(answer.status)
        for name, value in answer.headers.items():
            door.send_header(name, value)
        door.send_header("content-length", str(len(answer.body)))
        door.end_headers()
        door.wfile.write(answer.body[:bytes_sent])
