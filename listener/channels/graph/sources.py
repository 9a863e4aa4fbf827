"""What a sweep goes through: a list of posts, media or conversations, each with a list of its own."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

from domain.mentions import IncomingMention
from listener.channels.graph.progress import Inner


@dataclass(frozen=True, kw_only=True)
class Reach:
    """How far back a sweep looks."""

    since: datetime
    """Comments and messages from then on are taken."""
    watched: datetime
    """Posts from then on are asked for their comments."""


@dataclass(frozen=True, kw_only=True)
class Batch:
    """One page of a source, the newest entry first."""

    mentions: tuple[IncomingMention, ...] = ()
    after: str = ""
    """Leads to the next page; empty where none is wanted: the end, or everything behind is too old."""
    inner: tuple[Inner, ...] = ()
    """Lists that begin in this page and go on in one of their own."""
    unreadable: int = 0


class Source(Protocol):
    """Something to go through."""

    @property
    def name(self) -> str:
        """Key in the cursor."""
        ...

    def read(self, after: str, reach: Reach) -> Batch:
        """Return the page behind ``after``; empty: the newest."""
        ...


@runtime_checkable
class NestedSource(Source, Protocol):
    """One whose entries have lists of their own: only such a one gives ``Batch.inner``."""

    def read_inner(self, inner: Inner, reach: Reach) -> Batch:
        """Return the page of a list within this one."""
        ...
