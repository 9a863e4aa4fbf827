"""The lines a digest is made of: plain values that both templates print as they stand."""

from dataclasses import dataclass

WHOLE = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class AlertLine:
    """An alert with its remedy."""

    title: str
    remedy: str
    severity: str
    repeated: str
    url: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseLine:
    """One quoted case."""

    quote: str
    quote_language: str
    """For ``lang``; empty when unknown."""
    facts: tuple[str, ...]
    overdue: bool
    url: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Share:
    """One part of the label bar."""

    name: str
    number: int
    percent: int
    """Of the bar's width; all parts together make 100."""
    kind: str
    """Which colour of the style sheet it has; the legend says the same in words."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Fact:
    """A number with its name."""

    name: str
    value: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Link:
    """A line that leads somewhere."""

    text: str
    url: str


@dataclass(frozen=True, kw_only=True, slots=True)
class DigestView:
    """Everything both parts of the mail show, in reading order."""

    language: str
    subject: str
    title: str
    window: str
    workspace: str
    desk_url: str
    numbers: tuple[Fact, ...]
    quiet: str
    alerts: tuple[AlertLine, ...]
    more_alerts: str
    troubles: tuple[Link, ...]
    waiting: tuple[CaseLine, ...]
    shares: tuple[Share, ...]
    trends: tuple[str, ...]
    praise: tuple[CaseLine, ...]
    constructive: tuple[CaseLine, ...]
    more_constructive: str
    times: tuple[Fact, ...]
    """Empty when nobody got a first reply."""
    targets: str
    sent: str
    footer: tuple[str, ...]


def split_hundred(numbers: list[int]) -> list[int]:
    """Split 100 in proportion to at most ten positive ``numbers``: whole parts, none below 1, together exactly 100."""
    if not numbers:
        return []
    parts = [max(1, number * WHOLE // sum(numbers)) for number in numbers]
    parts[numbers.index(max(numbers))] += WHOLE - sum(parts)
    return parts
