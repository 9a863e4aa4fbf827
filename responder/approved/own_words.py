"""What is ours to say to anybody: sentences of playbooks and of cited entries, and the words that playbooks say everywhere."""

import re
import unicodedata
from collections import Counter, OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from threading import Lock
from typing import Final

from config.brand_book import BrandBook
from config.playbook import Playbook
from domain.words import Language, Purpose
from responder.drafters.commitments import common_words, english_words

VARIABLE: Final = re.compile(r"\{[a-z_]+\}")
SLOT: Final = "\ue000"
"""Stands for whatever a variable is filled with."""
FIRST_SLOT: Final = 0xE100
"""The first of the signs of private use that stand for one value each."""
PERSONAL: Final = frozenset({"again", "fan", "first_time", "delivered", "shipped"})
"""Conditions that say something of the person: a wording that needs one is nothing to say to anybody."""
EVERYWHERE: Final = 6
"""Playbooks in which a word must stand to be nobody's in particular."""
SENTENCE: Final = re.compile(r"[^。.!?！？\n]+(?:[.](?=\S)[^。.!?！？\n]*)*[。.!?！？]*")
HAS_SLOT: Final = re.compile("[\ue100-\ue1ff]")
_NOT_SAID: Final = re.compile(r"[\s、。,.!?！？「」“”\"'’:;：；()（）…・-]+")
_JAPANESE: Final = re.compile(r"[一-龥々〆]+|[ァ-ヶー]+|[ぁ-んー]+|[A-Za-z]+")
_KANA: Final = re.compile(r"[ぁ-んー]+")
GRAM: Final = 3
"""Signs of hiragana that are looked at together: grammar repeats itself, names do not."""


def sentences_of(text: str) -> list[str]:
    """Return the sentences of a text, lines apart."""
    return SENTENCE.findall(unicodedata.normalize("NFKC", text))


def plain_sentence(sentence: str) -> str:
    """Return what is compared of a sentence; whatever fills a slot is alike."""
    return _NOT_SAID.sub("", HAS_SLOT.sub(SLOT, unicodedata.normalize("NFKC", sentence))).casefold()


def words_in(text: str, language: Language) -> list[str]:
    """Return the words of a text, without case: of Japanese runs of one script, hiragana in threes."""
    plain = unicodedata.normalize("NFKC", text).replace("’", "'")
    if language is not Language.JA:
        return [word.casefold() for word in re.findall(r"[^\W\d_]+(?:'[^\W\d_]+)*", plain)]
    found: list[str] = []
    for run in _JAPANESE.findall(plain):
        if _KANA.fullmatch(run):
            found += [run] if len(run) <= GRAM else [run[at : at + GRAM] for at in range(len(run) - GRAM + 1)]
        else:
            found.append(run.casefold())
    return found


@dataclass(frozen=True, kw_only=True)
class OwnWords:
    """What a brand may say in one language to anybody."""

    book: BrandBook
    playbooks: Sequence[Playbook]
    language: Language

    @cached_property
    def sentences(self) -> frozenset[str]:
        """Every sentence of every wording, as ``plain_sentence`` gives it."""
        said = [text for playbook in self._ours for text in _texts(playbook, personal=False)]
        return _plain_sentences([*said, *self._voice])

    def knows(self, sentence: str) -> bool:
        """Whether a sentence with its slots is one of ours, word for word."""
        return plain_sentence(sentence) in self.sentences

    def is_personal(self, sentence: str) -> bool:
        """Whether it is one that we say only to those of whom it holds."""
        return plain_sentence(sentence) in self._personal and not self.knows(sentence)

    def words_about(self, playbook_ids: Iterable[str]) -> frozenset[str]:
        """Return the words that say nothing of anybody in a reply by these playbooks."""
        own = frozenset().union(*(self._words_by_playbook.get(one, frozenset()) for one in playbook_ids))
        return self._words_everywhere | own

    @cached_property
    def _personal(self) -> frozenset[str]:
        return _plain_sentences(text for playbook in self._ours for text in _texts(playbook, personal=True))

    @cached_property
    def _ours(self) -> list[Playbook]:
        return [one for one in self.playbooks if one.language == self.language.value and one.purpose is Purpose.ANSWER]

    @cached_property
    def _voice(self) -> list[str]:
        voice = self.book.voice
        said = [voice.name, voice.sign_off, voice.contact_dm, *(one.sign_off for one in voice.persona)]
        said += [voice.contact_other] if voice.contact_other else []
        return [one.say(self.language) for one in said]

    @cached_property
    def _words_by_playbook(self) -> Mapping[str, frozenset[str]]:
        return {
            one.id: frozenset(word for text in _texts(one, personal=False) for word in words_in(text, self.language))
            for one in self._ours
        }

    @cached_property
    def _words_everywhere(self) -> frozenset[str]:
        standing = Counter(word for words in self._words_by_playbook.values() for word in words)
        ours = {word for text in self._voice for word in words_in(text, self.language)}
        common = common_words(self.language) | (english_words() if self.language is not Language.JA else frozenset())
        return frozenset(word for word, count in standing.items() if count >= EVERYWHERE) | ours | common


_KEPT: OrderedDict[tuple[int, int, Language], OwnWords] = OrderedDict()
_KEEPING: Final = Lock()
MOST_KEPT: Final = 32


def own_words_of(book: BrandBook, playbooks: Sequence[Playbook], language: Language) -> OwnWords:
    """Return the own words of this very book and these very playbooks; worked out once while they do not change."""
    place = (id(book), id(playbooks), language)
    with _KEEPING:
        # What is kept holds on to its book and playbooks, so that no other can have their identity.
        kept = _KEPT.pop(place, None) or OwnWords(book=book, playbooks=playbooks, language=language)
        _KEPT[place] = kept
        if len(_KEPT) > MOST_KEPT:
            _KEPT.popitem(last=False)
        return kept


def _plain_sentences(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(plain_sentence(one) for text in texts for one in sentences_of(text))


def _texts(playbook: Playbook, *, personal: bool) -> list[str]:
    return [
        VARIABLE.sub(SLOT, wording.text)
        for move in playbook.moves
        for wording in move.wordings
        if bool(PERSONAL & {*move.when, *wording.needs}) is personal
    ]
