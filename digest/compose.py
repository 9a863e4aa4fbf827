"""Composing digests: once per period, window and reader; stored for sending in the same transaction."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

import structlog
from css_inline import CSSInliner
from jinja2 import Environment, PackageLoader, select_autoescape
from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from config.brand_book import BrandBook
from config.locale import text
from config.settings import DigestReader, Settings
from digest.lines import DigestView
from digest.view import Teller
from digest.windows import day_until, last_window
from domain.ids import WorkspaceId
from domain.words import Language, Period
from storage.alerts import open_alerts
from storage.database import Database, Transaction
from storage.digests import ComposedDigest, dedupe_key, is_composed, store_digest
from storage.figures import Figures, Window, gather_figures
from storage.models import Workspace

log = structlog.get_logger()
COMPOSED = "composed_already"
TOO_EARLY = "window_before_our_first_day"


@dataclass(frozen=True, kw_only=True, slots=True)
class RenderedDigest:
    """A mail as its reader gets it: two parts that say the same."""

    subject: str
    html: str
    text: str


def compose_digests(
    database: Database,
    workspace_id: WorkspaceId,
    *,
    settings: Settings,
    period: Period,
    books: Mapping[str, BrandBook],
    now: datetime | None = None,
) -> int:
    """Compose and store the digest of the last ended window for every reader who has none yet; returns how many.

    Safe to repeat: a second run composes none and logs why. Hours missed are caught up once, for the last window only.
    """
    window = last_window(
        now or database.clock.now(),
        daily_at=settings.digest.daily_at,
        time_zone=settings.workspace.time_zone,
    )
    composed = 0
    for reader in settings.digest.readers:
        with database.snapshot(workspace_id) as tx:
            reason = _reason_to_skip(tx, period, window, reader)
        if reason:
            log.debug("digest_skipped", reason=reason, reader=reader.address, window_to=window.end.isoformat())
            continue
        try:
            with database.transaction(workspace_id) as tx:
                composed += _compose_for(tx, reader, settings=settings, period=period, window=window, books=books)
        except IntegrityError:
            log.debug("digest_skipped", reason="composed_by_another_worker", reader=reader.address)
    return composed


def _reason_to_skip(tx: Transaction, period: Period, window: Window, reader: DigestReader) -> str:
    if is_composed(tx, dedupe_key(period, window.end, reader.address)):
        return COMPOSED
    began = tx.session.scalar(select(Workspace.created_at).where(Workspace.id == tx.workspace_id))
    return TOO_EARLY if began is not None and window.end <= began else ""


def why_nothing(
    database: Database, workspace_id: WorkspaceId, *, settings: Settings, period: Period
) -> tuple[str, ...]:
    """Return in English, a line each, why ``compose_digests`` composes none now; empty when there is one to compose."""
    if not settings.digest.readers:
        return ("Nobody is set to read it: name readers under [digest] in the settings.",)
    zone = ZoneInfo(settings.workspace.time_zone)
    now = database.clock.now()
    window = last_window(now, daily_at=settings.digest.daily_at, time_zone=zone.key)
    with database.snapshot(workspace_id) as tx:
        skipped = [(_reason_to_skip(tx, period, window, reader), reader.address) for reader in settings.digest.readers]
    if any(not reason for reason, _address in skipped):
        return ()
    ended = window.end.astimezone(zone)
    day = f"The day that ended {ended:%Y-%m-%d %H:%M} ({zone.key})"
    said = []
    if any(reason == TOO_EARLY for reason, _address in skipped):
        said.append(f"{day} was over before this home began.")
    if done := [address for reason, address in skipped if reason == COMPOSED]:
        said.append(f"{day} is composed already for {', '.join(done)}.")
    if ended.date() < now.astimezone(zone).date():
        said.append(f"Today's is not due yet: it is composed at {settings.digest.daily_at:%H:%M} ({zone.key}).")
    return tuple(said)


def _compose_for(
    tx: Transaction,
    reader: DigestReader,
    *,
    settings: Settings,
    period: Period,
    window: Window,
    books: Mapping[str, BrandBook],
) -> bool:
    if _reason_to_skip(tx, period, window, reader):
        return False
    figures = gather_figures(tx, window, targets=settings.targets)
    rendered = _render(tx, figures, settings=settings, language=reader.language, books=books)
    quoted = {case.mention_id for case in (*figures.longest_waiting, *figures.praise, *figures.constructive)}
    store_digest(
        tx,
        ComposedDigest(
            period=period,
            window_from=window.start,
            window_to=window.end,
            address=reader.address,
            language=reader.language,
            subject=rendered.subject,
            html=rendered.html,
            text=rendered.text,
            message_id=_make_message_id(settings),
            mention_ids=tuple(sorted(quoted)),
        ),
    )
    return True


def render_preview(
    database: Database,
    workspace_id: WorkspaceId,
    *,
    settings: Settings,
    period: Period,
    language: str,
    books: Mapping[str, BrandBook] | None = None,
) -> RenderedDigest:
    """Render the digest of the twenty-four hours that end now, without storing anything."""
    del period  # there is one so far
    with database.snapshot(workspace_id) as tx:
        figures = gather_figures(tx, day_until(tx.now), targets=settings.targets)
        return _render(tx, figures, settings=settings, language=language, books=books or {})


def _render(
    tx: Transaction, figures: Figures, *, settings: Settings, language: str, books: Mapping[str, BrandBook]
) -> RenderedDigest:
    brands = {name: book.voice.name.say(Language(language)) for name, book in books.items()}
    teller = Teller(settings=settings, language=language, now=tx.now, brands=brands)
    return render(teller.view(figures, open_alerts(tx)))


def render(view: DigestView) -> RenderedDigest:
    """Arrange a view as a mail: HTML with its style inlined, and text."""

    def say(key: str) -> str:
        return text(f"digest.{key}", view.language)

    templates = _templates()
    html = templates.get_template("daily.html").render(view=view, say=say, css=_css)
    plain = templates.get_template("daily.txt").render(view=view, say=say)
    return RenderedDigest(subject=view.subject, html=_inliner().inline(html).strip() + "\n", text=plain.strip() + "\n")


@cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("digest", "templates"),
        autoescape=select_autoescape(enabled_extensions=("html",)),
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _css(name: str) -> Markup:
    # Our own file: nothing of a customer is in it.
    return Markup((files("digest") / "templates" / name).read_text(encoding="utf-8"))  # noqa: S704 - see above


@cache
def _inliner() -> CSSInliner:
    # Media queries cannot be inlined: they are in a style sheet of their own that stays in the head. Nothing is fetched.
    return CSSInliner(load_remote_stylesheets=False)


def _make_message_id(settings: Settings) -> str:
    """Return a Message-ID for the stored row: a repeat of the same mail carries the same one."""
    domain = parseaddr(settings.mail.from_address)[1].rpartition("@")[2]
    return f"<digest.{secrets.token_hex(16)}@{domain or 'kikite.invalid'}>"
