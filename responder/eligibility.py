"""Whether and how a reply may leave: a pure decision over a table of rules that operators read and edit.

Computed before drafting and again at the moment of sending. The table is ``config/platforms/rules.toml``, or
``platforms/rules.toml`` in the home when there is one.
"""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Literal, Self

from pydantic import ConfigDict, Field, ValidationError, model_validator

from config.section import Section
from domain.errors import ConfigError, Place
from domain.replies import Capabilities, Eligibility, PlatformFacts
from domain.words import Engagement, Risk, Route, Visibility

Answer = Literal["yes", "no", "unknown"]
API_ROUTES = {Visibility.PUBLIC: Route.API_PUBLIC, Visibility.DM: Route.API_DM}


@dataclass(frozen=True, kw_only=True, slots=True)
class EligibilityInput:
    """Everything the decision depends on, for one reply of one visibility."""

    kind: str
    """The channel's kind, as in settings."""
    engagement: Engagement
    visibility: Visibility
    capabilities: Capabilities
    facts: PlatformFacts
    created_at: datetime
    """When the mention was written; aware."""
    now: datetime
    risks: frozenset[Risk]
    gone: bool
    opted_out: bool
    already_answered: bool
    """A live delivery of this visibility to this mention exists, other than the one being sent."""
    has_url: bool = True
    """True when a person can open the mention on its platform."""


class PlatformRule(Section):
    """One row of the table. Every condition given must hold; one left out holds always."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(min_length=1)
    route: Route | None = None
    reason: str = Field(min_length=1)
    date: date
    source: str = Field(min_length=1)
    caution: bool = False
    own_words: bool = False
    kinds: frozenset[str] | None = None
    visibility: Visibility | None = None
    engagements: frozenset[Engagement] | None = None
    risks: frozenset[Risk] | None = None
    gone: bool | None = None
    opted_out: bool | None = None
    already_answered: bool | None = None
    has_url: bool | None = None
    exists: frozenset[Answer] | None = None
    replies_allowed: frozenset[Answer] | None = None
    dm_allowed: frozenset[Answer] | None = None
    can_reply: bool | None = None
    can_direct_message: bool | None = None
    older_than_hours: int | None = Field(None, ge=1)

    @model_validator(mode="after")
    def _check_route(self) -> Self:
        if self.caution == (self.route is not None):
            msg = f"{self.id}: a caution has no route, every other rule has one"
            raise ValueError(msg)
        if self.own_words and self.route is not Route.MANUAL:
            msg = f"{self.id}: what a person writes in their own words is posted by hand (route manual)"
            raise ValueError(msg)
        if self.route in API_ROUTES.values() and (
            self.visibility is None or API_ROUTES[self.visibility] is not self.route
        ):
            msg = f"{self.id}: route {self.route} needs the visibility that belongs to it"
            raise ValueError(msg)
        return self

    def holds(self, given: EligibilityInput) -> bool:
        """Return whether every condition holds for ``given``."""
        plain = (
            (self.visibility, given.visibility),
            (self.gone, given.gone),
            (self.opted_out, given.opted_out),
            (self.already_answered, given.already_answered),
            (self.has_url, given.has_url),
            (self.can_reply, given.capabilities.can_reply),
            (self.can_direct_message, given.capabilities.can_direct_message),
        )
        sets = (
            (self.kinds, given.kind),
            (self.engagements, given.engagement),
            (self.exists, _answer(given.facts.exists)),
            (self.replies_allowed, _answer(given.facts.replies_allowed)),
            (self.dm_allowed, _answer(given.facts.dm_allowed)),
        )
        return (
            all(wanted is None or wanted == found for wanted, found in plain)
            and all(wanted is None or found in wanted for wanted, found in sets)
            and (self.risks is None or bool(self.risks & given.risks))
            and (self.older_than_hours is None or given.now - given.created_at > timedelta(hours=self.older_than_hours))
        )


class _RuleFile(Section):
    rule: tuple[PlatformRule, ...]


def _answer(fact: bool | None) -> Answer:  # noqa: FBT001 - a platform's fact, not a switch
    return "unknown" if fact is None else ("yes" if fact else "no")


def decide(given: EligibilityInput, rules: Sequence[PlatformRule]) -> Eligibility:
    """Return route, rule and reason of the first rule that holds.

    A caution that holds keeps an API route and puts its own id and reason in place: a person must look. When no rule
    holds nothing may leave (``no_rule``).
    """
    deciding = next((rule for rule in rules if not rule.caution and rule.holds(given)), None)
    if deciding is None or deciding.route is None:
        return Eligibility(route=Route.FORBIDDEN, rule_id="none", reason_code="no_rule", rule_date="")
    shown = deciding
    if deciding.route in API_ROUTES.values():
        shown = next((rule for rule in rules if rule.caution and rule.holds(given)), deciding)
    return Eligibility(
        route=deciding.route,
        rule_id=shown.id,
        reason_code=shown.reason,
        rule_date=shown.date.isoformat(),
        own_words=deciding.own_words,
    )


def load_rules(home: Path | None = None) -> tuple[PlatformRule, ...]:
    """Return the table: the home's own ``platforms/rules.toml`` if there is one, else the shipped one.

    Raises ``ConfigError`` naming the file and the rule.
    """
    own = home / "platforms" / "rules.toml" if home else None
    if own and own.is_file():
        return read_rules(own.read_text(encoding="utf-8"), str(own))
    return _shipped_rules()


@cache
def _shipped_rules() -> tuple[PlatformRule, ...]:
    shipped = files("config") / "platforms" / "rules.toml"
    return read_rules(shipped.read_text(encoding="utf-8"), "config/platforms/rules.toml")


def read_rules(toml: str, file: str) -> tuple[PlatformRule, ...]:
    """Return the rules written in ``toml``; raise ``ConfigError`` naming ``file`` and what is wrong."""
    try:
        rules = _RuleFile.model_validate(tomllib.loads(toml)).rule
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"not TOML: {error}", place=Place(file=file), remedy="Mend that line.") from error
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise ConfigError(
            first["msg"], place=Place(file=file, field=field), remedy="See the list at the top of the shipped table."
        ) from error
    names = [rule.id for rule in rules]
    doubled = next((name for name in names if names.count(name) > 1), None)
    if doubled:
        place = Place(file=file, field=doubled)
        raise ConfigError("two rules with one id", place=place, remedy="Give each rule its own id.")
    return rules
