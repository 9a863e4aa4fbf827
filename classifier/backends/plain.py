"""Blunt words: two strong ones against the shop and not one for it are no praise, however the model hears them."""

import re
from dataclasses import dataclass
from typing import Final

from classifier.backends.evidence import collect
from domain.words import Language

RULE: Final = "plain_anger"
"""Key of ``[rule]`` in ``config/locale/reasons.toml``."""
GROUPS: Final = frozenset({"negative", "positive", "insult", "shortfall", "thanks"})
STRONG: Final = 3.0
"""Weight of one strong cue."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Anger:
    """What the words say."""

    constructive: bool
    """They name something that went wrong, too."""


def find_anger(text: str, *, language: Language, hide: re.Pattern[str] | None = None) -> Anger | None:
    """Return what blunt words say, None where there are not two of them or a kind one stands beside them."""
    found = collect(text, language=language, hide=hide, groups=GROUPS)
    kind = found["positive"] + found["thanks"]
    if found.firm("negative") + found.firm("insult") < 2 * STRONG or kind:
        return None
    return Anger(constructive=found.firm("shortfall") >= STRONG)
