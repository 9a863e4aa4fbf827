"""Where a poll stands: the last parcel taken, and the sweep through the lists at Meta, which goes on between two pages."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from listener import wire

VERSION = 1
MOST_INNER = 200
"""Lists within a list that a sweep holds on to."""


@dataclass(frozen=True, kw_only=True)
class Inner:
    """A list within a list whose rest is to be read: the older comments of a post."""

    id: str
    after: str


@dataclass(frozen=True, kw_only=True)
class Sweep:
    """A reading of all lists, under way."""

    began: datetime
    source: str
    after: str = ""
    is_outer_done: bool = False
    pages: int = 0
    inner: tuple[Inner, ...] = ()
    is_whole: bool = True
    """False: something of this list was left out, so that the next sweep reads from the same time on."""


@dataclass(frozen=True, kw_only=True)
class Progress:
    """The whole cursor. ``origin`` is the account it belongs to."""

    origin: str
    floor: datetime
    """Nothing older is ever taken: where the very first poll stops."""
    parcel: int = 0
    swept: datetime | None = None
    """When the last whole sweep began."""
    read: Mapping[str, datetime] = field(default_factory=dict)
    """For each list, when the last sweep that went through it began."""
    sweep: Sweep | None = None

    def finish_source(self, following: str, *, is_read: bool) -> "Progress":
        """Return the progress with the sweep's list done, and the sweep itself where nothing follows."""
        assert self.sweep is not None  # noqa: S101 - for the type checker: a list is finished within a sweep only
        began = self.sweep.began
        read = {**self.read, self.sweep.source: began} if is_read else self.read
        if following:
            return replace(self, read=read, sweep=Sweep(began=began, source=following))
        return replace(self, read=read, sweep=None, swept=began)

    def write(self) -> str:
        """Return the cursor as stored."""
        stored: dict[str, object] = {
            "v": VERSION,
            "of": self.origin,
            "floor": self.floor.isoformat(),
            "parcel": self.parcel,
            "read": {name: moment.isoformat() for name, moment in self.read.items()},
        }
        if self.swept is not None:
            stored["swept"] = self.swept.isoformat()
        if self.sweep is not None:
            stored["sweep"] = {
                "began": self.sweep.began.isoformat(),
                "source": self.sweep.source,
                "after": self.sweep.after,
                "outer_done": self.sweep.is_outer_done,
                "pages": self.sweep.pages,
                "whole": self.sweep.is_whole,
                "inner": [[inner.id, inner.after] for inner in self.sweep.inner],
            }
        return json.dumps(stored, separators=(",", ":"))


def read_progress(cursor: str, *, origin: str) -> Progress | None:
    """Return the progress that ``cursor`` holds; None when it cannot be read or belongs to another account."""
    try:
        stored = json.loads(cursor)
    except (ValueError, RecursionError):
        return None
    floor = wire.moment(stored, "floor")
    if wire.whole(stored, "v") != VERSION or wire.text(stored, "of") != origin or floor is None:
        return None
    named = wire.part(stored, "read")
    read = {str(name): wire.moment(named, name) for name in named} if isinstance(named, dict) else {}
    return Progress(
        origin=origin,
        floor=floor,
        parcel=max(wire.whole(stored, "parcel") or 0, 0),
        swept=wire.moment(stored, "swept"),
        read={name: moment for name, moment in read.items() if moment is not None},
        sweep=_read_sweep(wire.part(stored, "sweep")),
    )


def _read_sweep(stored: object) -> Sweep | None:
    began, source = wire.moment(stored, "began"), wire.text(stored, "source")
    if began is None or not source:
        return None
    pairs = [pair for pair in wire.items(stored, "inner") if isinstance(pair, list) and len(pair) == 2]  # noqa: PLR2004 - a pair
    return Sweep(
        began=began,
        source=source,
        after=wire.text(stored, "after"),
        is_outer_done=wire.part(stored, "outer_done") is True,
        pages=wire.whole(stored, "pages") or 0,
        is_whole=wire.part(stored, "whole") is not False,
        inner=tuple(Inner(id=str(pair[0]), after=str(pair[1])) for pair in pairs),
    )
