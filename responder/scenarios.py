"""What kind of case it is, finer than its topic: rules over the text, read from ``scenarios.toml``."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from domain.understanding import Prediction, risk_score
from domain.words import Intent, Language, Risk, Topic, Urgency
from responder.wordlists import read_words

LIKELY = 0.5


@dataclass(frozen=True, kw_only=True, slots=True)
class ScenarioRule:
    """One row of the table; what is empty or None holds always."""

    name: str
    intents: frozenset[Intent]
    topics: frozenset[Topic]
    risks: frozenset[Risk]
    urgencies: frozenset[Urgency]
    constructive: bool | None
    suggestion: bool | None
    likely: bool
    """The risk must be more likely than not: one that was only raised so as not to be missed is for people to look at."""
    echo: str
    patterns: Mapping[Language, re.Pattern[str]]

    def fits(self, text: str, language: Language, prediction: Prediction, echoed: Mapping[str, str]) -> bool:
        """Return whether everything given holds."""
        pattern = self.patterns.get(language)
        return (
            prediction.intent in self.intents
            and (not self.topics or prediction.topic in self.topics)
            and (not self.risks or bool(self.risks & (_likely(prediction) if self.likely else prediction.risks)))
            and (not self.urgencies or prediction.urgency in self.urgencies)
            and self.constructive in (None, prediction.constructive)
            and self.suggestion in (None, prediction.suggestion)
            and (not self.echo or self.echo in echoed)
            and (not self.patterns or (pattern is not None and pattern.search(text) is not None))
        )


def _likely(prediction: Prediction) -> frozenset[Risk]:
    """Return the risks that words, a person or more than half of the model's probability stand for."""
    return frozenset(risk for risk in prediction.risks if prediction.scores.get(risk_score(risk), 1.0) >= LIKELY)


def find_scenario(text: str, language: Language, prediction: Prediction, echoed: Mapping[str, str]) -> str:
    """Return the name of the first scenario that fits, or nothing. ``echoed`` comes from ``find_echo``."""
    return next((rule.name for rule in _rules() if rule.fits(text, language, prediction, echoed)), "")


def yields_to_faq(scenario: str) -> bool:
    """Return whether an FAQ entry that answers goes before the wordings of ``scenario``."""
    return not scenario or scenario in read_words("scenarios")["yielding"]


def is_opinion(scenario: str) -> bool:
    """Return whether ``scenario`` is what people think of something: no records tell of it, and nothing is settled in private."""
    return scenario in read_words("scenarios")["opinions"]


def is_looked_up(scenario: str) -> bool:
    """Return whether ``scenario`` is always settled with the records of an order, payment, account or visit, whatever the model's label says of it."""
    return scenario in read_words("scenarios")["looked_up"]


def helping_concepts(scenario: str) -> tuple[Sequence[frozenset[str]], bool]:
    """Return what an FAQ entry must be about to help somebody who complains of ``scenario``, and whether they must have asked.

    All of one set; nothing where none may be cited.
    """
    helping = read_words("scenarios")["helping"].get(scenario, {})
    return tuple(frozenset(one) for one in helping.get("about", ())), bool(helping.get("asked"))


def is_furious(text: str, language: Language) -> bool:
    """Return whether ``text`` (untrusted) is too angry for instructions."""
    return re.search(read_words("scenarios")["furious"]["ja" if language is Language.JA else "en"], text) is not None


def ends_within_hours(text: str, language: Language) -> bool:
    """Return whether what ``text`` (untrusted) is about is over within hours: "today" is too late to promise."""
    return (
        re.search(read_words("scenarios")["within_hours"]["ja" if language is Language.JA else "en"], text) is not None
    )


def is_missed(text: str, language: Language) -> bool:
    """Return whether the day that ``text`` (untrusted) speaks of is over, or was when the goods came."""
    return re.search(read_words("scenarios")["missed"]["ja" if language is Language.JA else "en"], text) is not None


def is_eaten(text: str, language: Language) -> bool:
    """Return whether ``text`` (untrusted) is about something to eat or drink."""
    return re.search(read_words("scenarios")["eaten"]["ja" if language is Language.JA else "en"], text) is not None


def policy_hint(scenario: str, language: Language) -> str:
    """Return the words by which a policy for ``scenario`` is looked for, or nothing when none may be cited."""
    hints = read_words("scenarios")["policy_hints"].get(scenario, {})
    return str(hints.get("ja" if language is Language.JA else "en", ""))


@cache
def _rules() -> tuple[ScenarioRule, ...]:
    return tuple(_read(entry) for entry in read_words("scenarios")["scenario"])


def _read(entry: Mapping[str, Any]) -> ScenarioRule:
    return ScenarioRule(
        name=entry["name"],
        intents=frozenset(Intent(intent) for intent in entry["intents"]),
        topics=frozenset(Topic(topic) for topic in entry.get("topics", ())),
        risks=frozenset(Risk(risk) for risk in entry.get("risks", ())),
        urgencies=frozenset(Urgency(urgency) for urgency in entry.get("urgencies", ())),
        constructive=entry.get("constructive"),
        suggestion=entry.get("suggestion"),
        likely=entry.get("likely", False),
        echo=entry.get("echo", ""),
        patterns={
            language: re.compile("|".join(f"(?:{one})" for one in entry[language.value]), re.IGNORECASE)
            for language in (Language.JA, Language.EN)
            if entry.get(language.value)
        },
    )
