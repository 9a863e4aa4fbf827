"""What ``kikite train --corrections`` and ``kikite models`` do in a home."""

import getpass
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from classifier.backends import MODELS
from classifier.corrections import Corrections, read_corrections
from classifier.gate import GateReport
from classifier.learning import Learned, compare_versions, learn
from classifier.promotions import HistoryLine, read_history
from classifier.versions import Version, find_version, list_versions, promote, roll_back
from config.loading import load_settings
from config.settings import Settings
from domain.clock import SystemClock
from domain.errors import KikiteError
from kikite.logs import set_up_logging
from kikite.product import open_database
from storage.workspaces import ensure_workspace

Progress = Callable[[int, int], None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Models:
    """What ``kikite models list`` tells."""

    versions: Sequence[Version]
    history: Sequence[HistoryLine]


def train_on_corrections(home: Path, *, progress: Progress, accepts_lowered: bool = False) -> Learned:
    """Learn from the home's corrections and put the result in force where the gate lets it.

    ``accepts_lowered``: see ``classifier.learning.learn``.

    Raises ``KikiteError`` when the settings name a model that no refit would replace.
    """
    chosen = load_settings(home).classifier
    if chosen.backend != "model" or chosen.model:
        named = f'backend = "{chosen.backend}"' if chosen.backend != "model" else f'model = "{chosen.model}"'
        raise KikiteError(
            f"The settings put another model in force (classifier.{named}): a refitted one would never be asked.",
            remedy='Set classifier.backend = "model" and leave classifier.model empty to learn from corrections.',
        )
    found = _corrections(home)
    return learn(
        found,
        models=home / MODELS,
        now=SystemClock().now(),
        who=_who(),
        progress=progress,
        accepts_lowered=accepts_lowered,
    )


def list_models(home: Path) -> Models:
    """Return the home's versions and who decided what."""
    _begin(home)
    return Models(versions=list_versions(home / MODELS), history=read_history(home / MODELS))


def compare_models(home: Path, first: str, second: str, *, progress: Progress) -> GateReport:
    """Score two versions side by side. Raises ``VersionError`` when one cannot be served."""
    models = home / MODELS
    folders = [find_version(models, name).folder for name in (first, second)]
    return compare_versions(folders[0], folders[1], _corrections(home), models=models, progress=progress)


def promote_model(home: Path, name: str, *, why: str) -> Version:
    """Put a version in force. Raises ``VersionError``."""
    _begin(home)
    return promote(home / MODELS, name, now=SystemClock().now(), who=_who(), why=why)


def roll_back_model(home: Path, *, why: str) -> Version:
    """Put in force what was before. Raises ``VersionError``."""
    _begin(home)
    return roll_back(home / MODELS, now=SystemClock().now(), who=_who(), why=why)


def _corrections(home: Path) -> Corrections:
    settings = _begin(home)
    database = open_database(settings)
    try:
        workspace_id = ensure_workspace(database, settings.workspace.name)
        with database.snapshot(workspace_id) as tx:
            return read_corrections(tx)
    finally:
        database.close()


def _begin(home: Path) -> Settings:
    settings = load_settings(home)
    set_up_logging(settings.log)
    return settings


def _who() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        return "unknown"
