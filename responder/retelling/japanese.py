"""Japanese posts: the clause that tells the trouble, the joy or the question, in plain form before とのこと or とのお尋ね."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice, pairwise
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
from responder.retelling.japanese_joys import is_joy
from responder.retelling.japanese_manners import mind_manners
from responder.retelling.japanese_particles import name_topic, say_this, supply_particles
from responder.retelling.japanese_plain import NONE, is_standing, make_plain, render
from responder.retelling.japanese_predicates import Predicate, find_predicate, is_trouble
from responder.retelling.japanese_questions import retell_question
from responder.retelling.japanese_services import serve
from responder.retelling.japanese_spoken import say_plainly
from responder.retelling.japanese_troubles import is_plain_trouble
from responder.retelling.japanese_words import Word, listed, particle, read_sentence, table
from responder.thing import CUT, QUOTED, is_attempt
from responder.wordlists import read_words

MOST: Final = 45
LEAST: Final = 6
LONGEST_SENTENCE: Final = 120
"""Longer ones wander, and take time."""
LONGEST_POST: Final = 1000
"""What stands further behind is a story."""
MOST_SENTENCES: Final = 12
MOST_CLAUSES: Final = 8
"""Of one part of a sentence; more only take time."""
BRACKETED: Final = re.compile(r"[(（][^()（）]*[)）](?=[がをはのにでともやへ、])")
ASIDE: Final = re.compile(r"[(（][^()（）]*[)）]")
HANDLES: Final = re.compile(r"^(?:\s*[@#＃]\S+)+(?=\s)|(?<=\s)(?:[@#＃]\S+\s*)+$")
"""Whom and what a post is for, before and behind what it says."""
THERE: Final = Word("ある", "ある", "動詞", "非自立可能", group="五段-ラ行", form="終止形-一般")
"""What 同じ金額が2件 leaves out."""
SUPPOSED: Final = re.compile(r"(?:の|ん)(?:では|じゃ)(?:ない)?(?:です|でしょう)?(?:か(?:な|ね)?)?$")
"""What they only suppose: 送料も減るのでは."""
FINAL: Final = frozenset({"終助詞", "フィラー"})
MARKING: Final = frozenset({"のに", "はず"})


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause that can be said, before our manners."""

    words: Sequence[Word]
    found: Predicate
    is_marked: bool
    """Whether it stands behind what leads to expect otherwise: 頼んだのに."""


Fits = Callable[[Clause], bool]


def retell_japanese(text: str, intent: Intent) -> Mapping[str, str]:
    """Return the clauses of ``text``: see ``retell``."""
    if is_attempt(text, "ja"):
        return {}
    begun = text if len(text) <= LONGEST_POST else text[:LONGEST_POST] + CUT
    bare = ASIDE.sub("。", BRACKETED.sub("", QUOTED.sub(CUT, HANDLES.sub("。", begun))))
    said = ""
    if intent is Intent.COMPLAINT and not _pattern("irony").search(text):
        said, name = _tell(bare, _is_known, _is_plain), "matter"
    elif intent is Intent.PRAISE:
        said, name = _tell(bare, _is_liked), "told"
    elif intent is Intent.QUESTION:
        said, name = retell_question(list(_sentences(bare))), "asked"
    return {name: said} if said else {}


def _is_known(clause: Clause) -> bool:
    return is_trouble(clause.words, clause.found)


def _is_plain(clause: Clause) -> bool:
    return is_plain_trouble(clause.words, clause.found, is_marked=clause.is_marked)


def _is_liked(clause: Clause) -> bool:
    return is_joy(clause.words, clause.found)


@cache
def _pattern(name: str) -> re.Pattern[str]:
    return re.compile(read_words("retelling_ja")[name])


def _tell(text: str, *ways: Fits) -> str:
    """Return the richest clause that the first of ``ways`` fits."""
    is_praise = ways == (_is_liked,)
    segments = [
        list(_find_clauses(segment))
        for sentence, mark in _sentences(text)
        for segment in _told_segments(sentence, mark, is_praise=is_praise)
    ]
    for fits in ways:
        told = [next((said for one in clauses if (said := _say(one, fits))), "") for clauses in segments]
        if any(told):
            return max(told, key=_worth)
    return ""


def _worth(said: str) -> int:
    return min(len(said), 24)


def _sentences(text: str) -> Iterator[tuple[str, str]]:
    """Yield the sentences that nothing was taken out of, each with the marks behind it."""
    before = ""
    for number, (sentence, mark) in enumerate(split_sentences(text)):
        if number >= MOST_SENTENCES:
            return
        is_whole = not before.endswith(CUT) and not mark.startswith(CUT)
        if is_whole and sentence and len(sentence) <= LONGEST_SENTENCE:
            plain = say_plainly(sentence)
            if not _pattern("unfit").search(plain):
                yield plain, mark
        before = mark


def _told_segments(sentence: str, mark: str, *, is_praise: bool) -> list[list[Word]]:
    """Return the parts of a sentence that tell something: of a question what stands before it, and nothing pleased but in praise."""
    segments = [_trim(segment) for segment in cut_segments(make_plain(read_sentence(sentence)))]
    told = segments[:-1] if {"?", "？"} & set(mark) or SUPPOSED.search(sentence) else segments
    if is_praise:
        return told
    is_pleased = [bool(_pattern("pleased").search(render(segment))) for segment in segments]
    if is_pleased[-1] or sentence.endswith("ですね"):
        return []
    return [segment for segment, pleased in zip(told, is_pleased, strict=False) if not pleased]


def _find_clauses(segment: Sequence[Word]) -> Iterator[Clause]:
    """Yield what ends as the segment does, then what ends at a て within it: 首がかぶれて皮膚科に行った → 首がかぶれた."""
    wholes = (*_told_by(segment), segment, *end_clauses(segment))
    cuts = ((whole, words) for whole in wholes for words in cut_clauses(whole))
    for part, words in islice(cuts, MOST_CLAUSES):
        start = len(part) - len(words)
        found = _read_clause(words, is_marked=any(one.base in MARKING for one in part[max(0, start - 3) : start]))
        if found:
            yield found


def _told_by(segment: Sequence[Word]) -> Iterator[Sequence[Word]]:
    """Yield what somebody of theirs told them, without who did: 金額が書いてあったと義母から言われた → 金額が書いてあった."""
    for place, word in enumerate(segment[1:], 1):
        who, rest = segment[place + 1 : place + 3], segment[place + 3 :]
        is_told = word.said == "と" and is_standing(segment[place - 1]) and rest[:1] != [] and rest[0].base == "言う"
        if is_told and who[0].base in table("people") and who[1].said in {"から", "に"}:
            yield segment[:place]


def _read_clause(clause: Sequence[Word], *, is_marked: bool) -> Clause | None:
    """Return ``clause`` with all its particles, if it is sound."""
    told = say_this(clause)
    if not told or not is_sound(told) or not (_ends(told[-1]) or _is_contrast(told)):
        return None
    words = supply_particles(name_topic(told))
    return Clause(words, find_predicate(words), is_marked) if words else None


def _trim(words: Sequence[Word]) -> list[Word]:
    """Return ``words`` without what opens or closes speech only; none where they ask something."""
    trimmed = [word for word in _without_fillers(words) if word.kind not in {"感動詞", "空白"}]
    while trimmed and (trimmed[0].kind in {"接続詞", "補助記号"}):
        trimmed = trimmed[1:]
    if len(trimmed) > 1 and trimmed[-1].base == "なし" and trimmed[-2].is_noun:
        return [*trimmed[:-1], particle("が", "格助詞"), NONE]
    if len(trimmed) > 3 and trimmed[-3].said == "が" and is_counter(trimmed, len(trimmed) - 1):  # noqa: PLR2004 - が, how many
        return [*trimmed, THERE]
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


def _say(clause: Clause, fits: Fits) -> str:
    words, predicate = clause.words, clause.found
    if not fits(clause) or not _names_something(words, predicate):
        return ""
    served = serve(words)
    if served is None:
        return ""
    said = render(_without_is(mind_manners(served)))
    is_idiom = any(idiom in said for idiom in listed("idioms"))
    least = LEAST - 1 if predicate.passive else LEAST
    is_fit = not is_idiom and not any(_pattern(name).search(said) for name in ("private", "denied", "offers"))
    return said if least <= len(said) <= MOST and is_fit else ""


def _names_something(words: Sequence[Word], predicate: Predicate) -> bool:
    """Whether something is named beside what is said of it."""
    if predicate.head == "手放せる":
        return predicate.at > 1
    if predicate.passive and (predicate.kind == "サ変" or predicate.head in {"待つ", "待たす", "引き落とす"}):
        is_named = predicate.head not in listed("parted") - {"発送", "出荷"} or bool(predicate.marker)
        return is_named or any(word.said == "、" for word in words)
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
    is_state = word.is_noun and word.base in listed("bad_states")
    return ends_clause(word) or word.base in listed("endings") or word.kind == "形状詞" or is_state


def _is_contrast(words: Sequence[Word]) -> bool:
    """Whether a noun ends it that is not what was to be expected: ベージュのはずが黄土色, 頼んだのは赤、届いたのは青."""
    contrasts = sum(before.finer == "準体助詞" and word.said == "は" for before, word in pairwise(words))
    return words[-1].is_noun and (contrasts > 1 or any(word.said == "のに" for word in words))
