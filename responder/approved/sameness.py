"""Whether an earlier case is this one over again: same kind of case, same words, same numbers, nothing denied that was said there."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from domain.understanding import Prediction
from domain.words import Language
from responder.approved.memory import Recall
from responder.circumstances import find_circumstances
from responder.drafters.masking import Mask
from responder.knowledge.terms import find_terms
from responder.said_back import find_listed, find_said_back
from responder.scenarios import find_scenario
from responder.thing import find_thing

SAME: Final = 0.7
"""Share of what either post says that both say, rare terms weighing more."""
DENIALS: Final = {
    Language.JA: re.compile(r"ません|ない|なく|なかっ|ねえ|ぬ(?:。|$)|不可|無し|なし"),
    Language.EN: re.compile(r"\b(?:not|never|no|none|without|cannot|nothing|nobody)\b|n['’]t\b", re.IGNORECASE),
}
_NUMBER: Final = re.compile(r"\d[\d,.:/]*")
_NAMED_JA: Final = re.compile(r"[ァ-ヶー]{2,}|[A-Za-z]{2,}")
_NAMED_EN: Final = re.compile(r"(?<=[a-z,;] )[A-Z][A-Za-z'’-]+")


@dataclass(frozen=True, kw_only=True)
class CaseFacts:
    """What a post says, as far as it matters to whether two say the same."""

    text: str
    language: Language
    prediction: Prediction
    echoed: Mapping[str, str]
    """What it names: from our lists, and cut out of it. No clause: what a whole post says tells nothing apart from it."""

    @cached_property
    def hidden(self) -> str:
        """The text without anything that tells who or where somebody is."""
        return Mask().hide_post(self.text)

    @cached_property
    def scenario(self) -> str:
        """What kind of case it is. Costs more than anything else here: asked last."""
        return find_scenario(self.text, self.language, self.prediction, self.echoed)

    @cached_property
    def values(self) -> tuple[tuple[str, str], ...]:
        """All that a reply to it may say back, by variable; of two values of one variable the later is what a reply says today."""
        said = find_said_back(
            self.text, self.language, self.prediction, scenario=self.scenario, listed=self.echoed, read=lambda _text: {}
        )
        return *self.echoed.items(), *said.items()

    @cached_property
    def marks(self) -> tuple[int, frozenset[str], frozenset[str]]:
        """What two posts that say the same have in common to the letter: denials, numbers, names of things."""
        return _denials(self), _numbers(self), _named(self)


def read_facts(text: str, language: Language, prediction: Prediction, *, product: str) -> CaseFacts:
    """Return them; ``product`` is the brand's own name of what is named, if any. Both posts are read with one label."""
    echoed, thing = find_listed(text, language, product=product), find_thing(text, language)
    echoed |= ({"thing": thing} if thing else {}) | dict(find_circumstances(text, language))
    return CaseFacts(text=text, language=language, prediction=prediction, echoed=echoed)


def is_same(here: CaseFacts, there: CaseFacts, recall: Recall) -> bool:
    """Whether the answer to ``there`` may be the answer to ``here``."""
    if here.echoed.keys() != there.echoed.keys() or here.marks != there.marks:
        return False
    echo = frozenset(_terms(" ".join((*here.echoed.values(), *there.echoed.values())), here.language))
    mine, theirs = (frozenset(_terms(one.hidden, here.language)) - echo for one in (here, there))
    return recall.liken(mine, theirs, language=here.language) >= SAME and here.scenario == there.scenario


def _terms(text: str, language: Language) -> list[str]:
    return find_terms(text, language)


def _denials(facts: CaseFacts) -> int:
    language = Language.JA if facts.language is Language.JA else Language.EN
    return len(DENIALS[language].findall(facts.text))


def _numbers(facts: CaseFacts) -> frozenset[str]:
    """Return the numbers that mean something: no order numbers, nothing that is echoed."""
    hidden = re.sub(r"\[[A-Z]+_\d+\]", "", facts.hidden)
    return frozenset(_NUMBER.findall(hidden)) - frozenset(_NUMBER.findall(" ".join(facts.echoed.values())))


def _named(facts: CaseFacts) -> frozenset[str]:
    """Return products, makes and places that are named and not echoed."""
    text = re.sub(r"@[\w.-]+|https?://\S+|\[[A-Z]+_\d+\]", " ", unicodedata.normalize("NFKC", facts.text))
    pattern = _NAMED_JA if facts.language is Language.JA else _NAMED_EN
    echoed = " ".join(facts.echoed.values()).casefold()
    return frozenset(word.casefold() for word in pattern.findall(text) if word.casefold() not in echoed)
