"""What the shop did, told as what was done: "you've charged me twice" as "I've been charged twice", and not who is to blame."""

import re
from itertools import pairwise
from typing import Final

from responder.retelling.english_persons import JOINTS
from responder.retelling.english_tagging import find_kinds
from responder.retelling.english_words import Vocabulary
from responder.thing import CUT

ACTIVE: Final = re.compile(r"s(?:k?r*)(?P<verb>[te])r?(?P<what>o|d[jnpa]{0,4}[np])(?![ej])")
"""Somebody, a past verb, and whom or what it was done to; letters of kinds."""
LONGEST: Final = 20
HAVE: Final = frozenset(["'ve", "have"])
DONE_TO_THEM: Final = frozenset(["me", "us"])
THEIR_THING: Final = frozenset(["my", "our", "the"])
DANGLING: Final = frozenset(["after", "before", "without", "while", "by"])
ANY_THING: Final = frozenset(["a", "an", "another"])


def turn_passive(words: tuple[str, ...], vocabulary: Vocabulary) -> tuple[str, ...]:
    """Return ``words``, which begin with "you" or "they", as what was done; as they are where that is not plain."""
    known = words[: words.index(CUT)] if CUT in words else words
    kinds = find_kinds(known[:LONGEST], vocabulary)
    found = ACTIVE.match(kinds)
    if not found or any(first in JOINTS and vocabulary.can(second, "tvz") for first, second in pairwise(words[1:])):
        return words
    verb, is_perfect = words[found.start("verb")], kinds[1] == "k"
    if not vocabulary.is_of(verb, "done_to") or (is_perfect and words[1] not in HAVE):
        return words
    base = vocabulary.bases.get(verb, "")
    done = vocabulary.forms[base]["e"] if base in vocabulary.forms else verb
    what, rest = words[found.start("what") : found.end("what")], words[found.end("what") :]
    if what[0] in DONE_TO_THEM:
        is_odd = verb == "lost" or rest[:1] == ("and",)
        return words if is_odd else ("i", *(("'ve", "been") if is_perfect else ("was",)), done, *rest)
    what, rest = _take_whole(what, rest, vocabulary)
    rest = _leave_out_dangling(rest, vocabulary)
    is_theirs = what[0] in THEIR_THING or (what[0] in ANY_THING and bool({"my", "our"} & set(rest)))
    if not is_theirs or rest[:1] == ("of",):
        return words
    is_many = vocabulary.can(what[-1], "p") and not vocabulary.can(what[-1], "n")
    return (*what, *_helper(is_many=is_many, is_perfect=is_perfect), done, *rest)


def _take_whole(
    what: tuple[str, ...], rest: tuple[str, ...], vocabulary: Vocabulary
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the thing with every noun of its name, and what is behind it: "my coat order", not "my coat"."""
    at = 0
    while (
        at < len(rest)
        and vocabulary.can(rest[at], "np")
        and not vocabulary.can(rest[at], "rdu")
        and not vocabulary.is_of(rest[at], "time_nouns")
    ):
        at += 1
    return (*what, *rest[:at]), rest[at:]


def _leave_out_dangling(rest: tuple[str, ...], vocabulary: Vocabulary) -> tuple[str, ...]:
    """Return ``rest`` without "a week after taking payment": the thing took none, we did."""
    at = next(
        (
            place
            for place, (one, two) in enumerate(pairwise(rest))
            if one in DANGLING and vocabulary.can(two, "g") and not vocabulary.can(two, "n")
        ),
        len(rest),
    )
    if (
        at < len(rest)
        and at > 1
        and vocabulary.is_of(rest[at - 1], "time_nouns")
        and vocabulary.can(rest[at - 2], "du")
    ):
        at -= 2
    return rest[:at]


def _helper(*, is_many: bool, is_perfect: bool) -> tuple[str, ...]:
    if is_perfect:
        return ("have" if is_many else "has", "been")
    return ("were" if is_many else "was",)
