"""What an entry says, part by part, in one language: question or title, answer or statement, keywords."""

from config.brand_book import BrandBook, FaqEntry, Policy
from domain.words import Language
from responder.knowledge.terms import plain_text

Entry = FaqEntry | Policy


def citable(book: BrandBook) -> list[Entry]:
    """Return what may ever be cited of a book."""
    return [
        *(entry for entry in book.faq if not entry.review),
        *(policy for policy in book.policies if not policy.offer),
    ]


def title_of(entry: Entry, language: Language) -> str:
    """Return what it answers."""
    return (entry.question if isinstance(entry, FaqEntry) else entry.title).say(language)


def said_by(entry: Entry, language: Language) -> str:
    """Return what it answers with."""
    return (entry.answer if isinstance(entry, FaqEntry) else entry.statement).say(language)


def keywords_of(entry: Entry, language: Language) -> tuple[str, ...]:
    """Return the words that customers use for it."""
    if isinstance(entry, Policy):
        return ()
    return entry.keywords_ja if language is Language.JA else entry.keywords_en


def not_about(entry: Entry, language: Language) -> tuple[str, ...]:
    """Return the words with which something else is asked."""
    if isinstance(entry, Policy):
        return ()
    return entry.not_about_ja if language is Language.JA else entry.not_about_en


def plain_parts(entry: Entry, language: Language) -> list[str]:
    """Return all that an entry says, as it is searched for a keyword: words parted by single spaces."""
    parts = (title_of(entry, language), said_by(entry, language), *keywords_of(entry, language))
    return ["", *(" ".join(plain_text(part).split()) for part in parts)]
