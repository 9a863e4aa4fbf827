"""Checks of promises: dates, money, offers. What a cited answer or policy publishes is no promise of ours (R8)."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

import regex

from domain.words import Language
from responder.checks.finding import Finding, found
from responder.checks.written import Written
from responder.likeness import list_grams

FIGURE = regex.compile(
    r"\d[\d,]*|\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b|明日|明後日|今週|来週|tomorrow|tonight"
)
LEAST_GROUNDED = 0.4
"""Share of a sentence's character 5-grams that its ground must hold."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PromiseWords:
    """The patterns of one language."""

    date: regex.Pattern[str]
    desk_day: regex.Pattern[str]
    looks: regex.Pattern[str]
    outcome: regex.Pattern[str]
    contact: regex.Pattern[str]
    reports: regex.Pattern[str]
    future: regex.Pattern[str] | None
    no_promise: regex.Pattern[str]
    money: regex.Pattern[str]
    offer: regex.Pattern[str]
    not_offered: regex.Pattern[str]


@cache
def load_promise_words() -> dict[Language, PromiseWords]:
    """Return the patterns of ``config/playbooks/words/promises.toml``."""
    file = files("config") / "playbooks" / "words" / "promises.toml"
    table = tomllib.loads(file.read_text(encoding="utf-8"))
    return {Language(language): _compile(entry) for language, entry in table.items()}


def _compile(entry: dict[str, Any]) -> PromiseWords:
    names = (
        "date",
        "desk_day",
        "looks",
        "outcome",
        "contact",
        "reports",
        "no_promise",
        "money",
        "offer",
        "not_offered",
    )
    joined = {name: entry[name] if isinstance(entry[name], str) else "|".join(entry[name]) for name in names}
    compiled = {name: regex.compile(pattern, regex.IGNORECASE) for name, pattern in joined.items()}
    future = regex.compile(entry["future"], regex.IGNORECASE) if "future" in entry else None
    return PromiseWords(future=future, **compiled)


def find_promises(written: Written) -> Iterator[Finding]:
    """Yield what the text promises beyond what it cites. Both languages are read, whatever the reply's own."""
    for sentence in written.own_words:
        for words in load_promise_words().values():
            for finding in _read(sentence, words):
                if not is_grounded(sentence, finding.values["phrase"], written.context.grounds):
                    yield finding


def _read(sentence: str, words: PromiseWords) -> Iterator[Finding]:
    told = words.no_promise.search(sentence) is not None
    date = words.date.search(sentence)
    if date and not told and (words.future is None or words.future.search(sentence)):
        reports = words.reports.search(sentence) is not None
        if not reports and words.outcome.search(sentence, date.end() if words.future is None else 0):
            yield found("promise_date", sentence if words.future else sentence[date.start() :])
        elif (reports or words.contact.search(sentence)) and not _stands_by_hours(words, date.group(), sentence):
            yield found("promise_contact", sentence)
    money = words.money.search(sentence)
    if money:
        yield found("promise_money", money.group())
    offer = words.offer.search(sentence)
    if offer and not words.not_offered.search(sentence):
        yield found("offer", offer.group())


def _stands_by_hours(words: PromiseWords, date: str, sentence: str) -> bool:
    return words.desk_day.match(date) is not None or words.looks.search(sentence) is not None


def is_grounded(sentence: str, phrase: str, grounds: tuple[str, ...]) -> bool:
    """Return whether a cited text says so: the same figures, and nearly the same words."""
    figures = set(FIGURE.findall(phrase.casefold()))
    return any(
        figures <= set(FIGURE.findall(ground.casefold())) and _share(sentence, ground) >= LEAST_GROUNDED
        for ground in grounds
    )


@lru_cache(maxsize=512)
def _share(sentence: str, ground: str) -> float:
    grams = list_grams(sentence)
    return len(grams & list_grams(ground)) / len(grams) if grams else 0.0
