"""Everything wrong with a person's files, gathered so that one run shows all of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.errors import ConfigError, Place


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One thing wrong in one place. Never carries a value from the file: it may be a secret."""

    place: Place
    message: str
    """What is wrong, without the place; ends with a full stop."""
    remedy: str
    path: tuple[str | int, ...] = ()
    """Keys that lead to it; empty where it is no part of the data."""

    def __str__(self) -> str:
        """One line: place, what is wrong, remedy."""
        return f"{self.place}: {self.message} {self.remedy}"

    def as_error(self) -> ConfigError:
        """Return it as an error of its own."""
        return ConfigError(self.message, place=self.place, remedy=self.remedy)


def raise_problems(problems: Sequence[Problem]) -> None:
    """Raise what ``join_problems`` returns; do nothing when there is none."""
    if problems:
        raise join_problems(problems)


def join_problems(problems: Sequence[Problem]) -> ConfigError:
    """Return one error with a line per problem, of which there is one at least, in the order of the files.

    ``place`` of the error is the first problem's; ``each`` holds one error per problem.
    """
    ordered = sorted(problems, key=lambda problem: (problem.place.file, problem.place.line))
    first, *others = ordered
    each = [one.as_error() for one in ordered]
    if not others:
        return each[0]
    lines = [f"{first.message} {first.remedy}", *map(str, others[:-1]), f"{others[-1].place}: {others[-1].message}"]
    return ConfigError("\n".join(lines), place=first.place, remedy=others[-1].remedy, each=each)
