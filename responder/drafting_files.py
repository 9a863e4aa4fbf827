"""Drafting for a file: JSONL in, JSONL out, line for line, without a database or a platform."""

import hashlib
import json
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import regex

from config.brand_book import BrandBook, Playbook
from domain.cases import Case
from domain.errors import ImportFileError
from domain.replies import Capabilities, Eligibility, Measure, PlatformFacts, ProposedDraft
from domain.understanding import Understanding
from domain.words import Band, Engagement, Language, Route, Visibility
from responder.checks import blocks, check_text
from responder.composer import Composer
from responder.eligibility import EligibilityInput, decide, load_rules

LONGEST_LINE = 4 * 1024 * 1024
"""Bytes; a longer line is no post."""
MOST_REJECTED_KEPT = 1_000
KIND = "import"
"""What comes from a file has no connection back: it is answered by hand."""
# JSON allows these inside a string, but many readers end a line at them.
LINE_ENDS = str.maketrans({"\x85": "\\u0085", "\u2028": "\\u2028", "\u2029": "\\u2029"})


@dataclass(frozen=True, kw_only=True, slots=True)
class FileSummary:
    """What became of a file."""

    lines: int
    """Read and written."""
    drafted: int
    """Lines with at least one draft."""
    rejected: tuple[tuple[int, str], ...]
    """Line number and reason of the first ``MOST_REJECTED_KEPT`` lines that could not be read."""
    rejected_count: int
    target: Path


class _Reader:
    """Drafts for one text at a time."""

    def __init__(
        self, book: BrandBook, playbooks: tuple[Playbook, ...], understand: Callable[[str], Understanding]
    ) -> None:
        self._book = book
        self._now = datetime.now(UTC)
        self._composer = Composer(book=book, playbooks=playbooks, today=self._now.date())
        self._understand = understand
        self._rules = load_rules()

    def answer(self, text: str, author: str) -> dict[str, object]:
        """Return route, reason and drafts for one text."""
        plain = regex.sub(r"[\p{Cs}\x00]", "\N{REPLACEMENT CHARACTER}", text)
        understanding = self._understand(plain)
        routes = {visibility: self._decide(understanding, visibility) for visibility in Visibility}
        drafts: list[ProposedDraft] = []
        reason = "unknown_band"
        if understanding.band is not Band.UNKNOWN:
            open_ones = tuple(one for one in Visibility if routes[one].route is not Route.FORBIDDEN)
            drafts, reason = self._composer.draft(self._case(plain, author, understanding, open_ones))
        written = [said for draft in drafts if (said := self._write(draft))]
        shown = routes[drafts[0].visibility] if drafts else routes[Visibility.PUBLIC]
        if drafts and not written:
            reason = "checks_failed"
        return {
            "route": shown.route.value,
            "reason": shown.reason_code if written else reason,
            "drafts": written,
        }

    def _decide(self, understanding: Understanding, visibility: Visibility) -> Eligibility:
        given = EligibilityInput(
            kind=KIND,
            engagement=Engagement.MENTIONED,
            visibility=visibility,
            capabilities=Capabilities(can_reply=False, can_direct_message=False),
            facts=PlatformFacts(),
            created_at=self._now,
            now=self._now,
            risks=understanding.prediction.risks,
            gone=False,
            opted_out=False,
            already_answered=False,
        )
        return decide(given, self._rules)

    def _case(self, text: str, author: str, understanding: Understanding, open_ones: tuple[Visibility, ...]) -> Case:
        spoken = [Language(one) for one in self._book.voice.languages]
        digest = hashlib.sha256(text.encode("utf-8", "replace")).digest()
        return Case(
            text=text,
            language=understanding.language if understanding.language in spoken else spoken[0],
            prediction=understanding.prediction,
            author_name=author,
            author_handle="",
            visibilities=open_ones,
            measure=_count,
            seed=int.from_bytes(digest[:4], "big"),
        )

    def _write(self, draft: ProposedDraft) -> dict[str, object] | None:
        checks = check_text(
            draft.text,
            visibility=draft.visibility,
            language=draft.language,
            measure=_count(draft.text, draft.visibility),
            voice=self._book.voice,
        )
        if blocks(checks):
            return None
        return {
            "kind": draft.kind.value,
            "visibility": draft.visibility.value,
            "language": draft.language.value,
            "text": draft.text,
            "citations": [
                {"kind": cited.kind, "reference": cited.reference, "title": cited.title, "score": cited.score}
                for cited in draft.citations
            ],
            "checks": [
                {"code": check.code, "level": check.level.value, "values": dict(check.values)} for check in checks
            ],
        }


def draft_file(
    book: BrandBook,
    playbooks: tuple[Playbook, ...],
    source: Path,
    target: Path,
    *,
    understand: Callable[[str], Understanding],
    progress: Callable[[int, int], None],
) -> FileSummary:
    """Draft for each ``{"id", "text"}`` line of ``source`` (``author`` is used when given) into ``target``, in order.

    A line that cannot be read becomes ``{"line": N, "error": ...}``, so that both files have the same lines. ``target``
    appears only when complete. ``progress`` is told bytes read and bytes in all. Raises ``ImportFileError``.
    """
    reader = _Reader(book, playbooks, understand)
    lines = drafted = 0
    rejected: list[tuple[int, str]] = []
    with _open(source) as stream, _replacing(target) as out:
        total = os.fstat(stream.fileno()).st_size
        while raw := stream.readline(LONGEST_LINE):
            lines += 1
            values, problem = _parse(raw, stream, first=lines == 1)
            if problem:
                rejected.append((lines, problem))
                record: dict[str, object] = {"line": lines, "error": problem}
            else:
                author = values.get("author")
                answered = reader.answer(str(values["text"]), author if isinstance(author, str) else "")
                record = {"id": values.get("id"), **answered}
                drafted += bool(answered["drafts"])
            out.write(_encode(record))
            progress(stream.tell(), total)
    return FileSummary(
        lines=lines,
        drafted=drafted,
        rejected=tuple(rejected[:MOST_REJECTED_KEPT]),
        rejected_count=len(rejected),
        target=target,
    )


def _parse(raw: bytes, stream: BinaryIO, *, first: bool) -> tuple[dict[str, object], str]:
    """Return the line's values, or why it has none."""
    if len(raw) == LONGEST_LINE and not raw.endswith(b"\n"):
        while (more := stream.readline(LONGEST_LINE)) and not more.endswith(b"\n"):
            pass
        return {}, f"longer than {LONGEST_LINE} bytes"
    try:
        value = json.loads(raw.removeprefix(b"\xef\xbb\xbf").decode() if first else raw.decode())
    except UnicodeDecodeError:
        return {}, "not UTF-8"
    except (ValueError, RecursionError):
        return {}, "not JSON" if raw.strip() else "blank line"
    problem = _find_problem(value)
    return ({}, problem) if problem else (value, "")


def _find_problem(value: object) -> str:
    if not isinstance(value, dict):
        return "not a JSON object"
    if not isinstance(value.get("text"), str):
        return "text is not a string" if "text" in value else "no text"
    return ""


def _count(text: str, _visibility: Visibility) -> Measure:
    return Measure(length=len(regex.findall(r"\X", text)), limit=0)


def _encode(record: dict[str, object]) -> bytes:
    try:
        return json.dumps(record, ensure_ascii=False).translate(LINE_ENDS).encode() + b"\n"
    except UnicodeEncodeError:  # a lone surrogate came in with the id: only escaped can it go out
        return json.dumps(record).encode() + b"\n"


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
