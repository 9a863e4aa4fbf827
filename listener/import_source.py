"""Reading an export row by row, whatever wrote it: encoding and delimiter found out, broken rows told apart, memory bounded.

Nothing here knows what the columns mean (``listener/import_rows.py`` does). A row that cannot be read is handed on with its
reason and its text exactly as it stands in the file.
"""

import csv
import io
import json
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, TextIO

from domain.errors import ImportFileError
from listener.import_encoding import BAD_BYTES, detect_encoding, encoding_name

RECORD_LIMIT = 4_000_000
"""Characters of one row at most; also how far a quotation mark without its pair can swallow before it is noticed."""

LINE, REASON = "kikite_line", "kikite_reason"
"""First columns of a rejects file, or the keys of its notes in JSONL: our own names, so that no column of an export is taken
for them, and first, so that no row that is too short lets a reason slide into a column of words."""

DELIMITERS = (",", ";", "\t")
NOT_TEXT = {b"PK\x03\x04": "a spreadsheet or archive", b"\x1f\x8b": "a compressed file", b"%PDF": "a PDF"}


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceRow:
    """One row. ``values`` is None when it cannot be read; ``problem`` says why."""

    line: int
    """Physical line of the file on which the row begins, from 1."""
    raw: str
    """Exactly as in the file, line end included."""
    values: Mapping[str, object] | None = None
    fields: tuple[str, ...] = ()
    """Of a CSV row that could be split."""
    problem: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Line:
    number: int
    text: str
    whole: bool = True


@dataclass(kw_only=True)
class ImportSource:
    """An opened export. ``columns`` are the names found: of the header, or of the first objects of JSONL."""

    encoding: str
    """Python's name: utf-8, utf-8-sig, utf-16, cp932."""
    delimiter: str
    """Empty for JSONL."""
    total_bytes: int
    columns: tuple[str, ...] = ()
    header: str = ""
    """The header's text as in the file (CSV)."""
    _binary: BinaryIO = field(repr=False)
    _lines: "_Lines" = field(repr=False)

    @property
    def is_csv(self) -> bool:
        """True for CSV, False for JSONL."""
        return bool(self.delimiter)

    @property
    def done_bytes(self) -> int:
        """How much of the file was read."""
        return self._binary.tell()

    def rows(self) -> Iterator[SourceRow]:
        """Yield every row once, blank lines left out."""
        for row in self._csv_rows() if self.is_csv else _json_rows(self._lines):
            if BAD_BYTES.search(row.raw):
                yield SourceRow(
                    line=row.line, raw=row.raw, problem=f"bytes that are not {encoding_name(self.encoding)}"
                )
            else:
                yield row

    def _csv_rows(self) -> Iterator[SourceRow]:
        for row in _split_csv(self._lines, self.delimiter):
            extra = row.fields[len(self.columns) :]
            if row.problem or (len(row.fields) >= len(self.columns) and not any(extra)):
                values = None if row.problem else dict(zip(self.columns, row.fields, strict=False))
                yield SourceRow(line=row.line, raw=row.raw, values=values, fields=row.fields, problem=row.problem)
            else:
                counts = f"{len(row.fields)} fields, but the header has {len(self.columns)}"
                yield SourceRow(line=row.line, raw=row.raw, fields=row.fields, problem=counts)

    def close(self) -> None:
        """Give the file back."""
        self._binary.close()


def open_source(path: Path) -> ImportSource:
    """Open an export. Raises ``ImportFileError`` when it cannot be read at all."""
    try:
        binary = path.open("rb")
    except OSError as error:
        raise ImportFileError(
            f"{path.name} cannot be read: {error.strerror}.", remedy="Check path and rights."
        ) from error
    try:
        return _open(path, binary)
    except BaseException:
        binary.close()
        raise


def _open(path: Path, binary: BinaryIO) -> ImportSource:
    start = binary.read(4)
    for mark, what in NOT_TEXT.items():
        if start.startswith(mark):
            raise ImportFileError(f"{path.name} is {what}.", remedy="Save it as CSV (UTF-8), then import that.")
    encoding = detect_encoding(binary)
    total = binary.seek(0, io.SEEK_END)
    binary.seek(0)
    # Bad bytes become marks that are written back as the very same bytes; UTF-16 knows no such marks.
    errors = "replace" if encoding.startswith("utf-16") else "surrogateescape"
    lines = _Lines(io.TextIOWrapper(binary, encoding=encoding, errors=errors, newline=""))
    first = lines.peek_text()
    if not first.strip():
        raise ImportFileError(f"{path.name} is empty.", remedy="Export it again.")
    delimiter = "" if _is_jsonl(path, first) else max(DELIMITERS, key=first.count)
    source = ImportSource(encoding=encoding, delimiter=delimiter, total_bytes=total, _binary=binary, _lines=lines)
    if first.lstrip().startswith("[") and not source.is_csv:
        raise ImportFileError(f"{path.name} is one JSON array.", remedy="Write one object a line (JSONL).")
    _find_columns(source, lines, path)
    return source


def _is_jsonl(path: Path, first_line: str) -> bool:
    if path.suffix.lower() in {".jsonl", ".ndjson", ".json"}:
        return True
    return path.suffix.lower() not in {".csv", ".tsv"} and first_line.lstrip().startswith("{")


def _find_columns(source: ImportSource, lines: "_Lines", path: Path) -> None:
    if not source.is_csv:
        source.columns = lines.peek_keys()
        return
    header = next(_split_csv(lines, source.delimiter))
    names = tuple(name.strip().lstrip("\ufeff") for name in header.fields)
    if header.problem or BAD_BYTES.search(header.raw):
        problem = header.problem or f"bytes that are not {encoding_name(source.encoding)}"
        raise ImportFileError(f"{path.name}: its first line is no header: {problem}.", remedy="Add a line of names.")
    source.columns, source.header = names, header.raw


class _Lines:
    """Physical lines with their numbers; lines can be put back, and none is kept that is longer than the limit."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._waiting: deque[_Line] = deque()
        self._number = 0

    def take(self) -> _Line | None:
        """Return the next line, None at the end."""
        if self._waiting:
            return self._waiting.popleft()
        text = self._file.readline(RECORD_LIMIT)
        if not text:
            return None
        self._number += 1
        whole = len(text) < RECORD_LIMIT or text.endswith(("\n", "\r"))
        if not whole:
            while (rest := self._file.readline(RECORD_LIMIT)) and not rest.endswith(("\n", "\r")):
                pass
        return _Line(number=self._number, text=text if whole else "", whole=whole)

    def put_back(self, lines: list[_Line]) -> None:
        """Let ``lines`` come again."""
        self._waiting.extendleft(reversed(lines))

    def peek_text(self) -> str:
        """Return the first line that is not blank, without taking it."""
        taken: list[_Line] = []
        while (line := self.take()) is not None:
            taken.append(line)
            if line.text.strip() or len(taken) > PEEKED:
                break
        self.put_back(taken)
        return taken[-1].text if taken else ""

    def peek_keys(self) -> tuple[str, ...]:
        """Return the keys of the first objects, without taking them."""
        taken: list[_Line] = []
        keys: dict[str, None] = {}
        while len(taken) < PEEKED and (line := self.take()) is not None:
            taken.append(line)
            row = _read_json(line)
            keys |= dict.fromkeys(row.values or {})
        self.put_back(taken)
        return tuple(key for key in keys if key not in {LINE, REASON})


PEEKED = 20


class _TooLongError(Exception):
    """A row grew over the limit: most likely a quotation mark without its pair."""


def _split_csv(lines: _Lines, delimiter: str) -> Iterator[SourceRow]:
    """Yield rows of RFC 4180. When quoting breaks, only the line on which the row began is given up."""
    csv.field_size_limit(max(csv.field_size_limit(), RECORD_LIMIT))
    while True:
        taken: list[_Line] = []
        try:
            for fields in csv.reader(_feed(lines, taken), delimiter=delimiter, strict=True):
                first, raw = taken[0].number, "".join(line.text for line in taken)
                taken.clear()
                if fields:
                    yield SourceRow(line=first, raw=raw, fields=tuple(fields))
        except (csv.Error, _TooLongError):
            first_line, *rest = taken
            lines.put_back(rest)
            problem = (
                "a quotation mark without its pair" if first_line.whole else f"over {RECORD_LIMIT:,} characters long"
            )
            yield SourceRow(line=first_line.number, raw=first_line.text, problem=problem)
        else:
            return


def _feed(lines: _Lines, taken: list[_Line]) -> Iterator[str]:
    size = 0
    while (line := lines.take()) is not None:
        size = len(line.text) + (size if taken else 0)
        taken.append(line)
        if not line.whole or size > RECORD_LIMIT:
            raise _TooLongError
        yield line.text


def _json_rows(lines: _Lines) -> Iterator[SourceRow]:
    while (line := lines.take()) is not None:
        row = _read_json(line)
        if row.problem or (row.values and row.values.keys() != {LINE, REASON}):
            yield row


def _read_json(line: _Line) -> SourceRow:
    """Return one line as a row; blank lines and the notes of a rejects file come without values to import."""
    if not line.whole:
        return SourceRow(line=line.number, raw="", problem=f"over {RECORD_LIMIT:,} characters long")
    if not line.text.strip():
        return SourceRow(line=line.number, raw=line.text)
    try:
        read = json.loads(line.text)
    except (ValueError, RecursionError):
        return SourceRow(line=line.number, raw=line.text, problem="not JSON")
    if not isinstance(read, dict) or not read:
        return SourceRow(line=line.number, raw=line.text, problem="not a JSON object")
    return SourceRow(line=line.number, raw=line.text, values=read)
