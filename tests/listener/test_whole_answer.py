"""An answer is read whole, and only so far."""

import gzip
import time
from collections.abc import Iterator

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
