"""The reference page of the rules that decide whether and how a reply may leave, made from the table itself."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from config.locale import text
from responder.eligibility import PlatformRule, load_rules

PAGES: Final = (("en", "reply-rules.md"), ("ja", "reply-rules.ja.md"))
OTHER: Final = {
    "en": "日本語: [reply-rules.ja.md](reply-rules.ja.md)",
    "ja": "English: [reply-rules.md](reply-rules.md)",
}
PLAIN: Final = ("gone", "opted_out", "already_answered", "has_url", "can_reply", "can_direct_message")
"""Conditions that are true or false."""
ANSWERS: Final = ("exists", "replies_allowed", "dm_allowed")
"""Conditions on what the platform says right now."""


def render_rules(language: str) -> str:
    """Return the page in ``language``: every shipped rule in the order in which it is asked, with its id, date and source."""
    rules = load_rules()
    lines = [f"# {_say('title', language)}", "", OTHER[language], "", _say("made", language), ""]
    for section, chosen in _sections(rules):
        titled = _say("everywhere", language) if section == "" else f"`{section}`"
        lines += [f"## {titled}", "", _say("head", language), "|---|---|---|---|---|"]
        lines += [_row(number, rule, language) for number, rule in chosen]
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def write_rules_page(folder: Path) -> None:
    """Write the page in both languages into ``folder`` (docs/reference)."""
    folder.mkdir(parents=True, exist_ok=True)
    for language, name in PAGES:
        (folder / name).write_text(render_rules(language), encoding="utf-8")


def _sections(rules: Sequence[PlatformRule]) -> Iterator[tuple[str, list[tuple[int, PlatformRule]]]]:
    """Yield the rules of every platform, then those of one platform each; a rule of several stands with each of them."""
    numbered = list(enumerate(rules, start=1))
    yield "", [(number, rule) for number, rule in numbered if rule.kinds is None]
    for kind in sorted({kind for rule in rules for kind in rule.kinds or ()}):
        yield kind, [(number, rule) for number, rule in numbered if kind in (rule.kinds or ())]


def _row(number: int, rule: PlatformRule, language: str) -> str:
    when = _join("and", _conditions(rule, language), language) or _say("always", language)
    then = _say("caution" if rule.caution else f"route.{rule.route}", language)
    reason = text(f"eligibility.{rule.reason}", language).replace("|", "\\|")
    source = rule.source.replace("|", "\\|")
    return f"| {number} | {when} | **{then}** {reason} | `{rule.id}` | {rule.date.isoformat()} {source} |"


def _conditions(rule: PlatformRule, language: str) -> Iterator[str]:
    if rule.visibility is not None:
        yield _say(f"visibility.{rule.visibility}", language)
    if rule.engagements is not None:
        named = sorted(_say(f"engagement.{engagement}", language) for engagement in rule.engagements)
        yield _join("or", named, language)
    if rule.risks is not None:
        named_risks = ", ".join(f"`{risk}`" for risk in sorted(rule.risks))
        yield text("rules_page.risks", language, named=named_risks)
    for name in PLAIN:
        if (wanted := getattr(rule, name)) is not None:
            yield _say(f"{name}.{'yes' if wanted else 'no'}", language)
    for name in ANSWERS:
        if (answers := getattr(rule, name)) is not None:
            said = _join("or", [_say(f"answer.{answer}", language) for answer in sorted(answers)], language)
            yield f"{_say(name, language)} {said}"
    if rule.older_than_hours is not None:
        yield text("rules_page.older_than", language, count=rule.older_than_hours)


def _join(word: str, parts: Iterable[str], language: str) -> str:
    """Return ``parts`` with "and" or "or" between them; empty for none."""
    joined = ""
    for part in parts:
        joined = text(f"rules_page.{word}", language, one=joined, other=part) if joined else part
    return joined


def _say(key: str, language: str) -> str:
    return text(f"rules_page.{key}", language)
