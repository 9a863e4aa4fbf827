"""How long what the brand wrote holds: from when to when, and when somebody last looked whether it is still true."""

from datetime import date, timedelta
from typing import Self

from pydantic import model_validator

from config.section import Section

RECHECK_AFTER = timedelta(days=365)
"""What nobody looked at for longer is still cited, and told."""


class Dated(Section):
    """An entry with its dates, in the time zone of the shop; all of them may be left out."""

    checked_on: date | None = None
    """When somebody last made sure that it is true."""
    valid_from: date | None = None
    """First day on which it may be cited."""
    valid_until: date | None = None
    """Last day on which it may be cited."""

    @model_validator(mode="after")
    def _begin_before_the_end(self) -> Self:
        if self.valid_from and self.valid_until and self.valid_until < self.valid_from:
            msg = "'valid_until' lies before 'valid_from'."
            raise ValueError(msg)
        return self

    def is_valid(self, on: date) -> bool:
        """Return whether it may be cited on that day."""
        return (self.valid_from is None or self.valid_from <= on) and not self.is_outdated(on)

    def is_outdated(self, on: date) -> bool:
        """Return whether its last day has passed."""
        return self.valid_until is not None and self.valid_until < on

    def needs_check(self, on: date) -> bool:
        """Return whether it was looked at, but too long ago."""
        return self.checked_on is not None and on - self.checked_on > RECHECK_AFTER
