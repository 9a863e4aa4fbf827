import logging

import pytest
import structlog

from config.settings import LogSettings
from kikite.logs import mask, mask_event, set_up_logging


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("mail hana@example.com now", "mail <mail> now"),
        ("call +81 90-1234-5678", "call <number>"),
        ("postgresql://desk:hunter2@db/kikite", "postgresql://desk:<secret>@db/kikite"),
        ("at 2026-11-20T03:00:00", "at 2026-11-20T03:00:00"),
    ],
)
def test_personal_data_and_passwords_are_masked(written: str, shown: str) -> None:
    assert mask(written) == shown


def test_fields_named_like_secrets_are_masked_whole_also_inside() -> None:
    event = {"event": "x", "app_password": "abc", "detail": {"session_string": "def", "count": 3}}
    masked = mask_event(None, "info", event)
    assert masked == {"event": "x", "app_password": "<secret>", "detail": {"session_string": "<secret>", "count": 3}}


@pytest.mark.parametrize("level", ["debug", "info"])
@pytest.mark.parametrize(
    "library", ["httpx2", "httpcore2.connection", "urllib3.connectionpool", "prawcore", "tweepy.client"]
)
def test_addresses_and_headers_that_libraries_tell_are_not_written(
    library: str, level: str, capsys: pytest.CaptureFixture[str]
) -> None:
    root, names = logging.getLogger(), [library, library.split(".", maxsplit=1)[0]]
    before = root.handlers, root.level, [logging.getLogger(name).level for name in names]
    try:
        set_up_logging(LogSettings(level=level))
        logging.getLogger(library).info("GET https://feeds.example/f?key=HUSH")
        logging.getLogger(library).debug("authorization: HUSH")
        logging.getLogger(library).warning("the server hung up")
        told = capsys.readouterr().err
    finally:
        root.handlers, root.level = before[0], before[1]
        for name, was in zip(names, before[2], strict=True):
            logging.getLogger(name).setLevel(was)
        structlog.reset_defaults()
    assert "HUSH" not in told
    assert "the server hung up" in told
