"""``kikite draft --preview`` and ``--playbook``: replies and wordings shown to whoever edits them; nothing is stored."""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from classifier.service import understand_texts
from config.brand_book import BrandBook
from config.loading import load_settings
from config.locale import text
from config.prose import brand_book_for, load_books, load_playbooks
from domain.clock import SystemClock
from domain.errors import KikiteError
from domain.replies import CheckResult
from domain.words import Language
from kikite.chat.opening import open_backend
from kikite.embedding import open_shelf
from kikite.logs import set_up_logging
from responder.composer import Composer
from responder.eligibility import load_rules
from responder.hours import find_desk_time
from responder.notes import say_note
from responder.preview import PreviewedOption, PreviewedWording, TextToPreview, preview_playbook, preview_text


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What is printed: lines for people, and the same as values."""

    lines: Sequence[str]
    values: Mapping[str, object]


def preview_reply(home: Path, written: str, *, language: Language | None, author: str, channel_kind: str) -> Preview:
    """Understand one text and show its options. ``language`` is the answer's; None: as in the desk.

    Raises ``ConfigError`` with file and line for a mistake in brand or playbooks.
    """
    settings = load_settings(home)
    set_up_logging(settings.log)
    book, playbooks = _choose_book(home), load_playbooks(home)
    plain = unicodedata.normalize("NFKC", written)
    hint = language.value if language else ""
    understood = understand_texts(
        open_backend(settings),
        [(plain, hint)],
        prior=Language(book.voice.languages[0]),
        brand_words=book.voice.words,
    )[0]
    spoken = [Language(one) for one in book.voice.languages]
    now = SystemClock().now()
    desk = find_desk_time(settings.hours, now, settings.workspace.time_zone)
    answer_in = language or (understood.language if understood.language in spoken else spoken[0])
    options, reason = preview_text(
        TextToPreview(
            text=plain, author=author, understanding=understood, language=answer_in, channel_kind=channel_kind
        ),
        composer=Composer(book=book, playbooks=playbooks, today=desk.now.date(), shelf=open_shelf(settings)),
        book=book,
        rules=load_rules(home),
        now=now,
        desk=desk if settings.hours.are_set else None,
    )
    reader = settings.workspace.language
    prediction = understood.prediction
    labels = [prediction.intent.value, prediction.topic.value, prediction.urgency.value, understood.band.value]
    lines = [" · ".join(labels)]
    for option in options:
        lines += ["", *_tell_option(option, reader)]
    if not options:
        lines += ["", text(f"drafting.{reason}", reader)]
    return Preview(
        lines=lines,
        values={"understood": labels, "reason": reason, "options": [_as_values(one) for one in options]},
    )


def preview_wordings(home: Path, playbook_id: str) -> Preview:
    """Show every wording of one playbook, filled. Raises ``KikiteError`` naming those there are."""
    settings = load_settings(home)
    book = _choose_book(home)
    playbooks = {playbook.id: playbook for playbook in load_playbooks(home)}
    if playbook_id not in playbooks:
        known = ", ".join(sorted(playbooks))
        raise KikiteError(f"There is no playbook '{playbook_id}'.", remedy=f"Choose one of: {known}.")
    wordings = list(preview_playbook(playbooks[playbook_id], book))
    return Preview(
        lines=list(_tell_wordings(wordings, settings.workspace.language)),
        values={
            "playbook": playbook_id,
            "wordings": [
                {
                    "id": one.wording_id,
                    "move": one.move,
                    "needs": one.needs,
                    "text": one.text,
                    "checks": [check.code for check in one.checks],
                }
                for one in wordings
            ],
        },
    )


def _choose_book(home: Path) -> BrandBook:
    books = load_books(home)
    return brand_book_for(books, "default" if "default" in books or not books else next(iter(books)))


def _tell_option(option: PreviewedOption, reader: str) -> Iterator[str]:
    draft = option.draft
    yield f"[{text(f'drafting.kind.{draft.kind.value}', reader)} · {draft.visibility.value} · {option.length}]"
    yield draft.text
    yield from (f"  + {say_note(fact, reader)}" for fact in draft.facts_used)
    yield from (f"  ? {say_note(question, reader)}" for question in draft.open_questions)
    yield from (f"  = {cited.kind}: {cited.title} ({cited.reference})" for cited in draft.citations)
    yield from _tell_checks(option.checks, reader)


def _tell_wordings(wordings: Sequence[PreviewedWording], reader: str) -> Iterator[str]:
    move = ""
    for one in wordings:
        if one.move != move:
            move = one.move
            yield f"{move}:"
        conditions = f"  [{', '.join(one.needs)}]" if one.needs else ""
        yield f"  - {one.text}{conditions}"
        yield from (f"  {line}" for line in _tell_checks(one.checks, reader))


def _tell_checks(checks: Sequence[CheckResult], reader: str) -> Iterator[str]:
    for check in checks:
        yield f"  ! {check.level.value}: {text(f'checks.{check.code}', reader, **check.values)}"


def _as_values(option: PreviewedOption) -> dict[str, object]:
    draft = option.draft
    return {
        "kind": draft.kind.value,
        "visibility": draft.visibility.value,
        "language": draft.language.value,
        "text": draft.text,
        "length": option.length,
        "facts": draft.facts_used,
        "questions": draft.open_questions,
        "citations": [{"kind": one.kind, "reference": one.reference, "title": one.title} for one in draft.citations],
        "checks": [{"code": one.code, "level": one.level.value} for one in option.checks],
        "wordings": draft.wordings,
    }
