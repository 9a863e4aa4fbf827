"""Japanese posts: the clause that tells the trouble, the joy or the question, in plain form before とのこと or とのお尋ね."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Final

from domain.words import Intent
from responder.retelling.japanese_clauses import (
    cut_clauses,
    cut_segments,
    end_clauses,
    ends_clause,
    is_counter,
    is_sound,
    split_sentences,
)
from responder.retelling.japanese_manners import mind_manners
from responder.retelling.japanese_particles import name_topic, say_this, supply_particles
from responder.retelling.japanese_plain import NONE, make_plain, render
from responder.retelling.japanese_predicates import Predicate, find_predicate, is_joy, is_trouble
from responder.retelling.japanese_questions import retell_question
from responder.retelling.japanese_services import serve
from responder.retelling.japanese_words import Word, listed, particle, read_sentence, table
from responder.thing import CUT, QUOTED, is_attempt
from responder.wordlists import read_words

MOST: Final = 40
LEAST: Final = 6
LONGEST_SENTENCE: Final = 120
"""Longer ones wander, and take time."""
MOST_SENTENCES: Final = 12
BRACKETED: Final = re.compile(r"[(（][^()（）]*[)）]")
FINAL: Final = frozenset({"終助詞", "フィラー"})


def retell_japanese(text: str, intent: Intent) -> Mapping[str, str]:
    """Return the clauses of ``text``: see ``retell``."""
    if is_attempt(text, "ja"):
        return {}
    bare = BRACKETED.sub(CUT, QUOTED.sub(CUT, text))
    said = ""
    if intent is Intent.COMPLAINT and not _pattern("irony").search(text):
        said, name = _tell(bare, is_trouble), "matter"
    elif intent is Intent.PRAISE:
        said, name = _tell(bare, is_joy), "told"
    elif intent is Intent.QUESTION:
        said, name = retell_question(list(_sentences(bare))), "asked"
    return {name: said} if said else {}


@cache
def _pattern(name: str) -> re.Pattern[str]:
    return re.compile(read_words("retelling_ja")[name])


def _tell(text: str, fits: Callable[[Sequence[Word], Predicate], bool]) -> str:
    """Return the first clause that ``fits``, of the richest sentence."""
    found = [
        said
        for sentence, mark in _sentences(text)
        if not {"?", "？"} & set(mark) and not (fits is is_trouble and _pattern("pleased").search(sentence))
        for said in _tell_sentence(sentence, fits)
    ]
    return max(found, key=_worth, default="")


def _worth(said: str) -> int:
    return min(len(said), 24)


def _sentences(text: str) -> Iterator[tuple[str, str]]:
    """Yield the sentences that nothing was taken out of, each with the marks behind it."""
    before = ""
    for number, (sentence, mark) in enumerate(split_sentences(text)):
        if number >= MOST_SENTENCES:
            return
        is_whole = not before.endswith(CUT) and not mark.startswith(CUT)
        if is_whole and sentence and len(sentence) <= LONGEST_SENTENCE and not _pattern("unfit").search(sentence):
            yield sentence, mark
        before = mark


def _tell_sentence(sentence: str, fits: Callable[[Sequence[Word], Predicate], bool]) -> Iterator[str]:
    for segment in cut_segments(make_plain(read_sentence(sentence))):
        trimmed = _trim(segment)
        said = next((said for clause in _find_clauses(trimmed) if (said := _retell(clause, fits))), "")
        if said:
            yield said


def _find_clauses(segment: Sequence[Word]) -> Iterator[list[Word]]:
    """Yield what ends as the segment does, then what ends at a て within it: 首がかぶれて皮膚科に行った → 首がかぶれた."""
    yield from cut_clauses(segment)
    for part in end_clauses(segment):
        yield from cut_clauses(part)


def _trim(words: Sequence[Word]) -> list[Word]:
    """Return ``words`` without what opens or closes speech only; none where they ask something."""
    trimmed = [word for word in _without_fillers(words) if word.kind not in {"感動詞", "空白"}]
    while trimmed and (trimmed[0].kind in {"接続詞", "補助記号"}):
        trimmed = trimmed[1:]
    if len(trimmed) > 1 and trimmed[-1].base == "なし" and trimmed[-2].is_noun:
        return [*trimmed[:-1], particle("が", "格助詞"), NONE]
    while trimmed and _only_closes(trimmed[-1]):
        if trimmed[-1].said == "か":
            return []
        trimmed = trimmed[:-1]
    return trimmed


def _without_fillers(words: Sequence[Word]) -> Iterator[Word]:
    fillers = listed("fillers")
    for place, word in enumerate(words):
        is_led = place > 0 and words[place - 1].said in fillers and word.base in {"だ", "に"}
        if word.said not in fillers and not is_led:
            yield word


def _only_closes(word: Word) -> bool:
    return word.finer in FINAL or word.kind == "補助記号" or word.finer == "準体助詞"


def _retell(clause: Sequence[Word], fits: Callable[[Sequence[Word], Predicate], bool]) -> str:
    if not is_sound(say_this(clause)) or not _ends(clause[-1]):
        return ""
    words = supply_particles(name_topic(say_this(clause)))
    predicate = find_predicate(words) if words else None
    if words is None or predicate is None or not fits(words, predicate) or not _names_something(words, predicate):
        return ""
    served = serve(words)
    if served is None:
        return ""
    said = render(_without_is(mind_manners(served)))
    is_idiom = any(idiom in said for idiom in listed("idioms"))
    least = LEAST - 1 if predicate.passive else LEAST
    is_fit = not is_idiom and not _pattern("private").search(said)
    return said if least <= len(said) <= MOST and is_fit else ""


def _names_something(words: Sequence[Word], predicate: Predicate) -> bool:
    """Whether something is named beside what is said of it."""
    if predicate.passive and (predicate.kind == "サ変" or predicate.head in {"待つ", "待たす"}):
        return predicate.head not in listed("parted") - {"発送", "出荷"} or bool(predicate.marker)
    if (
        predicate.head in {"よい", "いい", "良い"}
        and predicate.at > 1
        and words[predicate.at - 2].base in table("deeds")
    ):
        return words[predicate.at - 1].said in {"て", "で"}
    empty = listed("vague") | listed("times") | listed("quantifiers")
    return any(
        word.kind == "名詞" and word.finer != "数詞" and word.base not in empty and not is_counter(words, place)
        for place, word in enumerate(words[: predicate.at])
    )


def _without_is(words: list[Word]) -> list[Word]:
    """Return ``words`` without a last だ: とのこと follows the noun."""
    is_noun = len(words) > 1 and words[-2].kind in {"名詞", "接尾辞", "形状詞", "助詞", "副詞"}
    return words[:-1] if words[-1].base == "だ" and is_noun and not words[-1].form.startswith("連用") else words


def _ends(word: Word) -> bool:
    return ends_clause(word) or word.base in listed("endings") or word.kind == "形状詞"
