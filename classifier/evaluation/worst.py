"""The errors a model was surest of: the ones worth reading one by one."""

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isnan
from typing import Final

from classifier.evaluation.judging import Answer, answer_of, labels_of, score_of
from classifier.evaluation.labelled import LANGUAGE, SEVERAL, LabelledText

HEADS_READ: Final = (
    "intent", "sentiment", "constructive", "suggestion", "abuse", "topic", "urgency", "needs_dm", "needs_reply", "risks",
)  # fmt: skip
WIDTH: Final = 110


@dataclass(frozen=True, kw_only=True, slots=True)
class WorstError:
    """One wrong answer."""

    language: str
    head: str
    text: str
    labelled: tuple[str, ...]
    answered: tuple[str, ...]
    """Empty: no answer."""
    score: float | None
    """Probability of the answer; None for risks and where none is given."""
    slices: tuple[str, ...]
    name: str
    """The text's id, or its family."""


def find_worst(texts: Sequence[LabelledText], answers: Sequence[Answer], *, most: int) -> list[WorstError]:
    """Return up to ``most`` errors per language and head, the surest first; of risks, those that were missed first."""
    found: list[WorstError] = []
    for language in sorted({one.language for one in texts}):
        both = [(one, answer) for one, answer in zip(texts, answers, strict=True) if one.language is language]
        for head in HEADS_READ:
            errors = sorted(_errors(head, both), key=_order)
            found += errors[:most]
    return found


def as_reading(errors: Sequence[WorstError]) -> str:
    """Return the errors for a person to read."""
    lines: list[str] = []
    heading = ""
    for error in errors:
        if heading != (heading := f"== {error.language} · {error.head}"):
            lines += ["", heading]
        score = "" if error.score is None else f"{error.score:.2f} "
        said = f"{score}{_said(error.answered)}, labelled {_said(error.labelled)}"
        about = " ".join(part for part in (error.name, ", ".join(error.slices)) if part)
        lines.append(f"- {said}" + (f"  [{about}]" if about else ""))
        lines += textwrap.wrap(_printable(error.text), WIDTH, initial_indent="    ", subsequent_indent="    ")
    return "\n".join(lines).strip()


def _errors(head: str, both: Sequence[tuple[LabelledText, Answer]]) -> Iterator[WorstError]:
    for one, answer in both:
        labelled, answered = labels_of(head, one), answer_of(head, one, answer)
        if labelled is None or labelled == answered:
            continue
        score = score_of(head, answer)
        yield WorstError(
            language=one.labels.get(LANGUAGE, one.language.value),
            head=head,
            text=one.text,
            labelled=tuple(sorted(labelled)),
            answered=tuple(sorted(answered)),
            score=None if isnan(score) or not answered else score,
            slices=one.slices,
            name=one.name or one.family,
        )


def _order(error: WorstError) -> tuple[bool, float, str]:
    missed = error.head in SEVERAL and not set(error.labelled) <= set(error.answered)
    return not missed, -(error.score or 0.0), error.text


def _said(classes: Sequence[str]) -> str:
    return "+".join(classes) or "nothing"


def _printable(text: str) -> str:
    """Return hostile text on one line, with nothing that moves a terminal's cursor or breaks its encoding."""
    return "".join(sign if sign.isprintable() else " " for sign in text).encode("utf-8", "replace").decode()
