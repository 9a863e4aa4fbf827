"""Reading Bluesky's JSON, which strangers wrote: what is missing or of another type is simply not there (``listener.wire``)."""

from datetime import UTC, datetime

from listener import wire
from listener.wire import items, part, text, whole

__all__ = ["items", "moment", "part", "text", "whole"]

EPOCH = datetime(2022, 1, 1, tzinfo=UTC)
"""Nothing on Bluesky is older; earlier times are made up."""


def moment(value: object, *path: str) -> datetime | None:
    """Return the time under ``path``, aware, in UTC; None when it is none or older than Bluesky."""
    found = wire.moment(value, *path)
    return found if found and found >= EPOCH else None
