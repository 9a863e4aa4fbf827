"""Ordered in one colour, come in another: a wrong item, whatever the post asks for. A fact told so is a complaint by the guideline."""

import re
from typing import Final

from classifier.backends.evidence import collect
from domain.words import Language

RULE: Final = "wrong_item"
"""Key of ``[rule]`` in ``config/locale/reasons.toml``."""
GROUPS: Final = frozenset({"ordered", "came", "colour"})


def find_contrast(text: str, *, language: Language, hide: re.Pattern[str] | None = None) -> str:
    """Return both colours ("green / blue"), or nothing. ``hide``: the brand's names. About 20 microseconds."""
    found = collect(text, language=language, hide=hide, groups=GROUPS)
    return next((hit.entry.word for hit in found.hits if hit.entry.group == "shortfall"), "")
