"""From a post and the clause that a writer made of it to the edits that lead there: what the network of ``classifier/clauses.py`` learns."""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

from classifier.clauses import read_units
from classifier.edits import DROP, KEEP, REPLACE, WORDS, Edit, Unit, say
from classifier.preparation import prepare_text
from classifier.text_tokens import TextTokens
from domain.words import Intent, Language

RETOLD: Final = "retold.jsonl"
"""In the corpus: posts by their id with the clause a reply may say back; empty where none should be."""
FOLDS: Final = 7
SEEN: Final = 2
"""A replacement or a phrase seen less often is not learned."""
SAME: Final = 1.0
"""What it is worth to find a unit again as it is."""
TURNED: Final = 0.9
"""With who is who turned round."""
FORM: Final = 0.7
"""In another form."""
APART: Final = 0.15
"""What it costs to begin a phrase, or to leave out between two units that are kept."""
ADDED: Final = 0.05

TURNS: Final[Mapping[str, str]] = {
    "you": "us you", "i": "you", "we": "we you", "us": "us you", "our": "our", "they": "we", "them": "us", "their": "our", "mine": "your", "was": "were", "wasn't": "weren't",
    "is": "are was", "are": "were is", "has": "have had", "have": "had has", "n": "and", "&": "and", "w": "with", "b": "be", "r": "are", "dont": "don't",
    "doesnt": "doesn't", "cant": "can't", "didnt": "didn't", "wont": "won't", "isnt": "isn't", "hasnt": "hasn't", "havent": "haven't", "wasnt": "wasn't",
    "couldnt": "couldn't", "can't": "couldn't", "this": "the that your", "these": "the those your", "that": "the", "a": "the your", "an": "the your",
    "the": "your our a", "it's": "it the", "1": "one", "2": "two to", "3": "three", "4": "four", "5": "five", "6": "six", "7": "seven", "8": "eight",
    "9": "nine", "10": "ten", "11": "eleven", "12": "twelve",
}  # fmt: skip
"""What a word may become beside what ``say`` makes of it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Retold:
    """A post with its clause."""

    text: str
    language: Language
    intent: Intent
    clause: str
    """Empty: nothing of it can be said back decently."""
    family: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Taught:
    """A post as the network sees it, with the edits it should find; None instead of edits: nothing is to be said."""

    ids: Sequence[int]
    units: Sequence[Unit]
    edits: Sequence[Edit] | None


@cache
def read_retold() -> tuple[Retold, ...]:
    """Return the posts of the corpus that writers made clauses of."""
    folder = files("classifier") / "corpus"
    made = {row["id"]: row for row in map(json.loads, (folder / RETOLD).read_text("utf-8").splitlines())}
    found = []
    for name in ("ja.jsonl", "en.jsonl"):
        for line in (folder / name).read_text("utf-8").splitlines():
            row = json.loads(line)
            if row["id"] in made:
                found.append(
                    Retold(
                        text=row["text"],
                        language=Language(row["language"]),
                        intent=Intent(row["labels"]["intent"]),
                        clause=made[row["id"]]["clause"],
                        family=row["family"],
                    )
                )
    return tuple(found)


def fold_of(family: str) -> int:
    """Return which of ``FOLDS`` parts a family is in."""
    return int(hashlib.sha256(family.encode()).hexdigest()[:8], 16) % FOLDS


def teach(posts: Sequence[Retold], tokens: TextTokens) -> list[Taught]:
    """Return ``posts`` with the edits that lead to their clauses."""
    found = []
    for post in posts:
        ids, units = read_units(prepare_text(post.text), post.intent, post.language, tokens)
        edits = find_edits(units, post.clause, post.language) if post.clause else None
        found.append(Taught(ids=ids, units=units, edits=edits))
    return found


def list_phrases(taught: Sequence[Taught]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the acts and the phrases that were seen often enough, the most frequent first."""
    acts = Counter(edit.act for one in taught for edit in one.edits or ())
    led = Counter(edit.led_by for one in taught for edit in one.edits or ())
    return (
        tuple(act for act, count in acts.most_common() if count >= SEEN),
        tuple(phrase for phrase, count in led.most_common() if count >= SEEN),
    )


def find_edits(units: Sequence[Unit], clause: str, language: Language) -> list[Edit]:
    """Return one edit for each unit, and one for the end, that make ``clause`` of ``units``: as much as can be is kept."""
    is_japanese = language is Language.JA
    plain = prepare_text(clause).replace("’", "'").lower()
    told = list(plain) if is_japanese else WORDS.findall(plain)
    words = [say(unit, language).lower() for unit in units]
    kept = _align(words, told, is_japanese=is_japanese)
    acts = [Edit(DROP)] * (len(units) + 1)
    at = 0
    between = "" if is_japanese else " "
    for place, word in enumerate(words):
        if place not in kept:
            continue
        begin, length = kept[place]
        said = between.join(told[begin : begin + length])
        act = KEEP if said == word else REPLACE + said
        acts[place] = Edit(act, between.join(told[at:begin]))
        at = begin + length
    acts[-1] = Edit(DROP, between.join(told[at:]))
    return acts


def _align(units: Sequence[str], told: Sequence[str], *, is_japanese: bool) -> dict[int, tuple[int, int]]:
    """Return for each unit that is kept where it stands in ``told``: its place and how many elements it takes."""
    worth = [[0.0] * (len(told) + 1) for _unit in range(len(units) + 1)]
    choice = [[0] * (len(told) + 1) for _unit in range(len(units) + 1)]
    for at in range(len(units) - 1, -1, -1):
        length = len(units[at]) if is_japanese else 1
        for place in range(len(told), -1, -1):
            best, chosen = worth[at + 1][place], 0
            if place < len(told) and worth[at][place + 1] - ADDED > best:
                best, chosen = worth[at][place + 1] - ADDED, 1
            gain = _match(units[at], told[place : place + length], is_japanese=is_japanese)
            if gain:
                follows = choice[at + 1][place + length] if at + 1 < len(units) else 2
                whole = gain + worth[at + 1][place + length] - (APART if follows != 2 else 0.0)  # noqa: PLR2004 - 2: the next unit is kept, too
                if whole >= best:
                    best, chosen = whole, 2
            worth[at][place], choice[at][place] = best, chosen
    kept, at, place = {}, 0, 0
    while at < len(units):
        if choice[at][place] == 2:  # noqa: PLR2004 - kept
            length = len(units[at]) if is_japanese else 1
            kept[at] = (place, length)
            at, place = at + 1, place + length
        elif choice[at][place] == 1:
            place += 1
        else:
            at += 1
    return kept


def _match(unit: str, said: Sequence[str], *, is_japanese: bool) -> float:
    if is_japanese:
        return float(len(unit)) if "".join(said) == unit else 0.0
    word = said[0] if said else ""
    if word == unit:
        return SAME
    if word in TURNS.get(unit, "").split():
        return TURNED
    is_form = min(len(unit), len(word)) > 3 and _stem(unit) == _stem(word)  # noqa: PLR2004 - shorter ones have no ending
    return FORM if is_form else 0.0


def _stem(word: str) -> str:
    for ending in ("ying", "ied", "ies", "ing", "ed", "es", "s", "d"):
        if word.endswith(ending) and len(word) - len(ending) > 2:  # noqa: PLR2004 - a stem has three letters
            word = word[: -len(ending)] + ("y" if ending in {"ying", "ied", "ies"} else "")
            break
    return word[:-1] if word[-1] == word[-2] else word.rstrip("e")
