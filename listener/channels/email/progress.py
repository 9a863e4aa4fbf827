"""Where a poll stands: mails are numbered upwards, so the highest number read is enough, as long as the numbering holds."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime

VERSION = 1


@dataclass(frozen=True, kw_only=True)
class Progress:
    """The whole cursor."""

    validity: int
    """Of which numbering (UIDVALIDITY) ``uid`` is."""
    uid: int
    """The highest number read."""
    floor: datetime
    """Where the very first poll began; mails that came earlier are never taken, whenever they are moved in."""
    newest: datetime
    """When the newest mail read came in."""

    def write(self) -> str:
        """Return the cursor as stored."""
        stored = {
            "v": VERSION,
            "validity": self.validity,
            "uid": self.uid,
            "floor": self.floor.isoformat(),
            "newest": self.newest.isoformat(),
        }
        return json.dumps(stored, separators=(",", ":"))


def read_progress(cursor: str) -> Progress | None:
    """Return the progress that ``cursor`` holds; None when it is not one of ours."""
    try:
        stored = json.loads(cursor)
        if stored["v"] != VERSION:
            return None
        validity, uid = stored["validity"], stored["uid"]
        if not all(isinstance(number, int) and number >= 0 for number in (validity, uid)):
            return None
        return Progress(
            validity=validity, uid=uid, floor=_read_moment(stored["floor"]), newest=_read_moment(stored["newest"])
        )
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return None


def _read_moment(written: str) -> datetime:
    moment = datetime.fromisoformat(written)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
