"""The model that ships, on onnxruntime, with rules beside it that raise what must never be missed."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np

from classifier.artefact import NO_BOUND, Artefact, ModelError, remedy_for
from classifier.backends import trouble
from classifier.backends.brand import is_homonym, names_pattern
from classifier.backends.evidence import CONTRAST_GROUPS, STOCK_PRAISE, collect
from classifier.backends.hearing import FIRM, LIKELY, Said, Words, hear_words, leave_everyday, leave_to_others
from classifier.backends.rules import GROUPS, Fired, find_fired
from classifier.backends.unserved import UNSERVED, decline, is_readable
from classifier.backends.why import explain
from classifier.bands import BandThresholds
from classifier.encoder import Encoder
from classifier.heads import HEADS, YES, Floats, columns_of
from classifier.text_tokens import TextTokens
from domain.understanding import Prediction, TextToClassify, risk_score
from domain.words import Intent, Risk, Sentiment, Topic, Urgency

DECIDING: Final = GROUPS | CONTRAST_GROUPS | {STOCK_PRAISE} | trouble.GROUPS
"""Words that change a label. All the others only tell why."""
RISKS: Final = tuple(Risk)
EVERYDAY: Final = frozenset({Risk.PRESS})
"""Risks whose words are everyday words too: "any news?", "my Saturday paper"."""
UNSPOKEN: Final = frozenset({Risk.DISCRIMINATION})
"""Risks that the model alone must be more likely than not of where no word says who was wronged."""
CRITICAL_RISKS: Final = (Risk.SELF_HARM, Risk.SAFETY, Risk.LEGAL)
"""Any of these is critical (labels.md); exposed data is by its own rule or by the head of urgency."""


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

    def _read_heads(self, pooled: Floats) -> list[Said]:
        chances = self.artefact.heads.probabilities(pooled).astype(np.float64).round(4)
        single = [head for head in HEADS if not head.several]
        found = {head.name: chances[:, columns_of(head.name)] for head in single}
        best = {name: columns.argmax(axis=1).tolist() for name, columns in found.items()}
        score = {name: columns.max(axis=1).tolist() for name, columns in found.items()}
        critical = found["urgency"][:, list(Urgency).index(Urgency.CRITICAL)].tolist()
        risks = chances[:, columns_of("risks")].tolist()
        return [
            Said(
                label={head.name: head.classes[best[head.name][row]] for head in single},
                score={name: values[row] for name, values in score.items()},
                critical=critical[row],
                risks=risks[row],
            )
            for row in range(len(chances))
        ]

    def _predict(self, given: TextToClassify, said: Said, words: Words) -> Prediction:
        counted = _count(words.fired, said) if words.fired else []
        said, raised = leave_everyday(given, said, words, self._raise_risks(said, words))
        endangered = any(one.rule.critical for one in counted) or _is_endangered(raised)
        homonym = not endangered and is_homonym(given)
        said, heard = leave_to_others(said) if homonym else hear_words(given, said, words, counted)
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

    def _raise_risks(self, said: Said, words: Words) -> dict[Risk, float]:
        """Return the risks that the model raises. An everyday use of a word ("any news?") asks for more than likely."""
        chances = zip(RISKS, said.risks, self._risk_bounds, strict=True)
        raised = {risk: chance for risk, chance, bound in chances if chance >= bound}
        for risk in UNSPOKEN & raised.keys() if raised else ():
            if raised[risk] < LIKELY and f"risk.{risk}" not in words.evidence.hinted:
                del raised[risk]
        for risk in EVERYDAY & raised.keys() if raised else ():
            if raised[risk] < FIRM and f"risk.{risk}.never" in words.evidence.everyday:
                del raised[risk]
        return raised

    def _decide_urgency(self, said: Said, fired: Sequence[Fired], raised: Mapping[Risk, float]) -> Urgency:
        """Return critical when head, rule or a likely grave risk says so: whichever fires."""
        bound = self._critical_bound
        if said.label["intent"] == Intent.PRAISE:
            bound = max(bound, LIKELY)  # "I can log in again, thanks": what was grave is over
        if said.critical >= bound or any(one.rule.critical for one in fired):
            return Urgency.CRITICAL
        if _is_endangered(raised):
            return Urgency.CRITICAL
        return Urgency(said.label["urgency"])


def _read_words(given: TextToClassify) -> Words:
    groups = None if given.wants_reasons else DECIDING
    evidence = collect(given.text, language=given.language, hide=names_pattern(given.brand_words), groups=groups)
    return Words(evidence=evidence, fired=find_fired(given.text, evidence))


def _count(fired: Sequence[Fired], said: Said) -> list[Fired]:
    """Return the rules that hold: weak words yield where the model is firm."""
    firm = said.score["intent"] >= FIRM
    return [one for one in fired if one.grave or not (firm and said.label["intent"] in one.rule.yields_to)]


def _is_endangered(raised: Mapping[Risk, float]) -> bool:
    """Tell whether a risk that makes a case critical is more likely than not."""
    return bool(raised) and any(raised.get(risk, 0.0) >= LIKELY for risk in CRITICAL_RISKS)


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
