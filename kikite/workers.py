"""The embedded engine: a thread per row-driven stage. Rows say what is due; an event only shortens the wait."""

import threading
from collections.abc import Callable

import structlog

from domain.errors import KikiteError

log = structlog.get_logger(__name__)

LONGEST_WAIT_SECONDS = 60.0


class Worker:
    """Runs one step again and again: at once while it finds work, else after ``wait_seconds`` or when woken.

    An error never ends the thread: it is logged and the wait doubles up to a minute.
    """

    def __init__(self, name: str, step: Callable[[], int], *, wait_seconds: float) -> None:
        self.name = name
        self._step = step
        self._wait_seconds = wait_seconds
        self._woken = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._work, name=f"kikite-{name}", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def wake(self) -> None:
        """Look for work now."""
        self._woken.set()

    def stop(self, *, timeout_seconds: float = 30.0) -> bool:
        """End after the step under way; False when it did not end in time."""
        self._stopping.set()
        self._woken.set()
        self._thread.join(timeout_seconds)
        return not self._thread.is_alive()

    def _work(self) -> None:
        wait_seconds = self._wait_seconds
        while not self._stopping.is_set():
            did, wait_seconds = self._step_once(wait_seconds)
            if did:
                continue
            self._woken.wait(wait_seconds)
            self._woken.clear()

    def _step_once(self, wait_seconds: float) -> tuple[int, float]:
        try:
            return self._step(), self._wait_seconds
        except KikiteError as error:
            log.warning("step_failed", stage=self.name, error=error.message, remedy=error.remedy)
        except Exception:
            log.exception("step_broke", stage=self.name)
        return 0, min(wait_seconds * 2, LONGEST_WAIT_SECONDS)
