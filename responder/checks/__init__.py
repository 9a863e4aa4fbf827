"""Checks on every draft, every edit and at the send: what may not leave, and what deserves a second look.

Rules are listed in ``config/playbooks/words/checks.toml``, their sentences are in ``config/locale/checks.toml``.
"""

from collections.abc import Callable, Iterator

from config.brand_book import Voice
from config.check_rules import CheckSettings, load_check_rules
from domain.replies import CheckResult, Measure
from domain.words import CheckLevel, Language, Visibility
from responder.checks.apology import find_apology_faults
from responder.checks.finding import Finding
from responder.checks.form import find_form_faults
from responder.checks.keigo import find_keigo_faults
from responder.checks.names import find_name_faults
from responder.checks.places import find_place_faults
from responder.checks.privacy import find_privacy_faults
from responder.checks.promises import find_promises
from responder.checks.tone import find_tone_faults
from responder.checks.written import NOTHING_KNOWN, TextContext, Written

__all__ = ["TextContext", "blocks", "check_text"]

READERS: tuple[Callable[[Written], Iterator[Finding]], ...] = (
    find_form_faults,
    find_privacy_faults,
    find_promises,
    find_tone_faults,
    find_keigo_faults,
    find_apology_faults,
    find_name_faults,
    find_place_faults,
)
AS_SHIPPED = CheckSettings()


def check_text(
    text: str,
    *,
    visibility: Visibility,
    language: Language,
    measure: Measure,
    voice: Voice | None,
    context: TextContext = NOTHING_KNOWN,
) -> tuple[CheckResult, ...]:
    """Return every finding on ``text``, blocks first and one of each rule at most; none means that it passed.

    ``measure`` is the platform's count of this very text. Without a ``voice`` no brand's own words are known, all other rules
    hold. Pure; any text is safe.
    """
    written = Written(
        text=text, visibility=visibility, language=language, measure=measure, voice=voice, context=context
    )
    if not text.strip():
        return (CheckResult(code="empty", level=CheckLevel.BLOCK),)
    settings = voice.checks if voice else AS_SHIPPED
    rules = load_check_rules()
    found: dict[str, CheckResult] = {}
    for reader in READERS:
        for finding in reader(written):
            rule = rules[finding.code]
            level = settings.level_of(rule, visibility)
            if level and rule.reads(language):
                found.setdefault(rule.id, CheckResult(code=rule.id, level=level, values=finding.values))
    return tuple(sorted(found.values(), key=lambda result: result.level is not CheckLevel.BLOCK))


def blocks(results: tuple[CheckResult, ...]) -> tuple[str, ...]:
    """Return the codes of the findings that stop a reply."""
    return tuple(result.code for result in results if result.level is CheckLevel.BLOCK)
