"""The form of a prose file: TOML between two ``+++`` lines, then the text, a part per language."""

import re
from pathlib import Path

from config.document import Document
from config.toml_text import index_lines, parse_toml, read_text
from domain.errors import ConfigError, Place

FENCE = "+++"
LANGUAGES = ("ja", "en")
_HEADING = re.compile(r"^#\s+(\S+)\s*$")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)


def open_entry(file: Path, *, body: str) -> Document:
    """Return the file as one document: the front matter, with the texts under ``# ja`` and ``# en`` as the table ``body``.

    Remarks between ``<!--`` and ``-->`` are left out. Raises ``ConfigError`` with the line.
    """
    text = read_text(file, remedy="Restore it.")
    lines = text.split("\n")
    place = Place(file=str(file), line=1)
    if lines[0].rstrip() != FENCE:
        remedy = "Begin the file with a line +++, the front matter, and another line +++."
        raise ConfigError("there is no front matter.", place=place, remedy=remedy)
    closing = next((number for number, line in enumerate(lines) if number and line.rstrip() == FENCE), None)
    if closing is None:
        raise ConfigError("the front matter does not end.", place=place, remedy="Close it with a line +++.")
    front = "\n".join(lines[1:closing])
    document = Document(file=str(file), data=parse_toml(front, str(file), first_line=2))
    known = index_lines(front, first_line=2)
    if body in document.data:
        message, remedy = f"'{body}' does not belong into the front matter.", "Write it below, under # ja and # en."
        raise ConfigError(message, place=Place(file=str(file), line=known[body,], field=body), remedy=remedy)
    parts = _split_parts(file, lines, closing + 1)
    known[body,] = closing + 2
    for language, (line, _) in parts.items():
        known[body, language] = line
    document.lines = known
    document.data[body] = {language: said for language, (_, said) in parts.items()}
    return document


def _split_parts(file: Path, lines: list[str], start: int) -> dict[str, tuple[int, str]]:
    """Return line and text by language."""
    gathered: dict[str, tuple[int, list[str]]] = {}
    current: list[str] | None = None
    blanked = _blank_comments(lines[start:])
    for number, line in enumerate(blanked, start=start + 1):
        heading = _HEADING.match(line)
        place = Place(file=str(file), line=number)
        if heading and heading[1].lower() in LANGUAGES:
            language = heading[1].lower()
            if language in gathered:
                raise ConfigError(f"there is a second '# {language}'.", place=place, remedy="Keep one.")
            current = []
            gathered[language] = (number, current)
        elif current is not None:
            current.append(line)
        elif line.strip():
            raise ConfigError("there is text before a language.", place=place, remedy="Write # ja or # en above it.")
    return {language: (number, "\n".join(said).strip()) for language, (number, said) in gathered.items()}


def _blank_comments(lines: list[str]) -> list[str]:
    """Drop remarks, keeping the number of lines."""
    return _COMMENT.sub(lambda found: "\n" * found[0].count("\n"), "\n".join(lines)).split("\n")
