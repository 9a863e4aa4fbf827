"""What is new in a feed: its document beside what was known of it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from listener.channels.feed.progress import Mark, id_digest, state_digest
from listener.channels.feed.reading import Document, Entry

MOST_READ = 500
"""Entries of one document, newest first."""
NEWEST = 3
"""If none of so many newest known entries is in the feed any more, it has turned over."""


@dataclass(frozen=True, kw_only=True)
class News:
    """What a document brings."""

    read: tuple[Entry, ...]
    """Newest first."""
    arrived: tuple[Entry, ...]
    """New to us, oldest first; of a feed's first reading without what is from before our time."""
    edited: tuple[Entry, ...]
    """Known, but with another title or body; oldest first."""
    gap: str

    def remember(self, mark: Mark, *, without: Collection[str]) -> dict[str, str]:
        """Return what the feed holds now, newest first, then what it held before; ``without`` waits for the next page."""
        known = mark.known
        # Between two pages of one document an edit is not told; its old state stays, so that the next poll sees it.
        before = known if mark.pages else {}
        now = {id_digest(entry): state_digest(entry) for entry in self.read}
        held = {entry: before.get(entry, state) for entry, state in now.items() if entry not in without}
        return held | {entry: state for entry, state in known.items() if entry not in held}


def compare(document: Document, mark: Mark) -> News:
    """Return what is new in ``document``. Edits are told with its first page only."""
    known = mark.known
    read = document.entries[:MOST_READ]
    there = {id_digest(entry) for entry in read}
    unknown = [entry for entry in read if id_digest(entry) not in known]
    begins = not mark.pages
    edited = [entry for entry in read if known.get(id_digest(entry), state_digest(entry)) != state_digest(entry)]
    turned_over = bool(unknown and known) and there.isdisjoint(list(known)[:NEWEST])
    # Entries older than the last one read, and all unknown: the site gave new ids to what it had.
    renumbered = turned_over and there.isdisjoint(known) and any(_is_before(entry, mark.high) for entry in unknown)
    gap = ""
    if renumbered:
        gap = f"every entry has a new id; those up to {mark.high:%Y-%m-%d %H:%M} UTC are taken to be known"
    elif turned_over:
        gap = "what was read last is no longer in it: it may turn over faster than it is polled"
    elif begins and len(document.entries) > MOST_READ and id_digest(read[-1]) not in known:
        gap = f"only the newest {MOST_READ} of its {len(document.entries)} entries are read"
    # Only the first reading has a floor: what comes later is new, even if its date lies far back.
    first_floor = None if known else mark.floor
    begin = mark.high if renumbered else first_floor
    return News(
        read=read,
        arrived=tuple(entry for entry in reversed(unknown) if not _is_before(entry, begin)),
        edited=tuple(entry for entry in reversed(edited) if begins and not _is_before(entry, mark.floor)),
        gap=gap,
    )


def _is_before(entry: Entry, moment: datetime | None) -> bool:
    return entry.moment is not None and moment is not None and entry.moment <= moment
