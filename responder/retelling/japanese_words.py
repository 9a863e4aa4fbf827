"""Words of a Japanese sentence with their grammar, and the vocabulary that a retelling may use.

The morphological analyser is loaded at the first post, and once for each thread: its tokenizer is not to be shared.
"""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from responder.wordlists import read_words

if TYPE_CHECKING:
    from sudachipy import Dictionary, Tokenizer

LISTS = "retelling_ja"
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
        yield Word("" if whole else one.surface(), str(whole) or base, kind, finer, third, group, form)


@cache
def listed(name: str) -> frozenset[str]:
    """Return that list of ``retelling_ja.toml``."""
    return frozenset(read_words(LISTS)[name])


@cache
def table(name: str) -> dict[str, Any]:
    """Return that table of ``retelling_ja.toml``."""
    return dict(read_words(LISTS)[name])


_CLASSES = {
    "動詞": "verbs",
    "形容詞": "adjectives",
    "形状詞": "na_adjectives",
    "副詞": "adverbs",
    "連体詞": "attributes",
}


def is_ours(word: Word) -> bool:
    """Return whether a word that means something stands in our vocabulary."""
    if word.kind == "名詞":
        return word.base in listed("nouns") or word.base in listed("times") or word.base in listed("na_adjectives")
    if word.kind == "接尾辞":
        return word.base in listed("suffixes") or word.base in listed("counters")
    name = _CLASSES.get(word.kind)
    return name is not None and (word.base in listed(name))
