"""Putting a reply together from a playbook's moves: which wording, in which order, within the platform's length."""

import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from config.brand_book import Move, Playbook, Wording
from config.playbook_words import all_hold
from domain.replies import Measure
from domain.words import Language, Visibility

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
    }
)
IMPLIED = {"received": frozenset({"item"}), "ordered": frozenset({"item"}), "waited": frozenset({"item"})}
UNSIGNED = "unsigned"
UNREPORTED = "unreported"
# Once a wording says that we come back to the customer, no other one does.
REPORTING = re.compile(
    r"お知らせいたします|ご連絡いたします|お返事|ご案内いたします|ご報告|get back to you|tell you|hear from us|write to you"
)
# When not everything fits, the optional moves named last here are kept first; those not named matter least.
MATTERING = ("close", "sign", "link", "follow", "privacy", "own", "offer", "policy", "next_step", "greet")
# Moves that begin a new paragraph in a private message.
PARAGRAPHS = frozenset({"thank", "next_step", "answer", "statement", "ask", "offer", "close", "sign"})
KEPT_IN_SHORT = frozenset({"greet"})


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
    used: frozenset[str]
    """Variables that the text carries."""


@dataclass(slots=True)
class _State:
    unused: set[str]
    flags: set[str]
    picked: list[tuple[Move, Wording]] = field(default_factory=list)


def assemble(playbook: Playbook, material: Material, *, short: bool) -> Assembled | None:
    """Return the reply, or None when a move cannot be said or the text stays too long without its optional moves."""
    for shortest in (False, True):
        picked = _pick(playbook, material, short=short, shortest=shortest)
        if picked is None:
            return None
        fitting = _fit(picked, material)
        if fitting is not None:
            return fitting
    return None


def _pick(playbook: Playbook, material: Material, *, short: bool, shortest: bool) -> list[tuple[Move, Wording]] | None:
    state = _State(unused=set(material.values), flags=set(material.flags))
    for number, move in enumerate(playbook.moves):
        if not _is_wanted(move, state, short=short):
            continue
        usable = [wording for wording in move.wordings if all_hold(wording.needs, state.unused | state.flags)]
        if not usable:
            if move.optional:
                continue
            return None
        wording = _choose(usable, material, f"{playbook.id}:{number}", shortest=shortest)
        state.picked.append((move, wording))
        named = set(wording.needs) & SPECIFIC
        state.unused -= named.union(*(IMPLIED.get(name, ()) for name in named))
        if "shop" in wording.needs and material.visibility is Visibility.PUBLIC:
            state.flags.discard(UNSIGNED)
        if REPORTING.search(wording.text):
            state.flags.discard(UNREPORTED)
    return state.picked


def _is_wanted(move: Move, state: _State, *, short: bool) -> bool:
    if short and move.optional and move.move not in KEPT_IN_SHORT:
        return False
    return all_hold(move.when, state.unused | state.flags)


def _choose(usable: list[Wording], material: Material, place: str, *, shortest: bool) -> Wording:
    """Prefer what names most, then what was not said lately, then by the seed."""
    most = max(len(set(wording.needs) & SPECIFIC) for wording in usable)
    telling = [wording for wording in usable if len(set(wording.needs) & SPECIFIC) == most]
    fresh = [wording for wording in telling if wording.id not in material.avoid] or telling
    if shortest:
        return min(usable, key=lambda wording: len(_fill(wording, material)))
    return random.Random(f"{material.seed}:{place}").choice(fresh)  # noqa: S311 - variety, not secrecy


def _fit(picked: list[tuple[Move, Wording]], material: Material) -> Assembled | None:
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
        used=frozenset(name for _move, wording in chosen for name in VARIABLE.findall(wording.text)),
    )


def _rank(move: Move) -> int:
    return MATTERING.index(move.move) if move.move in MATTERING else -1


def _join(kept: list[tuple[Move, Wording]], material: Material) -> str:
    space = "" if material.language is Language.JA else " "
    text = ""
    for move, wording in kept:
        said = _fill(wording, material)
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


def _fill(wording: Wording, material: Material) -> str:
    return VARIABLE.sub(lambda match: material.values.get(match.group(1), match.group()), wording.text)
