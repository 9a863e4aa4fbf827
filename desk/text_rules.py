"""What a text must satisfy to leave: the platform's length and the checks, computed on the exact text."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from config.brand_book import BrandBook, Voice
from domain.ids import ChannelAccountId
from domain.ports import Channel
from domain.replies import CheckResult, Measure
from domain.words import CheckLevel, Language, Visibility
from responder.checks import check_text

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
        voice = self._voice(destination.brand)
        checks: tuple[CheckResult, ...] = (CheckResult(code=NO_VOICE, level=CheckLevel.WARN),)
        if voice is not None:
            checks = check_text(
                text,
                visibility=destination.visibility,
                language=destination.language,
                measure=measure,
                voice=voice,
            )
        found = {check.code for check in checks}
        return Findings(measure=measure, checks=(*checks, *(check for check in stored if check.code not in found)))

    def _measure(self, text: str, destination: Destination) -> Measure:
        channel = self.channels.get(ChannelAccountId(destination.account_id))
        if channel is None:
            return Measure(length=len(unicodedata.normalize("NFC", text)), limit=0)
        return channel.measure(text, destination.visibility)

    def _voice(self, brand: str) -> Voice | None:
        book = self.books.get(brand) or next(iter(self.books.values()), None)
        return book.voice if book else None


def clean_typed(text: str) -> str:
    """Return text from a form as it is kept: one kind of line end, nothing that no database or platform takes."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in plain if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs")).strip()
