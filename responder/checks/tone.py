"""Checks of tone: the brand's forbidden words, the house's phrases, shouting, words that are hard to read."""

import tomllib
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

import regex

from domain.words import Language
from responder.checks.apology import APOLOGY, APOLOGY_EN
from responder.checks.finding import Finding, found
from responder.checks.promises import is_grounded
from responder.checks.written import URL, Written

JOKE = regex.compile(
    r"\b(?:ha(?:ha)+|he(?:he)+|lol|lmao|rofl|just kidding|jk|lmfao|pun intended|no joke|joking aside|\*wink\*|he{2,}h)\b|[😂🤣😜😝😆😹🤪]|(?<=\s);[-]?\)|(?<=\s)[:;x]-?[DPp]\b|[(](?:爆?笑|爆|w+)[)]|(?<![微苦談爆\p{Han}])笑(?=[。、!?~\s]|$)|爆笑|(?<=[。!?\s\p{Hiragana}])草(?=[。!\s]|$)|なんちゃって|冗談(?:です|はさておき)|(?<=[\p{Han}\p{Hiragana}\p{Katakana}])w+(?=[\s。、!]|$)",
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
SCRIPTS = {
    Language.JA: regex.compile(r"[\p{Hiragana}\p{Katakana}\p{Han}]"),
    Language.EN: regex.compile(r"[a-z]{2}|\bu\b"),
}
"""Letters without which no phrase of a language can match."""
KEPT = 2048
LEAST_WORDS = 12
"""A grade of fewer words tells nothing."""
HIGHEST_GRADE = 8.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Phrase:
    """One family of unwanted phrases in one language."""

    code: str
    patterns: tuple[regex.Pattern[str], ...]
    """Matched on lower-case letters, each for itself: that is several times as fast as all in one, without case."""
    unless: regex.Pattern[str] | None
    """What a sentence says that is not told: reported speech, what we still look into."""

    def find(self, sentence: str) -> regex.Match[str] | None:
        """Return where a lower-case ``sentence`` matches."""
        match = next((match for one in self.patterns if (match := one.search(sentence))), None)
        return None if self.unless and match and self.unless.search(sentence) else match


@cache
def load_phrases() -> dict[Language, tuple[Phrase, ...]]:
    """Return the house's phrases from ``config/playbooks/words/tone.toml``."""
    file = files("config") / "playbooks" / "words" / "tone.toml"
    entries = tomllib.loads(file.read_text(encoding="utf-8"))["phrase"]
    return {
        language: tuple(
            Phrase(
                code=entry["code"],
                patterns=tuple(regex.compile(one) for one in entry[language]),
                unless=regex.compile("|".join(entry[f"unless_{language}"])) if f"unless_{language}" in entry else None,
            )
            for entry in entries
            if entry[language]
        )
        for language in SCRIPTS
    }


@lru_cache(maxsize=KEPT)
def find_phrases(sentence: str) -> tuple[tuple[str, str], ...]:
    """Return each code found in one sentence with the words. Remembered: an edit leaves most sentences as they were."""
    folded = sentence.lower()
    return tuple(
        (phrase.code, sentence[match.start() : match.end()])
        for language, phrases in load_phrases().items()
        if SCRIPTS[language].search(folded)
        for phrase in phrases
        if (match := phrase.find(folded))
    )


def find_tone_faults(written: Written) -> Iterator[Finding]:
    """Yield what is wrong with the tone of the text."""
    yield from _find_forbidden(written)
    for sentence in written.own_words:
        for code, words in find_phrases(sentence):
            if not is_grounded(sentence, words, written.context.grounds):
                yield found(code, words)
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
