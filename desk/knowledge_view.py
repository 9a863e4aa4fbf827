"""What ``/knowledge`` shows: a brand's entries with their condition, what a question would find, gaps, a playbook with its wordings filled."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from classifier.language import identify_language
from config.brand_book import BrandBook
from config.playbook import Playbook
from config.playbook_words import VARIABLES
from domain.words import Language, Visibility
from responder.knowledge import THRESHOLD, Hit, Shelf
from responder.knowledge.condition import BookFinding, faults_by_entry, find_faults
from responder.knowledge.gaps import group_alike
from storage.citations import Cited
from storage.faq_gaps import OpenGap

HITS_SHOWN = 5
GROUPS_SHOWN = 30
QUESTIONS_SHOWN = 3
PRODUCTS_SHOWN = 60
CARDS = 40
"""FAQ entries on one page."""
MOST_ASKED = 500
"""Signs of a question typed into the page."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Card:
    """One entry of the book."""

    kind: str
    id: str
    title: str
    said: str
    topic: str
    url: str = ""
    checked_on: date | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    cited: int = 0
    """Mentions among those of the latest drafts whose options cite it."""
    faults: Sequence[BookFinding] = ()
    offer: bool = False
    limit_days: int = 0
    max_value: str = ""
    state: str = ""
    """Of a known issue: ``open``, ``fixed`` or ``over``."""
    fixed: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class AskedBook:
    """What a question finds."""

    question: str
    language: Language
    hits: Sequence[Hit]

    @property
    def cited(self) -> bool:
        """Whether a draft would stand on the first."""
        return bool(self.hits) and self.hits[0].score >= THRESHOLD


@dataclass(frozen=True, kw_only=True, slots=True)
class GapGroup:
    """Questions that ask nearly the same."""

    ids: Sequence[int]
    first: OpenGap
    further: Sequence[OpenGap]
    nearest: str
    """Title of the entry that came closest; empty: none."""

    @property
    def count(self) -> int:
        """How many asked."""
        return len(self.ids)


@dataclass(frozen=True, kw_only=True, slots=True)
class FilledMove:
    """One step of a playbook with its wordings as they would read."""

    move: str
    optional: bool
    when: Sequence[str]
    wordings: Sequence[str]


def list_cards(book: BrandBook, language: Language, *, today: date, cited: Cited) -> dict[str, list[Card]]:
    """Return the book's cards by kind, those with faults first."""
    faults = faults_by_entry(find_faults(book, today=today, cited=cited))
    cards = [*_faq_cards(book, language), *_policy_cards(book, language), *_issue_cards(book, language, today)]
    by_kind: dict[str, list[Card]] = {"faq": [], "known_issue": [], "policy": []}
    for card in cards:
        known = replace(card, cited=cited[card.kind, card.id], faults=faults.get((card.kind, card.id), ()))
        by_kind[card.kind].append(known)
    return {kind: sorted(found, key=lambda card: not card.faults) for kind, found in by_kind.items()}


def _faq_cards(book: BrandBook, language: Language) -> Iterator[Card]:
    for entry in book.faq:
        yield Card(
            kind="faq",
            id=entry.id,
            title=entry.question.say(language),
            said=entry.answer.say(language),
            topic=entry.topic.value,
            url=entry.url,
            checked_on=entry.checked_on,
            valid_from=entry.valid_from,
            valid_until=entry.valid_until,
        )


def _policy_cards(book: BrandBook, language: Language) -> Iterator[Card]:
    for policy in book.policies:
        yield Card(
            kind="policy",
            id=policy.id,
            title=policy.title.say(language),
            said=policy.statement.say(language),
            topic=policy.topic.value,
            checked_on=policy.checked_on,
            valid_from=policy.valid_from,
            valid_until=policy.valid_until,
            offer=policy.offer,
            limit_days=policy.limit_per_person_days,
            max_value=policy.max_value,
        )


def _issue_cards(book: BrandBook, language: Language, today: date) -> Iterator[Card]:
    for issue in book.known_issues:
        state = issue.state if issue.state == "fixed" or issue.is_open(today) else "over"
        yield Card(
            kind="known_issue",
            id=issue.id,
            title=issue.title.say(language),
            said=issue.statement.say(language),
            topic=issue.topic.value,
            valid_from=issue.since,
            valid_until=issue.until,
            state=state,
            fixed=issue.fixed.say(language) if issue.fixed else "",
        )


def ask_book(book: BrandBook, shelf: Shelf, question: str, *, today: date) -> AskedBook | None:
    """Return what a question would find, as drafting would search; None where nothing is asked."""
    asked = question[:MOST_ASKED].strip()
    if not asked:
        return None
    spoken = [Language(one) for one in book.voice.languages]
    found = identify_language(asked, prior=spoken[0])
    language = found if found in spoken else spoken[0]
    hits = shelf.retriever(book, language).search(asked, visibility=Visibility.DM, on=today)[:HITS_SHOWN]
    return AskedBook(question=asked, language=language, hits=hits)


def group_gaps(gaps: Sequence[OpenGap], book: BrandBook, language: Language) -> list[GapGroup]:
    """Return the open questions about a brand, those asked most first; at most ``GROUPS_SHOWN``."""
    titles = {entry.id: entry.question.say(language) for entry in book.faq}
    titles |= {policy.id: policy.title.say(language) for policy in book.policies}
    groups = group_alike([gap for gap in gaps if gap.brand == book.voice.id])
    return [
        GapGroup(
            ids=[gap.id for gap in group],
            first=group[0],
            further=group[1:QUESTIONS_SHOWN],
            nearest=titles.get(group[0].nearest, ""),
        )
        for group in groups[:GROUPS_SHOWN]
    ]


def fill_playbook(playbook: Playbook, book: BrandBook, samples: Mapping[str, str]) -> list[FilledMove]:
    """Return a playbook's moves with each wording as it would read; what no sample is given for stands as ⟨name⟩."""
    language = Language(playbook.language)
    voice = book.voice
    values = {
        **samples,
        "shop": voice.name.say(language),
        "sign_off": voice.sign_off.say(language),
        "contact_dm": voice.contact_dm.say(language),
    }

    def fill(found: re.Match[str]) -> str:
        return values.get(found[1], f"⟨{found[1]}⟩")

    return [
        FilledMove(
            move=move.move,
            optional=move.optional,
            when=move.when,
            wordings=[_VARIABLE.sub(fill, wording.text) for wording in move.wordings],
        )
        for move in playbook.moves
    ]


_VARIABLE = re.compile(rf"\{{({'|'.join(VARIABLES)})\}}")
