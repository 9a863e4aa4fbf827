"""The home's refitted models: which there are, which one is in force, and who decided that.

``models/NAME/`` holds a version, ``models/current`` the name of the one in force, ``models/history.jsonl`` a line per decision.
Each is written whole or not at all, in an order in which a stop at any moment leaves a home that starts: first the version,
then what is in force, last the history. What the history lost by such a stop is read from what is in force.
"""

import re
import secrets
import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import structlog

from classifier.artefact import (
    SHIPPED,
    ModelDescription,
    ModelError,
    read_artefact,
    read_description,
    replace_text,
    write_artefact,
)
from classifier.heads import HeadWeights
from classifier.promotions import SHIPPED_NAME, Event, HistoryLine, note, replaced
from domain.errors import KikiteError

CURRENT: Final = "current"
NAME: Final = re.compile(r"c\d{1,9}-\d{8}-\d{4}(-\d{1,3})?")
"""``c200-20261122-0930``: corrections learned from, when (UTC), and a number when two were made in one minute."""
MOST_CURRENT_BYTES: Final = 100

log = structlog.get_logger(__name__)


class VersionError(KikiteError):
    """There is no such version, or it cannot be served."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Version:
    """A model that this home has."""

    name: str
    folder: Path
    description: ModelDescription | None
    """None when it cannot be read."""
    in_force: bool
    problem: str = ""
    """Why it cannot be served; empty when it can."""
    remedy: str = ""


def current_folder(models: Path | None) -> Path:
    """Return the folder of the model in force: the promoted version, else what ships.

    A promoted version that cannot be served (its encoder is another since an upgrade, its files are broken) gives way to
    what ships, so that the product starts; ``kikite doctor`` says what to do.
    """
    promoted = promoted_name(models) if models is not None else SHIPPED_NAME
    if models is None or promoted == SHIPPED_NAME:
        return SHIPPED
    problem, _ = _problem_of(models / promoted)
    if problem:
        log.warning("the promoted model is not served; the shipped one is", version=promoted, problem=problem)
        return SHIPPED
    return models / promoted


def promoted_name(models: Path) -> str:
    """Return the name in ``current``: whether or not that version can be served."""
    try:
        with (models / CURRENT).open("rb") as stream:
            name = stream.read(MOST_CURRENT_BYTES).decode("utf-8", "replace").strip()
    except OSError:
        return SHIPPED_NAME
    return name or SHIPPED_NAME


def list_versions(models: Path) -> list[Version]:
    """Return what ships and then the home's own versions, the oldest first; also those that cannot be served."""
    in_force = current_folder(models)
    found = sorted((place for place in _folders(models) if NAME.fullmatch(place.name)), key=lambda place: place.name)
    found.sort(key=lambda place: place.name.split("-")[1:])
    return [_version(SHIPPED_NAME, SHIPPED, in_force), *(_version(place.name, place, in_force) for place in found)]


def find_version(models: Path, name: str) -> Version:
    """Return a version that can be served. Raises ``VersionError`` with the remedy."""
    for version in list_versions(models):
        if version.name == name:
            if version.problem:
                raise VersionError(f"The model '{name}' cannot be served. {version.problem}", remedy=version.remedy)
            return version
    raise VersionError(f"There is no model '{name}' in {models}.", remedy="`kikite models list` names those there are.")


def problem_in_force(models: Path) -> Version | None:
    """Return the promoted version if it cannot be served: for the doctor."""
    name = promoted_name(models)
    if name == SHIPPED_NAME:
        return None
    version = _version(name, models / name, SHIPPED)
    return version if version.problem else None


def write_version(models: Path, name: str, *, description: ModelDescription, heads: HeadWeights) -> None:
    """Write a new version; its folder appears whole or not at all."""
    models.mkdir(parents=True, exist_ok=True)
    for left in models.glob(".making-*"):  # of a run that was stopped
        shutil.rmtree(left, ignore_errors=True)
    partial = models / f".making-{name}-{secrets.token_hex(4)}"
    try:
        write_artefact(partial, description=description, heads=heads)
        partial.rename(models / name)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def free_name(models: Path, *, corrections: int, now: datetime) -> str:
    """Return a name that no version has."""
    plain = f"c{corrections}-{now:%Y%m%d-%H%M}"
    names = [plain, *(f"{plain}-{number}" for number in range(2, 1000))]
    return next(name for name in names if not (models / name).exists())


def promote(models: Path, name: str, *, now: datetime, who: str, why: str) -> Version:
    """Put a version (or ``shipped``) in force. Raises ``VersionError`` when it cannot be served."""
    find_version(models, name)
    _put_in_force(models, name)
    note(models, HistoryLine(at=now.isoformat(), event=Event.PROMOTED, name=name, who=who, why=why))
    return find_version(models, name)


def roll_back(models: Path, *, now: datetime, who: str, why: str) -> Version:
    """Put in force what was before: the version promoted before this one that still can be served, else what ships.

    Raises ``VersionError`` when what ships is in force already.
    """
    if promoted_name(models) == SHIPPED_NAME:
        raise VersionError(
            "The shipped model is in force; there is nothing before it.", remedy="`kikite models promote NAME` goes on."
        )
    servable = {version.name for version in list_versions(models) if not version.problem}
    before = next(
        (name for name in reversed(replaced(models, now=promoted_name(models))) if name in servable), SHIPPED_NAME
    )
    find_version(models, before)
    _put_in_force(models, before)
    note(models, HistoryLine(at=now.isoformat(), event=Event.ROLLED_BACK, name=before, who=who, why=why))
    return find_version(models, before)


def _put_in_force(models: Path, name: str) -> None:
    models.mkdir(parents=True, exist_ok=True)
    replace_text(models / CURRENT, f"{name}\n")


def _folders(models: Path) -> list[Path]:
    try:
        return [place for place in models.iterdir() if place.is_dir()]
    except OSError:
        return []


def _version(name: str, folder: Path, in_force: Path) -> Version:
    problem, remedy = _problem_of(folder)
    try:
        description = read_description(folder)
    except ModelError:
        description = None
    return Version(
        name=name,
        folder=folder,
        description=description,
        in_force=folder == in_force,
        problem=problem,
        remedy=remedy,
    )


def _problem_of(folder: Path) -> tuple[str, str]:
    """Return why a version cannot be served, and the remedy."""
    if folder != SHIPPED and not (NAME.fullmatch(folder.name) and folder.is_dir()):
        return f"There is no version '{folder.name}'.", "Choose another: kikite models list."
    try:
        read_artefact(folder)
    except ModelError as error:
        return error.message, error.remedy
    return "", ""
