"""What a rule found, before its level is known."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One finding. ``code`` is a rule of ``config/playbooks/words/checks.toml``."""

    code: str
    values: Mapping[str, str] = field(default_factory=dict)
    """Filled into its sentence."""


def found(code: str, phrase: str) -> Finding:
    """Return the finding on ``phrase``."""
    return Finding(code=code, values={"phrase": phrase.strip()})
