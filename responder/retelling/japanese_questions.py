"""What a Japanese post asks, before とのお尋ね: 店舗でも返品できるか, 何時まで営業しているか."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice, pairwise
from typing import Final

from responder.retelling.japanese_clauses import (
    ASKING,
    FORMAL,
    cut_clauses,
    cut_segments,
    ends_clause,
    is_counter,
    is_sound,
)
from responder.retelling.japanese_manners import FAVOURS, mind_manners
from responder.retelling.japanese_particles import say_this, supply_particles
from responder.retelling.japanese_plain import make_plain, render
from responder.retelling.japanese_spoken import say_plainly
from responder.retelling.japanese_words import LISTS, Word, listed, particle, read_sentence, table
from responder.wordlists import read_words

DIALECT: Final = re.compile("(?:んか|からか|だったか)$|んかっ|締め?切って")
LEAST: Final = 6
MOST: Final = 40
OR: Final = particle("か", "副助詞")
TELL: Final = frozenset(
    {
        "教える",
        "知る",
        "伺う",
        "聞く",
        "分かる",
        "わかる",
        "確認",
        "知らせる",
        "願う",
        "尋ねる",
        "案内",
        "説明",
        "紹介",
        "提案",
        "教示",
        "教授",
    }
)
GRANTED: Final = frozenset({"いい", "よい", "良い", "大丈夫", "構う", "よろしい", "OK", "可能", "平気"})
ASKED: Final = frozenset({"もらう", "いただく", "頂く"})
GIVEN: Final = frozenset({"くれる", "くださる", "下さる", "いただく", "頂く"})
OFFERED: Final = frozenset({"ある", "できる", "もらえる", "いただける", "頂ける", "くれる", "くださる"})
OURS: Final = frozenset({"いける", "やる", "いただく", "もらう", "思う", "願う", "いかが", "検討", "募集"})
"""What ends a wish or a courtesy rather than a question."""
WHICH: Final = {
    "いつ": "いつになる",
    "いくら": "いくらになる",
    "どこ": "どこにある",
    "いつごろ": "いつごろになる",
    "いつ頃": "いつ頃になる",
}
ALLOWED: Final = Word("よい", "よい", "形容詞", group="形容詞", form="終止形-一般")
GET: Final = Word("", "もらえる", "動詞", "非自立可能", group="下一段-ア行", form="終止形-一般")
ACCEPT: Final = Word("承れる", "承れる", "動詞", group="下一段-ラ行", form="終止形-一般")
BECOMING: Final = frozenset({"に", "と", "く", "で"})
"""Before する it is not the service that is asked for: 印刷にしてもらえるか."""
CAN: Final = Word("", "できる", "動詞", group="上一段-カ行", form="終止形-一般")


def retell_question(sentences: Sequence[tuple[str, str]]) -> str:
    """Return what the first of ``sentences``, each with the mark behind it, asks that can be told; with the second where both are short."""
    asked = list(islice((said for sentence, mark in sentences for said in _ask(sentence, mark)), 2))
    both = "、".join(asked)
    return both if len(both) <= MOST else next(iter(asked), "")


def _ask(sentence: str, mark: str) -> Iterator[str]:
    words = [
        word
        for word in make_plain(_without_doubt(read_sentence(say_plainly(sentence, asking=True))))
        if word.said not in listed("fillers")
    ]
    asked = _cut_at_question(words, is_marked="?" in mark)
    for segment in list(cut_segments(asked))[-1:] if asked else ():
        for clause in cut_clauses(_trim(segment)):
            said = _retell(clause)
            if said:
                yield said
                return


def _without_doubt(words: Sequence[Word]) -> list[Word]:
    """Return ``words`` without でしょう and だろう before か."""
    return [word for word in words if not (word.base in {"です", "だ"} and word.form == "意志推量形")]


def _cut_at_question(words: Sequence[Word], *, is_marked: bool) -> list[Word]:
    """Return the question without its か and what follows; nothing where none is asked."""
    for place in range(len(words) - 1, 0, -1):
        word, rest = words[place], words[place + 1 :]
        if word.said == "か" and word.is_particle and _only_closes(rest):
            asked = list(words[:place])
            return asked[:-1] if asked[-1].finer == "準体助詞" else asked
    if not is_marked:
        return []
    plain = list(words)
    while plain and plain[-1].is_particle and plain[-1].said in {"の", "かな", "かしら"}:
        plain = plain[:-1]
    ends = bool(plain) and (not plain[-1].is_particle or plain[-1].said in {"まで", "から"})
    return plain if ends else []


def _only_closes(rest: Sequence[Word]) -> bool:
    """Whether nothing but よ, な or a request to be told follows."""
    told = [word for word in rest if not word.is_particle and word.kind not in {"補助記号", "接頭辞", "空白"}]
    if not told:
        return all(word.said in {"な", "なあ", "ね", "?", "、"} for word in rest)
    return told[0].base in TELL


def _trim(words: Sequence[Word]) -> list[Word]:
    trimmed = [word for word in words if word.kind not in {"感動詞", "空白"}]
    while trimmed and trimmed[0].kind in {"接続詞", "補助記号"}:
        trimmed = trimmed[1:]
    return trimmed


def _retell(clause: Sequence[Word]) -> str:
    words = say_this(_name_topic(_say_topic(list(clause))))
    if not is_sound(words, asking=True):
        return ""
    supplied = supply_particles(words)
    turned = _turn(_ask_directly(_ask_of_one(_ask_of(supplied, words)))) if supplied else None
    if not turned or not _names_something(turned) or any(word.base in GIVEN for word in turned):
        return ""
    said = render([*mind_manners(turned), OR])
    if re.search(read_words(LISTS)["mocking"], said):
        return ""
    is_fit = not DIALECT.search(said) or any(word.base in ASKING for word in turned)
    return said if LEAST <= len(said) <= MOST and is_fit and not is_denied(said) else ""


def is_denied(said: str) -> bool:
    """Return whether a question says what no reply may; that something is free of charge may be asked."""
    lists = read_words(LISTS)
    return bool(re.search(lists["denied"], said) or re.search(lists["offers"], said.removesuffix("無料か")))


def _marks_something(words: Sequence[Word]) -> bool:
    """Whether any noun stands with a particle of its own: 分解して取ってもよいか leaves out of what."""
    return len(words) < 4 or any(  # noqa: PLR2004 - 返品できる says enough
        before.is_noun and (word.said == "、" or (word.is_particle and word.finer != "接続助詞"))
        for before, word in pairwise(words)
    )


def _ask_of(supplied: list[Word], words: Sequence[Word]) -> list[Word]:
    """Return ``supplied`` with は where we put が before ある: 在庫ある? asks of it."""
    is_ours = (
        not any(word.said == "は" for word in words)
        and len(supplied) > len(words)
        and len(supplied) > 1
        and supplied[-2].said == "が"
    )
    if not is_ours or supplied[-1].base not in {"ある", "いる", "要る"}:
        return supplied
    return [*supplied[:-2], particle("は", "係助詞"), supplied[-1]]


def _names_something(words: Sequence[Word]) -> bool:
    """Whether it is named what is asked about: neither いくら戻るか nor どこで確認できるか says it."""
    empty = listed("vague") | listed("times") | listed("quantifiers") | FORMAL | ASKING
    named = [word for place, word in enumerate(words) if word.is_noun and not is_counter(words, place)]
    said = [word for word in named if word.finer != "数詞" and word.base not in empty]
    if any(word.base in listed("transitive") for word in words) and not _marks_something(words):
        return False
    if sum(word.finer == "準体助詞" for word in words) > 1:
        return False
    is_only_deed = len(said) == 1 and said[0] in words[-2:] and said[0].base in listed("common_deeds")
    is_empty = all(word.base in {"予定", "問題", "画面", "関係", "授乳"} for word in said)
    return not is_empty and not is_only_deed


def _say_topic(words: list[Word]) -> list[Word]:
    """Return ``words`` with は for a casual って behind a noun."""
    return [
        particle("は", "係助詞") if word.said in {"って", "て"} and place and _takes_topic(words[place - 1]) else word
        for place, word in enumerate(words)
    ]


def _name_topic(words: list[Word]) -> list[Word]:
    """Return ``words`` with は for a 、 behind the noun that they begin with: 裾バンド、まだある → 裾バンドはまだある."""
    end = next((place for place, word in enumerate(words) if word.said == "、"), 0)
    if not end or not words[end - 1].is_noun or any(word.said == "は" for word in words[:end]):
        return words
    if (
        words[end - 1].third == "副詞可能"
        or words[end - 1].base in listed("times") | listed("counters")
        or words[end - 1].finer == "数詞"
    ):
        return words
    return [*words[:end], particle("は", "係助詞"), *words[end + 1 :]]


def _ask_of_one(words: list[Word]) -> list[Word]:
    """Return ``words`` with one は only: 福袋は予約はいつから → 福袋の予約はいつから, 裾バンドはまだ取り扱いはある → 裾バンドはまだ取り扱いがある."""
    topics = [place for place, word in enumerate(words) if word.said == "は" and word.is_particle and place]
    if len(topics) != 2 or not words[topics[0] - 1].is_noun or not words[topics[1] - 1].is_noun:  # noqa: PLR2004 - one は too many
        return words
    first, second = topics
    is_owned = all(word.is_noun or word.said == "の" for word in words[first + 1 : second])
    place, said = (first, "の") if is_owned else (second, "が")
    return [*words[:place], particle(said, "格助詞"), *words[place + 1 :]]


def _takes_topic(word: Word) -> bool:
    return word.is_noun or word.said in {"だけ", "まで", "から"}


def _ask_directly(words: list[Word]) -> list[Word]:
    """Say 替えていただくことはできる as 替えてもらえる."""
    *_, verb, noun, _topic, last = [None] * 4 + words
    is_asked = last is not None and last.base in {"できる", "可能"} and noun is not None and noun.base == "こと"
    return [*words[:-4], GET] if is_asked and verb is not None and verb.base in ASKED else words


def _is_unfit(words: Sequence[Word]) -> bool:
    """Whether it ends in a wish, a courtesy, or without what it is about."""
    last, before = words[-1], words[-2]
    cut = {"できる": {"に", "から", "で"}, "ある": {"で"}, "いる": {"に"}}.get(last.base, set())
    cut = set() if any(word.base in ASKING for word in words[-4:]) else cut
    is_ours = last.base in OURS or (last.base == "する" and before.base in OURS)
    # ナッツを使っているか asks what the shop does, of which nothing is said politely.
    is_of_us = last.base == "いる" and len(words) > 3 and words[-3].base in table("deeds")  # noqa: PLR2004 - noun, verb, て, いる
    return before.said in cut or is_ours or is_of_us or any(word.base in {"にくい", "づらい", "伺う"} for word in words)


def _turn(words: list[Word]) -> list[Word] | None:
    """Return the predicate of a question as it is reported, or None."""
    if words[-1].base == "だ":
        words = words[:-1]
    if len(words) < 2:  # noqa: PLR2004 - a word alone asks nothing that can be told
        return None
    last, before = words[-1], words[-2]
    if _is_unfit(words):
        return None
    if last.base == "ない" and last.kind == "助動詞":
        if before.base not in OFFERED:
            # もう入らないか asks what it says; 作らないか invites.
            return words if any(word.said == "もう" for word in words) and before.base not in GIVEN else None
        words = [*words[:-2], replace(before, said="", form="終止形-一般")]
        last, before = words[-1], words[-2] if len(words) > 1 else last
    if last.base in FAVOURS and last.is_verb:
        return _turn_favour(words)
    if last.base in GRANTED and before.said in {"ても", "でも"}:
        words = [*words[:-1], ALLOWED]
    elif last.base in WHICH:
        words = [*words[:-1], Word(WHICH[last.base], last.base, "動詞", form="終止形-一般", group="五段-ラ行")]
    return words if _can_end(words[-1]) else None


def _can_end(last: Word) -> bool:
    if last.is_verb or last.kind in {"形容詞", "助動詞"}:
        return ends_clause(last)
    return last.base in listed("askable") | {"さ"} or last.said in {"まで", "から"}


def _turn_favour(words: list[Word]) -> list[Word] | None:
    """交換してもらえますか → 交換できる, 直してもらえますか → お直しできる, やってもらえますか → 承れる."""
    verb = words[-3] if len(words) > 3 else words[0]  # noqa: PLR2004 - noun, する, て, もらえる
    if words[-2].said not in {"て", "で"} or verb.base in TELL:
        return None
    noun = words[-4] if len(words) > 3 else verb  # noqa: PLR2004 - see above
    if verb.base == "する" and noun.kind == "名詞":
        return [*words[:-3], CAN] if noun.base not in TELL else None
    if verb.base in {"やる", "する"} and words[-4:-3] and words[-4].said not in BECOMING:
        return [*words[:-3], ACCEPT]
    if not any(word.is_noun for word in words[:-3]):
        return None
    if served := str(table("services").get(verb.base, "")).removesuffix("する"):
        return [*words[:-3], Word(served, served, "名詞"), CAN]
    return [*words[:-1], GET] if words[-1].base not in {"もらう", "いただく", "頂く"} else None
