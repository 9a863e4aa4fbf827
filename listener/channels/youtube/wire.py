"""Reading YouTube's JSON, which strangers wrote: what is missing or of another type is simply not there (``listener.wire``)."""

from datetime import UTC, datetime

from listener.wire import items, moment, part, text, whole

__all__ = ["EPOCH", "items", "moment", "part", "text", "whole"]

EPOCH = datetime(2005, 4, 1, tzinfo=UTC)
"""No comment on YouTube is older."""
