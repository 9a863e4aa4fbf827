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
KEEPING: Final = frozenset({"いる", "おく", "しまう", "くる"})
SHOP: Final = frozenset({"ここ", "そちら", "御社", "貴社", "貴店"})
TITLES: Final = frozenset({"さん", "さま", "様", "方", "たち", "ちゃん"})


def mind_manners(words: Sequence[Word]) -> list[Word]:
    """Return ``words`` (plain, see ``make_plain``) as the shop says them."""
    return _honour_deeds(_honour_things(_name_people(words)))


def _name_people(words: Sequence[Word]) -> list[Word]:
    """Relatives, staff and the shop, as the shop calls them."""
    named: list[Word] = []
    place = 0
    while place < len(words):
        word, place = words[place], place + 1
        said = "" if place < len(words) and words[place].kind == "名詞" else _called(word)
        own = [one.said for one in named[-2:]]
        if said and own and own[-1] == "の" and own[0] in {"うち", "私", "わたし", "我が家"}:
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
        is_alone = not (before and (before.is_noun or before.kind in {"接頭辞", "形状詞"})) and not (
            after and (after.is_noun or after.base in {"する", "できる"} or after.kind == "形状詞")
        )
        if said and is_alone:
            honoured[place] = replace(word, said=str(said))
    return honoured


def _honour_deeds(words: Sequence[Word]) -> list[Word]:
    """Say politely what the customer does: 頼む → ご注文になる."""
    honoured: list[Word] = []
    place = 0
    while place < len(words):
        word = words[place]
        after = words[place + 1] if place + 1 < len(words) else None
        behind = words[place + 2] if place + 2 < len(words) else None
        deed = _deed(word)
        favoured = place + 2 < len(words) and after is not None and after.said in {"て", "で"} and behind is not None
        if favoured and behind and behind.base in FAVOURS:
            honoured.append(word)
            place += 1
            continue
        verbal = f"{word.base}する" if word.kind == "名詞" and after and after.base == "する" and after.is_verb else ""
        if verbal in table("deeds") and not _is_auxiliary(behind):
            honoured += _do(str(table("deeds")[verbal]), after)
            place += 2
            continue
        is_possible = after is not None and after.base == "ない" and word.base in listed("hoped")
        honoured += _do(deed, word) if deed and not _is_auxiliary(after) and not is_possible else [word]
        place += 1
    return honoured


def _deed(word: Word) -> str:
    return str(table("deeds").get(word.base, "")) if word.is_verb and word.base != "する" else ""


def _is_auxiliary(word: Word | None) -> bool:
    """Whether ``word`` makes of a deed what is done to somebody, or is only wished."""
    return word is not None and (word.base in AUXILIARY or word.kind == "接尾辞" or word.said == "に")


def _do(said: str, word: Word | None) -> list[Word]:
    """Return ``said``, which ends in なる or する, to be inflected like ``word``."""
    verb = BECOME if said.endswith("なる") else DO
    lead = Word(said[:-2], said[:-2], "副詞")
    continues = word is not None and word.said and word.form.startswith("連用形-一般")
    return [lead, replace(verb, said="", form="連用形-一般" if continues else "")]


def serve(words: Sequence[Word]) -> list[Word] | None:
    """Say what our staff did for them: 選んでくれた → お選びした, 選んでくれて助かった → 選んでもらえて助かった; None where we cannot."""
    served = list(words)
    for place, favour in enumerate(words):
        if favour.base not in FAVOURS or not favour.is_verb:
            continue
        if place < 2 or words[place - 1].said not in {"て", "で"}:  # noqa: PLR2004 - a verb, て and the favour
            return None
        if words[place - 2].base in KEEPING:
            return None
        rest = words[place + 1 :]
        if all(word.base == "た" for word in rest):
            return _humble(words, place)
        goes_on = favour.said and favour.form == "連用形-一般" and rest[0].said not in {"て", "た", "ても"}
        served[place] = replace(GET, said="もらえて" if goes_on else "")
    return _beg_of(served) if served != list(words) else served


def _humble(words: Sequence[Word], place: int) -> list[Word] | None:
    """選んでくれた → お選びした."""
    verb = words[place - 2]
    noun = words[place - 3] if place > 2 and verb.base == "する" else None  # noqa: PLR2004 - the noun stands before する
    said = str(table("services").get(f"{noun.base}する" if noun else verb.base, ""))
    if not said:
        return None
    lead = Word(said.removesuffix("する"), said, "副詞")
    return [*words[: place - 3 if noun else place - 2], lead, DO, *words[place + 1 :]]


def _beg_of(words: list[Word]) -> list[Word] | None:
    """スタッフが選んでもらえて → スタッフに選んでもらえて."""
    getting = next(place for place, word in enumerate(words) if word.base == GET.base)
    subjects = [place for place, word in enumerate(words[:getting]) if word.said in {"が", "は"} and word.is_particle]
    for place in subjects:
        if words[place - 1].base not in listed("persons") | TITLES:
            return None
        words[place] = particle("に", "格助詞")
    return words if len(subjects) < 2 else None  # noqa: PLR2004 - two of them are no sentence of ours
