"""Finding what answers a question: by its words, by the things it is about and by its meaning, each entry weighed by all of them."""

from collections import OrderedDict
from collections.abc import Sequence
from datetime import date
from functools import cached_property
from threading import Lock
from typing import Final

import numpy as np
import numpy.typing as npt
import structlog

from config.brand_book import BrandBook, FaqEntry, Policy
from domain.errors import KikiteError
from domain.words import Language, Topic, Visibility
from responder.embedder import Embedder
from responder.knowledge.bm25 import Bm25, Floats
from responder.knowledge.calibration import STRANGE_SHARE, TOPIC_WEIGHT, Evidence, doubt_for, weights_for
from responder.knowledge.hits import Hit
from responder.knowledge.kept_rows import KeptRows
from responder.knowledge.keywords import Keywords
from responder.knowledge.overlap import Overlap
from responder.knowledge.pages import Entry, citable, keywords_of, not_about, said_by, title_of
from responder.knowledge.particulars import Coverage, Particular, find_particulars, find_uncovered, leave_out
from responder.knowledge.question import Spelling, without_goods
from responder.knowledge.strangeness import find_telling, weigh_missing
from responder.knowledge.subject import Subjects, find_excluded
from responder.knowledge.terms import find_terms, is_concept, plain_text
from responder.knowledge.views import Nearness, Views

MOST_HITS: Final = 20
QUESTIONS_KEPT: Final = 64
"""Embedded questions kept: a case is searched for several times while it is drafted."""
LONGEST_QUESTION: Final = 2_000
"""Signs of a post that are compared; whoever writes more has said by then what it is about."""
QUESTION_TIMES: Final = 2
"""How often the words of an entry's question count beside those of its answer."""
WORDS_SHOWN: Final = 6
NEAREST: Final = 3
"""Among so many an entry about the particular of a question goes before the general ones."""
HALF: Final = 0.5

log = structlog.get_logger(__name__)


class Retriever:
    """What one brand wrote in one language. Thread-safe; holds no text of a customer but the vectors of the last questions."""

    def __init__(
        self, book: BrandBook, language: Language, *, embedder: Embedder | None = None, kept: KeptRows | None = None
    ) -> None:
        self._language = language
        self._name = f"{book.voice.id}-{language}"
        self._embedder = embedder
        self._kept = kept
        self._entries: list[Entry] = citable(book)
        self._lock = Lock()
        self._asked: OrderedDict[str, npt.NDArray[np.float32]] = OrderedDict()
        self._terms = [self._read(entry) for entry in self._entries]
        self._bm25 = Bm25(self._terms)
        self._keywords = Keywords(self._entries, language)
        titles = [frozenset(find_terms(title_of(entry, language), language)) for entry in self._entries]
        own = [frozenset(filter(is_concept, terms)) for terms in self._terms]
        self._subject_terms = [title | concepts for title, concepts in zip(titles, own, strict=True)]
        self._titles = Overlap(titles, self._bm25.rarity)
        self._title_concepts = Overlap([filter(is_concept, title) for title in titles], self._bm25.rarity)
        self._subjects = Subjects(_written(book))
        said = [text for entry in self._entries for text in (title_of(entry, language), said_by(entry, language))]
        self._spelling = Spelling(map(plain_text, said))

    def _read(self, entry: Entry) -> list[str]:
        title = [title_of(entry, self._language)] * QUESTION_TIMES
        parts = [*title, *keywords_of(entry, self._language), said_by(entry, self._language)]
        return find_terms(" ".join(parts), self._language)

    def search(
        self,
        text: str,
        *,
        topic: Topic | None = None,
        visibility: Visibility = Visibility.PUBLIC,
        on: date | None = None,
        kinds: frozenset[str] = frozenset({"faq", "policy"}),
    ) -> list[Hit]:
        """Return the entries that have most to do with ``text``, best first, whatever their score; at most ``MOST_HITS``.

        ``on``: leaves out what does not hold on that day. ``topic`` settles close calls.
        """
        allowed = [at for at, entry in enumerate(self._entries) if _may_cite(entry, visibility, on, kinds)]
        if not allowed:
            return []
        plain = self._spelling.mend(plain_text(text[:LONGEST_QUESTION]))
        terms = find_terms(without_goods(plain), self._language)
        evidence = self._gather(text[:LONGEST_QUESTION], plain, terms)
        weights = weights_for(self._language, with_meaning=evidence.nearness is not None)
        strength = weights.weigh(evidence) + TOPIC_WEIGHT * np.array([entry.topic is topic for entry in self._entries])
        places = np.array(allowed, dtype=np.intp)
        particulars = find_particulars(plain, self._language)
        likely = weights.judge(strength[places])
        behind = self._find_behind(strength, places, particulars)
        if behind:
            # The others are judged as if these were not there: their lead counts for nothing.
            rest = ~np.isin(places, behind)
            likely[rest] = weights.judge(strength[places][rest])
        found = [(allowed[at], float(likely[at])) for at in np.argsort(-likely, kind="stable")[:MOST_HITS]]
        if evidence.nearness is None:
            found = [(place, score) for place, score in found if evidence.words[place] > 0]
        return self._explain(found, plain, terms, evidence, particulars=particulars, behind=behind)

    def _find_behind(
        self, strength: Floats, places: npt.NDArray[np.intp], particulars: Sequence[Particular]
    ) -> list[int]:
        """Return those of the ``NEAREST`` entries that do not tell what is asked in particular, where another one does.

        Those that leave it open, too, where another one's question is about it.
        """
        if not particulars:
            return []
        nearest = [int(places[at]) for at in np.argsort(-strength[places], kind="stable")[:NEAREST]]
        covered = {at: {one.cover(self._entries[at]) for one in particulars} for at in nearest}
        is_special = any(all(one.is_title_of(self._entries[at]) for one in particulars) for at in nearest)
        kept = {Coverage.TOLD} if is_special else {Coverage.TOLD, Coverage.OPEN}
        behind = [at for at in nearest if not covered[at] <= kept]
        return behind if len(behind) < len(nearest) else []

    def find_policy(self, hint: str, *, visibility: Visibility, on: date) -> Policy | None:
        """Return the policy whose title is about ``hint`` by at least half; ``hint`` is ours, not a customer's."""
        shares = self._titles.share(find_terms(hint, self._language))
        about = [
            (float(shares[at]), entry)
            for at, entry in enumerate(self._entries)
            if isinstance(entry, Policy) and _may_cite(entry, visibility, on, frozenset({"policy"}))
        ]
        best = max(about, key=lambda one: one[0], default=None)
        return best[1] if best and best[0] >= HALF else None

    def _gather(self, text: str, plain: str, terms: Sequence[str]) -> Evidence:
        concepts = [term for term in terms if is_concept(term)]
        return Evidence(
            keywords=self._keywords.count(plain),
            words=self._bm25.score(terms),
            carried_concepts=self._bm25.cover(concepts),
            carried_words=self._bm25.cover([term for term in terms if not is_concept(term)]),
            asked_concepts=self._title_concepts.share(concepts),
            nearness=self._find_nearness(text),
        )

    def _explain(
        self,
        found: Sequence[tuple[int, float]],
        plain: str,
        terms: Sequence[str],
        evidence: Evidence,
        *,
        particulars: Sequence[Particular],
        behind: Sequence[int],
    ) -> list[Hit]:
        asked = frozenset(terms)
        strange = self._subjects.find_strange(plain, self._language)
        telling = find_telling(leave_out(particulars, without_goods(plain), self._language), self._language)
        doubt = doubt_for(self._language, with_meaning=evidence.nearness is not None)
        hits = []
        for place, score in found:
            entry = self._entries[place]
            shared = sorted(
                (term for term in asked.intersection(self._terms[place]) if not is_concept(term)),
                key=lambda term: (-self._bm25.rarity(term), term),
            )
            uncovered = find_uncovered(particulars, entry, self._language)
            excluded = find_excluded(plain, not_about(entry, self._language), self._language)
            against = (*strange, *excluded)
            is_apart = self._is_apart(place, asked, evidence)
            is_other = bool(against or uncovered.missed or is_apart or place in behind)
            near = evidence.nearness
            likely = doubt.judge(
                score,
                elsewhere=float(near.elsewhere[place]) if near else 0.0,
                missing=weigh_missing(telling, entry, self._language),
            )
            hits.append(
                Hit(
                    entry=entry,
                    score=round(likely * STRANGE_SHARE if is_other else likely, 3),
                    words=tuple(shared[:WORDS_SHOWN]),
                    against=against,
                    uncovered=uncovered.open,
                    missed=uncovered.missed,
                    nearness=float(near.together[place]) if near else None,
                )
            )
        return sorted(hits, key=lambda hit: -hit.score)

    def _is_apart(self, place: int, asked: frozenset[str], evidence: Evidence) -> bool:
        """Return whether the question has none of what the entry is about: no thing it names, no word of its title, none of its keywords.

        However near in meaning the two are: "I can't decide" and "I can't sign in".
        """
        return evidence.keywords[place] == 0 and asked.isdisjoint(self._subject_terms[place])

    @cached_property
    def _views(self) -> Views | None:
        """None without an embedder, or where it cannot be loaded."""
        if self._embedder is None or not self._entries:
            return None
        try:
            return Views(self._entries, self._language, embedder=self._embedder, kept=self._kept, name=self._name)
        except KikiteError as error:
            log.warning("searching by words alone", problem=error.message)
            return None

    def _find_nearness(self, text: str) -> Nearness | None:
        with self._lock:
            if self._views is None or self._embedder is None:
                return None
            row = self._asked.pop(text, None)
            if row is None:
                row = self._embedder.embed([text])[0]
            self._asked[text] = row
            if len(self._asked) > QUESTIONS_KEPT:
                self._asked.popitem(last=False)
            return self._views.compare(row)


def _written(book: BrandBook) -> list[str]:
    """Return all that the brand writes of itself, in both languages."""
    languages = (Language.JA, Language.EN)
    written = [
        text
        for entry in citable(book)
        for one in languages
        for text in (title_of(entry, one), said_by(entry, one), *keywords_of(entry, one))
    ]
    for product in book.products:
        written += [*product.aliases, *(product.name.say(one) for one in languages)]
    return written


def _may_cite(entry: Entry, visibility: Visibility, on: date | None, kinds: frozenset[str]) -> bool:
    if isinstance(entry, FaqEntry):
        return "faq" in kinds and (on is None or entry.is_valid(on))
    return "policy" in kinds and visibility in entry.visibilities and (on is None or entry.is_valid(on))
