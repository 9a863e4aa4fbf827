"""What looking at a home finds: each finding comes with the one thing to do about it."""

import shlex
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from config.loading import OpenFile
from config.problems import Problem


class Health(StrEnum):
    """How a finding is meant."""

    GOOD = "good"
    WARNING = "warning"
    BAD = "bad"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One looked-at thing."""

    what: str
    health: Health
    says: str
    remedy: str = ""


def tell_problems(what: str, problems: Iterable[Problem]) -> Iterator[Finding]:
    """Return a finding per problem."""
    for problem in problems:
        yield Finding(what=what, health=Health.BAD, says=f"{problem.place}: {problem.message}", remedy=problem.remedy)


def tell_open_files(what: str, files: Iterable[OpenFile]) -> Iterator[Finding]:
    """Return a warning per file with a secret that others can read."""
    for one in files:
        says = f"{one.file} has mode {one.mode:o}: others on this machine may read the secret in it."
        yield Finding(
            what=what, health=Health.WARNING, says=says, remedy=f"Run: chmod 600 {shlex.quote(str(one.file))}"
        )
