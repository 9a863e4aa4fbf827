"""Words of a Japanese sentence with their grammar, and which of them a retelling may use.

Any plain word of the dictionary may be said but names, numbers, what is written in letters only, and what ``denied`` lists; what is
written in hiragana only is read wrongly too often, so it stands in a list of ours or it is not said.

The morphological analyser is loaded at the first post, and once for each thread: its tokenizer is not to be shared.
"""

import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from responder.wordlists import read_words

if TYPE_CHECKING:
    from sudachipy import Dictionary, Tokenizer

LISTS = "retelling_ja"
KANJI: Final = re.compile("[一-龥々]")
OF_NAMES: Final = frozenset("円氏様殿君嬢市県町村区郡府都州駅線堂庁党派教軍省国島寺山川")
"""Behind these stands a name, or a sum."""
KATAKANA: Final = re.compile("[ァ-ヶー]+")
_own = threading.local()


@dataclass(frozen=True, slots=True)
class Word:
    """One word. Names of kinds, groups and forms are the dictionary's (UniDic's) own."""

    said: str
    """What is said; where empty it is inflected to fit what follows."""
    base: str
    kind: str
    finer: str = ""
    third: str = ""
    group: str = ""
    """How it inflects: 五段-カ行, 下一段-ラ行, 形容詞; empty where it does not."""
    form: str = ""
    is_guessed: bool = False
    """Whether the dictionary lacks it."""

    @property
    def is_verb(self) -> bool:
        """Whether it is a verb, be it an auxiliary one."""
        return self.kind == "動詞"

    @property
    def is_particle(self) -> bool:
        """Whether it is a particle."""
        return self.kind == "助詞"

    @property
    def is_noun(self) -> bool:
        """Whether a phrase may end with it that takes a particle."""
        return self.kind in {"名詞", "代名詞", "接尾辞"} and self.group == ""

    @property
    def inflects(self) -> bool:
        """Whether it has forms."""
        return bool(self.group)


def particle(said: str, finer: str = "") -> Word:
    """Return a particle of ours."""
    return Word(said, said, "助詞", finer)


@cache
def _dictionary() -> "Dictionary":
    from sudachipy import Dictionary  # noqa: PLC0415 - a process that reads no Japanese post does without it

    return Dictionary(dict="small")


def _tokenizer() -> "Tokenizer":
    if not hasattr(_own, "tokenizer"):
        from sudachipy import SplitMode  # noqa: PLC0415 - see above

        _own.tokenizer = _dictionary().tokenizer(mode=SplitMode.B)
    return _own.tokenizer


def read_sentence(sentence: str) -> list[Word]:
    """Return the words of ``sentence``."""
    return list(_words(sentence))


def _words(sentence: str) -> Iterator[Word]:
    for one in _tokenizer().tokenize(sentence):
        kind, finer, third, _fourth, group, form = (part if part != "*" else "" for part in one.part_of_speech())
        base = one.dictionary_form()
        whole = table("colloquial").get(base, "")
        yield Word("" if whole else one.surface(), str(whole) or base, kind, finer, third, group, form, one.is_oov())


@cache
def listed(name: str) -> frozenset[str]:
    """Return that list of ``retelling_ja.toml``."""
    return frozenset(read_words(LISTS)[name])


@cache
def table(name: str) -> dict[str, Any]:
    """Return that table of ``retelling_ja.toml``."""
    return dict(read_words(LISTS)[name])


_PLAIN: Final = frozenset({"普通名詞", "一般", ""})
_CLASSES = {
    "動詞": "verbs",
    "形容詞": "adjectives",
    "形状詞": "na_adjectives",
    "副詞": "adverbs",
    "連体詞": "attributes",
}


@cache
def _nouns() -> frozenset[str]:
    return listed("nouns") | listed("times") | listed("na_adjectives")


def is_ours(word: Word) -> bool:
    """Return whether a word that means something may be said."""
    if word.kind == "名詞":
        return word.base in _nouns() or word.said in _nouns() or _is_plain(word)
    if word.kind == "接尾辞":
        is_open = (
            word.finer == "名詞的"
            and word.third == "一般"
            and word.base not in OF_NAMES
            and bool(KANJI.search(word.base))
        )
        return is_open or word.base in listed("suffixes") or word.base in listed("counters")
    name = _CLASSES.get(word.kind)
    return name is not None and (word.base in listed(name) or (name != "attributes" and _is_plain(word)))


def _is_plain(word: Word) -> bool:
    """Return whether the dictionary knows it as a plain word, and writes it so that it cannot be read otherwise."""
    if word.is_guessed or word.finer not in _PLAIN or word.group.startswith("文語"):
        return False
    return bool(KANJI.search(word.base)) or (len(word.base) > 1 and bool(KATAKANA.fullmatch(word.base)))
