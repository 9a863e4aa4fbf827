"""Saying back what a post tells or asks, as a clause of our own: from the customer's grammar, but in plain words only.

English: every word stands in our vocabulary. Japanese: every word is a plain one of the dictionary. In neither may it be a name, or stand
in the lists of what is never said (``config/playbooks/words/retelling_*.toml``), so no name, address, offer, insult or order given to a
machine can reach a reply this way. Where anything is in doubt nothing is retold.
"""

from collections.abc import Callable, Mapping
from typing import Final

from domain.words import Intent, Language
from responder.retelling.english import retell_english
from responder.retelling.japanese import retell_japanese

RETELL: Final[Mapping[Language, Callable[[str, Intent], Mapping[str, str]]]] = {
    Language.JA: retell_japanese,
    Language.EN: retell_english,
}

RETOLD: Final = frozenset({"matter", "told", "asked", "idea"})
"""The variables that hold a clause."""


def retell(text: str, language: Language, intent: Intent) -> Mapping[str, str]:
    """Return what can be said back of ``text`` (NFKC, untrusted), by variable; only what was found.

    - ``matter``: what went wrong, for complaints. en: a clause behind "that" ("the zip on your daughter's coat broke after three
      days"); ja: plain form before 「とのこと」 (「三日でファスナーが壊れた」).
    - ``told``: what they liked, for praise; the same forms.
    - ``asked``: what they ask, for questions. en: a clause behind "ask" ("whether you can return it in a shop", "how long it takes");
      ja: before 「とのお尋ね」 (「店舗でも返品できるか」).
    """
    reading = RETELL.get(language)
    return reading(text, intent) if reading else {}
