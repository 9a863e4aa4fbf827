"""One settings document on its way to be validated: its data, where each key was written, and what is wrong so far."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from config.problems import Problem
from config.toml_text import KeyPath, index_lines, line_of, parse_toml, read_text
from domain.errors import Place

ENVIRONMENT = "environment"
"""Stands for the file name in the place of an error."""


@dataclass(kw_only=True)
class Document:
    """Data of one file, and what the environment laid over it."""

    file: str
    data: dict[str, Any]
    lines: Mapping[KeyPath, int] = field(default_factory=dict)
    variables: dict[KeyPath, str] = field(default_factory=dict)
    """Environment variable by the path that it set."""
    problems: list[Problem] = field(default_factory=list)
    secret_files: dict[KeyPath, Path] = field(default_factory=dict)
    """The file that the secret at a path was read from."""

    def place_of(self, path: KeyPath) -> Place:
        """Return where ``path`` was written: the variable that set it, else the line of the file."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.variables:
                return Place(file=ENVIRONMENT, field=self.variables[path[:length]])
        return Place(file=self.file, line=line_of(self.lines, path), field=".".join(map(str, path)))

    def add_problem(self, path: KeyPath, message: str, remedy: str) -> None:
        """Keep what is wrong with the key at ``path``."""
        self.problems.append(Problem(place=self.place_of(path), message=message, remedy=remedy, path=path))


def open_document(file: Path, *, missing: str) -> Document:
    """Read and parse a TOML file. Raises ``ConfigError``; ``missing`` is the remedy when there is no such file."""
    text = read_text(file, remedy=missing)
    return Document(file=str(file), data=parse_toml(text, str(file)), lines=index_lines(text))


def tables_of(value: object) -> list[dict[str, Any]]:
    """Return the tables in an array of tables; none when ``value`` is something else (validation tells)."""
    return [table for table in value if isinstance(table, dict)] if isinstance(value, list) else []
