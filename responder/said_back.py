"""What of a post a reply may say back: what our lists know of it, what is cut out of it, what is wished, their own clause.

Of two that tell the same only one is said.
"""

from collections.abc import Mapping

from domain.understanding import Prediction
from domain.words import Intent, Language
from responder.circumstances import find_circumstances
from responder.echo import find_echo, share_words
from responder.retelling import retell
from responder.scenarios import find_scenario
from responder.thing import find_thing
from responder.wishes import find_wish


def find_listed(text: str, language: Language, *, product: str) -> dict[str, str]:
    """Return what our lists know of ``text`` (NFKC, untrusted), by variable: see ``find_echo``.

    ``product`` is the brand's own name of what they mean, if any: the item where our lists know none.
    """
    return ({"item": product} if product else {}) | dict(find_echo(text, language))


def find_said_back(
    text: str, language: Language, prediction: Prediction, *, scenario: str, listed: Mapping[str, str]
) -> dict[str, str]:
    """Return all that may be said back of ``text`` (NFKC, untrusted), by variable; ``listed`` and ``scenario`` are found already."""
    named = _find_named(text, language, prediction.intent)
    if language is Language.JA and "matter" in named and not _agrees(named["matter"], prediction, scenario):
        del named["matter"]
    return _join(listed, named)


def _find_named(text: str, language: Language, intent: Intent) -> dict[str, str]:
    """Return what is cut out of the post itself; no scenario depends on it."""
    named = {"thing": find_thing(text, language), "wish": find_wish(text, language)}
    named |= {**find_circumstances(text, language), **retell(text, language, intent)}
    # Nobody of ours is named where somebody complains; and what one is glad of came in time.
    named.pop("deadline" if intent is Intent.PRAISE else "staff", None)
    return {name: said for name, said in named.items() if said}


def _agrees(matter: str, prediction: Prediction, scenario: str) -> bool:
    """Whether a Japanese clause of their own is about what the scenario is about: by itself it would lead there, or nowhere in particular."""
    alone, bare = (find_scenario(text, Language.JA, prediction, {}) for text in (matter, ""))
    return alone in {scenario, bare, ""}


def _join(listed: Mapping[str, str], named: Mapping[str, str]) -> dict[str, str]:
    """Return both. Of two troubles the list's goes first, unless the customer's own clause tells the same one in full.

    How we failed to answer is named once: as the trouble, or beside it.
    """
    joined = {**listed, **named}
    known, retold = listed.get("matter", ""), named.get("matter", "")
    if known and retold and not share_words(known, retold):
        joined["matter"] = known
    if share_words(joined.get("matter", ""), joined.get("unheard", "")):
        del joined["unheard"]
    return joined
