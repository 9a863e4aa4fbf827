"""What the book may have on the post in view and no draft stands on: for the reader to judge, never put into a text by itself."""

from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

from desk.visits import Visit
from domain.words import Language, Purpose, Topic, Visibility
from responder.knowledge import PERHAPS
from storage.thread_shapes import DraftOption, Thread

MOST_SHOWN: Final = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Perhaps:
    """One entry that may answer."""

    kind: str
    """``faq`` or ``policy``."""
    id: str
    title: str
    said: str
    """Its approved text, in the draft's language."""
    language: Language
    score: float


def find_perhaps(visit: Visit, thread: Thread, option: DraftOption | None) -> tuple[Perhaps, ...]:
    """Return at most three that the option does not cite, the likeliest first; none where there is nothing to answer."""
    lead = thread.lead
    if option is None or option.purpose != Purpose.ANSWER or lead is None or lead.gone or not lead.text:
        return ()
    context = visit.context
    book = context.books.get(thread.brand)
    if book is None:
        return ()
    language = Language(option.language)
    asked_in = Language(thread.language) if thread.language in (Language.JA, Language.EN) else language
    hits = context.shelf.retriever(book, asked_in).search(
        lead.text,
        topic=Topic(thread.label.topic) if thread.label else None,
        visibility=Visibility(option.visibility),
        on=visit.now.astimezone(ZoneInfo(context.settings.workspace.time_zone)).date(),
    )
    cited = {(citation.kind, citation.reference) for citation in option.citations}
    left = [hit for hit in hits if (hit.kind, hit.entry.id) not in cited and hit.score >= PERHAPS and not hit.against]
    return tuple(
        Perhaps(
            kind=hit.kind,
            id=hit.entry.id,
            title=hit.title(language),
            said=hit.said(language),
            language=language,
            score=hit.score,
        )
        for hit in left[:MOST_SHOWN]
    )
