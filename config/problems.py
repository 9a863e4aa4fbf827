"""Everything wrong with a person's files, gathered so that one run shows all of it."""

from collections.abc import Iterable
from dataclasses import dataclass

from domain.errors import ConfigError, Place


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One thing wrong in one place. Never carries a value from the file: it may be a secret."""

    place: Place
    message: str
    """What is wrong, without the place; ends with a full stop."""
    remedy: str

    def __str__(self) -> str:
        """One line: place, what is wrong, remedy."""
        return f"{self.place}: {self.message} {self.remedy}"


def raise_problems(problems: Iterable[Problem]) -> None:
    """Raise one ``ConfigError`` with a line per problem in the order of the files; do nothing when there is none.

    ``place`` of the error is the first problem's.
    """
    ordered = sorted(problems, key=lambda problem: (problem.place.file, problem.place.line))
    if not ordered:
        return
    first, *others = ordered
    if not others:
        raise ConfigError(first.message, place=first.place, remedy=first.remedy)
    lines = [f"{first.message} {first.remedy}", *map(str, others[:-1]), f"{others[-1].place}: {others[-1].message}"]
    raise ConfigError("\n".join(lines), place=first.place, remedy=others[-1].remedy)
