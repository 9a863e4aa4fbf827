"""The cursor: the number of the last parcel taken."""

import json

from listener import wire

VERSION = 1


def write_cursor(after: int) -> str:
    """Return the cursor as stored."""
    return json.dumps({"v": VERSION, "after": after}, separators=(",", ":"))


def read_cursor(cursor: str | None) -> int | None:
    """Return the last parcel taken; 0 before the first poll, None when ``cursor`` cannot be read."""
    if cursor is None:
        return 0
    try:
        stored = json.loads(cursor)
    except (ValueError, RecursionError):
        return None
    after = wire.whole(stored, "after")
    return after if wire.whole(stored, "v") == VERSION and after is not None and after >= 0 else None
