"""One request whose answer is read whole, within limits: a server that never ends, or sends a bomb, costs little."""

import time
from typing import Any, Final

import httpx2

from listener.deadline import deadline

MOST_BYTES: Final = 32 * 1024 * 1024
"""Of a body as it is read, after decompression; the largest pages there are have a few."""
MOST_SECONDS: Final = 120.0
"""From question to the last byte, head and body: a timeout alone counts only the wait for the next byte."""


class EndlessAnswerError(httpx2.HTTPError):
    """The answer went beyond ``MOST_BYTES`` or ``MOST_SECONDS``."""


def request_whole(
    web: httpx2.Client,
    method: str,
    url: str,
    *,
    most_bytes: int = MOST_BYTES,
    most_seconds: float = MOST_SECONDS,
    **asked: Any,  # noqa: ANN401 - as httpx2.Client.request takes them
) -> httpx2.Response:
    """Send one request and return the answer, read whole. Raises as ``httpx2.Client.request``, and ``EndlessAnswerError``."""
    until = time.monotonic() + most_seconds
    body = bytearray()
    try:
        with deadline(web, until), web.stream(method, url, **asked) as response:
            for chunk in response.iter_bytes():
                body += chunk
                if len(body) > most_bytes or time.monotonic() > until:
                    raise EndlessAnswerError("The answer has no end.")
    except (httpx2.ReadTimeout, httpx2.WriteTimeout) as error:
        if time.monotonic() < until:
            raise
        raise EndlessAnswerError("The answer has no end.") from error
    headers = [(name, value) for name, value in response.headers.multi_items() if name.lower() not in _OF_THE_WIRE]
    return httpx2.Response(response.status_code, headers=headers, content=bytes(body), request=response.request)


_OF_THE_WIRE: Final = frozenset({"content-encoding", "content-length", "transfer-encoding"})
"""The body is decoded and whole by now."""
