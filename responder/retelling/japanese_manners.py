"""Manners: the customer's words turned round to the shop's side: honorifics for what is theirs and what they do.

頼んだのに → ご注文になったのに, うちの子 → お子さま, 店員さん → スタッフ, 電話がつながらない → お電話がつながらない.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

from responder.retelling.japanese_words import Word, listed, table

BECOME: Final = Word("", "なる", "動詞", "非自立可能", group="五段-ラ行")
DO: Final = Word("", "する", "動詞", "非自立可能", group="サ行変格")
BE: Final = Word("", "れる", "動詞", "非自立可能", group="下一段-ラ行")
GET: Final = Word("", "もらえる", "動詞", "非自立可能", group="下一段-ア行")
AUXILIARY: Final = frozenset({"れる", "られる", "せる", "させる", "たい", "そう"})
FAVOURS: Final = frozenset({"くれる", "くださる", "もらう", "いただく", "もらえる", "いただける", "頂く", "下さる"})
MOVING: Final = frozenset({"くる", "いく", "おく"})
OWN: Final = frozenset({"うち", "私", "わたし", "我が家"})
SIBLINGS: Final = frozenset({"姉", "兄", "妹", "弟", "母", "父"})
"""Of anybody else no relatives, but how people call each other: 眼鏡のお姉さん."""
SHOP: Final = frozenset({"ここ", "そちら", "御社", "貴社", "貴店"})
NEWS: Final = frozenset(
    {
        "メール",
        "通知",
        "連絡",
        "案内",
        "お知らせ",
        "手紙",
        "返事",
        "返信",
        "はがき",
        "とき",
        "時",
        "日",
        "こと",
        "後",
        "翌日",
        "途端",
        "際",
    }
)
"""What comes without being goods, and what is no thing."""
TITLES: Final = frozenset({"さん", "さま", "様", "方", "たち", "ちゃん"})


def mind_manners(words: Sequence[Word]) -> list[Word]:
    """Return ``words`` (plain, see ``make_plain``) as the shop says them."""
    is_served = any(word.base == GET.base or word.base in table("services").values() for word in words)
    named = _honour_things(_name_people(_name_delivered(words)))
    return list(named) if _is_by_staff(words) and not is_served else _honour_deeds(named, is_served=is_served)


def _name_delivered(words: Sequence[Word]) -> list[Word]:
    """届いたニット → お届けしたニット."""
    if len(words) < 3 or words[0].base != "届く" or words[1].base != "た":  # noqa: PLR2004 - 届い, た, what came
        return list(words)
    is_goods = words[2].kind == "名詞" and words[2].base not in NEWS
    return [Word("お届け", "お届け", "名詞"), DO, *words[1:]] if is_goods else list(words)


def _is_by_staff(words: Sequence[Word]) -> bool:
    """Whether our people are what the clause is about: of them nothing is said politely."""
    pairs = pairwise([word for word in words if not (word.kind == "接尾辞" and word.base in TITLES)])
    return any(word.base in listed("staff") and after.said in {"が", "は", "も"} for word, after in pairs)


def _name_people(words: Sequence[Word]) -> list[Word]:
    """Relatives, staff and the shop, as the shop calls them."""
    named: list[Word] = []
    place = 0
    while place < len(words):
        word, place = words[place], place + 1
        said = "" if place < len(words) and words[place].kind == "名詞" else _called(word)
        if word.base in {"店", "お店"} and named and named[-1].base == "こちらの":
            named, said = named[:-1], "当店"
        if word.base in {"人", "方"} and [one.base for one in named[-2:]] == ["レジ", "の"]:
            said = "スタッフ"
        own = [one.said for one in named[-2:]]
        if own[-1:] == ["の"] and own[0] not in OWN and word.base in SIBLINGS:
            said = ""
        if said and own and own[-1] == "の" and own[0] in OWN:
            named = named[:-2]
        if said and named and named[-1].kind == "接頭辞":
            named = named[:-1]
        named.append(replace(word, said=said) if said else word)
        is_ours = word.base in listed("staff")
        while (
            (said or is_ours) and place < len(words) and words[place].base in TITLES and words[place].kind == "接尾辞"
        ):
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
        same = before is not None and before.base in {"同じ", "違う", "別"}
        grown = before is not None and (same or before.is_noun or before.kind in {"接頭辞", "形状詞"}) and not when
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
    if _is_auxiliary(after) or (
        after and (after.said in {"と", "ながら", "つつ", "たり"} or _is_run_together(word, after))
    ):
        return False
    if word.is_verb and word.said and word.form.startswith("連用形-一般") and (after is None or after.said == "、"):
        return False
    if after and after.base == "ない" and word.base in listed("hoped"):
        return False
    is_linked = after is not None and after.said in {"て", "で"}
    return not is_linked or not (is_served or (len(rest) > 1 and rest[1].base in FAVOURS | MOVING))


def _is_run_together(word: Word, after: Word) -> bool:
    """読み放題, 待ち時間."""
    return word.is_verb and word.form.startswith("連用形-一般") and bool(word.said) and after.kind == "名詞"


def _deed(word: Word) -> str:
    return str(table("deeds").get(word.base, "")) if word.is_verb and word.base != "する" else ""


def _is_auxiliary(word: Word | None) -> bool:
    """Whether ``word`` makes of a deed what is done to somebody, or is only wished."""
    return word is not None and (
        word.base in AUXILIARY or word.kind == "接尾辞" or word.said == "に" or (word.is_verb and word.base != "する")
    )


def _do(said: str, word: Word | None) -> list[Word]:
    """Return ``said``, which ends in なる or する, to be inflected like ``word``."""
    verb = next(verb for verb in (BECOME, BE, DO) if said.endswith(verb.base))
    lead = Word(said.removesuffix(verb.base), said, "副詞")
    continues = word is not None and word.said and word.form.startswith("連用形-一般")
    return [lead, replace(verb, said="", form="連用形-一般" if continues else "")]
