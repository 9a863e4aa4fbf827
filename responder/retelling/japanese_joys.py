"""The predicate of a clause of praise: whether it tells what they are glad of."""

from collections.abc import Sequence

from responder.retelling.japanese_manners import FAVOURS
from responder.retelling.japanese_predicates import APPEARING, GRIEVOUS, OTHER, Predicate
from responder.retelling.japanese_words import Word, listed


def is_joy(words: Sequence[Word], found: Predicate) -> bool:
    """Whether the clause tells what they are glad of."""
    head = found.head
    if found.negative:
        unspoilt = head in APPEARING and found.subject in listed("bad_states")
        return unspoilt or (head in listed("lasting") and not found.passive)
    if _is_spoilt(words, found):
        return False
    if found.kind == "形容詞":
        return head in listed("good") and _is_said_of(words, found)
    if head in FAVOURS:
        return found.past and words[found.at - 1].said in {"て", "で"}
    is_kept = head in listed("kept") and "いる" in found.aspects
    if is_kept and any(word.base in listed("lastingly") for word in words):
        return True
    is_deed = found.kind in {"動詞", "サ変"} and head in listed("glad") and _is_welcome(words, found)
    return is_deed or head in listed("good_states") or "やすい" in found.aspects


def _is_spoilt(words: Sequence[Word], found: Predicate) -> bool:
    """Whether anything in it went wrong, or is only felt."""
    if any(word.base in listed("bad") for word in words[: found.at]) or _is_off(words):
        return True
    is_felt = found.subject in listed("feelings") | {"ほう", "方"}
    return bool(found.aspects & GRIEVOUS) or found.passive or is_felt


def _is_welcome(words: Sequence[Word], found: Predicate) -> bool:
    """Whether it is said that it came well, or what it was that helped: 早くて助かった."""
    if found.head == "届く":
        return found.past and any(word.base in listed("welcome") for word in words[: found.at])
    return found.head != "助かる" or words[found.at - 1].said != "が" or found.subject in {"目", "体", "足", "腰"}


def _is_said_of(words: Sequence[Word], found: Predicate) -> bool:
    """Whether it is named what is good, or what made it so."""
    before = words[found.at - 1]
    if found.subject in listed("persons") | {"機嫌"} and found.head in {"いい", "よい", "良い"}:
        return False
    if before.base == "ない":
        return False
    return found.marker in {"が", "も"} or (before.said in {"て", "で"} and before.finer == "接続助詞")


def _is_off(words: Sequence[Word]) -> bool:
    """Whether something in it was not as it should be."""
    return any(word.base in OTHER | {"逆", "行方", "不明"} for word in words)
