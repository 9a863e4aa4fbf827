"""Bringing a text into the one spelling in which cues are looked up. Linear in the text; nothing here backtracks."""

import re
import unicodedata
from functools import cache
from typing import Final

from classifier.backends.lexicon import read_spelling
from classifier.visible import has_address, show

KEEP_HEAD: Final = 3_000
KEEP_TAIL: Final = 1_000
"""A longer text is read at both ends: what is wanted stands there."""

_LINK = re.compile(r"(?:https?://|www\.)[^\s、。「」()]+")
_HANDLE = re.compile(r"(?<![A-Za-z0-9_.])@[A-Za-z0-9_.\-]+")
_REPEAT = re.compile(r"([^\W\d])\1{2,}|([^\w\s])\2+")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_KANJI_NUMBER = re.compile(r"[一二三四五六七八九十数]+(?=回|日|週|か月|ヶ月|カ月|年|時間|個|枚|本|通|度|人|重|件|つ星)")
_WORD = re.compile(r"[a-z]+(?:'[a-z]+)*\*?|#|[^\sa-z#'*,\-\"]")
_ENDS: Final = {"m": "am", "ve": "have", "ll": "will", "re": "are", "d": "would", "s": "is"}
_SHORT_NOT: Final = {"ca": "can", "wo": "will", "sha": "shall"}
_STOPS: Final = {"?": "? .", "!": "! .", ".": ".", ";": ".", ":": "."}
"""How the end of a sentence is written; behind a question or an exclamation one begins."""


def cut(text: str) -> str:
    """Return at most 4,000 characters, head and tail, as they are seen."""
    return show(_cut(text))


def _cut(text: str) -> str:
    if len(text) <= KEEP_HEAD + KEEP_TAIL:
        return text
    return f"{text[:KEEP_HEAD]}\n{text[-KEEP_TAIL:]}"


def mask(text: str) -> str:
    """Return ``text`` in NFKC, cut, in lower case, without links, handles and joiners: they are no words of the writer."""
    plain = unicodedata.normalize("NFKC", cut(text))
    plain = _cut(plain).replace("’", "'").replace("\r", "\n")
    return (_HANDLE.sub(" ", _LINK.sub(" ", plain)) if has_address(plain) else plain).lower()


def calls_handle(text: str) -> bool:
    """Tell whether the post speaks to somebody's account by name."""
    return _HANDLE.search(unicodedata.normalize("NFKC", cut(text))) is not None


def spell_japanese(masked: str) -> str:
    """Return masked text with numbers as ``#``, variants of spelling unified and line ends as ``。``."""
    text = _REPEAT.sub(_single, masked.replace("〜", "").replace("~", ""))
    text = _KANJI_NUMBER.sub("#", _NUMBER.sub("#", text))
    table, pattern = _japanese_spelling()
    return pattern.sub(lambda found: table[found[0]], text.replace("\n", "。"))


def spell_english(masked: str) -> str:
    """Return masked text as words between single spaces: contractions written out, numbers as ``#``, ``.`` where a sentence
    begins or ends, so that a cue may ask to stand first ("``. is``").
    """
    text = _NUMBER.sub(" # ", _REPEAT.sub(_single, masked).replace("\n", " . "))
    spelling, stops = _english_spelling(), _STOPS
    words = [
        " ".join(_write_out(word)) if "'" in word else stops.get(word) or spelling.get(word, word)
        for word in _WORD.findall(text)
    ]
    return f" . {' '.join(words)} " if words else " . "


def spell_english_cue(cue: str) -> str:
    """Return an entry of the English list; a ``*`` at its end leaves the last word open."""
    spelled = spell_english(cue.lower()).removeprefix(" .").removesuffix("* ")
    return spelled.replace(" ? . ", " ? ").replace(" ! . ", " ! ")


def spell_sign(cue: str) -> str:
    """Return an emoji or kaomoji as ``mask`` leaves it in a text."""
    return mask(cue)


def _single(found: re.Match[str]) -> str:
    return found[0][0]


def _write_out(word: str) -> list[str]:
    spelling = _english_spelling()
    if word.endswith("n't"):
        stem = word[:-3]
        return [_SHORT_NOT.get(stem, stem), "not"] if stem else ["not"]
    stem, _, end = word.partition("'")
    rest = _ENDS.get(end)
    return [spelling.get(stem, stem), rest] if rest else [spelling.get(stem, stem)]


@cache
def _english_spelling() -> dict[str, str]:
    return read_spelling("en.toml")


@cache
def _japanese_spelling() -> tuple[dict[str, str], re.Pattern[str]]:
    table = read_spelling("ja.toml")
    longest_first = sorted(table, key=len, reverse=True)
    return table, re.compile("|".join(map(re.escape, longest_first)))
