"""Finding what answers a question: by its words (BM25) and by its meaning (embeddings), the two lists fused by rank."""

import math
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
from responder.knowledge.calibration import RANK_OFFSET, Evidence, Weights, weights_for
from responder.knowledge.hits import Hit
from responder.knowledge.terms import find_carried, find_terms, is_telling, plain_text

MOST_HITS: Final = 20
QUESTIONS_KEPT: Final = 64
"""Embedded questions kept: a case is searched for several times while it is drafted."""
LONGEST_QUESTION: Final = 2_000
"""Signs of a post that are compared; whoever writes more has said by then what it is about."""
QUESTION_TIMES: Final = 2
"""How often the words of an entry's question count beside those of its answer."""
MOST_KEYWORDS: Final = 3
WORDS_SHOWN: Final = 6
HALF: Final = 0.5
SHORT_KEYWORD: Final = 0.5
"""What a keyword counts that may stand anywhere, beside one that says a subject."""

log = structlog.get_logger(__name__)


class Retriever:
    """What one brand wrote in one language. Thread-safe; holds no text of a customer but the vectors of the last questions."""

    def __init__(self, book: BrandBook, language: Language, *, embedder: Embedder | None = None) -> None:
        self._language = language
        self._embedder = embedder
        self._entries: list[FaqEntry | Policy] = [entry for entry in book.faq if not entry.review]
        self._entries += [policy for policy in book.policies if not policy.offer]
        self._lock = Lock()
        self._asked: OrderedDict[str, npt.NDArray[np.float32]] = OrderedDict()
        self._terms = [self._read(entry) for entry in self._entries]
        self._bm25 = Bm25(self._terms)
        self._keyword_weights = self._weigh_all_keywords()
        self._titles = [frozenset(find_terms(_title(entry, language), language)) for entry in self._entries]

    def _read(self, entry: FaqEntry | Policy) -> list[str]:
        said = entry.answer if isinstance(entry, FaqEntry) else entry.statement
        title = [_title(entry, self._language)] * QUESTION_TIMES
        return find_terms(
            " ".join([*title, *_keywords(entry, self._language), said.say(self._language)]), self._language
        )

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
        terms = find_terms(text[:LONGEST_QUESTION], self._language)
        if not allowed:
            return []
        places = np.array(allowed, dtype=np.intp)
        by_words = self._bm25.score(terms)[places]
        nearness = self._find_nearness(text[:LONGEST_QUESTION])
        by_meaning = None if nearness is None else nearness[places]
        order = _fuse(by_words, by_meaning)[:MOST_HITS]
        cover = self._bm25.cover(terms)
        hits = []
        for at in order:
            place = allowed[at]
            if by_meaning is None and by_words[at] <= 0:
                continue
            hits.append(self._judge(place, text, terms, cover=float(cover[place]), nearness=nearness, topic=topic))
        return sorted(hits, key=lambda hit: -hit.score)

    def find_policy(self, hint: str, *, visibility: Visibility, on: date) -> Policy | None:
        """Return the policy whose title is about ``hint`` by at least half; ``hint`` is ours, not a customer's."""
        asked = frozenset(find_terms(hint, self._language))
        about = [
            (self._cover_title(at, asked), entry)
            for at, entry in enumerate(self._entries)
            if isinstance(entry, Policy) and _may_cite(entry, visibility, on, frozenset({"policy"}))
        ]
        best = max(about, key=lambda one: one[0], default=None)
        return best[1] if best and best[0] >= HALF else None

    def _judge(
        self, place: int, text: str, terms: Sequence[str], *, cover: float, nearness: Floats | None, topic: Topic | None
    ) -> Hit:
        entry, asked = self._entries[place], frozenset(terms)
        shared = sorted(
            (term for term in asked & frozenset(self._terms[place]) if not term.startswith("=")),
            key=lambda term: (-self._bm25.rarity(term), term),
        )
        near = None if nearness is None else float(nearness[place])
        evidence = Evidence(
            cover=cover,
            title=self._cover_title(place, asked),
            keywords=self._weigh_keywords(entry, text),
            behind=None if nearness is None or near is None else float(nearness.max()) - near,
            same_topic=topic is not None and entry.topic is topic,
        )
        score = self._weights.judge(evidence)
        return Hit(entry=entry, score=round(score, 3), words=tuple(shared[:WORDS_SHOWN]), nearness=near)

    @property
    def _weights(self) -> Weights:
        return weights_for(self._language, with_meaning=self._rows is not None)

    def _cover_title(self, place: int, asked: frozenset[str]) -> float:
        """Return which share of the entry's own question is in what was asked, 0-1."""
        own = self._titles[place]
        whole = sum(map(self._bm25.rarity, own))
        return sum(self._bm25.rarity(term) for term in own & asked) / whole if whole else 0.0

    def _weigh_all_keywords(self) -> dict[str, float]:
        """Return what each keyword says: much where few entries have the word, little where it is the subject of many."""
        whole = [" ".join(_plain_parts(entry, self._language)) for entry in self._entries]
        words = {word for entry in self._entries for word in _keywords(entry, self._language)}
        most = math.log(1 + len(whole))
        weights = {}
        for word in words:
            wanted = (" " if self._language is Language.EN else "") + plain_text(word).strip()
            seen = sum(wanted in text for text in whole)
            telling = 1.0 if is_telling(word) else SHORT_KEYWORD
            weights[word] = telling * (math.log(1 + len(whole) / max(1, seen)) / most) ** 2
        return weights

    def _weigh_keywords(self, entry: FaqEntry | Policy, text: str) -> float:
        carried = find_carried(plain_text(text), _keywords(entry, self._language), self._language)
        return sum(sorted((self._keyword_weights[word] for word in carried), reverse=True)[:MOST_KEYWORDS])

    @cached_property
    def _rows(self) -> tuple[npt.NDArray[np.float32], ...] | None:
        """Embed question, answer and both of every entry; None without an embedder, or where it cannot be loaded."""
        if self._embedder is None or not self._entries:
            return None
        titles = [_title(entry, self._language) for entry in self._entries]
        said = [
            (entry.answer if isinstance(entry, FaqEntry) else entry.statement).say(self._language)
            for entry in self._entries
        ]
        whole = [f"{title} {answer}" for title, answer in zip(titles, said, strict=True)]
        try:
            return tuple(self._embedder.embed(texts) for texts in (titles, said, whole))
        except KikiteError as error:
            log.warning("searching by words alone", problem=error.message)
            return None

    def _find_nearness(self, text: str) -> Floats | None:
        with self._lock:
            if self._rows is None or self._embedder is None:
                return None
            row = self._asked.pop(text, None)
            if row is None:
                row = self._embedder.embed([text])[0]
            self._asked[text] = row
            if len(self._asked) > QUESTIONS_KEPT:
                self._asked.popitem(last=False)
            return np.asarray(sum(part @ row for part in self._rows) / len(self._rows), dtype=np.float64)


def _fuse(by_words: Floats, by_meaning: Floats | None) -> list[int]:
    """Return places, best first: each list gives 1 / (offset + rank) (Cormack and others, 2009)."""
    given = np.zeros(len(by_words))
    for scores in (by_words, by_meaning):
        if scores is not None:
            ranks = np.empty(len(scores))
            ranks[np.argsort(-scores, kind="stable")] = np.arange(1, len(scores) + 1)
            given += np.where(scores > 0, 1 / (RANK_OFFSET + ranks), 0)
    return [int(at) for at in np.argsort(-given, kind="stable")]


def _title(entry: FaqEntry | Policy, language: Language) -> str:
    return (entry.question if isinstance(entry, FaqEntry) else entry.title).say(language)


def _plain_parts(entry: FaqEntry | Policy, language: Language) -> list[str]:
    """Return all that an entry says, as it is searched for a keyword: words parted by single spaces."""
    said = entry.answer if isinstance(entry, FaqEntry) else entry.statement
    parts = (_title(entry, language), said.say(language), *_keywords(entry, language))
    return ["", *(" ".join(plain_text(part).split()) for part in parts)]


def _keywords(entry: FaqEntry | Policy, language: Language) -> tuple[str, ...]:
    if isinstance(entry, Policy):
        return ()
    return entry.keywords_ja if language is Language.JA else entry.keywords_en


def _may_cite(entry: FaqEntry | Policy, visibility: Visibility, on: date | None, kinds: frozenset[str]) -> bool:
    if isinstance(entry, FaqEntry):
        return "faq" in kinds and (on is None or entry.is_valid(on))
    return "policy" in kinds and visibility in entry.visibilities and (on is None or entry.is_valid(on))
