"""What holds after the words of a text were heard: they may speak against the model, or for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from classifier.backends import everyday, plain, trouble
from classifier.backends.brand import names_pattern
from classifier.backends.evidence import STOCK_PRAISE, Evidence
from classifier.backends.rules import Fired
from classifier.heads import NO, YES
from domain.understanding import TextToClassify
from domain.words import Intent, Risk, Sentiment, Topic, Urgency

FIRM: Final = 0.9
"""From this probability on a rule of weak words gives way to the model's intent (``Rule.yields_to``)."""
LIKELY: Final = 0.5
"""A risk that is more likely than not makes a case critical; one that was only raised for recall does not."""
HOMONYM_SCORE: Final = 0.97
WRONG_ITEM: Final = "wrong_item"
"""Key of ``[rule]`` in ``config/locale/reasons.toml``: ordered in one colour, come in another. Told so, it is a complaint by the
guideline, whatever the post asks for."""
WRONG_ITEM_SCORE: Final = 0.9
AGAINST_SCORE: Final = 0.6
"""Words against the model: right more often than it, but for a person to check."""
PRAISED: Final[Mapping[str, str]] = {
    "intent": Intent.PRAISE,
    "sentiment": Sentiment.POSITIVE,
    "urgency": Urgency.LOW,
    "needs_dm": NO,
}
WANTING: Final = frozenset({Intent.QUESTION, Intent.COMPLAINT})
FIRMEST: Final = 0.97
"""From this on praise stays praise, whatever trouble is told in it."""
UNSURE: Final = 0.85
"""Below this a question or a remark in which trouble is told is a complaint."""
HELD: Final = frozenset({Topic.DELIVERY, Topic.PRODUCT, Topic.REFUND})
"""What goes wrong there is one customer's order: it takes their details."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """What the heads say of one text."""

    label: Mapping[str, str]
    """Most probable class per head, risks left out."""
    score: dict[str, float]
    """Its probability."""
    critical: float
    risks: Sequence[float]
    """Probability of each, in the order of ``Risk``."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Words:
    """What the words of one text give."""

    evidence: Evidence
    fired: Sequence[Fired]


def leave_everyday(
    given: TextToClassify, said: Said, words: Words, raised: Mapping[Risk, float]
) -> tuple[Said, Mapping[Risk, float]]:
    """Return what is left of labels and risks where the model alone took an everyday matter, or what staff did, for something grave."""
    offended = said.label["abuse"] == YES
    if not raised and not offended:
        return said, raised
    hide = names_pattern(given.brand_words)
    if offended and everyday.is_staffs_doing(given, words.evidence, hide):
        said = replace(said, label={**said.label, "abuse": NO, "needs_reply": YES})
    alone = {risk: chance for risk, chance in raised.items() if all(one.rule.risk is not risk for one in words.fired)}
    harmless = everyday.find_harmless(given, alone, hide)
    if Risk.SAFETY in harmless and said.critical < LIKELY and not any(one.rule.critical for one in words.fired):
        said = replace(said, critical=0.0)
    return said, {risk: chance for risk, chance in raised.items() if risk not in harmless} if harmless else raised


def leave_to_others(said: Said) -> tuple[Said, str]:
    """Return what holds of a homonym, and the reason: other, but for a person to check where the model hears somebody who wants something."""
    doubtful = said.label["intent"] in WANTING and said.score["intent"] >= LIKELY
    score = AGAINST_SCORE if doubtful else HOMONYM_SCORE
    changed = {**said.score, "intent": score}
    return replace(said, label={**said.label, "intent": Intent.OTHER}, score=changed), "homonym"


def hear_words(given: TextToClassify, said: Said, words: Words, counted: Sequence[Fired]) -> tuple[Said, str]:
    """Return what holds after plain words were heard, and the rule that spoke against the model; empty where none did.

    The model may take an injury for small talk, hear only the request where a wrong item is told, take blunt anger for praise, and
    praise by double negation for a complaint.
    """
    intent = said.label["intent"]
    grave = [one.rule.name for one in counted if one.grave] if counted else []
    if grave and intent in {Intent.OTHER, Intent.PRAISE}:
        return _overrule(said, {"constructive": YES, "needs_reply": YES}, score=AGAINST_SCORE), f"rule: {grave[0]}"
    if words.evidence.contrast and intent in WANTING:
        labels = {"topic": Topic.PRODUCT, "constructive": YES}
        return _overrule(said, labels, score=WRONG_ITEM_SCORE), f"rule: {WRONG_ITEM}"
    if words.evidence[trouble.TROUBLE] and trouble.is_told(words.evidence):
        return _hear_trouble(given, said)
    if intent == Intent.PRAISE and said.score["intent"] < FIRM:
        anger = plain.find_anger(given.text, language=given.language, hide=names_pattern(given.brand_words))
        if anger is not None:
            labels = {"constructive": YES if anger.constructive else NO}
            return _overrule(said, labels, score=AGAINST_SCORE), f"rule: {plain.RULE}"
    return _hear_set_words(given, said) if words.evidence[STOCK_PRAISE] and not counted else (said, "")


def _hear_trouble(given: TextToClassify, said: Said) -> tuple[Said, str]:
    """Return what holds where a fact of trouble is told, and the rule, which speaks for a complaint that the model hears itself, too."""
    intent, heard = said.label["intent"], f"rule: {trouble.RULE}"
    if intent == Intent.COMPLAINT:
        return _overrule(said, {}, score=AGAINST_SCORE), heard
    bound = FIRMEST if intent == Intent.PRAISE else UNSURE  # irony is what the model is surest of where it is wrong
    if said.score["intent"] >= bound or not trouble.is_short(given.text, given.language):
        return said, ""
    urgency = Urgency.NORMAL if said.label["urgency"] == Urgency.LOW else said.label["urgency"]
    labels = {"constructive": YES, "needs_reply": YES, "urgency": urgency}
    if said.label["topic"] in HELD:
        labels["needs_dm"] = YES
    return _overrule(said, labels, score=AGAINST_SCORE), heard


def _hear_set_words(given: TextToClassify, said: Said) -> tuple[Said, str]:
    """Return what holds where praise in set words was found, and the rule that spoke against the model."""
    intent = said.label["intent"]
    praise = plain.hear_praise(given.text, language=given.language, hide=names_pattern(given.brand_words))
    if praise is plain.Praise.MEANT and intent in {Intent.COMPLAINT, Intent.OTHER}:
        return _overrule(said, PRAISED, score=AGAINST_SCORE), f"rule: {plain.PRAISE_RULE}"
    if praise is plain.Praise.MEANT and intent == Intent.PRAISE and said.score["intent"] < FIRM:
        return said, f"rule: {plain.PRAISE_RULE}"
    if praise is plain.Praise.TURNED and intent == Intent.PRAISE:
        doubted = {**said.score, "intent": min(AGAINST_SCORE, said.score["intent"])}
        return replace(said, score=doubted), f"rule: {plain.TURNED_RULE}"
    return said, ""


def _overrule(said: Said, labels: Mapping[str, str], *, score: float) -> Said:
    """Return a complaint, unless ``labels`` say otherwise, with these labels; what the model said so itself keeps its own score."""
    wanted = {"intent": Intent.COMPLAINT, "sentiment": Sentiment.NEGATIVE, **labels}
    changed = {head: score for head, label in wanted.items() if said.label[head] != label}
    return replace(said, label={**said.label, **wanted}, score={**said.score, **changed})
