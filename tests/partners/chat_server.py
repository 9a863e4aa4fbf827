"""A chat server on loopback that says what a test told it to."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BufferedIOBase
from threading import Event, Thread

GOOD: Mapping[str, object] = {
    "intent": "complaint",
    "constructive": True,
    "suggestion": False,
    "abuse": False,
    "sentiment": "negative",
    "topic": "delivery",
    "urgency": "normal",
    "needs_dm": True,
    "needs_reply": True,
    "risks": [],
}


@dataclass
class Reply:
    """One HTTP answer."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    drips: bool = False
    """Sends a byte at a time until the test is over."""
    drips_head: bool = False
    """As ``drips``, within a header."""
    stays_silent: bool = False


def completion(content: object, *, tokens: int | None = 321) -> Reply:
    """Return a chat completion with ``content``, JSON-encoded unless it is text."""
    said = content if isinstance(content, str) else json.dumps(content)
    body: dict[str, object] = {"choices": [{"message": {"role": "assistant", "content": said}}]}
    if tokens is not None:
        body["usage"] = {"total_tokens": tokens}
    return Reply(body=json.dumps(body).encode())


@dataclass
class ChatPartner:
    """The server's side as a test sees it."""

    url: str
    answer: Callable[[str], Reply]
    """From the user's message to the reply; a test may replace it."""
    requests: list[dict[str, object]] = field(default_factory=list)
    headers: list[Mapping[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    over: Event = field(default_factory=Event)

    def says(self, reply: Reply) -> None:
        """Answer everything with ``reply`` from now on."""
        self.answer = lambda _question: reply

    def message(self, role: str, at: int = -1) -> str:
        """Return what was sent in a role."""
        messages = self.requests[at]["messages"]
        assert isinstance(messages, list)
        return next(str(one["content"]) for one in messages if one["role"] == role)


@contextmanager
def chat_partner() -> Iterator[ChatPartner]:
    """Run a server until the test is over."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    partner = ChatPartner(url=f"http://127.0.0.1:{server.server_port}/v1", answer=lambda _question: completion(GOOD))
    server.RequestHandlerClass = _handler(partner)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield partner
    finally:
        partner.over.set()
        server.shutdown()
        thread.join()
        server.server_close()


def _handler(partner: ChatPartner) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
            partner.requests.append(asked)
            partner.headers.append({name.lower(): value for name, value in self.headers.items()})
            partner.paths.append(self.path)
            reply = partner.answer(partner.message("user"))
            if reply.stays_silent:
                partner.over.wait(10)
                return
            try:
                self._send(reply)
            except OSError:
                return  # the client has given up, as the test wants

        def _send(self, reply: Reply) -> None:
            if reply.drips_head:
                self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
                _drip(self.wfile, b"a", over=partner.over)
                return
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            if not reply.drips:
                self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            if not reply.drips:
                self.wfile.write(reply.body)
                return
            _drip(self.wfile, b" ", over=partner.over)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
            """Say nothing."""

    return Handler


def _drip(out: BufferedIOBase, drop: bytes, *, over: Event) -> None:
    until = time.monotonic() + 10
    while time.monotonic() < until and not over.wait(0.02):
        out.write(drop)
        out.flush()
