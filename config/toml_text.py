"""Files that people edit: read as UTF-8, parsed as TOML, and every key's line kept for error messages."""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from domain.errors import ConfigError, Place

KeyPath = tuple[str | int, ...]
"""A way down a TOML document: keys, and numbers from 0 within arrays."""

_PART = r"\"(?:[^\"\\]|\\.)*\"|'[^']*'|[A-Za-z0-9_-]+"
_KEY = re.compile(rf"\s*(?:{_PART})(?:\s*\.\s*(?:{_PART}))*\s*")
_TOKEN = re.compile(r"\"\"\"|'''|\"(?:[^\"\\]|\\.)*\"|'[^']*'|#.*|[\[{\]}]")
_CLOSING = {'"""': re.compile(r"(?:[^\"\\]|\\.|\"{1,2}(?!\"))*?\"{3,5}"), "'''": re.compile(r".*?'{3,5}")}
_WHERE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")


def read_text(file: Path, *, remedy: str) -> str:
    """Return the file's text without a byte order mark and with plain line ends.

    Raises ``ConfigError``: missing (with ``remedy``), not readable, or not UTF-8 (naming the line).
    """
    place = Place(file=str(file))
    try:
        raw = file.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        raise ConfigError("there is no such file.", place=place, remedy=remedy) from None
    except OSError as error:
        said = error.strerror or "unknown reason"
        raise ConfigError(f"cannot be read ({said}).", place=place, remedy="Check its owner and rights.") from None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        place = Place(file=str(file), line=raw[: error.start].count(b"\n") + 1)
        raise ConfigError("is not UTF-8 here.", place=place, remedy="Save the file as UTF-8.") from None
    return text.replace("\r\n", "\n")


def parse_toml(text: str, file: str, *, first_line: int = 1) -> dict[str, Any]:
    """Return the TOML document in ``text``. Raises ``ConfigError`` with the line.

    ``first_line`` is where ``text`` begins within ``file`` (front matter begins on line 2).
    """
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        said = str(error)
        found = _WHERE.search(said)
        within = int(found[1]) if found and found[1] else max(text.rstrip("\n").count("\n") + 1, 1)
        place = Place(file=file, line=first_line + within - 1)
        message = f"not valid TOML: {_WHERE.sub('', said)}."
        remedy = "Texts stand in double quotes, dates and times as 2026-11-20 and 18:00:00."
        raise ConfigError(message, place=place, remedy=remedy) from None


def index_lines(text: str, *, first_line: int = 1) -> dict[KeyPath, int]:
    """Return the line of every table and key of a *valid* TOML document. Keys inside inline tables are not listed."""
    scanner = _Scanner()
    for number, line in enumerate(text.split("\n"), start=first_line):
        scanner.take(line, number)
    return scanner.lines


def line_of(lines: Mapping[KeyPath, int], path: KeyPath, *, default: int = 1) -> int:
    """Return the line of ``path``, or of the nearest table around it, else ``default``."""
    for length in range(len(path), 0, -1):
        if path[:length] in lines:
            return lines[path[:length]]
    return default


class _Scanner:
    """Walks the lines of a document, keeping in which table, string or bracket it stands."""

    def __init__(self) -> None:
        self.lines: dict[KeyPath, int] = {}
        self._table: KeyPath = ()
        self._last_of: dict[KeyPath, int] = {}
        self._quote = ""
        self._depth = 0

    def take(self, line: str, number: int) -> None:
        """Take the next line."""
        position = 0
        if not self._quote and not self._depth:
            stripped = line.lstrip()
            if stripped.startswith("["):
                self._open_table(stripped, number)
                return
            if not stripped or stripped.startswith("#"):
                return
            position = self._note_key(line, number)
        self._scan(line, position)

    def _open_table(self, line: str, number: int) -> None:
        repeated = line.startswith("[[")
        found = _KEY.match(line, 2 if repeated else 1)
        parts = _parts(found[0]) if found else []
        path = self._inside(parts[:-1])
        path = (*path, *parts[-1:])
        if repeated:
            self._last_of[path] = self._last_of.get(path, -1) + 1
            self.lines.setdefault(path, number)
            path = (*path, self._last_of[path])
        self.lines[path] = number
        self._table = path

    def _inside(self, parts: list[str]) -> KeyPath:
        """Return the path of a table, standing in the newest element of each repeated table on the way."""
        path: KeyPath = ()
        for part in parts:
            path = (*path, part)
            if path in self._last_of:
                path = (*path, self._last_of[path])
        return path

    def _note_key(self, line: str, number: int) -> int:
        found = _KEY.match(line)
        if not found:
            return 0
        path = self._table
        for part in _parts(found[0]):
            path = (*path, part)
            self.lines.setdefault(path, number)
        return found.end()

    def _scan(self, line: str, position: int) -> None:
        """Move over values, keeping open quotes and brackets."""
        while position <= len(line):
            if self._quote:
                closing = _CLOSING[self._quote].match(line, position)
                if not closing:
                    return
                self._quote, position = "", closing.end()
            token = _TOKEN.search(line, position)
            if not token:
                return
            position = token.end()
            if token[0] in _CLOSING:
                self._quote = token[0]
            elif token[0] in "[{":
                self._depth += 1
            elif token[0] in "]}":
                self._depth -= 1


def _parts(dotted: str) -> list[str]:
    """Split a dotted key. Escapes in quoted keys stay as written: they only cost the exact line."""
    return [part[1:-1] if part[0] in "\"'" else part for part in re.findall(_PART, dotted)]
