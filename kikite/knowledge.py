"""The brand's book from the command line: taken over from files, looked through, and asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from classifier.language import identify_language
from config.brand_book import BrandBook
from config.knowledge_import import ImportSummary, write_entries
from config.knowledge_sources import read_pairs
from config.loading import load_settings
from config.prose import brand_book_for, load_books
from domain.clock import SystemClock
from domain.words import Language, Visibility
from kikite.embedding import open_shelf
from kikite.home import find_home
from kikite.product import open_database
from responder.knowledge import THRESHOLD
from responder.knowledge.condition import BookFinding, find_faults, find_twice
from storage.citations import count_citations
from storage.workspaces import ensure_workspace

SHOWN = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class Answered:
    """What a question finds."""

    question: str
    language: str
    threshold: float
    found: Sequence[Mapping[str, object]]
    """Best first."""


def import_knowledge(home: Path | None, file: Path, *, brand: str, columns: Mapping[str, str]) -> ImportSummary:
    """Write a brand's new FAQ files from ``file``. Raises ``KikiteError`` with the remedy."""
    found = find_home(home)
    book = brand_book_for(load_books(found), brand)
    return write_entries(read_pairs(file, columns), found / "brands" / brand / "faq", book)


def check_knowledge(home: Path | None, *, brand: str) -> list[BookFinding]:
    """Return what is wrong with the books of a home, of one brand where named."""
    found = find_home(home)
    books = load_books(found)
    chosen = {brand: brand_book_for(books, brand)} if brand else books
    settings = load_settings(found)
    today = SystemClock().now().date()
    database = open_database(settings)
    try:
        workspace_id = ensure_workspace(database, settings.workspace.name)
        with database.snapshot(workspace_id) as tx:
            cited = count_citations(tx)
    finally:
        database.close()
    return [
        finding
        for book in chosen.values()
        for finding in (*find_faults(book, today=today, cited=cited), *find_twice(book))
    ]


def ask_knowledge(home: Path | None, question: str, *, brand: str) -> Answered:
    """Return what ``question`` finds in a brand's book."""
    found = find_home(home)
    settings = load_settings(found)
    book = brand_book_for(load_books(found), brand)
    language = _read_language(question, book)
    retriever = open_shelf(settings).retriever(book, language)
    hits = retriever.search(question, visibility=Visibility.DM, on=SystemClock().now().date())[:SHOWN]
    shown = [
        {
            "kind": hit.kind,
            "id": hit.entry.id,
            "title": hit.title(language),
            "score": hit.score,
            "words": " ".join(hit.words),
            "nearness": None if hit.nearness is None else round(hit.nearness, 3),
        }
        for hit in hits
    ]
    return Answered(question=question, language=language.value, threshold=THRESHOLD, found=shown)


def _read_language(question: str, book: BrandBook) -> Language:
    spoken = [Language(one) for one in book.voice.languages]
    found = identify_language(question, prior=spoken[0])
    return found if found in spoken else spoken[0]
