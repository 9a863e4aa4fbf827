"""``kikite run``: clock, workers and desk in one process, or one of them; a signal stops all of it in order."""

import signal
import socket
import threading
from collections.abc import Callable
from enum import StrEnum
from types import FrameType

import structlog
import uvicorn
from fastapi import FastAPI

from desk.app import DeskContext, make_app
from domain.errors import KikiteError
from kikite import steps
from kikite.clock import Clock
from kikite.product import Product
from kikite.workers import Worker

log = structlog.get_logger(__name__)

STOP_SECONDS = 20


class Part(StrEnum):
    """What ``--only`` may start."""

    CLOCK = "clock"
    WORKER = "worker"
    DESK = "desk"


def make_workers(product: Product) -> list[Worker]:
    """Return the row-driven stages, each its own thread: a slow platform never holds up understanding."""
    wait = product.settings.clock.step_seconds
    plan: dict[str, Callable[[Product], int]] = {
        "understand": steps.understand,
        "draft": steps.draft,
        "send": steps.send,
        "mail": steps.mail,
    }
    return [
        Worker(name, lambda step=step: step(product), wait_seconds=wait * (10 if name == "mail" else 1))  # type: ignore[misc]
        for name, step in plan.items()
    ]


def bind(host: str, port: int) -> socket.socket:
    """Return a listening socket; raise ``KikiteError`` with a remedy when the port is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen()  # who opens the address the moment it is printed waits a little, and is not refused
    except OSError as error:
        listening.close()
        raise KikiteError(
            f"The desk cannot listen on {host}:{port} ({error.strerror}).",
            remedy="Choose another desk.port in kikite.toml (0 takes a free one), or end the program that has it.",
        ) from error
    return listening


class DeskServer(uvicorn.Server):
    """The desk's web server; a signal also ends the open event streams, which would else hold up its stop."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Tell the streams first, then stop as uvicorn does."""
        app: FastAPI = self.config.app  # type: ignore[assignment]  # what make_server gave
        app.state.stopping.set()
        super().handle_exit(sig, frame)


def make_server(product: Product) -> DeskServer:
    """Return the web server of the desk, not yet started."""
    app = make_app(
        DeskContext(
            database=product.database,
            workspace_id=product.workspace_id,
            settings=product.settings,
            books=product.books,
            channels=product.channels,
            playbooks=product.playbooks,
            shelf=product.shelf,
            memory=product.memory,
            # A model on this machine is the workers': loading it a second time would cost the desk gigabytes.
            wording=product.wording if product.settings.drafter.backend == "server" else None,
        )
    )
    settings = uvicorn.Config(
        app, log_config=None, access_log=False, timeout_graceful_shutdown=3, server_header=False, lifespan="on"
    )
    return DeskServer(settings)


def run(product: Product, *, only: Part | None = None, ready: Callable[[str], None] | None = None) -> None:
    """Run until SIGINT or SIGTERM. ``ready`` is told the desk's address once the socket listens."""
    wanted = {only} if only else set(Part)
    stopping = _stop_on_signal()
    workers = make_workers(product) if Part.WORKER in wanted else []
    clock = Clock(product, on_new=lambda: _wake(workers)) if Part.CLOCK in wanted else None
    listening = bind(product.settings.desk.host, product.settings.desk.port) if Part.DESK in wanted else None
    try:
        for worker in workers:
            worker.start()
        if clock:
            clock.start()
        if listening:
            host, port = listening.getsockname()[:2]
            if ready:
                ready(f"http://{host}:{port}")
            _serve(make_server(product), listening, stopping)
        else:
            while not stopping.wait(1):
                pass
    finally:
        log.info("stopping")
        if clock:
            clock.stop()
        late = [worker.name for worker in workers if not worker.stop(timeout_seconds=STOP_SECONDS)]
        if late:
            log.warning("stages_still_working", stages=late)
        if listening:
            listening.close()


def _wake(workers: list[Worker]) -> None:
    for worker in workers:
        worker.wake()


def _stop_on_signal() -> threading.Event:
    """Return an event that SIGINT and SIGTERM set, instead of ending the process in the middle of a step."""
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    return stopping


def _serve(server: uvicorn.Server, listening: socket.socket, stopping: threading.Event) -> None:
    """Serve until a signal. uvicorn takes the signals while it runs and hands them back to ours afterwards."""
    if not stopping.is_set():
        server.run(sockets=[listening])
