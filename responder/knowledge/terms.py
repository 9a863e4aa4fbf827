"""What texts are compared by: pairs of signs for Japanese, stems of words for English.

Pairs need no dictionary, so that names and new words count, and two-kanji words (解約, 返金) are found whole.
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import cache

from domain.words import Language
from responder.wordlists import read_words

# Grammar, not subject: pairs of these signs only are left out.
_GRAMMAR = re.compile(r"[ぁ-んー]{2}")
# The brand's own handle ("@our_shop") is in most posts and says nothing of the subject.
_NAMES_AND_LINKS = re.compile(r"@[\w.-]+|https?://\S+")
_WORD = re.compile(r"[a-z0-9]+(?:'[a-z]+)?")
_JAPANESE_RUN = re.compile(r"[a-z0-9]+|[ぁ-んァ-ヶー一-龥々]+")
_LATIN_RUN = re.compile(r"[a-z0-9]+")
_ENDINGS = (("ies", "y"), ("ied", "y"), ("ing", ""), ("ment", ""), ("ed", ""), ("es", ""), ("s", ""), ("e", ""))
_SHORTEST_STEM = 3
_TELLING_LATIN = 5
_TELLING_JAPANESE = re.compile(r"[一-龥]{2}|[ぁ-んァ-ヶー一-龥々]{4}")


def plain_text(text: str) -> str:
    """Return what is compared of a text: NFKC, without case, handles and links."""
    return unicodedata.normalize("NFKC", _NAMES_AND_LINKS.sub(" ", text)).casefold()


def find_terms(text: str, language: Language) -> list[str]:
    """Return the terms of a text in order, repeated as often as they stand there. Any text will do."""
    plain = plain_text(text)
    return [*(_pairs(plain) if language is Language.JA else find_stems(plain)), *_concepts(plain)]


def is_concept(term: str) -> bool:
    """Return whether a term stands for a thing, whatever the word for it."""
    return term.startswith("=")


def _pairs(plain: str) -> list[str]:
    found = []
    for run in _JAPANESE_RUN.findall(plain):
        if _LATIN_RUN.fullmatch(run):
            found.append(run)
        else:
            pairs = (run[start : start + 2] for start in range(len(run) - 1))
            found += [pair for pair in pairs if not _GRAMMAR.fullmatch(pair)]
    return found


def find_stems(plain: str) -> list[str]:
    """Return the stems of the English words of a plain text, in order; those that say nothing are left out."""
    stop = read_words("retrieval")["english_stop"]
    words = (word.replace("'", "") for word in _WORD.findall(plain.replace("’", "'")))
    return [_stem(word) for word in words if len(word) > 1 and word not in stop]


def _stem(word: str) -> str:
    """Cut the commonest endings; crude, and the same on both sides."""
    for ending, keep in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM:
            return word[: -len(ending)] + keep
    return word


def _concepts(plain: str) -> list[str]:
    """Return each thing that the text has a word for, once, so that other words for it find the text too."""
    pattern, names = _concept_words()
    found = (names[match[1]] for match in pattern.finditer(plain.replace("’", "'")))
    return [f"={name}" for name in dict.fromkeys(name for several in found for name in several)]


@cache
def _concept_words() -> tuple[re.Pattern[str], dict[str, tuple[str, ...]]]:
    """Return the pattern that finds every word at every place, and what each word stands for."""
    names: dict[str, tuple[str, ...]] = {}
    for name, words in read_words("retrieval")["concepts"].items():
        for word in words:
            names[word] = (*names.get(word, ()), name)
    longest_first = sorted(names, key=len, reverse=True)
    guarded = (f"(?<![a-z0-9]){re.escape(word)}" if word.isascii() else re.escape(word) for word in longest_first)
    return re.compile(f"({'|'.join(guarded)})"), names


def find_carried(plain: str, words: Sequence[str], language: Language) -> list[str]:
    """Return those of ``words`` that a text carries (``plain`` as ``plain_text`` returns it); Latin ones at a word's beginning."""
    found = []
    for word in words:
        wanted = plain_text(word).strip()
        if not wanted:
            continue
        latin = language is Language.EN or wanted.isascii()
        carried = re.search(rf"(?<![a-z0-9]){re.escape(wanted)}", plain) is not None if latin else wanted in plain
        if carried:
            found.append(word)
    return found


def is_telling(word: str) -> bool:
    """Two kanji, or four signs of kana, or five Latin letters say a subject; shorter ones occur anywhere."""
    return len(word) >= _TELLING_LATIN or _TELLING_JAPANESE.search(word) is not None
