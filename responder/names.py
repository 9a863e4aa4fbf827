"""How to address a person: a display name is untrusted text, used only when it looks like a name."""

import unicodedata
from collections.abc import Sequence

import regex

from domain.words import Language
from responder.wordlists import read_words

# What people hang behind their name: "ゆき@子育て中", "Emma | Berlin", "花(はな)".
TAIL = regex.compile(r"[@/|\\()（）\[\]【】「」『』<>《》〈〉~〜:：;,、。!?！？#&+=*_☆★♪♡♥]")
DECORATION = regex.compile(
    r"[\p{Extended_Pictographic}\p{Emoji_Component}\p{So}\p{Sk}\u200d\ufe0f--[0-9#*]]", regex.VERSION1
)
JAPANESE_NAME = regex.compile(r"[\p{Hiragana}\p{Katakana}\p{Han}ー々・ ]+")
LATIN_NAME = regex.compile(r"\p{Lu}[\p{Latin}'’-]*|[\p{Ll}][\p{Latin}'’-]*")
REPEATED = regex.compile(r"(.)\1\1")
HONORIFIC = regex.compile(r"(?:さん|さま|氏|殿)$")
PET_NAME = regex.compile(r"(?:ちゃん|くん|君|先生)$")
ADDRESS = regex.compile(r"://|\bwww\.|\.(?:com|net|org|jp|io|co|app|social)\b", regex.IGNORECASE)
LONGEST_JAPANESE = 8
LONGEST_LATIN = 14
MOST_LATIN_WORDS = 3
LONGEST_CAPITALS = 2


def address(display_name: str, *, language: Language, brand_words: Sequence[str] = ()) -> str:
    """Return the bare name to address the person by in ``language``, or nothing when there is none to trust.

    ``brand_words`` are never a name: somebody may pose as the shop.
    """
    plain = unicodedata.normalize("NFKC", display_name)
    if ADDRESS.search(plain):
        return ""
    bare = TAIL.split(DECORATION.sub(" ", plain), maxsplit=1)[0].strip()
    bare = regex.sub(r"\s+", " ", bare)
    if not bare or REPEATED.search(bare) or any(word and word.casefold() in bare.casefold() for word in brand_words):
        return ""
    if JAPANESE_NAME.fullmatch(bare):
        return _japanese(bare) if language is Language.JA else ""
    return _latin(bare, language)


def _japanese(bare: str) -> str:
    name = HONORIFIC.sub("", bare).replace(" ", "").strip("・ー")
    folded = name.casefold()
    if not name or len(name) > LONGEST_JAPANESE or PET_NAME.search(name):
        return ""
    if len(name) == 1 and not regex.fullmatch(r"\p{Han}", name):
        return ""
    return "" if any(word in folded for word in read_words("names")["contained"]) else name


def _latin(bare: str, language: Language) -> str:
    words = bare.split(" ")
    if len(words) > MOST_LATIN_WORDS or not all(LATIN_NAME.fullmatch(word.rstrip(".")) for word in words):
        return ""
    unwanted = read_words("names")["tokens"]
    if any(word.rstrip(".").casefold() in unwanted for word in words):
        return ""
    first = words[0]
    shouted = first.isupper() and len(first) > LONGEST_CAPITALS
    if len(first) < 2 or len(first) > LONGEST_LATIN or first.endswith(".") or (shouted and len(words) > 1):  # noqa: PLR2004 - an initial is no name
        return ""
    # "green bean" and "Wavy" are English words, no names: no greeting is better than a wrong one. With さん they are fine.
    if language is Language.EN and (first.islower() or first.casefold() in read_words("names")["english_words"]):
        return ""
    name = first.capitalize() if shouted else first
    return name if language is not Language.JA or len(words) == 1 else " ".join(words)[: LONGEST_LATIN * 2]
