"""An answer is read whole, and only so far."""

import gzip
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from listener.whole_answer import EndlessAnswerError, request_whole
from tests.partners.loopback_app import serve

PLAIN = '{"said": "コートが青い"}'


def answer_plainly(_request: Request) -> Response:
    body = gzip.compress(PLAIN.encode())
    return Response(body, headers={"Content-Encoding": "gzip", "X-Left": "3"}, media_type="application/json")


def answer_with_a_bomb(_request: Request) -> Response:
    return Response(gzip.compress(b" " * 20_000_000), headers={"Content-Encoding": "gzip"})


def drip(_request: Request) -> Response:
    def drops() -> Iterator[bytes]:
        for _ in range(100):
            time.sleep(0.05)
            yield b" "

    return StreamingResponse(drops())


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    routes = [Route("/plain", answer_plainly), Route("/bomb", answer_with_a_bomb), Route("/drip", drip)]
    with serve(Starlette(routes=routes)) as served:
        yield served


def test_an_answer_comes_whole_and_decoded(address: str) -> None:
    with httpx2.Client() as web:
        response = request_whole(web, "GET", f"{address}/plain", params={"page": 1})
    assert response.text == PLAIN
    assert response.json() == {"said": "コートが青い"}
    assert (response.status_code, response.headers["x-left"]) == (200, "3")
    assert response.request.url.params["page"] == "1"


def test_a_bomb_is_put_down_early(address: str) -> None:
    with httpx2.Client() as web, pytest.raises(EndlessAnswerError):
        request_whole(web, "GET", f"{address}/bomb", most_bytes=1_000_000)


def test_an_answer_that_never_ends_is_given_up(address: str) -> None:
    with httpx2.Client(timeout=1) as web, pytest.raises(EndlessAnswerError):
        request_whole(web, "GET", f"{address}/drip", most_seconds=0.3)


def test_no_answer_raises_as_ever() -> None:
    with httpx2.Client() as web, pytest.raises(httpx2.ConnectError):
        request_whole(web, "GET", "http://127.0.0.1:9/nobody")


@contextmanager
def dripping_head(*, whole_first: bool = False) -> Iterator[str]:
    """A server whose head comes a byte at a time for ten seconds; with ``whole_first`` the connection's first answer is whole."""
    over = threading.Event()

    def drip_head(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            if whole_first:
                connection.recv(65_536)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK")
            connection.recv(65_536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
            for _ in range(500):
                if over.wait(0.02):
                    return
                connection.sendall(b"a")

    def accept(listening: socket.socket) -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=drip_head, args=(listening.accept()[0],), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=accept, args=(listening,), daemon=True).start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
        finally:
            over.set()


@pytest.mark.parametrize("whole_first", [False, True], ids=["new connection", "kept connection"])
def test_a_head_that_never_ends_is_given_up(whole_first: bool) -> None:  # noqa: FBT001 - a parameter of the test
    with dripping_head(whole_first=whole_first) as slow, httpx2.Client(timeout=5) as web:
        if whole_first:
            assert request_whole(web, "GET", slow).text == "OK"
        began = time.monotonic()
        with pytest.raises(EndlessAnswerError):
            request_whole(web, "GET", slow, most_seconds=0.3)
        assert time.monotonic() - began < 3


def test_the_deadline_of_one_request_is_not_the_next_ones(address: str) -> None:
    with httpx2.Client() as web:
        with dripping_head() as slow, pytest.raises(EndlessAnswerError):
            request_whole(web, "GET", slow, most_seconds=0.1)
        assert request_whole(web, "GET", f"{address}/plain").text == PLAIN
        assert web.get(f"{address}/plain").text == PLAIN
