"""Understanding as a step: claim mentions, predict outside any transaction, record, tell open desks.

Killable anywhere: a claim that is never released runs out and the mention is taken again. A text that a backend cannot read
does not hold up the others; after ``MOST_ATTEMPTS`` tries a person gets it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import structlog

from classifier.backends.brand import ADDRESSED, ANTI_WORDS
from classifier.bands import band_of, thresholds_of
from classifier.language import identify_language
from config.brand_book import BrandBook
from config.settings import TargetSettings
from domain.ids import WorkspaceId
from domain.lifecycle import MentionState
from domain.ports import ClassifierBackend
from domain.understanding import TextToClassify, Understanding
from domain.words import Engagement, Language
from storage.claims import claim, release
from storage.database import Database, Transaction
from storage.models import Mention
from storage.understanding import brands_of, hand_over, record_classification

MOST_AT_ONCE: Final = 4_096
"""Texts given to a backend at once; it sorts them by length and packs them as suits it."""
MOST_ATTEMPTS: Final = 5
LEASE: Final = timedelta(minutes=5)
FIRST_WAIT: Final = timedelta(minutes=1)
"""Before the second try; doubled before each further one."""
NOT_UNDERSTOOD: Final = "not_understood"
"""Code in ``Mention.problem``: the model failed on this text again and again."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Ready:
    """A text on its way to the backend."""

    text: str
    language: Language
    brand_words: tuple[str, ...] = ()
    anti_words: tuple[str, ...] = ()
    wants_reasons: bool = True
    addressed: bool = False
    """The platform says that it was written to us: it cannot be about a homonym."""

    def as_input(self) -> TextToClassify:
        """Return it in the backend's shape."""
        extra = {ANTI_WORDS: "\n".join(self.anti_words)} if self.anti_words else {}
        extra |= {ADDRESSED: "yes"} if self.addressed else {}
        return TextToClassify(
            text=self.text,
            language=self.language,
            brand_words=self.brand_words,
            wants_reasons=self.wants_reasons,
            extra=extra,
        )


def understand_texts(
    backend: ClassifierBackend,
    texts: Sequence[tuple[str, str]],
    *,
    prior: Language,
    brand_words: tuple[str, ...] = (),
) -> list[Understanding]:
    """Return one understanding per (text, language hint), in order. Raises what the backend raises."""
    ready = [
        Ready(text=text, language=identify_language(text, hint=hint, prior=prior), brand_words=brand_words)
        for text, hint in texts
    ]
    return [_unwrap(answer) for answer in understand_each(backend, ready, one_by_one=False)]


def understand_each(
    backend: ClassifierBackend, texts: Sequence[Ready], *, one_by_one: bool = True
) -> list[Understanding | Exception]:
    """Return for each text, in order, its understanding or the error the backend raised on it alone.

    A batch that fails is tried in halves, down to the texts that fail alone; with ``one_by_one`` False the error is raised instead.
    """
    answers: list[Understanding | Exception] = []
    for begin in range(0, len(texts), MOST_AT_ONCE):
        group = texts[begin : begin + MOST_AT_ONCE]
        answers += _predict_apart(backend, group) if one_by_one else _predict(backend, group)
    return answers


def classify_pending(
    database: Database,
    workspace_id: WorkspaceId,
    *,
    backend: ClassifierBackend,
    targets: TargetSettings,
    books: Mapping[str, BrandBook],
    limit: int,
) -> int:
    """Classify up to ``limit`` collected mentions; return how many were taken up (0: nothing is due).

    Results of a claim that was lost meanwhile (edited, deleted, lease run out) are dropped.
    """
    with database.transaction(workspace_id) as tx:
        rows = claim(
            tx,
            Mention,
            due=[Mention.state == MentionState.COLLECTED.value],
            order=[Mention.id],
            limit=limit,
            lease=LEASE,
        )
        brands = brands_of(tx, sorted({row.channel_account_id for row in rows}))
    if not rows:
        return 0
    # A row that took the whole process down with it was never recorded as failed: do not let it do so for ever.
    readable = [row for row in rows if row.attempts <= MOST_ATTEMPTS]
    ready = [_ready(row, books.get(brands.get(row.channel_account_id, ""))) for row in readable]
    answers = dict(zip((row.id for row in readable), understand_each(backend, ready), strict=True))
    with database.transaction(workspace_id) as tx:
        for row in rows:
            _record(tx, row, answers.get(row.id, LookupError("too many attempts")), targets=targets)
    return len(rows)


def _ready(mention: Mention, book: BrandBook | None) -> Ready:
    prior = Language(book.voice.languages[0]) if book and book.voice.languages else Language.JA
    return Ready(
        text=mention.text,
        language=identify_language(mention.text, hint=mention.language_hint, prior=prior),
        brand_words=book.voice.words if book else (),
        anti_words=book.voice.anti_words if book else (),
        addressed=mention.engagement not in {Engagement.POSTED.value, Engagement.QUOTED.value},
    )


def _record(tx: Transaction, row: Mention, answer: Understanding | Exception, *, targets: TargetSettings) -> None:
    if isinstance(answer, Understanding):
        understood = {"state": MentionState.UNDERSTOOD.value, "problem": "", "attempts": 0}
        if release(tx, row, values=understood):
            record_classification(tx, mention_id=row.id, understanding=answer, targets=targets)
        return
    log.warning("mention not classified", mention_id=row.id, attempts=row.attempts, error=type(answer).__name__)
    if row.attempts < MOST_ATTEMPTS:
        release(tx, row, not_before=tx.now + FIRST_WAIT * 2 ** (row.attempts - 1))
        return
    given_up = {"state": MentionState.HANDED_OVER.value, "problem": NOT_UNDERSTOOD, "attempts": 0}
    if release(tx, row, values=given_up):
        hand_over(tx, row.id, targets=targets)


def _predict(backend: ClassifierBackend, texts: Sequence[Ready]) -> list[Understanding]:
    predictions = backend.classify([text.as_input() for text in texts])
    thresholds, model_id = thresholds_of(backend), backend.model_id
    return [
        Understanding(
            language=text.language,
            prediction=prediction,
            band=band_of(prediction.scores, language=text.language, thresholds=thresholds),
            model_id=prediction.model_id or model_id,
        )
        for text, prediction in zip(texts, predictions, strict=True)
    ]


def _predict_apart(backend: ClassifierBackend, texts: Sequence[Ready]) -> list[Understanding | Exception]:
    try:
        return list(_predict(backend, texts))
    except Exception as error:  # noqa: BLE001 - the step's edge: any backend may fail in any way on a hostile text
        if len(texts) == 1:
            return [error]
    half = len(texts) // 2
    return _predict_apart(backend, texts[:half]) + _predict_apart(backend, texts[half:])


def _unwrap(answer: Understanding | Exception) -> Understanding:
    if isinstance(answer, Exception):
        raise answer
    return answer
