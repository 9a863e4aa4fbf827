"""An inbox in memory, for channels that are called by their platform."""

from collections.abc import Sequence
from datetime import UTC, datetime

from domain.webhooks import KeptParcel, Receipt

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


class MemoryInbox:
    """Keeps each key once, as ``storage.parcels`` does. Nothing is emptied: what a page took can be asked for again."""

    def __init__(self) -> None:
        self.kept: list[KeptParcel] = []

    def keep(self, receipt: Receipt, *, at: datetime = NOON) -> int:
        """Keep what a call brought; return how many were new."""
        known = {parcel.key for parcel in self.kept}
        new = [parcel for parcel in {one.key: one for one in receipt.parcels}.values() if parcel.key not in known]
        first = len(self.kept) + 1
        self.kept += [
            KeptParcel(number=first + place, key=parcel.key, text=parcel.text, received_at=at)
            for place, parcel in enumerate(new)
        ]
        return len(new)

    def read(self, after: int, *, limit: int) -> Sequence[KeptParcel]:
        """Return those numbered above ``after``, in order, at most ``limit``."""
        return [parcel for parcel in self.kept if parcel.number > after][:limit]
