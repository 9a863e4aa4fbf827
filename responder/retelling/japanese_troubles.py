"""Troubles that no list of ours knows by name: what the grammar of a complaint shows to have gone wrong.

Something does not do what it should (電子チケットが開けない), was done to something or to them (値札の上から別の値札が貼ってあった), turned up
where it should not be (袋から針金が出てきた), is other than it was said to be (数えたら8枚だった), or they were told that it cannot be.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from responder.retelling.japanese_manners import FAVOURS
from responder.retelling.japanese_predicates import APPEARING, GRIEVOUS, Predicate, is_own, is_supposed
from responder.retelling.japanese_words import Word, listed, table

SUBJECT: Final = frozenset({"が", "も", "すら", "さえ", "まで"})
WISHED: Final = frozenset({"ほしい", "欲しい", "たい", "なら", "べき", "つもり", "はず", "わけ", "予定", "約束"})
SHOWN: Final = frozenset({"たら", "だら"})
AGAIN: Final = frozenset({"と", "ても", "でも", "毎回", "たび", "いつも", "たら"})
TURNED_UP: Final = frozenset({"から", "に", "には", "で"})
ORDINARY: Final = frozenset(
    {"行く", "来る", "くる", "出る", "帰る", "思う", "いく", "話す", "いる", "おる", "去る", "座る", "立つ"}
)
"""Verbs that れる only makes polite: 奥へ行かれた."""
NOTHING: Final = frozenset({"ある", "変わる", "要る", "いる", "なる", "分かる", "わかる", "生える"})
"""Verbs whose not happening says little, or nothing bad."""
STATED: Final = frozenset({"名詞", "形状詞", "接尾辞"})


def is_plain_trouble(words: Sequence[Word], found: Predicate, *, is_marked: bool) -> bool:
    """Whether the clause of a complaint tells what went wrong; ``is_marked`` where it stands behind のに or はずが."""
    said = [word.said for word in words[: found.at]]
    if found.head == "ある" and found.marker == "が" and "同じ" in said and not found.negative:
        return True
    if _turns_up(found, said) or _seems(words, found) or _is_of_others(words, found):
        return True
    if not _may_be(words, found):
        return False
    is_told = found.past or found.aspects & {"いる", "ある"} != set()
    return (
        _is_refused(words, found)
        or _fails(found, said)
        or (is_told and _is_done_to(words, found))
        or _is_other(words, found, said, is_marked=is_marked)
        or _has_become(words, found)
    )


def _may_be(words: Sequence[Word], found: Predicate) -> bool:
    """Whether it is told of a thing, neither wished nor felt nor done by themselves."""
    if is_supposed(words, found):
        return False
    glad = listed("glad") | listed("good") | listed("good_states") | listed("thought")
    if found.head in glad | WISHED or any(word.base in WISHED - {"はず", "予定", "約束"} for word in words):
        return False
    if any(word.base in FAVOURS and word.is_verb for word in words) or found.subject in listed("feelings") | listed(
        "bodies"
    ):
        return False
    if any(word.base in listed("good") for word in words[: found.at]):
        return False
    return found.passive or not is_own(found)


def _is_of_person(found: Predicate) -> bool:
    return found.subject in (listed("persons") | set(table("people"))) - listed("staff")


def _fails(found: Predicate, said: Sequence[str]) -> bool:
    """Whether something does not happen, or cannot be done."""
    if not found.negative or _is_of_person(found) or found.head in listed("broken") | NOTHING:
        return False
    if found.head in APPEARING and found.subject in listed("bad_states"):
        return False
    if found.kind not in {"動詞", "サ変"} or (found.head == "する" and not found.passive):
        return False
    is_topic = "、" in said and (found.passive or found.head in listed("hoped"))
    insists = is_topic or any(one in listed("insisting") or one == "しか" for one in said)
    has_object = "を" in said and not found.passive
    return not has_object and (found.marker in SUBJECT or (insists and (is_topic or bool(found.marker))))


def _is_done_to(words: Sequence[Word], found: Predicate) -> bool:
    """Whether it was done to something of theirs or to them: 箱が開けられていた, 別の値札が貼ってあった."""
    if found.negative or _is_of_person(found):
        return False
    neutral = listed("neutral") | ORDINARY
    if found.passive and found.subject not in listed("times"):
        return found.kind in {"動詞", "サ変"} and found.head not in neutral and found.marker in SUBJECT
    return "ある" in found.aspects and found.marker in SUBJECT and any(word.base in listed("other") for word in words)


def _turns_up(found: Predicate, said: Sequence[str]) -> bool:
    """Whether there is something where it should not be: 袋に虫がいた."""
    is_told = found.past or "いる" in found.aspects
    if not is_told or found.negative or found.marker not in {"が", "も"} or not set(said) & TURNED_UP:
        return False
    is_seen = found.head in APPEARING | listed("stray") | {"いる", "つく", "付く", "出る"}
    return is_seen and found.subject in listed("foreign") | listed("bad_states")


def _has_become(words: Sequence[Word], found: Predicate) -> bool:
    """Whether something is not as it was: コンセントの周りが黒くなった."""
    if (
        found.head not in {"なる", "変わる"}
        or found.negative
        or found.marker not in {"が", "まで"}
        or _is_of_person(found)
    ):
        return False
    before = words[found.at - 1]
    state = words[found.at - 2] if before.base in {"だ", "に"} else before
    is_stranger = any(word.base in {"知る", "別", "違う", "隣"} for word in words)
    turned = state.kind in {"形容詞", "形状詞"} or is_stranger or state.base in listed("colours") | listed("bad_states")
    is_so = is_stranger or found.past or "いる" in found.aspects or any(word.said in AGAIN for word in words)
    return is_so and turned and state.base not in listed("better") | listed("good") | listed("good_states")


def _seems(words: Sequence[Word], found: Predicate) -> bool:
    """Whether something smells, tastes or sounds: 消しゴムの味がする."""
    is_sensed = found.head == "する" and found.subject in listed("sensed") and found.marker == "が"
    return is_sensed and not found.negative and any(word.base in listed("offensive") for word in words[: found.at])


def _is_of_others(words: Sequence[Word], found: Predicate) -> bool:
    """Whether they are shown what is somebody else's: 他人の購入履歴が見える."""
    is_shown = found.head in {"見える", "出る", "表示", "映る", "届く", "入る"} and not found.negative
    return is_shown and found.marker == "が" and any(word.base == "他人" for word in words[: found.at])


def _is_other(words: Sequence[Word], found: Predicate, said: Sequence[str], *, is_marked: bool) -> bool:
    """Whether it is not what it was said or thought to be: 数えたら8枚だった, 赤ではなく青だった."""
    if found.negative or found.aspects & GRIEVOUS or _is_of_person(found):
        return False
    is_not = any(one == "なく" and before == "は" for before, one in pairwise(said))
    is_marked = is_marked or "のに" in said
    if sum(one.finer == "準体助詞" and after.said == "は" for one, after in pairwise(words)) > 1:
        return found.kind in STATED
    seen = any(word.base in listed("looked") and _leads(words, place) for place, word in enumerate(words))
    if found.kind in STATED and (words[-1].base in {"だ", "た"} or found.at == len(words) - 1):
        is_named = bool(found.marker) or found.kind != "形状詞"
        return (found.past and seen) or is_not or (is_marked and is_named)
    return (is_not or is_marked) and found.marker in {"が", "は"} and found.kind == "形容詞" and found.past


def _leads(words: Sequence[Word], place: int) -> bool:
    """Whether what is looked at behind the word at ``place`` tells how it is: 数えたら."""
    return any(word.said in SHOWN for word in words[place + 1 : place + 3])


def _is_refused(words: Sequence[Word], found: Predicate) -> bool:
    """Whether they were told that it cannot be: 交換できないと言われた."""
    if found.head != "言う" or not found.passive or found.at < 3:  # noqa: PLR2004 - what of, what is said of it, と
        return False
    before, joint = words[found.at - 2], words[found.at - 1]
    if joint.said != "と":
        return False
    return before.base in {"ない", "できない"} or before.base in listed("refusals")
