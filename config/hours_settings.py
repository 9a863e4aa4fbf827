"""Settings of the hours in which somebody is at the desk: what a reply may promise by the clock."""

from datetime import date, time
from typing import Literal, Self

from pydantic import Field, model_validator

from config.section import LocalTime, Section

MIDNIGHT = time(0, 0)
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class HoursSettings(Section):
    """Working hours, in the workspace's time zone. Without days nothing is promised by the clock."""

    days: tuple[Weekday, ...] = Field(
        (),
        description="Days on which somebody is at the desk, e.g. `mon`. Empty: replies promise nothing by the clock.",
    )
    opens: LocalTime = Field(time(9, 0), description="Local time from which somebody is there.")
    closes: LocalTime = Field(time(18, 0), description="Local time until which; `00:00` is the end of the day.")
    holidays: tuple[date, ...] = Field((), description="Dates on which nobody is there, e.g. `2026-12-31`.")

    @model_validator(mode="after")
    def _close_after_opening(self) -> Self:
        if self.closes != MIDNIGHT and self.closes <= self.opens:
            msg = "closes must be after opens; 00:00 is the end of the day."
            raise ValueError(msg)
        return self

    @property
    def are_set(self) -> bool:
        """Whether the shop said when it is there."""
        return bool(self.days)

    def works_on(self, day: date) -> bool:
        """Return whether somebody is there on ``day``: always, while no hours are set."""
        return day not in self.holidays and (not self.days or WEEKDAYS[day.weekday()] in self.days)
