"""What a marketer looks at: the options for one text, and every wording of one playbook filled with sample values."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import regex

from config.brand_book import BrandBook, Voice
from config.playbook import Playbook
from domain.cases import Case, DeskTime
from domain.replies import Capabilities, CheckResult, Measure, PlatformFacts, ProposedDraft
from domain.understanding import Understanding
from domain.words import Band, Engagement, Language, Route, Visibility
from responder.assembly import fill
from responder.checks import TextContext, check_text
from responder.checks.surroundings import make_draft_context
from responder.composer import Composer
from responder.eligibility import EligibilityInput, PlatformRule, decide
from responder.wordlists import read_words


@dataclass(frozen=True, kw_only=True, slots=True)
class PreviewedOption:
    """One option with what the checks find."""

    draft: ProposedDraft
    checks: tuple[CheckResult, ...]
    length: int


@dataclass(frozen=True, kw_only=True, slots=True)
class PreviewedWording:
    """One wording of a move, filled with samples."""

    move: str
    wording_id: str
    needs: tuple[str, ...]
    """What must hold: of the move and of the wording."""
    text: str
    checks: tuple[CheckResult, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class TextToPreview:
    """A text as if somebody had written it to the brand."""

    text: str
    author: str
    understanding: Understanding
    language: Language
    """To answer in."""
    channel_kind: str
    """Platform whose rules are followed; empty: public and private."""


def preview_text(
    given: TextToPreview,
    *,
    composer: Composer,
    book: BrandBook,
    rules: Sequence[PlatformRule],
    now: datetime,
    desk: DeskTime | None,
) -> tuple[list[PreviewedOption], str]:
    """Return the options, or none and why not (a code of ``config/locale/drafting.toml``). Nothing is stored."""
    if given.understanding.band is Band.UNKNOWN:
        return [], "unknown_band"
    case = Case(
        text=given.text,
        language=given.language,
        prediction=given.understanding.prediction,
        author_name=given.author,
        author_handle="",
        visibilities=_find_visibilities(given, rules, now),
        measure=_count,
        desk=desk,
        channel_kind=given.channel_kind,
    )
    options, reason = composer.draft(case)
    return [
        PreviewedOption(
            draft=one,
            checks=_check(one.text, one.visibility, one.language, book, make_draft_context(case, one, book=book)),
            length=_count(one.text, one.visibility).length,
        )
        for one in options
    ], reason


def _find_visibilities(given: TextToPreview, rules: Sequence[PlatformRule], now: datetime) -> tuple[Visibility, ...]:
    if not given.channel_kind:
        return tuple(Visibility)
    routes = {
        visibility: decide(
            EligibilityInput(
                kind=given.channel_kind,
                engagement=Engagement.MENTIONED,
                visibility=visibility,
                capabilities=Capabilities(can_reply=True, can_direct_message=True),
                facts=PlatformFacts(),
                created_at=now,
                now=now,
                risks=given.understanding.prediction.risks,
                gone=False,
                opted_out=False,
                already_answered=False,
            ),
            rules,
        )
        for visibility in Visibility
    }
    return tuple(one for one, decided in routes.items() if decided.route is not Route.FORBIDDEN)


def preview_playbook(playbook: Playbook, book: BrandBook) -> Iterator[PreviewedWording]:
    """Yield every wording in order, filled with the brand's own words and samples."""
    language = Language(playbook.language)
    values = {name: str(said[playbook.language]) for name, said in read_words("samples").items()}
    values |= _say_brand(book.voice, language)
    for move in playbook.moves:
        visibility = playbook.visibility or (Visibility.DM if "dm" in move.when else Visibility.PUBLIC)
        for wording in move.wordings:
            text = fill(wording, values)
            # Facts in samples are nobody's promise: they count as published.
            checks = _check(text, visibility, language, book, TextContext(grounds=tuple(values.values())))
            needs = tuple(dict.fromkeys([*move.when, *wording.needs]))
            yield PreviewedWording(move=move.move, wording_id=wording.id, needs=needs, text=text, checks=checks)


def _say_brand(voice: Voice, language: Language) -> dict[str, str]:
    said = {"shop": voice.name, "sign_off": voice.sign_off, "contact_dm": voice.contact_dm}
    if voice.contact_other:
        said["contact_other"] = voice.contact_other
    return {name: one.say(language) for name, one in said.items()}


def _check(
    text: str, visibility: Visibility, language: Language, book: BrandBook, context: TextContext
) -> tuple[CheckResult, ...]:
    return check_text(
        text,
        visibility=visibility,
        language=language,
        measure=_count(text, visibility),
        voice=book.voice,
        context=context,
    )


def _count(text: str, _visibility: Visibility) -> Measure:
    return Measure(length=len(regex.findall(r"\X", text)), limit=0)
