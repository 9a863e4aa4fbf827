"""Putting a reply another way until it is unlike all that was said lately: move by move, what sounds most alike first."""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from config.playbook import Playbook
from responder.assembly import Assembled, Assembler, Manner, Material
from responder.likeness import Alike, SaidLately, list_grams

HARMLESS: Final = 0.5
"""What any two replies may share."""
PAIRED: Final = "paired"
AFRESH: Final = 5
"""Every so many tries all moves are drawn anew, for what can be reached step by step may all be alike."""
FURTHEST: Final = 64


@dataclass(frozen=True, kw_only=True, slots=True)
class Round:
    """One round of the search."""

    manner: Manner
    tries: int
    enough: float
    """Once no earlier text shares more than this, the search ends."""


ROUNDS: Final = (
    Round(manner=Manner.STRICTLY, tries=12, enough=HARMLESS),
    Round(manner=Manner.FREELY, tries=30, enough=0.55),
    Round(manner=Manner.LOOSELY, tries=300, enough=0.57),
)
"""The rarer a round is needed the longer it may take: names and details are given up last."""


@dataclass(slots=True)
class _Best:
    """The least alike so far, and what was tried to get there."""

    alike: Alike = field(default_factory=lambda: Alike(most=1.0, excess=float("inf")))
    turns: dict[int, int] = field(default_factory=dict)
    tried: Counter[int] = field(default_factory=Counter)
    found: list[Assembled] = field(default_factory=list)


def find_unlike(
    playbook: Playbook, material: Material, said_lately: Sequence[str], *, approved: frozenset[str], short: bool
) -> list[Assembled]:
    """Return ever better combinations: each is less like what was said lately than the one before.

    What is ``approved`` word for word counts for nothing. A short option is taken as it comes.
    """
    recent, best = _read(tuple(said_lately), approved), _Best()
    assembler = Assembler(playbook, material, short=short)
    chance = random.Random(material.seed)  # noqa: S311 - variety, not secrecy
    for stage in ROUNDS[:1] if short else ROUNDS:
        for number in range(stage.tries):
            if best.alike.most <= stage.enough:
                return best.found
            turns = _turn(best, number, chance, approved)
            made = assembler.assemble(turns, manner=stage.manner)
            if made is None or (PAIRED in material.flags and PAIRED not in made.conditions):
                continue
            alike = recent.weigh(list_grams(made.text, approved), enough=HARMLESS, limit=best.alike.excess)
            if alike.excess < best.alike.excess:
                best.found.append(made)
                best.turns, best.alike = turns, alike
    return best.found


@lru_cache(maxsize=8)
def _read(said_lately: tuple[str, ...], approved: frozenset[str]) -> SaidLately:
    """Return what the options of one case are all held against."""
    return SaidLately([list_grams(said, approved) for said in said_lately])


def _turn(best: _Best, number: int, chance: random.Random, approved: frozenset[str]) -> dict[int, int]:
    """Return what is drawn next: another wording of one to three moves of the best so far, or now and then of all."""
    if not best.found:
        return dict.fromkeys(range(number), number)
    if number % AFRESH == AFRESH - 1:
        return {place: chance.randrange(FURTHEST) for place in best.found[-1].said}
    said = best.found[-1].said
    alike = [1 + len(list_grams(text, approved) & best.alike.to) for text in said.values()]
    places = set(chance.choices(list(said), alike, k=1 + number % 3))
    best.tried.update(places)
    return best.turns | {place: best.tried[place] for place in places}
