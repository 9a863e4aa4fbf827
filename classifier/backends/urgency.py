"""How soon a person must look, which risks call one, and whether an answer or a private word is needed.

Critical cases and risks are found recall first: one cue is enough, and the rule that fired is named.
"""

from dataclasses import dataclass
from typing import Final

from classifier.backends.evidence import Evidence
from domain.words import Intent, Risk, Topic, Urgency

DECISIVE: Final = 3.0
"""Weight of one strong cue."""
CLEAR: Final = 2.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """What was decided so far."""

    found: Evidence
    intent: Intent
    constructive: bool | None
    topic: Topic
    addressed: bool = False
    """True when the post names the brand or calls a handle."""

    @property
    def is_open(self) -> bool:
        """True when something of ours waits for an answer."""
        return self.intent in {Intent.COMPLAINT, Intent.QUESTION}

    @property
    def is_wish(self) -> bool:
        """True for something new that is asked for, with nothing broken."""
        return self.found["wish"] >= CLEAR and self.found.firm("shortfall") < DECISIVE


def find_risks(reading: Reading) -> frozenset[Risk]:
    """Return the flags that call a person."""
    found = reading.found
    risks = {risk for risk in Risk if found[f"risk.{risk}"] >= DECISIVE}
    if _is_hurt(reading) or found["threat"] >= DECISIVE:
        risks.add(Risk.SAFETY)
    if is_exposed(found):
        risks.add(Risk.PERSONAL_DATA)
    return frozenset(risks)


def is_exposed(found: Evidence) -> bool:
    """Tell whether we showed someone's data or an account was taken: a customer's own details in a post are neither."""
    return found["data_exposed"] >= DECISIVE or found["takeover"] >= DECISIVE


def _is_hurt(reading: Reading) -> bool:
    """Praise that merely mentions a doctor or smoke is no emergency."""
    return reading.found["harm"] >= DECISIVE and reading.intent is not Intent.PRAISE


def decide_urgency(reading: Reading, *, risks: frozenset[Risk]) -> tuple[Urgency, str]:
    """Return the urgency and the name of the rule that decided (a key of ``config/locale/reasons.toml``)."""
    critical = _critical_rule(reading, risks=risks)
    if critical:
        return Urgency.CRITICAL, critical
    high = _high_rule(reading, risks=risks)
    if high:
        return Urgency.HIGH, high
    if reading.intent is Intent.COMPLAINT and reading.constructive and not reading.is_wish:
        return Urgency.NORMAL, "open_problem"
    if reading.intent is Intent.QUESTION and not reading.is_wish:
        return Urgency.NORMAL, "open_question"
    return Urgency.LOW, "nothing_open"


def _critical_rule(reading: Reading, *, risks: frozenset[Risk]) -> str:
    if Risk.SELF_HARM in risks:
        return "self_harm"
    if Risk.SAFETY in risks:
        return "safety"
    if is_exposed(reading.found) and reading.intent is not Intent.PRAISE:
        return "personal_data"
    return "legal" if Risk.LEGAL in risks and reading.intent is not Intent.PRAISE else ""


def _high_rule(reading: Reading, *, risks: frozenset[Risk]) -> str:
    found = reading.found
    if Risk.PHISHING in risks:
        return "phishing"
    if not reading.is_open:
        return ""
    broken = reading.intent is Intent.COMPLAINT and bool(reading.constructive)
    rules = {
        "delivered_not_here": found["delivered_not_here"] and broken,
        "money_taken": found["money_taken"] and broken,
        "cancel_open": found["cancel_open"] and not found["money_taken"] and found["own_order"],
        "unanswered": found["unanswered"] and broken and reading.topic is Topic.STAFF,
        "promise_broken": found["promise"] and broken,
        "deadline": found["deadline"] and (broken or reading.topic is Topic.DELIVERY),
        "outage": reading.topic is Topic.OUTAGE,
    }
    return next((rule for rule, fired in rules.items() if fired), "")


def needs_dm(reading: Reading, *, urgency: Urgency) -> bool:
    """Tell whether solving it takes this customer's order, account, payment or address."""
    found = reading.found
    if reading.intent is Intent.QUESTION:
        return bool(found["own_order"]) and not reading.is_wish
    if urgency is Urgency.CRITICAL:
        return True
    if reading.intent is not Intent.COMPLAINT or not reading.constructive or reading.is_wish:
        return False
    return _is_private(reading)


def _is_private(reading: Reading) -> bool:
    """Tell whether an open complaint is about this customer's case."""
    found = reading.found
    own = found["own_case"] + found["own_order"] >= CLEAR
    # A thing in the customer's hands is this customer's case; a page or a feature is everybody's.
    held = found.firm("shortfall") >= DECISIVE and found["topic.app"] < DECISIVE
    rules = {
        Topic.DELIVERY: True,
        Topic.REFUND: True,
        Topic.OUTAGE: False,
        Topic.STAFF: bool(found["unanswered"] or found["promise"] or found["own_order"]),
        Topic.PRODUCT: held or own,
    }
    return rules.get(reading.topic, own)


def needs_reply(reading: Reading, *, risks: frozenset[Risk], abuse: bool) -> bool:
    """Tell whether a good desk would answer, in public or in private."""
    found = reading.found
    if risks:
        return True
    if reading.intent is Intent.QUESTION:
        return True
    if reading.intent is Intent.COMPLAINT:
        mere_opinion = bool(found["price_opinion"]) or abuse
        return bool(reading.constructive) or (found["own_case"] >= CLEAR and not mere_opinion)
    return reading.intent is Intent.PRAISE and (reading.addressed or found["thanks"] >= CLEAR)
