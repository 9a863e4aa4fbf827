"""The predicate of a clause: what it says, and whether that is trouble or joy."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from responder.retelling.japanese_words import Word, listed

ASPECTS: Final = frozenset({"いる", "しまう", "くる", "いく", "おく", "みる"})
GRIEVOUS: Final = frozenset({"しまう", "すぎる", "にくい", "づらい", "まま", "すぎ"})
ARRIVING: Final = frozenset({"届く", "入る", "来る", "くる", "なる", "送る", "出る"})
APPEARING: Final = frozenset(
    {"つく", "付く", "入る", "ある", "できる", "出る", "生える", "混ざる", "残る", "あく", "開く", "空く"}
)
OTHER: Final = frozenset({"違う", "別", "ちがう", "間違う", "間違える"})
UNTROUBLED: Final = frozenset({"問題", "不満", "文句", "心配", "不具合", "違和", "申し分", "傷", "無駄", "間違い"})


@dataclass(slots=True)
class Predicate:
    """The last predicate of a clause."""

    head: str = ""
    kind: str = ""
    at: int = 0
    subject: str = ""
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
    found.subject = _subject(words, found.at)
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
    elif _is_aspect(word, before):
        found.aspects.add(word.base)
    else:
        return word.base == "だ" or (word.is_particle and word.said in {"て", "で", "は"} and place < len(words) - 1)
    return True


def _is_aspect(word: Word, before: Word) -> bool:
    if word.is_verb and word.base in ASPECTS:
        return before.said in {"て", "で"}
    return word.base in GRIEVOUS and (word.is_verb or word.kind == "接尾辞" or word.base == "まま")


def _subject(words: Sequence[Word], at: int) -> str:
    """Return the noun before が, は, も that stands right before the predicate."""
    if at > 1 and words[at - 1].said in {"が", "は", "も", "の", "すら", "さえ"} and words[at - 2].is_noun:
        return words[at - 2].base
    return ""


def is_trouble(words: Sequence[Word], found: Predicate) -> bool:
    """Whether the clause tells what went wrong."""
    head = found.head
    if head == "ない" and found.kind == "形容詞":
        return bool(found.subject) and found.subject not in UNTROUBLED
    if found.negative:
        return head not in listed("broken") and (head in listed("hoped") or found.passive or head in listed("lacking"))
    if (found.passive and head in listed("suffered")) or head in listed("broken") or found.aspects & GRIEVOUS:
        return True
    return _is_bad(words, found)


def _is_bad(words: Sequence[Word], found: Predicate) -> bool:
    head = found.head
    if found.kind != "動詞":
        return head in listed("bad" if found.kind == "形容詞" else "bad_states")
    if head in APPEARING and found.subject in listed("bad_states"):
        return True
    return head in ARRIVING and any(one.base in OTHER or one.said == "のに" for one in words)


def is_joy(_words: Sequence[Word], found: Predicate) -> bool:
    """Whether the clause tells what they are glad of."""
    head = found.head
    if found.negative:
        return head in listed("broken") and not found.passive
    if found.aspects & GRIEVOUS or found.passive:
        return False
    if found.kind == "形容詞":
        return head in listed("good")
    if found.kind in {"動詞", "サ変"} and head in listed("glad"):
        return True
    return head in listed("good_states") or "やすい" in found.aspects
