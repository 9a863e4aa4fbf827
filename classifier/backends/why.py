"""Why the model decided so: its own certainty, rules that fired, and cues of the word lists that agree with the label."""

from collections.abc import Mapping, Sequence
from typing import Final

from classifier.backends.evidence import Evidence, Hit
from classifier.backends.rules import Fired
from domain.words import Intent, Risk, Topic, Urgency

MOST_REASONS: Final = 8
MOST_WORDS_OF_A_RULE: Final = 2

AGREEING: Final[Mapping[Intent, frozenset[str]]] = {
    Intent.COMPLAINT: frozenset(
        {
            "shortfall",
            "trouble",
            "negative",
            "irony",
            "insult",
            "harm",
            "money_taken",
            "delivered_not_here",
            "unanswered",
            "promise",
            "price_opinion",
        }
    ),
    Intent.PRAISE: frozenset({"positive", "stock_praise", "thanks", "solved"}),
    Intent.QUESTION: frozenset({"question", "wish", "cancel_open"}),
    Intent.OTHER: frozenset({"spam", "chatter", "competitor"}),
}
TURNED: Final[Mapping[Intent, str]] = {Intent.COMPLAINT: "positive", Intent.PRAISE: "negative"}
"""Group whose negated words speak for the intent: "not good" for a complaint."""


def say_model(label: str, chance: float) -> str:
    """Return a reason that names what the model itself said: ``model: intent.complaint 0.97``."""
    return f"model: {label} {chance:.2f}"


def explain(
    found: Evidence,
    *,
    intent: tuple[Intent, float],
    topic: Topic,
    urgency: tuple[Urgency, float],
    risks: Mapping[Risk, float],
    fired: Sequence[Fired],
) -> tuple[str, ...]:
    """Return the reasons, the weightiest first. ``found``: what the text's words give; ``risks`` are those that the model raised, with its probabilities."""
    told = [line for rule in fired for line in say_rule(rule)]
    told.append(say_model(f"intent.{intent[0]}", intent[1]))
    if urgency[0] in {Urgency.CRITICAL, Urgency.HIGH}:
        told.append(say_model(f"urgency.{urgency[0]}", urgency[1]))
    told += [say_model(f"risk.{risk}", chance) for risk, chance in risks.items()]
    if len(told) < MOST_REASONS:
        told += _find_cues(found, intent=intent[0], topic=topic)
    return tuple(dict.fromkeys(told))[:MOST_REASONS]


def say_rule(fired: Fired) -> list[str]:
    """Return the reasons that name a rule and its first words."""
    words = [f"{fired.rule.group}: {word}" for word in fired.words[:MOST_WORDS_OF_A_RULE]]
    return [f"rule: {fired.rule.name}", *words]


def _find_cues(found: Evidence, *, intent: Intent, topic: Topic) -> list[str]:
    agreeing = [hit for hit in found.hits if _agrees(hit, intent=intent, topic=topic)]
    agreeing.sort(key=lambda hit: -hit.entry.weight)
    return [f"{'not ' if hit.denied else ''}{hit.entry.group}: {hit.entry.word}" for hit in agreeing]


def _agrees(hit: Hit, *, intent: Intent, topic: Topic) -> bool:
    group = hit.entry.group
    if hit.denied:
        return group == TURNED.get(intent)
    return group in AGREEING[intent] or group == f"topic.{topic}"
