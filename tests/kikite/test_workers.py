import threading

from domain.errors import StorageError
from kikite.workers import Worker


def test_a_worker_runs_again_at_once_while_there_is_work_and_stops_when_told() -> None:
    left = [3]
    empty = threading.Event()

    def step() -> int:
        if left[0] == 0:
            empty.set()
            return 0
        left[0] -= 1
        return 1

    worker = Worker("draft", step, wait_seconds=60)
    worker.start()
    assert empty.wait(5)
    assert worker.stop(timeout_seconds=5)
    assert left == [0]


def test_a_step_that_fails_does_not_end_the_worker() -> None:
    calls: list[int] = []
    recovered = threading.Event()

    def step() -> int:
        calls.append(1)
        if len(calls) == 1:
            raise StorageError("The disk is full.", remedy="Free space.")
        if len(calls) == 2:
            msg = "a fault of our own"
            raise RuntimeError(msg)
        recovered.set()
        return 0

    worker = Worker("send", step, wait_seconds=0.001)
    worker.start()
    assert recovered.wait(5)
    assert worker.stop(timeout_seconds=5)


def test_waking_a_worker_shortens_its_wait() -> None:
    seen = threading.Semaphore(0)

    def step() -> int:
        seen.release()
        return 0

    worker = Worker("understand", step, wait_seconds=3600)
    worker.start()
    assert seen.acquire(timeout=5)
    worker.wake()
    assert seen.acquire(timeout=5)
    assert worker.stop(timeout_seconds=5)
