"""What is wrong with a brand's book: outdated, unread, in one language only, twice there, never cited."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import combinations

from config.brand_book import Bilingual, BrandBook, FaqEntry, KnownIssue, Policy
from domain.words import Language
from responder.knowledge.terms import find_terms

TWICE = 0.8
"""Share of their words that the questions of two entries need to have in common to be told as one."""
FEW_CITATIONS = 20
"""With fewer citations in all, "never cited" says nothing."""


class Fault(StrEnum):
    """What may be wrong with an entry."""

    OUTDATED = "outdated"
    NOT_YET = "not_yet"
    UNCHECKED = "unchecked"
    UNREAD = "unread"
    ONE_LANGUAGE = "one_language"
    TWICE = "twice"
    NEVER_CITED = "never_cited"
    NO_FIXED = "no_fixed"


SAYS = {
    Fault.OUTDATED: "its last day has passed, so it is not cited. Bring it up to date, or delete the file.",
    Fault.NOT_YET: "its first day has not come, so it is not cited yet.",
    Fault.UNCHECKED: "nobody looked at it for a year. Make sure that it is true and set checked_on.",
    Fault.UNREAD: "imported and read by nobody, so it is not cited. Read it and delete 'review = true'.",
    Fault.ONE_LANGUAGE: "both languages say the same. Write the missing one.",
    Fault.TWICE: "asks nearly the same as another entry. Keep one.",
    Fault.NEVER_CITED: "no draft cited it lately. Add the words that customers use as keywords.",
    Fault.NO_FIXED: "fixed, but without a statement for those who told us. Add fixed.ja and fixed.en.",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class BookFinding:
    """One thing that is wrong with one entry."""

    place: str
    """The file, below ``brands/``."""
    kind: str
    id: str
    fault: Fault
    other: str = ""
    """Id of the other entry, for ``TWICE``."""

    @property
    def says(self) -> str:
        """One line for operators."""
        return f"{SAYS[self.fault]}{f' ({self.other})' if self.other else ''}"


def find_faults(
    book: BrandBook, *, today: date, cited: Mapping[tuple[str, str], int] | None = None
) -> list[BookFinding]:
    """Return what is wrong, entry by entry; ``cited`` counts citations by kind and id (left out: not asked)."""
    found = [*_faq_faults(book, today), *_policy_faults(book, today), *_issue_faults(book)]
    if cited is not None and sum(cited.values()) >= FEW_CITATIONS:
        found += [
            _finding(book, entry, Fault.NEVER_CITED)
            for entry in book.faq
            if not entry.review and entry.is_valid(today) and not cited.get(("faq", entry.id))
        ]
    return found


def find_twice(book: BrandBook) -> Iterator[BookFinding]:
    """Return the entries that ask nearly the same as one before them. Compares all with all: for a command, not for a page."""
    told = set()
    asked = [(entry, _terms(entry)) for entry in book.faq]
    for (one, own), (other, others) in combinations(asked, 2):
        if other.id in told:
            continue
        if any(a and len(a & b) / len(a | b) >= TWICE for a, b in zip(own, others, strict=True)):
            told.add(other.id)
            yield _finding(book, other, Fault.TWICE, other=one.id)


def faults_by_entry(findings: Sequence[BookFinding]) -> dict[tuple[str, str], list[BookFinding]]:
    """Return findings by kind and id."""
    by_entry: dict[tuple[str, str], list[BookFinding]] = {}
    for finding in findings:
        by_entry.setdefault((finding.kind, finding.id), []).append(finding)
    return by_entry


def _faq_faults(book: BrandBook, today: date) -> Iterator[BookFinding]:
    for entry in book.faq:
        if entry.review:
            yield _finding(book, entry, Fault.UNREAD)
        yield from _dated(book, entry, today)
        yield from _spoken(book, entry, (entry.question, entry.answer))


def _policy_faults(book: BrandBook, today: date) -> Iterator[BookFinding]:
    for policy in book.policies:
        yield from _dated(book, policy, today)
        yield from _spoken(book, policy, (policy.title, policy.statement))


def _issue_faults(book: BrandBook) -> Iterator[BookFinding]:
    for issue in book.known_issues:
        yield from _spoken(book, issue, (issue.title, issue.statement))
        if issue.state == "fixed" and issue.fixed is None:
            yield _finding(book, issue, Fault.NO_FIXED)


def _dated(book: BrandBook, entry: FaqEntry | Policy, today: date) -> Iterator[BookFinding]:
    if entry.is_outdated(today):
        yield _finding(book, entry, Fault.OUTDATED)
    elif not entry.is_valid(today):
        yield _finding(book, entry, Fault.NOT_YET)
    elif entry.needs_check(today):
        yield _finding(book, entry, Fault.UNCHECKED)


def _spoken(book: BrandBook, entry: FaqEntry | Policy | KnownIssue, said: Sequence[Bilingual]) -> Iterator[BookFinding]:
    if len(book.voice.languages) > 1 and any(one.ja == one.en for one in said):
        yield _finding(book, entry, Fault.ONE_LANGUAGE)


def _terms(entry: FaqEntry) -> tuple[frozenset[str], ...]:
    return tuple(frozenset(find_terms(entry.question.say(one), one)) for one in (Language.JA, Language.EN))


_FOLDERS = {"faq": "faq", "policy": "policies", "known_issue": "issues"}


def _finding(book: BrandBook, entry: FaqEntry | Policy | KnownIssue, fault: Fault, *, other: str = "") -> BookFinding:
    kind = "faq" if isinstance(entry, FaqEntry) else "policy" if isinstance(entry, Policy) else "known_issue"
    place = f"brands/{book.voice.id}/{_FOLDERS[kind]}/{entry.id}.md"
    return BookFinding(place=place, kind=kind, id=entry.id, fault=fault, other=other)
