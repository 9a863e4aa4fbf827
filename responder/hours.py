"""Promises by the clock: when somebody of ours is there, said so that it can be kept."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from config.hours_settings import MIDNIGHT, HoursSettings
from domain.cases import DeskTime
from domain.words import Language

LEAST_LEFT = timedelta(hours=2)
"""A promise for the day needs at least so much of it."""
DAYS_AHEAD = 14
NAMED_AHEAD = 6
"""A weekday names one day only up to here."""
NOON = time(12, 0)
WEEKDAYS_JA = "月火水木金土日"
WEEKDAYS_EN = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def find_desk_time(hours: HoursSettings, now: datetime, time_zone: str) -> DeskTime:
    """Return whether somebody is there at ``now`` (aware), and when next, in the shop's own time. Without hours: always."""
    local = now.astimezone(ZoneInfo(time_zone))
    if not hours.are_set:
        return DeskTime(now=local)
    ahead = [span for span in _openings(hours, local) if span[1] > local]
    if not ahead:
        return DeskTime(now=local, is_open=False)
    opens, closes = ahead[0]
    is_open = opens <= local
    later = ahead[1][0] if len(ahead) > 1 else None
    return DeskTime(now=local, is_open=is_open, closes=closes, next_open=later if is_open else opens)


def _openings(hours: HoursSettings, local: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Give the openings from today on, in order."""
    for ahead in range(DAYS_AHEAD + 1):
        day = local.date() + timedelta(days=ahead)
        if hours.works_on(day):
            ends = day + timedelta(days=1) if hours.closes == MIDNIGHT else day
            yield _at(day, hours.opens, local), _at(ends, hours.closes, local)


def _at(day: date, clock: time, local: datetime) -> datetime:
    return datetime.combine(day, clock, tzinfo=local.tzinfo)


@cache
def find_zone(name: str) -> ZoneInfo | None:
    """Return the zone of that IANA name, or None: it may come from a profile."""
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def say_when(desk: DeskTime | None, language: Language, *, their_zone: str = "") -> str:
    """Return until when somebody can look, as an adverb of ``language`` ("本日中に", "on Monday"), or nothing.

    Nothing is promised without two hours to keep it in, further than six days ahead, or where the customer's calendar
    shows another day than the shop's.
    """
    found = _find_promise(desk) if desk else None
    if desk is None or found is None:
        return ""
    start, words = found
    theirs = find_zone(their_zone)
    if theirs and any(moment.astimezone(theirs).date() != moment.date() for moment in (desk.now, start)):
        return ""
    return words[0 if language is Language.JA else 1]


def _find_promise(desk: DeskTime) -> tuple[datetime, tuple[str, str]] | None:
    today = desk.now.date()
    if desk.is_open and _time_left(desk) >= LEAST_LEFT:
        return desk.now, ("本日中に", "today")
    start = desk.next_open
    if start is None:
        return None
    ahead = (start.date() - today).days
    if ahead == 0:
        enough = desk.closes is None or desk.closes - start >= LEAST_LEFT
        return (start, ("本日中に", "today")) if enough else None
    if ahead == 1:
        is_early = _at(start.date(), NOON, start) - start >= LEAST_LEFT
        return start, ("明日の午前中に", "tomorrow morning") if is_early else ("明日中に", "tomorrow")
    if ahead > NAMED_AHEAD:
        return None
    weekday = start.weekday()
    return start, (f"{WEEKDAYS_JA[weekday]}曜日に", f"on {WEEKDAYS_EN[weekday]}")


def _time_left(desk: DeskTime) -> timedelta:
    """Return how much of today somebody is still there."""
    midnight = _at(desk.now.date() + timedelta(days=1), MIDNIGHT, desk.now)
    return min(desk.closes or midnight, midnight) - desk.now
