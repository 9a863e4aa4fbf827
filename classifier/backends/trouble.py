"""A plain fact of trouble: one shoe of two in the box, no answer for five days, broken after one wash.

Who tells such a thing complains, however politely, drily or in mock praise. The word lists hold the facts under ``[trouble]``, trouble told so
lightly that it takes a word of mockery beside it under ``.hint`` and ``.near`` (``pairs.py``), and under ``.eased`` what says that it was put right,
is somebody else's, or never came; ``.mocked`` holds thanks that are none, which ease nothing.
"""

from typing import Final

from classifier.backends.evidence import Evidence
from domain.words import Language

TROUBLE: Final = "trouble"
EASED: Final = f"{TROUBLE}.eased"
MOCKED: Final = f"{TROUBLE}.mocked"
GROUPS: Final = frozenset({TROUBLE, EASED, MOCKED})
RULE: Final = "concrete_trouble"
"""Key of ``[rule]`` in ``config/locale/reasons.toml``."""
DECISIVE: Final = 3.0
"""Weight of one strong cue."""
LONGEST: Final = {Language.JA: 110, Language.EN: 240}
"""Characters of a post that may be about one thing only: in a longer one the trouble may be a side line."""


def is_told(found: Evidence) -> bool:
    """Tell whether a fact of trouble is told and nothing eases it. ``found``: what the words of ``GROUPS`` and of the pairs give, at least."""
    return found[TROUBLE] >= DECISIVE and not found[EASED]


def is_short(text: str, language: Language) -> bool:
    """Tell whether what is told in ``text`` is likely all it is about."""
    return len(text) <= LONGEST.get(language, 0)
