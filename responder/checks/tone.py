"""Checks of tone: the brand's forbidden words, the house's phrases, keigo, lively signs in an apology."""

import tomllib
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import regex

from config.brand_book import Voice
from domain.replies import CheckResult
from domain.words import CheckLevel, Language

APOLOGY = regex.compile(r"申し訳|申しわけ|お詫び|おわび|すみません|すいません|ごめん|失礼いたしました|ご迷惑をおかけ")
LIVELY = regex.compile(
    r"[!！♪☆★♡♥]|\p{Extended_Pictographic}|\p{Emoji_Presentation}|[(（][^()（）ぁ-んァ-ヶ一-龥a-zA-Z0-9]{3,}[)）]"
)
NOT_LIVELY = frozenset("©®™")
SASETE = regex.compile(r"させて(?:いただ|頂)")
REQUEST = regex.compile(
    r"(?:ください|下さい|いただけます(?:でしょう)?か|いただけませんか|いただけますと幸い|お願い(?:いたし|申し上げ|し)ます)"
)
NO_REQUEST = regex.compile(
    r"よろしくお願い|ご安心ください|お待ちしており|お過ごしください|お楽しみください|お時間をいただけます"
    # Directions, not requests.
    r"|(?:ご覧|ご注文|ご利用|お使い|お試し|お選び|お越し|ご入力|お手続き|ご確認)ください"
)
CUSHION = regex.compile(
    r"恐れ入り|恐縮|お手数|ご面倒|ご不便|よろしければ|よければ|差し支え|もし|ございましたら|何卒|なにとぞ|どうぞ|どうか|ぜひ|いつでも"
    r"|今しばらく|いましばらく|心苦し|申し訳(?:ございません|ありません)が|念のため|お気軽|ご都合|お使いでしたら|お困り"
)
SENTENCE = regex.compile(r"[^。!?！？\n]+")


@dataclass(frozen=True, kw_only=True, slots=True)
class Phrase:
    """One family of unwanted phrases."""

    code: str
    level: CheckLevel
    pattern: regex.Pattern[str]


@cache
def load_phrases() -> tuple[Phrase, ...]:
    """Return the house's phrases from ``config/playbooks/words/tone.toml``."""
    file = files("config") / "playbooks" / "words" / "tone.toml"
    return tuple(
        Phrase(
            code=entry["code"],
            level=CheckLevel(entry["level"]),
            pattern=regex.compile("|".join(f"(?:{one})" for one in [*entry["ja"], *entry["en"]]), regex.IGNORECASE),
        )
        for entry in tomllib.loads(file.read_text(encoding="utf-8"))["phrase"]
    )


def check_tone(text: str, plain: str, *, language: Language, voice: Voice) -> Iterator[CheckResult]:
    """Yield what is wrong with the tone of ``text``; ``plain`` is its NFKC form."""
    folded = plain.casefold()
    for word in voice.forbidden_words:
        if unicodedata.normalize("NFKC", word).casefold().strip() in folded and word.strip():
            yield CheckResult(code="forbidden_word", level=CheckLevel.BLOCK, values={"phrase": word})
    straight = plain.replace("’", "'")
    for phrase in load_phrases():
        match = phrase.pattern.search(straight)
        if match:
            yield CheckResult(code=phrase.code, level=phrase.level, values={"phrase": match.group().strip()})
    if language is Language.JA:
        yield from _check_keigo(plain)
        yield from _check_apology(text)


def _check_keigo(plain: str) -> Iterator[CheckResult]:
    count = len(SASETE.findall(plain))
    if count > 1:
        yield CheckResult(code="repeated_sasete", level=CheckLevel.WARN, values={"count": str(count)})
    for sentence in SENTENCE.findall(plain):
        request = REQUEST.search(sentence)
        if request and not CUSHION.search(sentence) and not NO_REQUEST.search(sentence):
            values = {"phrase": sentence.strip()}
            yield CheckResult(code="request_without_cushion", level=CheckLevel.WARN, values=values)
            return


def _check_apology(text: str) -> Iterator[CheckResult]:
    if not APOLOGY.search(text):
        return
    lively = next((sign for sign in LIVELY.findall(text) if sign not in NOT_LIVELY), "")
    if lively:
        yield CheckResult(code="lively_apology", level=CheckLevel.WARN, values={"phrase": lively})
