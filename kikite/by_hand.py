"""What the stage commands do: open the product, run steps until nothing is left, say how much was done."""

import gc
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from classifier.backends import make_backend
from classifier.files import classify_file
from classifier.service import understand_texts
from config.brand_book import BrandBook
from config.loading import load_settings
from config.prose import load_books, load_playbooks
from config.settings import ClassifierSettings, LogSettings
from digest.compose import RenderedDigest, render_preview, why_nothing
from digest.mail import STALE
from domain.errors import KikiteError
from domain.ids import DigestId
from domain.lifecycle import DigestState
from domain.ports import ClassifierBackend
from domain.text_lines import FileSummary, Progress
from domain.understanding import Understanding
from domain.words import Language, Period
from kikite import steps
from kikite.chat.opening import open_backend, open_wording
from kikite.embedding import open_shelf
from kikite.logs import set_up_logging
from kikite.product import Product, open_product
from listener.import_file import ImportSummary, import_file
from listener.poller import poll_account
from responder.dispatch import DispatchSummary
from responder.drafting import draft_file
from storage.digests import list_troubled, settle_digest
from storage.figures import count_collected

NOT_OUT = {
    DigestState.COMPOSED: "not mailed yet and will be tried again",
    DigestState.SENDING: "being mailed",
    DigestState.REFUSED: "refused",
    DigestState.UNCERTAIN: "perhaps mailed, perhaps not: it is not sent twice",
}

PENDING_AT_ONCE = 512
"""Mentions that `kikite classify` takes at once: nobody waits for the first of them."""
INTERPRETER_SECONDS = 0.0005
"""How long a thread may keep the interpreter while one of the encoder's waits to be given its next text: both cores would be idle."""
COLLECTED_AT_ONCE = 100_000
"""New objects between two walks of the collector: more than the groups of lines under way make, so that it does not walk those under way."""


@dataclass(frozen=True, kw_only=True)
class PollLine:
    """One account's poll, for people."""

    channel: str
    outcome: str
    new_count: int
    seen_count: int
    error: str


def listen_now(home: Path, *, channel: str | None) -> list[PollLine]:
    """Poll every account once, or one, whether due or not."""
    with open_product(home) as product:
        wanted = [product.account(channel)] if channel else list(product.channels)
        return [_poll_line(product, account_id) for account_id in wanted if _reads(product, account_id)]


def _reads(product: Product, account_id: int) -> bool:
    return any(made.capabilities.reads_by_poll for known, made in product.channels.items() if known == account_id)


def _poll_line(product: Product, account_id: int) -> PollLine:
    name, known = next((name, known) for name, known in product.accounts.items() if known == account_id)
    outcome = poll_account(
        product.database,
        product.workspace_id,
        account_id=known,
        channel=product.channels[known],
        settings=product.channel_settings(known),
        default_poll_seconds=product.settings.clock.poll_seconds,
        gathering=product.settings.gathering,
    )
    return PollLine(
        channel=name,
        outcome=outcome.outcome,
        new_count=outcome.new_count,
        seen_count=outcome.seen_count,
        error=outcome.error,
    )


def _until_done(step: Callable[[Product], int], product: Product) -> int:
    total = 0
    while did := step(product):
        total += did
    return total


def classify_now(home: Path, *, progress: Progress) -> int:
    """Classify every pending mention; ``progress`` gets how many are done, and of how many."""
    done = 0
    with open_product(home) as product:
        with product.database.snapshot(product.workspace_id) as tx:
            pending = count_collected(tx)
        while did := steps.understand(product, limit=PENDING_AT_ONCE):
            done += did
            progress(done, max(done, pending))  # more may come in meanwhile
    return done


def draft_now(home: Path) -> int:
    """Draft for every understood mention."""
    with open_product(home) as product:
        return _until_done(steps.draft, product)


def send_now(home: Path) -> DispatchSummary:
    """Dispatch what is due."""
    with open_product(home) as product:
        return steps.dispatch(product)


@dataclass(frozen=True, kw_only=True)
class DigestRun:
    """What became of the digests. ``troubled`` says, a sentence each, which were tried but are not surely out."""

    composed: int
    sent: int
    troubled: tuple[str, ...]
    nothing: tuple[str, ...]
    """Why none was composed, a sentence each."""


def digest_now(home: Path, period: Period, *, again: DigestId | None) -> DigestRun:
    """Compose what is due and mail it; ``again`` names a refused or doubtful digest that a person wants sent once more."""
    with open_product(home) as product:
        if again is not None:
            with product.database.transaction(product.workspace_id) as tx:
                settle_digest(tx, again, outcome=DigestState.COMPOSED, user_id=None, actor="kikite digest --again")
        nothing = why_nothing(product.database, product.workspace_id, settings=product.settings, period=period)
        composed, sent = steps.compose(product, period), steps.mail(product)
        with product.database.snapshot(product.workspace_id) as tx:
            troubled = tuple(
                f"Digest {digest.id} for {digest.reader_address} is {NOT_OUT[DigestState(digest.state)]} ({digest.problem})."
                for digest in list_troubled(tx, newer_than=tx.now - STALE)
            )
    return DigestRun(composed=composed, sent=sent, troubled=troubled, nothing=nothing)


def preview_digest(home: Path, period: Period, *, language: str | None, target: Path) -> RenderedDigest:
    """Render the digest as it would be now into ``target`` and a ``.txt`` beside it."""
    with open_product(home) as product:
        rendered = render_preview(
            product.database,
            product.workspace_id,
            settings=product.settings,
            period=period,
            language=language or product.settings.workspace.language,
            books=product.books,
        )
    try:
        target.write_text(rendered.html, encoding="utf-8")
        target.with_suffix(".txt").write_text(rendered.text, encoding="utf-8")
    except OSError as error:
        raise KikiteError(f"{target} cannot be written: {error.strerror}.", remedy="Check folder and space.") from error
    return rendered


def import_now(
    home: Path,
    file: Path,
    *,
    channel: str,
    mapping: Mapping[str, str],
    rejects: Path | None,
    waiting_days: int,
    progress: Progress,
) -> ImportSummary:
    """Import one file into one account; rows older than ``waiting_days`` as history."""
    with open_product(home) as product:
        return import_file(
            product.database,
            product.workspace_id,
            path=file,
            account_id=product.account(channel),
            mapping=mapping,
            rejects=rejects,
            progress=progress,
            time_zone=product.settings.workspace.time_zone,
            waiting_days=waiting_days,
            gathering=product.settings.gathering,
        )


def _make_backend(home: Path | None) -> ClassifierBackend:
    """Return the backend of a home, or without one what ships."""
    settings = load_settings(home) if home else None
    set_up_logging(settings.log if settings else LogSettings())
    if home is None or settings is None:
        return make_backend(ClassifierSettings())
    return open_backend(settings)


def classify_lines(
    home: Path | None, source: Path, target: Path, *, language: Language | None, progress: Progress
) -> FileSummary:
    """Classify a JSONL file with the home's first brand; needs no home. ``language``: of texts that could be either."""
    backend = _make_backend(home)
    voice = _first_book(load_books(home)).voice if home else None
    prior = language or (Language(voice.languages[0]) if voice and voice.languages else Language.JA)
    gc.freeze()  # what is loaded by now stays: the collector need not walk it again for every few hundred lines
    gc.set_threshold(COLLECTED_AT_ONCE)
    sys.setswitchinterval(INTERPRETER_SECONDS)
    return classify_file(backend, source, target, progress=progress, voice=voice, prior=prior)


def draft_lines(home: Path, source: Path, target: Path, *, progress: Progress) -> FileSummary:
    """Draft for a JSONL file with the home's first brand."""
    settings = load_settings(home)
    set_up_logging(settings.log)
    backend = open_backend(settings)
    book = _first_book(load_books(home))
    prior = Language(settings.workspace.language)

    def understand(text: str) -> Understanding:
        return understand_texts(backend, [(text, "")], prior=prior, brand_words=book.voice.words)[0]

    return draft_file(
        book,
        load_playbooks(home),
        source,
        target,
        understand=understand,
        progress=progress,
        wording=open_wording(settings),
        shelf=open_shelf(settings),
    )


def _first_book(books: Mapping[str, BrandBook]) -> BrandBook:
    return books.get("default") or next(iter(books.values()))
