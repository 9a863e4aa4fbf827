"""Classifying a file: JSONL in, JSONL out, line for line, in flat memory.

A line that cannot be read becomes ``{"line": N, "error": ...}``, so that input and output always have the same lines.
"""

import json
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from classifier.language import identify_language
from classifier.service import Ready, understand_each
from domain.errors import ImportFileError
from domain.ports import ClassifierBackend
from domain.understanding import Understanding
from domain.words import Language

CHUNK_LINES: Final = 256
LINE_LIMIT: Final = 4 * 1024 * 1024
"""Bytes; a longer line is no post and would not leave memory flat."""
MOST_REJECTED_KEPT: Final = 1_000
HEADS: Final = (
    "sentiment",
    "intent",
    "constructive",
    "suggestion",
    "abuse",
    "topic",
    "urgency",
    "needs_reply",
    "needs_dm",
)
# JSON allows these inside a string, but many readers end a line at them.
_LINE_ENDS: Final = str.maketrans({"\x85": "\\u0085", "\u2028": "\\u2028", "\u2029": "\\u2029"})

Progress = Callable[[int, int], None]
"""Called with bytes read and bytes in all (0: not known)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FileSummary:
    """What became of a file."""

    lines: int
    """Read and written."""
    rejected: tuple[tuple[int, str], ...]
    """Line number and reason of the first ``MOST_REJECTED_KEPT`` lines that could not be classified."""
    rejected_count: int
    target: Path


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadLine:
    """One line of a JSONL file: its values, or why it has none."""

    number: int
    values: dict[str, object]
    problem: str = ""

    @property
    def text(self) -> str:
        """The text; only where there is no problem."""
        return str(self.values["text"])


def classify_file(backend: ClassifierBackend, source: Path, target: Path, *, progress: Progress) -> FileSummary:
    """Classify each ``{"id", "text"}`` line of ``source`` into ``target``; other fields are kept, a ``lang`` is a hint.

    ``target`` appears only when complete. Raises ``ImportFileError`` when a file cannot be read or written at all.
    """
    lines = rejected_count = 0
    rejected: list[tuple[int, str]] = []
    with _open(source) as stream, _replacing(target) as out:
        total = os.fstat(stream.fileno()).st_size
        for chunk in _chunks(read_lines(stream)):
            for line, written in zip(chunk, _classify_chunk(backend, chunk), strict=True):
                problem, record = written
                out.write(record)
                if problem:
                    rejected_count += 1
                    if len(rejected) < MOST_REJECTED_KEPT:
                        rejected.append((line.number, problem))
            lines += len(chunk)
            progress(stream.tell() if stream.seekable() else 0, total)
    return FileSummary(lines=lines, rejected=tuple(rejected), rejected_count=rejected_count, target=target)


def read_lines(stream: BinaryIO) -> Iterator[ReadLine]:
    """Yield every line of ``stream`` in order, bad ones with their problem. A line ends at a line feed only."""
    number = 0
    while raw := stream.readline(LINE_LIMIT):
        number += 1
        if len(raw) == LINE_LIMIT and not raw.endswith(b"\n"):
            _skip_rest(stream)
            yield ReadLine(number=number, values={}, problem=f"longer than {LINE_LIMIT} bytes")
            continue
        values, problem = _parse(raw.removeprefix(b"\xef\xbb\xbf") if number == 1 else raw)
        yield ReadLine(number=number, values=values, problem=problem)


def _skip_rest(stream: BinaryIO) -> None:
    while (more := stream.readline(LINE_LIMIT)) and not more.endswith(b"\n"):
        pass


def _parse(raw: bytes) -> tuple[dict[str, object], str]:
    if not raw.strip():
        return {}, "blank line"
    try:
        value = json.loads(raw.decode(), parse_constant=_refuse_constant)
    except UnicodeDecodeError:
        return {}, "not UTF-8"
    except (ValueError, RecursionError):
        return {}, "not JSON"
    problem = _find_problem(value)
    return ({}, problem) if problem else (value, "")


def _find_problem(value: object) -> str:
    if not isinstance(value, dict):
        return "not a JSON object"
    if "text" not in value:
        return "no text"
    return "" if isinstance(value["text"], str) else "text is not a string"


def _refuse_constant(name: str) -> object:
    raise ValueError(name)  # NaN and Infinity are no JSON and would spoil the output


def _classify_chunk(backend: ClassifierBackend, chunk: list[ReadLine]) -> Iterator[tuple[str, bytes]]:
    """Yield problem (or nothing) and output record of each line."""
    good = [line for line in chunk if not line.problem]
    ready = [Ready(text=line.text, language=_language(line)) for line in good]
    answers = iter(understand_each(backend, ready))
    for line in chunk:
        answer = None if line.problem else next(answers)
        if isinstance(answer, Understanding):
            yield "", _encode({**line.values, **as_fields(answer)})
        else:
            problem = line.problem or f"the model failed: {type(answer).__name__}"
            yield problem, _encode({"line": line.number, "error": problem})


def _language(line: ReadLine) -> Language:
    hint = line.values.get("lang", "")
    return identify_language(line.text, hint=hint if isinstance(hint, str) else "")


def as_fields(answer: Understanding) -> dict[str, object]:
    """Return the labels as the stable JSON fields of ``kikite classify``."""
    said = answer.prediction
    return {
        "language": answer.language.value,
        **{head: getattr(said, head) for head in HEADS},
        "risks": sorted(risk.value for risk in said.risks),
        "band": answer.band.value,
        "scores": dict(said.scores),
        "model_id": answer.model_id,
    }


def _encode(record: dict[str, object]) -> bytes:
    try:
        return json.dumps(record, ensure_ascii=False).translate(_LINE_ENDS).encode() + b"\n"
    except UnicodeEncodeError:  # a lone surrogate came in: only escaped it can go out
        return json.dumps(record).encode() + b"\n"


def _chunks(lines: Iterator[ReadLine]) -> Iterator[list[ReadLine]]:
    chunk: list[ReadLine] = []
    for line in lines:
        chunk.append(line)
        if len(chunk) == CHUNK_LINES:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _open(source: Path) -> BinaryIO:
    try:
        return source.open("rb")
    except OSError as error:
        raise ImportFileError(f"{source} cannot be read: {error.strerror}.", remedy="Check the path.") from error


@contextmanager
def _replacing(target: Path) -> Iterator[BinaryIO]:
    """Write beside ``target`` and put it in place at the end; nothing is left behind on an error."""
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
