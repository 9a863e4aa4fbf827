"""Bad rows kept aside as they are, with the reason before each, in a file that can be mended and imported again."""

import csv
import io
import json
import os
import re
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TextIO

from domain.errors import ImportFileError
from listener.import_source import LINE, REASON, ImportSource, SourceRow

LINE_ENDS = "\r\n"


class Rejects(AbstractContextManager["Rejects"]):
    """The rejects of one import. Nothing is written unless a row is rejected, and nothing stands there before all is written.

    CSV: ``kikite_line`` and ``kikite_reason``, then the header and the cells as they are. JSONL: before each line, as it is, one
    with its number and reason, which an import skips. Same encoding as the source, so that even broken bytes are kept.
    """

    def __init__(self, path: Path, source: ImportSource) -> None:
        self._path = path
        self._part = path.with_name(f"{path.name}.part")
        self._source = source
        self._file: TextIO | None = None
        header = source.header
        self._line_end = header[len(header.rstrip(LINE_ENDS)) :] or "\n"
        cell = rf'(?:"[^"]*(?:""[^"]*)*"|[^"{re.escape(source.delimiter)}]*)'
        self._earlier = re.compile(f"(?:{cell}{re.escape(source.delimiter)}){{2}}")
        self._is_again = source.columns[:2] == (LINE, REASON)

    def keep(self, row: SourceRow, reason: str) -> None:
        """Put one row aside."""
        file = self._file or self._begin()
        encoding = self._source.encoding
        said = reason.encode(encoding, "backslashreplace").decode(encoding)
        raw = row.raw.rstrip(LINE_ENDS)
        if not self._source.is_csv:
            note = json.dumps({LINE: row.line, REASON: said}, ensure_ascii=True)
            file.write(f"{note}\n{raw}\n")
        else:
            file.write(self._begin_row([str(row.line), said]) + self._cells(raw) + self._line_end)

    def finish(self) -> Path | None:
        """Put the file in its place; return where, None when no row was rejected."""
        if self._file is None:
            return None
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self._part.replace(self._path)
        self._file = None
        return self._path

    def _begin(self) -> TextIO:
        errors = "replace" if self._source.encoding.startswith("utf-16") else "surrogateescape"
        try:
            self._file = self._part.open("w", encoding=self._source.encoding, errors=errors, newline="")
        except OSError as error:
            raise ImportFileError(
                f"Rejected rows cannot be kept in {self._path.name}: {error.strerror}.", remedy="Choose --rejects FILE."
            ) from error
        if self._source.is_csv:
            header = self._cells(self._source.header.rstrip(LINE_ENDS))
            self._file.write(self._source.delimiter.join([LINE, REASON, header]) + self._line_end)
        return self._file

    def _cells(self, raw: str) -> str:
        """Return the export's own cells as they are: without line and reason of an earlier import, if this is its rejects file."""
        return self._earlier.sub("", raw, count=1) if self._is_again and self._earlier.match(raw) else raw

    def _begin_row(self, cells: list[str]) -> str:
        line = io.StringIO()
        # Everything quoted: the writer leaves a bare carriage return open where lines end otherwise.
        csv.writer(line, delimiter=self._source.delimiter, lineterminator="", quoting=csv.QUOTE_ALL).writerow(cells)
        return line.getvalue() + self._source.delimiter

    def __exit__(self, *_: object) -> None:
        """Drop what was not finished."""
        if self._file is not None:
            self._file.close()
            self._part.unlink(missing_ok=True)
