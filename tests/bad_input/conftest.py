"""Homes to spoil, and a log that each run leaves as it found it."""

import logging
import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
import structlog

from kikite.first_run import make_home
from tests.bad_input.homes import WIDE, Home


@pytest.fixture(scope="session")
def made_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demo home to copy from; its admin is 'ben'."""
    folder = tmp_path_factory.mktemp("homes") / "home"
    make_home(folder, demo=True, login="ben")
    return folder


@pytest.fixture
def home(made_home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Home:
    """A fresh demo home."""
    folder = tmp_path / "home"
    shutil.copytree(made_home, folder)
    for name, value in WIDE.items():
        monkeypatch.setenv(name, value)
    return Home(folder=folder, capture=capsys, patch=monkeypatch)


@pytest.fixture(autouse=True)
def logs_as_found(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A command sets up its logging for good: here it is for one test."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    # A logger that caches its settings would carry them into other tests.
    monkeypatch.setattr(structlog, "configure", partial(_configure, structlog.configure))
    # The mail server of the tests lives in this process, and tells its own side of the story.
    for theirs in ("mail.log", "asyncio", "httpx2"):
        monkeypatch.setattr(logging.getLogger(theirs), "disabled", True)
    yield
    root.handlers, root.level = handlers, level
    structlog.reset_defaults()


def _configure(configure: object, **settings: object) -> None:
    assert callable(configure)
    configure(**(settings | {"cache_logger_on_first_use": False}))
