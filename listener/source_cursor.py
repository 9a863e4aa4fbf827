"""The cursor of an account that reads several sources in turn: where each of them stands, and whose page comes next."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Generic, Protocol, TypeVar

from listener.wire import part, text

VERSION: Final = 1


class Storable(Protocol):
    """Where one source stands."""

    def write(self) -> dict[str, object]:
        """Return it as JSON values."""
        ...


Standing = TypeVar("Standing", bound=Storable)


@dataclass(frozen=True, kw_only=True)
class SourceCursor(Generic[Standing]):
    """The whole cursor. ``at`` names the source whose page comes next; empty: the first one."""

    origin: str = ""
    """Whose ids these are, where another account in the same settings must not go on from here."""
    at: str = ""
    sources: Mapping[str, Standing] = field(default_factory=dict)

    def with_source(self, name: str, standing: Standing, *, at: str) -> "SourceCursor[Standing]":
        """Return the cursor with one source replaced and ``at`` next."""
        return replace(self, at=at, sources={**self.sources, name: standing})

    def keep_only(self, names: Iterable[str]) -> "SourceCursor[Standing]":
        """Drop sources that the settings no longer name."""
        kept = {name: self.sources[name] for name in names if name in self.sources}
        return replace(self, sources=kept, at=self.at if self.at in set(names) else "")

    def write(self) -> str:
        """Return the cursor as stored."""
        sources = {name: standing.write() for name, standing in self.sources.items()}
        of = {"of": self.origin} if self.origin else {}
        stored = {"v": VERSION, **of, "at": self.at, "sources": sources}
        return json.dumps(stored, ensure_ascii=False, separators=(",", ":"))


def read_cursor(
    cursor: str | None, read_source: Callable[[object], Standing | None], *, origin: str = ""
) -> SourceCursor[Standing] | None:
    """Return what ``cursor`` holds; an empty one for None, None when it cannot be read or belongs to another ``origin``.

    ``read_source`` returns None for a source that it cannot read.
    """
    if cursor is None:
        return SourceCursor(origin=origin)
    try:
        stored = json.loads(cursor)
    except (ValueError, RecursionError):
        return None
    named = part(stored, "sources")
    if part(stored, "v") != VERSION or text(stored, "of") != origin or not isinstance(named, dict):
        return None
    sources = {name: standing for name, value in named.items() if (standing := read_source(value)) is not None}
    return SourceCursor(origin=origin, at=text(stored, "at"), sources=sources) if len(sources) == len(named) else None
