"""A deadline for a whole request. httpx counts its timeouts from byte to byte, so a server that sends one now and then holds a
thread for hours, in the head of its answer as well as in the body; here every wait is no longer than what is left.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from ssl import SSLContext
from typing import Any, Final

import httpx2

LEAST_WAIT: Final = 0.001
"""Seconds."""


class _Clock(threading.local):
    until: float | None = None
    """Of this thread's request, by the monotonic clock."""


_CLOCK: Final = _Clock()


@contextmanager
def deadline(web: httpx2.Client, until: float) -> Iterator[None]:
    """Make every wait of ``web`` in this thread end at ``until`` (monotonic) with a timeout, on old and new connections alike."""
    _watch(web)
    before, _CLOCK.until = _CLOCK.until, until
    try:
        yield
    finally:
        _CLOCK.until = before


def _watch(web: httpx2.Client) -> None:
    """Put our streams below the client's connections. httpx has no door for this; without its pools nothing is changed."""
    for transport in (web._transport, *web._mounts.values()):  # noqa: SLF001 - see above; a test would fail if the names went
        pool = getattr(transport, "_pool", None)
        if pool is not None and not isinstance(pool._network_backend, _Backend):  # noqa: SLF001 - as above
            pool._network_backend = _Backend(pool._network_backend)  # noqa: SLF001 - as above


def _left(timeout: float | None) -> float | None:
    """Return how long a wait may be: next to nothing once it is over, so that it ends with the timeout of its kind."""
    if _CLOCK.until is None:
        return timeout
    left = max(_CLOCK.until - time.monotonic(), LEAST_WAIT)
    return left if timeout is None else min(timeout, left)


class _Stream:
    """A connection's stream as httpx's pools use it."""

    def __init__(self, stream: Any) -> None:  # noqa: ANN401 - of a library that we do not name
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        read: bytes = self._stream.read(max_bytes, _left(timeout))
        return read

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> "_Stream":
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, _left(timeout)))

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 - as above
        return self._stream.get_extra_info(info)


class _Backend:
    """What a pool opens its connections with."""

    def __init__(self, backend: Any) -> None:  # noqa: ANN401 - as above
        self._backend = backend

    def connect_tcp(self, *, timeout: float | None = None, **to: Any) -> _Stream:  # noqa: ANN401 - as above
        return _Stream(self._backend.connect_tcp(timeout=_left(timeout), **to))

    def connect_unix_socket(self, *, timeout: float | None = None, **to: Any) -> _Stream:  # noqa: ANN401 - as above
        return _Stream(self._backend.connect_unix_socket(timeout=_left(timeout), **to))

    def sleep(self, seconds: float) -> None:
        self._backend.sleep(seconds)
