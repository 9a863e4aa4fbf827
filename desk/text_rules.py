"""What a text must satisfy to leave: the platform's length and the checks, computed on the exact text and what it answers."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from config.brand_book import BrandBook
from domain.ids import ChannelAccountId
from domain.ports import Channel
from domain.replies import Capabilities, CheckResult, Citation, Measure, PlatformFacts
from domain.words import CheckLevel, Language, Purpose, Route, Visibility
from responder.checks import check_text
from responder.checks.surroundings import find_book, make_context
from responder.eligibility import EligibilityInput, decide, load_rules
from storage.surroundings import NOTHING_AROUND, Surroundings

LONGEST_TEXT = 10_000
"""Characters; no platform takes more, and a page must stay quick."""
TOO_LARGE = "text_too_large"
NO_VOICE = "no_brand_voice"


@dataclass(frozen=True, kw_only=True, slots=True)
class Destination:
    """Where a text is meant to go."""

    account_id: int
    brand: str
    visibility: Visibility
    language: Language
    purpose: Purpose = Purpose.ANSWER
    citations: tuple[Citation, ...] = ()
    """What the draft stood on."""
    surroundings: Surroundings = NOTHING_AROUND


@dataclass(frozen=True, kw_only=True, slots=True)
class Findings:
    """What was found on one text."""

    measure: Measure
    checks: tuple[CheckResult, ...]

    @property
    def blocks(self) -> tuple[str, ...]:
        """Codes of the checks that stop it."""
        return tuple(check.code for check in self.checks if check.level is CheckLevel.BLOCK)

    @property
    def warnings(self) -> tuple[str, ...]:
        """Codes of the checks that ask for a second press."""
        return tuple(check.code for check in self.checks if check.level is CheckLevel.WARN)


@dataclass(frozen=True, kw_only=True)
class TextRules:
    """The rules in force. Pure: no database, no network."""

    channels: Mapping[ChannelAccountId, Channel]
    books: Mapping[str, BrandBook]

    def inspect(self, text: str, destination: Destination, *, stored: tuple[CheckResult, ...] = ()) -> Findings:
        """Measure and check ``text``. ``stored`` are findings the drafter left on this very text: they are kept beside.

        A disconnected account has no limit, and nothing can be sent through it anyway.
        """
        if len(text) > LONGEST_TEXT:
            too_large = CheckResult(code=TOO_LARGE, level=CheckLevel.BLOCK, values={"limit": str(LONGEST_TEXT)})
            return Findings(measure=Measure(length=len(text), limit=LONGEST_TEXT), checks=(too_large,))
        measure = self._measure(text, destination)
        book = find_book(self.books, destination.brand)
        checks = check_text(
            text,
            visibility=destination.visibility,
            language=destination.language,
            measure=measure,
            voice=book.voice if book else None,
            context=make_context(
                destination.surroundings,
                book=book,
                language=destination.language,
                citations=destination.citations,
                purpose=destination.purpose,
                dm_possible=self._has_dm(destination),
            ),
        )
        if book is None:
            checks = (*checks, CheckResult(code=NO_VOICE, level=CheckLevel.WARN))
        found = {check.code for check in checks}
        return Findings(measure=measure, checks=(*checks, *(check for check in stored if check.code not in found)))

    def _measure(self, text: str, destination: Destination) -> Measure:
        channel = self.channels.get(ChannelAccountId(destination.account_id))
        if channel is None:
            return Measure(length=len(unicodedata.normalize("NFC", text)), limit=0)
        return channel.measure(text, destination.visibility)

    def _has_dm(self, destination: Destination) -> bool:
        """Tell whether the platform has a private way to this person, as far as can be told without asking it."""
        around = destination.surroundings
        if around.posted_at is None:
            return True
        channel = self.channels.get(ChannelAccountId(destination.account_id))
        given = EligibilityInput(
            kind=around.channel_kind,
            engagement=around.engagement,
            visibility=Visibility.DM,
            capabilities=channel.capabilities if channel else Capabilities(can_reply=False, can_direct_message=False),
            facts=PlatformFacts(),
            created_at=around.posted_at,
            now=datetime.now(UTC),
            risks=frozenset(),
            gone=False,
            opted_out=False,
            already_answered=False,
            has_url=around.has_url,
        )
        return decide(given, load_rules()).route is not Route.FORBIDDEN


def clean_typed(text: str) -> str:
    """Return text from a form as it is kept: one kind of line end, nothing that no database or platform takes."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in plain if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs")).strip()
