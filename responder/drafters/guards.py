"""What a language model wrote is used only when it says nothing that it was not given.

The rules are strict on purpose: a text that fails costs nothing, since the composer's stands in its place. Customers' words may be
named again, but never give ground for a promise, an amount, a link or a change of language.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import regex

from domain.words import Language
from responder.drafters.commitments import common_words, english_words, patterns_of, promises_in, says

LEAST_COPIED_SIGNS: Final = 12
"""In a row from the customer's post, in Japanese: more is repeating after somebody, not naming a thing."""
LEAST_COPIED_WORDS: Final = 5
LEAST_LEAKED_SIGNS: Final = 16
LEAST_LEAKED_WORDS: Final = 6
LEAST_ENGLISH: Final = 0.15
"""Share of the most common English words."""
ENOUGH_WORDS: Final = 6
MOST_GROWTH: Final = 2.0
"""How much longer than the given text."""
SHORT: Final = 160
"""Characters; texts up to here may grow by so much besides."""

_SIGNS: Final = re.compile(r"[<>{}\[\]`|\\*_#=~^$%@]")
_LINK: Final = re.compile(
    r"https?:|www\.|\b[\w-]+(?:\.[\w-]+)*\.(?:com|net|org|jp|io|co|app|me|ly|social|example|test|shop|xyz|info)\b|@\w|[\w.+-]+@[\w-]+\.",
    re.IGNORECASE,
)
_NUMBER: Final = re.compile(r"\d[\d,.:/-]*\d|\d")
_AMOUNT: Final = re.compile(
    r"(?:[$€£¥]|usd|jpy|eur)\s?(\d[\d,.]*)|(\d[\d,.]*)\s?(?:円|ドル|ユーロ|%|パーセント|割|ポイント|percent|dollars?|yen|euros?|pounds?|usd|points?|[$€£¥])",
    re.IGNORECASE,
)
_NUMERAL: Final = re.compile(
    r"[〇一二三四五六七八九十百千万]{1,8}(?:円|割|パーセント|日|時|か月|ヶ月|月|個|点|週間|年|分)"
    r"|\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand|million|half|double|dozen|percent)\b",
    re.IGNORECASE,
)
_ENCODED: Final = re.compile(r"[A-Za-z0-9+/=]{20,}|(?:\b[01]{6,}\b\s*){2,}|(?:\\x|%)[0-9a-f]{2}", re.IGNORECASE)
_QUOTED: Final = re.compile(r"[「『“\"]([^」』”\"]{2,60})[」』”\"]")
_SENTENCE: Final = re.compile(r"[^。.!?！？\n]+(?:[.](?=\S)[^。.!?！？\n]*)*[。.!?！？]*")
_WORD: Final = re.compile(r"[A-Za-z]+(?:['’-][A-Za-z]+)*")
_KATAKANA: Final = regex.compile(r"[\p{Katakana}ー]{2,}|[A-Za-z]{2,}(?:['’-][A-Za-z]+)*")
_CALLED: Final = re.compile(r"(?:^|[、。\s])([^\s、。!?！？「」]{1,12}?)(?:さん|さま|様)(?=[、。\s]|$)")
_EVERYBODY: Final = frozenset({"お客", "皆", "みな"})
_FOREIGN: Final = regex.compile(r"[\p{L}--\p{Latin}--\p{Han}--\p{Hiragana}--\p{Katakana}--[ー々〆]]", regex.VERSION1)
_LETTER: Final = regex.compile(r"\p{L}")
_KANA: Final = regex.compile(r"[\p{Hiragana}\p{Katakana}]")
_JAPANESE: Final = regex.compile(r"[\p{Hiragana}\p{Katakana}\p{Han}]")
_ACCENTED: Final = regex.compile(r"[\p{Latin}--[A-Za-zＡ-Ｚａ-ｚ]]", regex.VERSION1)


@dataclass(frozen=True, kw_only=True)
class Given:
    """What a text may stand on."""

    facts: str
    """Ours: the composer's text and what it cites."""
    language: Language
    post: str = ""
    """The customer's own words, untrusted."""
    instructions: str = ""
    """What the model was told; nothing of it may come back."""
    vocabulary: frozenset[str] = frozenset()
    """Katakana and Latin words of the playbooks."""


Rule = Callable[[str, str, str, Given], bool]
"""Tells from a text, our facts and the post (all NFKC) whether something strays."""


def find_stray(text: str, given: Given) -> str:
    """Return why ``text`` may not be used, a code under ``fallback`` in ``config/locale/drafting.toml``; nothing when it may."""
    said, facts, post = _plain(text), _plain(given.facts), _plain(given.post)
    for code, strays in _RULES:
        if strays(said, facts, post, given):
            return code
    return ""


def find_rewording_fault(text: str, given: Given, *, may_lose: bool, translated: bool) -> str:
    """Return why a rewording of ``given.facts`` may not be used: a code as of ``find_stray``; nothing when it may.

    ``may_lose``: leaving a number or a promise out is no fault. ``translated``: words cannot be compared.
    """
    said, facts = _plain(text), _plain(given.facts)
    rules: list[tuple[str, Rule]] = [("marks", _marks), ("link", _links), ("leaked", _leaked), ("length", _overlong)]
    # Names stay as they are written: a translation is judged as a whole.
    rules += [("language", _untranslated)] if translated else [("language", _foreign), ("word", _worded)]
    for code, strays in rules:
        if strays(said, facts, "", given):
            return code
    kept = [(set(_NUMBER.findall(one)), set(_LINK.findall(one)), promises_in(one)) for one in (said, facts)]
    for mine, theirs in zip(*kept, strict=True):
        if mine - theirs or (theirs - mine and not may_lose):
            return "changed"
    return ""


def words_of(texts: Iterable[str]) -> frozenset[str]:
    """Return the katakana and Latin words in ``texts``, without case."""
    return frozenset(word.casefold() for text in texts for word in _KATAKANA.findall(_plain(text)))


def _marks(said: str, facts: str, _post: str, _given: Given) -> bool:
    encoded = any(found.group() not in facts for found in _ENCODED.finditer(said))
    return encoded or bool(set(_SIGNS.findall(said)) - set(_SIGNS.findall(facts)))


def _links(said: str, facts: str, _post: str, _given: Given) -> bool:
    known = facts.casefold()
    return any(_around(said, found).casefold() not in known for found in _LINK.finditer(said))


def _around(text: str, found: re.Match[str]) -> str:
    """Return the whole address of which ``found`` is a part."""
    begin = max(text.rfind(sign, 0, found.start()) for sign in " \n\t　、。「(") + 1
    end = re.search(r"[\s、。」)]|$", text[found.end() :])
    return text[begin : found.end() + (end.start() if end else 0)].rstrip(".,!?")


def _foreign(said: str, facts: str, _post: str, given: Given) -> bool:
    """Judge sentence by sentence: a foreign one among our own is foreign all the same."""
    if set(_FOREIGN.findall(said)) - set(_FOREIGN.findall(facts)):
        return True
    ours = _tight(facts)
    strange = _is_not_japanese if given.language is Language.JA else _is_not_english
    return any(strange(one, facts) and _tight(one) not in ours for one in _SENTENCE.findall(said))


def _untranslated(said: str, _facts: str, _post: str, given: Given) -> bool:
    letters, japanese = len(_LETTER.findall(said)), len(_JAPANESE.findall(said))
    if given.language is Language.EN:
        return japanese * 4 > letters or _is_not_english(_JAPANESE.sub("", said), "")
    return _is_not_japanese(said, "")


def _is_not_japanese(sentence: str, _facts: str) -> bool:
    letters = len(_LETTER.findall(sentence))
    return letters >= ENOUGH_WORDS and len(_KANA.findall(sentence)) * 4 < letters


def _is_not_english(sentence: str, facts: str) -> bool:
    if set(_ACCENTED.findall(sentence)) - set(_ACCENTED.findall(facts)):
        return True
    if set(_JAPANESE.findall(sentence)) - set(_JAPANESE.findall(facts)):
        return True
    words = [word.casefold() for word in _WORD.findall(sentence)]
    common = english_words()
    return len(words) >= ENOUGH_WORDS and sum(word in common for word in words) < LEAST_ENGLISH * len(words)


def _numbers(said: str, facts: str, post: str, _given: Given) -> bool:
    ours = set(_NUMBER.findall(facts))
    if set(_NUMBER.findall(said)) - ours - set(_NUMBER.findall(post)):
        return True
    if any((found[1] or found[2]) not in ours for found in _AMOUNT.finditer(said)):
        return True
    known = f"{facts}\n{post}".casefold()
    return any(found.group().casefold() not in known for found in _NUMERAL.finditer(said))


def _promised(said: str, facts: str, _post: str, _given: Given) -> bool:
    """Tell whether a sentence promises something and does not stand in the facts word for word."""
    ours = _tight(facts)
    for sentence in _SENTENCE.findall(said):
        if any(pattern.search(sentence) for pattern in patterns_of("promise")) and _tight(sentence) not in ours:
            return True
    return False


def _worded(said: str, facts: str, _post: str, _given: Given) -> bool:
    known = facts.casefold()
    return any(
        found.group().casefold() not in known for pattern in patterns_of("word") for found in pattern.finditer(said)
    )


def _named(said: str, facts: str, _post: str, given: Given) -> bool:
    """Tell whether a person or product is named that we did not name: what a post calls something is repeated by the composer alone."""
    known = words_of([facts]) | given.vocabulary | common_words(given.language)
    if any(quoted not in facts for quoted in _QUOTED.findall(said)):
        return True
    if given.language is Language.EN:
        return any(word.casefold() not in known for word in _capitals(said))
    if any(name not in facts and name not in _EVERYBODY for name in _CALLED.findall(said)):
        return True
    return any(word.casefold() not in known for word in _KATAKANA.findall(said))


def _capitals(said: str) -> Iterator[str]:
    """Give the words that English writes with a capital though no sentence begins there."""
    for sentence in _SENTENCE.findall(said):
        words = _WORD.findall(sentence)
        yield from (word for word in words[1:] if word[0].isupper())


def _copied(said: str, facts: str, post: str, given: Given) -> bool:
    least = LEAST_COPIED_SIGNS if given.language is Language.JA else LEAST_COPIED_WORDS
    return _shares(said, post, but=facts, language=given.language, least=least)


def _leaked(said: str, facts: str, _post: str, given: Given) -> bool:
    least = LEAST_LEAKED_SIGNS if given.language is Language.JA else LEAST_LEAKED_WORDS
    return _shares(said, _plain(given.instructions), but=facts, language=given.language, least=least)


def _shares(said: str, other: str, *, but: str, language: Language, least: int) -> bool:
    """Tell whether ``said`` and ``other`` share a run of ``least`` signs (words in English) that ``but`` has not."""
    mine, theirs, ours = (_runs(one, language, least) for one in (said, other, but))
    return bool((mine & theirs) - ours)


def _runs(text: str, language: Language, length: int) -> set[str]:
    if language is Language.JA:
        tight = _tight(text)
        return {tight[at : at + length] for at in range(len(tight) - length + 1)}
    words = [word.casefold() for word in _WORD.findall(text)]
    return {" ".join(words[at : at + length]) for at in range(len(words) - length + 1)}


def _missing(said: str, facts: str, _post: str, given: Given) -> bool:
    """Tell whether an apology was dropped, or an invitation to write in private dropped or added."""
    apologises = says("apology", facts, given.language)
    if apologises and not says("apology", said, given.language):
        return True
    return says("private", said, given.language) != says("private", facts, given.language)


def _overlong(said: str, facts: str, _post: str, _given: Given) -> bool:
    return (
        not said.strip() or len(said) > max(len(facts) * MOST_GROWTH, len(facts) + SHORT) or len(said) * 8 < len(facts)
    )


_RULES: Final[tuple[tuple[str, Rule], ...]] = (
    ("marks", _marks),
    ("link", _links),
    ("language", _foreign),
    ("number", _numbers),
    ("promise", _promised),
    ("word", _worded),
    ("name", _named),
    ("copied", _copied),
    ("leaked", _leaked),
    ("missing", _missing),
    ("length", _overlong),
)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def _tight(text: str) -> str:
    return re.sub(r"\s+", "", text).casefold()
