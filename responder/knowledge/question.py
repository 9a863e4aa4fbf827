"""A customer's text made ready for the search: which of its sentences ask, and what a mistyped English word was meant to be."""

import re
from collections.abc import Iterable
from functools import cache

from domain.words import Language
from responder.wordlists import read_words

SHORTEST_MENDED = 6
"""Shorter words lie too near to others."""
SHORTEST_QUESTION = {True: 6, False: 10}
"""Signs in Japanese, and in other languages: a shorter sentence asks nothing of its own."""
MOST_QUESTIONS = 3
LONGEST_READ = 2_000

_SENTENCES = re.compile(r"(?<=[。!?\n])|(?<=[.…])\s+")
_ASKING_JA = re.compile(
    r"\?|(?:です|ます|せん|でしょう|ました|のか|る|い)か(?:ね|な|$|[。!\s])|教えて|知りたい|ほしい|欲しい|お願い|たい|(?:いただけ|もらえ|くれ)(?:る|ます|ませ|れば|ない)"
)
_ASKING_EN = re.compile(
    r"\?|\b(?:how|when|where|what|which|who|why|can|could|do|does|is|are|will|would|may|any|want|need|please)\b"
)
_QUESTIONS = re.compile(
    r"(?<=[。!?！？\n])|(?<=[.…])\s+|,? and (?:if so,? )?(?=(?:how|when|where|what|who|can|could|do|does|is|are|will|would)\b(?!['’]))",
    re.IGNORECASE,
)
_IN_SIZE = re.compile(
    r"\bin (?:a |an |my |the )?(?:uk |us |eu )?sizes? (?:\d+|x{0,3}[sl]|m)\b|(?<![a-z0-9])(?:\d+|x{0,3}[sl]|m)サイズの"
)
_CUT_TO_WRAP = re.compile(
    r"(?<!you )(?<!we )(?<!i )(?<!to )\bwrap(?: ?over|around)?[ -](?=(?:dress|top|skirt|coat|cardigan|jumper)(?:es|s)?\b)"
)
_PLAINLY_JA = re.compile(
    r"[?？]|(?:です|ます|せん|でしょう|ました)か(?:ね|$|[。!\s])|教えて|知りたい|(?:いただけ|もらえ|くれ)(?:る|ます|ませ)"
)
_PLAINLY_EN = re.compile(
    r"[?？]|^(?:and |also |plus |so |but )?(?:how|when|where|what|which|who|can|could|do|does|is|are|will|would|may)\b(?!['’]t)"
)
_YOU = re.compile(r"(?<![a-z0-9])(?:u|ya|y['’]?all|you)(?: (?:guys|lot|all|folks|people))?(?![a-z0-9'’])")
_WORD = re.compile(r"[a-z]+")


def asking_part(plain: str, language: Language) -> str:
    """Return the sentences of a plain text that ask for something, all of it where none does; the story around them is left out."""
    asks = _ASKING_JA if language is Language.JA else _ASKING_EN
    sentences = [sentence for sentence in _SENTENCES.split(plain) if sentence and not sentence.isspace()]
    return " ".join(sentence for sentence in sentences if asks.search(sentence)) or plain


def is_question(text: str, language: Language) -> bool:
    """Return whether ``text`` plainly asks something."""
    return (_PLAINLY_JA if language is Language.JA else _PLAINLY_EN).search(text.casefold()) is not None


def without_goods(plain: str) -> str:
    """Return a plain text without the size and cut of what is wanted: a coat in a 12 asks of no sizes, a wrap dress of no wrapping."""
    return _CUT_TO_WRAP.sub("", _IN_SIZE.sub(" ", plain))


_LEANING = re.compile(
    r"^\W*(?:and |also |so )?(?:what|how much|how long|when|where|how) (?:does|do|is|are|will|would|can) (?:it|that|this|they|those)\b[^?]{0,16}\?*$",
    re.IGNORECASE,
)


def questions_apart(text: str, language: Language) -> list[str]:
    """Return the sentences of ``text`` that plainly ask, each for itself; the whole text where none does."""
    asks = _PLAINLY_JA if language is Language.JA else _PLAINLY_EN
    shortest = SHORTEST_QUESTION[language is Language.JA]
    found = [one.strip() for one in _QUESTIONS.split(text[:LONGEST_READ])]
    asked = [one for one in found if len(one) >= shortest and asks.search(one.casefold())]
    # "And what does it cost?" asks about what stands before: by itself it would find any price.
    return [one for one in asked if not _LEANING.search(one)][:MOST_QUESTIONS] or [text]


class Spelling:
    """Words that a book and our lists know. Thread-safe."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._known = {word for text in (*texts, *_listed()) for word in _WORD.findall(text)}
        self._nearly: dict[str, str] = {}
        for word in sorted(self._known):
            if len(word) >= SHORTEST_MENDED:
                for form in _forms(word):
                    self._nearly.setdefault(form, word)

    def mend(self, plain: str) -> str:
        """Return the text with each unknown word put right that lies one slip beside a known one, and "u guys" as "you"."""
        return _WORD.sub(lambda found: self._mend(found[0]), _YOU.sub("you", plain))

    def _mend(self, word: str) -> str:
        if (
            len(word) < SHORTEST_MENDED
            or word in self._known
            or any(word.startswith(one) for one in _stems_of(word) if one in self._known)
        ):
            return word
        return next(
            (self._nearly[form] for form in _forms(word) if form in self._nearly and self._nearly[form][0] == word[0]),
            word,
        )


def _forms(word: str) -> list[str]:
    """Return the word with one letter left out at each place: two words that share such a form lie a slip apart, or two neighbours swapped."""
    return [word, *(word[:at] + word[at + 1 :] for at in range(1, len(word)))]


def _stems_of(word: str) -> list[str]:
    """Return its beginnings of which it may be a form: "ordering", "orders", "order"."""
    return [word[:-cut] for cut in (1, 2, 3) if len(word) - cut >= SHORTEST_MENDED - 2]


@cache
def _listed() -> tuple[str, ...]:
    lists = read_words("retrieval")
    return (
        *lists["english_stop"],
        *(word for words in (*lists["concepts"].values(), *lists["elsewhere"].values()) for word in words),
    )
