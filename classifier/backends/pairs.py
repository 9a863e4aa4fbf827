"""Words that say something grave only beside another: a screw in a sandwich, a foreigner turned away, a mail that wants a card number.

The word lists hold both halves, ``[<name>.hint]`` and ``[<name>.near]``, and ``[<name>.never]`` for figures of speech: whoever extends
them there extends the pairs. A pair counts as one strong cue of ``Pair.counts_as``; as a grave one where its hint is grave.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from classifier.backends.lexicon import Entry
from domain.words import Language

NEAREST: Final = 20
"""Places looked at for one hint: enough for a sentence, few enough for a hostile text."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Pair:
    """Two halves that belong together when they stand near each other."""

    name: str
    counts_as: str
    """Group that a found pair adds to."""
    reach: Mapping[Language, int]
    """Characters between the beginnings of the halves."""
    across: bool = False
    """True: a sentence may end between them; what is told in steps ("Glass. In the chutney.") is told all the same."""


def _pair(name: str, counts_as: str, *, ja: int, en: int, across: bool = False) -> Pair:
    return Pair(name=name, counts_as=counts_as, reach={Language.JA: ja, Language.EN: en}, across=across)


PAIRS: Final = (
    _pair("harm", "harm", ja=16, en=50),
    _pair("harm.food", "harm", ja=18, en=42, across=True),
    _pair("harm.allergy", "harm", ja=36, en=90, across=True),
    _pair("harm.part", "harm", ja=16, en=45, across=True),
    _pair("harm.doctor", "harm", ja=30, en=60),
    _pair("harm.staff", "harm", ja=24, en=45),
    _pair("trouble", "trouble", ja=40, en=90, across=True),
    _pair("threat", "threat", ja=16, en=36, across=True),
    _pair("data_exposed", "data_exposed", ja=20, en=40, across=True),
    _pair("takeover", "takeover", ja=22, en=50, across=True),
    _pair("risk.legal", "risk.legal", ja=24, en=60),
    _pair("risk.press", "risk.press", ja=30, en=70, across=True),
    _pair("risk.self_harm", "risk.self_harm", ja=28, en=70, across=True),
    _pair("risk.phishing", "risk.phishing", ja=40, en=90, across=True),
    _pair("risk.discrimination", "risk.discrimination", ja=60, en=120, across=True),
)
HINTS: Final = {f"{pair.name}.hint": pair for pair in PAIRS}
NEAR: Final = {f"{pair.name}.near": pair for pair in PAIRS}
SILENCED: Final = {
    f"{pair.name}.never": tuple(
        {pair.counts_as} | {f"{other.name}.hint" for other in PAIRS if f"{other.name}.".startswith(f"{pair.name}.")}
    )
    for pair in PAIRS
}
"""What says nothing within a figure of speech."""


def find_pairs(
    hints: Mapping[str, Sequence[tuple[int, Entry]]],
    near: Mapping[str, Sequence[int]],
    *,
    text: str,
    stop: str,
    language: Language,
) -> Iterator[tuple[Pair, Entry]]:
    """Yield each hint whose other half stands near enough, by name of the pair."""
    for name, found in hints.items():
        pair = HINTS[f"{name}.hint"]
        places = sorted(near.get(name, ()))
        reach = pair.reach[language]
        for at, entry in found if places else ():
            first = bisect_left(places, at - reach)
            around = places[first : bisect_right(places, at + reach)][:NEAREST]
            if any(_belongs(text, at, place, stop="" if pair.across else stop) for place in around):
                yield pair, entry


def _belongs(text: str, one: int, other: int, *, stop: str) -> bool:
    """Tell whether the halves are two words, and no sentence ends between them where none may."""
    return one != other and not (stop and stop in text[min(one, other) : max(one, other)])
