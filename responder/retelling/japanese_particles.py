"""What casual speech leaves out of a clause: its particles, and what it is about."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from responder.retelling.japanese_clauses import ASKING, FORMAL, TITLES
from responder.retelling.japanese_plain import is_standing
from responder.retelling.japanese_words import Word, listed, particle

SPANS: Final = frozenset({"日", "日間", "週間", "時間", "か月", "ヶ月", "年", "分", "時"})
MEALS: Final = frozenset({"昼", "晩"})
TEMPORAL: Final = frozenset(
    ["ごと", "とき", "時", "場合", "ため", "間", "ところ", "まま", "たび", "うち", "途端", "はず", "どおり", "通り", "とおり"]
)  # fmt: skip
"""Nouns that say when, why or how, and take no が."""
PLACES: Final = frozenset({"中", "上", "下", "裏", "表", "横", "左", "右", "前", "先", "外", "底"})
POINTING: Final = frozenset({"こちらの"})
BEHIND_NO: Final = frozenset({"が", "を", "に", "は", "も"})
ARRIVING: Final = frozenset({"届く", "入る", "来る", "くる", "送る", "出る"})
STANDING: Final = frozenset({"のに", "しか", "と", "に", "で", "から", "まで"})
"""What shows that the rest of a clause says enough by itself."""
ABOUT: Final = particle("につきまして", "格助詞")
THING: Final = Word("もの", "もの", "名詞", "普通名詞")
MOST_NOUNS: Final = 3


def say_this(words: Sequence[Word]) -> list[Word]:
    """Return ``words`` with こちらの for この."""
    return [replace(word, said="こちらの", base="こちらの") if word.base == "この" else word for word in words]


def name_topic(words: Sequence[Word]) -> list[Word]:
    """Return ``words`` with what the 、 behind their topic leaves out; nothing where it is no topic: エラー、戻ったら売り切れ.

    が where nothing else is named by が or は (ボタン、着る前に取れた), に where staff did it to them, につきまして where the rest stands by itself.
    """
    end = next((place for place, word in enumerate(words) if word.said == "、"), 0)
    named, rest = words[:end], words[end + 1 :]
    if not named or not rest or not _may_be_topic(named):
        return list(words)
    is_noun = all(word.is_noun or word.said == "の" or word.base in POINTING or word.base in TITLES for word in named)
    if _is_staff(named):
        is_done = any(word.base in {"れる", "られる"} for word in rest[-3:])
        return [*named, particle("に", "格助詞"), *words[end:]] if is_done else []
    if any(word.is_particle and word.said in {"が", "は", "も", "を"} for word in rest):
        is_list = rest[0].is_noun and any(after.said == "、" for after in rest[1:3])
        return list(words) if is_list else [*named, ABOUT, *words[end:]]
    if not is_noun or (rest[0].is_noun and not (len(rest) > 1 and rest[1].base in {"する", "できる"})):
        stands = any(word.is_particle and word.said in ({"のに", "しか"} if is_noun else STANDING) for word in rest)
        return [*named, ABOUT, *words[end:]] if stands else list(words)
    return [] if named[-1].base in listed("bad_states") else [*named, particle("が", "格助詞"), *rest]


def _may_be_topic(named: Sequence[Word]) -> bool:
    """Whether a noun ends what stands before the 、 that names a thing, neither a time nor how many."""
    last = next((word for word in reversed(named) if word.base not in TITLES), named[-1])
    is_when = last.third == "副詞可能" or last.base in listed("times") | TEMPORAL | FORMAL
    is_count = len(named) > 1 and named[-2].finer == "数詞"
    return (
        last.is_noun and last.finer != "数詞" and not (is_when or is_count) and last.base not in listed("quantifiers")
    )


def _is_staff(named: Sequence[Word]) -> bool:
    bases = [word.base for word in named if word.base not in TITLES]
    return bases[-1] in listed("staff") - {"レジ"} or bases[-3:] in (["レジ", "の", "人"], ["レジ", "の", "方"])


def _counts_bare(words: Sequence[Word], place: int) -> bool:
    """Whether pieces are counted without any particle: ネジ一個探した."""
    if place < 2 or place + 1 >= len(words) or words[place - 1].finer != "数詞" or words[place].base in SPANS:  # noqa: PLR2004 - a thing and how many
        return False
    if not words[place].is_noun or words[place - 2].base in listed("times"):
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
    far = 2 if word.base == "分" else 1
    counted = any(one.finer == "数詞" for one in words[max(0, place - far) : place])
    if not word.is_noun or counted or word.finer == "数詞" or word.base in listed("quantifiers") | ASKING | TEMPORAL:
        return False
    is_time = word.base in listed("times")
    is_meal = word.base in MEALS and place > 0 and words[place - 1].kind == "接頭辞"
    is_asked = after.base in ASKING and after.base != "どう" and not is_time
    if _is_parted(words, place) or _counts_up(words, place):
        return True
    if after.base in {"一緒", "いっしょ", "勝手"} or _is_state(words, place + 1) or is_asked or is_meal:
        return True
    if after.is_verb and after.base in {"する", "できる"}:
        return word.third not in {"サ変可能", "サ変形状詞可能"} and word.base not in listed("done_online")
    if is_time:
        return False
    timed = after.base in listed("times") - listed("quantifiers") - {"結果"} or (
        after.finer == "数詞" and words[place + 2 : place + 3] != [] and words[place + 2].base in SPANS
    )
    says = after.kind in {"動詞", "形容詞", "副詞", "形状詞", "連体詞"} or after.base in listed("quantifiers")
    return timed or says


def _counts_up(words: Sequence[Word], place: int) -> bool:
    """Whether how often follows a noun without any particle: ヒーター一回も温まらない."""
    behind = words[place + 1 : place + 4]
    return len(behind) == 3 and behind[0].finer == "数詞" and behind[2].said == "も"  # noqa: PLR2004 - 一, 回, も


def _is_parted(words: Sequence[Word], place: int) -> bool:
    """Whether a noun and what does not happen to it only look like one word: チケット表示されない."""
    deed = words[place + 1]
    voice = words[place + 3].base if place + 3 < len(words) and words[place + 2].base == "する" else ""
    return deed.base in listed("parted") and voice in {"れる", "ない"} and "サ変可能" not in words[place].third


def _ends(words: Sequence[Word], place: int) -> bool:
    """Whether the word at ``place`` is the last, but for だ and だった."""
    behind = [word.base for word in words[place + 1 :]]
    return behind in ([], ["だ"], ["だ", "た"])


def _is_state(words: Sequence[Word], place: int) -> bool:
    """Whether a noun ends the clause that says how something is: アプリ快適."""
    ends = _ends(words, place)
    word = words[place]
    return ends and word.kind == "名詞" and word.base in listed("good_states")


def _case(words: Sequence[Word], place: int) -> str:
    """Return the particle before the predicate at ``place``, one adverb further at most."""
    if (words[place].kind == "副詞" and place + 1 < len(words)) or words[place].base in listed("quantifiers"):
        place += 1
    if place >= len(words) or words[place].is_particle:
        return ""
    if _is_parted(words, place - 1):
        return "が"
    word, before = words[place], words[place - 1]
    if before.kind == "副詞" and word.is_particle:
        return ""
    ends = _ends(words, place)
    states = listed("good_states") | listed("bad_states")
    if word.base == "まだ" or (ends and word.kind in {"形状詞", "名詞"} and word.base in states):
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
        case = "が" if after.base == "まだ" else _case(words, place + 1)
        is_adverb = word.third == "副詞可能" and word.base not in PLACES
        if not case or is_adverb:
            return None
        supplied.append(particle(case, "格助詞"))
    return supplied
