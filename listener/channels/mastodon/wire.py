"""Reading Mastodon's JSON, which strangers wrote: what is missing or of another type is simply not there (``listener.wire``)."""

from datetime import UTC, datetime

from listener import wire
from listener.wire import items, part, text, whole

__all__ = ["address", "items", "moment", "part", "text", "whole"]

EPOCH = datetime(2016, 1, 1, tzinfo=UTC)
"""Nothing on Mastodon is older; earlier times are made up."""


def moment(value: object, *path: str) -> datetime | None:
    """Return the time under ``path``, aware, in UTC; None when it is none or older than Mastodon."""
    found = wire.moment(value, *path)
    return found if found and found >= EPOCH else None


def address(value: object, *path: str) -> str:
    """Return the web address under ``path``; empty when it is none."""
    found = text(value, *path)
    return found if found.startswith("https://") else ""
