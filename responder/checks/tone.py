"""Checks of tone: the brand's forbidden words, the house's phrases, shouting, words that are hard to read."""

import tomllib
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import regex

from domain.words import Language
from responder.checks.apology import APOLOGY, APOLOGY_EN
from responder.checks.finding import Finding, found
from responder.checks.written import URL, Written

JOKE = regex.compile(
    r"\b(?:ha(?:ha)+|he(?:he)+|lol|lmao|rofl|just kidding|jk)\b|[😂🤣😜😝😆😹🤪]|(?<=\s);[-]?\)|(?<=\s)[:;x]-?[DPp]\b|[(]笑[)]|笑$|(?<=[\p{Han}\p{Hiragana}\p{Katakana}])w+$",
    regex.IGNORECASE | regex.MULTILINE,
)
SHOUT = regex.compile(r"\b[A-Z]{2,}\b(?:\s+\b[A-Z]{2,}\b)+|!{2,}|\?{2,}|!\?|\?!")
CAPITALS = regex.compile(r"[A-Z]{2,}")
SHORT_FORMS = frozenset(
    [
        "AM",
        "API",
        "BST",
        "CEO",
        "CSV",
        "DM",
        "DMS",
        "DVD",
        "EU",
        "EUR",
        "FAQ",
        "GBP",
        "GMT",
        "HTML",
        "IBAN",
        "ID",
        "IOS",
        "IP",
        "IT",
        "JPY",
        "JST",
        "LED",
        "NFC",
        "OK",
        "PDF",
        "PIN",
        "PM",
        "PO",
        "PR",
        "PST",
        "QR",
        "SD",
        "SIM",
        "SMS",
        "SS",
        "TV",
        "UK",
        "UPS",
        "US",
        "USA",
        "USB",
        "USD",
        "USPS",
        "UTC",
        "UV",
        "VAT",
        "VIP",
        "VPN",
        "WC",
        "XL",
        "XS",
        "XXL",
        "ZIP",
    ]
)
WORD = regex.compile(r"[A-Za-z]+(?:'[A-Za-z]+)?")
VOWELS = regex.compile(r"[aeiouy]+")
LEAST_WORDS = 12
"""A grade of fewer words tells nothing."""
HIGHEST_GRADE = 8.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Phrase:
    """One family of unwanted phrases."""

    code: str
    pattern: regex.Pattern[str]


@cache
def load_phrases() -> tuple[Phrase, ...]:
    """Return the house's phrases from ``config/playbooks/words/tone.toml``."""
    file = files("config") / "playbooks" / "words" / "tone.toml"
    return tuple(
        Phrase(
            code=entry["code"],
            pattern=regex.compile("|".join(f"(?:{one})" for one in [*entry["ja"], *entry["en"]]), regex.IGNORECASE),
        )
        for entry in tomllib.loads(file.read_text(encoding="utf-8"))["phrase"]
    )


def find_tone_faults(written: Written) -> Iterator[Finding]:
    """Yield what is wrong with the tone of the text."""
    yield from _find_forbidden(written)
    for phrase in load_phrases():
        match = phrase.pattern.search(written.plain)
        if match:
            yield found(phrase.code, match.group())
    yield from _find_joke(written)
    if written.language is Language.EN:
        yield from _find_shouting(written)
        yield from _find_hard_words(written)


def _find_forbidden(written: Written) -> Iterator[Finding]:
    folded = unicodedata.normalize("NFKC", written.text).casefold()
    for word in written.voice.forbidden_words if written.voice else ():
        wanted = unicodedata.normalize("NFKC", word).casefold().strip()
        if wanted and wanted in folded:
            yield found("forbidden_word", word)


def _find_joke(written: Written) -> Iterator[Finding]:
    apology = APOLOGY_EN if written.language is Language.EN else APOLOGY
    if written.context.complaint or apology.search(written.plain):
        joke = JOKE.search(written.plain)
        if joke:
            yield found("joke", joke.group())


def _find_shouting(written: Written) -> Iterator[Finding]:
    voice = written.voice
    names = f"{voice.name.en} {' '.join(voice.words)}" if voice else ""
    allowed = SHORT_FORMS | set(CAPITALS.findall(names))
    for match in SHOUT.finditer(URL.sub("", written.plain)):
        if not set(CAPITALS.findall(match.group())) <= allowed or not CAPITALS.search(match.group()):
            yield found("shouting", match.group())
            return


def _find_hard_words(written: Written) -> Iterator[Finding]:
    words = [WORD.findall(sentence) for sentence in written.sentences]
    grade = reading_grade([sentence for sentence in words if sentence])
    if grade > HIGHEST_GRADE:
        yield Finding(code="hard_to_read", values={"grade": str(round(grade)), "limit": f"{HIGHEST_GRADE:.0f}"})


def reading_grade(sentences: list[list[str]]) -> float:
    """Return the Flesch-Kincaid grade (Kincaid et al. 1975) of sentences of words; 0 for too few words to tell."""
    count = sum(len(words) for words in sentences)
    if count < LEAST_WORDS:
        return 0.0
    syllables = sum(count_syllables(word) for words in sentences for word in words)
    return 0.39 * count / len(sentences) + 11.8 * syllables / count - 15.59


def count_syllables(word: str) -> int:
    """Return about how many syllables an English word has."""
    plain = word.casefold().replace("'", "")
    groups = len(VOWELS.findall(plain))
    silent = (plain.endswith("e") and not plain.endswith(("le", "ee", "ye"))) or (
        plain.endswith("ed") and plain[-3:-2] not in "td"
    )
    return max(1, groups - silent)
