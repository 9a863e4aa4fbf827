"""A shop's book of a realistic size, and what customers ask it. Written for this and used for nothing else.

``entries.tsv``: id, topic, question and answer in Japanese, then in English; they stand beside the demo shop's own entries.
``questions_*.tsv``, ``held_out_*.tsv``: the entry that answers (several where any of them will do, none where the book has no
answer), and the question. Weights, words and threshold are chosen by the former; the latter were written before, and measure only.
``questions_demo_*.tsv``, ``held_out_demo_*.tsv``: the same, asked of the demo shop's own book alone. There ``~`` stands before an entry
that answers in general and leaves open what the question is particular about.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from config.brand_book import Bilingual, BrandBook, FaqEntry
from domain.words import Language, Topic
from tests.responder.composing import demo_book
from tests.responder.knowledge.paraphrases import ANSWERED_EN, ANSWERED_JA, UNANSWERED_EN, UNANSWERED_JA

HERE = Path(__file__).parent
ALSO = {
    "returns": ("returns-30-days",),
    "size-guide": ("coat-fit",),
    "wool-care": ("care-symbols", "pilling"),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """One question."""

    text: str
    right: frozenset[str]
    """Ids of the entries that answer it; empty: none does."""
    partly: frozenset[str] = frozenset()
    """Ids of those that answer in general, and not what is particular."""


@cache
def full_book() -> BrandBook:
    """Return the demo shop's book with the further entries."""
    rows = [line.split("\t") for line in (HERE / "entries.tsv").read_text("utf-8").splitlines()]
    more = tuple(
        FaqEntry(
            id=row[0],
            topic=Topic(row[1]),
            question=Bilingual(ja=row[2], en=row[4]),
            answer=Bilingual(ja=row[3], en=row[5]),
        )
        for row in rows
    )
    demo = demo_book()
    return demo.model_copy(update={"faq": (*demo.faq, *more)})


def held_out(language: Language) -> list[Asked]:
    """Return the questions to measure with."""
    return _read(HERE / f"held_out_{language}.tsv")


def for_tuning(language: Language) -> list[Asked]:
    """Return the questions by which weights and threshold were chosen."""
    answered, unanswered = (ANSWERED_JA, UNANSWERED_JA) if language is Language.JA else (ANSWERED_EN, UNANSWERED_EN)
    older = [Asked(text, _answers(entry)) for entry, text in answered]
    older += [Asked(text, frozenset()) for text in unanswered if text not in _answered_by_now(language)]
    return [*older, *_read(HERE / f"questions_{language}.tsv")]


def demo_held_out(language: Language) -> list[Asked]:
    """Return the questions to measure the demo shop's own book with."""
    return _read(HERE / f"held_out_demo_{language}.tsv")


def demo_for_tuning(language: Language) -> list[Asked]:
    """Return the questions by which the lists of particulars were made."""
    return _read(HERE / f"questions_demo_{language}.tsv")


def _read(file: Path) -> list[Asked]:
    rows = [line.split("\t") for line in file.read_text("utf-8").splitlines()]
    return [_tell(ids, text) for ids, text in rows]


def _tell(ids: str, text: str) -> Asked:
    if ids.startswith("~"):
        return Asked(text, frozenset(), _answers(ids.removeprefix("~")))
    return Asked(text, frozenset[str]().union(*(_answers(one) for one in ids.split(",") if one)))


def _answers(entry: str) -> frozenset[str]:
    """Return it with those that say the same, or were cut out of it later."""
    return frozenset({entry, *ALSO.get(entry, ())})


def _answered_by_now(language: Language) -> frozenset[str]:
    """Questions that the small book could not answer and the full one can."""
    if language is Language.JA:
        return frozenset({"裾上げはしてもらえますか", "古い服の回収はしていますか"})
    return frozenset({"do you take in trousers", "do you collect old clothes for recycling"})
