"""Who put which model in force, when and why: ``models/history.jsonl``, a line per decision, only ever appended to."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

HISTORY: Final = "history.jsonl"
SHIPPED_NAME: Final = "shipped"
"""What people call the model that comes with this version of Kikite."""


class Event(StrEnum):
    """What the history tells."""

    PROMOTED = "promoted"
    ROLLED_BACK = "rolled_back"
    REFUSED = "refused"
    """A fitted model did not pass the gate; it was not kept."""


@dataclass(frozen=True, kw_only=True, slots=True)
class HistoryLine:
    """One decision."""

    at: str
    """ISO, UTC."""
    event: Event
    name: str
    """The version in force afterwards; of a refusal, what it would have been called."""
    who: str
    why: str


def note(models: Path, line: HistoryLine) -> None:
    """Append a line to the history."""
    models.mkdir(parents=True, exist_ok=True)
    with (models / HISTORY).open("ab+") as stream:
        if stream.tell():
            stream.seek(-1, os.SEEK_END)
            if stream.read(1) != b"\n":
                stream.write(b"\n")  # a stop tore the line before
        stream.write(json.dumps(asdict(line), ensure_ascii=False).encode() + b"\n")
        stream.flush()
        os.fsync(stream.fileno())


def read_history(models: Path) -> list[HistoryLine]:
    """Return the decisions, the oldest first; a torn line is passed over."""
    try:
        lines = (models / HISTORY).read_text("utf-8", "replace").splitlines()
    except OSError:
        return []
    return [read for line in lines if (read := _read(line)) is not None]


def _read(text: str) -> HistoryLine | None:
    try:
        said = json.loads(text)
        return HistoryLine(**{**said, "event": Event(said["event"])}) if isinstance(said, Mapping) else None
    except (ValueError, TypeError, KeyError):
        return None


def replaced(models: Path, *, now: str) -> list[str]:
    """Return what ``now``, the version in force, replaced: the last replaced last, what ships first.

    A promotion lies on top of what was before; a rollback takes away what lay above. The history may lack the last decision.
    """
    stack = [SHIPPED_NAME]
    for line in read_history(models):
        if line.event is Event.REFUSED:
            continue
        below = stack[:-1]
        if line.event is Event.ROLLED_BACK and line.name in below:
            del stack[len(below) - below[::-1].index(line.name) :]
        elif line.name != stack[-1]:
            stack.append(line.name)
    if now in stack:
        return stack[: len(stack) - 1 - stack[::-1].index(now)]
    return stack
