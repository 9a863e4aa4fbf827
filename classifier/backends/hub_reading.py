"""One text's labels, put together: the foreign model's heads, the word lists for the others, rules for what must not be missed."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from classifier.backends.brand import is_homonym, names_pattern
from classifier.backends.evidence import collect
from classifier.backends.hub_labels import Found
from classifier.backends.keyword import MOST_REASONS, read_words
from classifier.backends.rules import GROUPS, Fired, find_fired
from classifier.backends.unserved import UNSERVED
from classifier.backends.why import say_model
from config.label_map import YES_OR_NO
from domain.understanding import Prediction, TextToClassify
from domain.words import Intent, Language, Risk, Sentiment, Topic, Urgency

YES: Final = "true"


def combine(given: TextToClassify, found: Found | None) -> Prediction:
    """Return the prediction. ``found`` is None where the model was not asked: a blank text, a language we do not serve."""
    if found is None or given.language is Language.OTHER:
        return _doubt(given, read_words(given))
    said = found.labels
    told = (Intent(said["intent"][0]), said["intent"][1]) if "intent" in said else None
    words = read_words(given, told=told)
    # Unlike beside our own model, no rule gives way here: nobody calibrated a foreign model's certainty.
    evidence = collect(given.text, language=given.language, hide=names_pattern(given.brand_words), groups=GROUPS)
    counted = find_fired(given.text, evidence)
    critical = any(one.rule.critical for one in counted)
    urgency = Urgency(said["urgency"][0]) if "urgency" in said else words.urgency
    is_complaint = words.intent is Intent.COMPLAINT
    prediction = replace(
        words,
        sentiment=Sentiment(said["sentiment"][0]) if "sentiment" in said else words.sentiment,
        constructive=_flag(said, "constructive", other=bool(words.constructive)) if is_complaint else None,
        suggestion=_flag(said, "suggestion", other=words.suggestion),
        abuse=_flag(said, "abuse", other=words.abuse),
        topic=Topic(said["topic"][0]) if "topic" in said else words.topic,
        # The word lists' critical stands beside any model, as the rules do.
        urgency=Urgency.CRITICAL if critical or words.urgency is Urgency.CRITICAL else urgency,
        risks=words.risks | {one.rule.risk for one in counted} | {Risk(risk) for risk in found.risks},
        needs_reply=critical or _flag(said, "needs_reply", other=words.needs_reply),
        needs_dm=_flag(said, "needs_dm", other=words.needs_dm),
        scores=_scores(given, words, said),
        reasons=_explain(words, found, counted),
    )
    return _doubt(given, prediction)


def _flag(said: Mapping[str, tuple[str, float]], head: str, *, other: bool) -> bool:
    return said[head][0] == YES if head in said else other


def _scores(given: TextToClassify, words: Prediction, said: Mapping[str, tuple[str, float]]) -> dict[str, float]:
    """Return the model's probabilities over those of the lists; a homonym's intent is the lists' own."""
    ours = {head: round(score, 4) for head, (_, score) in said.items()}
    if is_homonym(given):
        ours.pop("intent", None)
    scores = {**words.scores, **ours}
    if words.constructive is None:
        scores.pop("constructive", None)
    return scores


def _explain(words: Prediction, found: Found, counted: Sequence[Fired]) -> tuple[str, ...]:
    told = [f"rule: {one.rule.name}" for one in counted]
    told += [
        say_model(f"{head}.{value}", score) for head, (value, score) in found.labels.items() if value not in YES_OR_NO
    ]
    told += [say_model(f"risk.{risk}", score) for risk, score in found.risks.items()]
    return tuple(dict.fromkeys([*told, *words.reasons]))[:MOST_REASONS]


def _doubt(given: TextToClassify, prediction: Prediction) -> Prediction:
    """Signs alone are a guess: a person looks."""
    if any(map(str.isalnum, given.text)):
        return prediction
    return replace(prediction, scores={head: min(score, UNSERVED) for head, score in prediction.scores.items()})
