"""What changed between two texts, in pieces a reader can follow: words of English, characters of Japanese."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

PIECES = re.compile(r"[A-Za-z0-9'’]+|\s+|.", re.DOTALL)
COMPARED_AT_MOST = 1_000_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Stretch:
    """A part of a difference: kept, removed from the first text, or added by the second."""

    change: Literal["kept", "removed", "added"]
    text: str


def compare(before: str, after: str) -> tuple[Stretch, ...]:
    """Return the way from ``before`` to ``after``; empty when they are the same.

    Very long texts are given as one removal and one addition, since comparing costs the product of their lengths.
    """
    if before == after:
        return ()
    old, new = PIECES.findall(before), PIECES.findall(after)
    if len(old) * len(new) > COMPARED_AT_MOST:
        return tuple(_stretches("removed", before) + _stretches("added", after))
    found: list[Stretch] = []
    for kind, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            found += _stretches("kept", "".join(old[i1:i2]))
        else:
            found += _stretches("removed", "".join(old[i1:i2])) + _stretches("added", "".join(new[j1:j2]))
    return tuple(found)


def _stretches(change: Literal["kept", "removed", "added"], text: str) -> list[Stretch]:
    return [Stretch(change=change, text=text)] if text else []
