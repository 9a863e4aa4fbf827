"""From rows and a brand's book to what the rules may know. One way for drafting, the desk and dispatch."""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping

from config.brand_book import BrandBook
from domain.cases import Case
from domain.replies import Citation, ProposedDraft
from domain.words import Intent, Language, Purpose, Risk, Sentiment, Visibility
from responder.checks.written import TextContext
from storage.surroundings import Surroundings

GRAVE = frozenset([Risk.SAFETY, Risk.PERSONAL_DATA, Risk.DISCRIMINATION])
"""Risks after which a light apology will not do."""


def find_book(books: Mapping[str, BrandBook], brand: str) -> BrandBook | None:
    """Return the brand's book, else the first there is."""
    return books.get(brand) or next(iter(books.values()), None)


def make_context(
    surroundings: Surroundings,
    *,
    book: BrandBook | None,
    language: Language,
    citations: Iterable[Citation] = (),
    purpose: Purpose = Purpose.ANSWER,
    dm_possible: bool = True,
) -> TextContext:
    """Return what the rules may know of a text to this person."""
    unhappy = surroundings.intent == Intent.COMPLAINT and surroundings.sentiment == Sentiment.NEGATIVE
    return TextContext(
        complaint=unhappy and purpose is Purpose.ANSWER and not (surroundings.abuse or surroundings.suggestion),
        grave=unhappy and bool(GRAVE & surroundings.risks),
        names=tuple(unicodedata.normalize("NFKC", name) for name in surroundings.names),
        channel_kind=surroundings.channel_kind,
        dm_possible=dm_possible,
        grounds=tuple(find_grounds(book, citations, language)) if book else (),
        hosts=book.hosts if book else frozenset(),
        said_to_person=surroundings.said_to_person,
        said_today=surroundings.said_today,
    )


def make_draft_context(
    case: Case, draft: ProposedDraft, *, book: BrandBook, said_today: tuple[str, ...] = ()
) -> TextContext:
    """Return what the rules may know of a draft for a case."""
    label, person = case.prediction, case.person
    surroundings = Surroundings(
        names=tuple(name for name in (case.author_name, case.author_handle, person.called) if name),
        channel_kind=case.channel_kind,
        intent=label.intent,
        sentiment=label.sentiment,
        abuse=label.abuse,
        suggestion=label.suggestion,
        risks=frozenset(label.risks),
        said_to_person=tuple(reply.text for reply in person.replies),
        said_today=said_today,
    )
    return make_context(
        surroundings,
        book=book,
        language=draft.language,
        citations=draft.citations,
        purpose=case.purpose,
        dm_possible=Visibility.DM in case.visibilities,
    )


def find_grounds(book: BrandBook, citations: Iterable[Citation], language: Language) -> Iterator[str]:
    """Yield the published words of what is cited. An offer is none: it is made to one person, not published."""
    cited = {(one.kind, one.reference) for one in citations}
    if not cited:
        return
    yield from (entry.answer.say(language) for entry in book.faq if ("faq", entry.id) in cited)
    yield from (
        entry.statement.say(language) for entry in book.policies if ("policy", entry.id) in cited and not entry.offer
    )
    for issue in book.known_issues:
        if ("known_issue", issue.id) in cited:
            yield issue.statement.say(language)
            if issue.fixed:
                yield issue.fixed.say(language)
