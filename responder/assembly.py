"""Putting a reply together from a playbook's moves: which wording, in which order, within the platform's length."""

import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum

from config.playbook import Move, Playbook, Wording
from config.playbook_words import FROM_TEXT, NOT, PREFERRED, all_hold
from domain.replies import Measure
from domain.words import Language, Visibility
from responder.orders import asks_number
from responder.said_already import find_said, tells

ENDS_IN_LINK = re.compile(r"https?://\S+$")
VARIABLE = re.compile(r"\{([a-z_]+)\}")
# What is said once is not said again, and a wording that says it wins over one that does not.
SPECIFIC = frozenset({"name", "name_san", "name_sama", *FROM_TEXT}) - {"device"}
# A device stays known once it is named: it is asked for only where it was not.
IMPLIED = {"received": frozenset({"item"}), "ordered": frozenset({"item"}), "waited": frozenset({"item"})}
MATTER = "matter"
IDEA = "idea"
COUNTED = re.compile("[回度]目")
NAMED_IN_MATTER = frozenset({"item", "thing", "place", "whose", "waited"})
UNSIGNED, UNREPORTED = "unsigned", "unreported"
NUMBERED, GOODS, NO_DM_ROUTE = "numbered", "goods", "no_dm_route"
SAYS_GOODS = re.compile(r"お品|\b(?:item|product)s?\b")
# Once a wording says that we come back to the customer, no other one does.
REPORTING = re.compile(
    r"お知らせいたします|ご連絡いたします|お返事|ご案内いたします|ご報告|get back to you|tell you|hear from us|write to you"
)
# When not everything fits, the optional moves named last here are kept first; those not named matter least.
MATTERING = (
    *("close", "sign", "link", "follow", "privacy", "own", "offer", "policy"),
    *("occasion", "deadline", "next_step", "greet", "wish", "joy", "unheard", "answer", "exposure"),
)
# Moves that begin a new paragraph in a private message.
PARAGRAPHS = frozenset({"thank", "next_step", "answer", "statement", "ask", "offer", "close", "sign"})
KEPT_IN_SHORT = frozenset({"greet", "exposure"})
# What may be left unsaid for the sake of variety.
SPARED = frozenset({"own", "follow", "close", "thank", "cheer", "privacy", "greet", "sign"})
SPARED_SHARE = 0.3
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
    unused: frozenset[str]
    flags: frozenset[str]
    picked: list[tuple[int, Wording]] = field(default_factory=list)
    """Place of the move, and what it says."""


def assemble(playbook: Playbook, material: Material, *, short: bool) -> Assembled | None:
    """Return the reply, or None when a move cannot be said or the text stays too long without its optional moves."""
    return Assembler(playbook, material, short=short).assemble()


class Assembler:
    """Puts one reply together, in as many ways as its playbook has: what may be said where is found once. Not thread-safe."""

    def __init__(self, playbook: Playbook, material: Material, *, short: bool) -> None:
        self._moves = playbook.moves
        self._material = material
        self._short = short
        self._chance = random.Random()  # noqa: S311 - variety, not secrecy
        self._filled: dict[str, str] = {}
        self._usable: dict[tuple[int, frozenset[str]], list[Wording]] = {}
        self._drawn: dict[tuple[int, frozenset[str], Manner], list[Wording]] = {}
        self._spared: dict[tuple[int, int], bool] = {}

    def assemble(self, turns: Mapping[int, int] | None = None, *, manner: Manner = Manner.STRICTLY) -> Assembled | None:
        """Return the reply; ``turns``: how many wordings of a move, by its place, are passed over in the order drawn.

        None when a move cannot be said or the text stays too long without its optional moves.
        """
        for shortest in (False, True):
            picked = self._pick(turns or {}, manner=manner, shortest=shortest)
            if picked is None:
                return None
            fitting = self._fit(picked)
            if fitting is not None:
                return fitting
        return None

    def _pick(self, turns: Mapping[int, int], *, manner: Manner, shortest: bool) -> list[tuple[int, Wording]] | None:
        """Return moves with their wordings in order; None when one that must be said cannot be."""
        state = _State(unused=frozenset(self._material.values), flags=self._material.flags)
        for place, move in enumerate(self._moves):
            turn, known = turns.get(place, 0), state.unused | state.flags
            if not self._is_wanted(place, state, known, turn if manner is not Manner.STRICTLY else None):
                continue
            usable = self._find_usable(place, known)
            if usable:
                chosen = min(usable, key=lambda one: len(self._fill(one))) if shortest else None
                drawn = [] if chosen else self._draw(place, known, manner)
                self._say(state, place, chosen or drawn[turn % len(drawn)])
            elif not move.optional and not self._is_about_dm(move) and not self._asks_number(move):
                return None
        return state.picked

    def _is_wanted(self, place: int, state: _State, known: frozenset[str], turn: int | None) -> bool:
        """``turn``: of the move, where optional ones are now and then left out."""
        move = self._moves[place]
        if self._short and move.optional and move.move not in KEPT_IN_SHORT:
            return False
        if move.move == "privacy" and not any(self._moves[earlier].move == "ask" for earlier, _said in state.picked):
            return False
        if turn is not None and move.optional and move.move in SPARED and self._is_spared(place, turn):
            return False
        return all_hold(move.when, known)

    def _is_spared(self, place: int, turn: int) -> bool:
        if (place, turn) not in self._spared:
            self._chance.seed(f"{self._material.seed}:{place}:{turn}")
            self._spared[place, turn] = self._chance.random() < SPARED_SHARE
        return self._spared[place, turn]

    def _find_usable(self, place: int, known: frozenset[str]) -> list[Wording]:
        if (place, known) not in self._usable:
            self._usable[place, known] = [one for one in self._moves[place].wordings if self._is_usable(one, known)]
        return self._usable[place, known]

    def _is_usable(self, wording: Wording, known: frozenset[str]) -> bool:
        asks = NUMBERED in self._material.flags and asks_number(wording.text)
        may = all_hold(wording.needs, known) and not asks and not self._doubles(wording)
        return may and not self._misleads(self._fill(wording))

    def _doubles(self, wording: Wording) -> bool:
        """Whether it would name twice what went wrong has in it: the coat, and a button of the coat."""
        values = self._material.values
        matter = values.get(MATTER, "").casefold()
        counted = "nth" in wording.needs and COUNTED.search(matter) is not None
        named = NAMED_IN_MATTER.intersection(wording.needs if MATTER in wording.needs else ())
        return counted or any(tells(matter, name, values[name]) for name in named)

    def _misleads(self, said: str) -> bool:
        """Whether a public reply would speak of a DM that nobody can have."""
        is_public = self._material.visibility is Visibility.PUBLIC
        return is_public and NO_DM_ROUTE in self._material.flags and SAYS_DM.search(said) is not None

    def _is_about_dm(self, move: Move) -> bool:
        about = any("contact_dm" in wording.needs or SAYS_DM.search(wording.text) for wording in move.wordings)
        return about and NO_DM_ROUTE in self._material.flags

    def _asks_number(self, move: Move) -> bool:
        return NUMBERED in self._material.flags and any(asks_number(wording.text) for wording in move.wordings)

    def _draw(self, place: int, known: frozenset[str], manner: Manner) -> list[Wording]:
        """Return what may be said, in the order of the seed: what names most, then what fits best, then what was not said lately."""
        key = place, known, manner
        if key not in self._drawn:
            pool = self._choose(self._find_usable(place, known), manner)
            self._chance.seed(f"{self._material.seed}:{place}")
            self._drawn[key] = self._chance.sample(pool, len(pool))
        return self._drawn[key]

    def _choose(self, usable: list[Wording], manner: Manner) -> list[Wording]:
        pool = usable
        if GOODS not in self._material.flags:
            pool = _best(pool, lambda wording: SAYS_GOODS.search(wording.text) is None)
        if manner is not Manner.LOOSELY:
            pool = _best(pool, _count_named)
        if manner is Manner.STRICTLY:
            fitting = _best(pool, lambda wording: sum(one.removeprefix(NOT) in PREFERRED for one in wording.needs))
            pool = fitting if any(map(self._is_fresh, fitting)) else pool
        if manner is not Manner.LOOSELY:
            pool = [wording for wording in pool if self._is_fresh(wording)] or pool
        return pool

    def _is_fresh(self, wording: Wording) -> bool:
        return wording.id not in self._material.avoid

    def _say(self, state: _State, place: int, wording: Wording) -> None:
        state.picked.append((place, wording))
        named = set(wording.needs) & SPECIFIC
        if named:
            state.unused -= named.union(*(IMPLIED.get(name, ()) for name in named))
        state.unused -= find_said(self._material.values, self._fill(wording), self._material.language)
        if "shop" in wording.needs and self._material.visibility is Visibility.PUBLIC:
            state.flags -= {UNSIGNED}
        if REPORTING.search(wording.text):
            state.flags -= {UNREPORTED}
        if "when" in wording.needs:
            state.unused -= {"when"}

    def _fit(self, picked: list[tuple[int, Wording]]) -> Assembled | None:
        """Return the text with as many of its optional moves as fit, those that matter most first."""
        moves, material = self._moves, self._material
        kept = [one for one, (place, _said) in enumerate(picked) if not moves[place].optional]
        optional = [one for one in range(len(picked)) if one not in kept]
        if not material.measure(self._join([picked[one] for one in kept])).fits:
            return None
        everything = material.measure(self._join(picked)).fits
        for one in sorted(optional, key=lambda one: (-_rank(moves[picked[one][0]]), one)):
            more = sorted([*kept, one])
            if everything or material.measure(self._join([picked[at] for at in more])).fits:
                kept = more
        chosen = [picked[one] for one in kept]
        return Assembled(
            text=self._join(chosen),
            wordings=tuple(wording.id for _place, wording in chosen),
            used={name: material.values[name] for _place, wording in chosen for name in VARIABLE.findall(wording.text)},
            conditions=frozenset(name for place, wording in chosen for name in (*moves[place].when, *wording.needs)),
            said={place: self._fill(wording) for place, wording in chosen},
        )

    def _join(self, kept: list[tuple[int, Wording]]) -> str:
        text = ""
        begins = bool(kept) and self._moves[kept[0][0]].move == "greet"
        for place, wording in kept:
            lead, said = self._lead(text, self._moves[place].move, begins=begins), self._fill(wording)
            goes_on = lead == " " and text.endswith(",")
            text += lead + (f"{said[:1].lower()}{said[1:]}" if goes_on else said)
        return text

    def _lead(self, text: str, move: str, *, begins: bool) -> str:
        """Return what stands between ``text`` and what ``move`` says. ``begins``: the text begins with a greeting."""
        if not text:
            return ""
        if self._material.visibility is Visibility.DM and (move in PARAGRAPHS or (begins and "\n" not in text)):
            return "\n\n"
        if text.endswith(","):
            return " "
        if move == "sign" or ENDS_IN_LINK.search(text):
            return "\n"
        return "" if self._material.language is Language.JA else " "

    def _fill(self, wording: Wording) -> str:
        if wording.text not in self._filled:
            self._filled[wording.text] = fill(wording, self._material.values)
        return self._filled[wording.text]


def _best(wordings: list[Wording], worth: Callable[[Wording], int]) -> list[Wording]:
    most = max(map(worth, wordings))
    return [wording for wording in wordings if worth(wording) == most]


def _count_named(wording: Wording) -> int:
    """Return how much it names: what went wrong counts double, and an idea for more than a noun cut out of the post."""
    named = set(wording.needs) & SPECIFIC
    return 2 * len(named) + 2 * (MATTER in named) + (IDEA in named)


def _rank(move: Move) -> int:
    return MATTERING.index(move.move) if move.move in MATTERING else -1


def fill(wording: Wording, values: Mapping[str, str]) -> str:
    """Return the wording with its variables filled; one without a value stays as it stands."""
    return VARIABLE.sub(lambda match: values.get(match.group(1), match.group()), wording.text)
