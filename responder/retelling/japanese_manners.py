"""Manners: the customer's words turned round to the shop's side: honorifics for what is theirs and what they do.

頼んだのに → ご注文になったのに, うちの子 → お子さま, 店員さん → スタッフ, 電話がつながらない → お電話がつながらない.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from responder.retelling.japanese_words import Word, listed, particle, table

BECOME: Final = Word("", "なる", "動詞", "非自立可能", group="五段-ラ行")
DO: Final = Word("", "する", "動詞", "非自立可能", group="サ行変格")
GET: Final = Word("", "もらえる", "動詞", "非自立可能", group="下一段-ア行")
AUXILIARY: Final = frozenset({"れる", "られる", "せる", "させる", "たい", "そう"})
FAVOURS: Final = frozenset({"くれる", "くださる", "もらう", "いただく", "もらえる", "いただける", "頂く", "下さる"})
MOVING: Final = frozenset({"くる", "いく", "おく"})
OWN: Final = frozenset({"うち", "私", "わたし", "我が家"})
SIBLINGS: Final = frozenset({"姉", "兄", "妹", "弟", "母", "父"})
"""Of anybody else no relatives, but how people call each other: 眼鏡のお姉さん."""
KEEPING: Final = frozenset({"いる", "おく", "しまう", "くる"})
SHOP: Final = frozenset({"ここ", "そちら", "御社", "貴社", "貴店"})
TITLES: Final = frozenset({"さん", "さま", "様", "方", "たち", "ちゃん"})


def mind_manners(words: Sequence[Word]) -> list[Word]:
    """Return ``words`` (plain, see ``make_plain``) as the shop says them."""
    is_served = any(word.base == GET.base or word.base in table("services").values() for word in words)
    return _honour_deeds(_honour_things(_name_people(words)), is_served=is_served)


def _name_people(words: Sequence[Word]) -> list[Word]:
    """Relatives, staff and the shop, as the shop calls them."""
    named: list[Word] = []
    place = 0
    while place < len(words):
        word, place = words[place], place + 1
        said = "" if place < len(words) and words[place].kind == "名詞" else _called(word)
        own = [one.said for one in named[-2:]]
        if own[-1:] == ["の"] and own[0] not in OWN and word.base in SIBLINGS:
            said = ""
        if said and own and own[-1] == "の" and own[0] in OWN:
            named = named[:-2]
        if said and named and named[-1].kind == "接頭辞":
            named = named[:-1]
        named.append(replace(word, said=said) if said else word)
        while said and place < len(words) and words[place].base in TITLES and words[place].kind == "接尾辞":
            place += 1
    return named


def _called(word: Word) -> str:
    if word.kind == "代名詞" and word.base in SHOP:
        return "当店"
    return str(table("people").get(word.base, "")) if word.kind == "名詞" else ""


def _honour_things(words: Sequence[Word]) -> list[Word]:
    """お and ご before what is the customer's, where the word stands alone."""
    honoured = list(words)
    for place, word in enumerate(words):
        said = table("things").get(word.said) if word.kind == "名詞" else None
        before = words[place - 1] if place else None
        after = words[place + 1] if place + 1 < len(words) else None
        when = before is not None and (before.base in listed("times") or before.base in listed("counters"))
        whose = word.base in {"家", "部屋"} and before is not None and before.said == "の"
        grown = before is not None and (before.is_noun or before.kind in {"接頭辞", "形状詞"}) and not when
        is_alone = not (grown or whose) and not (
            after and (after.is_noun or after.base in {"する", "できる"} or after.kind == "形状詞")
        )
        if said and is_alone:
            honoured[place] = replace(word, said=str(said))
    return honoured


def _honour_deeds(words: Sequence[Word], *, is_served: bool) -> list[Word]:
    """Say politely what the customer does: 頼む → ご注文になる."""
    honoured: list[Word] = []
    place = 0
    while place < len(words):
        word, rest = words[place], words[place + 1 :]
        is_verbal = word.kind == "名詞" and rest[:1] != [] and rest[0].base == "する" and rest[0].is_verb
        deed = str(table("deeds").get(f"{word.base}する", "")) if is_verbal else _deed(word)
        behind = rest[1:] if is_verbal else rest
        grown = is_verbal and place > 0 and words[place - 1].is_noun and words[place - 1].base not in listed("times")
        if deed and not grown and _is_theirs(word, behind, is_served=is_served):
            honoured += _do(deed, rest[0] if is_verbal else word)
            place += 1 + is_verbal
        else:
            honoured.append(word)
            place += 1
    return honoured


def _is_theirs(word: Word, rest: Sequence[Word], *, is_served: bool) -> bool:
    """Whether the customer does it, rather than has it done or heard it said."""
    after = rest[0] if rest else None
    if _is_auxiliary(after) or (after and after.said == "と"):
        return False
    if after and after.base == "ない" and word.base in listed("hoped"):
        return False
    is_linked = after is not None and after.said in {"て", "で"}
    return not is_linked or not (is_served or (len(rest) > 1 and rest[1].base in FAVOURS | MOVING))


def _deed(word: Word) -> str:
    return str(table("deeds").get(word.base, "")) if word.is_verb and word.base != "する" else ""


def _is_auxiliary(word: Word | None) -> bool:
    """Whether ``word`` makes of a deed what is done to somebody, or is only wished."""
    return word is not None and (
        word.base in AUXILIARY or word.kind == "接尾辞" or word.said == "に" or (word.is_verb and word.base != "する")
    )


def _do(said: str, word: Word | None) -> list[Word]:
    """Return ``said``, which ends in なる or する, to be inflected like ``word``."""
    verb = BECOME if said.endswith("なる") else DO
    lead = Word(said[:-2], said[:-2], "副詞")
    continues = word is not None and word.said and word.form.startswith("連用形-一般")
    return [lead, replace(verb, said="", form="連用形-一般" if continues else "")]


def serve(words: Sequence[Word]) -> list[Word] | None:
    """Say what our staff did for them: 選んでくれた → お選びした, 選んでくれて助かった → 選んでもらえて助かった; None where we cannot."""
    favours = [place for place, word in enumerate(words) if word.base in FAVOURS and word.is_verb]
    if not favours:
        return list(words)
    if any(place < 2 or words[place - 1].said not in {"て", "で"} for place in favours):  # noqa: PLR2004 - a verb and て
        return None
    if any(words[place - 2].base in KEEPING or _describes(words, place) for place in favours):
        return None
    is_linked = len(favours) > 1 or any(
        word.finer == "接続助詞" or word.said in {"たら", "だら"} for word in words[: favours[0] - 1]
    )
    humble = (
        None if is_linked or any(word.base != "た" for word in words[favours[0] + 1 :]) else _humble(words, favours[0])
    )
    return humble or _beg_of([_get(words, place) if place in favours else word for place, word in enumerate(words)])


def _describes(words: Sequence[Word], place: int) -> bool:
    """Whether the favour at ``place`` only says of somebody who did it: 来てくれた人."""
    behind = [word for word in words[place + 1 :] if word.base != "た"]
    return bool(behind) and behind[0].is_noun


def _get(words: Sequence[Word], place: int) -> Word:
    favour, rest = words[place], words[place + 1 :]
    goes_on = rest and favour.said and favour.form == "連用形-一般" and rest[0].said not in {"て", "た", "ても"}
    return replace(GET, said="もらえて" if goes_on else "")


def _humble(words: Sequence[Word], place: int) -> list[Word] | None:
    """選んでくれた → お選びした."""
    verb = words[place - 2]
    noun = words[place - 3] if place > 2 and verb.base == "する" else None  # noqa: PLR2004 - the noun stands before する
    said = str(table("services").get(f"{noun.base}する" if noun else verb.base, ""))
    grown = noun is not None and place > 3 and words[place - 4].is_noun  # noqa: PLR2004 - 道案内 is one word
    if not said or grown:
        return None
    lead = Word(said.removesuffix("する"), said, "副詞")
    return [*words[: place - 3 if noun else place - 2], lead, DO, *words[place + 1 :]]


def _beg_of(words: list[Word]) -> list[Word] | None:
    """スタッフが選んでもらえて → スタッフに選んでもらえて."""
    getting = next(place for place, word in enumerate(words) if word.base == GET.base)
    subjects = [place for place, word in enumerate(words[:getting]) if word.said in {"が", "は"} and word.is_particle]
    for place in subjects:
        is_far = any(word.finer == "接続助詞" for word in words[place : getting - 1])
        if is_far or words[place - 1].base not in listed("persons") | TITLES:
            return None
        words[place] = particle("に", "格助詞")
    return words if len(subjects) < 2 else None  # noqa: PLR2004 - two of them are no sentence of ours
