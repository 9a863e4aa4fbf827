"""Reading what Meta wrote, in answers and in calls: times, authors, lists, ids."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote

from domain.errors import PermanentError
from domain.mentions import IncomingAuthor, IncomingMention
from listener import wire

WORDLESS: Final = "[attachment]"
"""Stands for a comment or message without a word: a photo, a sticker, a voice. Both ways of reading must say the same."""
UNKNOWN: Final = "unknown:"
"""Front of an author's id where Meta does not tell who wrote."""
WAY = "way"
"""Key of ``platform_data``: one of the following."""
COMMENT, POST, MESSAGE, MENTION = "comment", "post", "message", "mention"
TOP = "top"
"""Key of ``platform_data``: id of the comment below which answers stand; or of the post."""
NODE = re.compile(r"[0-9]{1,40}(?:_[0-9]{1,40}){0,2}")
LATEST_MILLISECONDS = 10**14


@dataclass(frozen=True, kw_only=True)
class Taken:
    """What one event comes to."""

    mention: IncomingMention | None = None
    removed: str = ""
    """External id of what its author, or we, took away."""


@dataclass(frozen=True, kw_only=True)
class Listed:
    """One page of a list. ``after`` leads to the page behind it; empty at the end."""

    nodes: tuple[object, ...]
    after: str = ""


def read_list(found: object, *path: str) -> Listed:
    """Return the list under ``path`` of an answer."""
    holder = wire.part(found, *path) if path else found
    # What no address can hold is a place that Meta does not know.
    after = wire.text(holder, "paging", "cursors", "after").encode("utf-8", "replace").decode()
    return Listed(nodes=tuple(wire.items(holder, "data")), after=after if wire.text(holder, "paging", "next") else "")


def read_moment(value: object, *path: str) -> datetime | None:
    """Return the time under ``path``: ISO 8601, or a number of seconds or milliseconds."""
    number = wire.whole(value, *path)
    if number is None:
        return wire.moment(value, *path)
    if not 0 < number < LATEST_MILLISECONDS:
        return None
    return datetime.fromtimestamp(number / 1000 if number > 10**11 else number, tz=UTC)


def read_id(value: object, *path: str) -> str:
    """Return an id, a string or a number; empty when there is none."""
    found = wire.part(value, *path)
    return str(found) if isinstance(found, str | int) and not isinstance(found, bool) else ""


def read_author(value: object, *, of: str, name: str) -> IncomingAuthor:
    """Return who stands under ``from``; where we may not know, the author of ``of`` and of nothing else."""
    said = wire.text(value, "from", name)
    return IncomingAuthor(external_id=read_id(value, "from", "id") or f"{UNKNOWN}{of}", handle=said, display_name=said)


def is_node(external_id: str) -> bool:
    """Tell whether an id is one of a post or comment that can be asked for."""
    return NODE.fullmatch(external_id) is not None


def as_path(node_id: str) -> str:
    """Return an id as a part of an address. Raises ``PermanentError`` for one that none can hold."""
    if node_id in {"", ".", ".."} or not node_id.isascii():
        raise PermanentError("This is no id of Meta's.", code="refused", remedy="Look at it on the platform.")
    return quote(node_id, safe="")
