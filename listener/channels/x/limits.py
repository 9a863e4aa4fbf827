"""Which of X's endpoints are closed until when. A closed one is not asked again, by whatever process, before it opens.

X counts requests of one endpoint in a window and tells with each answer what is left. The knowledge lies in the memory file, so
that neither a restart nor another worker asks too early.
"""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from domain.clock import Clock
from domain.errors import RetryableError
from listener.channels.x.memory import Memory
from listener.channels.x.refusals import RATE_LIMITED, WINDOWS, read_wait

ID: Final = re.compile(r"/[0-9]+(?=/|$)")


class Limits:
    """What X said last about each endpoint. Thread-safe."""

    def __init__(self, memory: Memory, clock: Clock) -> None:
        self._memory = memory
        self._clock = clock

    def require_room(self, method: str, path: str) -> None:
        """Raise ``RetryableError`` while the endpoint is closed: asking would be refused, and is counted against us."""
        wait = self._memory.closed_until(_endpoint(method, path)) - self._clock.now().timestamp()
        if wait > 0:
            raise RetryableError("X asks us to wait.", code=RATE_LIMITED, retry_after_seconds=wait)

    def note(self, method: str, path: str, headers: Mapping[str, str], *, refused: bool) -> None:
        """Read an answer's limits, names in small letters: a refusal closes the endpoint, and so does the last one allowed."""
        if not refused and not any(headers.get(f"{window}-remaining") == "0" for window in WINDOWS):
            return
        now = self._clock.now()
        wait = read_wait(headers, now)
        if wait is not None:
            self._memory.close_until(_endpoint(method, path), (now + timedelta(seconds=wait)).timestamp())


def _endpoint(method: str, path: str) -> str:
    """Return what X counts by: the path without the ids in it."""
    return f"{method} {ID.sub('/:id', path)}"
