"""The model that ships, on onnxruntime, with rules beside it that raise what must never be missed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np

from classifier.artefact import NO_BOUND, Artefact, ModelError, remedy_for
from classifier.backends import plain, trouble
from classifier.backends.brand import is_homonym, names_pattern
from classifier.backends.evidence import CONTRAST_GROUPS, STOCK_PRAISE, Evidence, collect
from classifier.backends.rules import GROUPS, Fired, find_fired
from classifier.backends.unserved import UNSERVED, decline, is_readable
from classifier.backends.why import explain
from classifier.bands import BandThresholds
from classifier.encoder import Encoder
from classifier.heads import HEADS, NO, YES, Floats, columns_of
from classifier.text_tokens import TextTokens
from domain.understanding import Prediction, TextToClassify, risk_score
from domain.words import Intent, Risk, Sentiment, Topic, Urgency

FIRM: Final = 0.9
"""From this probability on a rule of weak words gives way to the model's intent (``Rule.yields_to``)."""
FIRMEST: Final = 0.97
"""From this on praise stays praise, whatever trouble is told in it."""
UNSURE: Final = 0.85
"""Below this a question or a remark in which trouble is told is a complaint."""
HELD: Final = frozenset({Topic.DELIVERY, Topic.PRODUCT, Topic.REFUND})
"""What goes wrong there is one customer's order: it takes their details."""
LIKELY: Final = 0.5
"""A risk that is more likely than not makes a case critical; one that was only raised for recall does not."""
HOMONYM_SCORE: Final = 0.97
DECIDING: Final = GROUPS | CONTRAST_GROUPS | {STOCK_PRAISE} | trouble.GROUPS
"""Words that change a label. All the others only tell why."""
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
RISKS: Final = tuple(Risk)
EVERYDAY: Final = frozenset({Risk.PRESS})
"""Risks whose words are everyday words too: "any news?", "my Saturday paper"."""
CRITICAL_RISKS: Final = (Risk.SELF_HARM, Risk.SAFETY, Risk.LEGAL)
"""Any of these is critical (labels.md); exposed data is by its own rule or by the head of urgency."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Said:
    """What the heads say of one text."""

    label: Mapping[str, str]
    """Most probable class per head, risks left out."""
    score: dict[str, float]
    """Its probability."""
    critical: float
    risks: Sequence[float]
    """Probability of each, in the order of ``Risk``."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Words:
    """What the words of one text give."""

    evidence: Evidence
    fired: Sequence[Fired]


class ModelBackend:
    """A ``ClassifierBackend`` over a model folder. ``threads``: batches run at once, 0: one a core.

    Raises ``ModelError`` when encoder or tokenizer cannot be loaded. Models that share an encoder file load it once.
    """

    def __init__(self, artefact: Artefact, *, threads: int = 0) -> None:
        self.artefact = artefact
        self._tokens = _load_tokens(artefact.tokenizer_file, _changed(artefact.tokenizer_file))
        self._encoder = _load_encoder(artefact.encoder_file, _changed(artefact.encoder_file), threads)
        bands = artefact.description.bands
        bounds = artefact.description.recall_bounds
        self._critical_bound = bounds.get("urgency.critical", NO_BOUND)
        self._risk_bounds = tuple(bounds.get(f"risks.{risk}", NO_BOUND) for risk in RISKS)
        self._thresholds = BandThresholds(sure=bands.get("sure", {}), check=bands.get("check", {}))

    @property
    def model_id(self) -> str:
        """Architecture, corpus and date, as the artefact says."""
        return self.artefact.description.model_id

    @property
    def thresholds(self) -> BandThresholds:
        """Bounds of the bands, fitted with the model."""
        return self._thresholds

    def classify(self, texts: Sequence[TextToClassify]) -> list[Prediction]:
        """Return one prediction per text, in order. Thousands at once are welcome: they are sorted by length here."""
        readable = [is_readable(given) for given in texts]
        served = [given for given, can in zip(texts, readable, strict=True) if can]
        embedding = self._encoder.start(self._tokens.encode([given.text for given in served]))
        # The encoder's threads need no interpreter: the words are read meanwhile.
        words = iter([_read_words(given) for given in served])
        rows = iter(self._read_heads(embedding.rows()) if served else [])
        return [
            self._predict(given, next(rows), next(words)) if can else decline(given)
            for given, can in zip(texts, readable, strict=True)
        ]

    def embed(self, texts: Sequence[str], *, whole: bool) -> Floats:
        """Return the embeddings of ``texts`` as ``Encoder.embed`` does, one row each."""
        return self._encoder.embed(self._tokens.encode(texts), whole=whole)

    def _read_heads(self, pooled: Floats) -> list[_Said]:
        chances = self.artefact.heads.probabilities(pooled).astype(np.float64).round(4)
        single = [head for head in HEADS if not head.several]
        found = {head.name: chances[:, columns_of(head.name)] for head in single}
        best = {name: columns.argmax(axis=1).tolist() for name, columns in found.items()}
        score = {name: columns.max(axis=1).tolist() for name, columns in found.items()}
        critical = found["urgency"][:, list(Urgency).index(Urgency.CRITICAL)].tolist()
        risks = chances[:, columns_of("risks")].tolist()
        return [
            _Said(
                label={head.name: head.classes[best[head.name][row]] for head in single},
                score={name: values[row] for name, values in score.items()},
                critical=critical[row],
                risks=risks[row],
            )
            for row in range(len(chances))
        ]

    def _predict(self, given: TextToClassify, said: _Said, words: _Words) -> Prediction:
        counted = _count(words.fired, said) if words.fired else []
        raised = self._raise_risks(said, words)
        endangered = any(one.rule.critical for one in counted) or _is_endangered(raised)
        homonym = not endangered and is_homonym(given)
        said, heard = _leave_to_others(said) if homonym else _hear_words(given, said, words, counted)
        scores, intent = dict(said.score), Intent(said.label["intent"])
        urgency = self._decide_urgency(said, counted, raised)
        scores["urgency"] = said.critical if urgency is Urgency.CRITICAL else scores["urgency"]
        if intent is not Intent.COMPLAINT:
            del scores["constructive"]
        if raised:
            told = {one.rule.risk for one in counted}
            scores |= {risk_score(risk): chance for risk, chance in raised.items() if risk not in told}
        if not any(map(str.isalnum, given.text)):
            scores = {head: min(score, UNSERVED) for head, score in scores.items()}  # signs alone are a guess
        topic = Topic(said.label["topic"])
        reasons: tuple[str, ...] = (heard,) if heard else ()
        if given.wants_reasons:
            reasons += explain(
                words.evidence,
                intent=(intent, scores["intent"]),
                topic=topic,
                urgency=(urgency, scores["urgency"]),
                risks=raised,
                fired=counted,
            )
        return Prediction(
            sentiment=Sentiment(said.label["sentiment"]),
            intent=intent,
            constructive=said.label["constructive"] == YES if intent is Intent.COMPLAINT else None,
            suggestion=said.label["suggestion"] == YES,
            abuse=said.label["abuse"] == YES,
            topic=topic,
            urgency=urgency,
            risks=frozenset(raised) | {one.rule.risk for one in counted},
            needs_reply=urgency is Urgency.CRITICAL or said.label["needs_reply"] == YES,
            needs_dm=Risk.SELF_HARM in raised or said.label["needs_dm"] == YES,
            scores=scores,
            reasons=tuple(dict.fromkeys(reasons)) if reasons else (),
        )

    def _raise_risks(self, said: _Said, words: _Words) -> dict[Risk, float]:
        """Return the risks that the model raises. An everyday use of a word ("any news?") asks for more than likely."""
        chances = zip(RISKS, said.risks, self._risk_bounds, strict=True)
        raised = {risk: chance for risk, chance, bound in chances if chance >= bound}
        for risk in EVERYDAY & raised.keys() if raised else ():
            if raised[risk] < FIRM and f"risk.{risk}.never" in words.evidence.everyday:
                del raised[risk]
        return raised

    def _decide_urgency(self, said: _Said, fired: Sequence[Fired], raised: Mapping[Risk, float]) -> Urgency:
        """Return critical when head, rule or a likely grave risk says so: whichever fires."""
        bound = self._critical_bound
        if said.label["intent"] == Intent.PRAISE:
            bound = max(bound, LIKELY)  # "I can log in again, thanks": what was grave is over
        if said.critical >= bound or any(one.rule.critical for one in fired):
            return Urgency.CRITICAL
        if _is_endangered(raised):
            return Urgency.CRITICAL
        return Urgency(said.label["urgency"])


def _read_words(given: TextToClassify) -> _Words:
    groups = None if given.wants_reasons else DECIDING
    evidence = collect(given.text, language=given.language, hide=names_pattern(given.brand_words), groups=groups)
    return _Words(evidence=evidence, fired=find_fired(given.text, evidence))


def _count(fired: Sequence[Fired], said: _Said) -> list[Fired]:
    """Return the rules that hold: weak words yield where the model is firm."""
    firm = said.score["intent"] >= FIRM
    return [one for one in fired if one.grave or not (firm and said.label["intent"] in one.rule.yields_to)]


def _is_endangered(raised: Mapping[Risk, float]) -> bool:
    """Tell whether a risk that makes a case critical is more likely than not."""
    return bool(raised) and any(raised.get(risk, 0.0) >= LIKELY for risk in CRITICAL_RISKS)


def _leave_to_others(said: _Said) -> tuple[_Said, str]:
    """Return what holds of a homonym, and the reason: other, but for a person to check where the model hears somebody who wants something."""
    doubtful = said.label["intent"] in WANTING and said.score["intent"] >= LIKELY
    score = AGAINST_SCORE if doubtful else HOMONYM_SCORE
    changed = {**said.score, "intent": score}
    return replace(said, label={**said.label, "intent": Intent.OTHER}, score=changed), "homonym"


def _hear_words(given: TextToClassify, said: _Said, words: _Words, counted: Sequence[Fired]) -> tuple[_Said, str]:
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


def _hear_trouble(given: TextToClassify, said: _Said) -> tuple[_Said, str]:
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


def _hear_set_words(given: TextToClassify, said: _Said) -> tuple[_Said, str]:
    """Return what holds where praise in set words was found, and the rule that spoke against the model."""
    intent = said.label["intent"]
    praise = plain.hear_praise(given.text, language=given.language, hide=names_pattern(given.brand_words))
    if praise is plain.Praise.MEANT and intent in {Intent.COMPLAINT, Intent.OTHER}:
        return _overrule(said, PRAISED, score=AGAINST_SCORE), f"rule: {plain.PRAISE_RULE}"
    if praise is plain.Praise.TURNED and intent == Intent.PRAISE:
        doubted = {**said.score, "intent": min(AGAINST_SCORE, said.score["intent"])}
        return replace(said, score=doubted), f"rule: {plain.TURNED_RULE}"
    return said, ""


def _overrule(said: _Said, labels: Mapping[str, str], *, score: float) -> _Said:
    """Return a complaint, unless ``labels`` say otherwise, with these labels; what the model said so itself keeps its own score."""
    wanted = {"intent": Intent.COMPLAINT, "sentiment": Sentiment.NEGATIVE, **labels}
    changed = {head: score for head, label in wanted.items() if said.label[head] != label}
    return replace(said, label={**said.label, **wanted}, score={**said.score, **changed})


def _changed(file: Path) -> int:
    return file.stat().st_mtime_ns


@lru_cache(maxsize=2)
def _load_encoder(file: Path, changed: int, threads: int) -> Encoder:  # noqa: ARG001 - a file that changed is another key
    return Encoder(file, threads=threads)


@lru_cache(maxsize=2)
def _load_tokens(file: Path, changed: int) -> TextTokens:  # noqa: ARG001 - the same
    try:
        return TextTokens(file)
    except Exception as error:  # tokenizers raises bare exceptions
        raise ModelError(f"{file} cannot be read: {error}.", remedy=remedy_for(file)) from error
