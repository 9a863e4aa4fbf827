"""What every table of a file that people edit is made of."""

from datetime import time
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo, field_validator

NAME_PATTERN = r"^[a-z][a-z0-9_-]{0,39}$"
Name = Annotated[str, Field(pattern=NAME_PATTERN)]


def _without_zone(value: time) -> time:
    if value.tzinfo is not None:
        msg = "must be a local time such as 09:00, without a zone."
        raise ValueError(msg)
    return value


LocalTime = Annotated[time, AfterValidator(_without_zone)]


class Section(BaseModel):
    """A table of the settings file. Unknown keys are errors, so that a typing mistake is never silent."""

    # hide_input: an error's text reaches logs, and the input may be a secret.
    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True, hide_input_in_errors=True)

    @field_validator("*", mode="before")
    @classmethod
    def _refuse_truth_as_number(cls, value: object, info: ValidationInfo) -> object:
        """``port = true`` is a mistake, not 1."""
        field = cls.model_fields.get(info.field_name or "")
        if isinstance(value, bool) and field and field.annotation in {int, float, int | None}:
            msg = "must be a number."
            raise ValueError(msg)
        return value
