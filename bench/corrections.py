"""What a team's corrections are worth: scores before and after on brands the model was not made for, poison, and time.

Run: .venv/bin/python bench/corrections.py    (about a quarter of an hour; the shipped model, the shipped corpus)
"""

import itertools
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from classifier.artefact import SHIPPED, Artefact, read_artefact
from classifier.corrections import Correction, Corrections
from classifier.embedded import Read, embed_examples, make_reader
from classifier.examples import Example
from classifier.gate import Comparison, GateReport, HeldOut, ServedHeads, compare
from classifier.learning import Learned, learn
from classifier.versions import current_folder
from tests.classifier.simulated import FOOTBALL, HORROR_HOUSE, NIGHT_RAIL, read_brand, simulate

MANY = 1_000


def quiet(*_: int) -> None:
    """Draw no bar: lines are what is wanted here."""


def train(found: Corrections, models: Path) -> Learned:
    return learn(found, models=models, now=datetime.now(UTC), who="bench", progress=quiet)


def show(title: str, learned: Learned) -> None:
    print(
        f"\n{title}: {learned.outcome}, {learned.corrections} to learn from, {learned.held_out} held out, {learned.seconds} s"
    )
    if learned.report:
        print_report(learned.report, [one for one in learned.report.comparisons if one.before != one.after])


def print_report(report: GateReport, rows: Sequence[Comparison]) -> None:
    for one in rows:
        figures = f"{one.before * 100:6.1f} -> {one.after * 100:5.1f}  (noise {one.noise * 100:.1f})"
        print(f"  {one.held_out:7}{one.language:4}{one.head:13}{one.labels:5} {figures}  {one.change}")
    if report.contradicted:
        print(f"  against the corpus: {', '.join(one.head for one in report.contradicted)}")
    print(f"  gate: {'passed' if report.passed else 'refused'}")


def compare_on_brand(before: Artefact, after: Artefact, held_out: Sequence[Example], read: Read) -> GateReport:
    posts = embed_examples(held_out, read, done=quiet)
    served = [
        ServedHeads(heads=model.heads, recall_bounds=model.description.recall_bounds) for model in (before, after)
    ]
    return compare(served[0], served[1], {HeldOut.OWN: posts})


def many(found: Corrections) -> Corrections:
    """Return a thousand corrections to learn from: each text repeated with a number, in a conversation of its own."""
    source = itertools.cycle(found.learned_from)
    return Corrections(usable=[numbered(next(source), at) for at in range(MANY)] + found.held_out, left_out={})


def numbered(correction: Correction, at: int) -> Correction:
    example = correction.example
    return replace(correction, example=replace(example, text=f"{example.text} ({at})", family=f"bench-{at}"))


def correct_brand(brand: str, shipped: Artefact, read: Read) -> None:
    learn_from, held_out = read_brand("learn", brand=brand), read_brand("held_out", brand=brand)
    with tempfile.TemporaryDirectory() as folder:
        models = Path(folder)
        learned = train(simulate(learn_from, shipped, read), models)
        show(f"{brand}: {len(learn_from)} corrections, the corpus embedded for the first time", learned)
        refitted = read_artefact(current_folder(models))
        print(f"\nOn {len(held_out)} other posts of the brand: {refitted.description.model_id}")
        report = compare_on_brand(shipped, refitted, held_out, read)
        print_report(report, report.comparisons)


def main() -> None:
    shipped = read_artefact(SHIPPED)
    read = make_reader(shipped)
    for brand in (FOOTBALL, HORROR_HOUSE, NIGHT_RAIL):
        correct_brand(brand, shipped, read)
    learn_from = read_brand("learn", brand=FOOTBALL)
    honest = simulate(learn_from, shipped, read)
    for flipped in (("intent", "sentiment", "topic", "urgency"), ("intent",), ("sentiment",), ("topic",), ("urgency",)):
        with tempfile.TemporaryDirectory() as folder:
            poisoned = simulate(learn_from, shipped, read, flipped=flipped)
            show(f"Poisoned, flipped: {', '.join(flipped)}", train(poisoned, Path(folder)))
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        learned = train(many(honest), Path(folder))
        print(f"\n{learned.corrections} corrections in an empty home: {time.perf_counter() - began:.1f} s")
        began = time.perf_counter()
        train(many(honest), Path(folder))
        print(f"the same again, with the corpus' embeddings kept: {time.perf_counter() - began:.1f} s")


if __name__ == "__main__":
    main()
