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
KEPT = 2048
LEAST_GROUNDED = 0.4
"""Share of a sentence's character 5-grams that its ground must hold."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PromiseWords:
    """The patterns of one language."""

    date: regex.Pattern[str]
    desk_day: regex.Pattern[str]
    looks: regex.Pattern[str]
    outcome: regex.Pattern[str]
    after_outcome: regex.Pattern[str] | None
    """Between an outcome and a date that is said of it, where the outcome may come first; None: order tells nothing."""
    stated: regex.Pattern[str] | None
    """How such a sentence goes on after the date."""
    contact: regex.Pattern[str]
    reports: regex.Pattern[str]
    future: regex.Pattern[str] | None
    no_promise: regex.Pattern[str]
    money: tuple[regex.Pattern[str], ...]
    offer: tuple[regex.Pattern[str], ...]
    """Each is matched for itself: that is several times as fast as all in one."""
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
        "not_offered",
    )
    joined = {name: entry[name] if isinstance(entry[name], str) else "|".join(entry[name]) for name in names}
    compiled = {name: regex.compile(pattern) for name, pattern in joined.items()}
    each = {name: tuple(regex.compile(pattern) for pattern in entry[name]) for name in ("money", "offer")}
    return PromiseWords(
        **compiled,
        money=each["money"],
        offer=each["offer"],
        future=_compile_one(entry, "future"),
        after_outcome=_compile_one(entry, "after_outcome"),
        stated=_compile_one(entry, "stated"),
    )


def _compile_one(entry: dict[str, Any], name: str) -> regex.Pattern[str] | None:
    return regex.compile(entry[name]) if name in entry else None


def find_promises(written: Written) -> Iterator[Finding]:
    """Yield what the text promises beyond what it cites. Both languages are read, whatever the reply's own."""
    for sentence in written.own_words:
        for code, phrase in read_promises(sentence):
            if not is_grounded(sentence, phrase, written.context.grounds):
                yield found(code, phrase)


@lru_cache(maxsize=KEPT)
def read_promises(sentence: str) -> tuple[tuple[str, str], ...]:
    """Return the code and the words of each promise of one sentence. Remembered: an edit leaves most sentences as they were."""
    folded = sentence.lower()
    spans = [each for words in load_promise_words().values() for each in _read(folded, words)]
    return tuple((code, sentence[start:end]) for code, start, end in spans)


def _read(sentence: str, words: PromiseWords) -> Iterator[tuple[str, int, int]]:
    date = words.date.search(sentence)
    future = date and (words.future is None or words.future.search(sentence))
    if date and future and not words.no_promise.search(sentence):
        reports = words.reports.search(sentence) is not None
        if not reports and _comes_about(sentence, date, words):
            yield "promise_date", 0 if words.future else date.start(), len(sentence)
        elif (reports or words.contact.search(sentence)) and not _stands_by_hours(words, date.group(), sentence):
            yield "promise_contact", 0, len(sentence)
    money = _find_first(words.money, sentence)
    if money:
        yield "promise_money", *money.span()
    offer = _find_first(words.offer, sentence)
    if offer and not words.not_offered.search(sentence):
        yield "offer", *offer.span()


def _find_first(patterns: tuple[regex.Pattern[str], ...], sentence: str) -> regex.Match[str] | None:
    return next((match for one in patterns if (match := one.search(sentence))), None)


def _comes_about(sentence: str, date: regex.Match[str], words: PromiseWords) -> bool:
    """Return whether what the date is said of is an outcome: a parcel, a refund, a repair."""
    if not words.after_outcome or not words.stated:
        return words.outcome.search(sentence) is not None
    if words.outcome.search(sentence, date.end()):
        return True
    before = words.outcome.search(sentence, 0, date.start())
    joined = before and words.after_outcome.search(sentence[before.end() : date.start()])
    return bool(joined) and words.stated.search(sentence[date.end() :]) is not None


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
