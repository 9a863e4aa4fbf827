"""The day that Google counts quotas by: it begins at midnight in California."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("America/Los_Angeles")


def quota_day(now: datetime) -> date:
    """Return the day whose quota is used at ``now``."""
    return now.astimezone(ZONE).date()


def seconds_until_midnight(now: datetime) -> float:
    """Return the seconds until the next day's quota, daylight saving reckoned with; one at least."""
    midnight = datetime.combine(quota_day(now) + timedelta(days=1), time(0), tzinfo=ZONE)
    return max(1.0, (midnight.astimezone(UTC) - now).total_seconds())
