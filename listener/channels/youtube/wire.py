"""Reading YouTube's JSON, which strangers wrote: what is missing or of another type is simply not there (``listener.wire``)."""

from datetime import UTC, datetime

import regex

from listener import wire
from listener.wire import items, moment, part, whole

__all__ = ["EPOCH", "items", "moment", "part", "text", "whole"]

EPOCH = datetime(2005, 4, 1, tzinfo=UTC)
"""No comment on YouTube is older."""
BROKEN = regex.compile(r"\p{Cs}")


def text(value: object, *path: str) -> str:
    """Return the string under ``path``, empty when there is none; half a sign, which no address can carry, is a replacement."""
    return str(BROKEN.sub("\ufffd", wire.text(value, *path)))
