"""How to address a person: a display name is untrusted text, used only when it is a name people have.

A handle is none, nor is a word: whoever is called kutsushita_love is greeted without a name.
"""

import unicodedata
from collections.abc import Sequence
from functools import cache

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
HANDLE = regex.compile(r"^@|[A-Za-z0-9]_|_[A-Za-z0-9]|[A-Za-z]\d")
"""tokyo_walk, big_69: nobody calls herself so."""
COUPLE = regex.compile(r"\s*([\p{L}'’-]+)\s*(?:&|\+|\band\b)\s*([\p{L}'’-]+)(?:\s+\p{Lu}[\p{L}'’-]*)?\s*")
"""Kenji & Laura, Beth and Arlo Smith: both are greeted, or nobody."""
LONGEST_JAPANESE = 8
LONGEST_LATIN = 14
MOST_LATIN_WORDS = 3
LONGEST_CAPITALS = 2
GIVEN = regex.compile(r"\p{Han}{2,3}|\p{Hiragana}{2}\p{Han}")
"""美咲, 健太郎, まめ太."""
SHORT_GIVEN = 2
KATAKANA_SHIFT = 0x60


def address(display_name: str, *, language: Language, brand_words: Sequence[str] = ()) -> str:
    """Return the bare name to address the person by in ``language``, or nothing when there is none to trust.

    ``brand_words`` are never a name: somebody may pose as the shop.
    """
    plain = unicodedata.normalize("NFKC", display_name)
    if ADDRESS.search(plain) or HANDLE.search(plain):
        return ""
    if couple := COUPLE.fullmatch(DECORATION.sub(" ", plain)):
        both = [address(one, language=language, brand_words=brand_words) for one in couple.groups()]
        return " and ".join(both) if all(both) and language is Language.EN else ""
    bare = TAIL.split(DECORATION.sub(" ", plain), maxsplit=1)[0].strip()
    bare = regex.sub(r"\s+", " ", bare)
    if not bare or REPEATED.search(bare) or any(word and word.casefold() in bare.casefold() for word in brand_words):
        return ""
    if JAPANESE_NAME.fullmatch(bare):
        return _japanese(bare) if language is Language.JA else ""
    return _latin(bare, language)


def _japanese(bare: str) -> str:
    name = HONORIFIC.sub("", bare).replace(" ", "").strip("・ー")
    if not name or len(name) > LONGEST_JAPANESE or PET_NAME.search(name):
        return ""
    if any(word in name.casefold() for word in read_words("names")["contained"]):
        return ""
    return name if _is_japanese_name(name) else ""


def _is_japanese_name(name: str) -> bool:
    """Return whether it is a family name, a given name, or both; 「うっかり」 and 「大好き」 are none."""
    if name in read_words("names")["words"]:
        return False
    if name in _surnames() or _is_given(name):
        return True
    return any(name.startswith(one) and _is_given(name[len(one) :]) for one in _surnames())


def _is_given(name: str) -> bool:
    words = read_words("names")
    if _fold(name) in _readings() or (len(name) == 1 and name in words["single"]):
        return True
    if name in words["words"] or GIVEN.fullmatch(name) is None:
        return False
    return name[-1] in words["endings" if len(name) == SHORT_GIVEN else "long"]


def _fold(name: str) -> str:
    """Return it in hiragana."""
    return "".join(chr(ord(one) - KATAKANA_SHIFT) if "ァ" <= one <= "ヶ" else one for one in name)


@cache
def _readings() -> frozenset[str]:
    return frozenset(read_words("names")["readings"])


@cache
def _surnames() -> frozenset[str]:
    return frozenset((*read_words("names")["surnames"], *read_words("things")["ja"]["surnames"]))


@cache
def _latin_names() -> frozenset[str]:
    return frozenset(read_words("names")["latin"])


def _latin(bare: str, language: Language) -> str:
    """Return the name where the first word, capitalised, is known as a given name: a handle is none, nor is a word."""
    words = bare.split(" ")
    if len(words) > MOST_LATIN_WORDS or not all(LATIN_NAME.fullmatch(word.rstrip(".")) for word in words):
        return ""
    unwanted = read_words("names")["tokens"]
    if any(word.rstrip(".").casefold() in unwanted for word in words):
        return ""
    first = words[0]
    is_shouted = first.isupper() and len(first) > LONGEST_CAPITALS
    if first[0].islower() or first.casefold() not in _latin_names() or (is_shouted and len(words) > 1):
        return ""
    name = first.capitalize() if is_shouted else first
    return name if language is not Language.JA or len(words) == 1 else " ".join(words)[: LONGEST_LATIN * 2]
