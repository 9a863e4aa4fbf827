"""Plain words that the model may hear the wrong way round.

Two blunt ones against the shop, or a very blunt one and something that went wrong, are no praise where no kind one stands beside them; praise in set words ("can't fault", 「文句なし」) with nothing against
the shop is no complaint.
"""

import re
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from classifier.backends.evidence import STOCK_PRAISE, STOCK_PRAISE_GROUPS, collect
from classifier.backends.lexicon import GRAVE
from domain.words import Language

RULE: Final = "plain_anger"
"""Key of ``[rule]`` in ``config/locale/reasons.toml``."""
PRAISE_RULE: Final = STOCK_PRAISE
"""The same."""
TURNED_RULE: Final = "praise_turned"
"""The same."""
AGAINST: Final = frozenset({"negative", "shortfall", "insult", "irony", "competitor", "harm"})
BESIDE: Final = {Language.JA: 40, Language.EN: 100}
"""Characters that may stand beside the set words: in a longer post they may be about anything."""
GROUPS: Final = frozenset({"negative", "positive", "insult", "shortfall", "thanks"}) | STOCK_PRAISE_GROUPS
STRONG: Final = 3.0
"""Weight of one strong cue."""


class Praise(Enum):
    """How set words of praise are meant."""

    MEANT = auto()
    TURNED = auto()
    """Something behind or beside them takes them back: "no complaints until today"."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Anger:
    """What the words say."""

    constructive: bool
    """They name something that went wrong, too."""


def find_anger(text: str, *, language: Language, hide: re.Pattern[str] | None = None) -> Anger | None:
    """Return what blunt words say, None where there are too few of them or a kind one stands beside them."""
    found = collect(text, language=language, hide=hide, groups=GROUPS)
    kind = found["positive"] + found[STOCK_PRAISE] + found["thanks"]
    blunt, wrong = found.firm("negative") + found.firm("insult"), found.firm("shortfall") >= STRONG
    if kind or blunt < (GRAVE if wrong else 2 * STRONG):
        return None
    return Anger(constructive=wrong)


def hear_praise(text: str, *, language: Language, hide: re.Pattern[str] | None = None) -> Praise | None:
    """Return how set words of praise in ``text`` are meant, None where there are none or a longer text leaves it open."""
    found = collect(text, language=language, hide=hide, groups=AGAINST | STOCK_PRAISE_GROUPS)
    praised = found.places.get(STOCK_PRAISE)
    if not praised:
        return None
    first_end = min(end for _, end in praised)
    behind = any(at >= first_end - 1 for at, _ in found.places.get(f"{STOCK_PRAISE}.after", ()))
    if behind or found.places.get(f"{STOCK_PRAISE}.spoiled"):
        return Praise.TURNED
    beside = len(text) - sum(end - at for at, end in praised)
    if beside > BESIDE.get(language, 0) or any(found.firm(group) for group in AGAINST):
        return None
    return Praise.MEANT
