"""Checks on every draft and every edit: what may not leave, and what deserves a second look.

Findings are data; their sentences are in ``config/locale/checks.toml``.
"""

import unicodedata

from config.brand_book import Voice
from domain.replies import CheckResult, Measure
from domain.words import CheckLevel, Language, Visibility
from responder.checks.form import check_form
from responder.checks.privacy import check_privacy
from responder.checks.tone import check_tone

__all__ = ["blocks", "check_text"]


def check_text(
    text: str, *, visibility: Visibility, language: Language, measure: Measure, voice: Voice
) -> tuple[CheckResult, ...]:
    """Return every finding on ``text``, blocks first; none means that it passed.

    ``measure`` is the platform's count of this very text. Pure; any text is safe.
    """
    plain = unicodedata.normalize("NFKC", text)
    found = [
        *check_form(text, language=language, measure=measure),
        *check_privacy(plain, visibility=visibility),
        *check_tone(text, plain, language=language, voice=voice),
    ]
    return tuple(sorted(found, key=lambda result: result.level is not CheckLevel.BLOCK))


def blocks(results: tuple[CheckResult, ...]) -> tuple[str, ...]:
    """Return the codes of the findings that stop a reply."""
    return tuple(result.code for result in results if result.level is CheckLevel.BLOCK)
