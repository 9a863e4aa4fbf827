"""Settings of what we write of our own accord: when we come back to a case, and what we ask afterwards."""

from typing import Literal

from pydantic import Field

from config.section import Section
from domain.words import SurveyKind, Topic

DAYS = {Topic.DELIVERY: 2, Topic.APP: 2, Topic.OUTAGE: 1, Topic.REFUND: 7, Topic.PRODUCT: 5}


class FollowUpSettings(Section):
    """What is written after an answer. Everything is drafted only; a person approves each text."""

    enabled: bool = Field(
        True, description="Plan follow-ups, surveys and requests by rule. People may always plan one."
    )
    days: int = Field(3, ge=1, le=60, description="Days after the answer to a complaint until we ask how it stands.")
    days_by_topic: dict[Topic, int] = Field(
        default_factory=lambda: dict(DAYS),
        description="The same by topic: a refund takes longer than a parcel. A topic that is not named has `days`.",
    )
    days_after_delivery: int = Field(1, ge=0, le=30, description="Days after a parcel's delivery until we ask.")
    survey: Literal["csat", "nps", "off"] = Field(
        "csat",
        description="What a solved case is asked: `csat` how satisfied (1-5), `nps` how likely to recommend (0-10).",
    )
    survey_days: int = Field(30, ge=1, le=180, description="How long a survey's link can be answered, and changed.")
    survey_every_days: int = Field(90, ge=0, le=3650, description="Nobody is asked again within so many days.")
    ambassador_praises: int = Field(
        2,
        ge=2,
        le=20,
        description="So many posts of praise by one person make an ambassador, who is asked for a testimonial.",
    )
    ambassador_days: int = Field(180, ge=1, le=3650, description="Within so many days.")
    testimonials: bool = Field(True, description="Plan one request to each ambassador to let us quote them.")

    @property
    def survey_kind(self) -> SurveyKind | None:
        """Which question is asked; None: none."""
        return None if self.survey == "off" else SurveyKind(self.survey)

    def days_for(self, topic: str) -> int:
        """Return the days until we come back to a complaint about ``topic``."""
        known = {str(name): days for name, days in self.days_by_topic.items()}
        return known.get(topic, self.days)
