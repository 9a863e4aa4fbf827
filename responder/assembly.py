"""Putting a reply together from a playbook's moves: which wording, in which order, within the platform's length."""

import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum

from config.brand_book import Move, Playbook, Wording
from config.playbook_words import NOT, PREFERRED, all_hold
from domain.replies import Measure
from domain.words import Language, Visibility
from responder.orders import asks_number

VARIABLE = re.compile(r"\{([a-z_]+)\}")
# What is said once is not said again, and a wording that says it wins over one that does not.
SPECIFIC = frozenset(
    {
        "name",
        "name_san",
        "name_sama",
        "ordered",
        "received",
        "item",
        "place",
        "waited",
        "detail",
        "matter",
        "subject",
        "feature",
        "fee",
        "procedure",
        "thing",
        "deadline",
        "whose",
        "staff",
    }
)
IMPLIED = {"received": frozenset({"item"}), "ordered": frozenset({"item"}), "waited": frozenset({"item"})}
UNSIGNED = "unsigned"
UNREPORTED = "unreported"
NUMBERED = "numbered"
GOODS = "goods"
SAYS_GOODS = re.compile(r"お品|\b(?:item|product)s?\b")
# Once a wording says that we come back to the customer, no other one does.
REPORTING = re.compile(
    r"お知らせいたします|ご連絡いたします|お返事|ご案内いたします|ご報告|get back to you|tell you|hear from us|write to you"
)
# When not everything fits, the optional moves named last here are kept first; those not named matter least.
MATTERING = ("close", "sign", "link", "follow", "privacy", "own", "offer", "policy", "next_step", "greet")
# Moves that begin a new paragraph in a private message.
PARAGRAPHS = frozenset({"thank", "next_step", "answer", "statement", "ask", "offer", "close", "sign"})
KEPT_IN_SHORT = frozenset({"greet"})
# What may be left unsaid for the sake of variety.
SPARED = frozenset({"own", "follow", "close", "thank", "cheer", "privacy", "greet", "sign"})
SPARED_SHARE = 0.3
NO_DM_ROUTE = "no_dm_route"
SAYS_DM = re.compile(
    r"(?<![A-Za-z])DMs?(?![A-Za-z])|ダイレクト?メッセージ|\b(?:direct|private) messag|\bmessage us\b|\binbox\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Material:
    """What wordings may draw on. ``flags`` are conditions that hold; ``values`` are texts, already safe to show."""

    values: Mapping[str, str]
    flags: frozenset[str]
    seed: str
    turns: Mapping[int, int]
    """How many wordings of a move, by its place, are passed over in the order drawn."""
    avoid: frozenset[str]
    language: Language
    visibility: Visibility
    measure: Callable[[str], Measure]


@dataclass(frozen=True, kw_only=True, slots=True)
class Assembled:
    """A text that fits."""

    text: str
    wordings: tuple[str, ...]
    used: Mapping[str, str]
    """Variables that the text carries, with what they were filled with."""
    conditions: frozenset[str]
    """What its moves and wordings needed."""
    said: Mapping[int, str]
    """What each of its moves says, by the move's place within the playbook."""


class Manner(Enum):
    """Which wordings may be drawn; each allows more than the one before."""

    STRICTLY = 0
    """Those that name most and fit best."""
    FREELY = 1
    """Those that name most; optional moves are now and then left out."""
    LOOSELY = 2
    """Any that hold; optional moves are now and then left out."""


@dataclass(slots=True)
class _State:
    unused: set[str]
    flags: set[str]
    picked: list[tuple[Move, Wording]] = field(default_factory=list)


def assemble(
    playbook: Playbook, material: Material, *, short: bool, manner: Manner = Manner.STRICTLY
) -> Assembled | None:
    """Return the reply, or None when a move cannot be said or the text stays too long without its optional moves."""
    for shortest in (False, True):
        picked = _Picker(material, short=short, shortest=shortest, manner=manner).pick(playbook)
        if picked is None:
            return None
        fitting = _fit(playbook, picked, material)
        if fitting is not None:
            return fitting
    return None


class _Picker:
    """Picks a wording for each move that is wanted."""

    def __init__(self, material: Material, *, short: bool, shortest: bool, manner: Manner) -> None:
        self._material = material
        self._short = short
        self._shortest = shortest
        self._manner = manner
        self._state = _State(unused=set(material.values), flags=set(material.flags))
        self._chance = random.Random()  # noqa: S311 - variety, not secrecy

    def pick(self, playbook: Playbook) -> list[tuple[Move, Wording]] | None:
        """Return moves with their wordings in order; None when one that must be said cannot be."""
        for place, move in enumerate(playbook.moves):
            turn = self._material.turns.get(place, 0)
            if not self._is_wanted(move, place, turn):
                continue
            usable = [wording for wording in move.wordings if self._is_usable(wording)]
            if usable:
                self._chance.seed(f"{self._material.seed}:{place}")
                self._say(move, self._choose(usable, turn))
            elif not move.optional and not self._is_about_dm(move) and not self._asks_number(move):
                return None
        return self._state.picked

    def _known(self) -> set[str]:
        return self._state.unused | self._state.flags

    def _is_wanted(self, move: Move, place: int, turn: int) -> bool:
        if self._short and move.optional and move.move not in KEPT_IN_SHORT:
            return False
        if move.move == "privacy" and not any(earlier.move == "ask" for earlier, _wording in self._state.picked):
            return False
        if self._manner is not Manner.STRICTLY and move.optional and move.move in SPARED:
            self._chance.seed(f"{self._material.seed}:{place}:{turn}")
            if self._chance.random() < SPARED_SHARE:
                return False
        return all_hold(move.when, self._known())

    def _is_usable(self, wording: Wording) -> bool:
        if NUMBERED in self._material.flags and asks_number(wording.text):
            return False
        return all_hold(wording.needs, self._known()) and not self._misleads(fill(wording, self._material.values))

    def _misleads(self, said: str) -> bool:
        """Whether a public reply would speak of a DM that nobody can have."""
        is_public = self._material.visibility is Visibility.PUBLIC
        return is_public and NO_DM_ROUTE in self._material.flags and SAYS_DM.search(said) is not None

    def _is_about_dm(self, move: Move) -> bool:
        about = any("contact_dm" in wording.needs or SAYS_DM.search(wording.text) for wording in move.wordings)
        return about and NO_DM_ROUTE in self._material.flags

    def _asks_number(self, move: Move) -> bool:
        return NUMBERED in self._material.flags and any(asks_number(wording.text) for wording in move.wordings)

    def _choose(self, usable: list[Wording], turn: int) -> Wording:
        """Prefer what names most, then what fits the case best, then what was not said lately, then by the seed."""
        if self._shortest:
            return min(usable, key=lambda wording: len(fill(wording, self._material.values)))
        pool = usable
        if GOODS not in self._material.flags:
            pool = _best(pool, lambda wording: SAYS_GOODS.search(wording.text) is None)
        if self._manner is not Manner.LOOSELY:
            pool = _best(pool, lambda wording: len(set(wording.needs) & SPECIFIC))
        if self._manner is Manner.STRICTLY:
            fitting = _best(pool, lambda wording: sum(one.removeprefix(NOT) in PREFERRED for one in wording.needs))
            pool = fitting if any(map(self._is_fresh, fitting)) else pool
        if self._manner is not Manner.LOOSELY:
            pool = [wording for wording in pool if self._is_fresh(wording)] or pool
        drawn = self._chance.sample(pool, len(pool))
        return drawn[turn % len(drawn)]

    def _is_fresh(self, wording: Wording) -> bool:
        return wording.id not in self._material.avoid

    def _say(self, move: Move, wording: Wording) -> None:
        state = self._state
        state.picked.append((move, wording))
        named = set(wording.needs) & SPECIFIC
        state.unused -= named.union(*(IMPLIED.get(name, ()) for name in named))
        if "shop" in wording.needs and self._material.visibility is Visibility.PUBLIC:
            state.flags.discard(UNSIGNED)
        if REPORTING.search(wording.text):
            state.flags.discard(UNREPORTED)
        if "when" in wording.needs:
            state.unused.discard("when")


def _best(wordings: list[Wording], worth: Callable[[Wording], int]) -> list[Wording]:
    most = max(map(worth, wordings))
    return [wording for wording in wordings if worth(wording) == most]


def _fit(playbook: Playbook, picked: list[tuple[Move, Wording]], material: Material) -> Assembled | None:
    """Return the text with as many of its optional moves as fit, those that matter most first."""
    kept = [place for place, (move, _wording) in enumerate(picked) if not move.optional]
    optional = [place for place in range(len(picked)) if place not in kept]
    if not material.measure(_join([picked[place] for place in kept], material)).fits:
        return None
    for place in sorted(optional, key=lambda place: (-_rank(picked[place][0]), place)):
        more = sorted([*kept, place])
        if material.measure(_join([picked[one] for one in more], material)).fits:
            kept = more
    chosen = [picked[place] for place in kept]
    return Assembled(
        text=_join(chosen, material),
        wordings=tuple(wording.id for _move, wording in chosen),
        used={name: material.values[name] for _move, wording in chosen for name in VARIABLE.findall(wording.text)},
        conditions=frozenset(name for move, wording in chosen for name in (*move.when, *wording.needs)),
        said={playbook.moves.index(move): fill(wording, material.values) for move, wording in chosen},
    )


def _rank(move: Move) -> int:
    return MATTERING.index(move.move) if move.move in MATTERING else -1


def _join(kept: list[tuple[Move, Wording]], material: Material) -> str:
    space = "" if material.language is Language.JA else " "
    text = ""
    for move, wording in kept:
        said = fill(wording, material.values)
        if not text:
            text = said
        elif material.visibility is Visibility.DM and (
            move.move in PARAGRAPHS or (kept[0][0].move == "greet" and "\n" not in text)
        ):
            text += f"\n\n{said}"
        elif text.endswith(","):
            text += f" {said[:1].lower()}{said[1:]}"
        elif move.move == "sign" or re.search(r"https?://\S+$", text):
            text += f"\n{said}"
        else:
            text += f"{space}{said}"
    return text


def fill(wording: Wording, values: Mapping[str, str]) -> str:
    """Return the wording with its variables filled; one without a value stays as it stands."""
    return VARIABLE.sub(lambda match: values.get(match.group(1), match.group()), wording.text)
