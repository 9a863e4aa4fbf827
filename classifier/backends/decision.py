"""From evidence to labels: the labelling guideline as rules over weights, and scores that follow the strength of evidence.

A score is the share of the chosen class after a softmax over the classes' weights. ``SHARPNESS`` was set per head so that
scores on the project's own tuning posts agree with how often they were right; where no cue speaks, the shares stay near even.
"""

from collections.abc import Mapping
from math import exp
from typing import Final, TypeVar

from classifier.backends.evidence import STOCK_PRAISE, Evidence
from domain.words import Intent, Sentiment, Topic

Label = TypeVar("Label")

SHARPNESS: Final[Mapping[str, float]] = {"intent": 0.7, "sentiment": 0.6, "topic": 0.9, "constructive": 0.6}
CEILING: Final = 0.97
"""Cues never prove: no score goes higher."""
STRONG: Final = 3.0
"""Weight of one strong cue."""
OPEN_SHORTFALL: Final = 2.0
"""From this weight on something concrete is wrong: praise and question forms in the same post step back."""
ENOUGH: Final = 9.0
"""More cues of one kind than this say nothing new."""


def choose(weights: Mapping[Label, float], *, head: str) -> tuple[Label, float]:
    """Return the heaviest label and its share; the first of equals."""
    best = max(weights, key=lambda label: weights[label])
    sharpness = SHARPNESS[head]
    total = sum(exp(sharpness * (weight - weights[best])) for weight in weights.values())
    return best, min(CEILING, 1 / total)


def weigh_shortfall(found: Evidence) -> float:
    """Return how much is concretely wrong with us and still open, 0 to ``ENOUGH``."""
    weight = found.firm("shortfall") + min(1.0, found.slight("shortfall"))
    weight += found["harm"] + found["data_exposed"] + found["takeover"] + found["threat"]
    weight += 0.5 * (found["money_taken"] + found["delivered_not_here"] + found["promise"])
    if found["solved"] and (found["positive"] or found["thanks"]):
        weight *= 0.2
    if found["competitor"]:
        weight *= 0.15
    if found["cancel_open"] and not found["money_taken"]:
        weight *= 0.3  # "it has not shipped yet" is why it can still be cancelled
    return min(ENOUGH, weight)


def decide_intent(found: Evidence) -> tuple[Intent, float]:
    """Return what the writer wants. A shortfall beats praise and question forms, as the guideline has it."""
    shortfall = weigh_shortfall(found)
    yielding = 0.3 if shortfall >= OPEN_SHORTFALL else 1.0
    sour = min(ENOUGH, found["negative"]) * (0.3 if found["competitor"] else 1.0)
    sweet = 0.2 if found["irony"] >= STRONG else 1.0
    if found["wish"]:
        sweet *= 0.4  # "it would be nice if": the nice thing is not there yet
    wish = min(6.0, found["wish"]) * (0.6 if sour >= OPEN_SHORTFALL else 1.0)
    asked = min(ENOUGH, found["question"] + found["cancel_open"])
    weights = {
        Intent.COMPLAINT: 1.1 * shortfall
        + 0.9 * sour
        + 1.2 * found["irony"]
        + 1.3 * found["insult"]
        + found["risk.discrimination"]
        + found["risk.legal"],
        Intent.PRAISE: yielding
        * sweet
        * (1.2 * min(ENOUGH, found["positive"] + found[STOCK_PRAISE]) + 0.8 * min(6.0, found["thanks"])),
        Intent.QUESTION: yielding * (0.9 * asked + 1.2 * wish),
        Intent.OTHER: 1.2
        + 1.6 * found["spam"]
        + yielding * 0.9 * found["chatter"]
        + 1.5 * found["competitor"]
        + 1.6 * found["risk.phishing"],
    }
    return choose(weights, head="intent")


def decide_sentiment(found: Evidence, *, intent: Intent) -> tuple[Sentiment, float]:
    """Return the polarity. Intent leans on it: a polite complaint is negative, a question neutral."""
    shortfall = weigh_shortfall(found) if intent is Intent.COMPLAINT else 0.0
    if found["competitor"]:
        shortfall = found.firm("shortfall")  # a complaint about others is negative too
    irony = found["irony"]
    weights = {
        Sentiment.NEGATIVE: min(ENOUGH, found["negative"]) + shortfall + irony + 0.5 * found["insult"],
        Sentiment.NEUTRAL: 1.5,
        Sentiment.POSITIVE: (0.2 if irony else 1.0)
        * (min(ENOUGH, found["positive"] + found[STOCK_PRAISE]) + 0.4 * found["thanks"]),
    }
    lean = {Intent.COMPLAINT: Sentiment.NEGATIVE, Intent.PRAISE: Sentiment.POSITIVE, Intent.QUESTION: Sentiment.NEUTRAL}
    if intent in lean:
        weights[lean[intent]] += 3.0
    else:
        weights[Sentiment.NEUTRAL] += 0.5 * found["spam"] + found["risk.phishing"]
    return choose(weights, head="sentiment")


def decide_constructive(found: Evidence) -> tuple[bool, float]:
    """Return whether a complaint gives us something to act on: a fact, a reason, a proposal. An insult does not undo it."""
    weights = {
        True: max(0.0, weigh_shortfall(found) - found["threat"])
        + 0.3 * min(6.0, found["fact"])
        + found["wish"]
        + 0.5 * found["risk.legal"]
        + found["risk.discrimination"],
        False: 1.8 + 0.25 * found["negative"] + 0.8 * found["irony"] + 0.5 * found["price_opinion"],
    }
    return choose(weights, head="constructive")


def decide_topic(found: Evidence, *, intent: Intent) -> tuple[Topic, float]:
    """Return the subject; the root cause wins over what is demanded for it."""
    weights = {topic: min(ENOUGH, found[f"topic.{topic}"]) for topic in Topic}
    weights[Topic.OTHER] += 1.5 + 1.5 * found["spam"] + 2.0 * found["risk.phishing"] + 0.4 * found["chatter"]
    if intent is not Intent.OTHER:
        weights[Topic.PRODUCT] += 0.8  # most of what people write to a shop is about what it sells
    faulty = intent is Intent.COMPLAINT and found.firm("shortfall") > 0
    if weights[Topic.PRODUCT] >= STRONG and faulty and not found["money_taken"]:
        weights[Topic.REFUND] *= 0.6
        weights[Topic.STAFF] *= 0.7
    if weights[Topic.REFUND] >= STRONG:
        weights[Topic.STAFF] *= 0.6
        weights[Topic.DELIVERY] *= 0.6
        weights[Topic.REFUND] += 1.0
    if weights[Topic.OUTAGE]:
        weights[Topic.OUTAGE] += 1.5
    return choose(weights, head="topic")
