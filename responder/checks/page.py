"""The reference page of the checks, made from their table."""

from itertools import groupby
from pathlib import Path
from typing import Final

from config.check_rules import CheckRule, load_check_rules
from config.locale import text
from domain.words import Visibility

PAGES: Final = (("en", "checks.md"), ("ja", "checks.ja.md"))
OTHER: Final = {"en": "日本語: [checks.ja.md](checks.ja.md)", "ja": "English: [checks.md](checks.md)"}
LEFT_OPEN: Final = dict.fromkeys(("phrase", "length", "limit", "wanted", "count", "grade"), "…")
PUBLIC_ONLY: Final = frozenset(["asks_personal_data", "shows_personal_data", "dm_unavailable"])
"""Rules that read public replies only."""


def render_checks(language: str) -> str:
    """Return the page in ``language``: every rule with its levels, languages, settings and reason."""
    lines = [f"# {_say('title', language)}", "", OTHER[language], "", _say("made", language), ""]
    for group, rules in groupby(load_check_rules().values(), key=lambda rule: rule.group):
        lines += [f"## {_say(f'group.{group}', language)}", "", _say("head", language), "|---|---|---|---|---|---|"]
        lines += [_row(rule, language) for rule in rules]
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def write_checks_page(folder: Path) -> None:
    """Write the page in both languages into ``folder`` (docs/reference)."""
    folder.mkdir(parents=True, exist_ok=True)
    for language, name in PAGES:
        (folder / name).write_text(render_checks(language), encoding="utf-8")


def _row(rule: CheckRule, language: str) -> str:
    private = "silent" if rule.id in PUBLIC_ONLY else rule.level_in(Visibility.DM)
    reads = ", ".join(_say(f"in_{one}", language) for one in rule.languages) or _say("every", language)
    may = ", ".join(f"`{one}`" for one in rule.may) or _say("silent", language)
    cells = (
        f"`{rule.id}`",
        _say(rule.level_in(Visibility.PUBLIC), language),
        _say(private, language),
        reads,
        may,
        _reason(rule, language),
    )
    return f"| {' | '.join(cells)} |"


def _reason(rule: CheckRule, language: str) -> str:
    return text(f"checks.{rule.id}", language, **LEFT_OPEN).replace("|", "\\|")


def _say(key: str, language: str) -> str:
    return text(f"checks_page.{key}", language)
