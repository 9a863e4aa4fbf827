"""What a language model may answer: our labels, closed vocabularies and nothing else; and how it is laid over the first answer."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from pydantic import BaseModel, ConfigDict, ValidationError

from classifier.backends.keyword import MOST_REASONS
from domain.chat import UnfitAnswerError, unwrap
from domain.understanding import Prediction
from domain.words import Intent, Risk, Sentiment, Topic, Urgency

DISPUTED: Final = 0.5
"""Score of a head on which the two disagree, where the first's thresholds say nothing of it."""


class SecondAnswer(BaseModel):
    """The labels of one text, every one required."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    intent: Intent
    constructive: bool | None
    suggestion: bool
    abuse: bool
    sentiment: Sentiment
    topic: Topic
    urgency: Urgency
    needs_dm: bool
    needs_reply: bool
    risks: tuple[Risk, ...]


def read_answer(content: str) -> SecondAnswer:
    """Return the labels in ``content``. Raises ``UnfitAnswerError`` unless it is exactly one such object, fenced as code or not."""
    try:
        answer = SecondAnswer.model_validate_json(unwrap(content))
    except ValidationError as error:
        raise UnfitAnswerError(f"{error.error_count()} values do not fit") from None
    if answer.intent is Intent.COMPLAINT and answer.constructive is None:
        raise UnfitAnswerError("a complaint without constructive")
    return answer


def lay_over(first: Prediction, second: SecondAnswer, *, asked: str, least: Mapping[str, float]) -> Prediction:
    """Return ``first`` with the labels of ``second``, as ``asked`` (the model's name) gave them.

    Critical urgency is never lowered, no risk removed and no case with either goes unanswered. A head that both see alike keeps its score;
    one that changed gets the ``least`` that still is worth checking: the band never rises by another's word.
    """
    critical = Urgency.CRITICAL in {first.urgency, second.urgency}
    risks = first.risks | set(second.risks)
    grave = first.urgency is Urgency.CRITICAL or bool(first.risks)
    is_complaint = second.intent is Intent.COMPLAINT
    merged = replace(
        first,
        intent=second.intent,
        sentiment=second.sentiment,
        constructive=second.constructive if is_complaint else None,
        suggestion=second.suggestion,
        abuse=second.abuse,
        topic=second.topic,
        urgency=Urgency.CRITICAL if critical else second.urgency,
        risks=frozenset(risks),
        needs_reply=critical or second.needs_reply or (grave and first.needs_reply),
        needs_dm=second.needs_dm or (grave and first.needs_dm),
    )
    changed = [head for head in dict.fromkeys([*first.scores, "constructive"]) if _of(first, head) != _of(merged, head)]
    lowered = {head: min(first.scores.get(head, 1.0), least.get(head, DISPUTED)) for head in changed}
    scores = {**first.scores, **lowered}
    if not is_complaint:
        scores.pop("constructive", None)
    return replace(
        merged,
        scores=scores,
        reasons=_explain(first, merged, changed, asked=asked),
        model_id=join_names(first.model_id, asked),
    )


def join_names(first: str, asked: str) -> str:
    """Return the ``model_id`` of a label that a language model had a say in."""
    return f"{first}+llm:{asked}"


def _of(prediction: Prediction, head: str) -> object:
    return getattr(prediction, head, None)


def _explain(first: Prediction, merged: Prediction, changed: list[str], *, asked: str) -> tuple[str, ...]:
    kind = "second_changed" if changed or merged.risks != first.risks else "second_agreed"
    told = [f"{kind}: {asked}"]
    told += [
        f"was: {head}.{_of(first, head)}" for head in changed if head in {"intent", "sentiment", "topic", "urgency"}
    ]
    return tuple([*told, *first.reasons][:MOST_REASONS])
