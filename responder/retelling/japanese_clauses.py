"""Clauses of a Japanese sentence: where one may be cut out, whether it is sound, and the particles that casual speech leaves out."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

import regex

from responder.retelling.japanese_plain import PAST, is_standing
from responder.retelling.japanese_words import Word, is_ours, listed, particle

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
    ]
)
AUXILIARIES: Final = frozenset({"た", "ない", "れる", "られる", "だ"})
SUPPORTING: Final = frozenset({"いる", "くる", "しまう", "くださる", "くれる"})
VAGUE: Final = frozenset({"人", "方", "者", "もの", "こと", "ほう", "分", "前", "後", "中"})
BEGINNINGS: Final = frozenset({"名詞", "動詞", "形容詞", "形状詞", "副詞", "接頭辞", "連体詞", "代名詞"})
SIZES: Final = frozenset({"S", "M", "L", "LL", "XL", "XS", "XXL", "3L"})
FAVOURS: Final = frozenset({"いただく", "くださる", "頂く", "下さる", "もらう"})
TITLES: Final = frozenset({"さん", "さま", "様", "方", "たち"})
PREFIXES: Final = frozenset({"お", "ご", "御", "再", "新", "全", "未", "不"})
ASKING: Final = frozenset(
    ["いつ", "いつごろ", "いつ頃", "どこ", "どちら", "いくら", "どの", "何時", "何", "こちらの", "どう"]
)
FORMAL: Final = frozenset({"こと", "とき", "時", "場合", "ほう", "方", "ため", "ところ", "もの", "の", "間"})
"""What makes a noun of a clause; only behind one."""
ARRIVING: Final = frozenset({"届く", "入る", "来る", "くる", "送る", "出る"})
BEHIND_NO: Final = frozenset({"が", "を", "に", "は", "も"})
SPANS: Final = frozenset({"日", "日間", "週間", "時間", "か月", "ヶ月", "年", "分", "時"})
THING: Final = Word("もの", "もの", "名詞", "普通名詞")
NUMBER: Final = regex.compile("[0-9]{1,2}|[一二三四五六七八九十百何数半]{1,4}")
MOST_DIGITS: Final = 2
MOST_NOUNS: Final = 3


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
        if (joins and segment[start_at].finer != "非自立可能") or before.said == "、":
            yield list(segment[start_at:])


def end_clauses(segment: Sequence[Word]) -> Iterator[list[Word]]:
    """Yield the beginnings of ``segment`` that end where another clause is joined, as clauses of their own."""
    for place in range(2, len(segment) - 1):
        before, word = segment[place - 1], segment[place]
        joined = word.said in {"て", "で"} and word.finer == "接続助詞" and segment[place + 1].finer != "非自立可能"
        stopped = word.said == "、" and before.form == "連用形-一般" and before.inflects and before.base != "だ"
        thanked = before.base in FAVOURS and before.form == "連用形-一般" and word.said not in {"まし", "て", "た"}
        if not (joined or stopped or thanked):
            continue
        end = replace(before, said="", form="")
        is_done = before.is_verb or before.base in {"れる", "られる"}
        yield [*segment[: place - 1], end, *([PAST] if is_done else [])]


def is_sound(words: Sequence[Word], *, asking: bool = False) -> bool:
    """Whether every word is ours, and every function word one that we know how to say."""
    if not words or words[0].kind not in BEGINNINGS or words[0].base in SUPPORTING | VAGUE:
        return False
    padded = [*words, None]
    return all(
        (asking and words[place].base in ASKING) or _is_known(words, place, padded[place + 1])
        for place in range(len(words))
    )


def _is_known(words: Sequence[Word], place: int, after: Word | None) -> bool:
    word = words[place]
    checks = {
        "助詞": lambda: word.said in PARTICLES and (word.finer != "終助詞"),
        "助動詞": lambda: word.base in AUXILIARIES and word.said != "なら" and word.form != "意志推量形",
        "補助記号": lambda: word.said == "、" and after is not None,
        "接頭辞": lambda: word.base in PREFIXES and after is not None and after.kind == "名詞",
        "代名詞": lambda: word.base in listed("shop"),
    }
    check = checks.get(word.kind)
    return check() if check else _is_content(words, place)


def _is_content(words: Sequence[Word], place: int) -> bool:
    word, before = words[place], words[place - 1] if place else None
    if word.finer == "数詞":
        return _is_number(words, place)
    if word.base in listed("counters") and before and before.finer == "数詞":
        return True
    if word.base in FORMAL and word.kind == "名詞":
        return before is not None and is_standing(before)
    if word.kind == "接尾辞" and word.base in TITLES:
        return before is not None and before.base in listed("persons")
    return (word.said in SIZES or is_ours(word)) and not word.form.startswith(
        ("命令形", "意志推量形", "仮定形", "語幹")
    )


def _is_number(words: Sequence[Word], place: int) -> bool:
    """Return whether it is a small number of days, times, pieces; never a sum."""
    digits = 0
    for word in words[place:]:
        if word.finer != "数詞":
            return digits <= MOST_DIGITS and word.base in listed("counters")
        if not NUMBER.fullmatch(word.said):
            return False
        digits += len(word.said) if word.said.isdigit() else 1
    return False


def supply_particles(words: Sequence[Word]) -> list[Word] | None:
    """Return ``words`` with が and を where they were left out; None where it is not certain which."""
    supplied: list[Word] = []
    nouns = 0
    for place, word in enumerate(words):
        supplied.append(word)
        is_count = word.finer == "数詞" or (place > 0 and words[place - 1].finer == "数詞")
        nouns = nouns + 1 if word.is_noun and not is_count else 0
        after = words[place + 1] if place + 1 < len(words) else None
        if nouns > MOST_NOUNS:
            return None
        if word.said == "の" and place and is_standing(words[place - 1]) and (not after or after.said not in BEHIND_NO):
            return None
        if _runs_on(word, after) or _counts_bare(words, place):
            return None
        if word.finer == "準体助詞" and after and after.said in {"が", "を"} and words[place + 2 : place + 3] != []:
            supplied[-1] = THING if words[place + 2].base in ARRIVING else word
        if after is None or not _lacks_particle(words, place):
            continue
        case = _case(words, place + 1)
        if not case:
            return None
        supplied.append(particle(case, "格助詞"))
    return supplied


def _counts_bare(words: Sequence[Word], place: int) -> bool:
    """Whether pieces are counted without any particle: ネジ一個探した."""
    if place < 2 or place + 1 >= len(words) or words[place - 1].finer != "数詞" or words[place].base in SPANS:  # noqa: PLR2004 - a thing and how many
        return False
    return words[place - 2].is_noun and words[place - 2].finer != "数詞" and words[place + 1].is_verb


def _runs_on(word: Word, after: Word | None) -> bool:
    """Whether two sayings are only put beside each other: 店内きれい、トイレ汚い."""
    if after is None:
        return False
    return (after.said == "、" and (word.kind == "形状詞" or word.base == "すぎ")) or (
        word.kind == after.kind == "形容詞" and is_standing(word)
    )


def _lacks_particle(words: Sequence[Word], place: int) -> bool:
    word, after = words[place], words[place + 1]
    counted = place > 0 and words[place - 1].finer == "数詞"
    if not word.is_noun or counted or word.finer == "数詞" or word.base in listed("quantifiers") | ASKING | {"ごと"}:
        return False
    if after.base in ASKING and after.base != "どう" and word.base not in listed("times"):
        return True
    if after.is_verb and after.base in {"する", "できる"}:
        return word.third not in {"サ変可能", "サ変形状詞可能"}
    if word.base in listed("times"):
        return False
    timed = after.base in listed("times") - listed("quantifiers") or (
        after.finer == "数詞" and words[place + 2 : place + 3] != [] and words[place + 2].base in SPANS
    )
    if timed:
        return True
    return after.kind in {"動詞", "形容詞", "副詞", "形状詞", "連体詞"} or after.base in listed("quantifiers")


def _case(words: Sequence[Word], place: int) -> str:
    """Return the particle before the predicate at ``place``, one adverb further at most."""
    if (words[place].kind == "副詞" and place + 1 < len(words)) or words[place].base in listed("quantifiers"):
        place += 1
    if place >= len(words) or words[place].is_particle:
        return ""
    word, before = words[place], words[place - 1]
    if before.kind == "副詞" and word.is_particle:
        return ""
    ends = place + 1 == len(words) or words[place + 1].base == "だ"
    states = listed("good_states") | listed("bad_states")
    if word.base == "まだ" or (ends and word.kind == "形状詞" and word.base in states):
        return "が"
    if word.base in ASKING or before.base == "ため息":
        return "は" if word.base in ASKING else "を"
    return _case_by_verb(words, place)


def _case_by_verb(words: Sequence[Word], place: int) -> str:
    word = words[place]
    voice = words[place + 1].base if place + 1 < len(words) else ""
    if word.kind == "形容詞":
        return "が" if word.base == "ない" or word.base in listed("bad") or word.base in listed("good") else ""
    is_unsure = word.base in {"入る", "入れる"} or (word.base == "開く" and voice != "ない")
    if not word.is_verb or voice in {"れる", "られる", "せる", "させる"} or is_unsure:
        return ""
    if word.base in listed("transitive"):
        return "を"
    happens = listed("broken") | listed("hoped") | listed("happening")
    return "が" if word.base in happens else ""
