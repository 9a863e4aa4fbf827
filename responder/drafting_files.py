"""Drafting for a file: JSONL in, JSONL out, line for line, without a database or a platform."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import regex

from config.brand_book import BrandBook
from config.playbook import Playbook
from domain.cases import Case
from domain.replies import Capabilities, Eligibility, Measure, PlatformFacts, ProposedDraft
from domain.text_lines import FileSummary, LineAnswer, Progress, TextLine, rewrite_lines
from domain.understanding import Understanding
from domain.words import Band, Engagement, Language, Route, Visibility
from responder.checks import blocks, check_text
from responder.checks.surroundings import make_draft_context
from responder.composer import Composer
from responder.drafters.model_drafter import Wording, make_drafter
from responder.eligibility import EligibilityInput, decide, load_rules
from responder.knowledge import Shelf

LINES_AT_ONCE = 16
KIND = "import"
"""What comes from a file has no connection back: it is answered by hand."""


class _Reader:
    """Drafts for one text at a time."""

    def __init__(
        self,
        book: BrandBook,
        playbooks: tuple[Playbook, ...],
        understand: Callable[[str], Understanding],
        wording: Wording | None,
        *,
        shelf: Shelf | None,
    ) -> None:
        self._book = book
        self._now = datetime.now(UTC)
        composer = Composer(book=book, playbooks=playbooks, today=self._now.date(), shelf=shelf)
        self._drafter = make_drafter(composer, wording, book=book, playbooks=playbooks)
        self._understand = understand
        self._rules = load_rules()

    def answer(self, text: str, author: str) -> dict[str, object]:
        """Return route, reason and drafts for one text."""
        plain = regex.sub(r"[\p{Cs}\x00]", "\N{REPLACEMENT CHARACTER}", text)
        understanding = self._understand(plain)
        routes = {visibility: self._decide(understanding, visibility) for visibility in Visibility}
        written: list[dict[str, object]] = []
        drafts: list[ProposedDraft] = []
        reason = "unknown_band"
        if understanding.band is not Band.UNKNOWN:
            open_ones = tuple(one for one in Visibility if routes[one].route is not Route.FORBIDDEN)
            case = self._case(plain, author, understanding, open_ones)
            drafts, reason = self._drafter.draft(case)
            written = [said for draft in drafts if (said := self._write(case, draft))]
        shown = routes[drafts[0].visibility] if drafts else routes[Visibility.PUBLIC]
        if drafts and not written:
            reason = "checks_failed"
        return {
            "route": shown.route.value,
            "reason": shown.reason_code if written else reason,
            "drafts": written,
        }

    def _decide(self, understanding: Understanding, visibility: Visibility) -> Eligibility:
        given = EligibilityInput(
            kind=KIND,
            engagement=Engagement.MENTIONED,
            visibility=visibility,
            capabilities=Capabilities(can_reply=False, can_direct_message=False),
            facts=PlatformFacts(),
            created_at=self._now,
            now=self._now,
            risks=understanding.prediction.risks,
            gone=False,
            opted_out=False,
            already_answered=False,
        )
        return decide(given, self._rules)

    def _case(self, text: str, author: str, understanding: Understanding, open_ones: tuple[Visibility, ...]) -> Case:
        spoken = [Language(one) for one in self._book.voice.languages]
        digest = hashlib.sha256(text.encode("utf-8", "replace")).digest()
        return Case(
            text=text,
            language=understanding.language if understanding.language in spoken else spoken[0],
            prediction=understanding.prediction,
            author_name=author,
            author_handle="",
            visibilities=open_ones,
            measure=_count,
            seed=int.from_bytes(digest[:4], "big"),
        )

    def _write(self, case: Case, draft: ProposedDraft) -> dict[str, object] | None:
        checks = check_text(
            draft.text,
            visibility=draft.visibility,
            language=draft.language,
            measure=_count(draft.text, draft.visibility),
            voice=self._book.voice,
            context=make_draft_context(case, draft, book=self._book),
        )
        if blocks(checks):
            return None
        return {
            "kind": draft.kind.value,
            "visibility": draft.visibility.value,
            "language": draft.language.value,
            "text": draft.text,
            "citations": [
                {"kind": cited.kind, "reference": cited.reference, "title": cited.title, "score": cited.score}
                for cited in draft.citations
            ],
            "checks": [
                {"code": check.code, "level": check.level.value, "values": dict(check.values)} for check in checks
            ],
        }


def draft_file(
    book: BrandBook,
    playbooks: tuple[Playbook, ...],
    source: Path,
    target: Path,
    *,
    understand: Callable[[str], Understanding],
    progress: Progress,
    wording: Wording | None = None,
    shelf: Shelf | None = None,
) -> FileSummary:
    """Draft for each ``{"id", "text"}`` line of ``source`` (``author`` is used when given) into ``target``, in order.

    ``target`` appears only when complete. Raises ``ImportFileError`` when a file cannot be read or written at all.
    """
    reader = _Reader(book, playbooks, understand, wording, shelf=shelf)

    def answer(lines: Sequence[TextLine]) -> Iterator[LineAnswer]:
        for line in lines:
            yield LineAnswer(fields={"id": line.values.get("id"), **reader.answer(line.text, line.word("author"))})

    return rewrite_lines(source, target, answer=answer, lines_at_once=LINES_AT_ONCE, progress=progress)


def _count(text: str, _visibility: Visibility) -> Measure:
    return Measure(length=len(regex.findall(r"\X", text)), limit=0)
