"""What of a post a reply may say back: what our lists know of it, what is cut out of it, what is wished, their own clause.

Of two that tell the same only one is said.
"""

import re
from collections.abc import Callable, Mapping
from typing import Final

from domain.understanding import Prediction
from domain.words import Intent, Language
from responder.circumstances import find_circumstances
from responder.echo import find_echo, share_words, tells_all
from responder.retelling import retell
from responder.retelling.english_ideas import find_idea
from responder.retelling.japanese_spoken import say_in_full
from responder.scenarios import find_scenario
from responder.thing import find_thing
from responder.wishes import find_wish

SPAN: Final = re.compile(
    r"\d|[一二三四五六七八九十数](?:日|週|か月|ヶ月|カ月|時間|分|年)|\b(?:minute|hour|day|week|month|year)s?\b"
)
"""How long something took."""
ALIKE: Final = 0.3
"""A clause that sounds so much like the whole post is about its trouble, wherever rules would lead it."""

PERSONAL: Final = frozenset({"staff", "discrimination", "accused", "staff_ignored", "staff_wrong"})
"""Where somebody was hurt, a trouble that has nothing to do with it is not spoken of."""
BESIDE: Final = 0.05
AND: Final = "うえ、"
"""Between two troubles of our list."""
GUIDE: Final = re.compile(r"\b(?:guide|assistance|service|hearing|support) dog\b", re.IGNORECASE)
"""Not it is concerned, but who goes with it."""
SUGGESTING: Final = "suggestion"
"""The scenario of an idea."""
ANSWERING: Final = frozenset({"no_answer", "runaround", "phone", "reach", "queue", "staff", "staff_ignored", "people"})
"""Where it is the trouble itself that nobody answered."""


def find_listed(text: str, language: Language, *, product: str) -> dict[str, str]:
    """Return what our lists know of ``text`` (NFKC, untrusted), by variable: see ``find_echo``.

    ``product`` is the brand's own name of what they mean, if any: the item where our lists know none.
    """
    return ({"item": product} if product else {}) | dict(find_echo(_read(text, language), language))


def find_said_back(
    text: str,
    language: Language,
    prediction: Prediction,
    *,
    scenario: str,
    listed: Mapping[str, str],
    read: Callable[[str], Mapping[str, float]],
) -> dict[str, str]:
    """Return all that may be said back of ``text`` (NFKC, untrusted), by variable; ``listed`` and ``scenario`` are found already.

    ``read`` gives the chance of each situation that a text may tell of; nothing where no model is at hand.
    """
    named = _find_named(_read(text, language), language, prediction.intent)
    matter, known = named.get("matter", ""), listed.get("matter", "")
    is_ours = language is Language.JA and _is_beside(matter, known, listed.get("unheard", ""))
    if known and (is_ours or tells_all(known, language)):
        named.pop("matter", None)
    elif matter and known and not share_words(known, matter):
        # Of two troubles the one that sounds like the whole post is the trouble.
        whole = read(text)
        if _likeness(whole, read(known)) > _likeness(whole, read(matter)) or not whole:
            named["matter"] = known
    elif known and not matter and scenario in PERSONAL and _likeness(read(text), read(known)) < BESIDE:
        listed = {name: said for name, said in listed.items() if name != "matter"}
    elif matter and language is Language.JA and not _agrees(matter, prediction, scenario):
        whole = read(text)
        if _likeness(whole, read(matter)) < ALIKE:
            del named["matter"]
    if language is Language.EN and (prediction.suggestion or scenario == SUGGESTING):
        named = _name_idea(text, named)
    joined = _join(listed, named)
    return _set_apart(joined, scenario if language is Language.JA else "")


def _name_idea(text: str, named: Mapping[str, str]) -> dict[str, str]:
    """Return ``named`` with what they suggest, which is no wish to be met."""
    idea = find_idea(text)
    return {**{name: said for name, said in named.items() if name != "wish"}, "idea": idea} if idea else dict(named)


def _read(text: str, language: Language) -> str:
    return say_in_full(text) if language is Language.JA else text


def _is_beside(matter: str, known: str, unheard: str) -> bool:
    """Whether their clause tells how we failed to answer, and our list knows what they wrote about."""
    return (
        bool(matter and unheard) and share_words(matter, unheard) and not share_words(known.partition(AND)[0], unheard)
    )


def _likeness(whole: Mapping[str, float], part: Mapping[str, float]) -> float:
    """Return what two readings have in common, 0 to 1."""
    return sum(min(chance, part.get(name, 0.0)) for name, chance in whole.items())


def _find_named(text: str, language: Language, intent: Intent) -> dict[str, str]:
    """Return what is cut out of the post itself; no scenario depends on it."""
    named = {"thing": find_thing(text, language), "wish": find_wish(text, language)}
    if language is Language.JA and _is_other_goods(named["thing"], find_echo(text, language).get("item", "")):
        named["thing"] = ""
    named |= {**find_circumstances(text, language), **retell(text, language, intent)}
    # Nobody of ours is named where somebody complains; and what one is glad of came in time.
    named.pop("deadline" if intent is Intent.PRAISE else "staff", None)
    if GUIDE.search(text):
        named.pop("whose", None)
    return {name: said for name, said in named.items() if said}


def _is_other_goods(thing: str, item: str) -> bool:
    """Whether ``thing`` is goods, too, but none of those the post is about: the shirt below the coat."""
    other = find_echo(thing, Language.JA).get("item", "") if thing and item else ""
    return thing.endswith(other) and other not in item and item not in other if other else False


def _agrees(matter: str, prediction: Prediction, scenario: str) -> bool:
    """Whether a Japanese clause of their own is about what the scenario is about: by itself it would lead there, or nowhere in particular."""
    alone, bare = (find_scenario(text, Language.JA, prediction, {}) for text in (matter, ""))
    return alone in {scenario, bare, ""}


def _set_apart(said: Mapping[str, str], scenario: str) -> dict[str, str]:
    """Return ``said`` with how we failed to answer beside the trouble, not as the trouble: unless it is that."""
    matter, unheard = said.get("matter", ""), said.get("unheard", "")
    if share_words(matter, said.get("harm", "")):
        said = {name: one for name, one in said.items() if name != "harm"}
    first, _and, second = matter.partition(AND)
    if second and unheard and share_words(second, unheard):
        return {**said, "matter": first}
    twice = "matter" if scenario and scenario not in ANSWERING else "unheard"
    return {name: one for name, one in said.items() if name != twice or not share_words(matter, unheard)}


def _join(listed: Mapping[str, str], named: Mapping[str, str]) -> dict[str, str]:
    """Return both; of the same thing what they named themselves."""
    joined = {**listed, **named}
    if "waited" in joined and SPAN.search(joined.get("matter", "")):
        del joined["waited"]  # the clause says how long already
    return joined
