"""The home's model versions with how each did at its gate, and the last decision about them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import fmean
from typing import Final

from classifier.promotions import Event, HistoryLine, read_history
from classifier.versions import Version, list_versions

SETS: Final = ("corpus", "own")
"""Held-out posts that the gate compares on."""


@dataclass(frozen=True, kw_only=True, slots=True)
class GateScore:
    """Mean macro-F1 over the heads of one held-out set, of the model before and of this one."""

    before: float
    after: float
    gained: tuple[str, ...]
    """Heads that gained."""


@dataclass(frozen=True, kw_only=True, slots=True)
class VersionLine:
    """One version."""

    version: Version
    gate: Mapping[str, GateScore]
    """By held-out set; empty for what ships."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LastDecision:
    """What became of the last refit, or who changed the model since."""

    at: datetime | None
    """None when the history cannot be read there."""
    event: Event
    line: HistoryLine


def list_lines(models: Path) -> list[VersionLine]:
    """Return the versions, the newest first."""
    return [VersionLine(version=version, gate=_gate(version)) for version in reversed(list_versions(models))]


def last_decision(models: Path) -> LastDecision | None:
    """Return the newest line of the history; None when nothing was ever decided."""
    history = read_history(models)
    if not history:
        return None
    line = history[-1]
    return LastDecision(at=_moment(line.at), event=line.event, line=line)


def _moment(said: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(said)
    except (TypeError, ValueError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _gate(version: Version) -> dict[str, GateScore]:
    """Read the gate's report, as far as it is one: the file may come from another version of Kikite."""
    report = version.description.scores.get("gate") if version.description else None
    comparisons = report.get("comparisons") if isinstance(report, Mapping) else None
    if not isinstance(comparisons, list):
        return {}
    told = {name: [one for one in comparisons if _is_whole(one, name)] for name in SETS}
    return {name: _mean(rows) for name, rows in told.items() if rows}


def _is_whole(one: object, held_out: str) -> bool:
    return (
        isinstance(one, Mapping)
        and (one.get("held_out"), one.get("language")) == (held_out, "all")
        and all(isinstance(one.get(key), int | float) for key in ("before", "after"))
    )


def _mean(rows: Sequence[Mapping[str, object]]) -> GateScore:
    return GateScore(
        before=fmean(float(str(one["before"])) for one in rows),
        after=fmean(float(str(one["after"])) for one in rows),
        gained=tuple(str(one.get("head")) for one in rows if one.get("change") == "gained"),
    )
