"""Logging: structlog to stderr; what looks like a secret or personal data is masked before anything is written."""

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog

from config.settings import LogSettings

SECRET_KEYS = re.compile(r"password|secret|token|authorization|cookie|session", re.IGNORECASE)
PERSONAL = (
    (re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+"), "<mail>"),
    (re.compile(r"(?<![\w.:-])\+?\d[\d -]{8,17}\d(?![\w.:-])"), "<number>"),
    (re.compile(r"(://[^/\s:@]{1,64}):[^/\s@]{1,128}@"), r"\1:<secret>@"),
)

NOISY = (
    "alembic", "apscheduler", "uvicorn.access", "httpx", "httpx2", "httpcore", "httpcore2", "urllib3", "requests_oauthlib",
    "oauthlib", "tweepy", "praw", "prawcore", "mastodon", "imapclient", "feedparser",
)  # fmt: skip
"""Libraries that write a line a request or a job below WARNING, with addresses and headers that may hold a secret."""


def mask(value: Any) -> Any:  # noqa: ANN401 - log values are of any type
    """Return ``value`` with mail addresses, long numbers and passwords in URLs replaced."""
    if isinstance(value, str):
        for pattern, instead in PERSONAL:
            value = pattern.sub(instead, value)
        return value
    if isinstance(value, Mapping):
        return {key: "<secret>" if SECRET_KEYS.search(str(key)) else mask(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [mask(item) for item in value]
    return value


def mask_event(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Mask every field of a log event (a structlog processor)."""
    for key, value in event.items():
        if key not in {"timestamp", "level"}:
            event[key] = "<secret>" if SECRET_KEYS.search(key) else mask(value)
    return event


def set_up_logging(settings: LogSettings) -> None:
    """Send our own and libraries' records through one masked pipeline to stderr."""
    level = logging.getLevelName(settings.level.upper())
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        mask_event,
    ]
    renderer: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if settings.format == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processor=renderer, foreign_pre_chain=shared))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for noisy in NOISY:
        logging.getLogger(noisy).setLevel(max(level, logging.WARNING))
