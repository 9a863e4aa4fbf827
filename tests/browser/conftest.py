"""Headless Chromium against the real desk on a free loopback port.

The browser is ``KIKITE_CHROMIUM`` or the first Chromium on the path. Without one these tests fail; where
``KIKITE_ALLOW_MISSING_PARTNERS=1`` they are skipped, with the reason.
"""

import os
import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from desk.app import make_app
from domain.clock import SystemClock
from domain.words import Role
from storage.database import Database
from storage.models import User
from tests.cast import OURS
from tests.desk.setting import hire, make_context, sign_in
from tests.desk.stage import Scene, set_stage

NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@dataclass(frozen=True, kw_only=True)
class LiveDesk:
    """A served desk with its story and its people."""

    url: str
    database: Database
    scene: Scene
    aoi: User
    ben: User
    app: FastAPI


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """Where the browser is."""
    found = os.environ.get("KIKITE_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if found:
        return found
    reason = "no Chromium; install it (Debian: chromium) or name it in KIKITE_CHROMIUM"
    if os.environ.get("KIKITE_ALLOW_MISSING_PARTNERS") == "1":
        pytest.skip(reason)
    pytest.fail(reason, pytrace=False)


@pytest.fixture(scope="session")
def browser(chromium_path: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium_path, args=list(ARGUMENTS))
        yield opened
        opened.close()


@pytest.fixture
def live_desk(sqlite_url: str, tmp_path: Path) -> Iterator[LiveDesk]:
    """Serve the desk in a thread, over a real clock: a hold is counted by the browser too."""
    database = Database(sqlite_url, clock=SystemClock())
    with database.transaction(OURS) as tx:
        aoi = hire(tx, "aoi", Role.AGENT, display_name="あおい")
        ben = hire(tx, "ben", Role.ADMIN, display_name="べん")
        scene = set_stage(tx, approver=ben)
    app = make_app(make_context(database, OURS, tmp_path))
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=3))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    yield LiveDesk(url=f"http://127.0.0.1:{port}", database=database, scene=scene, aoi=aoi, ben=ben, app=app)
    app.state.stopping.set()
    server.should_exit = True
    thread.join(timeout=10)
    stopped = not thread.is_alive()
    listening.close()
    database.close()
    assert stopped, "the desk did not stop: an open page kept it"


@pytest.fixture
def open_page(browser: Browser, live_desk: LiveDesk) -> Iterator[Callable[..., Page]]:
    """Return a function that opens a signed-in page; any error a page reports fails the test."""
    contexts: list[BrowserContext] = []
    problems: list[str] = []

    def open_signed_in(user: User | None = None, *, path: str = "/inbox", **options: Any) -> Page:  # noqa: ANN401 - passed through
        wanted: dict[str, Any] = {"viewport": {"width": 1360, "height": 820}, "locale": "ja-JP"} | options
        context = browser.new_context(base_url=live_desk.url, **wanted)
        contexts.append(context)
        token = sign_in(live_desk.database, user or live_desk.ben)
        context.add_cookies([{"name": "kikite_session", "value": token, "url": live_desk.url}])
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
        page.goto(path)
        return page

    yield open_signed_in
    for context in contexts:
        context.close()
    expected = ("Failed to load resource", "net::ERR", "Failed to fetch", "htmx: htmx:error")
    assert [said for said in problems if not any(words in said for words in expected)] == []
