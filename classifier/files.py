"""Classifying a file: JSONL in, JSONL out, line for line."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from classifier.language import identify_language
from classifier.service import Ready, understand_each
from domain.ports import ClassifierBackend
from domain.text_lines import FileSummary, LineAnswer, Progress, TextLine, rewrite_lines
from domain.understanding import Understanding

LINES_AT_ONCE: Final = 2_048
"""Enough to sort by length; memory holds no more of the file at a time."""
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


def classify_file(backend: ClassifierBackend, source: Path, target: Path, *, progress: Progress) -> FileSummary:
    """Classify each ``{"id", "text"}`` line of ``source`` into ``target``; other fields are kept, a ``lang`` is a hint.

    ``target`` appears only when complete. Raises ``ImportFileError`` when a file cannot be read or written at all.
    """

    def answer(lines: Sequence[TextLine]) -> Iterator[LineAnswer]:
        ready = [
            Ready(
                text=line.text,
                language=identify_language(line.text, hint=line.word("lang")),
                wants_reasons=False,
            )
            for line in lines
        ]
        for line, said in zip(lines, understand_each(backend, ready), strict=True):
            if isinstance(said, Understanding):
                yield LineAnswer(fields={**line.values, **as_fields(said)})
            else:
                yield LineAnswer(fields={}, problem=f"the model failed: {type(said).__name__}")

    return rewrite_lines(source, target, answer=answer, lines_at_once=LINES_AT_ONCE, progress=progress)


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
