"""The searchable books of all brands: an index is built once per book and language, and kept while the book does not change."""

from collections.abc import Callable
from threading import Lock

from config.brand_book import BrandBook
from domain.words import Language
from responder.embedder import Embedder
from responder.knowledge.kept_rows import KeptRows
from responder.knowledge.products import ProductFinder
from responder.knowledge.retriever import Retriever


class Shelf:
    """Thread-safe. ``embedder`` is asked once, at the first search; it may return None: then words alone count.

    ``kept``: where the embeddings of entries stay from one start to the next; None: they are made anew each time.
    """

    def __init__(self, embedder: Callable[[], Embedder | None] | None = None, *, kept: KeptRows | None = None) -> None:
        self._kept = kept
        self._find_embedder = embedder
        self._embedder: Embedder | None = None
        self._lock = Lock()
        self._retrievers: dict[tuple[str, Language], tuple[BrandBook, Retriever]] = {}
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

    def embedder(self) -> Embedder | None:
        """Return the embeddings that all searches share; None where words alone count."""
        with self._lock:
            return self._ask_embedder()

    def _ask_embedder(self) -> Embedder | None:
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
