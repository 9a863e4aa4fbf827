"""The table of the rules that read a reply, and what a brand may change of it (``brand.toml``, ``[checks]``)."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Literal

from pydantic import Field, field_validator

from config.section import Section
from domain.words import CheckLevel, Language, Visibility

Setting = Literal["warn", "off"]
ADDRESS = re.compile(r"https?://(?:www\.)?([^/:?#\s、。「」()<>]+)", re.IGNORECASE)


class CheckRule(Section):
    """One rule of ``config/playbooks/words/checks.toml``."""

    id: str
    group: str
    """Under which heading of the reference page it stands: a key of ``config/locale/checks_page.toml``."""
    level: CheckLevel
    public: CheckLevel | None = None
    """Its level where everybody reads along, when that differs."""
    languages: tuple[Language, ...] = ()
    """Replies of these only; none: of all."""
    may: tuple[Setting, ...] = ()
    """What a brand may set it to."""

    def level_in(self, visibility: Visibility) -> CheckLevel:
        """Return its level as shipped."""
        return self.public if self.public and visibility is Visibility.PUBLIC else self.level

    def reads(self, language: Language) -> bool:
        """Return whether it reads replies of this language."""
        return not self.languages or language in self.languages


@cache
def load_check_rules() -> Mapping[str, CheckRule]:
    """Return every rule by its id, in the order of the table."""
    file = files("config") / "playbooks" / "words" / "checks.toml"
    table = tomllib.loads(file.read_text(encoding="utf-8"))
    return MappingProxyType({name: CheckRule(id=name, **entry) for name, entry in table.items()})


class CheckSettings(Section):
    """``[checks]`` of ``brand.toml``."""

    domains: tuple[str, ...] = Field((), description="Sites of the brand; links to others ask for a second look.")
    levels: dict[str, Setting] = Field(default_factory=dict, description="Rules made softer: a rule's id, warn or off.")

    @field_validator("domains")
    @classmethod
    def _fold(cls, domains: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(domain.strip().casefold().removeprefix("www.") for domain in domains)

    @field_validator("levels")
    @classmethod
    def _check_levels(cls, levels: dict[str, Setting]) -> dict[str, Setting]:
        rules = load_check_rules()
        for name, setting in levels.items():
            if name not in rules:
                msg = f"there is no check '{name}'; docs/reference/checks.md lists them"
                raise ValueError(msg)
            if setting not in rules[name].may:
                allowed = " or ".join(rules[name].may) or "nothing else"
                msg = f"'{name}' cannot be set to '{setting}'; it may be set to {allowed}"
                raise ValueError(msg)
        return levels

    def level_of(self, rule: CheckRule, visibility: Visibility) -> CheckLevel | None:
        """Return the level in force; None when the brand has switched the rule off. Never sharper than shipped."""
        setting = self.levels.get(rule.id)
        if setting == "off":
            return None
        return CheckLevel.WARN if setting == "warn" else rule.level_in(visibility)


def find_hosts(texts: Iterable[str]) -> frozenset[str]:
    """Return the sites that addresses in ``texts`` lead to, without www."""
    return frozenset(host.casefold() for text in texts for host in ADDRESS.findall(text))
