"""Everyday matters that the model may take for something grave: a voucher that is "invalid", music too loud to hear, an idea about allergens.

Only what the model raises alone is looked at, never what a rule raised by its words; and only where nothing serious stands beside it.
So these words are read for a few posts in a hundred, in a list of their own. Likewise what staff did to a customer, which the model may take for an attack on staff.
"""

import re
from collections.abc import Mapping
from typing import Final

from classifier.backends.evidence import Evidence, collect
from domain.understanding import TextToClassify
from domain.words import Risk

LIKELY: Final = 0.5
"""A risk to people that is more likely than this stays, whatever is talked about."""
SURE: Final = 1.01
"""The model may be as sure of fraud as it likes: a voucher that fails at the till is none."""
FAILING: Final = "everyday.failing"
"""Beside a voucher: fraud asks, a voucher is declined."""
SERIOUS: Final = "everyday.serious"
GROUPS: Final[Mapping[Risk, str]] = {
    Risk.PHISHING: "everyday.phishing",
    Risk.DISCRIMINATION: "everyday.discrimination",
    Risk.SAFETY: "everyday.safety",
}
STAYS_FROM: Final[Mapping[Risk, float]] = {Risk.PHISHING: SURE, Risk.DISCRIMINATION: LIKELY, Risk.SAFETY: LIKELY}
STAFF_ACT: Final = "staff_act"
STRUCK_BACK: Final = ("insult", f"{STAFF_ACT}.slur", "threat")
OFFENCES: Final = frozenset({STAFF_ACT, *STRUCK_BACK})
DECISIVE: Final = 3.0
"""Weight of one strong cue."""
_READ: Final = frozenset(GROUPS.values()) | {FAILING, SERIOUS}


def find_harmless(given: TextToClassify, raised: Mapping[Risk, float], hide: re.Pattern[str] | None) -> frozenset[Risk]:
    """Return which of the risks that the model ``raised``, with their chances, are an everyday matter."""
    doubted = [risk for risk in GROUPS if raised.get(risk, SURE) < STAYS_FROM[risk]]
    if not doubted:
        return frozenset()
    found = collect(given.text, language=given.language, hide=hide, groups=_READ)
    if found[SERIOUS]:
        return frozenset()
    return frozenset(risk for risk in doubted if found[GROUPS[risk]] and (risk is not Risk.PHISHING or found[FAILING]))


def is_staffs_doing(given: TextToClassify, evidence: Evidence, hide: re.Pattern[str] | None) -> bool:
    """Tell whether what offends in the post was done by staff, and the writer insults and threatens nobody."""
    if evidence["threat"] >= DECISIVE:
        return False
    found = collect(given.text, language=given.language, hide=hide, groups=OFFENCES)
    return found[STAFF_ACT] >= DECISIVE and all(found[group] < DECISIVE for group in STRUCK_BACK)
