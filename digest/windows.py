"""Which stretch of time a digest covers: local days that end at the hour of the mail."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from storage.figures import Window


def last_window(now: datetime, *, daily_at: time, time_zone: str) -> Window:
    """Return the newest local day that has ended: from yesterday's ``daily_at`` to today's, both in ``time_zone``.

    Before today's hour it is the day that ended yesterday: a mail missed by a night of standstill is caught up, older ones
    are not. A day is 23 or 25 hours long when the clocks change.
    """
    zone = ZoneInfo(time_zone)
    today = now.astimezone(zone).date()
    end = _moment(today, daily_at, zone)
    if end > now:
        today -= timedelta(days=1)
        end = _moment(today, daily_at, zone)
    return Window(start=_moment(today - timedelta(days=1), daily_at, zone), end=end)


def day_until(now: datetime) -> Window:
    """Return the twenty-four hours that end now: what a preview shows."""
    return Window(start=now - timedelta(days=1), end=now)


def _moment(day: date, at: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, at, tzinfo=zone).astimezone(UTC)
