"""Classifying a file: JSONL in, JSONL out, line for line."""

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Final

from classifier.language import identify_language
from classifier.service import Ready, understand_each
from config.brand_book import Voice
from domain.ports import ClassifierBackend
from domain.text_lines import FileSummary, LineAnswer, Progress, TextLine, rewrite_lines
from domain.understanding import Understanding
from domain.words import Language

LINES_AT_ONCE: Final = 512
"""Memory holds no more of the file at a time; few, so that the first are soon with the model."""
GROUPS_AT_ONCE: Final = 2
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


def classify_file(
    backend: ClassifierBackend,
    source: Path,
    target: Path,
    *,
    progress: Progress,
    voice: Voice | None = None,
    prior: Language = Language.JA,
) -> FileSummary:
    """Classify each ``{"id", "text"}`` line of ``source`` into ``target``; other fields are kept, a ``lang`` is a hint.

    ``voice``: whose words and anti-words count; ``prior``: the language of a text that could be either.
    ``target`` appears only when complete. Raises ``ImportFileError`` when a file cannot be read or written at all.
    """
    # One group is with the model while the one before is written and the one after is read.
    with ThreadPoolExecutor(GROUPS_AT_ONCE, thread_name_prefix="classify") as pool:

        def answer(lines: Sequence[TextLine]) -> Iterator[LineAnswer]:
            ready = [
                Ready(
                    text=line.text,
                    language=identify_language(line.text, hint=line.word("lang"), prior=prior),
                    brand_words=voice.words if voice else (),
                    anti_words=voice.anti_words if voice else (),
                    wants_reasons=False,
                )
                for line in lines
            ]
            return _answer_later(lines, pool.submit(understand_each, backend, ready))

        return rewrite_lines(source, target, answer=answer, lines_at_once=LINES_AT_ONCE, progress=progress)


def _answer_later(lines: Sequence[TextLine], asked: Future[list[Understanding | Exception]]) -> Iterator[LineAnswer]:
    for line, said in zip(lines, asked.result(), strict=True):
        if isinstance(said, Understanding):
            yield LineAnswer(fields={**line.values, **as_fields(said)})
        else:
            yield LineAnswer(fields={}, problem=f"the model failed: {type(said).__name__}")


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
