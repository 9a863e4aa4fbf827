"""Does a question find its entry, and is nothing cited where there is none? By words alone, by meaning alone, and by both.

Run: .venv/bin/python bench/knowledge.py [--tuning] [--demo] [--misses] [--json FILE]

The book has 66 FAQ entries and 8 policies, near neighbours among them; 118 Japanese and 120 English questions are held out
(tests/responder/knowledge), 26 and 28 of them without an answer. Found@1 and @3: share of the answerable questions whose entry is
first, or among the first three, whatever the score. Cited right: its entry is first and above the threshold. Cited wrong: another
one is. False: share of the unanswerable questions for which something is cited. In percent. Keywords: cited right among the questions
whose entry has keywords. ``--tuning`` asks the questions by
which weights and threshold were chosen instead, ``--demo`` asks questions of the demo shop's own book, ``--misses`` tells which held-out ones failed. Milliseconds: median of one search
in a book of 500 entries, with the question's embedding.

In part: of the questions that an entry answers in general and leaves open in particular, for how many it is cited with that said, and
for how many something is cited without. Open: share of the rightly cited for which something is said to be open that is not.

Meaning alone has no threshold of its own in the product: the one shown lets through as many false citations as both together, or fewer.
"""

import argparse
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from classifier.artefact import read_artefact
from classifier.embedding import Embedder
from config.brand_book import BrandBook
from domain.words import Language
from responder.knowledge import THRESHOLD, Hit, Retriever
from tests.responder.composing import demo_book
from tests.responder.knowledge.question_sets import (
    Asked,
    demo_for_tuning,
    demo_held_out,
    for_tuning,
    full_book,
    held_out,
)

LANGUAGES = (Language.JA, Language.EN)
KEYWORDED = frozenset(entry.id for entry in full_book().faq if entry.keywords_ja and entry.keywords_en)
Search = Callable[[str], list[Hit]]


@dataclass(frozen=True)
class Figures:
    answerable: int
    unanswerable: int
    found_1: float
    found_3: float
    cited_right: float
    cited_wrong: float
    false_citations: float
    with_keywords: float
    in_part: int
    told_open: int
    """Of those in part: cited rightly, with what is open."""
    told_whole: int
    """Of those in part: something cited as if it answered all."""
    needlessly_open: float


def measure(asked: Sequence[Asked], search: Search, threshold: float) -> Figures:
    found = [(one, search(one.text)) for one in asked]
    known = [(one.right, hits) for one, hits in found if one.right]
    unknown = [hits for one, hits in found if not one.right and not one.partly]
    in_part = [(one.partly, hits[0]) for one, hits in found if one.partly and cites(hits, threshold)]

    def share(holds: Sequence[bool]) -> float:
        return round(100 * sum(holds) / max(1, len(holds)), 1)

    first = [(hits[0].entry.id in right if hits else False, cites(hits, threshold)) for right, hits in known]
    return Figures(
        answerable=len(known),
        unanswerable=len(unknown),
        found_1=share([right for right, _ in first]),
        found_3=share([any(hit.entry.id in right for hit in hits[:3]) for right, hits in known]),
        cited_right=share([right and cited for right, cited in first]),
        cited_wrong=share([cited and not right for right, cited in first]),
        false_citations=share([cites(hits, threshold) for hits in unknown]),
        with_keywords=share(
            [
                bool(hits) and hits[0].entry.id in right and cites(hits, threshold)
                for right, hits in known
                if right & KEYWORDED
            ]
        ),
        in_part=sum(bool(one.partly) for one in asked),
        told_open=sum(bool(hit.uncovered) and hit.entry.id in partly for partly, hit in in_part),
        told_whole=sum(not hit.uncovered for _, hit in in_part),
        needlessly_open=share(
            [bool(hits[0].uncovered) for right, hits in known if cites(hits, threshold) and hits[0].entry.id in right]
        ),
    )


def cites(hits: list[Hit], threshold: float) -> bool:
    return bool(hits) and hits[0].score >= threshold


class MeaningAlone:
    """The mean nearness to question, answer and both: what the hybrid adds to words."""

    def __init__(self, book: BrandBook, language: Language, embedder: Embedder) -> None:
        entries = [(one, one.question, one.answer) for one in book.faq]
        policies = [(one, one.title, one.statement) for one in book.policies if not one.offer]
        self.entries = [*(one for one, _, _ in entries), *(one for one, _, _ in policies)]
        titles = [title.say(language) for _, title, _ in (*entries, *policies)]
        said = [text.say(language) for _, _, text in (*entries, *policies)]
        whole = [f"{title} {text}" for title, text in zip(titles, said, strict=True)]
        self.rows = sum(embedder.embed(texts) for texts in (titles, said, whole)) / 3
        self.embedder = embedder

    def search(self, text: str) -> list[Hit]:
        near = self.rows @ self.embedder.embed([text])[0]
        best = np.argsort(-near, kind="stable")[:3]
        return [Hit(entry=self.entries[at], score=float(near[at]), nearness=float(near[at])) for at in best]


def threshold_for(asked: Sequence[Asked], search: Search, most_false: float) -> float:
    """Return the lowest threshold that cites for no more of the unanswerable questions than ``most_false`` percent."""
    best = sorted((search(one.text)[0].score for one in asked if not one.right and not one.partly), reverse=True)
    return best[int(len(best) * most_false / 100)] + 1e-6


def time_search(language: Language, embedder: Embedder | None) -> float:
    """Return the median milliseconds of a search that was not made before, in a book of 500 entries."""
    book = full_book()
    many = [one.model_copy(update={"id": f"c{copy}-{one.id}"[:40]}) for copy in range(8) for one in book.faq][:500]
    retriever = Retriever(book.model_copy(update={"faq": tuple(many), "policies": ()}), language, embedder=embedder)
    retriever.search("")
    taken = []
    for one in held_out(language)[:60]:
        begun = time.perf_counter()
        retriever.search(one.text)
        taken.append(1000 * (time.perf_counter() - begun))
    return round(float(np.median(taken)), 2)


def measure_all(language: Language, embedder: Embedder, asked: Sequence[Asked], book: BrandBook) -> dict[str, Figures]:
    words, both = Retriever(book, language), Retriever(book, language, embedder=embedder)
    figures = {"words": measure(asked, words.search, THRESHOLD)}
    meaning, tuning = MeaningAlone(book, language, embedder), for_tuning(language)
    fewest = measure(tuning, both.search, THRESHOLD).false_citations
    figures["meaning"] = measure(asked, meaning.search, threshold_for(tuning, meaning.search, fewest))
    figures["both"] = measure(asked, both.search, THRESHOLD)
    return figures


def show(language: Language, figures: dict[str, Figures]) -> None:
    first = next(iter(figures.values()))
    print(f"{language}: {first.answerable} answerable, {first.unanswerable} not")
    print(f"  {'':10}{'found@1':>9}{'found@3':>9}{'cited right':>13}{'cited wrong':>13}{'false':>8}{'keywords':>10}")
    for name, one in figures.items():
        cells = f"{one.found_1:9.1f}{one.found_3:9.1f}{one.cited_right:13.1f}{one.cited_wrong:13.1f}"
        print(f"  {name:10}{cells}{one.false_citations:8.1f}{one.with_keywords:10.1f}")
        if one.in_part:
            print(
                f"  {'':10} in part: {one.told_open} of {one.in_part} told as open, {one.told_whole} as whole", end="; "
            )
        print(f"  {'':10} open without need: {one.needlessly_open} %")


def show_misses(language: Language, embedder: Embedder, asked: Sequence[Asked], book: BrandBook) -> None:
    retriever = Retriever(book, language, embedder=embedder)
    for one in asked:
        if one.partly:
            continue
        hits = retriever.search(one.text)
        cited = hits[0].entry.id if hits and hits[0].score >= THRESHOLD else ""
        if (cited not in one.right) if one.right else cited:
            best = f"{hits[0].entry.id} {hits[0].score}" if hits else "-"
            print(f"  {','.join(sorted(one.right)) or '-':24} {best:32} {one.text}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tuning", action="store_true")
    parser.add_argument("--demo", action="store_true")
    parser.add_argument("--misses", action="store_true")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    embedder = Embedder(read_artefact())
    found = {}
    for language in LANGUAGES:
        if given.demo:
            asked = demo_for_tuning(language) if given.tuning else demo_held_out(language)
        else:
            asked = for_tuning(language) if given.tuning else held_out(language)
        book = demo_book() if given.demo else full_book()
        found[language] = measure_all(language, embedder, asked, book)
        show(language, found[language])
        print(f"  500 entries: {time_search(language, None)} ms by words, {time_search(language, embedder)} ms by both")
        if given.misses:
            show_misses(language, embedder, asked, book)
    if given.json:
        plain = {language: {name: asdict(one) for name, one in by.items()} for language, by in found.items()}
        given.json.write_text(json.dumps(plain, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
