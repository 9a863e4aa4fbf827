"""A proxy on loopback between a channel and its mail server, which fails when told: refusals in the server's own words,
connections cut before, after or in the middle of an answer, silence. It carries the lines of one command after the other.
"""

import socket
import threading
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from types import TracebackType
from typing import Self


class Cut(StrEnum):
    """Where the connection breaks."""

    BEFORE = "before"
    """The command never reaches the server."""
    HALF = "half"
    """The server did it; its answer breaks off in the middle."""
    SILENT = "silent"
    """The command never reaches the server, and the connection stays open until the client gives up."""


@dataclass(frozen=True)
class Say:
    """What the proxy answers itself: ``NO …`` gets the command's own tag in front, ``* BYE …`` does not."""

    words: str


class MailWire:
    """Carries connections to ``port``; ``fail_next`` arms one fault for the next command that contains a word."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._armed: deque[tuple[str, Cut | Say]] = deque()
        self._hidden: list[bytes] = []
        self._lock = threading.Lock()
        self.commands: list[str] = []
        """Every line that came from the client, without its tag."""
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._door.getsockname()[1])
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True, name="mail wire").start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def fail_next(self, word: str, fault: Cut | Say) -> None:
        """Let the next command that contains ``word`` run into ``fault``."""
        with self._lock:
            self._armed.append((word, fault))

    def hide(self, word: str) -> None:
        """Strike ``word`` out of whatever the server says, as somebody in between who dislikes encryption."""
        self._hidden.append(word.encode())

    def count(self, word: str) -> int:
        """Return how many commands contained ``word``."""
        return sum(word in command for command in self.commands)

    def stop(self) -> None:
        """Stop listening and break what is open."""
        with suppress(OSError):
            self._door.shutdown(socket.SHUT_RDWR)
        self._door.close()
        for one in self._open:
            _break(one)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._door.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self._target))
            for one in (client, server):
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._open += [client, server]
            half = threading.Event()
            threading.Thread(target=self._carry_back, args=(client, server, half), daemon=True).start()
            threading.Thread(target=self._carry, args=(client, server, half), daemon=True).start()

    def _carry(self, client: socket.socket, server: socket.socket, half: threading.Event) -> None:
        with suppress(OSError, ValueError), client.makefile("rb") as lines:
            for line in lines:
                tag, _, command = line.decode("utf-8", "replace").strip().partition(" ")
                fault = self._take_fault(command)
                if isinstance(fault, Say):
                    own = fault.words.startswith(("*", "4", "5"))
                    client.sendall((fault.words if own else f"{tag} {fault.words}").encode() + b"\r\n")
                    continue
                if fault is Cut.BEFORE:
                    break
                if fault is Cut.SILENT:
                    lines.read()  # until the client gives up
                    break
                if fault is Cut.HALF:
                    half.set()
                server.sendall(line)
        _break(client)
        _break(server)

    def _carry_back(self, client: socket.socket, server: socket.socket, half: threading.Event) -> None:
        with suppress(OSError):
            while data := server.recv(65536):
                for word in self._hidden:
                    data = data.replace(word, b"X" * len(word))
                if half.is_set():
                    client.sendall(data[: len(data) // 2])
                    break
                client.sendall(data)
        _break(client)
        _break(server)

    def _take_fault(self, command: str) -> Cut | Say | None:
        with self._lock:
            self.commands.append(command)
            for index, (word, fault) in enumerate(self._armed):
                if word in command:
                    del self._armed[index]
                    return fault
        return None


def _break(one: socket.socket) -> None:
    with suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()
