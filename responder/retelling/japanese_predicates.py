"""The predicate of a clause: what it says, and whether that is trouble."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from responder.retelling.japanese_manners import FAVOURS
from responder.retelling.japanese_words import Word, listed, table

ASPECTS: Final = frozenset({"いる", "ある", "しまう", "くる", "いく", "おく", "みる"})
GRIEVOUS: Final = frozenset({"しまう", "すぎる", "にくい", "づらい", "まま", "すぎ"})
ARRIVING: Final = frozenset({"届く", "入る", "来る", "くる", "なる", "送る", "出る"})
APPEARING: Final = frozenset(
    {"つく", "付く", "入る", "ある", "できる", "出る", "生える", "混ざる", "残る", "あく", "開く", "空く"}
)
RUNNING: Final = frozenset({"かける", "続ける", "始める", "だす", "出す", "はじめる"})
"""Behind the stem of a verb: 剥がれかける."""
OTHER: Final = frozenset({"違う", "別", "逆", "左右逆", "逆さま", "逆さ", "反対", "ちがう", "間違う", "間違える"})
UNTROUBLED: Final = frozenset(
    {"必要", "問題", "不満", "文句", "心配", "不具合", "違和", "申し分", "傷", "無駄", "間違い", "はず"}
)


@dataclass(slots=True)
class Predicate:
    """The last predicate of a clause."""

    head: str = ""
    kind: str = ""
    at: int = 0
    subject: str = ""
    marker: str = ""
    """The particle behind the subject."""
    negative: bool = False
    passive: bool = False
    past: bool = False
    aspects: set[str] = field(default_factory=set)


def find_predicate(words: Sequence[Word]) -> Predicate:
    """Return the predicate that ``words`` (plain, sound) end with."""
    found = Predicate()
    place = len(words) - 1
    while place > 0 and _is_ending(words, place, found):
        place -= 1
    head = words[place]
    found.head, found.kind, found.at = head.base, head.kind, place
    if (
        head.base in {"する", "なる"}
        and place
        and words[place - 1].kind in {"名詞", "形状詞", "接尾辞"}
        and head.base == "する"
    ):
        found.head, found.kind, found.at = words[place - 1].base, "サ変", place - 1
    found.subject, found.marker = _subject(words, found.at)
    return found


def _is_ending(words: Sequence[Word], place: int, found: Predicate) -> bool:
    """Note what the word at ``place`` adds to the predicate; False where it is the predicate itself."""
    word, before = words[place], words[place - 1]
    if word.base == "た" and word.kind == "助動詞":
        found.past = True
    elif word.base == "ない" and (word.kind == "助動詞" or before.said in {"は", "く"} or before.kind == "形容詞"):
        found.negative = True
    elif word.base in {"れる", "られる"} and word.kind == "助動詞":
        found.passive = True
    elif word.base == "なる" and before.base == "ない":
        # できなくなった is できない.
        found.aspects.add(word.base)
    elif _is_aspect(word, before):
        found.aspects.add(word.base)
    else:
        return word.base == "だ" or (word.is_particle and word.said in {"て", "で", "は"} and place < len(words) - 1)
    return True


def _is_aspect(word: Word, before: Word) -> bool:
    if word.is_verb and word.base in ASPECTS:
        return before.said in {"て", "で"}
    if before.is_particle or before.said == "、":
        return word.base == "まま"
    if word.base in RUNNING and word.finer == "非自立可能" and (before.is_verb or before.base in {"れる", "られる"}):
        return True
    return word.base in GRIEVOUS and (word.is_verb or word.kind == "接尾辞" or word.base == "まま")


def _subject(words: Sequence[Word], at: int) -> tuple[str, str]:
    """Return the noun that stands with が, も, は before the predicate at ``at``, and that particle; both empty where there is none."""
    for place in range(at - 1, 0, -1):
        word = words[place]
        breaks = word.finer == "接続助詞" and words[place - 1].base in listed("broken")
        if breaks and place == at - 1:
            # 箱がつぶれて届く: the box is what arrives.
            continue
        if word.said in {"が", "も", "は", "すら", "さえ", "だけ", "しか", "まで"} and word.is_particle:
            noun = words[place - 1]
            if not (noun.is_noun or words[place - 2].kind == "接頭辞") and word.said != "が":
                # 洗っただけで, 家には: what it is about stands further ahead.
                continue
            if noun.base in listed("times") and word.said == "も":
                continue
            if place > 1 and words[place - 2].finer == "数詞" and word.said in {"だけ", "も", "は", "しか", "まで"}:
                continue
            is_noun = noun.is_noun or (place > 1 and words[place - 2].kind == "接頭辞")
            return (noun.base, word.said) if is_noun else ("", "")
        if word.finer == "接続助詞" and not (word.said == "て" and words[place - 1].kind == "形容詞"):
            break
    return "", ""


def is_trouble(words: Sequence[Word], found: Predicate) -> bool:
    """Whether the clause tells what went wrong."""
    if _is_no_trouble(words, found):
        return False
    if _is_told_not(words, found) or _sounds_wrong(words, found):
        return True
    if found.kind == "形容詞" and not (found.negative or found.aspects & GRIEVOUS):
        return (
            _is_lacked(found) if found.head == "ない" else found.head in listed("bad") and found.marker in {"が", "も"}
        )
    if found.negative:
        return found.head not in listed("broken") and _is_missed(words, found)
    return _is_suffered(words, found)


def _is_no_trouble(words: Sequence[Word], found: Predicate) -> bool:
    """Whether it was done for them, is only felt or thought of, or is none of what can be told."""
    if any(word.base in FAVOURS for word in words[: found.at]) or (found.marker == "しか" and not _is_not(found)):
        return True
    if is_supposed(words, found) or found.subject in listed("feelings") | {"はず"} or _is_pleased(words, found):
        return True
    if any(word.base in {"好き", "好く", "大好き", "程よい", "満点"} for word in words):
        return True
    return found.head == "ひどい" and found.subject not in listed("severe")


def _is_pleased(words: Sequence[Word], found: Predicate) -> bool:
    """Whether it comes of something good: かわいくて毎日開いてしまう."""
    return any(word.base in listed("good") and after.said == "て" for word, after in pairwise(words[: found.at]))


def is_supposed(words: Sequence[Word], found: Predicate) -> bool:
    """Whether it is only thought of what would be: 火事になったら逃げられない."""
    is_told = found.past or "いる" in found.aspects or any(word.said in {"毎回", "いつも", "必ず"} for word in words)
    return not is_told and found.kind in {"動詞", "サ変"} and any(word.said in {"たら", "だら"} for word in words)


def _is_suffered(words: Sequence[Word], found: Predicate) -> bool:
    """Whether something broke, was done to them, or was not meant to be so."""
    if (found.passive and found.head in listed("suffered") and found.marker != "は") or (
        found.head == "まだ" and found.marker == "が"
    ):
        return True
    if found.subject in (listed("persons") | set(table("people"))) - listed("staff"):
        return False
    if found.subject in listed("staff") and found.head not in listed("late"):
        return False
    ended = "しまう" in found.aspects and found.head in listed("hoped") | listed("lacking")
    if found.head in listed("broken") or found.aspects & (GRIEVOUS - {"しまう"}) or ended:
        named = found.marker or any(word.said in {"、", "は", "が", "に", "を"} for word in words[: found.at])
        sure = found.head not in listed("unsure") and bool(named)
        is_kept = "まま" in found.aspects and found.head not in listed("broken")
        return found.marker in {"が", "も", "だけ", "まで"} | ({"は", ""} if sure and not is_kept else set())
    return _is_bad(words, found) or (_is_marked(words, found) and _is_fact(words, found))


def _is_told_not(words: Sequence[Word], found: Predicate) -> bool:
    """Whether they were told, or shown, that something is not so: 在庫が無いと言われた, 残高0と出る."""
    said = [word.base for word in words[: found.at]]
    if len(said) < 3 or said[-1] not in {"と", "に"}:  # noqa: PLR2004 - what is named, what is said of it, と
        return False
    named = any(word.is_particle and word.said in {"が", "は", "も", "しか"} for word in words[: found.at])
    if found.head == "言う":
        return found.passive and named and said[-2] == "ない"
    return found.head in {"出る", "なる", "表示"} and said[-2] in {"0", "エラー", "無効", "不明", "在庫切れ", "圏外"}


def _sounds_wrong(words: Sequence[Word], found: Predicate) -> bool:
    """椅子がガタガタする, 画面が真っ白になる."""
    before = words[found.at - 1].base if found.at else ""
    if found.marker not in {"が", "も"} or found.negative:
        return False
    if found.head == "する":
        return before in listed("mimetic")
    place = found.at - 1 if found.kind == "サ変" else found.at - 2
    state = words[place] if place >= 0 else None
    is_turned = found.head == "なる" and before in {"だ", "に"} and state is not None
    return is_turned and state is not None and state.base in listed("bad_states")


def _is_not(found: Predicate) -> bool:
    return found.negative or found.head == "ない"


def _is_lacked(found: Predicate) -> bool:
    """Whether something is not there that should be."""
    nothing = UNTROUBLED | listed("times") | listed("quantifiers")
    return found.marker == "しか" or (bool(found.subject) and found.subject not in nothing)


def _is_missed(words: Sequence[Word], found: Predicate) -> bool:
    """Whether what did not happen was hoped for."""
    said = [word.said for word in words[: found.at]]
    is_of_others = found.subject in (listed("persons") | set(table("people"))) - listed("staff")
    if (found.passive and found.marker == "しか") or is_of_others:
        return False
    if not found.marker and said[-1:] in ([], ["て"], ["で"]):
        return False
    is_unspoilt = found.head in APPEARING and found.subject in listed("bad_states") | {"埃", "ほこり"}
    if is_unspoilt or (found.head == "つく" and not found.marker):
        return False
    if found.head in listed("hoped") or found.head in listed("lacking") or found.passive or found.head in FAVOURS:
        return True
    return found.head in listed("happening") and any(word.said in {"しか", "いまだに", "まだ"} for word in words)


def _is_marked(words: Sequence[Word], found: Predicate) -> bool:
    """Whether the clause itself says that it was not meant to be so: のに, しか, また, 勝手に, 突然."""
    said = [word.said for word in words[: found.at]]
    return any(one in listed("marks") for one in said) or ("たら" in said and found.past)


def _is_fact(words: Sequence[Word], found: Predicate) -> bool:
    """Whether it is told as a fact, of something that the customer did not do."""
    if found.head == "言う" and not any(word.base in {"ない", "対象", "のに"} for word in words):
        return False
    is_told = found.past or "いる" in found.aspects
    said = {word.said for word in words}
    if not (found.marker or found.passive or (found.head in ARRIVING and "、" in said)):
        return False
    if not is_told or is_own(found) or found.head in listed("good") | listed("glad") | listed("good_states"):
        return False
    return found.passive or not any(word.said == "を" for word in words[: found.at])


def is_own(found: Predicate) -> bool:
    """Whether it is what customers themselves do."""
    own = found.head in table("deeds") or f"{found.head}する" in table("deeds") or found.head in listed("own")
    # 金額が書いてあった: somebody left it so.
    return own and not found.passive and "ある" not in found.aspects


def _is_bad(words: Sequence[Word], found: Predicate) -> bool:
    head = found.head
    if found.kind != "動詞":
        return head in listed("bad_states") and (
            found.marker != "" or any(word.said in {"のに", "ても"} for word in words)
        )
    if head == "なる":
        return found.marker in {"が", "も"} and "いる" in found.aspects
    if head in APPEARING and found.subject in listed("bad_states"):
        return True
    if head in ARRIVING and words[found.at - 1].said in {"て", "で"} and words[found.at - 2].base in listed("broken"):
        return found.marker == "が" or any(word.said == "が" for word in words[: found.at])
    return head in ARRIVING and any(one.base in OTHER or one.said in {"のに", "まま"} for one in words)
