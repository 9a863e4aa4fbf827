"""How texts that repeat one another are found: brought to what they say, sketched as a few numbers, then compared for real.

A *sketch* is what minwise hashing calls a signature (Broder 1997), one hash of each shingle dealt out to a few bins (Li, Owen and
Zhang 2012); two bins make a number. Texts that share most of their wording share a number almost surely, others hardly ever, so
that one look into an index finds the few texts worth comparing, however many are stored.
"""

import hashlib
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import Final
from zlib import crc32

SHINGLE: Final = 5
"""Characters in a shingle."""
BINS: Final = 8
BINS_IN_A_NUMBER: Final = 2
ALIKE: Final = 0.9
"""Share of common wording from which a text repeats another."""
COMPARED_LETTERS: Final = 5_000
"""Texts that agree so far, and in every figure, are the same for us: the cost of comparing stays bounded."""
OWN_REPEAT_WEIGHT: Final = 10
"""From here on a person's own words, said again to the letter, are the same case; shorter is small talk ("still waiting")."""

_REPOSTS = re.compile(r"\A(?:\s*(?:rt|mt)\s*@[\w.@-]+[\s:]*)+", re.ASCII)
_ADDRESS = re.compile(r"(?:https?://|www\.)[!-~]+")
_HANDLE = re.compile(r"@[\w.-]+(?:@[\w.-]+)?", re.ASCII)
_NOT_SAID = re.compile(r"[\W_]+")
_FIGURE = re.compile(r"\d+")
_WIDE = re.compile("[\u1100-\u11ff\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]")


@dataclass(frozen=True)
class Wording:
    """What a text says, to be compared: no case, no spaces, marks or emoji, no handles and addresses, no repost mark in front."""

    letters: str
    figures: tuple[str, ...]
    """Every run of digits, in order: order numbers, prices, dates."""

    @cached_property
    def weight(self) -> int:
        """How much it says: characters, those of Chinese, Japanese and Korean twice."""
        return len(self.letters) + len(_WIDE.findall(self.letters))

    @cached_property
    def trigrams(self) -> Counter[str]:
        """Its runs of three characters."""
        return Counter(self.letters[start : start + 3] for start in range(max(1, len(self.letters) - 2)))


def read_wording(text: str) -> Wording:
    """Return what ``text`` says. Any text; the cost is linear in its length."""
    plain = _REPOSTS.sub("", unicodedata.normalize("NFKC", text).casefold())
    plain = _HANDLE.sub(" ", _ADDRESS.sub(" ", plain))
    return Wording(letters=_NOT_SAID.sub("", plain)[:COMPARED_LETTERS], figures=tuple(_FIGURE.findall(plain)))


def is_repeat(one: Wording, other: Wording) -> bool:
    """Tell whether two texts say the same: every figure the same, and of the wording nine parts in ten.

    Counted in runs of three characters (Dice): unlike an edit distance it costs no more than the texts are long, which matters
    where strangers write them.
    """
    if one.figures != other.figures:
        return False
    if one.letters == other.letters:
        return True
    sizes = one.trigrams.total(), other.trigrams.total()
    if 2 * min(sizes) < ALIKE * sum(sizes):
        return False
    return 2 * (one.trigrams & other.trigrams).total() >= ALIKE * sum(sizes)


def sketch_wording(wording: Wording, *, brand: str, author: str, least_weight: int) -> tuple[int, ...]:
    """Return the numbers under which repeats of a text are found, each 63 bits; the first stands for the whole text.

    Figures and ``brand`` are part of every number, so that a form letter with another order number shares none. A text below
    ``least_weight`` has only one, with ``author`` (an id) in it: nobody else repeats it. Below ``OWN_REPEAT_WEIGHT`` none.
    """
    if wording.weight < OWN_REPEAT_WEIGHT:
        return ()
    if wording.weight < least_weight:
        return (_number("own", brand, author, wording.letters, *wording.figures),)
    least = _least_hashes(wording.letters)
    bands = (least[start : start + BINS_IN_A_NUMBER] for start in range(0, BINS, BINS_IN_A_NUMBER))
    whole = _number("whole", brand, wording.letters, *wording.figures)
    return (whole, *(_number("band", brand, place, *band, *wording.figures) for place, band in enumerate(bands)))


def _least_hashes(letters: str) -> list[int]:
    """Return the least hash of a shingle in each bin; one bin's worth more than any hash where it is empty.

    CRC-32 is quick and spreads well enough here; nobody gains by forging it, since texts that meet are compared for real.
    """
    width = 4
    data = letters.encode("utf-32-le", "surrogatepass")
    shingles = range(0, max(1, len(letters) - SHINGLE + 1) * width, width)
    least = [1 << 32] * BINS
    for number in {crc32(data[start : start + SHINGLE * width]) for start in shingles}:
        place = number % BINS
        least[place] = min(least[place], number)
    return least


def _number(*parts: object) -> int:
    """Return a hash that is the same in every process and on every machine, as both databases keep it: 63 bits."""
    said = "\x1f".join(map(str, parts)).encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(said, digest_size=8).digest()) >> 1
