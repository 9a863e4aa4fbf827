"""Learning from a team's corrections: embed, refit, calibrate, pass the gate, put in force. Or keep the old model and say why.

Always fitted from the model that ships and all corrections that are there today, never from an earlier refit: so a version is
a function of what people said, errors do not pile up, and what was erased is forgotten by the next one.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Final

from classifier.artefact import SHIPPED, Artefact, ModelDescription, read_artefact
from classifier.calibration import fit_bands, fit_recall_bounds, fit_temperatures
from classifier.corrections import Corrections
from classifier.embedded import embed_corpus, embed_examples, make_reader
from classifier.examples import Example, Split, read_corpus
from classifier.gate import GateReport, HeldOut, ServedHeads, compare, find_contradicted
from classifier.grave import MOST_LOWERED, Lowered, find_lowered, leave_out
from classifier.heads import calibrate
from classifier.promotions import Event, HistoryLine, note
from classifier.refit import LOUD_SAY, NO_SAY, Material, Progress, refit_heads, taught_heads
from classifier.versions import current_folder, free_name, promote, write_version

LEAST_CORRECTIONS: Final = 20
"""Fewer, those held out among them, are not worth a model: chance would decide."""
FIT_SHARE: Final = 0.15
"""Of the time, as the progress bar has it."""


class Outcome(StrEnum):
    """How a training ended."""

    PROMOTED = "promoted"
    REFUSED = "refused"
    """The gate kept the old model."""
    TOO_FEW = "too_few"
    """Not enough corrections to begin with."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Learned:
    """What a training did."""

    outcome: Outcome
    in_force: str
    """Id of the model in force afterwards."""
    corrections: int
    """To learn from."""
    held_out: int
    """Kept aside to measure."""
    left_out: Mapping[str, int]
    """Labels that may not or cannot teach, by reason."""
    name: str = ""
    """Of the new version; empty when there is none."""
    report: GateReport | None = None
    """None when there were too few to begin."""
    lowered: Sequence[Lowered] = ()
    """Corrections that take from posts what a rule calls grave. Unless somebody looked and accepted them, they teach neither
    urgency nor risks, and many refuse."""
    accepts_lowered: bool = False
    """Somebody did."""
    seconds: float = 0.0

    @property
    def is_hushed(self) -> bool:
        """True when so many of them wait for somebody to look that nothing is learned."""
        return not self.accepts_lowered and len(self.lowered) > MOST_LOWERED * (self.corrections + self.held_out)

    def as_dict(self) -> dict[str, object]:
        """Return plain values for JSON."""
        plain = {name: getattr(self, name) for name in self.__slots__ if name not in {"report", "lowered"}}
        lowered = [asdict(one) for one in self.lowered]
        return {**plain, "lowered": lowered, "gate": self.report.as_dict() if self.report else None}


@dataclass(frozen=True, kw_only=True, slots=True)
class Posts:
    """All labelled posts, embedded."""

    train: Material
    dev: Material
    lessons: Material
    """Corrections to learn from, with what each teaches."""
    held_out: Material
    """Corrections to measure on, with the whole form."""

    @property
    def measured(self) -> Mapping[HeldOut, Material]:
        """What the gate compares on."""
        return {HeldOut.CORPUS: self.dev, HeldOut.OWN: self.held_out}


def learn(
    found: Corrections,
    *,
    models: Path,
    now: datetime,
    who: str,
    progress: Progress,
    corpus: Sequence[Example] | None = None,
    accepts_lowered: bool = False,
) -> Learned:
    """Fit, gate and, where it passes, put a new version in force. ``corpus``: None for the one that ships.

    ``accepts_lowered``: somebody looked at the corrections that call harmless what a rule calls grave, and they are right.

    A stop at any moment leaves the model in force as it was. Raises ``ModelError`` when what ships is broken.
    """
    began = time.monotonic()
    before = read_artefact(current_folder(models))
    count = len(found.learned_from)
    kept = Learned(
        outcome=Outcome.TOO_FEW,
        in_force=before.description.model_id,
        corrections=count,
        held_out=len(found.held_out),
        left_out=found.left_out,
        lowered=find_lowered(found.usable),
        accepts_lowered=accepts_lowered,
    )
    if len(found.usable) < LEAST_CORRECTIONS:
        return kept
    shipped = read_artefact(SHIPPED)
    if not accepts_lowered:
        found = leave_out(found, kept.lowered)
    posts = embed_posts(found, shipped, models=models, progress=progress, corpus=corpus)
    name = free_name(models, corrections=count, now=now)
    candidate = fit_candidate(posts, shipped, name=name, now=now, progress=progress)
    report = compare(_served(before), _served(candidate), posts.measured)
    silent, loud = (
        replace(shipped, heads=refit_heads(posts.train, posts.lessons, parent=shipped.heads, say=say))
        for say in (NO_SAY, LOUD_SAY)
    )
    report = replace(report, contradicted=find_contradicted(_served(silent), _served(loud), posts.dev))
    why = say_why(report, hushed=len(kept.lowered) if kept.is_hushed else 0)
    if report.passed and not kept.is_hushed:
        description = replace(candidate.description, scores={"gate": report.as_dict()})
        write_version(models, name, description=description, heads=candidate.heads)
        promote(models, name, now=now, who=who, why=why)
        kept = replace(kept, outcome=Outcome.PROMOTED, in_force=description.model_id, name=name)
    else:
        note(models, HistoryLine(at=now.isoformat(), event=Event.REFUSED, name=name, who=who, why=why))
        kept = replace(kept, outcome=Outcome.REFUSED)
    return replace(kept, report=report, seconds=round(time.monotonic() - began, 1))


def compare_versions(
    first: Path,
    second: Path,
    found: Corrections,
    *,
    models: Path,
    progress: Progress,
    corpus: Sequence[Example] | None = None,
) -> GateReport:
    """Score two versions side by side on the posts that the gate uses: no version learned from them. Raises ``ModelError``."""
    posts = embed_posts(found, read_artefact(SHIPPED), models=models, progress=progress, corpus=corpus)
    return compare(_served(read_artefact(first)), _served(read_artefact(second)), posts.measured)


def embed_posts(
    found: Corrections, shipped: Artefact, *, models: Path, progress: Progress, corpus: Sequence[Example] | None = None
) -> Posts:
    """Embed the corpus (test split left out) and the corrections. The corpus comes from the home's copy if it can."""
    known = [example for example in (read_corpus() if corpus is None else corpus) if example.split is not Split.TEST]
    own = [*found.learned_from, *found.held_out]
    read, total, done = make_reader(shipped), (len(known) + len(own)) / (1 - FIT_SHARE), 0

    def told(count: int) -> None:
        nonlocal done
        done += count
        progress(done, round(total))

    encoder = shipped.description.encoder_sha256
    texts = embed_corpus(known, read, encoder_sha256=encoder, models=models, done=told)
    said = (
        embed_examples([correction.example for correction in own], read, done=told).pooled if own else texts.pooled[:0]
    )
    count = len(found.learned_from)
    return Posts(
        train=_part(texts, Split.TRAIN),
        dev=_part(texts, Split.DEV),
        lessons=Material(examples=[one.lesson for one in found.learned_from], pooled=said[:count]),
        held_out=Material(examples=[one.example for one in found.held_out], pooled=said[count:]),
    )


def fit_candidate(posts: Posts, shipped: Artefact, *, name: str, now: datetime, progress: Progress) -> Artefact:
    """Refit the heads and calibrate those that were taught on the dev split, as the training of what ships does."""

    def told(done: int, total: int) -> None:
        progress(round(1000 * (1 - FIT_SHARE * (1 - done / total))), 1000)

    heads = refit_heads(posts.train, posts.lessons, parent=shipped.heads, progress=told)
    taught = {head.name for head in taught_heads(posts.lessons.examples)}
    told_of, dev, parent = taught.__contains__, posts.dev, shipped.description
    logits = dev.pooled @ heads.weights + heads.bias
    fitted = fit_temperatures(logits, dev.examples)
    temperatures = {**parent.temperatures, **{head: value for head, value in fitted.items() if told_of(head)}}
    chances = calibrate(logits, temperatures)
    bounds = fit_recall_bounds(chances, dev.examples)
    bands = fit_bands(chances, dev.examples)
    description = ModelDescription(
        model_id=f"{parent.model_id}+{name}",
        created_on=now.date().isoformat(),
        encoder_sha256=parent.encoder_sha256,
        temperatures=temperatures,
        recall_bounds={
            **parent.recall_bounds,
            **{key: least for key, least in bounds.items() if told_of(key.split(".")[0])},
        },
        bands={
            band: {**parent.bands.get(band, {}), **{head: least for head, least in found.items() if told_of(head)}}
            for band, found in bands.items()
        },
        parent=parent.model_id,
        corrections=len(posts.lessons.examples),
        notes={
            **parent.notes,
            "refitted": ", ".join(sorted(taught)),
            "held_out_corrections": len(posts.held_out.examples),
        },
    )
    return replace(shipped, description=description, heads=replace(heads, temperatures=temperatures))


def say_why(report: GateReport, *, hushed: int = 0) -> str:
    """Return the gate's reason in one line, for the history. ``hushed``: corrections that nobody accepted, if they decide."""
    if hushed:
        return f"{hushed} corrections call harmless what a rule calls grave, and nobody accepted them"
    if report.contradicted:
        return f"the corrections contradict the corpus: {', '.join(one.head for one in report.contradicted)}"
    if report.missed:
        return "; ".join(
            f"{one.kind}: catches {one.after} instead of {one.before} of {one.posts} ({one.held_out}, {one.language})"
            for one in report.missed
        )
    deciding, verb = (report.lost, "lost") if report.lost else (report.gained, "gained")
    if not deciding:
        return "no head gained a point"
    return "; ".join(
        f"{one.head} {verb} {abs(one.after - one.before) * 100:.1f} points ({one.held_out}, {one.language})"
        for one in deciding
    )


def _served(artefact: Artefact) -> ServedHeads:
    return ServedHeads(heads=artefact.heads, recall_bounds=artefact.description.recall_bounds)


def _part(material: Material, split: Split) -> Material:
    places = [at for at, example in enumerate(material.examples) if example.split is split]
    return Material(examples=[material.examples[at] for at in places], pooled=material.pooled[places])
