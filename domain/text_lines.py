"""JSONL files of texts: what ``kikite classify`` and ``kikite draft`` read and write, line for line, in flat memory.

A line that cannot be answered becomes ``{"id": …, "line": N, "error": …}`` (with an id where it has one that can be read), so that
input and output always have the same lines. ``-`` stands for standard input and output.
"""

import json
import os
import secrets
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from domain.errors import ImportFileError

STANDARD: Final = Path("-")
"""Standard input, or output."""
LONGEST_LINE: Final = 4 * 1024 * 1024
"""Bytes; a longer line is no post and would not leave memory flat."""
MOST_AT_ONCE: Final = 8 * 1024 * 1024
"""Bytes of lines held at a time, whatever their number."""
MOST_REJECTED_KEPT: Final = 1_000
# JSON allows these inside a string, but many readers end a line at them.
_LINE_ENDS: Final = {"\x85": "\\u0085", "\u2028": "\\u2028", "\u2029": "\\u2029"}
_AS_IT_IS: Final = json.JSONEncoder(ensure_ascii=False)

Progress = Callable[[int, int], None]
"""Called with bytes read and bytes in all (0: not known)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FileSummary:
    """What became of a file."""

    lines: int
    """Read and written."""
    rejected: tuple[tuple[int, str], ...]
    """Line number and reason of the first ``MOST_REJECTED_KEPT`` lines that could not be answered."""
    rejected_count: int
    target: Path


@dataclass(frozen=True, kw_only=True, slots=True)
class TextLine:
    """One line: its values, or why it cannot be answered."""

    number: int
    values: Mapping[str, object]
    """Where there is a problem, nothing but the ``id``, if one can be read."""
    problem: str = ""
    size: int = 0
    """Bytes it took in the file."""

    @property
    def text(self) -> str:
        """The text; only where there is no problem."""
        return str(self.values["text"])

    def word(self, field: str) -> str:
        """Return an optional field when it is a string, else nothing."""
        value = self.values.get(field)
        return value if isinstance(value, str) else ""


@dataclass(frozen=True, kw_only=True, slots=True)
class LineAnswer:
    """What is written for one good line, or why nothing can be said of it."""

    fields: Mapping[str, object]
    problem: str = ""


Answer = Callable[[Sequence[TextLine]], Iterable[LineAnswer]]


def rewrite_lines(
    source: Path,
    target: Path,
    *,
    answer: Answer,
    lines_at_once: int,
    progress: Progress,
) -> FileSummary:
    """Write to ``target`` what ``answer`` says of the good lines of ``source``, in order and in groups of at most ``lines_at_once``.

    ``target`` appears only when complete. Raises ``ImportFileError`` when a file cannot be read or written at all.
    """
    _refuse_itself(source, target)
    lines = rejected_count = 0
    rejected: list[tuple[int, str]] = []
    with _open(source) as stream, _replacing(target) as out:
        total = os.fstat(stream.fileno()).st_size
        for group, answers, read in _ask_ahead(stream, answer, lines_at_once):
            for line in group:
                said = LineAnswer(fields={}, problem=line.problem) if line.problem else next(answers)
                out.write(_encode(_error(line, said.problem) if said.problem else said.fields))
                if said.problem:
                    rejected_count += 1
                    if len(rejected) < MOST_REJECTED_KEPT:
                        rejected.append((line.number, said.problem))
            lines += len(group)
            progress(read, total)
    return FileSummary(lines=lines, rejected=tuple(rejected), rejected_count=rejected_count, target=target)


def _error(line: TextLine, problem: str) -> dict[str, object]:
    known = {"id": line.values["id"]} if "id" in line.values else {}
    return {**known, "line": line.number, "error": problem}


def _refuse_itself(source: Path, target: Path) -> None:
    """Raise where both are one file, by whatever names: it would be replaced by what is read from it."""
    try:
        is_same = source.is_file() and target.is_file() and target.samefile(source)
    except OSError:
        return  # whatever it is, opening it says so
    if is_same:
        raise ImportFileError(f"{target} is the file that is read.", remedy="Choose another --output FILE.")


def _ask_ahead(
    stream: BinaryIO, answer: Answer, lines_at_once: int
) -> Iterator[tuple[list[TextLine], Iterator[LineAnswer], int]]:
    """Yield each group with its answers and the bytes read so far; the next group is asked about before, so that an
    answer which works in the background need not wait for reading and writing.
    """
    waiting: tuple[list[TextLine], Iterator[LineAnswer], int] | None = None
    for group in _groups(read_lines(stream), lines_at_once):
        asked = iter(answer([line for line in group if not line.problem]))
        read = stream.tell() if stream.seekable() else 0
        if waiting:
            yield waiting
        waiting = group, asked, read
    if waiting:
        yield waiting


def read_lines(stream: BinaryIO) -> Iterator[TextLine]:
    """Yield every line of ``stream`` in order, bad ones with their problem. A line ends at a line feed only."""
    number = 0
    while raw := stream.readline(LONGEST_LINE):
        number += 1
        if len(raw) == LONGEST_LINE and not raw.endswith(b"\n"):
            _skip_rest(stream)
            yield TextLine(number=number, values={}, problem=f"longer than {LONGEST_LINE} bytes")
            continue
        values, problem = _parse(raw.removeprefix(b"\xef\xbb\xbf") if number == 1 else raw)
        yield TextLine(number=number, values=values, problem=problem, size=len(raw))


def _skip_rest(stream: BinaryIO) -> None:
    while (more := stream.readline(LONGEST_LINE)) and not more.endswith(b"\n"):
        pass


def _refuse_constant(name: str) -> object:
    raise ValueError(name)  # NaN and Infinity are no JSON and would spoil the output


_DECODER: Final = json.JSONDecoder(parse_constant=_refuse_constant)


def _parse(raw: bytes) -> tuple[dict[str, object], str]:
    if not raw.strip():
        return {}, "blank line"
    try:
        value = _DECODER.decode(raw.decode())
    except UnicodeDecodeError:
        return {}, "not UTF-8"
    except (ValueError, RecursionError):
        return {}, "not JSON"
    problem = _find_problem(value)
    if not problem:
        return value, ""
    return ({"id": value["id"]} if isinstance(value, dict) and "id" in value else {}), problem


def _find_problem(value: object) -> str:
    if not isinstance(value, dict):
        return "not a JSON object"
    if "text" not in value:
        return "no text"
    return "" if isinstance(value["text"], str) else "text is not a string"


def _encode(record: Mapping[str, object]) -> bytes:
    try:
        said = _AS_IT_IS.encode(record)
        for sign, escaped in _LINE_ENDS.items():
            said = said.replace(sign, escaped)
        return said.encode() + b"\n"
    except UnicodeEncodeError:  # a lone surrogate came in: only escaped it can go out
        return json.dumps(record).encode() + b"\n"


def _groups(lines: Iterator[TextLine], size: int) -> Iterator[list[TextLine]]:
    """Yield groups of at most ``size`` lines and about ``MOST_AT_ONCE`` bytes."""
    group: list[TextLine] = []
    held = 0
    for line in lines:
        group.append(line)
        held += line.size
        if len(group) == size or held >= MOST_AT_ONCE:
            yield group
            group, held = [], 0
    if group:
        yield group


def _open(source: Path) -> AbstractContextManager[BinaryIO]:
    if source == STANDARD:
        return nullcontext(sys.stdin.buffer)
    try:
        return source.open("rb")
    except OSError as error:
        raise ImportFileError(f"{source} cannot be read: {error.strerror}.", remedy="Check the path.") from error


@contextmanager
def _replacing(target: Path) -> Iterator[BinaryIO]:
    """Write beside ``target`` and put it in place at the end; nothing is left behind on an error."""
    if target == STANDARD:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    try:
        # A pipe, a terminal or a device has no place to replace.
        with target.open("wb") if _is_device(target) else _partial(target.resolve()) as stream:
            yield stream
    except OSError as error:
        raise ImportFileError(
            f"{target} cannot be written: {error.strerror}.", remedy="Check folder and space."
        ) from error


def _is_device(target: Path) -> bool:
    return target.exists() and not target.is_file() and not target.is_dir()


@contextmanager
def _partial(final: Path) -> Iterator[BinaryIO]:
    partial = final.with_name(f".{final.name[:100]}.{secrets.token_hex(4)}.partial")
    try:
        with partial.open("xb") as stream:
            yield stream
        partial.replace(final)
    finally:
        partial.unlink(missing_ok=True)
