"""What a sentence of a reply says besides the variables it names: the wish in other words, the day inside a clause told back."""

import re
from collections.abc import Mapping
from typing import Final

from domain.words import Language
from responder.wishes import speaks_of

WISH: Final = "wish"
DAYS: Final = ("occasion", "deadline")
"""Found again within another variable's value: "it's for a wedding on Saturday" leaves nothing of "Saturday's wedding"."""
JOINTS: Final = re.compile(r"の|'s | on | ")
PLAIN: Final = frozenset(["your", "the", "deadline", "期限"])


def find_said(values: Mapping[str, str], sentence: str, language: Language) -> set[str]:
    """Return the variables of ``values`` that ``sentence``, filled already, leaves nothing to say of."""
    said = {name for name in (*DAYS, "whose") if name in values and tells(sentence, name, values[name])}
    if WISH in values and speaks_of(values[WISH], sentence, language):
        said.add(WISH)
    return said


def tells(sentence: str, name: str, value: str) -> bool:
    """Return whether ``sentence`` has what variable ``name`` would say: of a day, its event is enough."""
    if value.casefold() in sentence.casefold():
        return True
    return name in DAYS and any(word in sentence for word in JOINTS.split(value)[1:] if word not in PLAIN)
