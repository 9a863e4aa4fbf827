"""What the columns of an export mean: one row's values to one incoming mention, or the reason why not."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from domain.errors import ImportFileError
from domain.mentions import IncomingAuthor, IncomingMention
from domain.words import Engagement, MentionKind

REQUIRED = ("id", "text")
FIELDS = ("id", "text", "author", "created_at", "lang", "thread", "url", "rating")
"""What a column can be. Without ``author`` each row is somebody unknown, without ``created_at`` it is from now."""

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
SHOWN = 40
"""Characters of a bad value that a reason repeats."""

_WRITTEN = re.compile(
    r"(\d{4})(?:[/.-]|年)(\d{1,2})(?:[/.-]|月)(\d{1,2})日?"
    r"(?:(?:T|\s+|(?<=日))(\d{1,2})(?::|時)(\d{1,2})(?:(?::|分)(\d{1,2})(?:[.,]\d+)?秒?|分)?)?"
    r"\s*(Z|UTC|GMT|JST|[+-]\d{1,2}(?::?\d{2})?)?"
)
_EPOCH = re.compile(r"(\d{9,10})(?:\.\d*)?|(\d{12,13})")


class BadRowError(Exception):
    """The row cannot become a mention; the message is the reason."""


def find_columns(columns: Sequence[str], mapping: Mapping[str, str], *, file: str) -> dict[str, str]:
    """Return the column of each field that the file has. Raises ``ImportFileError`` naming what was found."""
    found = f"Found: {', '.join(columns) or 'no names'}."
    unknown = sorted(mapping.keys() - set(FIELDS))
    if unknown:
        raise ImportFileError(f"There is no field '{unknown[0]}' to map.", remedy=f"Fields: {', '.join(FIELDS)}.")
    chosen: dict[str, str] = {}
    for field in FIELDS:
        wanted = mapping.get(field, field)
        named = [name for name in columns if name == wanted]
        named = named or [name for name in columns if _plain(name) == _plain(wanted)]
        if len(named) > 1:
            raise ImportFileError(f"{file} has two columns '{wanted}'. {found}", remedy="Rename one of them.")
        if named:
            chosen[field] = named[0]
        elif field in mapping or field in REQUIRED:
            remedy = _mapping_remedy(field, [name for name in columns if name not in chosen.values()])
            raise ImportFileError(f"{file} has no column '{wanted}'. {found}", remedy=remedy)
    return chosen


def _mapping_remedy(field: str, free: Sequence[str]) -> str:
    if len(free) == 1 and re.search(r"[|:^~]", free[0]):
        return "Separate the columns by comma, semicolon or tab."
    return f"Say which column it is: --map {field}={free[0] if free else 'COLUMN'}{' (or another of them)' * (len(free) > 1)}."


def _plain(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold().strip()


class RowReader:
    """Turns rows into mentions. Times without a zone are taken to be in ``zone``."""

    def __init__(self, columns: Mapping[str, str], *, zone: ZoneInfo, now: datetime) -> None:
        self._columns = columns
        self._zone = zone
        self._now = now

    def read(self, values: Mapping[str, object]) -> IncomingMention:
        """Return the mention. Raises ``BadRowError``."""
        external_id = self._value(values, "id").strip()
        text = self._value(values, "text")
        if not external_id:
            raise BadRowError("no id")
        if not text.strip():
            raise BadRowError("no text")
        rating = self._rating(self._value(values, "rating"))
        return IncomingMention(
            external_id=external_id,
            kind=MentionKind.POST if rating is None else MentionKind.REVIEW,
            text=text,
            author=_author(self._value(values, "author").strip(), external_id),
            created_at=self._moment(values),
            engagement=Engagement.POSTED if rating is None else Engagement.REVIEWED,
            thread_external_id=self._value(values, "thread").strip(),
            url=self._value(values, "url").strip(),
            language_hint=self._value(values, "lang").strip(),
            rating=rating,
        )

    def _value(self, values: Mapping[str, object], field: str) -> str:
        value = values.get(self._columns.get(field, ""))
        if value is None:
            return ""
        if isinstance(value, bool) or not isinstance(value, (str, int, float)):
            raise BadRowError(f"{field} is neither text nor a number")
        return str(value)

    def _moment(self, values: Mapping[str, object]) -> datetime:
        if "created_at" not in self._columns:
            return self._now
        written = self._value(values, "created_at")
        moment = read_moment(written, self._zone)
        if moment is None:
            examples = "2026-11-20T12:34+09:00, 2026/11/20 12:34, or seconds since 1970"
            raise BadRowError(f"created_at '{written[:SHOWN]}' is no date (write {examples})")
        if not EARLIEST <= moment <= self._now + timedelta(days=1):
            raise BadRowError(f"created_at '{written[:SHOWN]}' is before 1990 or in the future")
        return moment

    def _rating(self, written: str) -> int | None:
        plain = unicodedata.normalize("NFKC", written[:SHOWN]).strip()
        if not plain:
            return None
        stars = plain.rstrip("☆")
        if stars and not stars.strip("★"):
            return len(stars)
        if not re.fullmatch(r"[1-5](?:\.0+)?", plain):
            raise BadRowError(f"rating '{written[:SHOWN]}' is not 1 to 5")
        return int(plain[0])


def _author(name: str, row_id: str) -> IncomingAuthor:
    return IncomingAuthor(external_id=name or f"unknown:{row_id}", handle=name, display_name=name)


def read_moment(written: str, zone: ZoneInfo) -> datetime | None:
    """Return the aware moment that ``written`` names, None when it is no date of ours."""
    plain = unicodedata.normalize("NFKC", written[:SHOWN]).strip()
    try:
        if epoch := _EPOCH.fullmatch(plain):
            seconds = float(plain) if epoch[1] else int(epoch[2]) / 1000
            return datetime.fromtimestamp(seconds, tz=UTC)
        if parts := _WRITTEN.fullmatch(plain):
            year, month, day, hour, minute, second = (int(part or 0) for part in parts.groups()[:6])
            moment = datetime(year, month, day, hour, minute, second, tzinfo=_zone(parts[7]) or zone)
        else:
            moment = datetime.fromisoformat(plain)
            moment = moment.replace(tzinfo=zone) if moment.tzinfo is None else moment
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _zone(written: str | None) -> timezone | None:
    if not written:
        return None
    if written in {"Z", "UTC", "GMT"}:
        return UTC
    if written == "JST":
        return timezone(timedelta(hours=9))
    digits = written[1:].replace(":", "")
    hours, minutes = (int(digits[:-2]), int(digits[-2:])) if len(digits) > 2 else (int(digits), 0)  # noqa: PLR2004 - hours alone have two
    return timezone((timedelta(hours=hours, minutes=minutes)) * (-1 if written[0] == "-" else 1))
