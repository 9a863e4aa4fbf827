"""What our staff did for them, said as the shop says it.

選んでくれた → スタッフがお選びした, 店長さんが運んでくださって → 店長がお運びした; 選んでくれて助かった → 選んでもらえて助かった.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from responder.retelling.japanese_manners import DO, FAVOURS, GET, TITLES
from responder.retelling.japanese_words import Word, listed, particle, table

AFTER: Final = frozenset({"たら", "だら", "と", "ので", "のに", "けど"})
"""Behind these somebody else may act: 電話したら調べてくれた."""
KEEPING: Final = frozenset({"いる", "おく", "しまう", "くる"})
RELIEVED: Final = frozenset({"助かる", "嬉しい", "うれしい", "よい", "良い", "いい", "感動", "感激", "安心", "満足"})
WE: Final = Word("スタッフ", "スタッフ", "名詞", "普通名詞")


def serve(words: Sequence[Word]) -> list[Word] | None:
    """Return ``words`` with what our staff did said as ours; None where we cannot say it."""
    favours = [place for place, word in enumerate(words) if word.base in FAVOURS and word.is_verb]
    if not favours:
        return list(words)
    first = favours[0]
    if len(favours) > 1 or first < 2 or words[first - 1].said not in {"て", "で"}:  # noqa: PLR2004 - a verb and て
        return None
    if not words[first - 2].is_verb or words[first - 2].base in KEEPING:
        return None
    if all(word.base == "た" for word in words[first + 1 :]):
        return _say_done(words, first)
    return _say_relieved(words, first)


def _say_done(words: Sequence[Word], place: int) -> list[Word] | None:
    """選んでくれた → スタッフがお選びした."""
    verb = words[place - 2]
    noun = words[place - 3] if place > 2 and verb.base == "する" else None  # noqa: PLR2004 - the noun stands before する
    said = _deed(words, place, noun) if noun else str(table("services").get(verb.base, ""))
    if not said and not noun:
        return _say_received(words, place)
    start = place - 3 if noun else place - 2
    before = _with_us(words[:start], is_asked=words[place].base in {"もらう", "いただく", "頂く"}) if said else None
    if before is None:
        return None
    return [*before, Word(said.removesuffix("する"), said, "副詞"), DO, *words[place + 1 :]]


def _say_received(words: Sequence[Word], place: int) -> list[Word] | None:
    """店員さんがラックを寄せてくれた → スタッフにラックを寄せてもらえた."""
    if _with_us(words[: place - 2], is_asked=False) is None:
        return None
    start = max((at + 1 for at, word in enumerate(words[: place - 2]) if _lets_act(word)), default=0)
    received = [
        particle("に", "格助詞") if at > start and word.said in {"が", "は"} and _is_staff(words[:at]) else word
        for at, word in enumerate(words[:place])
    ]
    return [*received, GET, *words[place + 1 :]]


def _is_staff(words: Sequence[Word]) -> bool:
    named = next((word for word in reversed(words) if word.base not in TITLES), None)
    return named is not None and named.base in listed("staff")


def _deed(words: Sequence[Word], place: int, noun: Word) -> str:
    before = words[place - 4] if place > 3 else None  # noqa: PLR2004 - 道案内 is one word
    if noun.third != "サ変可能" or (before and (before.is_noun or before.kind == "接頭辞" or before.said == "な")):
        return ""
    return str(table("services").get(f"{noun.base}する", f"{noun.base}する"))


def _with_us(words: Sequence[Word], *, is_asked: bool) -> list[Word] | None:
    """Return ``words`` with who did it, if that was one of ours."""
    start = max((place + 1 for place, word in enumerate(words) if _lets_act(word)), default=0)
    said, ours = list(words[:start]), list(words[start:])
    if ours and ours[0].said == "、":
        said, ours = [*said, ours[0]], ours[1:]
    people = [place for place, word in enumerate(ours) if word.is_particle and word.said in {"が", "は", "も", "に"}]
    for place in people:
        before = next((word for word in reversed(ours[:place]) if word.base not in TITLES), None)
        is_person = before is not None and before.base in listed("persons") | {"人"}
        if before is not None and before.base in listed("staff"):
            if ours[place].said == "に":
                ours[place] = particle("が", "格助詞")
            return [*said, *ours]
        if is_person or ours[place].said in {"が", "は"}:
            return None
    joined = any(word.finer == "接続助詞" and word.said in {"て", "で"} for word in ours)
    if (joined and is_asked) or not ours or ours[0].base in {"ついで", "普通"}:
        return None
    return [*said, WE, particle("が", "格助詞"), *ours]


def _lets_act(word: Word) -> bool:
    return word.said == "、" or (word.said in AFTER and (word.kind == "助動詞" or word.finer == "接続助詞"))


def _say_relieved(words: Sequence[Word], place: int) -> list[Word] | None:
    """選んでくれて助かった → 選んでもらえて助かった."""
    favour, rest = words[place], words[place + 1 :]
    if not any(word.base in RELIEVED for word in rest[:2]) or any(word.said in {"が", "は"} for word in words[:place]):
        return None
    goes_on = favour.said and favour.form == "連用形-一般" and rest[0].said not in {"て", "た", "ても"}
    return [*words[:place], replace(GET, said="もらえて" if goes_on else ""), *rest]
