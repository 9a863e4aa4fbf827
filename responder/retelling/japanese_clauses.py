"""Clauses of a Japanese sentence: where one may be cut out, and whether it is sound."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

import regex

from responder.retelling.japanese_plain import PAST, is_standing
from responder.retelling.japanese_words import Word, is_ours, listed

ENDS: Final = regex.compile(
    r"[。!?！？\n…♪★☆~〜〓]+|\.{2,}|・{2,}|\p{Extended_Pictographic}+|\(笑\)|笑+(?=$|[\s。!])|[wｗ]+(?=$|[\s。!])"
)
APART: Final = frozenset({"が", "けど", "けれど", "けれども", "けども", "し", "から", "ので", "ですが"})
"""What joins two clauses either of which may stand alone."""
WITHIN: Final = frozenset({"て", "で", "ても", "でも", "のに", "と", "たら"})
PARTICLES: Final = frozenset(
    [
        "が",
        "を",
        "に",
        "へ",
        "と",
        "で",
        "から",
        "まで",
        "より",
        "の",
        "も",
        "は",
        "だけ",
        "しか",
        "や",
        "て",
        "ても",
        "でも",
        "のに",
        "ずつ",
        "ばかり",
        "すら",
        "さえ",
        "ほど",
        "くらい",
        "ぐらい",
        "たり",
        "ながら",
        "のみ",
        "とも",
        "など",
    ]
)
AUXILIARIES: Final = frozenset({"た", "ない", "れる", "られる", "だ"})
SUPPORTING: Final = frozenset({"いる", "くる", "しまう", "くださる", "くれる"})
VAGUE: Final = frozenset({"人", "方", "者", "もの", "こと", "ほう", "分", "前", "後", "中"})
BEGINNINGS: Final = frozenset({"名詞", "動詞", "形容詞", "形状詞", "副詞", "接頭辞", "連体詞", "代名詞"})
SIZES: Final = frozenset({"S", "M", "L", "LL", "XL", "XS", "XXL", "3L"})
FAVOURS: Final = frozenset({"いただく", "くださる", "頂く", "下さる", "もらう"})
TITLES: Final = frozenset({"さん", "さま", "様", "方", "たち"})
WORKERS: Final = frozenset({"員", "者", "係", "師", "屋"})
"""Ends of words for people at work: 作業員さん."""
PREFIXES: Final = frozenset({"お", "ご", "御", "再", "新", "全", "未", "不"})
ASKING: Final = frozenset(
    ["いつ", "いつごろ", "いつ頃", "どこ", "どちら", "いくら", "どの", "何時", "何", "こちらの", "どう"]
)
FORMAL: Final = frozenset(
    {
        "こと",
        "とき",
        "時",
        "場合",
        "ほう",
        "方",
        "ため",
        "ところ",
        "もの",
        "の",
        "間",
        "はず",
        "たび",
        "うち",
        "途端",
        "まま",
    }
)
"""What makes a noun of a clause; only behind one."""
LASTING: Final = frozenset({"異なる", "違う", "ある", "いる", "見える", "聞こえる", "できる", "合う", "目立つ", "要る"})
"""What is so rather than happens: 厚みが異なり、."""
STEMMED: Final = frozenset({"すぎる", "過ぎる", "そう", "み", "さ", "め"})
"""What follows the stem of an adjective."""
NUMBER: Final = regex.compile("[0-9]{1,2}|[一二三四五六七八九十百何数半]{1,4}")
MOST_DIGITS: Final = 2


def split_sentences(text: str) -> Iterator[tuple[str, str]]:
    """Yield each sentence with the marks behind it."""
    at = 0
    for mark in ENDS.finditer(text):
        yield text[at : mark.start()].strip(), mark[0]
        at = mark.end()
    yield text[at:].strip(), ""


def cut_segments(words: Sequence[Word]) -> Iterator[list[Word]]:
    """Yield the parts of a sentence that may stand alone, without what joins them."""
    part: list[Word] = []
    for word in words:
        before = part[-1] if part else None
        joins = word.finer == "接続助詞" and word.base in APART
        runs_on = word.kind in {"補助記号", "空白"} and before is not None and ends_clause(before)
        if joins or runs_on:
            yield part
            part = []
        else:
            part.append(word)
    yield part


def ends_clause(word: Word) -> bool:
    """Whether a clause may end with ``word``: a predicate in its plain form."""
    return is_standing(word) and word.said not in {"な", "で"}


def cut_clauses(segment: Sequence[Word]) -> Iterator[list[Word]]:
    """Yield the whole segment, then what is behind each of its joints, longest first."""
    yield list(segment)
    for place in range(1, len(segment) - 1):
        before, start = segment[place - 1], segment[place]
        joins = (before.finer == "接続助詞" and before.said in WITHIN) or before.said in {"たら", "だら"}
        start_at = place + 1 if start.said == "、" else place
        is_apart = before.said == "、" and segment[place - 2].finer != "数詞"
        if (joins and segment[start_at].finer != "非自立可能") or is_apart:
            yield list(segment[start_at:])


def end_clauses(segment: Sequence[Word]) -> Iterator[list[Word]]:
    """Yield the beginnings of ``segment`` that end where another clause is joined, as clauses of their own."""
    for place in range(2, len(segment) - 1):
        before, word = segment[place - 1], segment[place]
        joined = word.said in {"て", "で"} and word.finer == "接続助詞" and segment[place + 1].finer != "非自立可能"
        stopped = word.said == "、" and before.form == "連用形-一般" and before.inflects and before.base != "だ"
        thanked = before.base in FAVOURS and before.form == "連用形-一般" and word.said not in {"まし", "て", "た"}
        if not (joined or stopped or thanked) or _is_not_that(segment, place):
            continue
        end = replace(before, said="", form="")
        is_done = (before.is_verb and before.base not in STEMMED | LASTING) or before.base in {"れる", "られる"}
        yield [*segment[: place - 1], end, *([PAST] if is_done else [])]


def _is_not_that(segment: Sequence[Word], place: int) -> bool:
    """Whether it goes on from what is denied or asked not to be: 電話だけでなく, 入れないで."""
    before, word = segment[place - 1], segment[place]
    return before.base == "ない" and (word.said == "で" or segment[place - 2].said in {"で", "は"})


def is_sound(words: Sequence[Word], *, asking: bool = False) -> bool:
    """Whether every word is ours, and every function word one that we know how to say."""
    if not words or words[0].kind not in BEGINNINGS or words[0].base in SUPPORTING:
        return False
    if words[0].base in VAGUE and [word.said for word in words[1:2]] != ["の"]:
        return False
    if any(word.base == "言う" and is_standing(before) for before, word in pairwise(words)):
        # いらない言うたのに: what is said has no と behind it.
        return False
    padded = [*words, None]
    return all(
        (asking and _may_ask(words, place)) or _is_known(words, place, padded[place + 1]) for place in range(len(words))
    )


def _may_ask(words: Sequence[Word], place: int) -> bool:
    """Whether the word at ``place`` is one of a question: どこ, 発送前なら, 持って行けば."""
    word, after = words[place], words[place + 1] if place + 1 < len(words) else None
    if word.base in ASKING or (word.base == "だ" and word.said == "なら") or word.said == "ば":
        return True
    return word.form.startswith("仮定形") and after is not None and after.said == "ば" and is_ours(word)


def _is_known(words: Sequence[Word], place: int, after: Word | None) -> bool:
    word = words[place]
    checks = {
        "助詞": lambda: word.said in PARTICLES and (word.finer != "終助詞"),
        "助動詞": lambda: word.base in AUXILIARIES and word.said != "なら" and word.form != "意志推量形",
        "補助記号": lambda: word.said == "、" and after is not None,
        "接頭辞": lambda: word.base in PREFIXES and after is not None and after.kind == "名詞",
        "代名詞": lambda: (
            word.base in listed("shop")
            or _is_none(words, place)
            or (word.base == "こちら" and after is not None and after.said == "の")
        ),
    }
    check = checks.get(word.kind)
    return check() if check else _is_content(words, place)


def _is_none(words: Sequence[Word], place: int) -> bool:
    """何も, 誰も, どこにも."""
    behind = [word.said for word in words[place + 1 : place + 3]]
    return words[place].base in {"何", "誰", "どこ"} and (behind[:1] == ["も"] or behind == ["に", "も"])


def _is_content(words: Sequence[Word], place: int) -> bool:
    word, before = words[place], words[place - 1] if place else None
    if word.finer == "数詞":
        return _is_number(words, place)
    if before and ((word.base in listed("counters") and before.finer == "数詞") or before.said + word.said == "二重"):
        return True
    if word.base in FORMAL and word.kind == "名詞":
        return before is not None and (
            is_standing(before) or (word.base in {"まま", "たび", "うち"} and before.said in {"の", "その"})
        )
    if word.kind == "接尾辞" and word.base in TITLES:
        return before is not None and before.base in listed("persons") | WORKERS
    if word.base == "その":
        return place + 1 < len(words) and words[place + 1].base == "まま"
    return (word.said in SIZES or is_ours(word)) and _is_joined(
        word, words[place + 1] if place + 1 < len(words) else None
    )


def _is_joined(word: Word, after: Word | None) -> bool:
    """Whether ``word`` is in a form that ``after`` may follow; カビ may be read as a verb, which none may."""
    if word.form.startswith("語幹"):
        return after is not None and after.base in STEMMED
    runs_on = word.is_verb and word.finer == "一般" and word.form.startswith("連用形-一般")
    is_cut = runs_on and after is not None and after.finer == "一般"
    if word.form.startswith("意志推量形"):
        # 解約しようとしたら.
        return after is not None and after.said == "と"
    return not is_cut and not word.form.startswith(("命令形", "仮定形"))


def is_counter(words: Sequence[Word], place: int) -> bool:
    """Whether the word at ``place`` says how many of what: 箱 names a thing, 三箱 does not."""
    return place > 0 and words[place - 1].finer == "数詞" and words[place].base in listed("counters")


def _is_number(words: Sequence[Word], place: int) -> bool:
    """Return whether it is a small number of days, times, pieces; never a sum."""
    after = words[place + 1] if place + 1 < len(words) else None
    if words[place].said == "0" and after and after.said in {"と", "に"}:
        return True
    if after and after.base == "重" and words[place].said == "二":
        return True
    digits = 0
    for word in words[place:]:
        if word.finer != "数詞":
            return digits <= MOST_DIGITS and word.base in listed("counters")
        if not NUMBER.fullmatch(word.said):
            return False
        digits += len(word.said) if word.said.isdigit() else 1
    return False
