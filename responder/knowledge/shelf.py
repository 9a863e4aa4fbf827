"""The searchable books of all brands: an index is built once per book and language, and kept while the book does not change."""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from threading import Lock
from typing import Final

import structlog

from config.brand_book import BrandBook
from domain.errors import KikiteError
from domain.words import Language
from responder.embedder import Meaning
from responder.knowledge.kept_rows import KeptRows
from responder.knowledge.products import ProductFinder
from responder.knowledge.retriever import Retriever

SITUATED_KEPT: Final = 64
"""Posts whose situations are kept: a case is asked about for several reasons while it is drafted."""

log = structlog.get_logger(__name__)


class Shelf:
    """Thread-safe. ``embedder`` is asked once, at the first search; it may return None: then words alone count.

    ``kept``: where the embeddings of entries stay from one start to the next; None: they are made anew each time.
    """

    def __init__(self, embedder: Callable[[], Meaning | None] | None = None, *, kept: KeptRows | None = None) -> None:
        self._kept = kept
        self._find_embedder = embedder
        self._embedder: Meaning | None = None
        self._lock = Lock()
        self._retrievers: dict[tuple[str, Language], tuple[BrandBook, Retriever]] = {}
        self._situated: OrderedDict[str, Mapping[str, float]] = OrderedDict()
        self._finders: dict[str, tuple[BrandBook, ProductFinder]] = {}

    def retriever(self, book: BrandBook, language: Language) -> Retriever:
        """Return what searches ``book``; other than Japanese is searched in English."""
        place = (book.voice.id, Language.JA if language is Language.JA else Language.EN)
        with self._lock:
            kept = self._retrievers.get(place)
            if kept is None or not _is_same(kept[0], book):
                kept = book, Retriever(book, place[1], embedder=self._ask_embedder(), kept=self._kept)
                self._retrievers[place] = kept
            return kept[1]

    def embedder(self) -> Meaning | None:
        """Return what the model knows of texts, shared by all searches; None where words alone count."""
        with self._lock:
            return self._ask_embedder()

    def find_situations(self, text: str) -> Mapping[str, float]:
        """Return the chance of each situation that ``text`` may tell of; nothing where words alone count, or the model cannot be read."""
        embedder = self.embedder()
        if embedder is None:
            return {}
        with self._lock:
            found = self._situated.pop(text, None)
        try:
            found = embedder.find_situations(text) if found is None else found
        except KikiteError as error:
            log.warning("situations are not read", problem=error.message)
            found = {}
        with self._lock:
            self._situated[text] = found
            if len(self._situated) > SITUATED_KEPT:
                self._situated.popitem(last=False)
        return found

    def _ask_embedder(self) -> Meaning | None:
        if self._find_embedder is not None and self._embedder is None:
            self._embedder = self._find_embedder()
        return self._embedder

    def products(self, book: BrandBook) -> ProductFinder:
        """Return what finds the products of ``book`` in texts."""
        with self._lock:
            kept = self._finders.get(book.voice.id)
            if kept is None or not _is_same(kept[0], book):
                kept = book, ProductFinder(book.products)
                self._finders[book.voice.id] = kept
            return kept[1]

    def name_product(self, book: BrandBook, text: str, language: Language) -> str:
        """Return the brand's own name of the first product that ``text`` names, or nothing."""
        named = self.products(book).find(text)
        return named[0].product.name.say(language) if named else ""


def _is_same(kept: BrandBook, book: BrandBook) -> bool:
    return kept is book or kept == book
